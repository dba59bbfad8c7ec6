// The numbers up to which the user has read, of chats or of threads, that the hub has not confirmed yet.
//
// - They only grow, so a repeat is harmless. Each is cached: what was read without the hub is read after a reload too.
// - A number is sent until the hub has confirmed it or has refused it for good. After a failure it is sent again with the next
//   `state`, or a moment later if the connection is live: the request may have gone by HTTP, before the connection was.
import { Timer } from '../connection/timer.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'

export interface ReadMarksOptions {
  /** Begins the keys in the cache. */
  prefix: string
  clock: Clock
  isLive: () => boolean
  cache: Pick<Cache, 'put'>
  content: Pick<CacheContent, 'meta'>
  send: (id: string, no: number) => Promise<unknown>
}

const retryDelayMs = 2_000

export class ReadMarks {
  readonly #options: ReadMarksOptions
  readonly #numbers = new Map<string, number>()
  readonly #sending = new Set<string>()
  readonly #retryTimer: Timer

  constructor(options: ReadMarksOptions) {
    const { clock, content, prefix } = options
    this.#options = options
    this.#retryTimer = new Timer(clock)
    for (const [key, no] of content.meta) {
      if (key.startsWith(prefix) && typeof no === 'number') this.#numbers.set(key.slice(prefix.length), no)
    }
  }

  get(id: string): number | undefined {
    return this.#numbers.get(id)
  }

  set(id: string, no: number): void {
    this.#keep(id, no)
    void this.#send(id)
  }

  drop(id: string): void {
    if (this.#numbers.has(id)) this.#keep(id, undefined)
  }

  /** The connection is live. */
  sendAll(): void {
    this.#retryTimer.clear()
    for (const id of [...this.#numbers.keys()]) void this.#send(id)
  }

  close(): void {
    this.#retryTimer.clear()
  }

  #keep(id: string, no: number | undefined): void {
    if (no === undefined) this.#numbers.delete(id)
    else this.#numbers.set(id, no)
    this.#options.cache.put('meta', `${this.#options.prefix}${id}`, no)
  }

  async #send(id: string): Promise<void> {
    if (this.#sending.has(id)) return
    this.#sending.add(id)
    try {
      for (let no = this.get(id); no !== undefined; no = this.get(id)) {
        await this.#options.send(id, no)
        if (this.get(id) === no) this.drop(id)
      }
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (error.code === 'not_found' || error.code === 'invalid') this.drop(id)
      else this.#retryLater(error.retryAfter)
    } finally {
      this.#sending.delete(id)
    }
  }

  #retryLater(seconds: number | undefined): void {
    if (!this.#options.isLive()) return
    this.#retryTimer.setIfUnset(seconds === undefined ? retryDelayMs : seconds * 1000, () => {
      if (this.#options.isLive()) this.sendAll()
    })
  }
}
