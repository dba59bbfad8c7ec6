// Names that are being typed, on a large hub: the page shows the users it knows at once, and the hub adds others. A user
// who became known after a query was typed comes behind those who were found at once, so that no list changes its order.
import type { User } from '../../shared/contract/users.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { Timer } from '../connection/timer.ts'
import { signal, untracked, type Signal } from '../signals/signal.ts'

export interface UserSearchOptions {
  request: Request
  clock: Clock
  /** False while the hub is away, and if all users are loaded. */
  mayAsk: () => boolean
  onFound: (users: readonly User[]) => void
}

interface AskedQuery {
  readonly query: string
  /** Ids of users who became known after the query was typed, in that order. */
  readonly late: Signal<readonly string[]>
  readonly isPending: Signal<boolean>
  readonly answered: Promise<void>
  readonly resolve: () => void
  isSent: boolean
}

/** The user is typing on. */
const delayMs = 150
const limit = 30
/** Those of all fields that are typed into, and of the last letters. */
const maxQueries = 6
const maxQueryLength = 100

export class UserSearch {
  readonly #options: UserSearchOptions
  readonly #timer: Timer
  #queries: AskedQuery[] = []
  #next: AskedQuery | undefined
  #pendingCount = 0

  constructor(options: UserSearchOptions) {
    this.#options = options
    this.#timer = new Timer(options.clock)
  }

  /** True while a response is awaited. */
  get isAsking(): boolean {
    return this.#pendingCount > 0
  }

  /** Asks the hub soon, once for each query. Watched. */
  lateOf(query: string): readonly string[] {
    return this.#require(query)?.late.value ?? []
  }

  /** Watched. */
  isPending(query: string): boolean {
    return this.#find(query)?.isPending.value ?? false
  }

  /**
   * Resolves when the hub has answered, at once if it is not going to, and never for a query that others have replaced.
   * Returns what `lateOf` does then.
   */
  async whenAnswered(query: string): Promise<readonly string[]> {
    const asked = untracked(() => this.#require(query))
    if (asked?.isPending.peek()) await asked.answered
    return asked?.late.peek() ?? []
  }

  /** These users are known from now on. */
  onAdded(ids: readonly string[]): void {
    if (ids.length > 0) for (const { late } of this.#queries) late.value = [...late.peek(), ...ids]
  }

  close(): void {
    this.#timer.clear()
  }

  #find(query: string): AskedQuery | undefined {
    return this.#queries.find((asked) => asked.query === keyOf(query))
  }

  #require(query: string): AskedQuery | undefined {
    const key = keyOf(query)
    if (key === '' || !this.#options.mayAsk()) return this.#find(query)
    let asked = this.#find(query)
    if (!asked) {
      asked = createAsked(key)
      this.#queries = [...this.#queries.slice(1 - maxQueries), asked]
    }
    if (!asked.isSent && this.#next !== asked) {
      this.#next = asked
      this.#timer.set(delayMs, () => this.#next && void this.#ask(this.#next))
    }
    return asked
  }

  async #ask(asked: AskedQuery): Promise<void> {
    this.#next = undefined
    asked.isSent = true
    this.#pendingCount += 1
    try {
      const { users } = await this.#options.request('users.search', { query: asked.query, limit })
      this.#options.onFound(users)
    } catch (error) {
      if (!isRequestError(error)) throw error
      // asked again when it is next drawn with the hub there
      if (error.code === 'offline') this.#queries = this.#queries.filter((one) => one !== asked)
    } finally {
      this.#pendingCount -= 1
      settle(asked)
    }
  }
}

function keyOf(query: string): string {
  return [...query.trim()].slice(0, maxQueryLength).join('')
}

function createAsked(query: string): AskedQuery {
  let resolve = (): void => undefined
  const answered = new Promise<void>((done) => (resolve = done))
  return {
    query,
    late: signal<readonly string[]>([]),
    isPending: signal(true),
    answered,
    resolve,
    isSent: false,
  }
}

function settle({ isPending, resolve }: AskedQuery): void {
  isPending.value = false
  resolve()
}
