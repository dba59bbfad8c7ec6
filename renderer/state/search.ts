// The query and the results of the search. They outlive the panel, so a user who returns from a result finds the list
// again. Only the response to the latest query counts.
//
// - What this device keeps is searched at once, while the user types. The response of the hub then takes its place.
// - Without the hub the kept results stay, and the panel says so.
import type { Input, Output } from '../../shared/contract.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { KeptSearch } from './kept-search.ts'
import { isEmptyQuery, type SearchQuery } from './search-query.ts'
import type { Store } from './store.ts'
import { withZone } from './with-zone.ts'
import { batch, signal, type ReadonlySignal } from '../signals/signal.ts'

export type SearchStatus = 'idle' | 'searching' | 'done' | 'offline' | 'refused'

export interface SearchOptions {
  request: Request
  clock: Clock
  cache: Pick<Cache, 'put'>
  content: CacheContent
  kept: Pick<KeptSearch, 'find'>
}

const typingPauseMs = 180
const maxRecentQueries = 8

export class Search implements Store {
  readonly #request: Request
  readonly #cache: Pick<Cache, 'put'>
  readonly #kept: Pick<KeptSearch, 'find'>
  readonly #typingTimer: Timer
  readonly #query = signal<SearchQuery>({ text: '', chips: [] })
  readonly #hits = signal<readonly Hit[]>([])
  readonly #status = signal<SearchStatus>('idle')
  readonly #searchedText = signal('')
  readonly #nextCursor = signal<string | undefined>(undefined)
  readonly #isIndexing = signal(false)
  readonly #loadingMore = signal(false)
  readonly #recent = signal<readonly SearchQuery[]>([])
  #runCount = 0
  /** The query that the hits belong to. */
  #hitsQuery: SearchQuery | undefined

  readonly query: ReadonlySignal<SearchQuery> = this.#query
  readonly hits: ReadonlySignal<readonly Hit[]> = this.#hits
  readonly status: ReadonlySignal<SearchStatus> = this.#status
  /** The hub's message about a query it refused. */
  readonly searchedText: ReadonlySignal<string> = this.#searchedText
  /** There are more results; `loadMore` fetches them. */
  readonly nextCursor: ReadonlySignal<string | undefined> = this.#nextCursor
  readonly isIndexing: ReadonlySignal<boolean> = this.#isIndexing
  readonly loadingMore: ReadonlySignal<boolean> = this.#loadingMore
  /** Queries that led to a result, the latest first. */
  readonly recent: ReadonlySignal<readonly SearchQuery[]> = this.#recent

  constructor(options: SearchOptions) {
    this.#request = options.request
    this.#kept = options.kept
    this.#cache = options.cache
    this.#typingTimer = new Timer(options.clock)
    const cached = options.content.meta.get('searches')
    if (Array.isArray(cached)) this.#recent.value = cached as SearchQuery[]
  }

  /** False while the hits are those of an earlier query. */
  get areHitsCurrent(): boolean {
    return this.#hitsQuery === this.#query.peek()
  }

  /** The user types: the hub is queried after a pause. */
  run(query: SearchQuery): void {
    batch(() => {
      this.#query.value = query
      this.#runCount += 1
      if (isEmptyQuery(query)) {
        this.#typingTimer.clear()
        this.#clear('idle')
      } else {
        this.#typingTimer.set(typingPauseMs, () => void this.#search())
        this.#showKept(query, 'searching')
      }
    })
  }

  /** Shows what this device keeps. Without any such message the hits of the last query stay until the hub has responded. */
  #showKept(query: SearchQuery, status: SearchStatus): boolean {
    const hits = this.#kept.find(query)
    if (!hits || hits.length === 0) return false
    batch(() => {
      this.#clear(status)
      this.#hits.value = hits
    })
    this.#hitsQuery = query
    return true
  }

  /** A filter is being written: shown, and not sent yet. */
  runSoon(query: SearchQuery): void {
    this.#typingTimer.clear()
    this.#query.value = query
  }

  /** Searches now, or once more after the hub was unreachable. Resolves after the response. */
  async runNow(): Promise<void> {
    this.#typingTimer.clear()
    if (!isEmptyQuery(this.#query.peek())) await this.#search()
  }

  /** Returns false if the hub did not respond. */
  async loadMore(): Promise<boolean> {
    const before = this.#nextCursor.peek()
    if (before === undefined || this.#loadingMore.peek()) return true
    const turn = this.#runCount
    this.#loadingMore.value = true
    try {
      const query = toRequestInput(this.#query.peek())
      // The cursor works together with `before:`, since that filter is part of the text.
      const { hits, next } = await this.#ask({ ...query, before })
      if (turn !== this.#runCount) return true
      batch(() => {
        const known = new Set(this.#hits.peek().map(({ message }) => message.id))
        this.#hits.value = [...this.#hits.peek(), ...hits.filter(({ message }) => !known.has(message.id))]
        this.#nextCursor.value = next
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
      return false
    } finally {
      this.#loadingMore.value = false
    }
    return true
  }

  /** The query led to a result: it is offered again. */
  rememberQuery(): void {
    const query = this.#query.peek()
    if (isEmptyQuery(query)) return
    const key = JSON.stringify(query)
    const others = this.#recent.peek().filter((one) => JSON.stringify(one) !== key)
    this.#setRecent([query, ...others].slice(0, maxRecentQueries))
  }

  clearRecent(): void {
    this.#setRecent([])
  }

  close(): void {
    this.#typingTimer.clear()
  }

  #setRecent(recent: readonly SearchQuery[]): void {
    this.#recent.value = recent
    this.#cache.put('meta', 'searches', recent)
  }

  async #search(): Promise<void> {
    this.#runCount += 1
    const turn = this.#runCount
    const query = this.#query.peek()
    this.#status.value = 'searching'
    try {
      const input = toRequestInput(query)
      const { hits, next, building } = await this.#ask({ ...input, key: 'search' })
      if (turn !== this.#runCount) return
      this.#hitsQuery = query
      batch(() => {
        this.#hits.value = hits
        this.#nextCursor.value = next
        this.#isIndexing.value = building ?? false
        this.#status.value = 'done'
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (turn !== this.#runCount || error.code === 'conflict') return
      if (error.code === 'offline' && this.#showKept(this.#query.peek(), 'offline')) return
      batch(() => {
        this.#clear(error.code === 'offline' ? 'offline' : 'refused')
        this.#searchedText.value = error.message
      })
    }
  }

  #ask(input: Input<'search.messages'>): Promise<Output<'search.messages'>> {
    return withZone((zone) => this.#request('search.messages', { ...input, zone }))
  }

  #clear(status: SearchStatus): void {
    this.#hits.value = []
    this.#nextCursor.value = undefined
    this.#isIndexing.value = false
    this.#status.value = status
  }
}

/** `before:` and `after:` are part of the text, so that the input member `before` stays free for the cursor. */
function toRequestInput({ text, chips }: SearchQuery): Input<'search.messages'> {
  const input: Input<'search.messages'> = {}
  const words = [text.trim()]
  for (const chip of chips) {
    if (chip.kind === 'in') input.chatId = chip.chatId
    else if (chip.kind === 'from') input.from = chip.userId
    else if (chip.kind === 'has') input.has = chip.has
    else if (chip.kind === 'is') words.push(chip.is === 'mentions' ? 'mentions:me' : `is:${chip.is}`)
    else words.push(`${chip.kind}:${chip.at}`)
  }
  const q = words.filter(Boolean).join(' ')
  return q === '' ? input : { ...input, q }
}
