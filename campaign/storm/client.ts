import type { FromHub } from '../../shared/contract/live.ts'
import type { LiveClient } from '../../test/support/live-client.ts'
import type { TestUser } from '../../test/support/test-user.ts'

/** A client that remembers where it was in one chat: what it gets after a drop continues there, without a gap. */

const retryMs = 200
const maxTries = 150

export class StormClient {
  readonly #user: TestUser
  readonly #chatId: string
  #live: LiveClient | undefined
  #read = 0
  /** The place of the last entry it has. */
  cursor = -1
  /** The messages it has got since `forget`, by place. */
  readonly ids = new Map<number, string>()
  readonly problems: string[] = []

  constructor(user: TestUser, chatId: string) {
    this.#user = user
    this.#chatId = chatId
  }

  /** Connects as often as it takes, and reads what it has missed. */
  async connect(url: string): Promise<void> {
    const user = this.#user.atUrl(url)
    for (let tries = 1; ; tries += 1) {
      try {
        const live = await user.connect()
        this.#live = live
        this.#read = 0
        const head = live.state?.chats.find(({ id }) => id === this.#chatId)?.head ?? 0
        if (this.cursor < 0) this.cursor = head
        while (this.cursor < head) await this.#readOn(live)
        return
      } catch (error) {
        if (tries === maxTries) throw error
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
  }

  async #readOn(live: LiveClient): Promise<void> {
    const { entries } = await live.request('streams.read', {
      stream: `chat:${this.#chatId}`,
      after: this.cursor,
    })
    if (entries.length === 0) throw new Error('the log ends before its head')
    for (const entry of entries) this.#take({ t: 'entry', ...entry })
  }

  #take(message: FromHub): void {
    if (message.t !== 'entry' || message.stream !== `chat:${this.#chatId}` || message.seq <= this.cursor)
      return
    if (message.seq !== this.cursor + 1) this.problems.push(`after ${this.cursor} came ${message.seq}`)
    this.cursor = message.seq
    if (message.type === 'message.sent') this.ids.set(message.seq, message.message.id)
  }

  /** Takes what has arrived. Returns true once it has everything up to there. */
  hasUpTo(seq: number): boolean {
    const live = this.#live
    if (!live) return false
    for (; this.#read < live.received.length; this.#read += 1)
      this.#take(live.received[this.#read] as FromHub)
    return this.cursor >= seq
  }

  get isConnected(): boolean {
    return this.#live !== undefined && this.#live.closed === undefined
  }

  drop(): void {
    this.#live?.terminate()
    this.#live = undefined
  }
}
