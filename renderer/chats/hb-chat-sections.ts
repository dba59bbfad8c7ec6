import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { User } from '../../shared/contract/users.ts'
import { openChat, openDialog } from '../navigation/dialogs.ts'
import { openSearch } from '../navigation/open-search.ts'
import { visibleChats, type ChatSection } from '../state/chat-list.ts'
import type { Hub } from '../state/hub.ts'
import { SignalWatcher } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-empty-state.ts'
import '../ui/hb-icon.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'
import '../ui/hb-menu.ts'
import type { HbMenu, MenuGroup } from '../ui/hb-menu.ts'
import { ChatDrag } from './chat-drag.ts'
import { chatMenu } from './chat-menu.ts'
import { listAxisStyles } from './chat-list-styles.ts'
import { chatSectionsStyles } from './chat-sections-styles.ts'
import { HbChatRow } from './hb-chat-row.ts'
import { notifyOnFailure } from './chat-list-menu.ts'
import { type RowGap, RowWindow } from './row-window.ts'
import { usersWithoutChat } from './users-without-chat.ts'
import { sectionMenu } from './section-menu.ts'
import { keyedList } from '../ui/keyed-list.ts'
import { userAvatar } from '../users/avatars.ts'

interface RowMenuDetail {
  chat: ChatSummary
  x: number
  y: number
  row: HbChatRow
}

/** The target of the one menu of this element. */
type MenuTarget = { chat: ChatSummary } | { section: ChatSection }

/**
 * The chats in their sections. A chat moves by its menu, or by drag with a mouse; the user's own sections move by their
 * menu. Emits `hb-leave` (up, out of the rows), `hb-clear-filter` and, bubbling, `hb-open-dialog`.
 */
export class HbChatSections extends SignalWatcher(LitElement) {
  static override properties = {
    hub: { attribute: false },
    chatId: { attribute: false },
    today: { attribute: false },
    menuTarget: { state: true },
    focused: { state: true },
    isSlow: { state: true },
  }
  declare hub: Hub
  /** The id of the open chat, or ''. */
  declare chatId: string
  declare today: string
  declare menuTarget: MenuTarget | undefined
  /** The row that Tab reaches. */
  declare focused: string
  declare isSlow: boolean

  readonly #drag = new ChatDrag(this)
  readonly #rowWindow = new RowWindow(this)

  protected readonly keepFocus = new KeepRowFocus(this, {
    rows: 'hb-chat-row',
    keyOf: (row) => (row as HbChatRow).chat.id,
  })

  static override styles = [baseStyles, buttonStyles, listAxisStyles, chatSectionsStyles]

  constructor() {
    super()
    this.menuTarget = undefined
    this.focused = ''
    this.isSlow = false
  }

  protected override firstUpdated(): void {
    setTimeout(() => (this.isSlow = true), 200)
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Opened from elsewhere (the switcher, Alt and an arrow key): scroll to it.
    if (changed.has('chatId'))
      this.#rows()
        .find(({ selected }) => selected)
        ?.scrollIntoView({ block: 'nearest' })
  }

  /** Moves the focus to the row of this chat, or to the first one. Returns false if there is none. */
  focusRow(chatId: string | undefined): boolean {
    if (chatId !== undefined && this.#shownIds().includes(chatId)) {
      void this.#focusChat(chatId)
      return true
    }
    const [first] = this.#places()
    first?.focus()
    return first !== undefined
  }

  /** The chat or user that Enter opens from the search field. */
  firstResult(): HTMLElement | undefined {
    const [row] = this.#rows()
    return row?.link ?? this.renderRoot.querySelector<HTMLElement>('section .person') ?? undefined
  }

  protected override render(): unknown {
    return html`
      <div
        class="rows scroll"
        @keydown=${this.#onRowsKey}
        @focusin=${this.#onRowFocus}
        @scroll=${this.#rowWindow.update}
      >
        ${this.#renderSections()} ${this.#renderPeople()} ${this.#renderSearchRow()}
      </div>
      <hb-menu .label=${this.#menuLabel()} .groups=${this.#menuGroups()}></hb-menu>
    `
  }

