import { respondTo, type FulfilledResponse, type PausedRequest } from './protocol.ts'

/** The responses that a page waits for. When it is gone, they are cancelled. */
export class PendingResponses {
  readonly #pending = new Set<AbortController>()

  async respondTo(paused: PausedRequest): Promise<FulfilledResponse | undefined> {
    const isGone = new AbortController()
    this.#pending.add(isGone)
    try {
      return await respondTo(paused, isGone.signal)
    } finally {
      this.#pending.delete(isGone)
    }
  }

  cancelAll(): void {
    for (const isGone of this.#pending) isGone.abort()
    this.#pending.clear()
  }
}
