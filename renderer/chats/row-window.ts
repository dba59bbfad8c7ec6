// The rows of a long section that are in the document: those near the view, and those that must stay. With thousands of chats
// the others would make each layout of the page slow.
//
// - Rows have one height. What is left out is an empty element of the same height.
// - The range moves in steps, so that scrolling rarely draws.
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export interface RowGap {
  readonly gapBefore: string
  readonly rowCount: number
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Sections of up to this many rows are whole. */
const maxWholeRows = 150
const stepRows = 25
/** Above and below the view. */
const spareRows = 25
const firstRange: Range = { start: 0, end: 100 }
/** Until a row is measured. */
const assumedRowHeightPx = 52

export class RowWindow implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  /** Of the sections that are not whole. */
  readonly #ranges = new Map<string, Range>()
  #rowHeightPx = assumedRowHeightPx

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host
    host.addController(this)
  }

  hostUpdated(): void {
    this.update()
  }

  /** Returns the rows to draw and the gaps between them. `pinned`: ids of rows that are drawn wherever they are. */
  select<T extends { readonly id: string }>(
    section: string,
    rows: readonly T[],
    pinned: ReadonlySet<string>,
  ): readonly (T | RowGap)[] {
    if (rows.length <= maxWholeRows) {
      this.#ranges.delete(section)
      return rows
    }
    const range = this.#ranges.get(section) ?? firstRange
    this.#ranges.set(section, range)
    const selected: (T | RowGap)[] = []
    let skipped = 0
    rows.forEach((row, at) => {
      const isDrawn = (at >= range.start && at < range.end) || pinned.has(row.id)
      if (isDrawn && skipped > 0) selected.push({ gapBefore: row.id, rowCount: skipped })
      if (isDrawn) selected.push(row)
      skipped = isDrawn ? 0 : skipped + 1
    })
    if (skipped > 0) selected.push({ gapBefore: 'the end', rowCount: skipped })
    return selected
  }

  heightOf({ rowCount }: RowGap): string {
    return `block-size: ${rowCount * this.#rowHeightPx}px`
  }

  /** After a scroll: draws the rows that have come near the view. */
  readonly update = (): void => {
    if (this.#ranges.size === 0) return
    const root = this.#host.shadowRoot
    const view = root?.querySelector('.rows')?.getBoundingClientRect()
    if (!view || view.height === 0) return
    let isChanged = false
    for (const section of root?.querySelectorAll<HTMLElement>('section[data-section]') ?? []) {
      const id = section.dataset['section'] ?? ''
      const list = section.querySelector('[role=list]')
      const before = this.#ranges.get(id)
      if (!before || !list) continue
      isChanged = this.#measureRow(list) || isChanged
      const range = this.#rangeIn(list.getBoundingClientRect().top, view)
      if (range.start === before.start && range.end === before.end) continue
      this.#ranges.set(id, range)
      isChanged = true
    }
    if (isChanged) this.#host.requestUpdate()
  }

  #rangeIn(listTop: number, view: DOMRect): Range {
    const first = (view.top - listTop) / this.#rowHeightPx - spareRows
    const last = (view.bottom - listTop) / this.#rowHeightPx + spareRows
    return {
      start: Math.max(0, Math.floor(first / stepRows) * stepRows),
      end: Math.max(0, Math.ceil(last / stepRows) * stepRows),
    }
  }

  /** Returns true if the height is another than before: the density has changed, or the size of the text. */
  #measureRow(list: Element): boolean {
    const heightPx = list.querySelector('hb-chat-row')?.getBoundingClientRect().height ?? 0
    if (heightPx === 0 || heightPx === this.#rowHeightPx) return false
    this.#rowHeightPx = heightPx
    return true
  }
}
