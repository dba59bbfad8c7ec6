import { HubError } from '../../../shared/errors.ts'

/** Waits for another computer, until the hub closes: then every wait ends with an error. */
export class LimitedWait {
  #isOver = false
  #stop: (() => void) | undefined

  /** Settles as `promise` does. @throws HubError `busy` once the waiting is over */
  async until(promise: Promise<void>): Promise<void> {
    const over = new Promise<never>((_, reject) => {
      this.#stop = () =>
        reject(new HubError('busy', 'The hub is closing. Try again shortly.', { retryAfter: 2 }))
    })
    if (this.#isOver) this.#stop?.()
    try {
      await Promise.race([promise, over])
    } finally {
      this.#stop = undefined
    }
  }

  end(): void {
    this.#isOver = true
    this.#stop?.()
  }
}
