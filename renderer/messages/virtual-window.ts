// The range of messages that is in the document, and how rows stay where the user sees them.
//
// 1. At most `most` rows are real, whatever the chat holds; the others are not there, not even as space.
// 2. The window follows the viewport: the rows in view, and `around` rows on both sides. It moves when fewer than `margin` are left
//    on one side, so it moves once in some thirty rows and never under the wheel.
//    A list opens with the rows that can be in view; the others follow after they were painted.
// 3. Rows are found again by key, never by index: history comes in at the top, messages appear and go anywhere.
// 4. This file does not use the DOM. The list measures one row before a change and puts it back to the same place after it.

const overscanRows = 70
const refillThresholdRows = 35
const maxRows = 260
/** Of a row with one line: no more of them fit into a window. */
const minRowHeightPx = 26

/** The rows that a list of this height can show. */
export function rowsInView(heightPx: number): number {
  return Math.min(overscanRows, Math.ceil(heightPx / minRowHeightPx))
}

export interface Keyed {
  readonly key: string
}

export class VirtualWindow {
  start = 0
  end = 0

  get size(): number {
    return this.end - this.start
  }

  /** Moves to the last messages: a chat opens there, and stays there while new messages arrive. */
  moveToEnd(count: number, rows = 2 * overscanRows): void {
    this.end = count
    this.start = Math.max(0, count - rows)
  }

  centerAt(index: number, count: number, rows = overscanRows): void {
    this.start = Math.max(0, index - rows)
    this.end = Math.min(count, index + rows)
  }

  /** Takes the indexes of the rows in view. Returns true if the window has to move. */
  followViewport(first: number, last: number, count: number): boolean {
    const lacksBefore = first - this.start < refillThresholdRows && this.start > 0
    const lacksAfter = this.end - 1 - last < refillThresholdRows && this.end < count
    if (!lacksBefore && !lacksAfter) return false
    // A screen that shows more rows than the window holds would make it move forever.
    const reach = Math.min(overscanRows, Math.max(0, Math.floor((maxRows - (last - first + 1)) / 2)))
    const start = Math.max(0, first - reach)
    const end = Math.min(count, last + 1 + reach)
    if (start === this.start && end === this.end) return false
    this.start = start
    this.end = end
    return true
  }

  /** Finds the same rows after the messages changed. Returns false if none of them is left. */
  relocate(before: readonly Keyed[], now: readonly Keyed[], keepEnd: boolean): boolean {
    if (before.length === 0) return false
    const reachedEnd = this.end === before.length
    for (let index = this.start; index < this.end; index += 1) {
      const grown = index + now.length - before.length
      const found = indexOfKey(now, (before[index] as Keyed).key, [grown, index, grown - 1, grown + 1])
      if (found === -1) continue
      const size = this.size
      this.start = Math.max(0, found - (index - this.start))
      this.end = Math.min(now.length, this.start + size)
      if (keepEnd || (reachedEnd && now.length - this.start <= maxRows)) this.end = now.length
      if (this.size > maxRows) this.start = keepEnd ? this.end - 2 * overscanRows : this.start
      return true
    }
    return false
  }
}

/** Tries the likely indexes first, and searches all messages only if none of them has the key. */
function indexOfKey(messages: readonly Keyed[], key: string, guesses: readonly number[]): number {
  const guess = guesses.find((index) => messages[index]?.key === key)
  if (guess !== undefined) return guess
  return messages.findIndex((message) => message.key === key)
}

/** Index of the first element for which `isAfter` holds, among elements where it turns from false to true once. */
export function partitionPoint(count: number, isAfter: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (isAfter(middle)) high = middle
    else low = middle + 1
  }
  return low
}
