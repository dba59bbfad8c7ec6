// The user's chats as the list shows them: one summary each, brought by `state` and updated by the entries of its chat.
//
// The `head` of a summary says which entries it already contains, so an entry changes it only if its seq is higher.
// Read numbers only grow: the user's own rises at once, and is sent until the hub has confirmed it (read-marks.ts).
import type { Input, Output } from '../../shared/contract.ts'
import type { ChatSummary, DeletedGroup } from '../../shared/contract/chats.ts'
import type { Entry, EntryOf } from '../../shared/contract/entries.ts'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { hasKeyword } from '../../shared/text/keywords.ts'
import { mentionKey } from '../../shared/text/mentions.ts'
import { preview } from '../../shared/text/message.ts'
import { findByName } from '../../shared/text/name-search.ts'
import { unreadCountsOf } from '../../shared/unread-counts.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { Users } from './users.ts'
import { chatIdOf, type LiveHint, type LiveState, type Store } from './store.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'
import {
  firstUnreadNo,
  isInArchive,
  latestFirst,
  mightMention,
  resolveMentions,
  withGroupChanges,
  withPreferences,
  withPreferencesOf,
  withoutUnreadFrom,
  withoutUnreadMarks,
} from './chat-summary.ts'
import { chatName, chatSearchNames } from './chat-names.ts'
import { OfferedChats } from './offered-chats.ts'
import { ReadMarks } from './read-marks.ts'

export interface ChatsOptions {
  myId: string
  myUsername: () => string
  /** A message with one of them counts as a mention. */
  keywords: () => readonly string[]
  request: Request
  isLive: () => boolean
  clock: Clock
  users: Pick<Users, 'get' | 'nameOf' | 'hasName'>
  cache: Pick<Cache, 'put'>
  content: CacheContent
}

const maxUnreadCount = 1000

const maxRefreshAttempts = 5

export class Chats implements Store {
  readonly #options: ChatsOptions
  readonly #chats = new SignalMap<ChatSummary>()
  readonly #ready = signal(false)
  readonly #readMarks: ReadMarks
  /** Chats whose summary is being fetched, and whether to fetch it once more after that. */
  readonly #refreshing = new Map<string, boolean>()
  readonly #offered = new OfferedChats()

  /** False until the cache or the hub has brought the chats. */
  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** The latest first. */
  readonly list: ReadonlySignal<readonly ChatSummary[]>
  /** The text of the filter box: a part of a name, in any case. */
  readonly filter: Signal<string> = signal('')
  /** `list` with the filter applied, without the archive. */
  readonly filtered: ReadonlySignal<readonly ChatSummary[]>
  /** The archive, with the filter applied: archived groups, and the chats the user archived for themselves. */
  readonly archived: ReadonlySignal<readonly ChatSummary[]>
  /** Of all chats together (`unreadCountsOf`). */
  readonly unread: ReadonlySignal<number>
  readonly mentions: ReadonlySignal<number>
  /** The chat on screen; cached for the next start. */
  readonly current: Signal<string | undefined>

