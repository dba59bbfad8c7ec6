import { setTimeout as sleep } from 'node:timers/promises'
import { Replica } from '../../test/support/replica.ts'
import type { TestUser } from '../../test/support/test-user.ts'

const checkMs = 50

/** A client that follows the sync rule at one process, and resumes at another if its socket ends. */
export class Watcher {
  readonly replica: Replica
  readonly #user: TestUser
  readonly #urls: () => string
  #isClosed = false
  #running: Promise<void> = Promise.resolve()

  /** @param ignoresBehind it does not learn that the hub could not push everything */
  constructor(user: TestUser, urls: () => string, ignoresBehind: boolean) {
    this.#user = user
    this.#urls = urls
    this.replica = new Replica(user, { ignoresBehind })
  }

  async start(): Promise<void> {
    await this.replica.connect(this.#user.atUrl(this.#urls()))
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
    await this.replica.disconnect()
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const { live } = this.replica
      if (!live || live.closed) await this.#connect().catch(() => undefined)
      await sleep(checkMs)
    }
  }

  /** A process that has just been killed may accept the connection and never answer. */
  async #connect(): Promise<void> {
    await this.replica.connect(this.#user.atUrl(this.#urls()))
  }

  textsOf(chatId: string): Set<string> {
    const messages = this.replica.chats.get(chatId)?.messages.values() ?? []
    return new Set([...messages].flatMap((message) => ('text' in message ? message.text : [])))
  }
}
