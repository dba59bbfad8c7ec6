// The user's saved messages of all chats. Their ids are always known; the messages are loaded once a panel shows them.
import type { Entry } from '../../shared/contract/entries.ts'
import type { SavedMessage } from '../../shared/contract/saved.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Store } from './store.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

export type { SavedMessage }

export class Saved implements Store {
  readonly #request: Request
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #list = signal<readonly SavedMessage[] | undefined>(undefined)
  readonly #nextCursor = signal<number | undefined>(undefined)
  /** Of the latest load; the response to an earlier one is dropped. */
  #loadCount = 0

  /** Watched by the rows of messages, for their icon. */
  readonly ids: ReadonlySignal<ReadonlySet<string>> = this.#ids
  /** The latest first; undefined until they are loaded. */
  readonly list: ReadonlySignal<readonly SavedMessage[] | undefined> = this.#list
  /** Of the next page. */
  readonly nextCursor: ReadonlySignal<number | undefined> = this.#nextCursor

  constructor(request: Request) {
    this.#request = request
  }

  /** This and the following @throws RequestError */
  async toggle(messageId: string, saved: boolean): Promise<void> {
    await this.#request(saved ? 'saved.add' : 'saved.remove', { messageId })
  }

  async load(): Promise<void> {
    const load = ++this.#loadCount
    const { saved, next } = await this.#request('saved.list', {})
    if (load !== this.#loadCount) return
    this.#list.value = saved
    this.#nextCursor.value = next
  }

  async loadMore(): Promise<void> {
    const before = this.#nextCursor.peek()
    if (before === undefined) return
    const load = ++this.#loadCount
    const { saved, next } = await this.#request('saved.list', { before })
    if (load !== this.#loadCount) return
    this.#list.value = [...(this.#list.peek() ?? []), ...saved]
    this.#nextCursor.value = next
  }

  onState(): void {
    this.#ignoreFailure(this.#loadIds())
    this.#reload()
  }

  applyEntry(entry: Entry): void {
    switch (entry.type) {
      case 'saved.added':
        this.#ids.value = new Set(this.#ids.peek()).add(entry.messageId)
        return this.#reload()
      case 'saved.removed':
        return this.#remove(entry.messageId)
      case 'message.hidden':
      case 'message.unhidden':
        return this.#refreshMessage(entry.messageId)
      default:
        if ('message' in entry && entry.type !== 'message.sent') this.#refreshMessage(entry.message.id)
    }
  }

  #remove(messageId: string): void {
    const ids = new Set(this.#ids.peek())
    ids.delete(messageId)
    this.#ids.value = ids
    this.#list.value = this.#list.peek()?.filter(({ message }) => message.id !== messageId)
  }

  #refreshMessage(messageId: string): void {
    if (this.#ids.peek().has(messageId)) this.#reload()
  }

  /** The saved messages of a chat that the user joined again are back. */
  onChatFollowed(): void {
    this.#reload()
  }

  /** The user may no longer see the messages of this chat. */
  onChatLeft(chatId: string): void {
    this.#list.value = this.#list.peek()?.filter(({ message }) => message.chatId !== chatId)
  }

  async #loadIds(): Promise<void> {
    this.#ids.value = new Set((await this.#request('saved.ids')).ids)
  }

  #reload(): void {
    if (this.#list.peek()) this.#ignoreFailure(this.load())
  }

  #ignoreFailure(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // `onState` of the next connection loads it again.
      if (!isRequestError(error)) throw error
    })
  }
}
