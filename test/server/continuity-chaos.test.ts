import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { Cable } from '../support/cable.ts'
import { addThirdProcess, inStep, startPairOfProcesses, thirdIsHere } from '../support/computer-process.ts'
import { password, type TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/*
 * A hub, a standby and a third computer as real processes that are killed under load. `HUBBUB_CHAOS_ROUNDS` sets how often;
 * before a release it is a large number. The campaign `standby` does the same with two computers.
 */

const rounds = Number(process.env['HUBBUB_CHAOS_ROUNDS'] ?? 1)
const seed = Number(process.env['HUBBUB_CHAOS_SEED'] ?? 1)

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

test(
  'a third computer lets the standby take over when the hub is killed, with the same epoch',
  { timeout: 240_000 },
  async () => {
    const pair = await startPairOfProcesses()
    const { owner } = pair
    const third = await addThirdProcess(pair)
    const chat = await owner.createGroup('Team', [])
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
    await thirdIsHere(there, third)
  },
)

/** What may happen to a hub with a standby and a third computer. Every acknowledged message is there afterwards. */
async function surviveWithThird(seed: number): Promise<void> {
  const pair = await startPairOfProcesses()
  const { owner } = pair
  const third = await addThirdProcess(pair)
  const chat = await owner.createGroup('Team', [])
  const load = new Load([owner], chat.id)
  const sendSome = async (): Promise<void> => {
    const goal = load.acknowledged.length + 20 + (seed % 20)
    load.start()
    await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(goal), 60_000)
    await load.stop()
  }
  const safety = async (): Promise<string> => (await owner.request('continuity.status', {})).safety

  // the third computer is killed: nothing changes
  await third.kill('SIGKILL')
  await sendSome()
  expect(await safety()).toBe('together')
  await third.start()
  await thirdIsHere(owner, third)

  // the standby is killed: the hub goes on with the vote
  await pair.standby.kill('SIGKILL')
  await sendSome()
  expect(await safety()).toBe('alone')
  await pair.standby.start()
  await inStep(owner)
  await thirdIsHere(owner, third)

  // both of them are killed: nobody decides, so nobody writes until one is back
  await Promise.all([third.kill('SIGKILL'), pair.standby.kill('SIGKILL')])
  const live = await owner.connect()
  const cid = randomUUID()
  const sending = live.request('messages.send', { chatId: chat.id, cid, text: 'waits' })
  await waitFor(async () => expect(await safety()).toBe('waiting'))
  await pair.standby.start()
  const { message } = await sending
  load.acknowledged.push({ cid, text: 'waits', seq: (message as Message).seq })
  await third.start()
  await inStep(owner)
  await thirdIsHere(owner, third)

  expect(findWrong(load.acknowledged, await readAll(owner, chat.id))).toEqual([])
}

/** A hub, a standby and a third computer whose cables can be cut: each reaches the port of another through its own. */
async function startOnCables() {
  const pair = await startPairOfProcesses()
  const { hub, standby, owner } = pair
  const third = await addThirdProcess(pair)
  const cables = {
    standbyToHub: await Cable.lay(hub.port),
    hubToStandby: await Cable.lay(standby.port),
    thirdToHub: await Cable.lay(hub.port),
  }
  standby.environment = cables.standbyToHub.environment
  hub.environment = cables.hubToStandby.environment
  third.environment = cables.thirdToHub.environment
  for (const computer of [third, standby, hub]) {
    await computer.kill('SIGKILL')
    await computer.start()
    await inStep(owner)
  }
  await thirdIsHere(owner, third)
  const chat = await owner.createGroup('Team', [])
  const decision = async (): Promise<string> => {
    const status = JSON.parse(await third.command('status')) as { decision: string }
    return status.decision
  }
  return { ...{ hub, standby, owner, third, cables, chat, decision }, load: new Load([owner], chat.id) }
}

