// Asks a large hub for users that the page has met and does not know: many at once, and each once in a connection.
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { Timer } from '../connection/timer.ts'

export interface UserLookupOptions {
  request: Request
  clock: Clock
  /** False while the hub is away, and if all users are loaded. */
  mayAsk: () => boolean
  onFound: (users: readonly User[]) => void
}

/** A list that is being drawn asks for its users one after the other. */
const gatherMs = 20

export class UserLookup {
  readonly #options: UserLookupOptions
  readonly #timer: Timer
  /** Ids, and usernames with an @ before them, that the hub is not asked for yet. */
  readonly #wanted = new Set<string>()
  readonly #asked = new Set<string>()
  #isAsking = false

  constructor(options: UserLookupOptions) {
    this.#options = options
    this.#timer = new Timer(options.clock)
  }

  /** True while a response is awaited. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** @param what an id, or `@` and the key of a username */
  want(what: string): void {
    if (this.#asked.has(what)) return
    this.#asked.add(what)
    this.#wanted.add(what)
    this.#timer.setIfUnset(gatherMs, () => void this.#ask())
  }

  /** The hub did not know these, and may do so now. Returns true if the page has asked for any of them. */
  forget(...some: readonly string[]): boolean {
    return some.map((what) => this.#asked.delete(what)).includes(true)
  }

  /** What was not found is asked for again when it is next drawn. */
  onState(): void {
    for (const what of this.#asked) if (!this.#wanted.has(what)) this.#asked.delete(what)
    void this.#ask()
  }

  /** All users are loaded. */
  clear(): void {
    this.#wanted.clear()
    this.#asked.clear()
  }

  close(): void {
    this.#timer.clear()
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      while (this.#wanted.size > 0 && this.#options.mayAsk()) await this.#askForSome()
    } finally {
      this.#isAsking = false
    }
  }

  async #askForSome(): Promise<void> {
    const some = [...this.#wanted].slice(0, limits.page.users)
    const names = some.filter((what) => what.startsWith('@')).map((what) => what.slice(1))
    const ids = some.filter((what) => !what.startsWith('@'))
    for (const what of some) this.#wanted.delete(what)
    try {
      const input = { ids: ids.join(','), names: names.join(',') }
      this.#options.onFound((await this.#options.request('users.find', input)).users)
    } catch (error) {
      if (!isRequestError(error)) throw error
      for (const what of some) this.#wanted.add(what)
      const { retryAfter } = error
      if (error.code === 'offline') return
      // what the hub refuses for good is asked for by the next connection
      if (retryAfter === undefined) for (const what of some) this.#wanted.delete(what)
      else await new Promise<void>((resolve) => this.#timer.set(retryAfter * 1000, resolve))
    }
  }
}
