// The tabs of one account in this browser. One of them notifies, and knows what the user looks at in the others.
//
// - The tab that holds the lock notifies. When it closes, the next one gets the lock.
// - Each tab says which chat is in front of the user, whenever that changes, and when a new tab asks.
import type { ChannelLike, LocksLike } from '../connection/platform.ts'

export interface TabGroupOptions {
  /** Of the account: tabs of another one are another group. */
  name: string
  locks: LocksLike | undefined
  openChannel: ((name: string) => ChannelLike) | undefined
  /** The chat that the user looks at in this tab. */
  chatInFront: () => string | undefined
  /** This tab notifies from now on. */
  onLead: () => void
}

type TabMessage = { t: 'looks'; tab: string; chatId: string | undefined } | { t: 'who' }

export class TabGroup {
  readonly #options: TabGroupOptions
  readonly #id = crypto.randomUUID()
  readonly #channel: ChannelLike | undefined
  readonly #others = new Map<string, string>()
  #isClosed = false
  #release: () => void = () => undefined

  constructor(options: TabGroupOptions) {
    this.#options = options
    const { name, locks, openChannel, onLead } = options
    this.#channel = openChannel?.(`${name}-notifications`)
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#onMessage(data as TabMessage)
    this.#send({ t: 'who' })
    this.announce()
    const lead = (): Promise<void> => {
      if (this.#isClosed) return Promise.resolve()
      onLead()
      return new Promise((resolve) => (this.#release = resolve))
    }
    // A browser without locks has no other tabs to agree with.
    void (locks ? locks.request(`${name}-notifications`, lead) : lead())
  }

  /** Call it when another chat is in front, or the window was shown or hidden. */
  announce(): void {
    this.#send({ t: 'looks', tab: this.#id, chatId: this.#options.chatInFront() })
  }

  /** The user looks at this chat, in any tab. */
  isInFront(chatId: string): boolean {
    return this.#options.chatInFront() === chatId || [...this.#others.values()].includes(chatId)
  }

  close(): void {
    this.#isClosed = true
    this.#send({ t: 'looks', tab: this.#id, chatId: undefined })
    this.#channel?.close()
    this.#release()
  }

  #send(message: TabMessage): void {
    if (!this.#isClosed || message.t === 'looks') this.#channel?.postMessage(message)
  }

  #onMessage(message: TabMessage): void {
    if (message.t === 'who') return this.announce()
    if (message.chatId === undefined) this.#others.delete(message.tab)
    else this.#others.set(message.tab, message.chatId)
  }
}