  #renderSections(): unknown {
    const { chats, chatList } = this.hub
    if (!chats.ready.value) return this.isSlow ? placeholderRows : nothing
    const sections = chatList.sections.value
    if (sections.every((section) => section.chats.length === 0)) return this.#renderNone()
    const rows = sections.flatMap((section) => visibleChats(section, this.chatId))
    const tabbable =
      [this.focused, this.chatId].find((id) => rows.some((chat) => chat.id === id)) ?? rows[0]?.id
    return keyedList(
      this.#drag.isActive ? withDropTargets(sections) : sections,
      ({ id }) => id,
      (section) => this.#renderSection(section, tabbable, sections.length === 1),
    )
  }

  #renderSection(section: ChatSection, tabbable: string | undefined, isOnly: boolean): unknown {
    const { id, chats, folded } = section
    const name = sectionTitle(section)
    const rows = visibleChats(section, this.chatId)
    const pinned = new Set([rows[0]?.id ?? '', tabbable ?? '', this.chatId, this.#drag.chatId ?? ''])
    const selected = this.#rowWindow.select(id, rows, pinned)
    const isWhole = selected === rows
    return html`<section
      data-section=${id}
      class=${this.#drag.overSectionId === id ? 'over' : ''}
      @dragover=${(event: DragEvent) => this.#drag.onOver(event, id)}
      @dragleave=${this.#drag.onLeave}
      @drop=${(event: DragEvent) => this.#drag.onDrop(event, id)}
    >
      ${isOnly && id === 'rest' ? nothing : this.#renderHeading(section, name)}
      ${
        rows.length > 0
          ? html`<div role="list" aria-label=${id === 'rest' ? t('chats.label') : name}>
              ${keyedList(
                selected,
                (part) => ('gapBefore' in part ? `gap ${part.gapBefore}` : part.id),
                (part) =>
                  'gapBefore' in part
                    ? this.#renderGap(part)
                    : this.#renderRow(part, tabbable, isWhole ? undefined : rows),
              )}
            </div>`
          : chats.length > 0 || folded
            ? nothing
            : html`<p class="empty">${t(this.#drag.isActive ? 'sections.drop' : 'sections.empty')}</p>`
      }
    </section>`
  }

  #renderHeading(section: ChatSection, name: string): unknown {
    const { id, chats, folded, unread } = section
    const menu = (event: MouseEvent) => this.#onSectionMenu(event, section)
    return html`<div class="heading" @contextmenu=${menu}>
      <button
        class="fold axis"
        type="button"
        aria-expanded=${!folded}
        @click=${() => this.#notifyOnFailure(this.hub.chatList.setFolded(id, !folded))}
      >
        <hb-icon name=${folded ? 'chevron-right' : 'chevron-down'} .size=${14}></hb-icon>
        <bdi>${name}</bdi>
        <span class="visually-hidden">
          ${folded && unread > 0 ? t('chats.unread', { count: unread }) : t('sections.count', { count: chats.length })}
        </span>
        ${
          folded
            ? html`<span class=${unread > 0 ? 'count unread' : 'count'} aria-hidden="true"
                >${unread > 0 ? unread : chats.length}</span
              >`
            : nothing
        }
      </button>
      ${
        isCustomSection(section)
          ? html`<button
              class="icon-button more"
              type="button"
              aria-label=${t('sections.menu', { name })}
              data-tip=${t('common.more')}
              aria-haspopup="menu"
              @click=${menu}
            >
              <hb-icon name="more" .size=${14}></hb-icon>
            </button>`
          : nothing
      }
    </div>`
  }

  #renderGap(gap: RowGap): unknown {
    return html`<div role="presentation" .style=${this.#rowWindow.heightOf(gap)}></div>`
  }

  /** `all`: the rows of the section, if not all of them are in the document. */
  #renderRow(chat: ChatSummary, tabbable: string | undefined, all?: readonly ChatSummary[]): unknown {
    return html`<hb-chat-row
      role="listitem"
      aria-setsize=${all?.length ?? nothing}
      aria-posinset=${all ? all.indexOf(chat) + 1 : nothing}
      draggable=${canDrag ? 'true' : 'false'}
      .hub=${this.hub}
      .chat=${chat}
      .today=${this.today}
      .selected=${chat.id === this.chatId}
      .tabbable=${chat.id === tabbable}
      @hb-open-row-menu=${this.#onRowMenu}
      @dragstart=${(event: DragEvent) => this.#drag.onStart(event, chat)}
      @dragend=${this.#drag.onEnd}
    ></hb-chat-row>`
  }

  /** Users without a chat, once something is typed: one press opens the chat. */
  #renderPeople(): unknown {
    const users = this.#foundUsers()
    if (users.length === 0) return nothing
    return html`<section role="group" aria-label=${t('switcher.people')}>
      <h2 class="title">${t('switcher.people')}</h2>
      ${users.map(
        (user) =>
          html`<button
            class="person axis"
            type="button"
            @click=${() => this.#notifyOnFailure(this.#openDirect(user.id))}
          >
            ${userAvatar(this.hub, user.id, this.hub.presence.of(user.id))}
            <bdi>${user.displayName}</bdi>
          </button>`,
      )}
    </section>`
  }

  #foundUsers(): User[] {
    return usersWithoutChat(this.hub, this.hub.chats.filter.value, maxFoundUsers)
  }

  async #openDirect(userId: string): Promise<void> {
    openChat(this, await this.hub.chats.openDirect(userId))
  }

  /** The list knows names; this searches the messages. */
  #renderSearchRow(): unknown {
    const text = this.hub.chats.filter.value.trim()
    if (text === '') return nothing
    return html`<button class="person axis" type="button" @click=${() => openSearch(this, undefined, text)}>
      <hb-icon name="search" .size=${18}></hb-icon><span>${t('search.for', { text })}</span>
    </button>`
  }

  #renderNone(): unknown {
    const filter = this.hub.chats.filter.value.trim()
    if (filter) {
      return this.#foundUsers().length > 0 || this.hub.users.isSearching(filter)
        ? nothing
        : html`<p class="none" role="status">${t('chats.noneFound', { filter })}</p>`
    }
    const { unreadOnly } = this.hub.chatList
    if (unreadOnly.value) {
      return html`<hb-empty-state small drawing="chat" .text=${t('sections.noUnread')}>
        <button class="button small" @click=${() => (unreadOnly.value = false)}>
          ${t('sections.showAll')}
        </button>
      </hb-empty-state>`
    }
    // In a wide window the other pane says more.
    return html`<p class="none-wide">${t('chats.none')}</p>
      <hb-empty-state class="none-narrow" small drawing="people" .text=${t('chats.none')}>
        <button class="button small" @click=${() => openDialog(this, { kind: 'new-chat' })}>
          ${t('chats.new')}
        </button>
      </hb-empty-state>`
  }

  // Keyboard

  #rows(): HbChatRow[] {
    return [...this.renderRoot.querySelectorAll('hb-chat-row')]
  }

  /** The chats that are listed, in the document or not. */
  #shownIds(): string[] {
    return this.hub.chatList.displayedChats.peek().map(({ id }) => id)
  }

  async #focusChat(chatId: string): Promise<void> {
    // the row that Tab reaches is always in the document
    this.focused = chatId
    const find = () => this.#rows().find(({ chat }) => chat.id === chatId)
    if (!find()) await this.updateComplete
    find()?.focus()
  }

  #onRowFocus = (event: FocusEvent): void => {
    const row = (event.target as HTMLElement).closest('hb-chat-row')
    if (row) this.focused = row.chat.id
  }

  /** Those in the document that the arrow keys reach, from top to bottom. */
  #places(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('hb-chat-row, .person')]
  }

  #onRowsKey = (event: KeyboardEvent): void => {
    const target = (event.target as HTMLElement).closest<HTMLElement>('hb-chat-row, .person')
    const places: (HTMLElement | string)[] = [
      ...this.#shownIds(),
      ...this.renderRoot.querySelectorAll<HTMLElement>('.person'),
    ]
    const at = target ? places.indexOf(target instanceof HbChatRow ? target.chat.id : target) : -1
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Escape' && this.hub.chats.filter.peek()) {
      event.preventDefault()
      event.stopPropagation()
      this.dispatchEvent(new CustomEvent('hb-clear-filter'))
      return
    }
    const goTo: Record<string, number> = {
      ArrowDown: Math.min(at + 1, places.length - 1),
      ArrowUp: at - 1,
      Home: 0,
      End: places.length - 1,
    }
    const next = goTo[event.key]
    if (next === undefined) return
    event.preventDefault()
    if (next < 0) this.dispatchEvent(new CustomEvent('hb-leave'))
    else {
      const place = places[next]
      if (typeof place === 'string') void this.#focusChat(place)
      else place?.focus()
    }
  }

  // Menu

  #menuLabel(): string {
    const { menuTarget } = this
    if (!menuTarget) return ''
    return 'chat' in menuTarget
      ? t('chats.menu', { name: this.hub.chats.nameOf(menuTarget.chat) })
      : t('sections.menu', { name: sectionTitle(menuTarget.section) })
  }

  #menuGroups(): readonly MenuGroup[] {
    const { menuTarget } = this
    if (!menuTarget) return []
    if ('section' in menuTarget) return sectionMenu(this.hub, menuTarget.section, this)
    return chatMenu(this.hub, this.hub.chats.get(menuTarget.chat.id) ?? menuTarget.chat, this)
  }

  #onRowMenu = (event: CustomEvent<RowMenuDetail>): void => {
    const { chat, x, y, row } = event.detail
    void this.#openMenu({ chat }, x, y, row)
  }

  #onSectionMenu(event: MouseEvent, section: ChatSection): void {
    if (!isCustomSection(section)) return
    event.preventDefault()
    const heading = event.currentTarget as HTMLElement
    const button = heading.closest('.heading')?.querySelector<HTMLElement>('.more') ?? heading
    const box = button.getBoundingClientRect()
    const byPointer = event.type === 'contextmenu' && event.clientX > 0
    const [x, y] = byPointer ? [event.clientX, event.clientY] : [box.left, box.bottom + 4]
    void this.#openMenu({ section }, x, y, button)
  }

  async #openMenu(target: MenuTarget, x: number, y: number, returnTo: HTMLElement): Promise<void> {
    this.menuTarget = target
    await this.updateComplete
    this.renderRoot.querySelector<HbMenu>('hb-menu')?.openAt(x, y, returnTo)
  }

  #notifyOnFailure(work: Promise<unknown>): void {
    void notifyOnFailure(this, work)
  }
}

