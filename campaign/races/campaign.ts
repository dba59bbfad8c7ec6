import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { exportDatabase } from '../../server/db/postgres/copy.ts'
import { LockKeys } from '../../server/db/postgres/locks.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { checkInvariants, checkStructure } from '../../server/db/verify.ts'
import { type RunningHub, startHub } from '../../server/start.ts'
import { Random } from '../../test/simulation/random.ts'
import { type PostgresServer, startPostgres } from '../../test/support/postgres-server.ts'
import { request, RequestError, TestUser } from '../../test/support/test-user.ts'
import { type Campaign, runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { type Move, moves } from './moves.ts'
import { newName, type RaceTeam, Scene } from './scene.ts'
import { openSlowLink, type SlowLink } from './slow-link.ts'

/*
 * Two processes of one hub get two write requests on the same objects at the same moment, or one of them gets both: every pair
 * of requests, in a random order. No request may end with a fault of the hub or without a result, and all invariants of the database hold.
 */

const setupCode = 'test-code-1'
/** Pairs between two checks of the whole database, which reads all of it. */
const pairsPerCheck = 150
const maxDelayMs = 4
/** One way. */
const maxLatencyMs = 3
/** So long that no retry of a transaction explains it. */
const longestAnswerMs = 15_000
/** A hub with an operation that never ends does not close. */
const closeTimeoutMs = 10_000

const raceFaults = ['no-locks'] as const

/** @param size `pairs`: not all of them */
export async function runRaceCampaign(
  options: CampaignOptions,
  size: { pairs?: number; database?: string } = {},
): Promise<CampaignResult> {
  parseFault(options, raceFaults)
  return runInFolder('races', options, (dir) => new RaceCampaign(dir, options, size))
}

interface Ready {
  move: Move
  by: TestUser
  input: object
}

class RaceCampaign implements Campaign {
  readonly #dir: string
  readonly #options: CampaignOptions
  readonly #size: { pairs?: number; database?: string }
  readonly #random: Random
  #server: PostgresServer | undefined
  #database = ''
  #link: SlowLink | undefined
  #isRacing = false
  #hubs: RunningHub[] = []
  #team: RaceTeam | undefined
  readonly seed: number
  rounds = 0
  readonly problems: string[] = []
  readonly counts = { pairs: 0, taken: 0, refused: 0, 'both taken': 0, 'without a scene': 0 }

  constructor(dir: string, options: CampaignOptions, size: { pairs?: number; database?: string }) {
    this.#dir = dir
    this.#options = options
    this.#size = size
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  async run(): Promise<void> {
    await this.#start()
    const restore = this.#options.fault === 'no-locks' ? takeLocksAway() : () => undefined
    try {
      const endsAt = performance.now() + this.#options.minutes * 60_000
      const isOver = (): boolean => performance.now() >= endsAt || this.problems.length > 0
      while (this.rounds < this.#options.rounds && !isOver()) {
        await this.#round(isOver)
        this.rounds += 1
        this.#options.onRound?.(`round ${this.rounds}: ${JSON.stringify(this.counts)}`)
      }
    } finally {
      restore()
    }
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#hubs.map((hub) => hub.close()))
    await Promise.race([closed, sleep(closeTimeoutMs, undefined, { ref: false })])
    this.#link?.close()
    await this.#server?.stop()
  }

  async #start(): Promise<void> {
    const { database } = this.#size
    if (database === undefined) this.#server = await startPostgres()
    this.#database = database ?? this.#server?.url ?? ''
    this.#link = await openSlowLink(this.#database, () => (this.#isRacing ? Math.random() * maxLatencyMs : 0))
    const { url } = this.#link
    const identity = path.join(this.#dir, `identity-${randomBytes(4).toString('hex')}`)
    const start = (name: string): Promise<RunningHub> =>
      startHub({
        ...{ dataDir: path.join(this.#dir, name), database: url, identity, isCluster: true },
        ...{ host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: true, logN: 4, setupCode },
        log: pino({ level: 'silent' }),
      })
    const names = ['one', 'other'].map((name) => `${name}-${randomBytes(4).toString('hex')}`)
    for (const name of names) mkdirSync(path.join(this.#dir, name), { recursive: true })
    this.#hubs = await Promise.all(names.map(start))
    const olga = await TestUser.setUp(this.#hubs[0]?.url ?? '', { code: setupCode, username: 'olga' })
    await olga.request('admin.settings.update', { registration: 'approval' })
    this.#team = await newTeam(olga)
  }

  async #round(isOver: () => boolean): Promise<void> {
    const { only = '' } = this.#options
    const chosen = moves.filter(({ name }) => name.startsWith(only))
    const pairs = chosen.flatMap((one, at) => chosen.slice(at).map((other): [Move, Move] => [one, other]))
    this.#shuffle(pairs)
    pairs.splice(this.#size.pairs ?? pairs.length)
    while (pairs.length > 0 && !isOver()) {
      const some = pairs.splice(0, pairsPerCheck)
      for (let pair = some.shift(); pair && !isOver(); pair = some.shift()) await this.#race(pair)
      this.problems.push(...(await this.#check()))
      // a user of thousands of groups is another test
      if (this.#team) this.#team = await newTeam(this.#team.olga)
    }
  }

  /** Sends both at the same moment, to different processes or to one. */
  async #race(pair: readonly [Move, Move]): Promise<void> {
    const team = this.#team
    if (!team) return
    const scene = new Scene(team)
    const first = this.#random.below(2)
    const second = this.#random.below(2)
    const delays = [0, this.#random.below(maxDelayMs)]
    const ready = await this.#prepare(pair, scene)
    if (!ready) return
    this.#isRacing = true
    try {
      const taken = await Promise.all(
        ready.map((each, at) => this.#send(each, at === 0 ? first : second, delays[at] ?? 0)),
      )
      this.counts.pairs += 1
      if (taken.every(Boolean)) this.counts['both taken'] += 1
      this.#isRacing = false
      if (pair.some(({ request: name }) => name === 'admin.ownership.transfer'))
        await scene.takeOwnershipBack()
    } catch (error) {
      this.problems.push(`${pair.map(({ name }) => name).join(' and ')}: ${String(error)}`)
    } finally {
      this.#isRacing = false
    }
  }

  /** Returns undefined for two that have no scene in common, such as a message that was deleted and is pinned. */
  async #prepare(pair: readonly Move[], scene: Scene): Promise<Ready[] | undefined> {
    try {
      const ready: Ready[] = []
      for (const each of pair) ready.push({ ...(await each.prepare(scene)), move: each })
      return ready
    } catch (error) {
      if (!(error instanceof RequestError) || error.status >= 500) throw error
      this.counts['without a scene'] += 1
      return undefined
    }
  }

  /** Returns true if it was taken. @throws if its end is none that the contract knows */
  async #send({ by, input, move }: Ready, hub: number, delay: number): Promise<boolean> {
    await sleep(delay)
    const beganAt = performance.now()
    try {
      const answer = request(this.#hubs[hub]?.url ?? '', by.token, move.request, input as never)
      answer.catch(() => undefined)
      await Promise.race([answer, sleep(2 * longestAnswerMs, undefined, { ref: false }).then(noAnswer)])
      this.counts.taken += 1
      return true
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      if (error.code === 'internal' || error.code === 'busy' || error.status >= 500) throw error
      this.counts.refused += 1
      return false
    } finally {
      const ms = performance.now() - beganAt
      if (ms > longestAnswerMs) this.problems.push(`${move.name} was answered after ${Math.round(ms)} ms`)
    }
  }

  async #check(): Promise<string[]> {
    const file = path.join(this.#dir, 'copy.db')
    rmSync(file, { force: true })
    await exportDatabase(this.#database, file)
    const { raw } = openReader(file)
    try {
      return [...checkStructure(raw), ...checkInvariants(raw)]
    } finally {
      raw.close()
      rmSync(file, { force: true })
    }
  }

  #shuffle(pairs: unknown[]): void {
    for (let at = pairs.length - 1; at > 0; at -= 1) {
      const other = this.#random.below(at + 1)
      ;[pairs[at], pairs[other]] = [pairs[other], pairs[at]]
    }
  }
}

function noAnswer(): never {
  throw new Error('there was no answer')
}

async function newTeam(olga: TestUser): Promise<RaceTeam> {
  const register = async (): Promise<TestUser> => {
    const { invite } = await olga.request('admin.invites.create', {})
    return TestUser.register(olga.url, { username: newName(), invite })
  }
  return { olga, ann: await register(), bo: await register(), eve: await register() }
}

/** Operations share the lock of the hub, and take no other: they check, and act later. */
function takeLocksAway(): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back below
  const { statementFor } = LockKeys.prototype
  LockKeys.prototype.statementFor = function (this: LockKeys) {
    return statementFor.call(this, [])
  }
  return () => {
    LockKeys.prototype.statementFor = statementFor
  }
}
