import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { messageFilesStyles } from '../files/files-styles.ts'
import { filesSummary } from '../files/file-display.ts'
import type { FilesView } from '../files/message-files.ts'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { textOfBlocks } from '../../shared/text/markdown.ts'
import type { MessageItem, MessageState } from '../state/message-item.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { dayTitle } from '../text/time.ts'
import { botBadgeStyles } from '../ui/bot-badge.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-icon.ts'
import { openChat } from '../navigation/dialogs.ts'
import { isPlainClick } from '../navigation/navigate-on-click.ts'
import type { MessageTarget } from '../state/conversation.ts'
import { reactionStyles } from '../reactions/reaction-row.ts'
import { replyStyles } from './reply-parts.ts'
import { isWindowActive } from './window-active.ts'
import './hb-message-toolbar.ts'
import type { HbMessageToolbar } from './hb-message-toolbar.ts'
import type { BoundAction } from './message-actions.ts'
import type { LinkTarget } from '../navigation/message-links.ts'
import { groupByDay, firstNewIndex, startsGroup } from './grouping.ts'
import { partitionPoint, VirtualWindow } from './virtual-window.ts'
import { messageListStyles } from './message-list-styles.ts'
import { messageRow } from './message-row.ts'
import { blocksOf, emptyNameResolver, handleTextAction, type NameResolver } from './message-text.ts'
import { mentionsMe } from './name-resolver.ts'
import { rowStyles } from './row-styles.ts'
import { textStyles } from './text-styles.ts'

/** So near to the end counts as being there: a person who sees the last line has arrived. */
const atEndThresholdPx = 24
/** Under the day that sticks to the top. */
const dayHeaderPx = 48
/** History is fetched when so few messages are left above, so that it is there before the eye is. */
const prefetchCount = 60
const noIds: ReadonlySet<string> = new Set()
/**
 * The messages of one chat. However many there are, at most 260 rows stand in the document (`list-window.ts`), and no
 * change moves what is being read: while at the end the list stays there, else the first row in view keeps its place.
 *
 * Events: `hb-load-older`, `hb-load-newer` (more history, please), `hb-jump-to-end` (the end is not loaded, and wanted), `hb-at-end-change`
 * (whether the end is in view: `detail.atEnd`), `hb-retry` and `hb-discard` (`detail.cid`), `hb-open-user` (`detail.userId`), `hb-open-group`
 * (`detail.chatId`: a group named in a text).
 */
export class HbMessageList extends SignalWatcher(LitElement) {
  static override properties = {
    items: { attribute: false },
    nameOf: { attribute: false },
    isBot: { attribute: false },
    pictureOf: { attribute: false },
    stateOf: { attribute: false },
    nameResolverOf: { attribute: false },
    files: { attribute: false },
    newFrom: { attribute: false },
    shownAround: { attribute: false },
    actionsOf: { attribute: false },
    me: { attribute: false },
    saved: { attribute: false },
    linkTargetOf: { attribute: false },
    unread: { attribute: false },
    moreBefore: { attribute: false },
    moreAfter: { attribute: false },
    loading: { attribute: false },
    loadingBefore: { attribute: false },
    loadingAfter: { attribute: false },
    beginning: { attribute: false },
    label: { attribute: false },
  }
  static override styles = [
    baseStyles,
    botBadgeStyles,
    messageListStyles,
    rowStyles,
    textStyles,
    messageFilesStyles,
    reactionStyles,
    replyStyles,
  ]