/** Hub and standby lose each other, and both see the third computer. */
async function surviveCut(seed: number): Promise<void> {
  const { standby, owner, cables, chat, decision, load } = await startOnCables()
  const isBusy = seed % 2 === 0
  if (isBusy) load.start()
  cables.standbyToHub.cut()
  cables.hubToStandby.cut()
  await waitFor(async () => expect(await decision()).toBe('hub'), 60_000)
  if (!isBusy) load.start()
  const goal = load.acknowledged.length + 100
  await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(goal), 60_000)
  // longer than the standby waits before it asks for the vote
  const there = owner.atUrl(standby.url)
  for (const until = Date.now() + 25_000; Date.now() < until;)
    await expect(readAll(there, chat.id)).rejects.toThrow()
  await load.stop()
  cables.standbyToHub.mend()
  cables.hubToStandby.mend()
  await inStep(owner)
  expect(findWrong(load.acknowledged, await readAll(owner, chat.id))).toEqual([])
}

/** The hub loses both others, and has clients all the same. */
async function surviveIsolation(): Promise<void> {
  const { standby, owner, third, cables, chat, load } = await startOnCables()
  load.start()
  await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(20), 60_000)
  for (const cable of Object.values(cables)) cable.cut()
  const there = owner.atUrl(standby.url)
  await waitFor(() => readAll(there, chat.id), 90_000)
  // the hub has acknowledged nothing by itself, and does not now
  expect(findWrong(load.acknowledged, await readAll(there, chat.id))).toEqual([])
  expect((await owner.request('continuity.status', {})).safety).toBe('waiting')
  await there.sendMessage(chat.id, 'on the other side')
  const stopping = load.stop()
  for (const cable of Object.values(cables)) cable.mend()
  await inStep(there)
  await stopping
  await thirdIsHere(there, third)
  expect(findWrong(load.acknowledged, await readAll(there, chat.id))).toEqual([])
}

/** The owner lets an isolated hub go on, though the standby has taken over. Both have clients until they meet. */
async function surviveTwoHubs(): Promise<void> {
  const { hub, standby, owner, chat, cables, load } = await startOnCables()
  load.start()
  await waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(20), 60_000)
  for (const cable of Object.values(cables)) cable.cut()
  const there = owner.atUrl(standby.url)
  await waitFor(() => readAll(there, chat.id), 90_000)
  // what waits is handed back only then
  const stopped = load.stop()
  const { safety } = await owner.request('continuity.goOn', { current: password })
  expect(safety).toBe('alone')
  await stopped
  const sent = {
    here: await owner.sendMessage(chat.id, 'here'),
    there: await there.sendMessage(chat.id, 'there'),
  }
  for (const cable of Object.values(cables)) cable.mend()
  const roles = () =>
    Promise.all(
      [hub, standby].map(async (one) => JSON.parse(await one.command('status')) as { role: string }),
    )
  const winner = await waitFor(async () => {
    const [first, second] = (await roles()).map(({ role }) => role)
    expect([first, second].toSorted()).toEqual(['hub', 'standby'])
    return first === 'hub' ? 'here' : 'there'
  }, 60_000)
  const onWinner = winner === 'here' ? owner : there
  await inStep(onWinner)
  const stored = await readAll(onWinner, chat.id)
  expect(findWrong(load.acknowledged, stored)).toEqual([])
  expect(stored.map(({ cid }) => cid)).toContain(sent[winner].cid)
  // the other message was acknowledged by one computer only, and is kept aside there
  const aside = await waitFor(async () => {
    const { setAside } = await onWinner.request('continuity.status', {})
    expect(setAside).toHaveLength(1)
    return setAside[0]
  })
  expect(aside?.messages).toBe(1)
}

if (rounds > 1) {
  test('two hubs become one when they meet, and lose no message', { timeout: 400_000 }, surviveTwoHubs)
  test.for(Array.from({ length: Math.ceil(rounds / 10) }, (_, at) => at + seed))(
    'a hub with a third computer loses nothing when one or two of the three are killed: %i',
    { timeout: 400_000 },
    surviveWithThird,
  )
  test(
    'the standby goes on if the hub loses both others, which then acknowledges nothing',
    { timeout: 400_000 },
    surviveIsolation,
  )
  test.for(Array.from({ length: Math.ceil(rounds / 10) }, (_, at) => at + seed))(
    'exactly one of hub and standby goes on if the network between them drops: %i',
    { timeout: 400_000 },
    surviveCut,
  )
}
