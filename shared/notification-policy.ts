import type { ChatSummary } from './contract/chats.ts'
import type { Message } from './contract/messages.ts'
import type { Thread } from './contract/threads.ts'
import type { DesktopSettings, HubId, DesktopNotification } from './desktop.ts'
import { plainText } from './text/plain-text.ts'
import { preview } from './text/message.ts'

/*
 * Decides which messages cause a notification. It compares the hub's counts of chats and threads: what grew since the
 * last count and is still unread. So sleep, a dropped connection and a burst need no special case. Messages read on
 * another device are not shown at all, and a notification goes away when its messages are read.
 *
 * 1. The first count of a hub is only the starting point: nobody wants yesterday's messages as a pile of notifications.
 * 2. One notification for each chat or thread, replaced by its newest message; with more than
 * `maxSeparateNotifications`, one for the hub.
 * 3. No notification while the user looks at that chat, or during do not disturb; the badge counts all the same.
 * 4. Being added to a group notifies once, before its first message, and is no message.
 * 5. The level of a chat overrides the general one. A message in a followed thread counts as directed at the user.
 */

/** The words of a notification; the app and the page have their own. */
export interface NotificationTexts {
  newMessages: (messages: number, chats: number) => string
  newHere: (messages: number) => string
  threadIn: (chat: string) => string
  sentFile: string
  addedYou: (name: string) => string
  arrived: (name: string) => string
  somethingNew: string
}

export interface NotificationPolicyOptions {
  texts: NotificationTexts
  settings: () => Pick<DesktopSettings, 'notifications' | 'quietUntil' | 'showsText'>
  now: () => number
  /** Returns true if the window is in front and shows this chat. */
  isChatVisible: (hubId: HubId, chatId: string) => boolean
  /** Returns the name of a user of the hub; '' if the hub does not return one. */
  getUserName: (hubId: HubId, userId: string) => Promise<string>
  show: (notice: DesktopNotification) => void
  clear: (key: string) => void
}

type NotifyLevel = DesktopSettings['notifications']

interface NamedHub {
  id: HubId
  name: string
}

/** Chats and threads of one hub that get a notification each. */
const maxSeparateNotifications = 4
/** Replies whose text is cached until their threads are counted. */
const maxCachedReplies = 100

/** A chat, or a thread in it. */
interface NotificationSource {
  id: string
  chat: ChatSummary
  /** The number of the parent message of the thread. */
  thread?: number
  /** Number of the newest message; 0 if there is none. */
  no: number
  unread: number
  mentions: number
  newest: { author: string; text: string } | undefined
}

interface HubNotificationState {
  chats: Map<string, NotificationSource> | undefined
  threads: Map<string, NotificationSource> | undefined
  /** By thread. */
  replies: Map<string, { no: number; author: string; text: string }>
  /** Chats and threads with a notification: the number of messages it counts, and the first of them. Being added counts 0. */
  shown: Map<string, { count: number; from: number }>
  /** True if the hub's chats share one notification. */
  isGrouped: boolean
}

export class NotificationPolicy {
  readonly #options: NotificationPolicyOptions
  readonly #hubs = new Map<HubId, HubNotificationState>()

  constructor(options: NotificationPolicyOptions) {
    this.#options = options
  }

  /** Takes the chats of a user with the hub's current counts. */
  async updateChats(hub: NamedHub, myId: string, chats: readonly ChatSummary[]): Promise<void> {
    const notices = this.#stateOf(hub.id)
    const before = notices.chats
    notices.chats = indexById(chats.map(chatSource))
    await this.#notifyChanges(hub, myId, before, notices.chats)
  }

  /** Takes the threads the user follows. */
  async updateThreads(hub: NamedHub, myId: string, threads: readonly Thread[]): Promise<void> {
    const notices = this.#stateOf(hub.id)
    const before = notices.threads
    notices.threads = indexById(threads.flatMap((thread) => threadSource(thread, notices)))
    await this.#notifyChanges(hub, myId, before, notices.threads)
  }

  /** Caches the text of a reply: the count of its thread comes without text. */
  cacheReply(hubId: HubId, { thread, no, author, text }: Message): void {
    if (thread === undefined) return
    const { replies } = this.#stateOf(hubId)
    replies.delete(thread)
    replies.set(thread, { no, author, text: text.slice(0, 1000) })
    for (const oldest of replies.keys()) if (replies.size > maxCachedReplies) replies.delete(oldest)
  }

  /** Forgets a hub where the user is logged out. */
  clearHub(hubId: HubId): void {
    const notices = this.#hubs.get(hubId)
    if (!notices) return
    for (const id of notices.shown.keys()) this.#options.clear(notificationKey(hubId, id))
    this.#options.clear(notificationKey(hubId))
    this.#hubs.delete(hubId)
  }

