// What is pinned in the chats whose pins were looked at. An entry tells that something changed, and the list is asked for
// again: it is short, and so it is right without rules of its own.
import type { Entry } from '../../shared/contract/entries.ts'
import type { Pin } from '../../shared/contract/pins.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { SignalMap } from '../signals/signal-map.ts'

export class Pins {
  readonly #request: Request
  readonly #lists = new SignalMap<readonly Pin[]>()
  /** Chats whose list is on its way, and whether once more. */
  readonly #loading = new Map<string, boolean>()

  constructor(request: Request) {
    this.#request = request
  }

  /** The latest first; undefined until they have come. Watched. */
  of(chatId: string): readonly Pin[] | undefined {
    return this.#lists.get(chatId)
  }

  /** Throws RequestError. */
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

  /** Throws RequestError. */
  async toggle(messageId: string, pinned: boolean): Promise<void> {
    await this.#request(pinned ? 'pins.add' : 'pins.remove', { messageId })
  }

  applyEntry(chatId: string, entry: Entry): void {
    if (!('message' in entry) || entry.type === 'message.sent') return
    const isHeld = this.#lists.peek(chatId)?.some(({ message }) => message.id === entry.message.id)
    if (isHeld || entry.type === 'pin.added' || entry.type === 'message.undeleted') this.#reload(chatId)
  }

  /** Something went or came back for me alone. */
  refresh(chatId: string): void {
    this.#reload(chatId)
  }

  /** The link is live: what was looked at may have changed meanwhile. */
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
      // what cannot be asked for now is asked for by whoever looks next
      this.#lists.delete(chatId)
    })
  }
}
