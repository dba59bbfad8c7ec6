import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type HubProcess, startHubProcess } from '../../test/support/start-hub-process.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { cancelUpload } from '../../test/support/tus.ts'
import { Random } from '../../test/simulation/random.ts'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault, UsageError } from '../result.ts'
import { absent, compareWithDisk, on, readUnsentUploads } from './disk.ts'
import { type KillFault, killFaults, putInFault } from './faults.ts'
import { Registers } from './registers.ts'
import { HubConnection } from './connection.ts'
import { Lane } from './writer.ts'

/*
 * Kills a hub with `kill -9` under writers of every kind, again and again on the same data. After each kill the disk has
 * every acknowledged change exactly once, no other than those without an answer, all files with their content, and all
 * invariants of the database hold.
 */

const userCount = 5
const lanesPerUser = 2
/** Acknowledged requests until the kill. */
const requestsPerRound = { least: 30, spread: 170 }
/** One start of so many is killed before it listens. */
const roundsPerEarlyKill = 4
const earlyKillMs = 900
const hubOptions = ['--port', '0', '--load-test', '--backups', 'none']

interface SavedState {
  seed: number
  rounds: number
  chatId: string
  hallId: string
  users: { token: string; user: TestUser['user'] }[]
  counts: [string, number][]
  registers: [string, string[]][]
}

export async function runKillCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const fault = parseFault(options, killFaults)
  return runInFolder('kill', options, (dir) => new KillCampaign(dir, options, fault))
}