  #stateOf(hubId: HubId): HubNotificationState {
    let notices = this.#hubs.get(hubId)
    if (!notices) {
      notices = {
        chats: undefined,
        threads: undefined,
        replies: new Map(),
        shown: new Map(),
        isGrouped: false,
      }
      this.#hubs.set(hubId, notices)
    }
    return notices
  }

  async #notifyChanges(
    hub: NamedHub,
    myId: string,
    before: Map<string, NotificationSource> | undefined,
    now: Map<string, NotificationSource>,
  ): Promise<void> {
    const notices = this.#stateOf(hub.id)
    this.#clearRead(hub.id, notices)
    if (!before) return
    for (const { chat, thread } of now.values())
      if (thread === undefined && this.#isNewlyAdded(hub.id, chat, before)) await this.#showAdded(hub, chat)
    const changed = [...now.values()].filter((source) =>
      this.#shouldNotify(hub.id, myId, source, before.get(source.id)),
    )
    for (const { id, no, unread } of changed) {
      const last = before.get(id)
      const first = Math.max(1, (last?.no ?? no - unread) + 1)
      const { count, from } = notices.shown.get(id) ?? { count: 0, from: first }
      notices.shown.set(id, { count: count + Math.max(1, unread - (last?.unread ?? 0)), from })
    }
    if (changed.length === 0) return
    const withMessages = [...notices.shown].filter(([, { count }]) => count > 0)
    if (withMessages.length > maxSeparateNotifications) this.#showGrouped(hub, notices, new Map(withMessages))
    else for (const source of changed) await this.#showSource(hub, source)
  }

  #shouldNotify(
    hubId: HubId,
    myId: string,
    source: NotificationSource,
    before: NotificationSource | undefined,
  ): boolean {
    const { chat, thread, newest, no, unread } = source
    if (unread === 0 || no <= (before?.no ?? 0) || newest?.author === myId) return false
    if (thread === undefined && !newest) return false
    switch (this.#levelNow(hubId, chat)) {
      case 'none':
        return false
      case 'all':
        return true
      case 'mentions':
        return isDirectedAtMe(source, before)
    }
  }

  /** The user was added to the group since the last count, and nobody has written in it yet. */
  #isNewlyAdded(hubId: HubId, chat: ChatSummary, before: Map<string, NotificationSource>): boolean {
    if (chat.addedBy === undefined || chat.unread > 0 || before.has(chat.id)) return false
    return this.#levelNow(hubId, chat) !== 'none'
  }

  /** The level that counts for a chat now: `none` while the user looks at it, or does not want to be disturbed. */
  #levelNow(hubId: HubId, chat: ChatSummary): NotifyLevel {
    const { notifications, quietUntil } = this.#options.settings()
    if (this.#options.now() < quietUntil || this.#options.isChatVisible(hubId, chat.id)) return 'none'
    return effectiveLevel(chat, notifications)
  }

  /** A user has joined the team: for its owner and admins. */
  announceArrival(hub: NamedHub, user: { id: string; displayName: string }): void {
    const { notifications, quietUntil, showsText } = this.#options.settings()
    if (notifications === 'none' || this.#options.now() < quietUntil) return
    const { texts } = this.#options
    this.#options.show({
      key: notificationKey(hub.id, `user/${user.id}`),
      hubId: hub.id,
      route: '/',
      title: hub.name,
      body: showsText ? texts.arrived(user.displayName) : texts.somethingNew,
    })
  }

  /** Clears the notifications of messages that were read, here or on another device. */
  #clearRead(hubId: HubId, notices: HubNotificationState): void {
    for (const id of notices.shown.keys()) {
      const place = notices.chats?.get(id) ?? notices.threads?.get(id)
      if ((place?.unread ?? 0) > 0 || place?.chat.addedBy !== undefined) continue
      notices.shown.delete(id)
      this.#options.clear(notificationKey(hubId, id))
    }
    if (notices.shown.size > 0 || !notices.isGrouped) return
    notices.isGrouped = false
    this.#options.clear(notificationKey(hubId))
  }

  #showGrouped(
    hub: NamedHub,
    notices: HubNotificationState,
    withMessages: HubNotificationState['shown'],
  ): void {
    if (!notices.isGrouped)
      for (const id of withMessages.keys()) this.#options.clear(notificationKey(hub.id, id))
    notices.isGrouped = true
    const messages = [...withMessages.values()].reduce((sum, { count }) => sum + count, 0)
    this.#options.show({
      key: notificationKey(hub.id),
      title: hub.name,
      body: this.#options.texts.newMessages(messages, withMessages.size),
      hubId: hub.id,
      route: '/',
    })
  }

  async #showSource(hub: NamedHub, source: NotificationSource): Promise<void> {
    const { chat, newest } = source
    const author = newest ? await this.#options.getUserName(hub.id, newest.author) : ''
    // it was read while the name was requested
    const shown = this.#hubs.get(hub.id)?.shown.get(source.id)
    if (!shown) return
    const { count, from } = shown
    const notice = {
      key: notificationKey(hub.id, source.id),
      hubId: hub.id,
      route: sourceRoute(source, from),
    }
    if (!this.#options.settings().showsText) {
      return this.#options.show({ ...notice, title: hub.name, body: this.#options.texts.newHere(count) })
    }
    const isNamed = chat.kind === 'group' || source.thread !== undefined
    const name = isNamed ? await this.#sourceName(hub.id, source, author) : author
    const { texts } = this.#options
    const text = newest ? preview(plainText(newest.text)) || texts.sentFile : texts.newHere(count)
    this.#options.show({
      ...notice,
      title: count > 1 ? `${name} (${count})` : name,
      body: isNamed && author ? `${author}: ${text}` : text,
    })
  }

  async #sourceName(hubId: HubId, { chat, thread }: NotificationSource, author: string): Promise<string> {
    const others = chat.name === undefined ? (chat.memberIds ?? []) : []
    const names = await Promise.all(others.map((userId) => this.#options.getUserName(hubId, userId)))
    const name = chat.kind === 'direct' ? author : names.length > 0 ? names.join(', ') : `#${chat.name ?? ''}`
    return thread === undefined ? name : this.#options.texts.threadIn(name)
  }

  async #showAdded(hub: NamedHub, { id, addedBy = '' }: ChatSummary): Promise<void> {
    const { showsText } = this.#options.settings()
    const name = showsText ? await this.#options.getUserName(hub.id, addedBy) : ''
    const chat = this.#hubs.get(hub.id)?.chats?.get(id)?.chat
    if (chat?.addedBy === undefined || chat.unread > 0) return
    this.#hubs.get(hub.id)?.shown.set(id, { count: 0, from: 1 })
    const { texts } = this.#options
    this.#options.show({
      key: notificationKey(hub.id, id),
      hubId: hub.id,
      route: `/chat/${id}`,
      title: showsText ? `#${chat.name ?? ''}` : hub.name,
      body: showsText ? texts.addedYou(name) : texts.somethingNew,
    })
  }
}

