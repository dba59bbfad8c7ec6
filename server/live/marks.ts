import { liveTimes, type FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { Delivery } from '../chats/marks.ts'

/*
 * Read and delivered marks on their way to the others: hints, at most one for each chat, person and second, in chats
 * of up to 50. They only grow, so the latest of a second says all of them.
 */

export interface MarksOptions {
  membersOf: (chatId: string) => ReadonlySet<string> | undefined
  tellUser: (userId: string, message: FromHub) => void
  /** Stores gathered delivered marks; answers those that moved. */
  store: (deliveries: Delivery[]) => Promise<Delivery[]>
  onError: (error: unknown) => void
}

export class Marks {
  readonly #options: MarksOptions
  readonly #read = new Map<string, Delivery>()
  readonly #delivered = new Map<string, Delivery>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: MarksOptions) {
    this.#options = options
  }

  /** A committed read mark: at once to the person's own windows, gathered to the others. */
  tellRead(chatId: string, userId: string, no: number): void {
    this.#options.tellUser(userId, { t: 'read', chat: chatId, user: userId, no })
    this.#gather(this.#read, { chatId, userId, no })
  }

  /** A client has received everything up to `no`. */
  delivered(chatId: string, userId: string, no: number): void {
    if (this.#options.membersOf(chatId)?.has(userId)) this.#gather(this.#delivered, { chatId, userId, no })
  }

  /** Tells and stores what was gathered. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const read = [...this.#read.values()]
    this.#read.clear()
    for (const { chatId, userId, no } of read) {
      this.#tellOthers(chatId, userId, { t: 'read', chat: chatId, user: userId, no })
    }
    const deliveries = [...this.#delivered.values()]
    this.#delivered.clear()
    if (deliveries.length === 0) return
    for (const { chatId, userId, no } of await this.#options.store(deliveries)) {
      this.#tellOthers(chatId, userId, { t: 'delivered', chat: chatId, user: userId, no })
    }
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #gather(waiting: Map<string, Delivery>, mark: Delivery): void {
    const key = `${mark.chatId}:${mark.userId}`
    if ((waiting.get(key)?.no ?? -1) < mark.no) waiting.set(key, mark)
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.flush().catch(this.#options.onError)
    }, liveTimes.marksEvery)
    this.#timer.unref()
  }

  #tellOthers(chatId: string, userId: string, message: FromHub): void {
    const members = this.#options.membersOf(chatId)
    if (!members || members.size > limits.smallChat) return
    for (const member of members) if (member !== userId) this.#options.tellUser(member, message)
  }
}
