// What I saved for myself, over all my chats: which messages, always; they themselves once somebody looks at them.
import type { SavedMessage } from '../../shared/contract/saved.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

export type { SavedMessage }

export class Saved {
  readonly #request: Request
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #list = signal<readonly SavedMessage[] | undefined>(undefined)
  readonly #nextCursor = signal<number | undefined>(undefined)
  /** The answer to an earlier question is thrown away. */
  #loadCount = 0

  /** Watched by rows, for their mark. */
  readonly ids: ReadonlySignal<ReadonlySet<string>> = this.#ids
  /** The latest first; undefined until they were asked for and have come. */
  readonly list: ReadonlySignal<readonly SavedMessage[] | undefined> = this.#list
  /** Where the next page begins. */
  readonly nextCursor: ReadonlySignal<number | undefined> = this.#nextCursor

  constructor(request: Request) {
    this.#request = request
  }

  /** This and the following throw RequestError. */
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

  /** The link is live. */
  onState(): void {
    this.#ignoreFailure(this.#loadIds())
    this.#reload()
  }

  add(messageId: string): void {
    this.#ids.value = new Set(this.#ids.peek()).add(messageId)
    this.#reload()
  }

  remove(messageId: string): void {
    const ids = new Set(this.#ids.peek())
    ids.delete(messageId)
    this.#ids.value = ids
    this.#list.value = this.#list.peek()?.filter(({ message }) => message.id !== messageId)
  }

  /** Something happened to this message. */
  refreshMessage(messageId: string): void {
    if (this.#ids.peek().has(messageId)) this.#reload()
  }

  /** What I saved in a chat that I am in again is mine to see again. */
  onPageOpened(): void {
    this.#reload()
  }

  /** What stands in this chat is not mine to see any more. */
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
      // asked again by the next connection
      if (!isRequestError(error)) throw error
    })
  }
}
