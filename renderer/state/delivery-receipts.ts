import type { Entry } from '../../shared/contract/entries.ts'
import { liveTimings, type ToHub } from '../../shared/contract/live.ts'
import type { Clock } from '../connection/platform.ts'
import { Timer } from '../connection/timer.ts'
import { chatIdOf, type LiveState, type Store } from './store.ts'

export interface DeliveryReceiptsOptions {
  myId: string
  clock: Clock
  send: (message: ToHub) => void
}

/** Tells the hub which messages have reached this device: one number for each chat, gathered for a second. */
export class DeliveryReceipts implements Store {
  readonly #options: DeliveryReceiptsOptions
  readonly #numbers = new Map<string, number>()
  readonly #sendTimer: Timer

  constructor(options: DeliveryReceiptsOptions) {
    this.#options = options
    this.#sendTimer = new Timer(options.clock)
  }

  applyEntry(entry: Entry): void {
    const chatId = chatIdOf(entry.stream)
    if (chatId === undefined || entry.type !== 'message.sent') return
    const { message } = entry
    const author = message.deleted === true ? entry.by : message.author
    if (author === undefined || author === this.#options.myId || message.thread !== undefined) return
    this.#sendSoon(chatId, message.no)
  }

  applyState({ chats }: LiveState): void {
    for (const chat of chats) if (chat.unread > 0) this.#sendSoon(chat.id, chat.lastNo)
  }

  close(): void {
    this.#sendTimer.clear()
  }

  #sendSoon(chatId: string, no: number): void {
    this.#numbers.set(chatId, Math.max(no, this.#numbers.get(chatId) ?? 0))
    this.#sendTimer.setIfUnset(liveTimings.receiptIntervalMs, () => {
      for (const [chat, upTo] of this.#numbers) this.#options.send({ t: 'delivered', chat, no: upTo })
      this.#numbers.clear()
    })
  }
}
