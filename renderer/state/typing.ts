import type { Entry } from '../../shared/contract/entries.ts'
import { liveTimings, type ToHub } from '../../shared/contract/live.ts'
import type { Clock, TimerHandle } from '../connection/platform.ts'
import { chatIdOf, type LiveHint, type Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'

export interface TypingOptions {
  myId: string
  clock: Clock
  send: (message: ToHub) => void
}

/** The users who are typing in each chat: leases that end by themselves, or with the message. */
export class Typing implements Store {
  readonly #options: TypingOptions
  readonly #chats = new SignalMap<readonly string[]>()
  readonly #timers = new Map<string, TimerHandle>()
  readonly #lastSentAt = new Map<string, number>()

  constructor(options: TypingOptions) {
    this.#options = options
  }

  /** Ids of the other users who are typing in this chat, in the order in which they began. Watched. */
  usersIn(chatId: string): readonly string[] {
    return this.#chats.get(chatId) ?? noUsers
  }

  /** The user is typing: sends that to the others, at most every 3 s. */
  notify(chatId: string): void {
    const now = this.#options.clock.now()
    if (now - (this.#lastSentAt.get(chatId) ?? -Infinity) < liveTimings.typingIntervalMs) return
    this.#lastSentAt.set(chatId, now)
    this.#options.send({ t: 'typing', chat: chatId })
  }

  /** After a message the next key is sent at once. */
  onMessageSent(chatId: string): void {
    this.#lastSentAt.delete(chatId)
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'typing' && hint.user !== this.#options.myId) this.#begin(hint.chat, hint.user)
  }

  applyEntry(entry: Entry): void {
    const chatId = chatIdOf(entry.stream)
    if (chatId === undefined) return
    if (entry.type === 'member.removed') this.#end(chatId, entry.userId)
    if (entry.type !== 'message.sent') return
    const author = entry.message.deleted === true ? entry.by : entry.message.author
    if (author !== undefined) this.#end(chatId, author)
  }

  onConnectionLost(): void {
    for (const timer of this.#timers.values()) this.#options.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#chats.clear()
  }

  close(): void {
    this.onConnectionLost()
  }

  #begin(chatId: string, userId: string): void {
    const { clock } = this.#options
    const lease = leaseKey(chatId, userId)
    clock.clearTimeout(this.#timers.get(lease))
    this.#timers.set(
      lease,
      clock.setTimeout(() => this.#end(chatId, userId), liveTimings.typingTimeoutMs),
    )
    const typing = this.#chats.peek(chatId) ?? noUsers
    if (!typing.includes(userId)) this.#chats.set(chatId, [...typing, userId])
  }

  #end(chatId: string, userId: string): void {
    const lease = leaseKey(chatId, userId)
    if (!this.#timers.has(lease)) return
    this.#options.clock.clearTimeout(this.#timers.get(lease))
    this.#timers.delete(lease)
    const left = (this.#chats.peek(chatId) ?? noUsers).filter((each) => each !== userId)
    if (left.length > 0) this.#chats.set(chatId, left)
    else this.#chats.delete(chatId)
  }
}

const noUsers: readonly string[] = []

function leaseKey(chatId: string, userId: string): string {
  return `${chatId} ${userId}`
}