class KillCampaign {
  readonly #dir: string
  readonly #dataDir: string
  readonly #options: CampaignOptions
  readonly #fault: KillFault | undefined
  readonly #registers = new Registers()
  readonly #counts = new Map<string, number>()
  #random: Random
  #users: TestUser[] = []
  #lanes: Lane[] = []
  #chatId = ''
  #hallId = ''
  #hub: HubProcess | undefined
  #acknowledged = 0
  seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: CampaignOptions, fault: KillFault | undefined) {
    this.#dir = dir
    this.#dataDir = path.join(dir, 'data')
    this.#options = options
    this.#fault = fault
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  get counts(): Record<string, number> {
    const unanswered = this.#lanes.reduce((sum, lane) => sum + lane.unansweredCount, 0)
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    return { acknowledged: all, 'without an answer': unanswered, ...Object.fromEntries(this.#counts) }
  }

  async run(): Promise<void> {
    const endsAt = performance.now() + this.#options.minutes * 60_000
    if (existsSync(this.#unfinishedMark)) {
      throw new UsageError(
        `A round in ${this.#dir} was cut off, so what it wrote is not known: choose another folder.`,
      )
    }
    if (existsSync(this.#stateFile)) this.#resume()
    const last = this.rounds + this.#options.rounds
    while (this.rounds < last && performance.now() < endsAt && this.problems.length === 0) {
      writeFileSync(this.#unfinishedMark, '')
      await this.#round()
      this.rounds += 1
      this.#save()
      rmSync(this.#unfinishedMark)
      this.#options.onRound?.(`round ${this.rounds}: ${this.#acknowledged} acknowledged before the kill`)
    }
    if (this.problems.length > 0 || this.#users.length === 0) return
    await this.#findByText()
    this.problems.push(...compareWithDisk(this.#dataDir, this.#registers, { all: true }))
  }

  /** The newest message is found: a search adds to the index what the kills have left out. */
  async #findByText(): Promise<void> {
    const { url, kill } = (this.#hub = await startHubProcess(this.#dataDir, hubOptions).listening)
    const [owner] = this.#users.map((user) => user.atUrl(url))
    const sent = await owner?.sendMessage(this.#chatId, `found after round ${this.rounds}`)
    const found = await owner?.request('search.messages', { q: `"found after round ${this.rounds}"` })
    if (!found?.hits.some(({ message }) => message.id === sent?.id)) {
      this.problems.push('a search does not find the newest message')
    }
    await kill('SIGKILL')
  }

  async close(): Promise<void> {
    await this.#hub?.kill('SIGKILL')
  }

  async #round(): Promise<void> {
    const hub = (this.#hub = await this.#start())
    if (this.#users.length === 0) await this.#setUp(hub.url)
    if (this.#lanes.length === 0) this.#makeLanes()
    await this.#cancelUnsentUploads(hub.url)
    this.#acknowledged = 0
    const goal = requestsPerRound.least + this.#random.below(requestsPerRound.spread)
    let killed: Promise<unknown> | undefined
    this.#onAcknowledged = () => {
      this.#acknowledged += 1
      if (this.#acknowledged >= goal) killed ??= hub.kill('SIGKILL')
    }
    await Promise.all(
      this.#lanes.map(async (lane, at) => {
        const user = this.#userOf(at).atUrl(hub.url)
        // the hub may be killed before every lane is connected
        const live = at % 2 === 0 ? await user.connect().catch(() => undefined) : undefined
        await lane.write(new HubConnection(user, live))
      }),
    )
    if (killed === undefined) this.problems.push('all writers lost a hub that was not killed')
    await (killed ?? hub.kill('SIGKILL'))
    if (this.#fault !== undefined) putInFault(this.#dataDir, this.#fault)
    this.problems.push(...compareWithDisk(this.#dataDir, this.#registers))
    for (const [at, lane] of this.#lanes.entries()) {
      const user = this.#userOf(at)
      lane.settleMessages((cid) => this.#registers.valueOf(`message ${cid}`) !== absent)
      lane.settleMembership(this.#registers.valueOf(`member ${this.#hallId} ${user.id}`) === on)
    }
  }

  #onAcknowledged: () => void = () => undefined

  /** Some starts are killed before they are done: the next one finds what they left. */
  async #start(): Promise<HubProcess> {
    if (this.rounds > 0 && this.#random.below(roundsPerEarlyKill) === 0) {
      const starting = startHubProcess(this.#dataDir, hubOptions)
      starting.listening.catch(() => undefined)
      const delay = this.#random.below(earlyKillMs)
      await new Promise((resolve) => setTimeout(resolve, delay))
      await starting.kill('SIGKILL')
      this.#counts.set('kills during a start', (this.#counts.get('kills during a start') ?? 0) + 1)
    }
    return startHubProcess(this.#dataDir, hubOptions).listening
  }

  /** Kills between an upload and its message would fill the users' quota in the end. */
  async #cancelUnsentUploads(url: string): Promise<void> {
    for (const { id, userId } of readUnsentUploads(this.#dataDir)) {
      const user = this.#users.find((one) => one.id === userId)
      if (user) await cancelUpload(url, user.token, id)
    }
  }

  #userOf(lane: number): TestUser {
    return this.#users[Math.floor(lane / lanesPerUser)] as TestUser
  }

  async #setUp(url: string): Promise<void> {
    const owner = await TestUser.setUp(url, {
      ...{ code: 'test-code-1', username: 'olga', registration: 'open' },
    })
    const others = await Promise.all(
      Array.from({ length: userCount - 1 }, (_, at) => TestUser.register(url, { username: `writer${at}` })),
    )
    this.#chatId = (await owner.createGroup('Storm', others)).id
    // its owner never leaves it, so it stays
    this.#hallId = (await owner.createGroup('Hall', [], 'public')).id
    this.#users = [owner, ...others]
  }

  #makeLanes(): void {
    this.#lanes = Array.from({ length: userCount * lanesPerUser }, (_, at) => {
      const user = this.#userOf(at)
      const isFirst = at % lanesPerUser === 0
      return new Lane({
        // a resumed campaign has texts of its own
        name: `${user.user.username}.${at}.${this.rounds}`,
        ...{ user, chatId: this.#chatId, canPin: at < lanesPerUser, registers: this.#registers },
        ...(isFirst && at > 0 && { hallId: this.#hallId }),
        random: new Random(this.seed * 1_000 + this.rounds * 100 + at),
        isEarly: this.#fault === 'early-ack',
        onAcknowledged: (kind) => {
          this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
          this.#onAcknowledged()
        },
      })
    })
  }

  /** There while a round runs. */
  get #unfinishedMark(): string {
    return path.join(this.#dir, 'unfinished')
  }

  get #stateFile(): string {
    return path.join(this.#dir, 'campaign.json')
  }

  #save(): void {
    const state: SavedState = {
      ...{ seed: this.seed, rounds: this.rounds, chatId: this.#chatId, hallId: this.#hallId },
      users: this.#users.map(({ token, user }) => ({ token, user })),
      counts: [...this.#counts],
      registers: this.#registers.toJson(),
    }
    writeFileSync(this.#stateFile, JSON.stringify(state))
  }

  #resume(): void {
    const state = JSON.parse(readFileSync(this.#stateFile, 'utf8')) as SavedState
    this.seed = state.seed
    this.rounds = state.rounds
    this.#random = new Random(state.seed + state.rounds)
    this.#chatId = state.chatId
    this.#hallId = state.hallId
    this.#users = state.users.map(({ token, user }) => new TestUser('', token, user))
    for (const [kind, count] of state.counts) this.#counts.set(kind, count)
    this.#registers.restore(state.registers)
    this.#makeLanes()
    for (const [at, lane] of this.#lanes.entries()) {
      lane.settleMembership(this.#registers.valueOf(`member ${this.#hallId} ${this.#userOf(at).id}`) === on)
    }
  }
}
