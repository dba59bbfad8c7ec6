import { html, LitElement, nothing } from 'lit'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import { navigateOnClick } from '../navigation/navigate-on-click.ts'
import { hubMenu } from '../navigation/hub-menu.ts'
import { openSearch } from '../navigation/open-search.ts'
import type { Router } from '../navigation/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { currentStatus } from '../status/status-end.ts'
import { updateAppearance, readAppearance, themes } from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { nameMarks, nameMarksStyles } from '../users/name-marks.ts'
import { buttonStyles } from '../ui/button.ts'
import { errorMessage } from '../ui/error-message.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { MenuGroup, MenuItem } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { chatListStyles } from './chat-list-styles.ts'
import './hb-chat-sections.ts'
import { isComposing, isEnter } from '../ui/keys.ts'

/** The left pane: the hub, the user, the filter, the chats. */
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

  static override styles = [baseStyles, buttonStyles, nameMarksStyles, chatListStyles]

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

  /** Moves the focus to the row of this chat, or to the first one. */
  focusRow(chatId: string | undefined): void {
    this.renderRoot.querySelector('hb-chat-sections')?.focusRow(chatId)
  }

  /** The button with the user's name. */
  focusAccountButton(): void {
    this.renderRoot.querySelector<HTMLElement>('.me')?.focus()
  }

  override render() {
    return html`
      <nav aria-label=${t('chats.label')}>
        <header>${this.#renderAccountMenu()} ${this.#renderNewMenu()}</header>
        ${this.#renderFilter()} ${this.#renderThreadsLink()} ${this.#renderSavedLink()}
        ${this.#renderSections()}
      </nav>
    `
  }

  // The header

  #renderAccountMenu() {
    const { hub } = this
    const me = hub.session.me.value
    const name = me?.displayName ?? ''
    return html`<hb-menu align="start" .label=${t('me.menu')} .groups=${this.#accountMenuGroups()}>
      <button slot="trigger" class="me" type="button">
        <hb-avatar
          .userId=${me?.id ?? ''}
          .name=${name}
          .picture=${me ? hub.avatarAddress(me.id) : ''}
          .presence=${hub.connectionState.value === 'live' ? 'active' : undefined}
        ></hb-avatar>
        <span class="me-words">
          <span class="hub-name" dir="auto">${hub.meta.value?.name ?? ''}</span>
          <span class="my-name"><span dir="auto">${name}</span>${nameMarks(me)}</span>
          <span class="visually-hidden">${t('me.open')}</span>
        </span>
        <hb-icon name="chevron-down" .size=${14}></hb-icon>
      </button>
    </hb-menu>`
  }

  #accountMenuGroups(): MenuGroup[] {
    const { hub } = this
    const role = hub.session.me.value?.role
    const { theme } = readAppearance()
    const icons = { system: 'system', light: 'sun', dark: 'moon' } as const
    const admin: MenuGroup =
      role === 'owner' || role === 'admin'
        ? [
            {
              label: t('admin.invite'),
              icon: 'user-plus',
              run: () => openDialog(this, { kind: 'invite' }),
            },
            {
              label: t('admin.open'),
              icon: 'shield',
              run: () => this.router.navigate({ page: 'admin', section: '' }),
            },
          ]
        : []
    return [
      [this.#statusItem()],
      [
        { label: t('chats.readAll'), icon: 'read-all', run: () => void this.#readAll() },
        {
          label: t('switcher.open'),
          icon: 'search',
          note: isMac ? '⌘K' : 'Ctrl K',
          run: () => openDialog(this, { kind: 'switcher' }),
        },
        {
          label: t('saved.open'),
          icon: 'bookmark',
          run: () => this.router.navigate({ page: 'saved' }),
        },
        {
          label: t('search.everywhere'),
          icon: 'search',
          note: isMac ? '⇧⌘F' : 'Ctrl ⇧ F',
          run: () => openSearch(this),
        },
      ],
      admin,
      [
        ...themes.map((one) => ({
          label: t(`appearance.menu.${one}`),
          icon: icons[one],
          checked: one === theme,
          run: () => {
            updateAppearance({ theme: one })
            this.requestUpdate()
          },
        })),
      ],
      [
        {
          label: t('settings.open'),
          icon: 'settings',
          run: () => this.router.navigate({ page: 'settings', section: '' }),
        },
        {
          label: t('shortcuts.title'),
          icon: 'keyboard',
          note: isMac ? '⌘/' : 'Ctrl /',
          run: () => openDialog(this, { kind: 'shortcuts' }),
        },
      ],
      hubMenu(this, { name: hub.meta.value?.name ?? '', hubId: hub.meta.value?.hubId ?? '' }),
      [{ label: t('me.logout'), icon: 'log-out', run: () => void hub.session.logout() }],
    ]
  }

  #statusItem(): MenuItem {
    const { emoji, text } = currentStatus(this.hub.session.me.value?.status) ?? {}
    const status = [emoji, text].filter(Boolean).join(' ')
    const run = () => openDialog(this, { kind: 'set-status' })
    if (!status) return { label: t('status.set'), icon: 'smile', run }
    return { label: status, icon: 'smile', accessibleName: t('status.change', { status }), run }
  }

  async #readAll() {
    try {
      await this.hub.chats.readAll()
    } catch (error) {
      notify(this, { text: errorMessage(error), tone: 'danger' })
    }
  }

  #renderNewMenu() {
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
          label: t('chats.browse'),
          icon: 'compass',
          run: () => openDialog(this, { kind: 'browse-groups' }),
        },
      ],
    ]
    return html`<hb-menu .label=${t('chats.newMenu')} .groups=${groups}>
      <button
        slot="trigger"
        class="icon-button"
        type="button"
        aria-label=${t('chats.newMenu')}
        title=${t('chats.newMenu')}
      >
        <hb-icon name="compose" .size=${18}></hb-icon>
      </button>
    </hb-menu>`
  }

  /** Shown once the user follows a thread. */
  #renderThreadsLink() {
    const { list, unread, mentions } = this.hub.threads
    if (list.value.length === 0) return nothing
    const count = unread.value
    const isOpen = this.router.route.value.page === 'threads'
    return html`<a
      class="threads ${count > 0 ? 'new' : ''}"
      href="/threads"
      aria-current=${isOpen ? 'page' : nothing}
      @click=${navigateOnClick(this.router, { page: 'threads' })}
    >
      <hb-icon name="thread" .size=${18}></hb-icon>
      <span>${t('threads.all')}</span>
      ${
        count > 0
          ? html`<span class="pill ${mentions.value > 0 ? 'called' : ''}">
              <span aria-hidden="true">${count}</span>
              <span class="visually-hidden"
                >${
                  mentions.value > 0
                    ? t('chats.threadMentions', { count: mentions.value })
                    : t('threads.unread', { count })
                }</span
              >
            </span>`
          : nothing
      }
    </a>`
  }

  /** Shown once the user has saved a message; before that the menu leads there. */
  #renderSavedLink() {
    const isOpen = this.router.route.value.page === 'saved'
    if (this.hub.saved.ids.value.size === 0 && !isOpen) return nothing
    return html`<a
      class="threads"
      href="/saved"
      aria-current=${isOpen ? 'page' : nothing}
      @click=${navigateOnClick(this.router, { page: 'saved' })}
    >
      <hb-icon name="bookmark" .size=${18}></hb-icon>
      <span>${t('saved.title')}</span>
    </a>`
  }

  // The filter

  #renderFilter() {
    const { filter } = this.hub.chats
    const { unreadOnly } = this.hub.chatList
    return html`<div class="filter">
      <hb-icon name="search"></hb-icon>
      <input
        type="text"
        autocomplete="off"
        spellcheck="false"
        aria-label=${t('chats.filter')}
        placeholder=${t('chats.filter')}
        dir="auto"
        .value=${filter.value}
        @input=${(event: Event) => {
          filter.value = (event.target as HTMLInputElement).value
        }}
        @keydown=${this.#onFilterKey}
      />
      ${
        filter.value
          ? html`<button
              type="button"
              class="icon-button"
              aria-label=${t('chats.clearFilter')}
              title=${t('chats.clearFilter')}
              @click=${this.#clearFilter}
            >
              <hb-icon name="close" .size=${14}></hb-icon>
            </button>`
          : nothing
      }
      <button
        type="button"
        class="icon-button"
        aria-label=${t('sections.unreadOnly')}
        title=${t('sections.unreadOnly')}
        aria-pressed=${unreadOnly.value}
        @click=${() => (unreadOnly.value = !unreadOnly.peek())}
      >
        <hb-icon name="filter" .size=${14}></hb-icon>
      </button>
    </div>`
  }

  #clearFilter = () => {
    this.hub.chats.filter.value = ''
    this.renderRoot.querySelector<HTMLInputElement>('.filter input')?.focus()
  }

  #onFilterKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    const [first] = this.hub.chatList.sections.peek().flatMap(({ chats }) => chats)
    if (event.key === 'ArrowDown') this.focusRow(undefined)
    else if (event.key === 'Escape' && this.hub.chats.filter.peek()) this.#clearFilter()
    else if (isEnter(event) && first) openChat(this, first.id)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #renderSections() {
    return html`<hb-chat-sections
      .hub=${this.hub}
      .chatId=${this.chatId}
      .today=${this.today}
      @hb-leave=${() => this.renderRoot.querySelector<HTMLInputElement>('.filter input')?.focus()}
      @hb-clear-filter=${this.#clearFilter}
    ></hb-chat-sections>`
  }
}

const isMac = /mac/i.test(navigator.platform)

customElements.define('hb-chat-list', HbChatList)

declare global {
  interface HTMLElementTagNameMap {
    'hb-chat-list': HbChatList
  }
}
