import { liveTimings, type ToHub } from '../../shared/contract/live.ts'
import type { Clock, TimerHandle } from '../connection/platform.ts'
import { SignalMap } from '../signals/signal-map.ts'

export interface TypingOptions {
  myId: string
  clock: Clock
  send: (message: ToHub) => void
}

/** Who is typing where: leases that end by themselves, or with the message. */
export class Typing {
  readonly #options: TypingOptions
  readonly #chats = new SignalMap<readonly string[]>()
  readonly #timers = new Map<string, TimerHandle>()
  readonly #lastSentAt = new Map<string, number>()

  constructor(options: TypingOptions) {
    this.#options = options
  }

  /** Ids of the others who are typing in this chat, the first to begin first. Watched. */
  usersIn(chatId: string): readonly string[] {
    return this.#chats.get(chatId) ?? noUsers
  }

  /** I am typing: tells the others, at most every 3 s. */
  notify(chatId: string): void {
    const now = this.#options.clock.now()
    if (now - (this.#lastSentAt.get(chatId) ?? -Infinity) < liveTimings.typingIntervalMs) return
    this.#lastSentAt.set(chatId, now)
    this.#options.send({ t: 'typing', chat: chatId })
  }

  /** My message went out: the next key tells again. */
  onMessageSent(chatId: string): void {
    this.#lastSentAt.delete(chatId)
  }

  apply(chatId: string, userId: string): void {
    if (userId === this.#options.myId) return
    const { clock } = this.#options
    const lease = leaseKey(chatId, userId)
    clock.clearTimeout(this.#timers.get(lease))
    this.#timers.set(
      lease,
      clock.setTimeout(() => this.end(chatId, userId), liveTimings.typingTimeoutMs),
    )
    const typing = this.#chats.peek(chatId) ?? noUsers
    if (!typing.includes(userId)) this.#chats.set(chatId, [...typing, userId])
  }

  end(chatId: string, userId: string): void {
    const lease = leaseKey(chatId, userId)
    if (!this.#timers.has(lease)) return
    this.#options.clock.clearTimeout(this.#timers.get(lease))
    this.#timers.delete(lease)
    const left = (this.#chats.peek(chatId) ?? noUsers).filter((each) => each !== userId)
    if (left.length > 0) this.#chats.set(chatId, left)
    else this.#chats.delete(chatId)
  }

  clear(): void {
    for (const timer of this.#timers.values()) this.#options.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#chats.clear()
  }
}

const noUsers: readonly string[] = []

function leaseKey(chatId: string, userId: string): string {
  return `${chatId} ${userId}`
}
