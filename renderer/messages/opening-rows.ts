import { afterPaint } from '../ui/after-paint.ts'
import { rowsInView, type VirtualWindow } from './virtual-window.ts'

/** While a list opens, only the rows that can be in view are drawn: a user who opens a chat waits for fewer. */
export class OpeningRows {
  readonly #onEnd: () => void
  #isOpening = false
  #isFilled = false

  /** `onEnd` is called after the first paint: the rows around them follow. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  get isOpening(): boolean {
    return this.#isOpening
  }

  /** Undefined: those around them too. The height of the list itself would need a layout. */
  get count(): number | undefined {
    return this.#isOpening ? rowsInView(innerHeight).usual : undefined
  }

  /** Adds the rows that are missing if those drawn do not fill the list, as many short messages do not. Returns whether it did. */
  fill(list: VirtualWindow, { first, last }: { first: number; last: number }, count: number): boolean {
    const isFilled = (first > 0 || list.start === 0) && (last < list.size - 1 || list.end === count)
    if (isFilled || this.#isFilled) return false
    this.#isFilled = true
    const { usual, most } = rowsInView(innerHeight)
    list.grow(most - usual, count)
    return true
  }

  begin(): void {
    this.#isOpening = true
    this.#isFilled = false
    afterPaint(() => {
      this.#isOpening = false
      this.#onEnd()
    })
  }
}
