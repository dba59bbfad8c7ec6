// The newest messages of the user's chats: a conversation shows them before the hub responds, and without it. Each
// chat has one range without gaps up to its cursor, updated by its entries. Beyond the budget, the chats that were used the
// longest ago are dropped. The replies of recently opened threads are
// held too, as long as their chat is: its cursor counts for both.
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { CachedMessage, Change } from './cached-message.ts'
import { chatIdOf, type MessageChange, type Store } from './store.ts'

export interface RecentChat {
  readonly messages: readonly CachedMessage[]
  /** True if it begins with the first message of the chat. */
  readonly fromStart: boolean
  readonly cursor: number
  readonly usedAt: number
}

/** The replies of one thread up to the cursor of its chat, with the parent message. */
export interface RecentThread {
  readonly chatId: string
  readonly parent: CachedMessage | undefined
  readonly messages: readonly CachedMessage[]
  readonly fromStart: boolean
  readonly usedAt: number
}

const maxMessagesPerChat = 100
const maxChats = 500
const maxMessages = 25_000
const maxThreads = 60
/** After a reconnect, the entries of these are read before those of the others. */
const maxChatsReadFirst = 20

export class RecentMessages implements Store {
  readonly #cache: Pick<Cache, 'put'>
  readonly #now: () => number
  readonly #chats = new Map<string, RecentChat>()
  readonly #threads = new Map<string, RecentThread>()
  /** Of all chats, without threads. */
  #messageCount = 0

