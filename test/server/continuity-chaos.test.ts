import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { inStep, type ComputerProcess, startPairOfProcesses } from '../support/computer-process.ts'
import { password, type TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/*
 * Real processes that are killed under load. `HUBBUB_CHAOS_ROUNDS` sets how often; before a release it is a large number.
 * What a hub in step has acknowledged is on both disks, whatever was killed.
 */

const rounds = Number(process.env['HUBBUB_CHAOS_ROUNDS'] ?? 1)
const seed = Number(process.env['HUBBUB_CHAOS_SEED'] ?? 1)
const senders = 4

interface Acknowledged {
  cid: string
  text: string
  seq: number
}

class Load {
  readonly acknowledged: Acknowledged[] = []
  readonly #users: readonly TestUser[]
  readonly #chatId: string
  #isOver = false
  #sent = 0
  #running: Promise<unknown> = Promise.resolve()

  constructor(users: readonly TestUser[], chatId: string) {
    this.#users = users
    this.#chatId = chatId
  }

  start(): void {
    this.#isOver = false
    this.#running = Promise.all(this.#users.map((user) => this.#send(user)))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** A send without an answer is given up: no client believes that it is stored. */
  async #send(user: TestUser): Promise<void> {
    const live = await user.connect().catch(() => undefined)
    while (live && !this.#isOver) {
      const cid = randomUUID()
      const text = String((this.#sent += 1))
      try {
        const { message } = await live.request('messages.send', { chatId: this.#chatId, cid, text })
        this.acknowledged.push({ cid, text, seq: (message as Message).seq })
      } catch {
        return
      }
    }
  }
}

async function readAll(user: TestUser, chatId: string): Promise<Message[]> {
  const all: Message[] = []
  for (let after = 0; ;) {
    const { messages, more } = await user.request('messages.list', { chatId, after, limit: 100 })
    all.push(...(messages as Message[]))
    after = all.at(-1)?.no ?? 0
    if (!more) return all
  }
}

function findWrong(acknowledged: readonly Acknowledged[], stored: readonly Message[]): string[] {
  const byCid = Map.groupBy(stored, ({ cid }) => cid)
  return acknowledged.flatMap(({ cid, text, seq }) => {
    const copies = byCid.get(cid) ?? []
    if (copies.length !== 1) return [`${text} is there ${copies.length} times`]
    return copies[0]?.seq === seq ? [] : [`${text} moved from ${seq} to ${copies[0]?.seq}`]
  })
}

/** What is killed in a round, from the seed. */
function victims(round: number, pair: { hub: ComputerProcess; standby: ComputerProcess }): ComputerProcess[] {
  const kind = (round * 7 + seed) % 3
  return kind === 0 ? [pair.hub] : kind === 1 ? [pair.standby] : [pair.hub, pair.standby]
}

test(
  `loses and doubles no acknowledged message in ${rounds} kills of hub, standby or both`,
  { timeout: 120_000 + rounds * 60_000 },
  async () => {
    const pair = await startPairOfProcesses()
    const { owner } = pair
    const users = [owner, ...(await pair.register(senders - 1))]
    const chat = await owner.createGroup('Storm', users.slice(1))
    const load = new Load(users, chat.id)
    for (let round = 0; round < rounds; round += 1) {
      const goal = load.acknowledged.length + 60 + ((round * 37 + seed) % 120)
      load.start()
      await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(goal), 60_000)
      const killed = victims(round, pair)
      await Promise.all(killed.map((computer) => computer.kill('SIGKILL')))
      await load.stop()
      for (const computer of killed) await computer.start()
      await inStep(owner)
    }
    const stored = await readAll(owner, chat.id)
    expect(findWrong(load.acknowledged, stored)).toEqual([])
  },
)

test(
  'a standby that takes over has everything that was acknowledged in step',
  { timeout: 240_000 },
  async () => {
    const pair = await startPairOfProcesses()
    const { owner } = pair
    const users = [owner, ...(await pair.register(senders - 1))]
    const chat = await owner.createGroup('Storm', users.slice(1))
    const load = new Load(users, chat.id)
    load.start()
    await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(100), 60_000)
    await pair.hub.kill('SIGKILL')
    await load.stop()
    await pair.standby.command('promote', '--force')
    const there = owner.atUrl(pair.standby.url)
    const stored = await waitFor(() => readAll(there, chat.id))
    expect(findWrong(load.acknowledged, stored)).toEqual([])

    // the former hub comes back, finds the new one, and follows it
    await pair.hub.start()
    await inStep(there)
    expect(await readAll(there, chat.id)).toHaveLength(stored.length)
  },
)

test(
  'a standby with the vote takes over by itself when the hub is killed, with the same epoch',
  { timeout: 240_000 },
  async () => {
    const pair = await startPairOfProcesses()
    const { owner } = pair
    const chat = await owner.createGroup('Team', [])
    await owner.request('sessions.reauthenticate', { current: password })
    expect((await owner.request('continuity.vote', { tie: 'standby' })).tie).toBe('standby')
    const load = new Load([owner], chat.id)
    load.start()
    await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(50), 60_000)
    const before = (await owner.connect()).state
    await pair.hub.kill('SIGKILL')
    await load.stop()
    const there = owner.atUrl(pair.standby.url)
    const stored = await waitFor(() => readAll(there, chat.id), 60_000)
    expect(findWrong(load.acknowledged, stored)).toEqual([])
    expect((await there.connect()).state?.epoch).toBe(before?.epoch)
    await pair.hub.start()
    await inStep(there)
    // without the standby nobody may write: it could take over
    await pair.hub.kill('SIGKILL')
    const live = await there.connect()
    const sending = live.request('messages.send', { chatId: chat.id, cid: randomUUID(), text: 'waits' })
    let isStored = false
    void sending.then(() => (isStored = true))
    await waitFor(async () => {
      const { computers } = await there.request('continuity.status', {})
      expect(computers.map(({ state }) => state)).toEqual(['away'])
    }, 30_000)
    for (let i = 0; i < 20; i += 1) await there.request('continuity.status', {})
    expect(isStored).toBe(false)
    await pair.hub.start()
    await sending
  },
)
