import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Random } from '../../test/simulation/random.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { on } from '../kill/disk.ts'
import { Registers } from '../kill/registers.ts'
import { Lane } from '../kill/writer.ts'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault, UsageError } from '../result.ts'
import {
  cidsOf,
  compareFiles,
  compareTables,
  compareWithClients,
  type Loss,
  removeSetAside,
} from './compare.ts'
import { setupCode } from './computer.ts'
import { faults } from './faults.ts'
import type { Fault, Vote } from './ground.ts'
import { Follower } from './follower.ts'
import { giveVote, Pair, type Roles } from './pair.ts'
import { Seen } from './seen.ts'
import { Writing } from './writing.ts'

/*
 * A hub and its standby as two processes, on demand a third computer, with writers that follow the hub. A round breaks something: a process, the cable,
 * a disk, at random or at a named point. Then everything is mended, and what both disks have is compared with what clients
 * know.
 */

const userCount = 4
const lanesPerUser = 2
/** Acknowledged requests before something breaks. */
const requestsBefore = { least: 20, spread: 60 }
const standbyFaults = ['no-wait', 'early-ack'] as const

interface SavedState {
  seed: number
  rounds: number
  ports: readonly string[]
  chatId: string
  hallId: string
  users: { token: string; user: TestUser['user'] }[]
  counts: [string, number][]
  registers: [string, string[]][]
}

export async function runStandbyCampaign(options: CampaignOptions): Promise<CampaignResult> {
  parseFault(options, standbyFaults)
  const chosen = faults.filter(
    ({ name, vote }) => name.startsWith(options.only ?? '') && (vote !== 'third' || options.third === true),
  )
  if (chosen.length === 0) {
    throw new UsageError(`--only begins one of ${faults.map(({ name }) => name).join(', ')}.`)
  }
  return runInFolder('standby', options, (dir) => new StandbyCampaign(dir, options, chosen))
}

