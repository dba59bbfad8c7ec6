// My chats as the list shows them: a summary each, from `state`, kept right by the entries of its chat.
//
// A summary says by its `head` which entries it already holds, so an entry changes it only if its seq is higher. Read
// marks are registers: mine goes up at once and is sent until the hub has it.
import type { Input, Output } from '../../shared/contract.ts'
import type { ChatSummary, DeletedGroup } from '../../shared/contract/chats.ts'
import type { Entry, EntryOf } from '../../shared/contract/entries.ts'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { broadcastMentions, mentionedNames, preview } from '../../shared/text/message.ts'
import { foldCase } from '../../shared/text/names.ts'
import { unreadCountsOf } from '../../shared/unread-counts.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Cache, CacheContent } from '../sync/cache.ts'
import type { Users } from './users.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, signal, type ReadonlySignal, type Signal } from '../signals/signal.ts'

export interface ChatsOptions {
  myId: string
  myUsername: () => string
  request: Request
  users: Pick<Users, 'nameOf'>
  cache: Pick<Cache, 'put'>
  content: CacheContent
}

const maxUnreadCount = 1000
const maxRefreshAttempts = 5

export class Chats {
  readonly #options: ChatsOptions
  readonly #chats = new SignalMap<ChatSummary>()
  readonly #ready = signal(false)
  /** How far I have read, as far as the hub may not know it yet. */
  readonly #readNumbers = new Map<string, number>()
  readonly #sendingReceipts = new Set<string>()
  /** Whose summary is being asked for, and whether once more. */
  readonly #refreshing = new Map<string, boolean>()

  /** False until the cache or the hub has told what there is. */
  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** The latest first. */
  readonly list: ReadonlySignal<readonly ChatSummary[]>
  /** What the person typed into the filter box: a part of a name, in any case. */
  readonly filter: Signal<string> = signal('')
  /** `list` with the filter applied, without the archive. */
  readonly filtered: ReadonlySignal<readonly ChatSummary[]>
  /** The archive, with the filter applied: groups that are archived for all, and what I have archived for me. */
  readonly archived: ReadonlySignal<readonly ChatSummary[]>
  /** In all chats together (`unreadCountsOf`). */
  readonly unread: ReadonlySignal<number>
  readonly mentions: ReadonlySignal<number>
  /** The chat on screen; remembered for the next start. */
  readonly current: Signal<string | undefined>