  declare items: readonly MessageItem[]
  /** Both are watched: when a name or a mark changes, what shows it is drawn again. */
  declare nameOf: (userId: string) => string
  /** Whether a program writes under this account. */
  declare isBot: (userId: string) => boolean
  /** Address of somebody's picture, or ''. Watched. */
  declare pictureOf: (userId: string) => string
  /** What the names in the text of a message stand for. Watched. */
  declare nameResolverOf: (item: MessageItem) => NameResolver
  /** How files are shown. Watched. */
  declare files: FilesView | undefined
  declare stateOf: (item: MessageItem) => MessageState | undefined
  /** The New divider stands above the first message of another with this `no` or a higher one. */
  declare newFrom: number | undefined
  /** A message to bring into view and to mark, whenever this is a new object. */
  declare shownAround: MessageTarget | undefined
  /** What can be done with a message. */
  declare actionsOf: (item: MessageItem) => readonly BoundAction[]
  /** Ids of what I saved. */
  declare saved: ReadonlySet<string>
  /** Where a link leads within the page. */
  declare linkTargetOf: ((link: HTMLAnchorElement) => LinkTarget | undefined) | undefined
  /** My own id. */
  declare me: string
  /** For the pill that leads to the end. */
  declare unread: number
  declare moreBefore: boolean
  declare moreAfter: boolean
  /** Nothing is known yet. */
  declare loading: boolean
  declare loadingBefore: boolean
  declare loadingAfter: boolean
  /** What stands above the first message of all: a template. */
  declare beginning: unknown
  declare label: string

  readonly #virtualWindow = new VirtualWindow()
  readonly #expanded = new Set<string>()
  readonly #resizeObserver = new ResizeObserver(() => this.#onResized())
  #rows: HTMLElement[] = []
  #opened = false
  #atEnd = true
  #dispatchedAtEnd: boolean | undefined
  #anchor: { key: string; top: number } | undefined
  #scrollTargetKey: string | undefined
  #isOpeningAtNew = false
  #pendingMessageNo: number | undefined
  /** The row that was asked for, marked until another is. */
  #highlightedKey: string | undefined
  /** The row that Tab leads to. */
  #currentKey: string | undefined
  /** The end was asked for and is on its way. */
  #isJumpingToEnd = false
  #lastTop = 0
  #loadingShown = false
  #loadingTimer = 0
  #announced = ''

  constructor() {
    super()
    this.items = []
    this.nameOf = () => ''
    this.isBot = () => false
    this.pictureOf = () => ''
    this.stateOf = () => undefined
    this.nameResolverOf = () => emptyNameResolver
    this.files = undefined
    this.newFrom = undefined
    this.shownAround = undefined
    this.actionsOf = () => []
    this.me = ''
    this.saved = noIds
    this.unread = 0
    this.moreBefore = false
    this.moreAfter = false
    this.loading = false
    this.loadingBefore = false
    this.loadingAfter = false
    this.beginning = nothing
    this.label = ''
  }

  get atEnd(): boolean {
    return this.#atEnd && !this.moreAfter
  }

