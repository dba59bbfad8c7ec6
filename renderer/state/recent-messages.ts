// The newest messages of the chats that were opened lately: what a conversation shows before the hub has answered.
// Each is one stretch without gaps up to its cursor, kept right by the entries of its chat. So are the replies of the threads
// that were opened lately, as long as their chat is here: it has the cursor for both.
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'

/** A deleted message keeps what was known of its place, so that a row does not lose its author and time. */
export type CachedMessage = Message | (Tombstone & Partial<Pick<Message, 'author' | 'at' | 'cid'>>)

export interface RecentChat {
  readonly messages: readonly CachedMessage[]
  /** Whether it begins with the first message of the chat. */
  readonly fromStart: boolean
  readonly cursor: number
  readonly usedAt: number
}

/** The replies of one thread up to the cursor of its chat, with what they hang on. */
export interface RecentThread {
  readonly chatId: string
  readonly parent: CachedMessage | undefined
  readonly messages: readonly CachedMessage[]
  readonly fromStart: boolean
  readonly usedAt: number
}

const maxMessagesPerChat = 100
const maxChats = 20
const maxThreads = 60

export class RecentMessages {
  readonly #cache: Pick<Cache, 'put'>
  readonly #now: () => number
  readonly #chats = new Map<string, RecentChat>()
  readonly #threads = new Map<string, RecentThread>()

  constructor(
    cache: Pick<Cache, 'put'>,
    now: () => number,
    content: Pick<CacheContent, 'tails' | 'threads'>,
  ) {
    this.#cache = cache
    this.#now = now
    for (const [chatId, tail] of content.tails) this.#chats.set(chatId, tail as RecentChat)
    for (const [id, tail] of content.threads) {
      const thread = tail as RecentThread
      if (this.#chats.has(thread.chatId)) this.#threads.set(id, thread)
      else cache.put('threads', id, undefined)
    }
  }

  thread(id: string): RecentThread | undefined {
    return this.#threads.get(id)
  }

  /** What a thread hangs on, told apart from its replies. */
  setParent(id: string, message: CachedMessage): void {
    const thread = this.#threads.get(id)
    if (thread && message.rev > (thread.parent?.rev ?? 0)) this.#setThread(id, { ...thread, parent: message })
  }

  /** A page from the hub that reaches the end of a thread; kept where its chat is. */
  beginThread(id: string, thread: Omit<RecentThread, 'usedAt'>): void {
    if (!this.#chats.has(thread.chatId)) return
    this.#setThread(id, { ...thread, usedAt: this.#now() })
    if (this.#threads.size <= maxThreads) return
    const [oldest] = [...this.#threads].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) this.#dropThread(oldest[0])
  }

  get(chatId: string): RecentChat | undefined {
    return this.#chats.get(chatId)
  }

  cursors(): [chatId: string, cursor: number][] {
    return [...this.#chats].map(([chatId, tail]) => [chatId, tail.cursor])
  }

  /** A page from the hub that reaches the end of the chat. */
  begin(chatId: string, messages: readonly CachedMessage[], fromStart: boolean, cursor: number): void {
    this.#set(chatId, { messages, fromStart, cursor, usedAt: this.#now() })
    if (this.#chats.size <= maxChats) return
    const [oldest] = [...this.#chats].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) this.drop(oldest[0])
  }

  applyChange(chatId: string, change: Change): void {
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
    const messages = applyToThread(id, thread.messages, change)
    const isParent = message.id === id && message.rev > (thread.parent?.rev ?? 0)
    const parent = isParent ? (thread.parent ? mergeMessage(thread.parent, message) : message) : thread.parent
    if (messages !== thread.messages || parent !== thread.parent)
      this.#setThread(id, { ...thread, messages, parent })
  }

  /** Deleted for me only. */
  remove(chatId: string, messageId: string): void {
    const tail = this.#chats.get(chatId)
    if (tail) this.#set(chatId, { ...tail, messages: tail.messages.filter(({ id }) => id !== messageId) })
    for (const [id, thread] of this.#threads) {
      const messages = thread.messages.filter((each) => each.id !== messageId)
      if (id === messageId) this.#dropThread(id)
      else if (messages.length < thread.messages.length) this.#setThread(id, { ...thread, messages })
    }
  }

  setCursor(chatId: string, cursor: number): void {
    const tail = this.#chats.get(chatId)
    if (tail && tail.cursor !== cursor) this.#set(chatId, { ...tail, cursor })
  }

  markUsed(chatId: string): void {
    const tail = this.#chats.get(chatId)
    if (tail) this.#set(chatId, { ...tail, usedAt: this.#now() })
  }

  drop(chatId: string): void {
    if (this.#chats.delete(chatId)) this.#cache.put('tails', chatId, undefined)
    for (const [id, thread] of this.#threads) if (thread.chatId === chatId) this.#dropThread(id)
  }

  clear(): void {
    for (const chatId of [...this.#chats.keys()]) this.drop(chatId)
  }

  #dropThread(id: string): void {
    this.#threads.delete(id)
    this.#cache.put('threads', id, undefined)
  }

  #setThread(id: string, thread: RecentThread): void {
    const over = thread.messages.length - maxMessagesPerChat
    const kept = over > 0 ? { ...thread, messages: thread.messages.slice(over), fromStart: false } : thread
    this.#threads.set(id, kept)
    this.#cache.put('threads', id, kept)
  }

  #set(chatId: string, chat: RecentChat): void {
    const over = chat.messages.length - maxMessagesPerChat
    const kept = over > 0 ? { ...chat, messages: chat.messages.slice(over), fromStart: false } : chat
    this.#chats.set(chatId, kept)
    this.#cache.put('tails', chatId, kept)
  }
}

/**
 * A stretch that reaches the end, with one message put in its place: of two copies the one with the higher `rev`
 * stays. What lies before the stretch is none of its business.
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

/** What an entry says of a message: that it is new, or that something happened to it. */
export interface Change {
  readonly message: CachedMessage
  readonly isNew: boolean
}

/**
 * A stretch after an entry. Only a new message comes in; what happened to one changes it where it is held, and the quotes of
 * it too: nobody answers words that were taken back.
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

/** The replies of one thread after an entry: one of them, or a message that some of them quote. */
export function applyToThread(
  thread: string,
  messages: readonly CachedMessage[],
  change: Change,
): readonly CachedMessage[] {
  const isReply = change.message.thread === thread
  if (!isReply && change.isNew) return messages
  return applyChange(messages, isReply ? change : { ...change, isNew: false })
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

/** What a quote shows of a message. */
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
