import type { Entry, EntryOf } from '../../shared/contract/entries.ts'
import { chatIdOf, type Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { signal } from '../signals/signal.ts'

/**
 * Counts for each chat how often its lists of files and links may have changed since the page was opened. The hub makes
 * these lists. An element that shows one watches this number, and fetches the list again when it changes.
 */
export class ChatRevisions implements Store {
  readonly #counts = new SignalMap<number>()
  readonly #stateCount = signal(0)

  /** Watched. */
  revisionOf(chatId: string): number {
    return this.#stateCount.value + (this.#counts.get(chatId) ?? 0)
  }

  applyEntry(entry: Entry): void {
    switch (entry.type) {
      case 'message.sent':
        if (hasFileOrLink(entry.message)) this.#increment(chatIdOf(entry.stream))
        return
      case 'message.edited':
      case 'message.deleted':
      case 'message.undeleted':
      case 'attachment.updated':
      case 'thread.updated':
        return this.#increment(chatIdOf(entry.stream))
      case 'message.hidden':
      case 'message.unhidden':
        return this.#increment(entry.chatId)
      default:
    }
  }

  /** Any list may have changed while the connection was lost. */
  onState(): void {
    this.#stateCount.value = this.#stateCount.peek() + 1
  }

  #increment(chatId: string | undefined): void {
    if (chatId !== undefined) this.#counts.set(chatId, (this.#counts.peek(chatId) ?? 0) + 1)
  }
}

/** True also for a message that was deleted or hidden meanwhile: it may be in a list that is shown. */
function hasFileOrLink(message: EntryOf<'message.sent'>['message']): boolean {
  return !('text' in message) || message.attachments.length > 0 || message.text.includes('://')
}
