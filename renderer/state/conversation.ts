// One opened chat: a window of its messages, and what waits in the outbox.
//
// - The window is one stretch without gaps. While it reaches the end, entries extend it; else they only replace.
// - A page is asked for while entries go on arriving: those are kept aside (`#collecting`) and put on top of the answer,
//   so what came between the asking and the answer is never lost.
// - Stale means that there may be a gap behind the window: nothing extends it until it is fetched anew.
// - Each load has a number; the answer to an earlier one is thrown away.
import type { Output } from '../../shared/contract.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { Alarm } from '../link/alarm.ts'
import { isRequestError, type Request } from '../link/request.ts'
import type { Clock, WindowLike } from '../link/surroundings.ts'
import type { Edits } from '../sync/edits.ts'
import type { Outbox } from '../sync/outbox.ts'
import {
  applyChange,
  isDeleted,
  placeOf,
  putMessage,
  type Change,
  type Kept,
  type Tails,
} from '../sync/tails.ts'
import { firstUnreadOf, type Chats } from './chats.ts'
import type { Drafts } from './drafts.ts'
import { Members } from './members.ts'
import {
  itemOfMessage,
  itemOfOutgoing,
  withEdit,
  type MessageItem,
  type MessageState,
} from './message-item.ts'
import type { People } from './people.ts'
import { batch, computed, signal, type ReadonlySignal } from './signal.ts'
import type { Typing } from './typing.ts'
import type { Upload, Uploads } from './uploads.ts'

/** `loading`: nothing to show yet. `offline`: nothing in the cache and no hub; it loads by itself when it is back. */
export type ConversationStatus = 'loading' | 'ready' | 'offline'

export interface ConversationOptions {
  chatId: string
  myId: string
  request: Request
  isLive: () => boolean
  cursor: () => number
  clock: Clock
  window: WindowLike
  chats: Chats
  people: People
  typing: Typing
  drafts: Drafts
  outbox: Outbox
  edits: Edits
  uploads: Uploads
  tails: Tails
}

/** An entry that came while a page was on its way. */
type Fresh = Change | { gone: string }

export interface Place {
  readonly no: number
}

