// The pins of the chats whose list was shown. An entry only says that something changed; the list is then fetched again.
// It is short, and this way needs no rules of its own.
import type { Entry } from '../../shared/contract/entries.ts'
import type { Pin } from '../../shared/contract/pins.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { chatIdOf, type Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'

export class Pins implements Store {
  readonly #request: Request
  readonly #lists = new SignalMap<readonly Pin[]>()
  /** Chats whose list is being fetched, and whether to fetch it once more after that. */
  readonly #loading = new Map<string, boolean>()

  constructor(request: Request) {
    this.#request = request
  }

  /** The latest first; undefined until they are loaded. Watched. */
  of(chatId: string): readonly Pin[] | undefined {
    return this.#lists.get(chatId)
  }

  /** @throws RequestError */
  async load(chatId: string): Promise<void> {
    if (this.#loading.has(chatId)) {
      this.#loading.set(chatId, true)
      return
    }
    try {
      do {
        this.#loading.set(chatId, false)
        this.#lists.set(chatId, (await this.#request('pins.list', { chatId })).pins)
      } while (this.#loading.get(chatId) === true)
    } finally {
      this.#loading.delete(chatId)
    }
  }

  /** @throws RequestError */
  async toggle(messageId: string, pinned: boolean): Promise<void> {
    await this.#request(pinned ? 'pins.add' : 'pins.remove', { messageId })
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'message.hidden' || entry.type === 'message.unhidden') this.#reload(entry.chatId)
    const chatId = chatIdOf(entry.stream)
    if (chatId === undefined || !('message' in entry) || entry.type === 'message.sent') return
    const isHeld = this.#lists.peek(chatId)?.some(({ message }) => message.id === entry.message.id)
    if (isHeld || entry.type === 'pin.added' || entry.type === 'message.undeleted') this.#reload(chatId)
  }

  /** Every list that was shown may have changed while the connection was lost. */
  onState(): void {
    for (const chatId of this.#lists.keys()) this.#reload(chatId)
  }

  onChatLeft(chatId: string): void {
    this.#lists.delete(chatId)
  }

  #reload(chatId: string): void {
    if (!this.#lists.peek(chatId) && !this.#loading.has(chatId)) return
    this.load(chatId).catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      // The next panel that shows the list loads it.
      this.#lists.delete(chatId)
    })
  }
}
