// The members of a chat and their receipts. Fetched while the chat is on screen. Entries after the head of the response
// keep them up to date, and receipts only grow. Of a large group on a large hub only those with a role are fetched, and others
// by a page or a name (member-pages.ts).
import type { Output } from '../../shared/contract.ts'
import type { Member } from '../../shared/contract/chats.ts'
import type { Entry } from '../../shared/contract/entries.ts'
import { limits, type ChatRole } from '../../shared/contract/values.ts'
import type { Clock } from '../connection/platform.ts'
import { isRequestError, type Request } from '../connection/request.ts'
import type { Chats } from './chats.ts'
import { type MemberPage, MemberPages } from './member-pages.ts'
import type { ReceiptCounts } from './message-item.ts'
import type { Users } from './users.ts'
import { SignalMap } from '../signals/signal-map.ts'
import { batch, computed, signal, type ReadonlySignal } from '../signals/signal.ts'

export interface ChatMember {
  readonly userId: string
  readonly role: ChatRole
  readonly readNo: number
  readonly deliveredNo: number
}

export interface MembersOptions {
  chatId: string
  myId: string
  request: Request
  clock: Clock
  users: Pick<Users, 'get' | 'nameOf' | 'addIfUnknown' | 'isPartial'>
  chats: Pick<Chats, 'put' | 'peek'>
}

export class Members {
  readonly #options: MembersOptions
  readonly #members = new SignalMap<ChatMember>()
  readonly #ready = signal(false)
  readonly #isPartial = signal(false)
  readonly #buffers = new Set<(() => void)[]>()
  #head = 0
  #resetCount = 0

  /** False until the hub has responded; the list is empty till then. */
  readonly ready: ReadonlySignal<boolean> = this.#ready
  /** The chat has members that are not in `list`. */
  readonly isPartial: ReadonlySignal<boolean> = this.#isPartial
  /** The owner, then admins, then the others, by name. */
  readonly list: ReadonlySignal<readonly ChatMember[]> = computed(() => {
    const { users } = this.#options
    return [...this.#members.values.value].sort(
      (a, b) =>
        roleRank[a.role] - roleRank[b.role] ||
        collator.compare(users.nameOf(a.userId), users.nameOf(b.userId)) ||
        (a.userId < b.userId ? -1 : 1),
    )
  })
  /** Descending, so that counting is a search. */
  readonly #readNos = computed(() => this.#sortedNumbers((one) => one.readNo))
  readonly #deliveredNos = computed(() => this.#sortedNumbers((one) => one.deliveredNo))

  constructor(options: MembersOptions) {
    this.#options = options
  }

  /** Watched. */
  get(userId: string): ChatMember | undefined {
    return this.#members.get(userId)
  }

  /** For a list that is partial. */
  createPages(): MemberPages {
    return new MemberPages(this, this.#options.clock)
  }

  /** How many times all of them were dropped. */
  get resetCount(): number {
    return this.#resetCount
  }

  /** How many of the other members have received the message with this number, and how many have read it. Watched. */
  receiptsOf(no: number): ReceiptCounts | undefined {
    const readNos = this.#readNos.value
    if (!this.#ready.value || readNos.length === 0) return undefined
    return {
      total: readNos.length,
      read: countFrom(readNos, no),
      delivered: countFrom(this.#deliveredNos.value, no),
    }
  }

  /** These @throws RequestError. The list changes when the entry arrives. */
  async add(userId: string): Promise<void> {
    await this.#options.request('members.add', { chatId: this.#options.chatId, userId })
  }

  async setRole(userId: string, role: ChatRole): Promise<void> {
    await this.#options.request('members.update', { chatId: this.#options.chatId, userId, role })
  }

  async remove(userId: string): Promise<void> {
    await this.#options.request('members.remove', { chatId: this.#options.chatId, userId })
  }

  /** Fetches the members. */
  async refresh(): Promise<void> {
    const { chatId, request, users } = this.#options
    const input = { chatId, ...(users.isPartial && { most: limits.smallChatMembers }) }
    // fetched before the hub was large: the names of all would be asked for
    const isWhole = !this.#isPartial.peek() && this.#members.keys().length > limits.smallChatMembers
    if (users.isPartial && isWhole) this.reset()
    await this.#fetch(
      () => request('chats.get', input),
      (result) => this.#applyMembers(result),
    )
  }

  /** Fetches a page of a partial list, by name or of those who fit. Returns their ids. @throws RequestError */
  async fetchPage(input: { query?: string; after?: string; limit: number }): Promise<MemberPage | undefined> {
    const { chatId, request } = this.#options
    return this.#fetch(
      () => request('members.list', { chatId, ...input }),
      ({ members, more }) => {
        this.#addMembers(members)
        // the page says nothing of the other members: what arrived meanwhile counts for those of the page too
        this.#head = 0
        return { ids: members.map(({ userId }) => userId), more }
      },
    )
  }

  /**
   * Changes that arrive while the request is in flight are applied on top of the response. Returns undefined if all were
   * dropped meanwhile.
   */
  async #fetch<T, R>(ask: () => Promise<T>, apply: (result: T) => R): Promise<R | undefined> {
    const meanwhile: (() => void)[] = []
    const resetCount = this.#resetCount
    this.#buffers.add(meanwhile)
    try {
      const result = await ask()
      if (resetCount !== this.#resetCount) return undefined
      return batch(() => {
        const head = this.#head
        const applied = apply(result)
        for (const again of meanwhile) again()
        this.#head = Math.max(this.#head, head)
        return applied
      })
    } finally {
      this.#buffers.delete(meanwhile)
    }
  }

  #refreshQuietly(): void {
    this.refresh().catch((error: unknown) => {
      // Loaded again when the chat is next on screen.
      if (!isRequestError(error)) throw error
    })
  }

