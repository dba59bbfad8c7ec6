// The newest messages of the chats that were opened lately: what a conversation shows before the hub has answered.
// Each is one stretch without gaps up to its cursor, kept right by the entries of its chat.
import type { Message, Quote, Tombstone } from '../../shared/contract/messages.ts'
import { filesInQuote } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Cache, CacheContent } from './cache.ts'

/** A deleted message keeps what was known of its place, so that a row does not lose its author and time. */
export type Kept = Message | (Tombstone & Partial<Pick<Message, 'author' | 'at' | 'cid'>>)

export interface Tail {
  readonly messages: readonly Kept[]
  /** Whether it begins with the first message of the chat. */
  readonly fromStart: boolean
  readonly cursor: number
  readonly usedAt: number
}

const messagesPerChat = 100
const chatsKept = 20

export class Tails {
  readonly #cache: Pick<Cache, 'put'>
  readonly #now: () => number
  readonly #tails = new Map<string, Tail>()

  constructor(cache: Pick<Cache, 'put'>, now: () => number, content: CacheContent['tails']) {
    this.#cache = cache
    this.#now = now
    for (const [chatId, tail] of content) this.#tails.set(chatId, tail as Tail)
  }

  get(chatId: string): Tail | undefined {
    return this.#tails.get(chatId)
  }

  cursors(): [chatId: string, cursor: number][] {
    return [...this.#tails].map(([chatId, tail]) => [chatId, tail.cursor])
  }

  /** A page from the hub that reaches the end of the chat. */
  begin(chatId: string, messages: readonly Kept[], fromStart: boolean, cursor: number): void {
    this.#set(chatId, { messages, fromStart, cursor, usedAt: this.#now() })
    if (this.#tails.size <= chatsKept) return
    const [oldest] = [...this.#tails].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) this.drop(oldest[0])
  }

  put(chatId: string, change: Change): void {
    const tail = this.#tails.get(chatId)
    if (!tail) return
    const messages = applyChange(tail.messages, change)
    if (messages !== tail.messages) this.#set(chatId, { ...tail, messages })
  }

  /** Deleted for me only. */
  remove(chatId: string, messageId: string): void {
    const tail = this.#tails.get(chatId)
    if (tail) this.#set(chatId, { ...tail, messages: tail.messages.filter(({ id }) => id !== messageId) })
  }

  moved(chatId: string, cursor: number): void {
    const tail = this.#tails.get(chatId)
    if (tail && tail.cursor !== cursor) this.#set(chatId, { ...tail, cursor })
  }

  used(chatId: string): void {
    const tail = this.#tails.get(chatId)
    if (tail) this.#set(chatId, { ...tail, usedAt: this.#now() })
  }

  drop(chatId: string): void {
    if (this.#tails.delete(chatId)) this.#cache.put('tails', chatId, undefined)
  }

  clear(): void {
    for (const chatId of [...this.#tails.keys()]) this.drop(chatId)
  }

  #set(chatId: string, tail: Tail): void {
    const over = tail.messages.length - messagesPerChat
    const kept = over > 0 ? { ...tail, messages: tail.messages.slice(over), fromStart: false } : tail
    this.#tails.set(chatId, kept)
    this.#cache.put('tails', chatId, kept)
  }
}

/**
 * A stretch that reaches the end, with one message put in its place: of two copies the one with the higher `rev`
 * stays. What lies before the stretch is none of its business.
 */
export function putMessage(messages: readonly Kept[], message: Kept): readonly Kept[] {
  const last = messages.at(-1)
  if (!last || message.no > last.no) return [...messages, message]
  const at = placeOf(messages, message.no)
  const held = messages[at]
  if (held?.no === message.no) {
    return held.rev >= message.rev ? messages : messages.with(at, inheriting(held, message))
  }
  return at === 0 ? messages : messages.toSpliced(at, 0, message)
}

/** What an entry says of a message: that it is new, or that something happened to it. */
export interface Change {
  readonly message: Kept
  readonly isNew: boolean
}

/**
 * A stretch after an entry. Only a new message comes in; what happened to one changes it where it is held, and the quotes of
 * it too: nobody answers words that were taken back.
 */
export function applyChange(messages: readonly Kept[], { message, isNew }: Change): readonly Kept[] {
  if (isDeleted(message) && message.hidden) return messages.filter(({ id }) => id !== message.id)
  if (isNew) return putMessage(messages, message)
  const held = messages[placeOf(messages, message.no)]
  const put = held?.id === message.id ? putMessage(messages, message) : messages
  return withQuotesOf(put, message)
}

function withQuotesOf(messages: readonly Kept[], message: Kept): readonly Kept[] {
  const shown = isDeleted(message) ? { text: '' } : wordsOfQuote(message)
  const isStale = (each: Kept): each is Message =>
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
export function wordsOfQuote({
  text,
  attachments,
}: Pick<Message, 'text' | 'attachments'>): Pick<Quote, 'text' | 'files' | 'picture'> {
  return { text: preview(text), ...filesInQuote(attachments) }
}

/** Index of the first message with this `no` or a higher one. */
export function placeOf(messages: readonly Pick<Kept, 'no'>[], no: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.no ?? 0) < no) low = middle + 1
    else high = middle
  }
  return low
}

function inheriting(held: Kept, message: Kept): Kept {
  if (!isDeleted(message)) return message
  const { author, at, cid } = held
  return {
    ...message,
    ...(author === undefined ? {} : { author }),
    ...(at === undefined ? {} : { at }),
    ...(cid === undefined ? {} : { cid }),
  }
}

export function isDeleted(message: Kept): message is Extract<Kept, Tombstone> {
  return message.deleted === true
}
