// What is pinned in the chats whose pins were looked at. An entry tells that something changed, and the list is asked for
// again: it is short, and so it is right without rules of its own.
import type { Entry } from '../../shared/contract/entries.ts'
import type { Pin } from '../../shared/contract/keeping.ts'
import { isRequestError, type Request } from '../link/request.ts'
import { SignalMap } from './signal-map.ts'

export class Pins {
  readonly #request: Request
  readonly #lists = new SignalMap<readonly Pin[]>()
  /** Chats whose list is on its way, and whether once more. */
  readonly #asking = new Map<string, boolean>()

  constructor(request: Request) {
    this.#request = request
  }

  /** The latest first; undefined until they have come. Watched. */
  of(chatId: string): readonly Pin[] | undefined {
    return this.#lists.get(chatId)
  }

  /** Throws RequestError. */
  async load(chatId: string): Promise<void> {
    if (this.#asking.has(chatId)) {
      this.#asking.set(chatId, true)
      return
    }
    try {
      do {
        this.#asking.set(chatId, false)
        this.#lists.set(chatId, (await this.#request('pins.list', { chatId })).pins)
      } while (this.#asking.get(chatId) === true)
    } finally {
      this.#asking.delete(chatId)
    }
  }

  /** Throws RequestError. */
  async toggle(messageId: string, pinned: boolean): Promise<void> {
    await this.#request(pinned ? 'pins.add' : 'pins.remove', { messageId })
  }

  apply(chatId: string, entry: Entry): void {
    if (!('message' in entry) || entry.type === 'message.sent') return
    const isHeld = this.#lists.peek(chatId)?.some(({ message }) => message.id === entry.message.id)
    if (isHeld || entry.type === 'pin.added' || entry.type === 'message.undeleted') this.#again(chatId)
  }

  /** Something went or came back for me alone. */
  changed(chatId: string): void {
    this.#again(chatId)
  }

  /** The link is live: what was looked at may have changed meanwhile. */
  wake(): void {
    for (const chatId of this.#lists.keys()) this.#again(chatId)
  }

  leave(chatId: string): void {
    this.#lists.delete(chatId)
  }

  #again(chatId: string): void {
    if (!this.#lists.peek(chatId) && !this.#asking.has(chatId)) return
    this.load(chatId).catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      // what cannot be asked for now is asked for by whoever looks next
      this.#lists.delete(chatId)
    })
  }
}
