/** Runs tasks one after the other, each to its end. */
export class TaskQueue {
  readonly #onError: (error: unknown) => void
  #tasks: (() => Promise<void>)[] = []
  #isWorking = false
  #isOver = false

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  add(task: () => Promise<void>): void {
    this.#tasks.push(task)
    if (this.#isWorking) return
    this.#isWorking = true
    void this.#work()
  }

  /** What waits is dropped. */
  end(): void {
    this.#isOver = true
  }

  async #work(): Promise<void> {
    for (let task = this.#tasks.shift(); task && !this.#isOver; task = this.#tasks.shift()) {
      try {
        await task()
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#isWorking = false
  }
}
