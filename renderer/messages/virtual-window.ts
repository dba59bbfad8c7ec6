// The range of messages that is in the document, and how rows stay where the user sees them.
//
// 1. At most `most` rows are real, whatever the chat holds; the others are not there, not even as space.
// 2. The window follows the viewport: the rows in view, two screens of rows in the direction of scrolling and one
//    on the other side. It moves by a few rows at a time, often, so that no frame has many of them to draw.
//    A list opens with the rows that can be in view; the others follow after they were painted.
// 3. Rows are found again by key, never by index: history comes in at the top, messages appear and go anywhere.
// 4. This file does not use the DOM. The list measures one row before a change and puts it back to the same place after it.

/** Two screens of rows, which the browser can scroll over while the page draws the next ones. */
const aheadScreens = 2
const minAheadRows = 24
/** For a user who turns around, until the next frames have drawn more. */
const behindScreens = 1
const minBehindRows = 12
/** The window moves when so many rows are missing ahead: a frame has few of them to draw. */
const slackRows = 3
/** Around the place where a list opens; a screen that shows more rows has them drawn as it scrolls. */
const openingRows = 70
const maxRows = 260
/** Of a row with one line: no more of them fit into a window. Most rows are as high as the second. */
const minRowHeightPx = 26
const usualRowHeightPx = 44

/** The rows that a list of this height usually shows, and the most that it can show. */
export function rowsInView(heightPx: number): { usual: number; most: number } {
  const rowsOf = (rowPx: number): number => Math.min(openingRows, Math.ceil(heightPx / rowPx))
  return { usual: rowsOf(usualRowHeightPx), most: rowsOf(minRowHeightPx) }
}

export interface Keyed {
  readonly key: string
}

export class VirtualWindow {
  start = 0
  end = 0
  /** The index of the first row that was in view; undefined until one is. */
  #first: number | undefined
  #isGoingDown = false

  get size(): number {
    return this.end - this.start
  }

  /** Moves to the last messages: a chat opens there, and stays there while new messages arrive. */
  moveToEnd(count: number, rows = openingRows): void {
    this.end = count
    this.start = Math.max(0, count - rows)
    this.#first = undefined
  }

  centerAt(index: number, count: number, rows = openingRows / 2): void {
    this.start = Math.max(0, index - rows)
    this.end = Math.min(count, index + rows)
    this.#first = undefined
  }

  /** Adds rows at both ends. */
  grow(rows: number, count: number): void {
    this.start = Math.max(0, this.start - rows)
    this.end = Math.min(count, this.end + rows)
  }

  /** Takes the indexes of the rows in view. Returns true if the window has to move. */
  followViewport(first: number, last: number, count: number): boolean {
    if (first !== this.#first) this.#isGoingDown = first > (this.#first ?? first)
    this.#first = first
    // A screen that shows more rows than the window holds would make it move forever.
    const inView = last - first + 1
    const most = Math.max(0, Math.floor((maxRows - inView) / 2))
    const aheadRows = Math.min(most, Math.max(minAheadRows, aheadScreens * inView))
    const behindRows = Math.min(most, Math.max(minBehindRows, behindScreens * inView))
    const [before, after] = [first - this.start, this.end - 1 - last]
    const [ahead, behind] = this.#isGoingDown ? [after, before] : [before, after]
    const lacksAhead =
      ahead < aheadRows - slackRows && (this.#isGoingDown ? this.end < count : this.start > 0)
    const lacksBehind = behind < behindRows / 2 && (this.#isGoingDown ? this.start > 0 : this.end < count)
    if (!lacksAhead && !lacksBehind) return false
    const reachAhead = lacksAhead ? aheadRows : Math.min(ahead, aheadRows)
    const [reachBefore, reachAfter] = this.#isGoingDown ? [behindRows, reachAhead] : [reachAhead, behindRows]
    const start = Math.max(0, first - reachBefore)
    const end = Math.min(count, last + 1 + reachAfter)
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
      if (this.#first !== undefined) this.#first += found - index
      this.end = Math.min(now.length, this.start + size)
      if (keepEnd || (reachedEnd && now.length - this.start <= maxRows)) this.end = now.length
      if (this.size > maxRows) this.start = keepEnd ? this.end - 2 * openingRows : this.start
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
