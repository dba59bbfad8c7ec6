// Keeps the text that the user reads in its place while rows appear, disappear or change their height.
//
// - At the end the list stays at the end. Elsewhere the first row in view keeps its distance to the top.
// - Only scrolling up leaves the end. Rows that grow at the end are followed.
// - While the window is not active, new messages do not push the New divider out of view.
// - Call `save` before a change of the rows and `restore` after its layout.
import { partitionPoint } from './virtual-window.ts'

interface Box {
  getBoundingClientRect(): { readonly top: number; readonly bottom: number }
}

export interface AnchorRow extends Box {
  readonly isConnected: boolean
  readonly dataset: { readonly key?: string }
}

export interface Scroller extends Box {
  scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
}

export interface ScrollAnchorOptions {
  scroller: () => Scroller
  /** From top to bottom. */
  rows: () => readonly AnchorRow[]
  divider: () => Box | null
  /** Whether the last row is the newest message of all. */
  hasLastRow: () => boolean
  isWindowActive: () => boolean
}

/** So close to the end counts as being there: a user who sees the last line has arrived. */
const atEndThresholdPx = 24
/** The height of the day that sticks to the top. */
const dayHeaderPx = 48

export class ScrollAnchor {
  readonly #options: ScrollAnchorOptions
  #anchor: { key: string; top: number } | undefined
  #targetKey: string | undefined
  #lastTop = 0
  #atEnd = true

  constructor(options: ScrollAnchorOptions) {
    this.#options = options
  }

  /** Whether the list stays at the end while messages arrive. */
  get atEnd(): boolean {
    return this.#atEnd
  }

  get distanceToEnd(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#options.scroller()
    return scrollHeight - scrollTop - clientHeight
  }

  /** The next `restore` goes to the end. */
  moveToEnd(): void {
    this.#anchor = undefined
    this.#atEnd = true
  }

  /** The next `restore` scrolls to the row with this key. */
  moveTo(key: string): void {
    this.#atEnd = false
    this.#targetKey = key
  }

  /** Remembers the first row in view and its place. */
  save(): void {
    if (this.#atEnd) return
    const { top } = this.#options.scroller().getBoundingClientRect()
    const row = this.#options.rows()[this.#firstInView(top)]
    if (!row?.isConnected || row.dataset.key === undefined) return
    this.#anchor = { key: row.dataset.key, top: row.getBoundingClientRect().top - top }
  }

  /** Call after a change of the rows, of their heights or of the height of the list. */
  restore(): void {
    const scroller = this.#options.scroller()
    if (this.#options.rows().length === 0) return
    if (this.#targetKey !== undefined) {
      this.#scrollToUpperQuarter(this.#targetKey)
      this.#targetKey = undefined
    } else if (this.#atEnd) {
      this.#followEnd()
    } else if (this.#anchor) {
      const { key, top } = this.#anchor
      const row = this.#findRow(key)
      const movedPx = row ? this.#offsetOf(row) - top : 0
      if (Math.abs(movedPx) >= 0.5) scroller.scrollTop += movedPx
    }
    this.#lastTop = scroller.scrollTop
  }

  /** A row or the list has another height. The distance that was scrolled since the last `save` stays scrolled. */
  onResize(): void {
    if (this.#anchor) {
      const { key, top } = this.#anchor
      this.#anchor = { key, top: top - (this.#options.scroller().scrollTop - this.#lastTop) }
    }
    this.restore()
  }

  onScroll(): void {
    const { scrollTop } = this.#options.scroller()
    const hasLastRow = this.#options.hasLastRow()
    if (hasLastRow && this.distanceToEnd <= atEndThresholdPx) this.#atEnd = true
    else if (scrollTop < this.#lastTop - 1 || !hasLastRow) this.#atEnd = false
    this.#lastTop = scrollTop
  }

  /** Returns the indexes of the first and the last row in view; undefined while nothing is visible. */
  visibleRows(): { first: number; last: number } | undefined {
    const rows = this.#options.rows()
    const { top, bottom } = this.#options.scroller().getBoundingClientRect()
    if (rows.length === 0 || bottom === top) return undefined
    const below = partitionPoint(rows.length, (index) => this.#boxOf(index).top >= bottom)
    return { first: Math.min(this.#firstInView(top), rows.length - 1), last: Math.max(0, below - 1) }
  }

  /** To the end, but not past the New divider while the user does not look. */
  #followEnd(): void {
    const scroller = this.#options.scroller()
    const divider = this.#options.isWindowActive() ? null : this.#options.divider()
    const room = divider ? this.#offsetOf(divider) : -1
    if (room < 0) {
      scroller.scrollTop = scroller.scrollHeight
      return
    }
    scroller.scrollTop += Math.min(Math.max(0, room - dayHeaderPx), this.distanceToEnd)
    if (this.distanceToEnd > atEndThresholdPx) this.#atEnd = false
  }

  #scrollToUpperQuarter(key: string): void {
    const scroller = this.#options.scroller()
    const row = this.#findRow(key)
    if (!row) return
    scroller.scrollTop += this.#offsetOf(row) - scroller.clientHeight / 4
    this.#atEnd = this.#options.hasLastRow() && this.distanceToEnd <= atEndThresholdPx
  }

  #findRow(key: string): AnchorRow | undefined {
    return this.#options.rows().find((row) => row.dataset.key === key)
  }

  /** The distance from the top of the list. */
  #offsetOf(box: Box): number {
    return box.getBoundingClientRect().top - this.#options.scroller().getBoundingClientRect().top
  }

  #firstInView(top: number): number {
    return partitionPoint(this.#options.rows().length, (index) => this.#boxOf(index).bottom > top)
  }

  #boxOf(index: number): { readonly top: number; readonly bottom: number } {
    return (this.#options.rows()[index] as AnchorRow).getBoundingClientRect()
  }
}
