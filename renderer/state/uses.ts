// How often and how lately the user chose something in the switcher, for the order of its results. Kept on this device.
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { Store } from './store.ts'

interface Use {
  score: number
  /** When it had this score, in milliseconds since 1970. It halves with each `halfLifeMs` since then. */
  at: number
}

const halfLifeMs = 7 * 24 * 60 * 60_000
const maxKept = 200

export class Uses implements Store {
  readonly #cache: Pick<Cache, 'put'>
  readonly #now: () => number
  #uses: Map<string, Use>

  constructor(options: { cache: Pick<Cache, 'put'>; content: CacheContent; now?: () => number }) {
    this.#cache = options.cache
    this.#now = options.now ?? Date.now
    const cached = options.content.meta.get('uses')
    this.#uses = new Map(Array.isArray(cached) ? (cached as [string, Use][]) : [])
  }

  /** 1 for a use just now, more for several, and less the longer ago they were. */
  scoreOf(id: string): number {
    const use = this.#uses.get(id)
    return use ? use.score * 2 ** (Math.min(0, use.at - this.#now()) / halfLifeMs) : 0
  }

  onChatLeft(chatId: string): void {
    this.#uses.delete(chatId)
  }

  record(id: string): void {
    this.#uses.set(id, { score: this.scoreOf(id) + 1, at: this.#now() })
    if (this.#uses.size > maxKept) {
      const byScore = [...this.#uses].sort(([a], [b]) => this.scoreOf(b) - this.scoreOf(a))
      this.#uses = new Map(byScore.slice(0, maxKept))
    }
    this.#cache.put('meta', 'uses', [...this.#uses])
  }
}
