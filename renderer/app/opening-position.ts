// Where a conversation opens: at the requested message, at the first unread one, or at its end.
//
// - Messages are held back until the position is known. Otherwise the list would open at the end and jump.
// - A link waits for the hub if its message is not loaded, so a conversation opens without the hub too.
import type { ReactiveControllerHost } from 'lit'
import { isRequestError } from '../connection/request.ts'
import { showMessage } from '../messages/show-message.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import { untracked } from '../signals/signal.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import { errorMessage } from '../ui/error-message.ts'
import { notify } from '../ui/hb-toasts.ts'

/** A message of a chat, or with `reply` a reply in the thread of that message. */
export interface OpeningTarget {
  no?: number
  reply?: number
}

export class OpeningPosition {
  readonly #host: ReactiveControllerHost & HTMLElement
  #isKnown = false
  #requestedUnreadNo: number | undefined
  #handledTarget: OpeningTarget | undefined

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host
  }

  /** False while the messages to open at are loading. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** Call when another conversation opens. */
  reset(): void {
    this.#isKnown = false
    this.#requestedUnreadNo = undefined
    this.#handledTarget = undefined
  }

  /** Call before each render. Watched. `target` is a new object each time it is requested. */
  update(hub: Hub, conversation: Conversation, target: OpeningTarget | undefined): void {
    if (target && target !== this.#handledTarget) this.#openAtTarget(hub, conversation, target)
    else this.#openAtFirstUnread(conversation)
  }

  #openAtTarget(hub: Hub, conversation: Conversation, target: OpeningTarget): void {
    // A chat that is gone says so in place of its messages.
    if (!conversation.chat.value) return
    const { no = 0, reply } = target
    const isLive = hub.connectionState.value === 'live'
    const isLoaded = conversation.items.value.some((item) => item.no === no)
    const threadId = reply === undefined ? undefined : followedThreadId(hub, conversation, no)
    if (!isLoaded && !threadId && !isLive) return
    this.#handledTarget = target
    if (reply !== undefined) void this.#openThreadAt(hub, conversation, { no, reply, threadId })
    if (!isLoaded && !isLive) this.#isKnown = true
    else void untracked(() => showMessage(this.#host, conversation, no)).finally(() => this.#setKnown())
  }

  /** A link to a reply has the number of the parent message, but not its id. */
  async #openThreadAt(
    hub: Hub,
    conversation: Conversation,
    { no, reply, threadId }: { no: number; reply: number; threadId: string | undefined },
  ): Promise<void> {
    const target = this.#handledTarget
    if (threadId === undefined) await conversation.showAround(no).catch(() => false)
    const id = threadId ?? conversation.messages.find((each) => each.no === no)?.id
    // The user may have gone elsewhere meanwhile.
    if (id === undefined || this.#handledTarget !== target) return
    openSidePanel(this.#host, { kind: 'thread', id, from: 'link' })
    try {
      await hub.threads.open(conversation.chatId, id).showAround(reply)
    } catch (error) {
      notify(this.#host, { text: errorMessage(error), tone: 'danger' })
    }
  }

  /** The first unread message may lie before the loaded ones. Then the window of messages moves there. */
  #openAtFirstUnread(conversation: Conversation): void {
    if (conversation.status.value !== 'ready') return
    const unreadNo = conversation.firstUnreadNo.value
    const firstNo = conversation.items.value[0]?.no
    const isBeforeLoaded = unreadNo !== undefined && firstNo !== undefined && firstNo > unreadNo
    if (!isBeforeLoaded || !conversation.hasOlder.value) this.#isKnown = true
    else if (this.#requestedUnreadNo !== unreadNo) {
      this.#requestedUnreadNo = unreadNo
      untracked(() => conversation.jumpTo(unreadNo))
        .catch((error: unknown) => {
          // The list loads older messages by itself and retries.
          if (!isRequestError(error)) throw error
        })
        .finally(() => this.#setKnown())
    }
  }

  #setKnown(): void {
    this.#isKnown = true
    this.#host.requestUpdate()
  }
}

function followedThreadId(hub: Hub, { chatId }: Conversation, no: number): string | undefined {
  return untracked(
    () =>
      hub.threads.list.value.find((thread) => thread.chatId === chatId && thread.message.no === no)?.message
        .id,
  )
}
