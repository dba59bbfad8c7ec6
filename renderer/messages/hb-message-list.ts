import { html, LitElement, nothing, type PropertyValues } from 'lit'
import type { ChatEvent } from '../state/chat-event.ts'
import type { MessageItem } from '../state/message-item.ts'
import { SignalWatcher, untracked } from '../signals/signal.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-icon.ts'
import type { MessageTarget } from '../state/timeline.ts'
import { isWindowActive } from './window-active.ts'
import './hb-message-toolbar.ts'
import type { HbMessageToolbar } from './hb-message-toolbar.ts'
import type { BoundAction } from './message-actions.ts'
import { daySections } from './day-sections.ts'
import { eventLines, placeEvents } from './event-lines.ts'
import { firstUnreadIndex, lastOfEachState, startsGroup } from './grouping.ts'
import { partitionPoint, VirtualWindow } from './virtual-window.ts'
import { arrivalWords } from './message-row.ts'
import { endButton } from './end-button.ts'
import { handleRowClick } from './row-clicks.ts'
import { OpeningRows } from './opening-rows.ts'
import { PrintedRange } from './printed-range.ts'
import { RowCache } from './row-cache.ts'
import { RowFocus } from './row-focus.ts'
import { ScrollAnchor } from './scroll-anchor.ts'
import { ScrollEdges } from './scroll-edges.ts'
import { allListStyles } from './all-list-styles.ts'
import { listTop, LoadingDelay, skeletonRows } from './skeleton-rows.ts'
import type { TimelineContext } from './timeline-context.ts'
import { KeepRowFocus } from '../ui/keep-row-focus.ts'

/** Older messages are loaded while this many are left above, so that they are there before the user scrolls to them. */
const prefetchCount = 60

/**
 * The messages of a chat or of a thread. Of any number, at most 260 rows are in the document (`virtual-window.ts`). No change
 * moves the text that the user reads (`scroll-anchor.ts`).
 *
 * Events: `hb-load-older` and `hb-load-newer`, `hb-jump-to-end` (the end is not loaded), `hb-at-end-change` (`detail.atEnd`: the
 * end is in view), `hb-retry` and `hb-discard` (`detail.cid`), `hb-react` and `hb-thread` (`detail.item`), `hb-read-by` (`detail.item`), `hb-jump` (`detail.no`,
 * `detail.id`: of a quoted message), `hb-go` (`Destination` in `go-to.ts`), `hb-open-user` (`detail.userId`), `hb-open-group` (`detail.chatId`), `hb-open-file` (`detail.fileId`), `hb-choose-file` (`detail.uploadId`).
 */
export class HbMessageList extends SignalWatcher(LitElement) {
  static override properties = {
    context: { attribute: false },
    items: { attribute: false },
    events: { attribute: false },
    firstUnreadNo: { attribute: false },
    shownAround: { attribute: false },
    unread: { attribute: false },
    hasOlder: { attribute: false },
    hasNewer: { attribute: false },
    loading: { attribute: false },
    // Nothing is drawn with these: an update for each page of history would cost a frame.
    loadingOlder: { attribute: false, hasChanged: () => false },
    loadingNewer: { attribute: false, hasChanged: () => false },
    beginning: { attribute: false },
    startedAt: { attribute: false },
    itemInUse: { attribute: false },
    label: { attribute: false },
  }
  static override styles = allListStyles

  declare context: TimelineContext
  declare items: readonly MessageItem[]
  declare events: readonly ChatEvent[] | undefined
  /** The New divider is above the first message of another user with this `no` or a higher one. */
  declare firstUnreadNo: number | undefined
  /** A message to scroll to and to highlight, whenever this is a new object. */
  declare shownAround: MessageTarget | undefined
  /** The count on the button that leads to the end. */
  declare unread: number
  declare hasOlder: boolean
  declare hasNewer: boolean
  /** No message is known yet. */
  declare loading: boolean
  declare loadingOlder: boolean
  declare loadingNewer: boolean
  /** A template above the first message of all, or in place of the messages if there are none. */
  declare beginning: unknown
  /** In a thread: the time of its parent message. A divider of that day would part it from its replies. */
  declare startedAt: number | undefined
  /** The id of the message that the composer answers or edits. */
  declare itemInUse: string | undefined
  declare label: string