  constructor(options: ChatsOptions) {
    this.#options = options
    const { content } = options
    this.#chats.replace(content.chats as ReadonlyMap<string, ChatSummary>)
    this.#ready.value = content.chats.size > 0 || content.meta.has('epoch')
    const last = content.meta.get('current')
    this.current = signal(typeof last === 'string' ? last : undefined)
    this.current.subscribe((chatId) => options.cache.put('meta', 'current', chatId))
    this.list = computed(() => [...this.#chats.values.value].sort(latestFirst))
    const found = computed(() => {
      const part = foldCase(this.filter.value.trim())
      return part === ''
        ? this.list.value
        : this.list.value.filter((chat) => foldCase(this.nameOf(chat)).includes(part))
    })
    this.filtered = computed(() => found.value.filter((chat) => !isInArchive(chat)))
    this.archived = computed(() => found.value.filter(isInArchive))
    this.unread = computed(() => sum(this.list.value, (chat) => unreadCountsOf(chat).unread))
    this.mentions = computed(() => sum(this.list.value, (chat) => unreadCountsOf(chat).mentions))
  }

  /** Watched: an element that draws with it draws again when this chat changes. */
  get(chatId: string): ChatSummary | undefined {
    return this.#chats.get(chatId)
  }

  peek(chatId: string): ChatSummary | undefined {
    return this.#chats.peek(chatId)
  }

  /** The group's name, or the display name of the other person. */
  nameOf(chat: ChatSummary): string {
    return chat.kind === 'direct' ? this.#options.users.nameOf(chat.peer ?? '') : (chat.name ?? '')
  }

  /** The direct chat with a person; answers its id. This and the following throw RequestError. */
  async openDirect(userId: string): Promise<string> {
    const { chat } = await this.#options.request('chats.direct', { userId })
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

  /** The chat goes from the list when its entry comes. */
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

  /** Deleted groups that I can bring back. */
  async listDeleted(): Promise<readonly DeletedGroup[]> {
    return (await this.#options.request('chats.listDeleted')).chats
  }

  async undelete(chatId: string): Promise<void> {
    this.#applyUpdate(await this.#options.request('chats.undelete', { chatId }))
  }

  /** An admin of the hub changes public groups from outside and is told nothing of their inside. */
  #applyUpdate({ chat }: Output<'chats.update'>): void {
    if (chat) this.put(chat)
  }

  async delete(chatId: string): Promise<void> {
    await this.#options.request('chats.delete', { chatId })
  }

  /** How it stands in my list. It changes by its entry, as in my other windows. */
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

  /** I have read up to this message. */
  markRead(chatId: string, no: number): void {
    const chat = this.peek(chatId)
    if (!chat) return
    if (no <= chat.readNo) return this.#clearUnreadFrom(chat)
    this.#readNumbers.set(chatId, no)
    this.applyRead(chatId, this.#options.myId, no)
    void this.#sendRead(chatId)
  }

  /** Read again, no further than before: only the mark by hand goes. */
  #clearUnreadFrom(chat: ChatSummary): void {
    if (chat.unreadFrom === undefined) return
    this.#set({ ...withoutUnreadFrom(chat), unread: 0, mentions: 0 })
    this.updatePreferences(chat.id, { unreadFrom: 0 }).catch((error: unknown) => {
      // the next `state` brings the mark back, and whoever reads then takes it away again
      if (!isRequestError(error)) throw error
    })
  }

  /** What the hub says there is, at the beginning of each connection. */
  applyState(chats: readonly ChatSummary[]): void {
    batch(() => {
      const mine = new Set(chats.map((chat) => chat.id))
      for (const chatId of this.#chats.keys()) if (!mine.has(chatId)) this.remove(chatId)
      for (const chat of chats) {
        this.#set(chat)
        const mark = this.#readNumbers.get(chat.id)
        if (mark !== undefined) this.applyRead(chat.id, this.#options.myId, mark)
      }
      this.#ready.value = true
    })
    for (const chatId of this.#readNumbers.keys()) void this.#sendRead(chatId)
  }

  /**
   * A summary from the hub, unless what is here is newer. Its `head` says nothing of my own stream: how the chat stands in my
   * list is taken from it only where that stream led to it.
   */
  put(chat: ChatSummary, led: 'led by my stream' | undefined = undefined): void {
    const held = this.peek(chat.id)
    if (held && held.head > chat.head) return
    batch(() => {
      this.#set({
        ...(held && !led ? withPreferencesOf(held, chat) : chat),
        ...(chat.peerReadNo === undefined
          ? {}
          : { peerReadNo: Math.max(chat.peerReadNo, held?.peerReadNo ?? 0) }),
        ...(chat.peerDeliveredNo === undefined
          ? {}
          : { peerDeliveredNo: Math.max(chat.peerDeliveredNo, held?.peerDeliveredNo ?? 0) }),
      })
      if (held) this.applyRead(chat.id, this.#options.myId, held.readNo)
    })
    // one of them is older: what is unread was counted from elsewhere
    if (held && !led && held.unreadFrom !== chat.unreadFrom) void this.refresh(chat.id)
  }

  remove(chatId: string): void {
    this.#chats.delete(chatId)
    this.#readNumbers.delete(chatId)
    this.#options.cache.put('chats', chatId, undefined)
    if (this.current.peek() === chatId) this.current.value = undefined
  }

  /** An entry of a chat's own stream. */
  applyEntry(chatId: string, entry: Entry): void {
    const chat = this.peek(chatId)
    if (!chat || entry.seq <= chat.head) return
    this.#set({ ...this.#reduce(chat, entry), head: entry.seq })
  }

  applyRead(chatId: string, userId: string, no: number): void {
    const chat = this.peek(chatId)
    if (!chat) return
    if (userId === chat.peer) {
      const peerReadNo = Math.max(no, chat.peerReadNo ?? 0)
      const peerDeliveredNo = Math.max(no, chat.peerDeliveredNo ?? 0)
      this.#set({ ...chat, peerReadNo, peerDeliveredNo })
    } else if (userId === this.#options.myId && no > chat.readNo) {
      const left = Math.max(0, chat.lastNo - no)
      const unread = Math.min(chat.unread, left)
      const mentions = left === 0 ? 0 : chat.mentions
      this.#set({ ...withoutUnreadFrom(chat), readNo: no, unread, mentions })
      // How many of those left are mine or were deleted, only the hub knows.
      if (unread > 0 || mentions > 0) void this.refresh(chatId)
    }
  }

  /** An entry of my own stream: how the chat stands in my list, set here or in another window of mine. */
  applyPreferences({
    chatId,
    muted,
    notify,
    archivedForMe,
    archivedForMeNo,
    unreadFrom,
    readNo,
  }: EntryOf<'chat.preferencesUpdated'>): void {
    const chat = this.peek(chatId)
    if (!chat) return
    const holds = unreadFrom > 0 && chat.readNo <= readNo
    const { archivedForMeNo: _, ...rest } = withoutUnreadFrom(chat)
    const next: ChatSummary = {
      ...{
        ...rest,
        muted,
        notify,
        archivedForMe: archivedForMe && (muted || chat.lastNo <= archivedForMeNo),
      },
      // what I read or wrote before it may still be on its way
      readNo: Math.max(chat.readNo, readNo),
      ...(archivedForMe ? { archivedForMeNo } : {}),
      ...(holds ? { unreadFrom } : {}),
    }
    this.#set(next)
    // how many of them are of others, only the hub knows
    const counts = next.unreadFrom !== chat.unreadFrom || next.readNo !== chat.readNo
    if (counts || this.#refreshing.has(chatId)) void this.refresh(chatId)
  }

  applyDelivered(chatId: string, userId: string, no: number): void {
    const chat = this.peek(chatId)
    if (chat && userId === chat.peer && no > (chat.peerDeliveredNo ?? 0)) {
      this.#set({ ...chat, peerDeliveredNo: no })
    }
  }

  /**
   * Asks for one summary again; asked meanwhile, once more, since the answer may be older than the reason. An answer
   * older than what is here by now is of no use either, but a hub that keeps giving such is not asked for ever.
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
        const held = this.peek(chatId)
        const isOld = held !== undefined && held.head > chat.head
        if (held && !isOld) this.put(chat)
        again = isOld || this.#refreshing.get(chatId) === true
      }
    } catch (error) {
      // The next `state` says it all.
      if (!isRequestError(error)) throw error
    } finally {
      this.#refreshing.delete(chatId)
    }
  }

  async #sendRead(chatId: string): Promise<void> {
    if (this.#sendingReceipts.has(chatId)) return
    this.#sendingReceipts.add(chatId)
    try {
      for (let no = this.#readNumbers.get(chatId); no !== undefined; no = this.#readNumbers.get(chatId)) {
        await this.#options.request('chats.read', { chatId, no })
        if (this.#readNumbers.get(chatId) === no) this.#readNumbers.delete(chatId)
      }
    } catch (error) {
      if (!isRequestError(error)) throw error
      // Kept, and told again after the next `state`; refused, it was nothing to keep.
      if (error.code === 'not_found' || error.code === 'invalid') this.#readNumbers.delete(chatId)
    } finally {
      this.#sendingReceipts.delete(chatId)
    }
  }

  #reduce(chat: ChatSummary, entry: Entry): ChatSummary {
    // a thread is a matter of its own: see threads.ts; whether it calls me, only the hub knows
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
      case 'chat.updated': {
        // empty is how an entry says that there is none any more
        const { topic, picture, ...rest } = { ...chat, ...entry.changes }
        return { ...rest, ...(topic ? { topic } : {}), ...(picture ? { picture } : {}) }
      }
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
      return no > chat.readNo ? { ...withoutUnreadFrom(next), readNo: no, unread: 0, mentions: 0 } : next
    }
    if (author === chat.peer) next.peerReadNo = next.peerDeliveredNo = no
    if (deleted || no <= chat.readNo) return next
    next.unread = Math.min(maxUnreadCount, chat.unread + 1)
    const names = mentionedNames(message.text).map(foldCase)
    if (names.includes(foldCase(this.#options.myUsername()))) next.mentions = chat.mentions + 1
    // whether its author may call all, and who was here, only the hub knows
    else if (chat.kind === 'group' && broadcastMentions.some((name) => names.includes(name)))
      void this.refresh(chat.id)
    return next
  }

  #set(chat: ChatSummary): void {
    this.#chats.set(chat.id, chat)
    this.#options.cache.put('chats', chat.id, chat)
  }
}

function isInArchive({ archived, archivedForMe }: ChatSummary): boolean {
  return archived || archivedForMe === true
}

/** Where the unread messages begin: after what was read, or where they were marked so by hand. */
export function firstUnreadNo({ unreadFrom, readNo }: ChatSummary): number {
  return unreadFrom ?? readNo + 1
}

/** A summary that stands in my list as another does. */
function withPreferencesOf(current: ChatSummary, chat: ChatSummary): ChatSummary {
  const { muted, notify, archivedForMeNo, unreadFrom } = current
  const { notify: _, archivedForMeNo: _asideNo, unreadFrom: _unreadFrom, ...rest } = chat
  return {
    ...rest,
    muted,
    ...(current.archivedForMe === undefined
      ? {}
      : { archivedForMe: current.archivedForMe && (muted || chat.lastNo <= (archivedForMeNo ?? 0)) }),
    ...(notify === undefined ? {} : { notify }),
    ...(archivedForMeNo === undefined ? {} : { archivedForMeNo }),
    ...(unreadFrom === undefined ? {} : { unreadFrom }),
  }
}

function withoutUnreadFrom({ unreadFrom: _, ...chat }: ChatSummary): ChatSummary {
  return chat
}

/** Whether a text may call somebody of this name: by it, or with all others. */
export function mightMention(text: string, username: string): boolean {
  const wanted = [username, ...broadcastMentions].map(foldCase)
  return mentionedNames(text).some((name) => wanted.includes(foldCase(name)))
}

function latestFirst(a: ChatSummary, b: ChatSummary): number {
  return b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1)
}

function sum<T>(list: readonly T[], count: (item: T) => number): number {
  return list.reduce((total, item) => total + count(item), 0)
}
