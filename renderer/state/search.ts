// What is looked for, and what was found. It outlives the panel that shows it: whoever comes back from a hit finds the
// list as it was. Only the answer to the latest question counts.
import type { Input } from '../../shared/contract.ts'
import type { HasFilter, Hit } from '../../shared/contract/search.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { batch, signal, type ReadonlySignal } from '../signals/signal.ts'

/** Something that narrows a search, apart from its words. */
export type SearchChip =
  | { kind: 'in'; chatId: string }
  | { kind: 'from'; userId: string }
  | { kind: 'has'; has: HasFilter }
  /** `typed` is what it is called; `at` the moment it stands for. */
  | { kind: 'before' | 'after'; typed: string; at: number }

export interface SearchQuery {
  text: string
  chips: readonly SearchChip[]
}

export type SearchStatus = 'idle' | 'searching' | 'done' | 'offline' | 'refused'

const typingPauseMs = 180
const maxRecentQueries = 8

export class Search {
  readonly #request: Request
  readonly #cache: Pick<Cache, 'put'>
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

  readonly query: ReadonlySignal<SearchQuery> = this.#query
  readonly hits: ReadonlySignal<readonly Hit[]> = this.#hits
  readonly status: ReadonlySignal<SearchStatus> = this.#status
  /** What the hub says to a question it does not take. */
  readonly searchedText: ReadonlySignal<string> = this.#searchedText
  /** There is more; `loadMore` gets it. */
  readonly nextCursor: ReadonlySignal<string | undefined> = this.#nextCursor
  readonly isIndexing: ReadonlySignal<boolean> = this.#isIndexing
  readonly loadingMore: ReadonlySignal<boolean> = this.#loadingMore
  /** What led somewhere before, the latest first. */
  readonly recent: ReadonlySignal<readonly SearchQuery[]> = this.#recent

  constructor(options: { request: Request; clock: Clock; cache: Pick<Cache, 'put'>; content: CacheContent }) {
    this.#request = options.request
    this.#cache = options.cache
    this.#typingTimer = new Timer(options.clock)
    const kept = options.content.meta.get('searches')
    if (Array.isArray(kept)) this.#recent.value = kept as SearchQuery[]
  }

  /** Is typed: the hub is asked when the typing rests. */
  run(query: SearchQuery): void {
    batch(() => {
      this.#query.value = query
      this.#runCount += 1
      if (isEmptyQuery(query)) {
        this.#typingTimer.clear()
        this.#clear('idle')
      } else this.#typingTimer.set(typingPauseMs, () => void this.#search())
    })
  }

  /** A filter is being written: shown, and not asked for. */
  runSoon(query: SearchQuery): void {
    this.#typingTimer.clear()
    this.#query.value = query
  }

  /** Now, or once more after the hub was away. */
  runNow(): void {
    this.#typingTimer.clear()
    if (!isEmptyQuery(this.#query.peek())) void this.#search()
  }

  async loadMore(): Promise<void> {
    const before = this.#nextCursor.peek()
    if (before === undefined || this.#loadingMore.peek()) return
    const turn = this.#runCount
    this.#loadingMore.value = true
    try {
      const asked = toRequestInput(this.#query.peek())
      // a place is before a day too, as long as one of the two is kept in the words
      const { hits, next } = await this.#request('search.messages', { ...asked, before })
      if (turn !== this.#runCount) return
      batch(() => {
        const known = new Set(this.#hits.peek().map(({ message }) => message.id))
        this.#hits.value = [...this.#hits.peek(), ...hits.filter(({ message }) => !known.has(message.id))]
        this.#nextCursor.value = next
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
    } finally {
      this.#loadingMore.value = false
    }
  }

  /** It led somewhere: worth offering again. */
  rememberQuery(): void {
    const asked = this.#query.peek()
    if (isEmptyQuery(asked)) return
    const key = JSON.stringify(asked)
    const others = this.#recent.peek().filter((one) => JSON.stringify(one) !== key)
    this.#setRecent([asked, ...others].slice(0, maxRecentQueries))
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
    this.#status.value = 'searching'
    try {
      const input = toRequestInput(this.#query.peek())
      const { hits, next, building } = await this.#request('search.messages', { ...input, key: 'search' })
      if (turn !== this.#runCount) return
      batch(() => {
        this.#hits.value = hits
        this.#nextCursor.value = next
        this.#isIndexing.value = building ?? false
        this.#status.value = 'done'
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (turn !== this.#runCount || error.code === 'conflict') return
      batch(() => {
        this.#clear(error.code === 'offline' ? 'offline' : 'refused')
        this.#searchedText.value = error.message
      })
    }
  }

  #clear(status: SearchStatus): void {
    this.#hits.value = []
    this.#nextCursor.value = undefined
    this.#isIndexing.value = false
    this.#status.value = status
  }
}

export function isEmptyQuery({ text, chips }: SearchQuery): boolean {
  return text.trim() === '' && chips.every(({ kind }) => kind === 'in')
}

/** Days go into the words, so that a page can be asked for with `before`. */
function toRequestInput({ text, chips }: SearchQuery): Input<'search.messages'> {
  const input: Input<'search.messages'> = {}
  const words = [text.trim()]
  for (const chip of chips) {
    if (chip.kind === 'in') input.chatId = chip.chatId
    else if (chip.kind === 'from') input.from = chip.userId
    else if (chip.kind === 'has') input.has = chip.has
    else words.push(`${chip.kind}:${chip.at}`)
  }
  const q = words.filter(Boolean).join(' ')
  return q === '' ? input : { ...input, q }
}