  readonly #virtualWindow = new VirtualWindow()
  readonly #expandedKeys = new Set<string>()
  readonly #resizeObserver = new ResizeObserver(() => this.#onResize())
  readonly #scrollAnchor: ScrollAnchor = new ScrollAnchor({
    scroller: () => this.#scroller,
    rows: () => this.#rows,
    divider: () => this.renderRoot.querySelector('.new'),
    hasLastRow: () => this.#virtualWindow.end === this.items.length && !this.hasNewer,
    isWindowActive,
  })
  readonly #printedRange = new PrintedRange(this, {
    virtualWindow: this.#virtualWindow,
    count: () => this.items.length,
    scroller: () => this.#scroller,
  })
  readonly #rowCache = new RowCache()
  readonly #edges = new ScrollEdges(() => this.#scroller)
  readonly #rowFocus = new RowFocus({
    scroller: () => this.#scroller,
    rows: () => this.#rows,
    // A deleted message takes no letters: they begin a new message.
    keyActionsOf: (key) => (this.#itemOf(key)?.deleted ? [] : this.#actionsOfKey(key)),
    refuseLetter: (key, letter, isPressed) => {
      const item = this.#itemOf(key)
      return item !== undefined && !item.deleted && this.context.refuseLetter(item, letter, isPressed)
    },
    openMenu: (row) => this.#toolbar?.openMenu(row),
    goTo: (to) =>
      to === 'last' ? this.#focusLast() : this.dispatchEvent(new CustomEvent('hb-go', { detail: { to } })),
    requestUpdate: () => this.requestUpdate(),
  })
  protected readonly keepFocus = new KeepRowFocus(this, {
    rows: 'article',
    isGone: (row) => this.#itemOf(row.dataset.key) === undefined,
  })
  #rows: HTMLElement[] = []
  /** True once the list has had messages and has chosen where to open. */
  #opened = false
  readonly #openingRows = new OpeningRows(() => this.isConnected && untracked(() => this.#updateViewport()))
  #movesInFrame = false
  #dispatchedAtEnd: boolean | undefined
  #isOpeningAtUnread = false
  #pendingMessageNo: number | undefined
  /** The row of the requested message, highlighted until another is requested. */
  #highlightedKey: string | undefined
  #isJumpingToEnd = false
  readonly #loadingShapes = new LoadingDelay(() => this.requestUpdate())
  #announcement = ''

  get atEnd(): boolean {
    return this.#scrollAnchor.atEnd && !this.hasNewer
  }

  /** Goes to the newest message, and stays there while messages arrive. */
  scrollToEnd(smooth = false): void {
    if (this.hasNewer) {
      this.#isJumpingToEnd = true
      this.dispatchEvent(new CustomEvent('hb-jump-to-end'))
      return
    }
    const scroller = this.#scroller
    const isFar =
      this.#virtualWindow.end < this.items.length ||
      this.#scrollAnchor.distanceToEnd > 3 * scroller.clientHeight
    if (smooth && !isFar && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      scroller.scrollTo({ top: scroller.scrollHeight, behavior: 'smooth' })
      return
    }
    this.#moveToEnd()
    this.requestUpdate()
  }

  /** Scrolls a page up or down while the focus is elsewhere. */
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
    this.#loadingShapes.update(false)
    if (this.hasUpdated) this.#edges.stop()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.#opened && !this.#printedRange.isPrinting) this.#scrollAnchor.save()
    if (changed.has('loading')) this.#loadingShapes.update(this.loading)
    // After a lost connection the new messages are shown from the first one, as if the chat had been opened now.
    if (
      changed.has('firstUnreadNo') &&
      this.firstUnreadNo !== undefined &&
      this.#scrollAnchor.atEnd &&
      isWindowActive() &&
      !this.#isFirstUnreadVisible()
    )
      this.#isOpeningAtUnread = true
    if (changed.has('shownAround') && this.shownAround) this.#pendingMessageNo = this.shownAround.no
    if (changed.has('items')) this.#applyItems(changed.get('items') ?? [])
    if (this.#isOpeningAtUnread) this.#openAtFirstUnread()
    if (this.#pendingMessageNo !== undefined) this.#openAtMessage(this.#pendingMessageNo)
  }

  #applyItems(before: readonly MessageItem[]): void {
    if (!this.#opened) this.#open()
    else if (this.#isJumpingToEnd && !this.hasNewer) this.#reset()
    else if (!this.#virtualWindow.relocate(before, this.items, this.atEnd)) this.#reset()
    else if (!this.hasNewer)
      this.#announcement = arrivalWords(before, this.items, this.context) ?? this.#announcement
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
        tabindex=${empty ? '0' : '-1'}
        @scroll=${this.#onScroll}
        @click=${this.#onClick}
        @keydown=${(event: KeyboardEvent) => this.#rowFocus.onKeyDown(event)}
        @pointerdown=${(event: PointerEvent) => this.#rowFocus.onPointerDown(event)}
        @focusin=${(event: FocusEvent) => this.#rowFocus.onFocusIn(event)}
      >
        <div id="content" class="resting">
          ${empty ? this.#renderEmpty() : [listTop(this, this.#virtualWindow), this.#renderDays()]}
        </div>
      </div>
      ${this.#opened && !this.atEnd && !empty ? endButton(this.unread, this.#onEndButton) : nothing}
      <hb-message-toolbar
        .rows=${this.#toolbarRows}
        .actionsOf=${this.#actionsOfKey}
        .items=${this.items}
        ?hidden=${empty}
      ></hb-message-toolbar>
      <div class="unseen" role="status" aria-live="polite">${this.#announcement}</div>
    `
  }

  protected override firstUpdated(): void {
    this.#observe()
  }

  protected override updated(): void {
    this.#rowCache.forgetUnused()
    this.#rows = [...this.renderRoot.querySelectorAll<HTMLElement>('article')]
    // Reading a signal from here must not make the list render again.
    untracked(() => {
      this.#scrollAnchor.restore()
      if (this.#edges.isResting) this.#updateViewport()
      else this.#updateViewportInFrame()
    })
    this.#rowFocus.focusShownRow()
  }

  #observe(): void {
    this.#resizeObserver.observe(this.#scroller)
    this.#resizeObserver.observe(this.renderRoot.querySelector('#content') as HTMLElement)
  }

  get #scroller(): HTMLElement {
    return this.renderRoot.querySelector('#scroller') as HTMLElement
  }

  #renderEmpty(): unknown {
    if (this.loading) return this.#loadingShapes.isOver ? skeletonRows(6) : nothing
    return html`<div class="empty">${this.beginning}</div>
      ${eventLines(this.events, this.context)}`
  }

  #renderDays(): unknown {
    const { items, context, startedAt } = this
    const { start, end } = this.#virtualWindow
    const firstUnread = this.#firstUnreadIndex()
    const tabStopKey = this.#rowFocus.tabStopKey(items, start, end)
    const stated = lastOfEachState(items, start, end, context)
    const events = placeEvents(this.events ?? [], this)
    return daySections(items, { start, end, startedAt }, (index) => {
      const item = this.#itemAt(index)
      const isNew = index === firstUnread
      const { before, after } = events.get(index) ?? {}
      const isAfterEvents = before?.length || events.get(index - 1)?.after.length
      const row = this.#rowCache.render(item, context, {
        isGroupStart: isNew || Boolean(isAfterEvents) || startsGroup(items, index),
        isNew,
        showsState: stated.has(index),
        isInUse: item.id !== undefined && item.id === this.itemInUse,
        isTabStop: item.key === tabStopKey,
        highlighted: item.key === this.#highlightedKey,
        expanded: this.#expandedKeys.has(item.key),
      })
      return [eventLines(before, context), row, eventLines(after, context)]
    })
  }

  #firstUnreadIndex(): number {
    return firstUnreadIndex(this.items, this.firstUnreadNo, this.hasOlder)
  }

  #itemAt(index: number): MessageItem {
    return this.items[index] as MessageItem
  }

  #open(): void {
    if (this.items.length === 0) return
    this.#opened = true
    this.#openingRows.begin()
    this.#reset()
    this.#openAtFirstUnread()
  }

  /** After "mark as unread" the messages in view stay in their place. */
  #isFirstUnreadVisible(): boolean {
    const key = this.items[this.#firstUnreadIndex()]?.key
    const row = this.#rows.find((each) => each.dataset.key === key)
    return row !== undefined && row.getBoundingClientRect().top >= this.#scroller.getBoundingClientRect().top
  }

  #openAtFirstUnread(): void {
    const index = this.#firstUnreadIndex()
    if (index === -1) return
    this.#isOpeningAtUnread = false
    this.#virtualWindow.centerAt(index, this.items.length, this.#openingRows.count)
    this.#scrollAnchor.moveTo(this.#itemAt(index).key)
  }

  /** Opens at the requested message as soon as it is loaded. */
  #openAtMessage(no: number): void {
    const index = partitionPoint(this.items.length, (at) => (this.items[at]?.no ?? Infinity) >= no)
    const item = this.items[index]
    if (!item || !this.#opened) return
    this.#pendingMessageNo = undefined
    this.#isOpeningAtUnread = false
    this.#virtualWindow.centerAt(index, this.items.length, this.#openingRows.count)
    this.#scrollAnchor.moveTo(item.key)
    this.#highlightedKey = item.key
    this.#rowFocus.moveTo(item.key)
  }

  #reset(): void {
    this.#isJumpingToEnd = false
    this.#moveToEnd()
  }

  #moveToEnd(): void {
    this.#scrollAnchor.moveToEnd()
    this.#virtualWindow.moveToEnd(this.items.length, this.#openingRows.count)
  }

  #onResize(): void {
    this.#edges.measureGutter()
    this.#scrollAnchor.onResize()
    if (this.#edges.isResting) this.#updateViewport()
    else this.#updateViewportInFrame()
  }

  /** While the user scrolls, the window moves once in a frame, after the event of the scroll. */
  #updateViewportInFrame(): void {
    if (this.#movesInFrame) return
    this.#movesInFrame = true
    requestAnimationFrame(() => {
      this.#movesInFrame = false
      if (this.isConnected) untracked(() => this.#updateViewport())
    })
  }

  #onScroll = (): void => {
    const wasAtEnd = this.atEnd
    this.#scrollAnchor.onScroll()
    if (wasAtEnd !== this.atEnd) this.requestUpdate()
    this.#edges.onScroll()
    this.#updateViewport()
  }

  /** Moves the virtual window with the rows in view, loads more messages in time, and reports whether the end is in view. */
  #updateViewport(): void {
    const visible = this.#scrollAnchor.visibleRows()
    if (!visible || this.#printedRange.isPrinting) return
    this.#scrollAnchor.save()
    if (this.#openingRows.isOpening) {
      if (this.#openingRows.fill(this.#virtualWindow, visible, this.items.length)) this.requestUpdate()
      return this.#dispatchAtEnd()
    }
    const first = this.#virtualWindow.start + visible.first
    const last = this.#virtualWindow.start + visible.last
    if (this.#virtualWindow.followViewport(first, last, this.items.length)) this.requestUpdate()
    if (first < prefetchCount && this.hasOlder && !this.loadingOlder)
      this.dispatchEvent(new CustomEvent('hb-load-older'))
    if (this.items.length - 1 - last < prefetchCount && this.hasNewer && !this.loadingNewer)
      this.dispatchEvent(new CustomEvent('hb-load-newer'))
    this.#dispatchAtEnd()
  }

  #dispatchAtEnd(): void {
    if (this.#dispatchedAtEnd === this.atEnd) return
    this.#dispatchedAtEnd = this.atEnd
    this.dispatchEvent(new CustomEvent('hb-at-end-change', { detail: { atEnd: this.atEnd } }))
  }

  /** Focuses the row that Tab reaches. */
  override focus(): void {
    const row = this.#rows.find((each) => each.tabIndex === 0) ?? this.#scroller
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  }

  #focusLast(): void {
    const last = this.items.at(-1)
    this.scrollToEnd()
    if (!last || this.hasNewer) return
    this.#rowFocus.currentKey = last.key
    void this.updateComplete.then(() => this.#rows.at(-1)?.focus({ preventScroll: true }))
  }

  readonly #toolbarRows = {
    rowAt: (target: EventTarget | null) =>
      (target as HTMLElement | null)?.closest?.<HTMLElement>('article') ?? undefined,
    rowByKey: (key: string) => this.#rows.find((row) => row.dataset.key === key),
    scroller: () => this.#scroller,
  }

  readonly #actionsOfKey = (key: string): readonly BoundAction[] => {
    const item = this.#itemOf(key)
    return item ? this.context.actionsOf(item) : []
  }

  #itemOf(key: string | undefined): MessageItem | undefined {
    return this.items.find((each) => each.key === key)
  }

  get #toolbar(): HbMessageToolbar | null {
    return this.renderRoot.querySelector('hb-message-toolbar')
  }

  #onEndButton = (): void => {
    // The button disappears. If it had the focus, the focus stays in the list.
    this.#scroller.focus({ preventScroll: true })
    this.scrollToEnd(true)
  }

  #onClick = (event: MouseEvent): void =>
    handleRowClick(event, {
      host: this,
      itemOf: (key) => this.#itemOf(key),
      linkTargetOf: (link) => this.context.linkTargetOf(link),
      toggleExpanded: ({ key }) => {
        if (!this.#expandedKeys.delete(key)) this.#expandedKeys.add(key)
        this.requestUpdate()
      },
    })
}

customElements.define('hb-message-list', HbMessageList)

declare global {
  interface HTMLElementTagNameMap {
    'hb-message-list': HbMessageList
  }
}
