import { afterPaint } from '../ui/after-paint.ts'
import { rowsInView } from './virtual-window.ts'

/** While a list opens, only the rows that can be in view are drawn: a user who opens a chat waits for fewer. */
export class OpeningRows {
  readonly #onEnd: () => void
  #isOpening = false

  /** `onEnd` is called after the first paint: the rows around them follow. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
  }

  get isOpening(): boolean {
    return this.#isOpening
  }

  /** Undefined: those around them too. The height of the list itself would need a layout. */
  get count(): number | undefined {
    return this.#isOpening ? rowsInView(innerHeight) : undefined
  }

  begin(): void {
    this.#isOpening = true
    afterPaint(() => {
      this.#isOpening = false
      this.#onEnd()
    })
  }
}
