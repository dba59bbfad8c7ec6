// What is looked for, and what was found. It outlives the panel that shows it: whoever comes back from a hit finds the
// list as it was. Only the answer to the latest question counts.
import type { Input } from '../../shared/contract.ts'
import type { HasFilter, Hit } from '../../shared/contract/search.ts'
import { Alarm } from '../link/alarm.ts'
import { isRequestError, type Request } from '../link/request.ts'
import type { Clock } from '../link/surroundings.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { batch, signal, type ReadonlySignal } from './signal.ts'

/** Something that narrows a search, apart from its words. */
export type Chip =
  | { kind: 'in'; chatId: string }
  | { kind: 'from'; userId: string }
  | { kind: 'has'; has: HasFilter }
  /** `typed` is what it is called; `at` the moment it stands for. */
  | { kind: 'before' | 'after'; typed: string; at: number }

export interface Asked {
  text: string
  chips: readonly Chip[]
}

export type SearchStatus = 'idle' | 'searching' | 'done' | 'offline' | 'refused'

const typingRests = 180
const remembered = 8

export class Search {
  readonly #request: Request
  readonly #cache: Pick<Cache, 'put'>
  readonly #soon: Alarm
  readonly #asked = signal<Asked>({ text: '', chips: [] })
  readonly #hits = signal<readonly Hit[]>([])
  readonly #status = signal<SearchStatus>('idle')
  readonly #words = signal('')
  readonly #next = signal<string | undefined>(undefined)
  readonly #building = signal(false)
  readonly #loadingMore = signal(false)
  readonly #recent = signal<readonly Asked[]>([])
  #turn = 0

  readonly asked: ReadonlySignal<Asked> = this.#asked
  readonly hits: ReadonlySignal<readonly Hit[]> = this.#hits
  readonly status: ReadonlySignal<SearchStatus> = this.#status
  /** What the hub says to a question it does not take. */
  readonly words: ReadonlySignal<string> = this.#words
  /** There is more; `loadMore` gets it. */
  readonly next: ReadonlySignal<string | undefined> = this.#next
  readonly building: ReadonlySignal<boolean> = this.#building
  readonly loadingMore: ReadonlySignal<boolean> = this.#loadingMore
  /** What led somewhere before, the latest first. */
  readonly recent: ReadonlySignal<readonly Asked[]> = this.#recent

  constructor(options: { request: Request; clock: Clock; cache: Pick<Cache, 'put'>; content: CacheContent }) {
    this.#request = options.request
    this.#cache = options.cache
    this.#soon = new Alarm(options.clock)
    const kept = options.content.meta.get('searches')
    if (Array.isArray(kept)) this.#recent.value = kept as Asked[]
  }

  /** Is typed: the hub is asked when the typing rests. */
  ask(asked: Asked): void {
    batch(() => {
      this.#asked.value = asked
      this.#turn += 1
      if (isEmpty(asked)) {
        this.#soon.clear()
        this.#clear('idle')
      } else this.#soon.set(typingRests, () => void this.#run())
    })
  }

  /** A filter is being written: shown, and not asked for. */
  type(asked: Asked): void {
    this.#soon.clear()
    this.#asked.value = asked
  }

  /** Now, or once more after the hub was away. */
  askNow(): void {
    this.#soon.clear()
    if (!isEmpty(this.#asked.peek())) void this.#run()
  }

  async loadMore(): Promise<void> {
    const before = this.#next.peek()
    if (before === undefined || this.#loadingMore.peek()) return
    const turn = this.#turn
    this.#loadingMore.value = true
    try {
      const asked = inputOf(this.#asked.peek())
      // a place is before a day too, as long as one of the two is kept in the words
      const { hits, next } = await this.#request('search.messages', { ...asked, before })
      if (turn !== this.#turn) return
      batch(() => {
        const known = new Set(this.#hits.peek().map(({ message }) => message.id))
        this.#hits.value = [...this.#hits.peek(), ...hits.filter(({ message }) => !known.has(message.id))]
        this.#next.value = next
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
    } finally {
      this.#loadingMore.value = false
    }
  }

  /** It led somewhere: worth offering again. */
  keep(): void {
    const asked = this.#asked.peek()
    if (isEmpty(asked)) return
    const key = JSON.stringify(asked)
    const others = this.#recent.peek().filter((one) => JSON.stringify(one) !== key)
    this.#remember([asked, ...others].slice(0, remembered))
  }

  forgetRecent(): void {
    this.#remember([])
  }

  close(): void {
    this.#soon.clear()
  }

  #remember(recent: readonly Asked[]): void {
    this.#recent.value = recent
    this.#cache.put('meta', 'searches', recent)
  }

  async #run(): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    this.#status.value = 'searching'
    try {
      const input = inputOf(this.#asked.peek())
      const { hits, next, building } = await this.#request('search.messages', { ...input, key: 'search' })
      if (turn !== this.#turn) return
      batch(() => {
        this.#hits.value = hits
        this.#next.value = next
        this.#building.value = building ?? false
        this.#status.value = 'done'
      })
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (turn !== this.#turn || error.code === 'conflict') return
      batch(() => {
        this.#clear(error.code === 'offline' ? 'offline' : 'refused')
        this.#words.value = error.message
      })
    }
  }

  #clear(status: SearchStatus): void {
    this.#hits.value = []
    this.#next.value = undefined
    this.#building.value = false
    this.#status.value = status
  }
}

export function isEmpty({ text, chips }: Asked): boolean {
  return text.trim() === '' && chips.every(({ kind }) => kind === 'in')
}

/** Days go into the words, so that a page can be asked for with `before`. */
function inputOf({ text, chips }: Asked): Input<'search.messages'> {
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
