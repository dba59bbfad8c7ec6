// The replies of one thread. The cached replies are shown at once, and loaded again as soon as the hub is there: another tab
// may have cached fewer.
import type { MessageItem, MessageState } from './message-item.ts'
import type { CachedMessage, Change } from './cached-message.ts'
import { scopeToThread } from './recent-messages.ts'
import { Timeline, type NewestMessages, type TimelineOptions } from './timeline.ts'

export interface OpenThreadOptions extends TimelineOptions {
  /** The id of the parent message. */
  threadId: string
  /** The parent message, if a store has it. */
  parent: () => CachedMessage | undefined
  markRead: (no: number) => void
}

export class OpenThread extends Timeline {
  override readonly threadId: string
  readonly #options: OpenThreadOptions
  #wantedNo: number | undefined
  /** True once a page of the hub has confirmed what the cache has. */
  #isConfirmed = false

  constructor(options: OpenThreadOptions) {
    super(options, options.threadId)
    this.threadId = options.threadId
    this.#options = options
    this.showCached()
    this.show()
  }

  /** The parent message, also without the hub. */
  get parent(): CachedMessage | undefined {
    return this.#options.parent() ?? this.#options.recentMessages.thread(this.threadId)?.parent
  }

  /** Before the replies are loaded, the message is shown as soon as they are; then this returns false. */
  override async showAround(no: number): Promise<boolean> {
    if (this.status.peek() !== 'ready' || (this.mayLackMessages() && this.#options.isLive())) {
      this.#wantedNo = no
      return false
    }
    return super.showAround(no)
  }

  /** Typing is announced by chat only. */
  override notifyTyping(): void {}

  /** Receipts are by chat only. */
  override stateOf(item: MessageItem): MessageState | undefined {
    return item.pending ?? (item.isMine && !item.deleted ? 'sent' : undefined)
  }

  protected override scopeChange(change: Change): Change | undefined {
    return scopeToThread(this.threadId, change)
  }

  protected override cachedNewest(): NewestMessages | undefined {
    if (this.isShown && !this.#isConfirmed) return undefined
    return this.#options.recentMessages.thread(this.threadId)
  }

  protected override cacheNewest(newest: NewestMessages): void {
    const { chatId, threadId, parent } = this
    this.#isConfirmed = true
    this.#options.recentMessages.beginThread(threadId, { chatId, parent, ...newest })
  }

  protected override mayLackMessages(): boolean {
    return !this.#isConfirmed
  }

  protected override onUpToDate(): void {
    const no = this.#wantedNo
    this.#wantedNo = undefined
    if (no !== undefined) this.retryOnFailure(super.showAround(no))
  }

  protected override onRead(no: number): void {
    this.#options.markRead(no)
  }
}