/** More than these the switcher shows. */
const maxFoundUsers = 6

/** On touch screens a long press opens the menu, and a swipe scrolls. */
const canDrag = matchMedia('(hover: hover)').matches

const placeholderRows = html`<div class="shapes" aria-hidden="true">
  ${[0, 1, 2, 3, 4, 5].map(() => html`<div class="axis"><i></i><span></span></div>`)}
</div>`

/** During a drag the favourites, the rest and the archive are targets also while they are empty. */
function withDropTargets(sections: readonly ChatSection[]): readonly ChatSection[] {
  const place = (id: string): ChatSection =>
    sections.find((one) => one.id === id) ?? { id, name: '', chats: [], folded: false, unread: 0 }
  return [place('favourites'), ...sections.filter(isCustomSection), place('rest'), place('archive')]
}

function isCustomSection({ name }: ChatSection): boolean {
  return name !== ''
}

function sectionTitle({ id, name }: ChatSection): string {
  return isBuiltIn(id) ? t(`sections.${id}`) : name
}

function isBuiltIn(id: string): id is 'favourites' | 'rest' | 'archive' {
  return id === 'favourites' || id === 'rest' || id === 'archive'
}

customElements.define('hb-chat-sections', HbChatSections)

declare global {
  interface HTMLElementTagNameMap {
    'hb-chat-sections': HbChatSections
  }
}
