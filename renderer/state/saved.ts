// What I saved for myself, over all my chats: which messages, always; they themselves once somebody looks at them.
import type { SavedMessage as SavedMessage } from '../../shared/contract/keeping.ts'
import { isRequestError, type Request } from '../link/request.ts'
import { signal, type ReadonlySignal } from './signal.ts'

export type { SavedMessage }

export class Saved {
  readonly #request: Request
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #list = signal<readonly SavedMessage[] | undefined>(undefined)
  readonly #next = signal<number | undefined>(undefined)
  /** The answer to an earlier question is thrown away. */
  #load = 0

  /** Watched by rows, for their mark. */
  readonly ids: ReadonlySignal<ReadonlySet<string>> = this.#ids
  /** The latest first; undefined until they were asked for and have come. */
  readonly list: ReadonlySignal<readonly SavedMessage[] | undefined> = this.#list
  /** Where the next page begins. */
  readonly next: ReadonlySignal<number | undefined> = this.#next

  constructor(request: Request) {
    this.#request = request
  }

  /** This and the following throw RequestError. */
  async toggle(messageId: string, saved: boolean): Promise<void> {
    await this.#request(saved ? 'saved.add' : 'saved.remove', { messageId })
  }

  async load(): Promise<void> {
    const load = ++this.#load
    const { saved, next } = await this.#request('saved.list', {})
    if (load !== this.#load) return
    this.#list.value = saved
    this.#next.value = next
  }

  async loadMore(): Promise<void> {
    const before = this.#next.peek()
    if (before === undefined) return
    const load = ++this.#load
    const { saved, next } = await this.#request('saved.list', { before })
    if (load !== this.#load) return
    this.#list.value = [...(this.#list.peek() ?? []), ...saved]
    this.#next.value = next
  }

  /** The link is live. */
  wake(): void {
    this.#quietly(this.#loadIds())
    this.#again()
  }

  added(messageId: string): void {
    this.#ids.value = new Set(this.#ids.peek()).add(messageId)
    this.#again()
  }

  removed(messageId: string): void {
    const ids = new Set(this.#ids.peek())
    ids.delete(messageId)
    this.#ids.value = ids
    this.#list.value = this.#list.peek()?.filter(({ message }) => message.id !== messageId)
  }

  /** Something happened to this message. */
  changed(messageId: string): void {
    if (this.#ids.peek().has(messageId)) this.#again()
  }

  /** What I saved in a chat that I am in again is mine to see again. */
  enter(): void {
    this.#again()
  }

  /** What stands in this chat is not mine to see any more. */
  leave(chatId: string): void {
    this.#list.value = this.#list.peek()?.filter(({ message }) => message.chatId !== chatId)
  }

  async #loadIds(): Promise<void> {
    this.#ids.value = new Set((await this.#request('saved.ids')).ids)
  }

  #again(): void {
    if (this.#list.peek()) this.#quietly(this.load())
  }

  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // asked again by the next connection
      if (!isRequestError(error)) throw error
    })
  }
}
