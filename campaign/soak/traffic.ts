import { randomBytes, randomUUID } from 'node:crypto'
import type { LiveClient } from '../../test/support/live-client.ts'
import type { Random } from '../../test/simulation/random.ts'
import type { TestUser } from '../../test/support/test-user.ts'
import { uploadFile } from '../../test/support/tus.ts'

/** Mixed traffic of a team, at a rate: what people do in a day, with sockets that come and go. */

const sent = 'messages sent'
const maxKnown = 200

export class Traffic {
  readonly counts = new Map<string, number>()
  readonly problems: string[] = []
  readonly #users: readonly TestUser[]
  readonly #chatId: string
  readonly #random: Random
  readonly #sockets: LiveClient[] = []
  #known: string[] = []

  constructor(users: readonly TestUser[], chatId: string, random: Random) {
    this.#users = users
    this.#chatId = chatId
    this.#random = random
  }

  async open(): Promise<void> {
    this.#sockets.push(...(await Promise.all(this.#users.map((user) => user.connect()))))
  }

  /** Runs for a time. A request that the hub is slower with than the rate waits for its turn. */
  async run(ms: number, perSecond: number): Promise<void> {
    const until = performance.now() + ms
    const lanes = this.#users.map(async (user, at) => {
      const pauseMs = (1_000 * this.#users.length) / perSecond
      while (performance.now() < until && this.problems.length === 0) {
        const beganAt = performance.now()
        await this.#act(user, at).catch((error: unknown) => this.problems.push(String(error)))
        const restMs = Math.min(pauseMs - (performance.now() - beganAt), until - performance.now())
        if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
      }
    })
    await Promise.all(lanes)
    // what a client has received is its own memory
    for (const socket of this.#sockets) socket.received.length = 0
  }

  async #act(user: TestUser, at: number): Promise<void> {
    const chance = this.#random.below(100)
    const chatId = this.#chatId
    const live = this.#sockets[at] as LiveClient
    const messageId = this.#known[this.#random.below(this.#known.length)]
    if (messageId === undefined || chance < 50) return this.#send(live)
    if (chance < 58)
      return this.#count('reactions', live.request('reactions.add', { messageId, emoji: '👍' }))
    if (chance < 66) return this.#count('reads', user.request('messages.list', { chatId, limit: 30 }))
    if (chance < 72) return this.#count('searches', user.request('search.messages', { q: 'boat' }))
    if (chance < 76) return this.#sendFile(user)
    if (chance < 80) {
      live.send({ t: 'typing', chat: chatId })
      return this.#count('typing', Promise.resolve())
    }
    return this.#reconnect(user, at)
  }

  async #send(live: LiveClient): Promise<void> {
    const text = `the boat ${randomUUID()}`
    const sending = live.request('messages.send', { chatId: this.#chatId, cid: randomUUID(), text })
    await this.#count(sent, sending)
    this.#known.push(((await sending).message as { id: string }).id)
    if (this.#known.length > maxKnown) this.#known.shift()
  }

  async #sendFile(user: TestUser): Promise<void> {
    const id = await uploadFile(user.url, user.token, { name: 'a.bin', bytes: randomBytes(2_000) })
    const input = { chatId: this.#chatId, cid: randomUUID(), text: 'a file', attachments: [id] }
    await this.#count('files', user.request('messages.send', input))
  }

  async #reconnect(user: TestUser, at: number): Promise<void> {
    const before = this.#sockets[at] as LiveClient
    if (this.#random.chance(0.5)) before.terminate()
    else await before.close()
    this.#sockets[at] = await user.connect()
    await this.#count('reconnections', Promise.resolve())
  }

  async #count(what: string, work: Promise<unknown>): Promise<void> {
    await work
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate()
  }
}
