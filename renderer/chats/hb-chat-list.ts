import { html, LitElement, nothing } from 'lit'
import { limits } from '../../shared/contract/values.ts'
import { nameRanker } from '../../shared/text/name-search.ts'
import { openDirect } from '../navigation/open-direct.ts'
import { openDialog } from '../navigation/dialogs.ts'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import { openSearch } from '../navigation/open-search.ts'
import type { OverviewPage, Router } from '../navigation/router.ts'
import '../notifications/hb-notification-offer.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { nameMarks, nameMarksStyles } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { MenuGroup } from '../ui/hb-menu.ts'
import type { IconName } from '../ui/icons.ts'
import { commandKeys } from '../ui/key-names.ts'
import { kbdStyles } from '../ui/kbd-styles.ts'
import { notify } from '../ui/hb-toasts.ts'
import { accountMenu } from './account-menu.ts'
import { chatListStyles, listAxisStyles } from './chat-list-styles.ts'
import './hb-chat-sections.ts'
import { isComposing, isEnter } from '../ui/keys.ts'
import { unreadBadge, unreadBadgeStyles } from '../ui/unread-badge.ts'
import { userAvatar } from '../users/avatars.ts'

/** The left pane, the place for daily things: the user, the search, threads, saved messages, the chats. */
export class HbChatList extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    chatId: { attribute: false },
    today: { state: true },
  }
  declare hub: Hub
  declare router: Router
  /** The id of the open chat, or ''. */
  declare chatId: string
  /** At midnight "10:42" becomes "Yesterday", also in a window that is not used. */
  declare today: string

  #minuteTimer: ReturnType<typeof setInterval> | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    nameMarksStyles,
    kbdStyles,
    unreadBadgeStyles,
    listAxisStyles,
    chatListStyles,
  ]

  constructor() {
    super()
    this.chatId = ''
    this.today = new Date().toDateString()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#minuteTimer = setInterval(() => (this.today = new Date().toDateString()), 60_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#minuteTimer)
  }

  /** Moves the focus to the row of this chat, or to the first one, or to the search field. */
  focusRow(chatId: string | undefined): void {
    const hasRow = this.renderRoot.querySelector('hb-chat-sections')?.focusRow(chatId)
    if (!hasRow) this.#focusSearchField()
  }

  /** The button with the user's name. */
  async focusAccountButton(): Promise<void> {
    // The list may have just been created.
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('.me')?.focus()
  }

  override render() {
    return html`
      <nav aria-label=${t('chats.label')}>
        <header>${this.#renderAccountMenu()} ${this.#renderNewMenu()}</header>
        ${this.#renderSearchField()} ${this.#renderPages()} ${this.#renderSections()}
        <hb-notification-offer .hub=${this.hub}></hb-notification-offer>
      </nav>
    `
  }

  // The header

  #renderAccountMenu() {
    const { hub } = this
    const me = hub.session.me.value
    const name = me?.displayName ?? ''
    return html`<hb-menu align="start" .label=${t('me.menu')} .groups=${accountMenu(hub, this.router, this)}>
      <button slot="trigger" class="me axis" type="button">
        ${userAvatar(hub, me?.id ?? '', hub.connectionState.value === 'live' ? 'active' : undefined)}
        <span class="me-words">
          <span class="hub-name" dir="auto">${hub.meta.value?.name ?? ''}</span>
          <span class="my-name"><span dir="auto">${name}</span>${nameMarks(me)}</span>
          <span class="visually-hidden">${t('me.open')}</span>
        </span>
        <hb-icon name="chevron-down" .size=${14}></hb-icon>
      </button>
    </hb-menu>`
  }

  async #readAll() {
    try {
      await this.hub.chats.readAll()
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  #renderNewMenu() {
    const role = this.hub.session.me.value?.role
    const groups: MenuGroup[] = [
      [
        {
          label: t('chats.new'),
          icon: 'message',
          run: () => openDialog(this, { kind: 'new-chat' }),
        },
        {
          label: t('chats.newGroup'),
          icon: 'users',
          run: () => openDialog(this, { kind: 'new-group' }),
        },
        {
          label: t('chats.notes'),
          icon: 'bookmark',
          run: () => void openDirect(this.hub, this, this.hub.session.me.value?.id ?? ''),
        },
        {
          label: t('chats.browse'),
          icon: 'compass',
          run: () => openDialog(this, { kind: 'browse-groups' }),
        },
      ],
      role === 'owner' || role === 'admin'
        ? [
            {
              label: t('admin.invite'),
              icon: 'user-plus',
              run: () => openDialog(this, { kind: 'invite' }),
            },
          ]
        : [],
    ]
    return html`<hb-menu .label=${t('chats.newMenu')} .groups=${groups}>
      <button
        slot="trigger"
        class="icon-button"
        type="button"
        aria-label=${t('chats.newMenu')}
        data-tip=${t('chats.newMenu')}
      >
        <hb-icon name="compose" .size=${18}></hb-icon>
      </button>
    </hb-menu>`
  }

  // The pages of the user. While something is typed, only those of that name are shown.

  #renderPages() {
    const { unread, mentions } = this.hub.threads
    const count = unread.value
    const words =
      mentions.value > 0
        ? t('chats.threadMentions', { count: mentions.value })
        : count > 0
          ? t('threads.unread', { count })
          : ''
    return html`${this.#renderPage('threads', 'thread', t('threads.all'), unreadBadge(count, words, mentions.value > 0))}
    ${this.#renderPage('activity', 'bell', t('activity.title'), this.#renderActivityBadge())}
    ${this.#renderPage('saved', 'bookmark', t('saved.title'))}`
  }

  #renderActivityBadge() {
    const count = this.hub.activity.unread.value
    return unreadBadge(count, count > 0 ? t('activity.unread', { count }) : '', count > 0)
  }

  #renderPage(page: OverviewPage, icon: IconName, name: string, badge: unknown = nothing) {
    const filter = this.hub.chats.filter.value
    if (filter.trim() && nameRanker(filter)(name) < 2) return nothing
    const isOpen = this.router.route.value.page === page
    return html`<a
      class="page axis ${badge === nothing ? '' : 'new'}"
      href="/${page}"
      aria-current=${isOpen ? 'page' : nothing}
      @click=${navigateOnClick(this.router, { page })}
      @keydown=${this.#onPageKey}
    >
      <hb-icon name=${icon} .size=${18}></hb-icon>
      <span>${name}</span>
      ${badge}
    </a>`
  }

  // The search field: chats and people at once, messages by a line below them

  #renderSearchField() {
    const { filter } = this.hub.chats
    return html`<div class="filter axis">
      <hb-icon name="search"></hb-icon>
      <input
        type="text"
        maxlength=${limits.groupName}
        autocomplete="off"
        spellcheck="false"
        aria-label=${t('chats.search')}
        aria-keyshortcuts="Control+K Meta+K"
        placeholder=${t('chats.searchHint')}
        dir="auto"
        .value=${filter.value}
        @input=${(event: Event) => {
          filter.value = (event.target as HTMLInputElement).value
        }}
        @keydown=${this.#onSearchKey}
      />
      ${
        filter.value
          ? html`<button
              type="button"
              class="icon-button"
              aria-label=${t('chats.clearFilter')}
              data-tip=${t('chats.clearFilter')}
              @click=${this.#clearFilter}
            >
              <hb-icon name="close" .size=${14}></hb-icon>
            </button>`
          : html`<kbd aria-hidden="true" dir="ltr">${commandKeys('K')}</kbd>`
      }
      ${this.#renderListMenu()}
    </div>`
  }

  #renderListMenu() {
    const { unreadOnly } = this.hub.chatList
    const isOn = unreadOnly.value
    const groups: MenuGroup[] = [
      [{ label: t('sections.unreadOnly'), checked: isOn, run: () => (unreadOnly.value = !isOn) }],
      [{ label: t('chats.readAll'), icon: 'read-all', run: () => void this.#readAll() }],
    ]
    return html`<hb-menu .label=${t('sections.options')} .groups=${groups}>
      <button
        slot="trigger"
        type="button"
        class="icon-button ${isOn ? 'on' : ''}"
        aria-label=${isOn ? t('sections.optionsUnread') : t('sections.options')}
        data-tip=${isOn ? t('sections.optionsUnread') : t('sections.options')}
      >
        <hb-icon name="filter" .size=${14}></hb-icon>
      </button>
    </hb-menu>`
  }

  #clearFilter = () => {
    this.hub.chats.filter.value = ''
    this.#focusSearchField()
  }

  #focusSearchField = () => this.renderRoot.querySelector<HTMLInputElement>('.filter input')?.focus()

  #onSearchKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const text = this.hub.chats.filter.peek()
    if (event.key === 'ArrowDown') this.focusRow(undefined)
    else if (event.key === 'Escape' && text) this.#clearFilter()
    else if (isEnter(event) && text.trim()) this.#openFirst(text.trim())
    else if (isEnter(event)) this.focusRow(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Opens the first result: a page, a chat, a user. Without one it searches the messages. */
  #openFirst(text: string) {
    const first =
      this.renderRoot.querySelector<HTMLElement>('.page') ??
      this.renderRoot.querySelector('hb-chat-sections')?.firstResult()
    if (first) first.click()
    else void this.#openWhenFound(text)
  }

  /** A large hub may still find a user. */
  async #openWhenFound(text: string) {
    if (this.hub.users.isSearching(text)) {
      await this.hub.users.whenSearched(text)
      const sections = this.renderRoot.querySelector('hb-chat-sections')
      await sections?.updateComplete
      if (this.hub.chats.filter.peek().trim() !== text) return
      const first = sections?.firstResult()
      if (first) return first.click()
    }
    openSearch(this, undefined, text)
  }

  #onPageKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.hub.chats.filter.peek()) return
    event.stopPropagation()
    this.#clearFilter()
  }

  #renderSections() {
    return html`<hb-chat-sections
      .hub=${this.hub}
      .chatId=${this.chatId}
      .today=${this.today}
      @hb-leave=${this.#focusSearchField}
      @hb-clear-filter=${this.#clearFilter}
    ></hb-chat-sections>`
  }
}

customElements.define('hb-chat-list', HbChatList)

declare global {
  interface HTMLElementTagNameMap {
    'hb-chat-list': HbChatList
  }
}