  /** Goes to the newest message, and stays there while new ones come. */
  scrollToEnd(smooth = false): void {
    if (this.moreAfter) {
      this.#isJumpingToEnd = true
      this.dispatchEvent(new CustomEvent('hb-jump-to-end'))
      return
    }
    const far =
      this.#virtualWindow.end < this.items.length || this.#distanceToEnd() > 3 * this.#scroller.clientHeight
    if (smooth && !far && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: 'smooth' })
      return
    }
    this.#atEnd = true
    this.#virtualWindow.moveToEnd(this.items.length)
    this.requestUpdate()
  }

  /** A page up or down, for who has the focus elsewhere. */
  scrollByPage(direction: -1 | 1): void {
    this.#scroller.scrollBy({ top: direction * 0.85 * this.#scroller.clientHeight })
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#observe()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resizeObserver.disconnect()
    clearTimeout(this.#loadingTimer)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.#opened && !this.#atEnd) this.#saveAnchor()
    if (changed.has('loading')) this.#showLoadingLate()
    // After a break, what came meanwhile is shown from its beginning, as if the chat had been opened now.
    if (
      changed.has('newFrom') &&
      this.newFrom !== undefined &&
      this.#atEnd &&
      isWindowActive() &&
      !this.#isFirstNewVisible()
    )
      this.#isOpeningAtNew = true
    if (changed.has('shownAround') && this.shownAround) this.#pendingMessageNo = this.shownAround.no
    if (changed.has('items')) this.#applyItems(changed.get('items') ?? [])
    if (this.#isOpeningAtNew) this.#openAtFirstNew()
    if (this.#pendingMessageNo !== undefined) this.#openAtMessage(this.#pendingMessageNo)
  }

  #applyItems(before: readonly MessageItem[]): void {
    if (!this.#opened) this.#openInitially()
    else if (this.#isJumpingToEnd && !this.moreAfter) this.#reset()
    else if (!this.#virtualWindow.relocate(before, this.items, this.#atEnd && !this.moreAfter)) this.#reset()
    else this.#announce(before)
  }

  protected override render(): unknown {
    const empty = this.items.length === 0
    return html`
      <div
        id="scroller"
        role="log"
        aria-live="off"
        aria-label=${this.label}
        aria-busy=${this.loading ? 'true' : 'false'}
        tabindex=${this.items.length === 0 ? '0' : '-1'}
        @scroll=${this.#onScroll}
        @click=${this.#onClick}
        @keydown=${this.#onKey}
        @focusin=${this.#onFocus}
      >
        <div id="content">${empty ? this.#renderEmpty() : [this.#renderTop(), this.#renderDays()]}</div>
      </div>
      ${this.#renderEndButton()}
      <hb-message-toolbar
        .rows=${this.#toolbarRows}
        .actionsOf=${this.#actionsOfKey}
        ?hidden=${empty}
      ></hb-message-toolbar>
      <div class="unseen" role="status" aria-live="polite">${this.#announced}</div>
    `
  }

  protected override firstUpdated(): void {
    this.#observe()
  }

  protected override updated(): void {
    this.#rows = [...this.renderRoot.querySelectorAll<HTMLElement>('article')]
    // What is asked of the store from here is no part of what this draws.
    untracked(() => this.#restoreScroll())
  }

  #observe(): void {
    this.#resizeObserver.observe(this.#scroller)
    this.#resizeObserver.observe(this.#content)
  }

  get #scroller(): HTMLElement {
    return this.renderRoot.querySelector('#scroller') as HTMLElement
  }

  get #content(): HTMLElement {
    return this.renderRoot.querySelector('#content') as HTMLElement
  }

  // What is shown

  #renderEmpty(): unknown {
    if (this.loading) return this.#loadingShown ? skeletonRows(6) : nothing
    return html`<div class="empty">${this.beginning}</div>`
  }

  #renderTop(): unknown {
    if (this.moreBefore) return skeletonRows(3)
    return this.#virtualWindow.start === 0 ? html`<div class="beginning">${this.beginning}</div>` : nothing
  }

  /** A section per day, so that its divider can stick to the top for as long as the day lasts. */
  #renderDays(): unknown {
    const firstNew = this.#firstNewIndex()
    const now = Date.now()
    return repeat(
      groupByDay(this.items, this.#virtualWindow.start, this.#virtualWindow.end, now),
      (day) => day.key,
      (day) => html`
        <section class="day">
          <h3><span>${dayTitle(day.at, now)}</span></h3>
          ${repeat(
            day.indexes,
            (index) => this.#itemAt(index).key,
            (index) => this.#renderRow(index, index === firstNew),
          )}
        </section>
      `,
    )
  }

  #renderRow(index: number, isNew: boolean): unknown {
    const item = this.#itemAt(index)
    const names = this.nameResolverOf(item)
    return messageRow(item, {
      me: this.me,
      nameOf: this.nameOf,
      pictureOf: this.pictureOf,
      isTabStop: item.key === this.#tabStopKey(),
      highlighted: item.key === this.#highlightedKey,
      isSaved: item.id !== undefined && this.saved.has(item.id),
      names,
      files: this.files,
      mentionsMe: !item.isMine && mentionsMe(item.text, names),
      isBot: item.author !== undefined && this.isBot(item.author),
      isGroupStart: isNew || startsGroup(this.items, index),
      isNew,
      name: item.author === undefined ? '' : this.nameOf(item.author),
      picture: item.author === undefined ? '' : this.pictureOf(item.author),
      state: item.isMine ? this.stateOf(item) : undefined,
      expanded: this.#expanded.has(item.key),
    })
  }

  #firstNewIndex(): number {
    return firstNewIndex(this.items, this.newFrom, this.moreBefore)
  }

  #itemAt(index: number): MessageItem {
    return this.items[index] as MessageItem
  }

  #renderEndButton(): unknown {
    if (!this.#opened || this.atEnd || this.items.length === 0) return nothing
    const words = this.unread > 0 ? t('messages.newCount', { count: this.unread }) : t('messages.toEnd')
    return html`
      <button id="to-end" class=${this.unread > 0 ? 'counting' : 'plain'} @click=${this.#onEndButton}>
        <span>${words}</span><hb-icon name="arrow-down"></hb-icon>
      </button>
    `
  }

  #showLoadingLate(): void {
    clearTimeout(this.#loadingTimer)
    this.#loadingShown = false
    if (!this.loading) return
    this.#loadingTimer = window.setTimeout(() => {
      this.#loadingShown = true
      this.requestUpdate()
    }, 200)
  }

  /** Only what is new is said aloud; rows that come in by scrolling are not news. */
  #announce(before: readonly MessageItem[]): void {
    const last = this.items.at(-1)
    if (!last?.author || last.isMine || last.key === before.at(-1)?.key || this.moreAfter) return
    const words = textOfBlocks(blocksOf(last.text)) || filesSummary(summarizeFiles(last.attachments).files)
    this.#announced = `${this.nameOf(last.author)}: ${words}`
  }

  // Where it stands

  #openInitially(): void {
    if (this.items.length === 0) return
    this.#opened = true
    this.#reset()
    this.#openAtFirstNew()
  }

  /** Marked as new by hand, what is in view stays where it is. */
  #isFirstNewVisible(): boolean {
    const key = this.items[this.#firstNewIndex()]?.key
    const row = this.#rows.find((each) => each.dataset.key === key)
    return row !== undefined && row.getBoundingClientRect().top >= this.#scroller.getBoundingClientRect().top
  }

  #openAtFirstNew(): void {
    const first = this.#firstNewIndex()
    if (first === -1) return
    this.#isOpeningAtNew = false
    this.#atEnd = false
    this.#virtualWindow.centerAt(first, this.items.length)
    this.#scrollTargetKey = this.#itemAt(first).key
  }

  /** The message that was asked for, as soon as it is there. */
  #openAtMessage(no: number): void {
    const index = partitionPoint(this.items.length, (at) => (this.items[at]?.no ?? Infinity) >= no)
    const item = this.items[index]
    if (!item || !this.#opened) return
    this.#pendingMessageNo = undefined
    this.#isOpeningAtNew = false
    this.#atEnd = false
    this.#virtualWindow.centerAt(index, this.items.length)
    this.#scrollTargetKey = this.#highlightedKey = this.#currentKey = item.key
  }

  #reset(): void {
    this.#anchor = undefined
    this.#atEnd = true
    this.#isJumpingToEnd = false
    this.#virtualWindow.moveToEnd(this.items.length)
  }

  /** Before a change: the first row in view, and where it is. */
  #saveAnchor(): void {
    const view = this.#scroller.getBoundingClientRect()
    const row = this.#rows[this.#firstInView(view.top)]
    if (!row?.isConnected) return
    this.#anchor = { key: row.dataset.key as string, top: row.getBoundingClientRect().top - view.top }
  }

  /** After a change of rows, of their heights or of the room for them. */
  #restoreScroll(): void {
    // where nothing stands yet, nobody is at its end: what is on its way would count as read
    if (this.#rows.length === 0) return
    const scroller = this.#scroller
    if (this.#scrollTargetKey !== undefined) {
      this.#scrollToUpperThird(this.#scrollTargetKey)
      this.#scrollTargetKey = undefined
    } else if (this.#atEnd) {
      this.#followEnd()
    } else if (this.#anchor) {
      const { key, top } = this.#anchor
      const row = this.#rows.find((each) => each.dataset.key === key)
      const moved = row ? row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - top : 0
      if (Math.abs(moved) >= 0.5) scroller.scrollTop += moved
    }
    this.#lastTop = scroller.scrollTop
    this.#updateViewport()
  }

  /** To the end; but while nobody looks, what is new does not run out of view. */
  #followEnd(): void {
    const scroller = this.#scroller
    const divider = isWindowActive() ? null : this.renderRoot.querySelector('.new')
    const room = divider ? divider.getBoundingClientRect().top - scroller.getBoundingClientRect().top : -1
    if (room < 0) {
      scroller.scrollTop = scroller.scrollHeight
      return
    }
    scroller.scrollTop += Math.min(Math.max(0, room - dayHeaderPx), this.#distanceToEnd())
    if (this.#distanceToEnd() > atEndThresholdPx) this.#atEnd = false
  }

  /** Something below or above has another height, or the list has. What was scrolled since we last looked stays scrolled. */
  #onResized(): void {
    if (this.#anchor) {
      const { key, top } = this.#anchor
      this.#anchor = { key, top: top - (this.#scroller.scrollTop - this.#lastTop) }
    }
    this.#restoreScroll()
  }

  #scrollToUpperThird(key: string): void {
    const scroller = this.#scroller
    const row = this.#rows.find((each) => each.dataset.key === key)
    if (!row) return
    const top = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    scroller.scrollTop += top - scroller.clientHeight / 4
    this.#atEnd = this.#virtualWindow.end === this.items.length && this.#distanceToEnd() <= atEndThresholdPx
  }

  #onScroll = (): void => {
    const scroller = this.#scroller
    const wasAtEnd = this.atEnd
    const whole = this.#virtualWindow.end === this.items.length && !this.moreAfter
    if (whole && this.#distanceToEnd() <= atEndThresholdPx) this.#atEnd = true
    // Only going up leaves the end: what grows below is followed, not left behind.
    else if (scroller.scrollTop < this.#lastTop - 1 || !whole) this.#atEnd = false
    this.#lastTop = scroller.scrollTop
    if (wasAtEnd !== this.atEnd) this.requestUpdate()
    this.#updateViewport()
  }

  /** Moves the window after the eye, asks for more history in time, and tells whether the end is in view. */
  #updateViewport(): void {
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    const { length } = this.#rows
    if (length === 0 || bottom === top) return
    if (!this.#atEnd) this.#saveAnchor()
    const first = this.#virtualWindow.start + Math.min(this.#firstInView(top), length - 1)
    const below = partitionPoint(
      length,
      (at) => (this.#rows[at] as HTMLElement).getBoundingClientRect().top >= bottom,
    )
    const last = this.#virtualWindow.start + Math.max(0, below - 1)
    if (this.#virtualWindow.followViewport(first, last, this.items.length)) this.requestUpdate()
    if (first < prefetchCount && this.moreBefore && !this.loadingBefore)
      this.dispatchEvent(new CustomEvent('hb-load-older'))
    const left = this.items.length - 1 - last
    if (left < prefetchCount && this.moreAfter && !this.loadingAfter)
      this.dispatchEvent(new CustomEvent('hb-load-newer'))
    this.#dispatchAtEnd()
  }

  #dispatchAtEnd(): void {
    if (this.#dispatchedAtEnd === this.atEnd) return
    this.#dispatchedAtEnd = this.atEnd
    this.dispatchEvent(new CustomEvent('hb-at-end-change', { detail: { atEnd: this.atEnd } }))
  }

  #firstInView(top: number): number {
    return partitionPoint(
      this.#rows.length,
      (at) => (this.#rows[at] as HTMLElement).getBoundingClientRect().bottom > top,
    )
  }

  #distanceToEnd(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight
  }

  // What is done in it

  #onKey = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('article')
    const isOnRow = event.target === row || event.target === this.#scroller
    if (!isOnRow || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'End') this.#focusLast()
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown')
      this.#moveFocus(row, event.key === 'ArrowUp' ? -1 : 1)
    else if (!row || !this.#runKeyAction(row, event)) return
    event.preventDefault()
  }

  #focusLast(): void {
    const last = this.items.at(-1)
    this.scrollToEnd()
    if (!last || this.moreAfter) return
    this.#currentKey = last.key
    void this.updateComplete.then(() => this.#rows.at(-1)?.focus({ preventScroll: true }))
  }

  /** From message to message; from the list itself to the last one in view. */
  #moveFocus(from: HTMLElement | null, by: -1 | 1): void {
    const bottom = this.#scroller.getBoundingClientRect().bottom
    const inView = partitionPoint(
      this.#rows.length,
      (at) => (this.#rows[at] as HTMLElement).getBoundingClientRect().bottom > bottom,
    )
    const at = from ? this.#rows.indexOf(from) + by : Math.max(0, inView - 1)
    const row = this.#rows[at]
    if (!row) return
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  }

  /** Enter opens what can be done with a message, and letters do it. */
  #runKeyAction(row: HTMLElement, event: KeyboardEvent): boolean {
    const key = row.dataset.key as string
    if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      this.#toolbar?.openMenu(row)
      return true
    }
    const action = this.#actionsOfKey(key).find((each) => each.key === event.key.toLowerCase())
    if (!action || event.shiftKey) return false
    void action.run(row)
    // the letter is done with: it must not begin a message
    event.stopPropagation()
    return true
  }

  /** Tab comes back to the message that one was at. */
  #onFocus = (event: FocusEvent): void => {
    const key = (event.target as HTMLElement).closest<HTMLElement>('article')?.dataset.key
    if (key === undefined || key === this.#currentKey) return
    this.#currentKey = key
    this.requestUpdate()
  }

  /** The newest, unless another was chosen and is still here. */
  #tabStopKey(): string | undefined {
    const { start, end } = this.#virtualWindow
    if (this.#currentKey !== undefined) {
      for (let at = start; at < end; at += 1)
        if (this.items[at]?.key === this.#currentKey) return this.#currentKey
    }
    return this.items[end - 1]?.key
  }

  readonly #toolbarRows = {
    rowAt: (target: EventTarget | null) =>
      (target as HTMLElement | null)?.closest?.<HTMLElement>('article') ?? undefined,
    rowByKey: (key: string) => this.#rows.find((row) => row.dataset.key === key),
    scroller: () => this.#scroller,
  }

  readonly #actionsOfKey = (key: string): readonly BoundAction[] => {
    const item = this.items.find((each) => each.key === key)
    return item ? this.actionsOf(item) : []
  }

  get #toolbar(): HbMessageToolbar | null {
    return this.renderRoot.querySelector('hb-message-toolbar')
  }

  #onEndButton = (): void => {
    // The pill goes; the focus it may have had stays in the list.
    this.#scroller.focus({ preventScroll: true })
    this.scrollToEnd(true)
  }

  #onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement
    const link = target.closest('a')
    const place = link ? this.linkTargetOf?.(link) : undefined
    if (place && isPlainClick(event)) {
      event.preventDefault()
      openChat(this, place.chatId, place)
      return
    }
    const action = target.closest<HTMLElement>('[data-action]')?.dataset.action
    const key = target.closest<HTMLElement>('article')?.dataset.key
    const item = this.items.find((each) => each.key === key)
    if (!action || !item || handleTextAction(this, action, target)) return
    if (action === 'unfold') {
      if (!this.#expanded.delete(item.key)) this.#expanded.add(item.key)
      this.requestUpdate()
    } else if (action === 'react' || action === 'thread') {
      const detail = { item, emoji: target.closest<HTMLElement>('[data-emoji]')?.dataset.emoji ?? '' }
      this.dispatchEvent(new CustomEvent(`hb-${action}`, { detail }))
    } else if (action === 'jump') {
      const { no, id } = (target.closest('[data-no]') as HTMLElement).dataset
      this.dispatchEvent(new CustomEvent('hb-jump', { detail: { no: Number(no), id } }))
    } else if (action === 'person') {
      this.dispatchEvent(new CustomEvent('hb-open-user', { detail: { userId: item.author } }))
    } else if (action === 'view') {
      const fileId = target.closest<HTMLElement>('[data-file]')?.dataset.file
      this.dispatchEvent(new CustomEvent('hb-open-file', { detail: { fileId } }))
    } else {
      this.dispatchEvent(new CustomEvent(`hb-${action}`, { detail: { cid: item.cid } }))
    }
  }
}

customElements.define('hb-message-list', HbMessageList)

declare global {
  interface HTMLElementTagNameMap {
    'hb-message-list': HbMessageList
  }
}

function skeletonRows(count: number): unknown {
  return html`<div class="shapes" aria-hidden="true">
    ${Array.from(
      { length: count },
      (_, at) =>
        html`<div class="shape s${at % 3}">
          <i></i>
          <p><b></b><b></b></p>
        </div>`,
    )}
  </div>`
}
