import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { openChat, openDialog } from '../app/dialogs.ts'
import { go } from '../app/go.ts'
import { hubMenu } from '../desktop/hub-menu.ts'
import { openSearch } from '../search/open-search.ts'
import type { Router } from '../app/router.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../state/signal.ts'
import { changeAppearance, readAppearance, themes } from '../styles/appearance.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import { explain } from '../ui/explain.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-empty.ts'
import '../ui/hb-icon.ts'
import '../ui/hb-menu.ts'
import type { HbMenu, MenuGroup } from '../ui/hb-menu.ts'
import { notify } from '../ui/hb-toasts.ts'
import { chatListStyles } from './chat-list-styles.ts'
import { chatMenu } from './chat-menu.ts'
import './hb-chat-row.ts'
import type { HbChatRow } from './hb-chat-row.ts'

interface RowMenu {
  chat: ChatSummary
  x: number
  y: number
  row: HbChatRow
}

/** The left pane: whose hub and who I am, the filter, my chats. */
export class HbChatList extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    router: { attribute: false },
    chatId: { attribute: false },
    menuFor: { state: true },
    focused: { state: true },
    unfolded: { state: true },
    late: { state: true },
    today: { state: true },
  }
  declare hub: Hub
  declare router: Router
  /** The open chat, or ''. */
  declare chatId: string
  declare menuFor: ChatSummary | undefined
  /** The row that Tab reaches. */
  declare focused: string
  /** Whether the archive is open. */
  declare unfolded: boolean
  declare late: boolean
  /** At midnight "10:42" becomes "Yesterday", also in a window that nobody touches. */
  declare today: string

  #eachMinute: ReturnType<typeof setInterval> | undefined

  static override styles = [baseStyles, buttonStyles, chatListStyles]

  constructor() {
    super()
    this.chatId = ''
    this.menuFor = undefined
    this.focused = ''
    this.unfolded = false
    this.late = false
    this.today = new Date().toDateString()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#eachMinute = setInterval(() => (this.today = new Date().toDateString()), 60_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#eachMinute)
  }

  protected override firstUpdated(): void {
    setTimeout(() => (this.late = true), 200)
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Opened from elsewhere (the switcher, Alt and an arrow): show where it is.
    if (changed.has('chatId'))
      this.#rows()
        .find(({ selected }) => selected)
        ?.scrollIntoView({ block: 'nearest' })
  }

  /** The row of this chat, or the first one. */
  focusRow(chatId: string | undefined): void {
    const rows = this.#rows()
    const row = rows.find(({ chat }) => chat.id === chatId) ?? rows[0]
    row?.focus()
  }

  /** The button with my name. */
  focusMe(): void {
    this.renderRoot.querySelector<HTMLElement>('.me')?.focus()
  }

  override render() {
    return html`
      <nav aria-label=${t('chats.label')}>
        <header>${this.#whoAmI()} ${this.#newMenu()}</header>
        ${this.#filterBox()} ${this.#threads()} ${this.#saved()}
        <div class="rows scroll" @keydown=${this.#onRowsKey} @focusin=${this.#onRowFocus}>
          ${this.#rowsOrNone()} ${this.#searchRow()}
        </div>
      </nav>
      <hb-menu
        id="row-menu"
        .label=${this.menuFor ? t('chats.menu', { name: this.hub.chats.nameOf(this.menuFor) }) : ''}
        .groups=${this.menuFor ? chatMenu(this.hub, this.menuFor, this) : []}
      ></hb-menu>
    `
  }

  // Who and where

  #whoAmI() {
    const { hub } = this
    const me = hub.session.me.value
    const name = me?.displayName ?? ''
    return html`<hb-menu align="start" .label=${t('me.menu')} .groups=${this.#myMenu()}>
      <button slot="trigger" class="me" type="button">
        <hb-avatar
          .userId=${me?.id ?? ''}
          .name=${name}
          .picture=${me ? hub.pictureOf(me.id) : ''}
          .presence=${hub.linkState.value === 'live' ? 'active' : undefined}
        ></hb-avatar>
        <span class="me-words">
          <span class="hub-name" dir="auto">${hub.meta.value?.name ?? ''}</span>
          <span class="my-name" dir="auto">${name}</span>
          <span class="visually-hidden">${t('me.open')}</span>
        </span>
        <hb-icon name="chevron-down" .size=${14}></hb-icon>
      </button>
    </hb-menu>`
  }

  #myMenu(): MenuGroup[] {
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
              run: () => this.router.go({ page: 'admin', section: '' }),
            },
          ]
        : []
    return [
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
          run: () => this.router.go({ page: 'saved' }),
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
            changeAppearance({ theme: one })
            this.requestUpdate()
          },
        })),
      ],
      [
        {
          label: t('settings.open'),
          icon: 'settings',
          run: () => this.router.go({ page: 'settings', section: '' }),
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

  async #readAll() {
    try {
      await this.hub.chats.readAll()
    } catch (error) {
      notify(this, { text: explain(error), tone: 'danger' })
    }
  }

  #newMenu() {
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

  /** There once one follows some. */
  #threads() {
    const { list, unread, mentions } = this.hub.threads
    if (list.value.length === 0) return nothing
    const count = unread.value
    const isOpen = this.router.route.value.page === 'threads'
    return html`<a
      class="threads ${count > 0 ? 'new' : ''}"
      href="/threads"
      aria-current=${isOpen ? 'page' : nothing}
      @click=${go(this.router, { page: 'threads' })}
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

  /** There once one has saved something; before, the menu leads there. */
  #saved() {
    const isOpen = this.router.route.value.page === 'saved'
    if (this.hub.saved.ids.value.size === 0 && !isOpen) return nothing
    return html`<a
      class="threads"
      href="/saved"
      aria-current=${isOpen ? 'page' : nothing}
      @click=${go(this.router, { page: 'saved' })}
    >
      <hb-icon name="bookmark" .size=${18}></hb-icon>
      <span>${t('saved.title')}</span>
    </a>`
  }

  // The filter

  #filterBox() {
    const { filter } = this.hub.chats
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
    </div>`
  }

  #clearFilter = () => {
    this.hub.chats.filter.value = ''
    this.renderRoot.querySelector<HTMLInputElement>('.filter input')?.focus()
  }

  #onFilterKey = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const { filtered, archived } = this.hub.chats
    const [first] = [...filtered.peek(), ...archived.peek()]
    if (event.key === 'ArrowDown') this.focusRow(undefined)
    else if (event.key === 'Escape' && this.hub.chats.filter.peek()) this.#clearFilter()
    else if (event.key === 'Enter' && first) openChat(this, first.id)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  // The rows

  #rowsOrNone() {
    const { chats } = this.hub
    if (!chats.ready.value) return this.late ? shapes : nothing
    const current = chats.filtered.value
    const archived = chats.archived.value
    const filter = chats.filter.value.trim()
    if (current.length + archived.length === 0) return this.#none(filter)
    // what is looked for, or on screen, is not hidden
    const unfolded = this.unfolded || filter !== '' || archived.some(({ id }) => id === this.chatId)
    const rows = unfolded ? [...current, ...archived] : current
    const tabbable = rows.some(({ id }) => id === this.focused)
      ? this.focused
      : rows.some(({ id }) => id === this.chatId)
        ? this.chatId
        : rows[0]?.id
    return html`${this.#list(t('chats.label'), current, tabbable)}
    ${
      archived.length === 0
        ? nothing
        : html`<button
              class="archive"
              type="button"
              aria-expanded=${unfolded}
              @click=${() => (this.unfolded = !unfolded)}
            >
              <hb-icon name=${unfolded ? 'chevron-down' : 'chevron-right'} .size=${14}></hb-icon>
              ${t('chats.archived')}
              <span aria-hidden="true">${archived.length}</span>
              <span class="visually-hidden">${t('chats.archivedCount', { count: archived.length })}</span>
            </button>
            ${unfolded ? this.#list(t('chats.archived'), archived, tabbable) : nothing}`
    }`
  }

  /** The filter knows names; words of messages are one press away. */
  #searchRow() {
    const text = this.hub.chats.filter.value.trim()
    if (text === '') return nothing
    return html`<button class="archive" type="button" @click=${() => openSearch(this, undefined, text)}>
      <hb-icon name="search" .size=${14}></hb-icon><span>${t('search.for', { text })}</span>
    </button>`
  }

  #list(label: string, rows: readonly ChatSummary[], tabbable: string | undefined) {
    return html`<div role="list" aria-label=${label}>
      ${repeat(
        rows,
        ({ id }) => id,
        (chat) =>
          html`<hb-chat-row
            role="listitem"
            .hub=${this.hub}
            .chat=${chat}
            .today=${this.today}
            .selected=${chat.id === this.chatId}
            .tabbable=${chat.id === tabbable}
            @hb-row-menu=${this.#onRowMenu}
          ></hb-chat-row>`,
      )}
    </div>`
  }

  #none(filter: string) {
    if (filter) {
      return html`<hb-empty small drawing="search" .text=${t('chats.noneFound', { filter })}>
        <button class="button small" @click=${this.#clearFilter}>${t('chats.clearFilter')}</button>
      </hb-empty>`
    }
    // On a wide window the other pane says more.
    return html`<p class="none-wide">${t('chats.none')}</p>
      <hb-empty class="none-narrow" small drawing="people" .text=${t('chats.none')}>
        <button class="button small" @click=${() => openDialog(this, { kind: 'new-chat' })}>
          ${t('chats.new')}
        </button>
      </hb-empty>`
  }

  #rows(): HbChatRow[] {
    return [...this.renderRoot.querySelectorAll('hb-chat-row')]
  }

  #onRowFocus = (event: FocusEvent) => {
    const row = (event.target as HTMLElement).closest('hb-chat-row')
    if (row) this.focused = row.chat.id
  }

  #onRowsKey = (event: KeyboardEvent) => {
    const rows = this.#rows()
    const at = rows.findIndex((row) => row === (event.target as HTMLElement).closest('hb-chat-row'))
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const goTo: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }
    const target = goTo[event.key]
    if (target === undefined) return
    event.preventDefault()
    if (target < 0) this.renderRoot.querySelector<HTMLInputElement>('.filter input')?.focus()
    else rows[target]?.focus()
  }

  #onRowMenu = async (event: CustomEvent<RowMenu>) => {
    const { chat, x, y, row } = event.detail
    this.menuFor = chat
    await this.updateComplete
    this.renderRoot.querySelector<HbMenu>('#row-menu')?.openAt(x, y, row)
  }
}

const isMac = /mac/i.test(navigator.platform)

const shapes = html`<div class="shapes" aria-hidden="true">
  ${[0, 1, 2, 3, 4, 5].map(() => html`<div><i></i><span></span></div>`)}
</div>`

customElements.define('hb-chat-list', HbChatList)

declare global {
  interface HTMLElementTagNameMap {
    'hb-chat-list': HbChatList
  }
}
