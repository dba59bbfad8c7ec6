import { signal, type ReadonlySignal } from '../signals/signal.ts'
import type { Clock } from './platform.ts'
import { type Answer, offlineError } from './request.ts'
import { Timer } from './timer.ts'

/** The hub counts as slow once a request has waited for this long. */
const slowAfterMs = 8_000

interface PendingRequest {
  since: number
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
}

/** The requests of one socket that have no response yet. */
export class PendingRequests {
  readonly #clock: Clock
  /** The oldest first. */
  readonly #requests = new Map<number, PendingRequest>()
  readonly #timer: Timer
  readonly #isSlow = signal(false)
  #nextId = 1

  /** A request waits for long: the hub may be suspended or overloaded, and the socket is open. */
  readonly isSlow: ReadonlySignal<boolean> = this.#isSlow

  constructor(clock: Clock) {
    this.#clock = clock
    this.#timer = new Timer(clock)
  }

  /** `send` gets the id of the request. */
  add(send: (id: number) => void): Promise<Answer> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { since: this.#clock.now(), resolve, reject })
      this.#timer.setIfUnset(slowAfterMs, () => this.#update())
      send(id)
    })
  }

  /** Returns the request that a response is for, which is then not pending any more. */
  take(id: number | string): PendingRequest | undefined {
    const request = this.#requests.get(Number(id))
    this.#requests.delete(Number(id))
    if (this.#isSlow.peek() || this.#requests.size === 0) this.#update()
    return request
  }

  rejectAll(): void {
    const unanswered = [...this.#requests.values()]
    this.#requests.clear()
    this.#update()
    for (const { reject } of unanswered) reject(offlineError())
  }

  #update(): void {
    const [oldest] = this.#requests.values()
    const leftMs = oldest && Math.min(slowAfterMs, oldest.since + slowAfterMs - this.#clock.now())
    this.#isSlow.value = leftMs !== undefined && leftMs <= 0
    if (leftMs !== undefined && leftMs > 0) this.#timer.set(leftMs, () => this.#update())
    else this.#timer.clear()
  }
}
