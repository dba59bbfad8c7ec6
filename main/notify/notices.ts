import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { DesktopSettings, HubId, Notice } from '../../shared/desktop.ts'
import { plainText } from '../../shared/text/markdown.ts'
import { preview } from '../../shared/text/message.ts'
import { words } from '../text.ts'

/*
 * What is worth a notification, told from the chats as the hub counts them: what grew since the last count and is still
 * unread. So sleep, a dropped connection and a burst are the same thing, what was read elsewhere meanwhile is not
 * shown at all, and what is read later goes away by itself.
 *
 * 1. The first count of a hub only tells where things stand: nobody wants yesterday's messages as a pile of toasts.
 * 2. One notification for each chat, replaced by its newest message; with more than `most` chats, one for the hub.
 * 3. Nothing while the person looks at that chat, nor while they are not to be disturbed; the badge counts all the same.
 */

export interface NoticesOptions {
  settings: () => Pick<DesktopSettings, 'notifications' | 'quietUntil'>
  now: () => number
  /** The window is in front and shows this chat. */
  isLookingAt: (hubId: HubId, chatId: string) => boolean
  /** Names of a person of the hub; '' when the hub does not say. */
  nameOf: (hubId: HubId, userId: string) => Promise<string>
  show: (notice: Notice) => void
  clear: (key: string) => void
}

/** Chats of one hub that are shown one by one. */
const most = 4

interface Counted {
  no: number
  unread: number
  mentions: number
}

interface HubNotices {
  counted: Map<string, Counted> | undefined
  /** Chats with a notification, and how many messages it stands for. */
  shown: Map<string, number>
  /** They are shown as one. */
  isGrouped: boolean
}

export class Notices {
  readonly #options: NoticesOptions
  readonly #hubs = new Map<HubId, HubNotices>()

  constructor(options: NoticesOptions) {
    this.#options = options
  }

  /** The chats of a person as their hub counts them now. */
  async count(hub: { id: HubId; name: string }, myId: string, chats: readonly ChatSummary[]): Promise<void> {
    const notices = this.#of(hub.id)
    const before = notices.counted
    notices.counted = new Map(chats.map((chat) => [chat.id, countedOf(chat)]))
    this.#clearRead(hub.id, notices)
    if (!before) return
    const fresh = chats.filter((chat) => this.#isWorthIt(hub.id, myId, chat, before.get(chat.id)))
    for (const chat of fresh) {
      const more = chat.unread - (before.get(chat.id)?.unread ?? 0)
      notices.shown.set(chat.id, (notices.shown.get(chat.id) ?? 0) + Math.max(1, more))
    }
    if (fresh.length === 0) return
    if (notices.shown.size > most) this.#showGrouped(hub, notices)
    else for (const chat of fresh) await this.#show(hub.id, chat, notices.shown.get(chat.id) ?? 1)
  }

  /** Nobody is logged in there any more. */
  forget(hubId: HubId): void {
    const notices = this.#hubs.get(hubId)
    if (!notices) return
    for (const chatId of notices.shown.keys()) this.#options.clear(keyOf(hubId, chatId))
    this.#options.clear(keyOf(hubId))
    this.#hubs.delete(hubId)
  }

  #of(hubId: HubId): HubNotices {
    let notices = this.#hubs.get(hubId)
    if (!notices) {
      notices = { counted: undefined, shown: new Map(), isGrouped: false }
      this.#hubs.set(hubId, notices)
    }
    return notices
  }

  #isWorthIt(hubId: HubId, myId: string, chat: ChatSummary, before: Counted | undefined): boolean {
    const { lastMessage } = chat
    if (!lastMessage || lastMessage.deleted || lastMessage.author === myId || chat.unread === 0) return false
    if (lastMessage.no <= (before?.no ?? 0)) return false
    const { notifications, quietUntil } = this.#options.settings()
    if (this.#options.now() < quietUntil || this.#options.isLookingAt(hubId, chat.id)) return false
    const level = levelOf(chat) ?? notifications
    if (level === 'none') return false
    return level === 'all' || chat.kind === 'direct' || chat.mentions > (before?.mentions ?? 0)
  }

  /** What was read, here or elsewhere, is no news any more. */
  #clearRead(hubId: HubId, notices: HubNotices): void {
    for (const chatId of notices.shown.keys()) {
      if ((notices.counted?.get(chatId)?.unread ?? 0) > 0) continue
      notices.shown.delete(chatId)
      this.#options.clear(keyOf(hubId, chatId))
    }
    if (notices.shown.size > 0 || !notices.isGrouped) return
    notices.isGrouped = false
    this.#options.clear(keyOf(hubId))
  }

  #showGrouped(hub: { id: HubId; name: string }, notices: HubNotices): void {
    if (!notices.isGrouped)
      for (const chatId of notices.shown.keys()) this.#options.clear(keyOf(hub.id, chatId))
    notices.isGrouped = true
    const messages = [...notices.shown.values()].reduce((sum, count) => sum + count, 0)
    this.#options.show({
      key: keyOf(hub.id),
      title: hub.name,
      body: words.newMessages(messages, notices.shown.size),
      hubId: hub.id,
      route: '/',
    })
  }

  async #show(hubId: HubId, chat: ChatSummary, count: number): Promise<void> {
    const { lastMessage } = chat
    if (!lastMessage) return
    const author = await this.#options.nameOf(hubId, lastMessage.author)
    // read while the name was asked for
    if (!this.#hubs.get(hubId)?.shown.has(chat.id)) return
    const isGroup = chat.kind === 'group'
    const name = isGroup ? `#${chat.name ?? ''}` : author
    const text = preview(plainText(lastMessage.text)) || words.sentFile
    this.#options.show({
      key: keyOf(hubId, chat.id),
      title: count > 1 ? `${name} (${count})` : name,
      body: isGroup && author ? `${author}: ${text}` : text,
      hubId,
      route: `/chat/${chat.id}`,
    })
  }
}

function countedOf({ lastMessage, unread, mentions }: ChatSummary): Counted {
  return { no: lastMessage?.no ?? 0, unread, mentions }
}

/** What the person chose for this chat; nothing: what they chose for all. */
function levelOf(chat: ChatSummary): DesktopSettings['notifications'] | undefined {
  return chat.muted || chat.archived ? 'none' : undefined
}

/** Of a chat, or of a hub whose chats are shown as one. */
export function keyOf(hubId: HubId, chatId?: string): string {
  return chatId === undefined ? hubId : `${hubId}/${chatId}`
}
