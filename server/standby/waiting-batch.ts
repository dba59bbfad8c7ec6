import type { RowFrame } from '../continuity/frame.ts'

/** The batch of the writer that waits for the rules: for its grant, or until its frame was dropped. One at a time. */
export class WaitingBatch {
  #frame: RowFrame | undefined
  #granted: PromiseWithResolvers<void> | undefined
  #dropped: (() => void) | undefined

  get frame(): RowFrame | undefined {
    return this.#frame
  }

  /** Resolves when the batch may commit; rejects if it must be rolled back. */
  begin(frame: RowFrame): Promise<void> {
    this.#frame = frame
    this.#granted = Promise.withResolvers<void>()
    return this.#granted.promise
  }

  grant(): void {
    this.#granted?.resolve()
  }

  refuse(error: Error): void {
    this.#granted?.reject(error)
  }

  end(): void {
    this.#frame = undefined
    this.#granted = undefined
  }

  /** Resolves when nobody has the frame any more. */
  waitForDrop(): Promise<void> {
    return new Promise((resolve) => (this.#dropped = resolve))
  }

  dropDone(): void {
    this.end()
    this.finishDrop()
  }

  finishDrop(): void {
    this.#dropped?.()
    this.#dropped = undefined
  }
}
