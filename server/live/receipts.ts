import { liveTimings, type FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { AuthenticatedCaller } from '../caller.ts'
import type { Hint } from '../facts.ts'
import { GatheredReads } from './gathered-reads.ts'
import type { Receipt } from './receipt.ts'

/*
 * Publishes read and delivered receipts as hints: at most one per chat, user and second, in chats of up to 50
 * members. Receipts only grow, so the latest of a second replaces the earlier ones.
 */

export interface ReceiptsOptions {
  membersOf: (chatId: string) => ReadonlySet<string> | undefined
  sendToUser: (userId: string, message: FromHub) => void
  /** Stores the gathered delivered receipts; returns those that changed. */
  store: (deliveries: Receipt[]) => Promise<Receipt[]>
  /** Stores read receipts; returns what is stored now, of those whose users are members of the chat. */
  storeRead: (receipts: Receipt[]) => Promise<Receipt[]>
  /** Called with each stored receipt, for other processes. */
  onDelivered: (hint: Hint) => void
  onError: (error: unknown) => void
}

export class Receipts {
  readonly #options: ReceiptsOptions
  readonly #reads: GatheredReads
  readonly #pendingRead = new Map<string, Receipt>()
  readonly #pendingDelivered = new Map<string, Receipt>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ReceiptsOptions) {
    this.#options = options
    this.#reads = new GatheredReads(options.storeRead)
  }

  /** Stores the read receipt of a caller with those of others. @throws HubError `not_found` */
  read(caller: AuthenticatedCaller, chatId: string, no: number): Promise<{ readNo: number }> {
    return this.#reads.read(caller, chatId, no)
  }

  /** Resolves once the read receipts that the user has sent are stored or refused; undefined if none waits. */
  settled(userId: string): Promise<void> | undefined {
    return this.#reads.settled(userId)
  }

  /** Publishes a committed read receipt: at once to the user's own connections, gathered to other members. */
  publishRead(chatId: string, userId: string, no: number): void {
    this.#options.sendToUser(userId, { t: 'read', chat: chatId, user: userId, no })
    this.#enqueue(this.#pendingRead, { chatId, userId, no })
  }

  /** Records that a client has received all messages up to `no`. */
  recordDelivered(chatId: string, userId: string, no: number): void {
    if (this.#options.membersOf(chatId)?.has(userId))
      this.#enqueue(this.#pendingDelivered, { chatId, userId, no })
  }

  /** Publishes and stores the gathered receipts. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#reads.flush()
    const read = [...this.#pendingRead.values()]
    this.#pendingRead.clear()
    for (const { chatId, userId, no } of read) {
      this.#sendToOthers(chatId, userId, { t: 'read', chat: chatId, user: userId, no })
    }
    const deliveries = [...this.#pendingDelivered.values()]
    this.#pendingDelivered.clear()
    if (deliveries.length === 0) return
    for (const { chatId, userId, no } of await this.#options.store(deliveries)) {
      this.publishDelivered(chatId, userId, no)
      this.#options.onDelivered({ f: 'delivered', chat: chatId, user: userId, no })
    }
  }

  /** Publishes a stored delivered receipt to the other members. */
  publishDelivered(chatId: string, userId: string, no: number): void {
    this.#sendToOthers(chatId, userId, { t: 'delivered', chat: chatId, user: userId, no })
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #enqueue(waiting: Map<string, Receipt>, mark: Receipt): void {
    const key = `${mark.chatId}:${mark.userId}`
    if ((waiting.get(key)?.no ?? -1) < mark.no) waiting.set(key, mark)
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.flush().catch(this.#options.onError)
    }, liveTimings.receiptIntervalMs)
    this.#timer.unref()
  }

  #sendToOthers(chatId: string, userId: string, message: FromHub): void {
    const members = this.#options.membersOf(chatId)
    if (!members || members.size > limits.liveReceiptMembers) return
    for (const member of members) if (member !== userId) this.#options.sendToUser(member, message)
  }
}
