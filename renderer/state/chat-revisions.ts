import type { Entry } from '../../shared/contract/entries.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { signal } from '../signals/signal.ts'

/**
 * How often the files and links of a chat may have become others since the page was opened. The hub makes these lists; whoever
 * shows one reads this, and asks again when it is another number.
 */
export class ChatRevisions {
  readonly #counts = new SignalMap<number>()
  readonly #stateCount = signal(0)

  /** Watched. */
  revisionOf(chatId: string): number {
    return this.#stateCount.value + (this.#counts.get(chatId) ?? 0)
  }

  applyEntry(chatId: string, entry: Entry): void {
    if (!('message' in entry)) return
    const { message } = entry
    const bringsNothing =
      entry.type === 'message.sent' &&
      'text' in message &&
      message.attachments.length === 0 &&
      !message.text.includes('://')
    const isOfOthers = /^(reaction|pin)\./.test(entry.type)
    if (!bringsNothing && !isOfOthers) this.increment(chatId)
  }

  increment(chatId: string): void {
    this.#counts.set(chatId, (this.#counts.peek(chatId) ?? 0) + 1)
  }

  /** The link is live: what is shown may have changed meanwhile. */
  onState(): void {
    this.#stateCount.value = this.#stateCount.peek() + 1
  }
}
