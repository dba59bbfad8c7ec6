import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestError, type TestUser } from '../../test/support/test-user.ts'

const retryMs = 60
/** Users do not send faster for long, and the watchers have to follow. */
const pauseMs = 15

/** Sends numbered messages, each again with the same `cid` at any process until one acknowledges it. */
export class Sender {
  readonly #user: TestUser
  readonly #chatId: string
  readonly #urls: () => string
  readonly #countsEarly: boolean
  readonly acknowledged: string[] = []
  unanswered = 0
  #isStopped = true
  #running: Promise<void> = Promise.resolve()
  #count = 0
  readonly #name: string

  /** @param countsEarly a message counts as acknowledged when it leaves */
  constructor(
    user: TestUser,
    chatId: string,
    { name, urls, countsEarly }: { name: string; urls: () => string; countsEarly: boolean },
  ) {
    this.#user = user
    this.#chatId = chatId
    this.#name = name
    this.#urls = urls
    this.#countsEarly = countsEarly
  }

  start(): void {
    this.#isStopped = false
    this.#running = this.#run()
  }

  /** Resolves when the last message is acknowledged. */
  stop(): Promise<void> {
    this.#isStopped = true
    return this.#running
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#count += 1
      const text = `${this.#name} ${this.#count}`
      if (this.#countsEarly) this.acknowledged.push(text)
      if (!(await this.#send(text))) continue
      if (!this.#countsEarly) this.acknowledged.push(text)
      await sleep(pauseMs)
    }
  }

  async #send(text: string): Promise<boolean> {
    const cid = randomUUID()
    for (;;) {
      try {
        await this.#user.atUrl(this.#urls()).sendMessage(this.#chatId, text, cid)
        return true
      } catch (error) {
        if (error instanceof RequestError && !['busy', 'restarting'].includes(error.code)) throw error
        this.unanswered += 1
        // a client that counts early does not ask again
        if (this.#countsEarly) return false
        await sleep(retryMs)
      }
    }
  }
}
