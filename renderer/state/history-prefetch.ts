// Fetches the newest messages of the chats that this device does not keep yet, so that every chat opens without the hub.
//
// - After the first sync, the chat with the newest message first, one at a time with a pause: nobody waits for them, and the
//   hub has others to serve.
// - Within a budget: of chats and messages (RecentMessages drops what was used the longest ago).
// - Entries that arrive while a page is on its way are applied on top of it, as in timeline.ts.
import { Timer } from '../connection/timer.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { CachedMessage, Change } from './cached-message.ts'
import type { Chats } from './chats.ts'
import { applyChange, type RecentMessages } from './recent-messages.ts'
import { isChatEvent } from './chat-event.ts'
import type { KeptEvents } from './kept-events.ts'
import { authorsOf } from './message-authors.ts'
import { chatIdOf, type MessageChange, type Store } from './store.ts'
import type { Users } from './users.ts'

export interface HistoryPrefetchOptions {
  request: Request
  isLive: () => boolean
  clock: Clock
  chats: Pick<Chats, 'list'>
  recentMessages: RecentMessages
  keptEvents: Pick<KeptEvents, 'add'>
  users: Pick<Users, 'need'>
  cursorOf: (chatId: string) => number | undefined
}

type PendingChange = Change | { hiddenId: string }
interface PendingPage {
  chatId: string | undefined
  readonly changes: PendingChange[]
}

const pageSize = 50
/** The first screen, and the entries that were missed, come first. */
const startDelayMs = 2_000
const pauseMs = 60

export class HistoryPrefetch implements Store {
  readonly #options: HistoryPrefetchOptions
  readonly #timer: Timer
  /** The chat whose page is on its way, with what has happened in it meanwhile; no chat if that page is of no use. */
  #pending: PendingPage | undefined
  /** The hub refused them. */
  readonly #refused = new Set<string>()

  constructor(options: HistoryPrefetchOptions) {
    this.#options = options
    this.#timer = new Timer(options.clock)
  }

  onState(): void {
    this.#refused.clear()
    this.#timer.set(startDelayMs, () => this.#fetchNext())
  }

  onChatFollowed(): void {
    this.#timer.setIfUnset(startDelayMs, () => this.#fetchNext())
  }

  onConnectionLost(): void {
    this.#timer.clear()
  }

  applyMessage({ chatId, ...change }: MessageChange): void {
    if (chatId === this.#pending?.chatId) this.#pending.changes.push(change)
  }

  applyEntry(entry: Entry): void {
    const { type } = entry
    if ((type !== 'message.hidden' && type !== 'message.unhidden') || entry.chatId !== this.#pending?.chatId)
      return
    if (type === 'message.hidden') this.#pending.changes.push({ hiddenId: entry.messageId })
    else this.#pending.chatId = undefined
  }

  onReset(stream: StreamId): void {
    if (this.#pending && chatIdOf(stream) === this.#pending.chatId) this.#pending.chatId = undefined
  }

  onChatLeft(chatId: string): void {
    if (chatId === this.#pending?.chatId) this.#pending.chatId = undefined
  }

  onHistoryReset(): void {
    if (this.#pending) this.#pending.chatId = undefined
  }

  close(): void {
    this.#timer.clear()
    if (this.#pending) this.#pending.chatId = undefined
  }

  #fetchNext(): void {
    const { chats, recentMessages, isLive, cursorOf } = this.#options
    if (this.#pending || !isLive() || recentMessages.isFull) return
    const next = chats.list
      .peek()
      .find(
        ({ id, lastNo }) =>
          lastNo > 0 && !recentMessages.get(id) && cursorOf(id) !== undefined && !this.#refused.has(id),
      )
    if (next) void this.#fetch(next)
  }

  async #fetch({ id: chatId, kind, head, updatedAt: usedAt }: ChatSummary): Promise<void> {
    const pending: PendingPage = { chatId, changes: [] }
    this.#pending = pending
    let waitMs = pauseMs
    try {
      const page = await this.#options.request('messages.list', { chatId, limit: pageSize })
      const { recentMessages, cursorOf, users } = this.#options
      users.need(authorsOf(page.messages))
      const cursor = cursorOf(chatId)
      // A conversation may have opened it meanwhile.
      if (pending.chatId !== undefined && cursor !== undefined && !recentMessages.get(chatId))
        recentMessages.begin(chatId, applyChanges(page.messages, pending.changes), !page.more, cursor, usedAt)
      // a direct chat has always had the same members
      if (kind === 'group') await this.#fetchEvents(chatId, page.more ? page.messages[0]?.seq : 0, head)
    } catch (error) {
      if (!isRequestError(error)) throw error
      if (error.retryAfter === undefined) this.#refused.add(chatId)
      else waitMs = error.retryAfter * 1000
    } finally {
      this.#pending = undefined
    }
    if (this.#options.isLive()) this.#timer.set(waitMs, () => this.#fetchNext())
  }

  /** The lines between the messages of the page. */
  async #fetchEvents(chatId: string, after = 0, head: number): Promise<void> {
    const { request, keptEvents } = this.#options
    const { entries } = await request('chats.events', { chatId, after, before: head + 1 })
    if (this.#pending?.chatId === chatId) keptEvents.add(chatId, entries.filter(isChatEvent))
  }
}

/** A new message with a number within the page is on the page already, or is hidden for me. */
function applyChanges(
  page: readonly CachedMessage[],
  changes: readonly PendingChange[],
): readonly CachedMessage[] {
  const lastNo = page.at(-1)?.no ?? 0
  let messages = page
  for (const change of changes) {
    if ('hiddenId' in change) messages = messages.filter(({ id }) => id !== change.hiddenId)
    else if (change.message.thread === undefined)
      messages = applyChange(messages, { ...change, isNew: change.isNew && change.message.no > lastNo })
  }
  return messages
}