  constructor(options: ChatsOptions) {
    this.#options = options
    const { clock, isLive, cache, content, request } = options
    this.#readMarks = new ReadMarks({
      ...{ prefix: 'read:', clock, isLive, cache, content },
      send: (chatId, no) => request('chats.read', { chatId, no }),
    })
    this.#chats.replace(content.chats as ReadonlyMap<string, ChatSummary>)
    this.#ready.value = content.chats.size > 0 || content.meta.has('epoch')
    const last = content.meta.get('current')
    this.current = signal(typeof last === 'string' ? last : undefined)
    this.current.subscribe((chatId) => cache.put('meta', 'current', chatId))
    this.list = computed(() => [...this.#chats.values.value].sort(latestFirst))
    const found = computed(() => findByName(this.list.value, this.filter.value, (chat) => this.namesOf(chat)))
    this.filtered = computed(() => found.value.filter((chat) => !isInArchive(chat)))
    this.archived = computed(() => found.value.filter(isInArchive))
    this.unread = computed(() => sum(this.list.value, (chat) => unreadCountsOf(chat).unread))
    this.mentions = computed(() => sum(this.list.value, (chat) => unreadCountsOf(chat).mentions))
  }

  /** Watched: an element that reads it while drawing draws again when this chat changes. */
  get(chatId: string): ChatSummary | undefined {
    return this.#chats.get(chatId)
  }

  peek(chatId: string): ChatSummary | undefined {
    return this.#chats.peek(chatId)
  }

  /** Watched, as is `namesOf`. */
  nameOf(chat: ChatSummary): string {
    return chatName(chat, this.#options.users)
  }

  namesOf(chat: ChatSummary): string[] {
    return chatSearchNames(chat, this.#options.users)
  }

  /** Opens the direct chat with a user and returns its id. This and the following @throws RequestError */
  async openDirect(userId: string): Promise<string> {
    const { chat } = await this.#options.request('chats.direct', { userId })
    this.put(chat)
    return chat.id
  }

  async openWithUsers(userIds: readonly string[]): Promise<string> {
    const { chat } = await this.#options.request('chats.withUsers', { userIds: [...userIds] })
    this.put(chat)
    return chat.id
  }

  async createGroup(input: Input<'chats.create'>): Promise<string> {
    const { chat } = await this.#options.request('chats.create', input)
    this.put(chat)
    return chat.id
  }

  async join(chatId: string): Promise<void> {
    this.put((await this.#options.request('chats.join', { chatId })).chat)
  }

  /** The chat leaves the list when its entry arrives. */
  async leave(chatId: string): Promise<void> {
    await this.#options.request('chats.leave', { chatId })
  }

  async update(input: Input<'chats.update'>): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.update', input))
  }

  async setPicture(chatId: string, bytes: Uint8Array): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.picture', { chatId, bytes }))
  }

  async removePicture(chatId: string): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.picture.remove', { chatId }))
  }

  async archive(chatId: string): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.archive', { chatId }))
  }

  async unarchive(chatId: string): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.unarchive', { chatId }))
  }

  /** Deleted groups that the user may restore. */
  async listDeleted(): Promise<readonly DeletedGroup[]> {
    return (await this.#options.request('chats.listDeleted')).chats
  }

  async undelete(chatId: string): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.undelete', { chatId }))
  }

  /** An admin who is not a member changes public groups too, and gets no entries of them. */
  #applyUpdate({ chat }: Output<'chats.update'>): void {
    if (chat) this.put(chat)
  }

  async delete(chatId: string): Promise<void> {
    await this.#options.request('chats.delete', { chatId })
  }

  /** The change arrives as an entry, as in the user's other windows. */
  async updatePreferences(
    chatId: string,
    mine: Omit<Input<'chats.updatePreferences'>, 'chatId'>,
  ): Promise<void> {
    await this.#options.request('chats.updatePreferences', { chatId, ...mine })
  }

  async readAll(): Promise<void> {
    const { chats } = await this.#options.request('chats.readAll')
    batch(() => {
      for (const { id, readNo } of chats) this.applyRead(id, this.#options.myId, readNo)
    })
  }

  /** The user has read up to this message. */
  markRead(chatId: string, no: number): void {
    const chat = this.peek(chatId)
    if (!chat) return
    if (no <= chat.readNo && chat.addedBy === undefined) return this.#clearUnreadFrom(chat)
    this.applyRead(chatId, this.#options.myId, no)
    this.#readMarks.set(chatId, no)
  }

  /** The user read again, no further than before: only the manual unread mark is removed. */
  #clearUnreadFrom(chat: ChatSummary): void {
    if (chat.unreadFrom === undefined) return
    this.#set({ ...withoutUnreadFrom(chat), unread: 0, mentions: 0 })
    this.updatePreferences(chat.id, { unreadFrom: 0 }).catch((error: unknown) => {
      // The next `state` brings the mark back, and the next reading removes it.
      if (!isRequestError(error)) throw error
    })
  }

  /** For `resume`, as is `complete` for what answers it. */
  digests(): Record<string, string> {
    return this.#offered.digestsOf(this.list.peek())
  }

  complete(state: LiveState): LiveState {
    return this.#offered.complete(state, (chatId) => this.peek(chatId))
  }

  applyState({ chats }: LiveState): void {
    batch(() => {
      const mine = new Set(chats.map((chat) => chat.id))
      for (const chatId of this.#chats.keys()) if (!mine.has(chatId)) this.onChatLeft(chatId)
      for (const chat of chats) {
        if (this.peek(chat.id) !== chat) this.#set(chat)
        const mark = this.#readMarks.get(chat.id)
        // a restored hub may have fewer messages
        if (mark !== undefined) this.applyRead(chat.id, this.#options.myId, Math.min(mark, chat.lastNo))
      }
      this.#ready.value = true
    })
    this.#readMarks.sendAll()
  }

  /**
   * Stores a summary from the hub, unless the current one is newer. Its `head` says nothing about the user's own
   * stream, so the chat preferences are taken from it only if that stream brought it.
   */
  put(chat: ChatSummary, source: 'from user stream' | 'from response' = 'from response'): void {
    const current = this.peek(chat.id)
    if (current && current.head > chat.head) return
    const keepsPreferences = current !== undefined && source === 'from response'
    batch(() => {
      this.#set({
        ...(keepsPreferences ? withPreferencesOf(current, chat) : chat),
        ...(chat.peerReadNo === undefined
          ? {}
          : { peerReadNo: Math.max(chat.peerReadNo, current?.peerReadNo ?? 0) }),
        ...(chat.peerDeliveredNo === undefined
          ? {}
          : { peerDeliveredNo: Math.max(chat.peerDeliveredNo, current?.peerDeliveredNo ?? 0) }),
      })
      const mark = this.#readMarks.get(chat.id)
      const readNo = mark ?? current?.readNo ?? 0
      if (readNo > chat.readNo || mark !== undefined) this.applyRead(chat.id, this.#options.myId, readNo)
    })
    // One of the two is older, and its unread count starts at another message.
    if (keepsPreferences && current.unreadFrom !== chat.unreadFrom) void this.refresh(chat.id)
  }

  close(): void {
    this.#readMarks.close()
  }

  onChatLeft(chatId: string): void {
    this.#chats.delete(chatId)
    this.#readMarks.drop(chatId)
    this.#options.cache.put('chats', chatId, undefined)
    if (this.current.peek() === chatId) this.current.value = undefined
  }

  applyEntry(entry: Entry): void {
    switch (entry.type) {
      case 'message.hidden':
      case 'message.unhidden':
      case 'thread.followed':
      case 'thread.unfollowed':
        void this.refresh(entry.chatId)
        return
      case 'chat.preferencesUpdated':
        return this.#applyPreferences(entry)
      default: {
        const chat = this.peek(chatIdOf(entry.stream) ?? '')
        if (chat && entry.seq > chat.head) this.#set({ ...this.#reduce(chat, entry), head: entry.seq })
      }
    }
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'read') this.applyRead(hint.chat, hint.user, hint.no)
    else if (hint.t === 'delivered') this.#applyDelivered(hint.chat, hint.user, hint.no)
    else if (hint.t === 'threadRead' && this.peek(hint.chat)?.threadMentions) void this.refresh(hint.chat)
  }

  applyRead(chatId: string, userId: string, no: number): void {
    const chat = this.peek(chatId)
    if (!chat) return
    if (userId === chat.peer && userId !== this.#options.myId) {
      const peerReadNo = Math.max(no, chat.peerReadNo ?? 0)
      const peerDeliveredNo = Math.max(no, chat.peerDeliveredNo ?? 0)
      this.#set({ ...chat, peerReadNo, peerDeliveredNo })
    } else if (userId === this.#options.myId && (no > chat.readNo || chat.addedBy !== undefined)) {
      const left = Math.max(0, chat.lastNo - no)
      const unread = Math.min(chat.unread, left)
      const mentions = left === 0 ? 0 : chat.mentions
      this.#set({ ...withoutUnreadMarks(chat), readNo: Math.max(no, chat.readNo), unread, mentions })
      // Only the hub knows how many of those that are left are the user's own or deleted.
      if (unread > 0 || mentions > 0) void this.refresh(chatId)
    }
  }

  /** Preferences set here or in another window of the user. */
  #applyPreferences(entry: EntryOf<'chat.preferencesUpdated'>): void {
    const { chatId } = entry
    const chat = this.peek(chatId)
    if (!chat) return
    const next = withPreferences(chat, entry)
    this.#set(next)
    // Only the hub knows how many of them are by others.
    const counts = next.unreadFrom !== chat.unreadFrom || next.readNo !== chat.readNo
    if (counts || this.#refreshing.has(chatId)) void this.refresh(chatId)
  }

  #applyDelivered(chatId: string, userId: string, no: number): void {
    const chat = this.peek(chatId)
    if (chat && userId === chat.peer && no > (chat.peerDeliveredNo ?? 0)) {
      this.#set({ ...chat, peerDeliveredNo: no })
    }
  }

  /**
   * Fetches one summary. A call in between makes it fetch once more, since the response may be older than the reason
   * for that call. A response older than the current summary is fetched again too, but only a few times.
   */
  async refresh(chatId: string): Promise<void> {
    if (this.#refreshing.has(chatId)) {
      this.#refreshing.set(chatId, true)
      return
    }
    try {
      for (let again = true, tries = 0; again && tries < maxRefreshAttempts; tries += 1) {
        this.#refreshing.set(chatId, false)
        const { chat } = await this.#options.request('chats.get', { chatId })
        const current = this.peek(chatId)
        const isOld = current !== undefined && current.head > chat.head
        if (current && !isOld) this.put(chat)
        again = isOld || this.#refreshing.get(chatId) === true
      }
    } catch (error) {
      // The next `state` brings it.
      if (!isRequestError(error)) throw error
    } finally {
      this.#refreshing.delete(chatId)
    }
  }

  #reduce(chat: ChatSummary, entry: Entry): ChatSummary {
    // Replies count in threads.ts. Only the hub knows if one mentions this user.
    if ('message' in entry && entry.message.thread !== undefined) {
      const { message } = entry
      const calls = message.deleted !== true && message.author !== this.#options.myId
      if (chat.threadMentions || (calls && mightMention(message.text, this.#options.myUsername())))
        void this.refresh(chat.id)
      return chat
    }
    switch (entry.type) {
      case 'message.sent':
        return this.#withMessage(chat, entry)
      case 'message.edited':
      case 'message.undeleted':
      case 'message.deleted': {
        const { message } = entry
        const mayCount = chat.unread + chat.mentions > 0 || entry.type === 'message.undeleted'
        if (message.no >= firstUnreadNo(chat) && mayCount) void this.refresh(chat.id)
        if (chat.lastMessage?.id !== message.id) return chat
        const { deleted: _, files: _files, ...last } = chat.lastMessage
        return {
          ...chat,
          lastMessage:
            message.deleted === true
              ? { ...last, text: '', deleted: true }
              : { ...last, text: preview(message.text), ...summarizeFiles(message.attachments) },
        }
      }
      case 'member.added':
        return { ...chat, memberCount: chat.memberCount + 1 }
      case 'member.removed':
        return { ...chat, memberCount: chat.memberCount - 1 }
      case 'member.updated':
        return entry.userId === this.#options.myId ? { ...chat, role: entry.role } : chat
      case 'chat.updated':
        return withGroupChanges(chat, entry.changes)
      default:
        return chat
    }
  }

  #withMessage(chat: ChatSummary, entry: Extract<Entry, { type: 'message.sent' }>): ChatSummary {
    const { message } = entry
    const { id, no } = message
    if ('hidden' in message && message.hidden) {
      void this.refresh(chat.id)
      return { ...chat, lastNo: no }
    }
    const deleted = message.deleted === true
    const author = deleted ? (entry.by ?? '') : message.author
    const at = deleted ? entry.at : message.at
    const text = deleted ? '' : preview(message.text)
    const more = deleted ? { deleted } : summarizeFiles(message.attachments)
    const lastMessage = { id, no, author, text, at, ...more }
    const next: ChatSummary = { ...chat, lastNo: no, lastMessage, updatedAt: at }
    if (chat.archivedForMe && !chat.muted && no > (chat.archivedForMeNo ?? 0)) next.archivedForMe = false
    if (author === this.#options.myId) {
      return no > chat.readNo ? { ...withoutUnreadMarks(next), readNo: no, unread: 0, mentions: 0 } : next
    }
    if (author === chat.peer && author !== this.#options.myId) next.peerReadNo = next.peerDeliveredNo = no
    if (deleted || no <= chat.readNo) return next
    next.unread = Math.min(maxUnreadCount, chat.unread + 1)
    const { users, myUsername, keywords } = this.#options
    const called = resolveMentions(message.text, (key) => users.hasName(key))
    const isMentioned = called.has(mentionKey(myUsername())) || hasKeyword(message.text, keywords())
    if (isMentioned) next.mentions = chat.mentions + 1
    // Only the hub knows if its author may mention everyone, and who was online.
    else if (chat.kind === 'group' && (called.has('everyone') || called.has('here')))
      void this.refresh(chat.id)
    return next
  }

  #set(chat: ChatSummary): void {
    this.#chats.set(chat.id, chat)
    this.#options.cache.put('chats', chat.id, chat)
  }
}

function sum<T>(list: readonly T[], count: (item: T) => number): number {
  return list.reduce((total, item) => total + count(item), 0)
}