function indexById(sources: NotificationSource[]): Map<string, NotificationSource> {
  return new Map(sources.map((place) => [place.id, place]))
}

function chatSource(chat: ChatSummary): NotificationSource {
  const { id, lastMessage, unread, mentions } = chat
  // a deleted message has no text
  const newest = lastMessage && !lastMessage.deleted ? lastMessage : undefined
  return { id, chat, no: lastMessage?.no ?? 0, unread, mentions, newest }
}

/** Returns undefined for a thread of an unknown chat: it will be counted again. */
function threadSource(
  { chatId, message, unread, mentions }: Thread,
  { chats, replies }: HubNotificationState,
): NotificationSource[] {
  const chat = chats?.get(chatId)?.chat
  if (!chat) return []
  const no = message.replies?.lastNo ?? 0
  const cachedReply = replies.get(message.id)
  return [
    {
      id: message.id,
      chat,
      thread: message.no,
      no,
      unread,
      mentions,
      newest: cachedReply?.no === no ? cachedReply : undefined,
    },
  ]
}

/** Returns true for a chat without a name, a mention of me, or a reply in a thread I follow. */
function isDirectedAtMe(
  { chat, thread, mentions }: NotificationSource,
  before: NotificationSource | undefined,
): boolean {
  if (mentions > (before?.mentions ?? 0)) return true
  // a user who chose "mentions" for this very chat means it
  return (
    (chat.kind === 'direct' || chat.memberIds !== undefined || thread !== undefined) &&
    chat.notify !== 'mentions'
  )
}

/** Returns the level chosen for this chat, or the general one. */
function effectiveLevel(
  { muted, archived, notify = 'default' }: ChatSummary,
  general: NotifyLevel,
): NotifyLevel {
  if (muted || archived) return 'none'
  return notify === 'default' ? general : notify
}

/** Returns the route to the first message of the notification. */
function sourceRoute({ chat, thread }: NotificationSource, from: number): string {
  return ['/chat', chat.id, thread, from].filter((part) => part !== undefined).join('/')
}

/** Returns the key for a chat or a thread, or for a hub whose chats share one notification. */
export function notificationKey(hubId: HubId, id?: string): string {
  return id === undefined ? hubId : `${hubId}/${id}`
}
