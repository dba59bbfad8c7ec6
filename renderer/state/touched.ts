import type { Entry } from '../../shared/contract/entries.ts'
import { SignalMap } from './signal-map.ts'
import { signal } from './signal.ts'

/**
 * How often the files and links of a chat may have become others since the page was opened. The hub makes these lists; whoever
 * shows one reads this, and asks again when it is another number.
 */
export class Touched {
  readonly #counts = new SignalMap<number>()
  readonly #wakes = signal(0)

  /** Watched. */
  times(chatId: string): number {
    return this.#wakes.value + (this.#counts.get(chatId) ?? 0)
  }

  apply(chatId: string, entry: Entry): void {
    if (!('message' in entry)) return
    const { message } = entry
    const bringsNothing =
      entry.type === 'message.sent' &&
      'text' in message &&
      message.attachments.length === 0 &&
      !message.text.includes('://')
    const isOfOthers = /^(reaction|pin)\./.test(entry.type)
    if (!bringsNothing && !isOfOthers) this.changed(chatId)
  }

  changed(chatId: string): void {
    this.#counts.set(chatId, (this.#counts.peek(chatId) ?? 0) + 1)
  }

  /** The link is live: what is shown may have changed meanwhile. */
  wake(): void {
    this.#wakes.value = this.#wakes.peek() + 1
  }
}