class StandbyCampaign {
  readonly #dir: string
  readonly #options: CampaignOptions
  readonly #registers = new Registers()
  readonly #seen = new Seen()
  readonly #counts = new Map<string, number>()
  readonly #chosen: readonly Fault[]
  #users: TestUser[] = []
  #lanes: { lane: Lane; follower: Follower }[] = []
  #chatId = ''
  #hallId = ''
  #acknowledged = 0
  #pair: Pair | undefined
  seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: CampaignOptions, chosen: readonly Fault[]) {
    this.#dir = dir
    this.#options = options
    this.#chosen = chosen
    this.seed = options.seed
  }

  get counts(): Record<string, number> {
    const unanswered = this.#lanes.reduce((sum, { lane }) => sum + lane.unansweredCount, 0)
    return {
      acknowledged: this.#acknowledged,
      'without an answer': unanswered,
      ...Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    }
  }

  async run(): Promise<void> {
    const endsAt = performance.now() + this.#options.minutes * 60_000
    const saved = this.#read()
    const pair = (this.#pair = await Pair.open({
      dir: this.#dir,
      ports: saved?.ports ?? [],
      hasOwnDisks: this.#chosen.some(({ fillsDisk }) => fillsDisk),
      hasThird: this.#options.third === true,
      fault: this.#options.fault,
    }))
    if (saved) this.#resume(saved)
    else await this.#setUp(pair)
    if (this.#lanes.length === 0) this.#makeLanes(pair)
    const last = this.rounds + this.#options.rounds
    while (this.rounds < last && performance.now() < endsAt && this.problems.length === 0) {
      await this.#round(pair)
      this.rounds += 1
      this.#save(pair)
    }
  }

  async close(): Promise<void> {
    await this.#pair?.close()
  }

  #count(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count)
  }

  async #round(pair: Pair): Promise<void> {
    const random = new Random(this.seed * 10_000 + this.rounds)
    const roles = await pair.settle(true)
    if (typeof roles === 'string') return void this.problems.push(roles)
    await pair.addThird(roles)
    const { third } = pair
    if (third && typeof (await pair.settle(true)) === 'string')
      return void this.problems.push('the third computer does not connect to both others')
    const possible = this.#chosen.filter(
      ({ fillsDisk, vote }) =>
        (fillsDisk !== true || pair.hasOwnDisks) && (vote !== 'third' || third !== undefined),
    )
    const fault = possible[random.below(possible.length)] as Fault
    const votes: readonly Vote[] = third ? ['hub', 'standby', 'third'] : ['hub', 'standby']
    const vote: Vote = fault.vote ?? (votes[random.below(votes.length)] as Vote)
    const [owner] = this.#users as [TestUser]
    await giveVote(owner.atUrl(roles.hub.url), vote)
    const epoch = await this.#epochAt(roles)
    const writing = new Writing(this.#lanes, epoch)
    const before = this.#acknowledged
    const beganAt = performance.now()
    const goal = before + requestsBefore.least + random.below(requestsBefore.spread)
    await writing.until(() => this.#acknowledged >= goal)
    await fault.run({
      ...{ ...roles, third, vote, random, network: pair.network, problems: this.problems },
      acknowledged: () => this.#acknowledged,
      stopWriting: () => writing.stop(),
    })
    await pair.mend()
    const after = await pair.settle(fault.mayEnd === true)
    await writing.stop()
    this.problems.push(...writing.problems)
    if (typeof after === 'string') this.problems.push(after)
    else
      await this.#compare(
        pair,
        after,
        fault.loss ?? ((await this.#epochAt(after)) === epoch ? 'nothing' : 'held'),
      )
    this.#count(fault.name)
    const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1)
    const count = this.#acknowledged - before
    const words = `round ${this.rounds + 1}: ${fault.name}, vote with ${vote}, ${count} acknowledged, ${seconds} s`
    this.#options.onRound?.(words)
    // which round a sentence is of
    if (this.problems.length > 0) this.problems[0] = `${words}: ${this.problems[0] ?? ''}`
  }

  async #epochAt({ hub }: Roles): Promise<string> {
    const [owner] = this.#users as [TestUser]
    const live = await owner.atUrl(hub.url).connect()
    const epoch = live.state?.epoch ?? ''
    live.terminate()
    return epoch
  }

  async #compare(pair: Pair, { hub, standby }: Roles, loss: Loss): Promise<void> {
    const { problems } = this
    problems.push(...(await compareTables(hub.dataDir, standby.dataDir)), ...compareFiles(standby.dataDir))
    this.#count('messages that others saw', this.#seen.size)
    const known = { registers: this.#registers, seen: this.#seen, loss }
    const found = compareWithClients(hub.dataDir, pair.dataDirs, known)
    problems.push(...found.problems)
    if (found.setAside > 0) this.#count('changes set aside', found.setAside)
    if (problems.length > 0) return
    const folders = removeSetAside(pair.dataDirs)
    if (folders > 0) this.#count('folders set aside', folders)
    const cids = cidsOf(hub.dataDir)
    for (const { lane, follower } of this.#lanes) {
      lane.settleMessages((cid) => cids.has(cid))
      lane.settleMembership(this.#registers.valueOf(`member ${this.#hallId} ${follower.user.id}`) === on)
    }
  }

  async #setUp(pair: Pair): Promise<void> {
    const [first] = pair.computers
    await first?.start()
    const url = first?.url ?? ''
    const owner = await TestUser.setUp(url, { code: setupCode, username: 'olga', registration: 'open' })
    const others = await Promise.all(
      Array.from({ length: userCount - 1 }, (_, at) => TestUser.register(url, { username: `writer${at}` })),
    )
    this.#chatId = (await owner.createGroup('Storm', others)).id
    // its owner never leaves it, so it stays
    this.#hallId = (await owner.createGroup('Hall', [], 'public')).id
    this.#users = [owner, ...others]
    await pair.pair()
  }

  #makeLanes(pair: Pair): void {
    this.#lanes = Array.from({ length: userCount * lanesPerUser }, (_, at) => {
      const user = this.#users[Math.floor(at / lanesPerUser)] as TestUser
      const isFirst = at % lanesPerUser === 0
      const follower = new Follower({
        ...{ user, usesHttp: !isFirst, addresses: pair.addresses, seen: this.#seen },
        onSafe: (upTo) => this.#registers.safe(upTo),
      })
      const lane = new Lane({
        // a resumed campaign has texts of its own
        name: `${user.user.username}.${at}.${this.rounds}`,
        ...{ user, chatId: this.#chatId, canPin: at < lanesPerUser, registers: this.#registers },
        ...(isFirst && at > 0 && { hallId: this.#hallId }),
        random: new Random(this.seed * 1_000 + this.rounds * 100 + at),
        isEarly: this.#options.fault === 'early-ack',
        onAcknowledged: () => (this.#acknowledged += 1),
      })
      return { lane, follower }
    })
  }

  get #stateFile(): string {
    return path.join(this.#dir, 'campaign.json')
  }

  #save(pair: Pair): void {
    const state: SavedState = {
      ...{ seed: this.seed, rounds: this.rounds, chatId: this.#chatId, hallId: this.#hallId },
      ports: pair.ports,
      users: this.#users.map(({ token, user }) => ({ token, user })),
      counts: [...this.#counts, ['acknowledged', this.#acknowledged]],
      registers: this.#registers.toJson(),
    }
    writeFileSync(this.#stateFile, JSON.stringify(state))
  }

  #read(): SavedState | undefined {
    if (!existsSync(this.#stateFile)) return undefined
    return JSON.parse(readFileSync(this.#stateFile, 'utf8')) as SavedState
  }

  #resume(state: SavedState): void {
    this.seed = state.seed
    this.rounds = state.rounds
    this.#chatId = state.chatId
    this.#hallId = state.hallId
    this.#users = state.users.map(({ token, user }) => new TestUser('', token, user))
    for (const [kind, count] of state.counts) this.#counts.set(kind, count)
    this.#acknowledged = this.#counts.get('acknowledged') ?? 0
    this.#counts.delete('acknowledged')
    this.#registers.restore(state.registers)
  }
}