  constructor(
    cache: Pick<Cache, 'put'>,
    now: () => number,
    content: Pick<CacheContent, 'tails' | 'threads'>,
  ) {
    this.#cache = cache
    this.#now = now
    for (const [chatId, tail] of content.tails) this.#hold(chatId, tail as RecentChat)
    for (const [id, tail] of content.threads) {
      const thread = tail as RecentThread
      if (this.#chats.has(thread.chatId)) this.#threads.set(id, thread)
      else cache.put('threads', id, undefined)
    }
  }

  thread(id: string): RecentThread | undefined {
    return this.#threads.get(id)
  }

  /** The parent message of a thread. */
  setParent(id: string, message: CachedMessage): void {
    const thread = this.#threads.get(id)
    if (thread && message.rev > (thread.parent?.rev ?? 0)) this.#setThread(id, { ...thread, parent: message })
  }

  /** Stores the last page of a thread, if its chat is held. */
  beginThread(id: string, thread: Omit<RecentThread, 'usedAt'>): void {
    if (!this.#chats.has(thread.chatId)) return
    this.#setThread(id, { ...thread, usedAt: this.#now() })
    if (this.#threads.size <= maxThreads) return
    const [oldest] = [...this.#threads].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) this.#dropThread(oldest[0])
  }

  /** The number of chats. */
  get size(): number {
    return this.#chats.size
  }

  /** True if another chat would push one out. */
  get isFull(): boolean {
    return this.#chats.size >= maxChats || this.#messageCount >= maxMessages
  }

  chats(): Iterable<[chatId: string, chat: RecentChat]> {
    return this.#chats
  }

  get(chatId: string): RecentChat | undefined {
    return this.#chats.get(chatId)
  }

  cursors(): [chatId: string, cursor: number][] {
    return [...this.#chats].map(([chatId, tail]) => [chatId, tail.cursor])
  }

  /** Stores the last page of a chat. */
  begin(
    chatId: string,
    messages: readonly CachedMessage[],
    fromStart: boolean,
    cursor: number,
    usedAt: number = this.#now(),
  ): void {
    this.#set(chatId, { messages, fromStart, cursor, usedAt })
    while (this.#chats.size > maxChats || (this.#messageCount > maxMessages && this.#chats.size > 1)) {
      const others = [...this.#chats].filter(([id]) => id !== chatId)
      const oldest = others.reduce((a, b) => (b[1].usedAt < a[1].usedAt ? b : a))
      this.drop(oldest[0])
    }
  }

  applyEntry(entry: Entry): void {
    if (entry.type === 'message.hidden') this.#remove(entry.chatId, entry.messageId)
    // It came back in the middle of the messages, with a number that is not known here.
    else if (entry.type === 'message.unhidden') this.drop(entry.chatId)
  }

  applyMessage({ chatId, ...change }: MessageChange): void {
    const chat = this.#chats.get(chatId)
    if (!chat) return
    for (const [id, thread] of this.#threads) {
      if (thread.chatId === chatId) this.#applyToThread(id, thread, change)
    }
    if (change.message.thread !== undefined) return
    const messages = applyChange(chat.messages, change)
    if (messages !== chat.messages) this.#set(chatId, { ...chat, messages })
  }

  #applyToThread(id: string, thread: RecentThread, change: Change): void {
    const { message } = change
    const scoped = scopeToThread(id, change)
    const messages = scoped ? applyChange(thread.messages, scoped) : thread.messages
    const isParent = message.id === id && message.rev > (thread.parent?.rev ?? 0)
    const parent = isParent ? (thread.parent ? mergeMessage(thread.parent, message) : message) : thread.parent
    if (messages !== thread.messages || parent !== thread.parent)
      this.#setThread(id, { ...thread, messages, parent })
  }

  /** Hidden for this user only. */
  #remove(chatId: string, messageId: string): void {
    const tail = this.#chats.get(chatId)
    if (tail) this.#set(chatId, { ...tail, messages: tail.messages.filter(({ id }) => id !== messageId) })
    for (const [id, thread] of this.#threads) {
      const messages = thread.messages.filter((each) => each.id !== messageId)
      if (id === messageId) this.#dropThread(id)
      else if (messages.length < thread.messages.length) this.#setThread(id, { ...thread, messages })
    }
  }

  onCursorMoved(stream: StreamId, cursor: number): void {
    const chatId = chatIdOf(stream)
    if (chatId === undefined) return
    const tail = this.#chats.get(chatId)
    if (tail && tail.cursor !== cursor) this.#set(chatId, { ...tail, cursor })
  }

  /** True for the chats that were opened last, and those that were never opened but are newer. */
  wasUsedLately(chatId: string): boolean {
    const usedAt = this.#chats.get(chatId)?.usedAt
    if (usedAt === undefined) return false
    let laterCount = 0
    for (const other of this.#chats.values()) if (other.usedAt > usedAt) laterCount += 1
    return laterCount < maxChatsReadFirst
  }

  markUsed(chatId: string): void {
    const tail = this.#chats.get(chatId)
    if (tail) this.#set(chatId, { ...tail, usedAt: this.#now() })
  }

  drop(chatId: string): void {
    const held = this.#chats.get(chatId)
    if (held) {
      this.#messageCount -= held.messages.length
      this.#chats.delete(chatId)
      this.#cache.put('tails', chatId, undefined)
    }
    for (const [id, thread] of this.#threads) if (thread.chatId === chatId) this.#dropThread(id)
  }

  onReset(stream: StreamId): void {
    const chatId = chatIdOf(stream)
    if (chatId !== undefined) this.drop(chatId)
  }

  onChatLeft(chatId: string): void {
    this.drop(chatId)
  }

  onHistoryReset(): void {
    for (const chatId of [...this.#chats.keys()]) this.drop(chatId)
  }

  #dropThread(id: string): void {
    this.#threads.delete(id)
    this.#cache.put('threads', id, undefined)
  }

  #setThread(id: string, thread: RecentThread): void {
    const over = thread.messages.length - maxMessagesPerChat
    const trimmed = over > 0 ? { ...thread, messages: thread.messages.slice(over), fromStart: false } : thread
    this.#threads.set(id, trimmed)
    this.#cache.put('threads', id, trimmed, 'later')
  }

  #set(chatId: string, chat: RecentChat): void {
    const over = chat.messages.length - maxMessagesPerChat
    const trimmed = over > 0 ? { ...chat, messages: chat.messages.slice(over), fromStart: false } : chat
    this.#hold(chatId, trimmed)
    this.#cache.put('tails', chatId, trimmed, 'later')
  }

  #hold(chatId: string, chat: RecentChat): void {
    this.#messageCount += chat.messages.length - (this.#chats.get(chatId)?.messages.length ?? 0)
    this.#chats.set(chatId, chat)
  }
}

/**
 * Puts one message into a range that reaches the end. Of two versions the one with the higher `rev` wins. A message
 * before the range is left out.
 */
export function putMessage(
  messages: readonly CachedMessage[],
  message: CachedMessage,
): readonly CachedMessage[] {
  const last = messages.at(-1)
  if (!last || message.no > last.no) return [...messages, message]
  const at = indexOfNumber(messages, message.no)
  const held = messages[at]
  if (held?.no === message.no) {
    return held.rev >= message.rev ? messages : messages.with(at, mergeMessage(held, message))
  }
  return at === 0 ? messages : messages.toSpliced(at, 0, message)
}

/**
 * The range after a change. Only a new message is added. Any other change applies to the message where it is held, and
 * to quotes of it, so that no quote shows deleted text.
 */
export function applyChange(
  messages: readonly CachedMessage[],
  { message, isNew }: Change,
): readonly CachedMessage[] {
  if (isDeleted(message) && message.hidden) return messages.filter(({ id }) => id !== message.id)
  if (isNew) return putMessage(messages, message)
  const held = messages[indexOfNumber(messages, message.no)]
  const put = held?.id === message.id ? putMessage(messages, message) : messages
  return withUpdatedQuotes(put, message)
}

/** Returns the part of a change that concerns a thread: a change of a reply, or of a message that a reply may quote. */
export function scopeToThread(threadId: string, change: Change): Change | undefined {
  if (change.message.thread === threadId) return change
  return change.isNew ? undefined : change
}

function withUpdatedQuotes(
  messages: readonly CachedMessage[],
  message: CachedMessage,
): readonly CachedMessage[] {
  const shown = isDeleted(message) ? { text: '' } : quoteText(message)
  const isStale = (each: CachedMessage): each is Message =>
    !isDeleted(each) &&
    each.replyTo?.id === message.id &&
    (each.replyTo.text !== shown.text || each.replyTo.files?.count !== shown.files?.count)
  if (!messages.some(isStale)) return messages
  return messages.map((each) => {
    if (!isStale(each) || !each.replyTo) return each
    const { id, no, author } = each.replyTo
    return { ...each, replyTo: { id, no, author, ...shown } }
  })
}

/** The part of a message that a quote shows. */
export function quoteText({
  text,
  attachments,
}: Pick<Message, 'text' | 'attachments'>): Pick<Quote, 'text' | 'files' | 'picture'> {
  return { text: preview(text), ...summarizeQuotedFiles(attachments) }
}

/** Index of the first message with this `no` or a higher one. */
export function indexOfNumber(messages: readonly Pick<CachedMessage, 'no'>[], no: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.no ?? 0) < no) low = middle + 1
    else high = middle
  }
  return low
}

function mergeMessage(cached: CachedMessage, message: CachedMessage): CachedMessage {
  if (!isDeleted(message)) return message
  const { author, at, cid } = cached
  return {
    ...message,
    ...(author === undefined ? {} : { author }),
    ...(at === undefined ? {} : { at }),
    ...(cid === undefined ? {} : { cid }),
  }
}

export function isDeleted(message: CachedMessage): message is Extract<CachedMessage, Tombstone> {
  return message.deleted === true
}
