import type { Cache, CacheContent } from '../sync/cache.ts'
import { SignalMap } from '../signals/signal-map.ts'

/** The texts in the composers, cached within a second. They survive reloads and logouts. */
export class Drafts {
  readonly #cache: Pick<Cache, 'put'>
  readonly #texts = new SignalMap<string>()

  constructor(cache: Pick<Cache, 'put'>, content: CacheContent['drafts']) {
    this.#cache = cache
    this.#texts.replace(content as ReadonlyMap<string, string>)
  }

  /** '' if there is none. Watched. */
  get(chatId: string): string {
    return this.#texts.get(chatId) ?? ''
  }

  set(chatId: string, text: string): void {
    if (text === '') this.#texts.delete(chatId)
    else this.#texts.set(chatId, text)
    this.#cache.put('drafts', chatId, text === '' ? undefined : text)
  }
}