  /** An entry of this chat's stream. */
  applyEntry(entry: Entry): void {
    for (const meanwhile of this.#buffers) meanwhile.push(() => this.#reduce(entry))
    this.#reduce(entry)
  }

  applyReceipt(userId: string, receipt: { readNo: number } | { deliveredNo: number }): void {
    for (const meanwhile of this.#buffers) meanwhile.push(() => this.#setReceipt(userId, receipt))
    this.#setReceipt(userId, receipt)
  }

  #applyMembers({ chat, members, partial }: Output<'chats.get'>): void {
    const { chats, chatId } = this.#options
    // The user may have left the chat since: do not put it back into the list.
    if (chats.peek(chatId)) chats.put(chat)
    this.#head = chat.head
    const fetched = new Set(members.map(({ userId }) => userId))
    // those who were found by a page stay in a partial list
    if (!partial) for (const id of this.#members.keys()) if (!fetched.has(id)) this.#members.delete(id)
    this.#addMembers(members)
    this.#isPartial.value = partial === true
    this.#ready.value = true
  }

  #addMembers(members: readonly Member[]): void {
    for (const { user, userId, role, readNo, deliveredNo } of members) {
      this.#options.users.addIfUnknown(user)
      const current = this.#members.peek(userId)
      const read = Math.max(readNo, current?.readNo ?? 0)
      const delivered = Math.max(deliveredNo, current?.deliveredNo ?? 0)
      this.#members.set(userId, { userId, role, readNo: read, deliveredNo: delivered })
    }
  }

  #reduce(entry: Entry): void {
    if (!this.#ready.peek() || entry.seq <= this.#head) return
    this.#head = entry.seq
    switch (entry.type) {
      case 'member.added': {
        this.#options.users.addIfUnknown(entry.user)
        // A new member starts as having read everything. A later summary no longer says how much that was.
        const chat = this.#options.chats.peek(this.#options.chatId)
        const isLater = (chat?.head ?? 0) > entry.seq
        const no = isLater ? 0 : (chat?.lastNo ?? 0)
        if (isLater) this.#refreshQuietly()
        this.#members.set(entry.userId, {
          userId: entry.userId,
          role: entry.role,
          readNo: no,
          deliveredNo: no,
        })
        break
      }
      case 'member.updated': {
        const current = this.#members.peek(entry.userId)
        if (current) this.#members.set(entry.userId, { ...current, role: entry.role })
        break
      }
      case 'member.removed':
        this.#members.delete(entry.userId)
        break
      case 'message.sent':
        // The number of a reply counts in its thread, not in the chat.
        if (entry.by !== undefined && entry.message.thread === undefined) {
          this.#setReceipt(entry.by, { readNo: entry.message.no })
        }
        break
      default:
    }
  }

  #setReceipt(userId: string, receipt: { readNo: number } | { deliveredNo: number }): void {
    const current = this.#members.peek(userId)
    if (!current) return
    const read = 'readNo' in receipt ? Math.max(current.readNo, receipt.readNo) : current.readNo
    const delivered = Math.max(current.deliveredNo, read, 'deliveredNo' in receipt ? receipt.deliveredNo : 0)
    if (read === current.readNo && delivered === current.deliveredNo) return
    this.#members.set(userId, { ...current, readNo: read, deliveredNo: delivered })
  }

  /** The members may be out of date. */
  reset(): void {
    this.#resetCount += 1
    this.#head = 0
    this.#ready.value = false
    this.#members.clear()
  }

  /** A bot never reads, and a closed account no longer does: the receipts do not wait for them. */
  #sortedNumbers(numberOf: (member: ChatMember) => number): readonly number[] {
    const { myId, users } = this.#options
    return this.#members.values.value
      .filter(({ userId }) => userId !== myId && !users.get(userId)?.bot && !users.get(userId)?.deactivated)
      .map(numberOf)
      .sort((a, b) => b - a)
  }
}

function countFrom(descending: readonly number[], no: number): number {
  const end = descending.findIndex((each) => each < no)
  return end < 0 ? descending.length : end
}

const roleRank = { owner: 0, admin: 1, member: 2 } as const
const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
