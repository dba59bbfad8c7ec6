// The newest events of chats (members who came and went, names, topics, pictures), so that their lines stand in a
// conversation without the hub as well. An entry never changes: what is kept is right, however much of it is missing.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import { type ChatEvent, isChatEvent } from './chat-event.ts'
import type { RecentMessages } from './recent-messages.ts'
import { chatIdOf, type Store } from './store.ts'
import type { Users } from './users.ts'

/** More than stand between the messages that are kept of a chat. */
const maxEventsPerChat = 100

export class KeptEvents implements Store {
  readonly #cache: Pick<Cache, 'put'>
  readonly #users: Pick<Users, 'addIfUnknown'>
  readonly #recentMessages: Pick<RecentMessages, 'get'>
  readonly #chats: Map<string, readonly ChatEvent[]>

  constructor(
    cache: Pick<Cache, 'put'>,
    content: Pick<CacheContent, 'events'>,
    users: Pick<Users, 'addIfUnknown'>,
    recentMessages: Pick<RecentMessages, 'get'>,
  ) {
    this.#recentMessages = recentMessages
    this.#cache = cache
    this.#users = users
    this.#chats = new Map(content.events as ReadonlyMap<string, readonly ChatEvent[]>)
  }

  /** Ascending by `seq`. Those who came or went are known then. */
  get(chatId: string): readonly ChatEvent[] {
    const events = this.#chats.get(chatId) ?? []
    for (const event of events) if ('user' in event) this.#users.addIfUnknown(event.user)
    return events
  }

  add(chatId: string, events: readonly ChatEvent[]): void {
    const held = this.#chats.get(chatId) ?? []
    const known = new Set(held.map(({ seq }) => seq))
    const added = events.filter(({ seq }) => !known.has(seq))
    if (added.length === 0) return
    const all = [...held, ...added].sort((a, b) => a.seq - b.seq).slice(-maxEventsPerChat)
    this.#chats.set(chatId, all)
    this.#cache.put('events', chatId, all, 'later')
  }

  applyEntry(entry: Entry): void {
    const chatId = chatIdOf(entry.stream)
    if (chatId === undefined || !isChatEvent(entry)) return
    // a shared computer keeps only what was opened
    if (this.#recentMessages.get(chatId)) this.add(chatId, [entry])
  }

  onReset(stream: StreamId): void {
    const chatId = chatIdOf(stream)
    if (chatId !== undefined) this.#drop(chatId)
  }

  onChatLeft(chatId: string): void {
    this.#drop(chatId)
  }

  onHistoryReset(): void {
    for (const chatId of [...this.#chats.keys()]) this.#drop(chatId)
  }

  #drop(chatId: string): void {
    if (this.#chats.delete(chatId)) this.#cache.put('events', chatId, undefined)
  }
}