interface Stretch {
  readonly messages: readonly Kept[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

const pageOf = 50
/** Messages of a chat held in memory, and by how many that may be passed before the far end is let go. */
const heldUpTo = 500
const slack = 100
const triesAgainAfter = 2_000

export class Conversation {
  readonly chatId: string
  readonly #options: ConversationOptions
  readonly #stretch = signal<Stretch>({ messages: [], hasOlder: false, hasNewer: false })
  readonly #status = signal<ConversationStatus>('loading')
  readonly #loadingOlder = signal(false)
  readonly #loadingNewer = signal(false)
  readonly #firstUnreadNo = signal<number | undefined>(undefined)
  readonly #shownAround = signal<Place | undefined>(undefined)
  readonly #shown = signal(false)
  readonly #rows = new WeakMap<object, MessageItem>()
  readonly #again: Alarm
  readonly #collecting = new Set<Fresh[]>()
  #load = 0
  #stale = false
  /** Marked as unread while it is on screen: it stays so until it is opened again. */
  #keptUnread = false
  #offAttention: (() => void) | undefined

  /** Undefined once I am no longer in it. */
  readonly chat: ReadonlySignal<ChatSummary | undefined>
  readonly status: ReadonlySignal<ConversationStatus> = this.#status
  /** Ascending. What is pending or failed stands at the end, while the window reaches the end of the chat. */
  readonly items: ReadonlySignal<readonly MessageItem[]>
  readonly hasOlder: ReadonlySignal<boolean> = computed(() => this.#stretch.value.hasOlder)
  /** True after a jump into the past: the window does not reach the end. */
  readonly hasNewer: ReadonlySignal<boolean> = computed(() => this.#stretch.value.hasNewer)
  readonly loadingOlder: ReadonlySignal<boolean> = this.#loadingOlder
  readonly loadingNewer: ReadonlySignal<boolean> = this.#loadingNewer
  /** The New divider stands above the first item with this `no` or a higher one; frozen when the chat was opened. */
  readonly firstUnreadNo: ReadonlySignal<number | undefined> = this.#firstUnreadNo
  /** The message that was asked for last, to be brought into view and marked; a new object each time. */
  readonly shownAround: ReadonlySignal<Place | undefined> = this.#shownAround
  readonly members: Members
  /** Ids of those who are typing here, without me. */
  readonly typing: ReadonlySignal<readonly string[]>
  /** What stands in the composer; kept within a second. */
  readonly draft: ReadonlySignal<string>
  /** The files beside it. */
  readonly tray: ReadonlySignal<readonly Upload[]>

  constructor(options: ConversationOptions) {
    const { chatId, myId, chats, typing, drafts, edits, outbox, uploads, tails } = options
    this.#options = options
    this.chatId = chatId
    this.#again = new Alarm(options.clock)
    this.members = new Members(options)
    this.chat = computed(() => chats.get(chatId))
    this.typing = computed(() => typing.in(chatId))
    this.draft = computed(() => drafts.get(chatId))
    this.tray = computed(() => uploads.tray(chatId))
    this.items = computed(() => {
      const { messages, hasNewer } = this.#stretch.value
      const saved = edits.all.value
      const items = messages.map((message) =>
        withEdit(
          this.#row(message, () => itemOfMessage(chatId, message, myId)),
          saved,
        ),
      )
      if (hasNewer) return items
      const arrived = new Set(items.slice(-heldUpTo).map((item) => item.key))
      const waiting = outbox.of(chatId).filter(({ cid }) => !arrived.has(cid))
      return [...items, ...waiting.map((each) => this.#row(each, () => itemOfOutgoing(each, myId)))]
    })
    if (tails.get(chatId)) this.#showTail()
  }

  /** What the window holds, as the hub said it. */
  get messages(): readonly Kept[] {
    return this.#stretch.peek().messages
  }

  get isShown(): boolean {
    return this.#shown.peek()
  }

  /** The chat is on screen: loads what it needs. Call `hide` when another takes its place. */
  show(): void {
    if (this.#shown.peek()) return
    const { chats, tails, window } = this.#options
    this.#shown.value = true
    tails.used(this.chatId)
    const chat = chats.peek(this.chatId)
    this.#firstUnreadNo.value = chat && chat.unread > 0 ? firstUnreadOf(chat) : undefined
    this.#offAttention = window.onAttention(() => {
      // What was read is no longer new when the person comes back.
      if (!this.#isAttended() && chats.peek(this.chatId)?.unread === 0) this.#firstUnreadNo.value = undefined
    })
    this.wake()
  }

  hide(): void {
    this.#shown.value = false
    this.#keptUnread = false
    this.#shownAround.value = undefined
    this.#firstUnreadNo.value = undefined
    this.#offAttention?.()
    this.#offAttention = undefined
    // The next time it is opened at its end.
    if (this.#stretch.peek().hasNewer && this.#options.tails.get(this.chatId)) this.#showTail()
  }

  /** On screen, and the hub is there: what is missing is asked for. */
  wake(): void {
    if (!this.#shown.peek()) return
    if (!this.#options.isLive()) {
      if (this.#status.peek() === 'loading') this.#status.value = 'offline'
      return
    }
    this.#orLater(this.members.refresh())
    if (this.#status.peek() !== 'ready' || this.#stale) this.#orLater(this.#loadNewest())
    else this.#noteUnread()
  }

  /** This and the following throw RequestError. */
  async loadOlder(): Promise<void> {
    const { messages, hasOlder } = this.#stretch.peek()
    const first = messages[0]
    if (!first || !hasOlder || this.#loadingOlder.peek() || this.#stale) return
    const load = this.#load
    this.#loadingOlder.value = true
    try {
      const page = await this.#ask({ before: first.no })
      if (load !== this.#load) return
      const held = this.#stretch.peek()
      const older = page.messages.filter((message) => message.no < (held.messages[0]?.no ?? Infinity))
      this.#set(trimEnd({ ...held, messages: [...older, ...held.messages], hasOlder: page.more }))
    } finally {
      this.#loadingOlder.value = false
    }
  }

  async loadNewer(): Promise<void> {
    const { messages, hasNewer } = this.#stretch.peek()
    const last = messages.at(-1)
    if (!last || !hasNewer || this.#loadingNewer.peek() || this.#stale) return
    const load = this.#load
    this.#loadingNewer.value = true
    try {
      const page = await this.#ask({ after: last.no })
      if (load !== this.#load) return
      const held = this.#stretch.peek()
      const joined = [...page.messages, ...(page.more ? [] : page.beyond)].reduce(putMessage, held.messages)
      this.#set(trimStart({ ...held, messages: joined, hasNewer: page.more }, heldUpTo))
    } finally {
      this.#loadingNewer.value = false
    }
  }

  /** Moves the window around the message with this `no`. */
  async jumpTo(no: number): Promise<void> {
    const { messages } = this.#stretch.peek()
    if (messages[placeOf(messages, no)]?.no === no) return
    const load = ++this.#load
    const page = await this.#ask({ around: no })
    if (load !== this.#load) return
    const hasNewer = page.moreAfter ?? false
    this.#replace({
      messages: hasNewer ? page.messages : [...page.messages, ...page.beyond],
      hasOlder: page.more,
      hasNewer,
    })
  }

  /**
   * Brings a message into view, wherever it stands; of one that is not there any more, its neighbourhood. Answers whether
   * it is there.
   */
  async showAround(no: number): Promise<boolean> {
    await this.jumpTo(no)
    const { messages } = this.#stretch.peek()
    const found = messages[placeOf(messages, no)] ?? messages.at(-1)
    if (found) this.#shownAround.value = { no: found.no }
    return found?.no === no
  }

  async jumpToEnd(): Promise<void> {
    if (!this.#stretch.peek().hasNewer) return
    if (this.#options.tails.get(this.chatId)) this.#showTail()
    else await this.#loadNewest()
  }

  /** Puts the message, with the files in the tray, into the outbox and shows it at once; clears the draft. Check the text with `checkText` first. */
  send(text: string, replyTo?: Message['replyTo']): void {
    const { outbox, drafts, typing } = this.#options
    this.#keptUnread = false
    const files = this.tray.peek().map(({ id }) => id)
    batch(() => {
      outbox.add(this.chatId, text, { replyTo, files })
      drafts.set(this.chatId, '')
      this.#firstUnreadNo.value = undefined
    })
    typing.sent(this.chatId)
    this.#orLater(this.jumpToEnd())
  }

  retry(cid: string): void {
    this.#options.outbox.retry(cid)
  }

  discard(cid: string): void {
    this.#options.outbox.discard(cid)
  }

  setDraft(text: string): void {
    this.#options.drafts.set(this.chatId, text)
  }

  /** The person is typing: tells the others, at most every 3 s. */
  notifyTyping(): void {
    this.#options.typing.notify(this.chatId)
  }

  /** Call when the window is visible and focused and the end is in view. */
  markRead(): void {
    const { messages, hasNewer } = this.#stretch.peek()
    const last = messages.at(-1)
    // what stands there may be of a past that is no more
    if (last && !hasNewer && !this.#stale && !this.#keptUnread && this.#isAttended())
      this.#options.chats.markRead(this.chatId, last.no)
  }

  /** From this message on it is new to me again, though it is on screen. Throws RequestError. */
  async markUnread(no: number): Promise<void> {
    const { chats } = this.#options
    this.#keptUnread = true
    await chats.setMine(this.chatId, { unreadFrom: no })
    if (this.#shown.peek()) this.#firstUnreadNo.value = no
  }

  /** Of one of my messages; watched, so the row that draws with it draws again. Undefined for those of others. */
  stateOf(item: MessageItem): MessageState | undefined {
    if (!item.mine || item.deleted) return undefined
    if (item.pending) return item.pending
    const chat = this.chat.value
    if (!chat || item.no === undefined) return 'sent'
    const isDirect = chat.kind === 'direct'
    if (!isDirect && chat.memberCount > limits.liveReceiptMembers) return 'sent'
    const readNo = isDirect ? chat.peerReadNo : this.members.readByAll.value
    const deliveredNo = isDirect ? chat.peerDeliveredNo : this.members.deliveredToAll.value
    if (item.no <= (readNo ?? 0)) return 'read'
    return item.no <= (deliveredNo ?? 0) ? 'delivered' : 'sent'
  }

  /** Who has got and read it, asked of the hub. Throws RequestError. */
  askStatus(messageId: string): Promise<Output<'messages.status'>> {
    return this.#options.request('messages.status', { messageId })
  }

  /** What an entry says of a message. */
  put(change: Change): void {
    for (const fresh of this.#collecting) fresh.push(change)
    if (this.#status.peek() !== 'ready' || this.#stale) return
    const { message } = change
    const held = this.#stretch.peek()
    const isNew = change.isNew && message.no > (held.messages.at(-1)?.no ?? 0)
    if (isNew && held.hasNewer) return
    const messages = applyChange(held.messages, change)
    if (messages === held.messages) return
    this.#set(trimStart({ ...held, messages }, heldUpTo + slack))
    const ofOthers = !isDeleted(message) && message.author !== this.#options.myId
    if (isNew && ofOthers && this.#shown.peek() && !this.#isAttended()) {
      this.#firstUnreadNo.value ??= message.no
    }
  }

  /** Deleted for me only. */
  remove(messageId: string): void {
    for (const fresh of this.#collecting) fresh.push({ gone: messageId })
    const held = this.#stretch.peek()
    this.#set({ ...held, messages: held.messages.filter(({ id }) => id !== messageId) })
  }

  /** What is known may have gaps, or be of another epoch: all is fetched anew; on screen it stays till then. */
  forget(): void {
    this.#load += 1
    this.members.forget()
    if (this.#shown.peek()) {
      this.#stale = true
    } else {
      this.#set({ messages: [], hasOlder: false, hasNewer: false })
      this.#status.value = 'loading'
    }
  }

  close(): void {
    this.#load += 1
    this.#again.clear()
    this.#offAttention?.()
  }

  async #loadNewest(): Promise<void> {
    const load = ++this.#load
    const page = await this.#ask({})
    if (load !== this.#load) return
    const messages = [...page.messages, ...page.beyond]
    this.#options.tails.begin(this.chatId, messages, !page.more, this.#options.cursor())
    this.#replace({ messages, hasOlder: page.more, hasNewer: false })
    this.#noteUnread()
  }

  #showTail(): void {
    const tail = this.#options.tails.get(this.chatId)
    if (!tail) return
    this.#load += 1
    this.#replace({ messages: tail.messages, hasOlder: !tail.fromStart, hasNewer: false })
  }

  #replace(stretch: Stretch): void {
    batch(() => {
      this.#stale = false
      this.#set(stretch)
      this.#status.value = 'ready'
    })
  }

  #set(stretch: Stretch): void {
    batch(() => {
      this.#stretch.value = stretch
      for (const { author, cid } of stretch.messages.slice(-heldUpTo)) {
        if (cid !== undefined && author === this.#options.myId) this.#options.outbox.settle(cid)
      }
    })
  }

  /** After a break: what came meanwhile is new, unless somebody was looking. */
  #noteUnread(): void {
    const chat = this.#options.chats.peek(this.chatId)
    if (chat && chat.unread > 0) this.#firstUnreadNo.value ??= firstUnreadOf(chat)
  }

  /**
   * A page as it is after the entries that came while it was on its way; `beyond` is what they brought that lies
   * behind it, and continues it without a gap where the page reached the end.
   */
  async #ask(where: { before: number } | { after: number } | { around: number } | object) {
    const fresh: Fresh[] = []
    this.#collecting.add(fresh)
    try {
      const page = await this.#options.request('messages.list', {
        chatId: this.chatId,
        limit: pageOf,
        ...where,
      })
      const last = page.messages.at(-1)?.no ?? 0
      let messages: readonly Kept[] = page.messages
      let beyond: readonly Kept[] = []
      for (const each of fresh) {
        if ('gone' in each) {
          messages = messages.filter(({ id }) => id !== each.gone)
          beyond = beyond.filter(({ id }) => id !== each.gone)
          continue
        }
        const isBeyond = each.message.no > last
        // what is new and within the page was there already, or was left out for me
        messages = applyChange(messages, isBeyond ? { ...each, isNew: false } : each)
        beyond = applyChange(beyond, isBeyond ? each : { ...each, isNew: false })
      }
      return { ...page, messages, beyond }
    } finally {
      this.#collecting.delete(fresh)
    }
  }

  /** What fails for want of a hub is done again by `wake`; what the hub was too busy for, a little later. */
  #orLater(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!isRequestError(error)) throw error
      if (error.code === 'offline' || error.code === 'not_found' || error.code === 'unauthenticated') return
      const wait = error.retryAfter === undefined ? triesAgainAfter : error.retryAfter * 1000
      this.#again.setOnce(wait, () => this.wake())
    })
  }

  #isAttended(): boolean {
    const { window } = this.#options
    return window.isVisible() && window.isFocused()
  }

  #row(of: object, make: () => MessageItem): MessageItem {
    let row = this.#rows.get(of)
    if (!row) this.#rows.set(of, (row = make()))
    return row
  }
}

function trimEnd(stretch: Stretch): Stretch {
  if (stretch.messages.length <= heldUpTo) return stretch
  return { ...stretch, messages: stretch.messages.slice(0, heldUpTo), hasNewer: true }
}

function trimStart(stretch: Stretch, upTo: number): Stretch {
  const over = stretch.messages.length - upTo
  if (over <= 0) return stretch
  return { ...stretch, messages: stretch.messages.slice(stretch.messages.length - heldUpTo), hasOlder: true }
}
