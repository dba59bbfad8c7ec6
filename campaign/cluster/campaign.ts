import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { exportDatabase } from '../../server/db/postgres/copy.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { checkInvariants, checkStructure } from '../../server/db/verify.ts'
import { Random } from '../../test/simulation/random.ts'
import { endBus } from '../../test/support/cluster.ts'
import { type PostgresServer, startPostgres } from '../../test/support/postgres-server.ts'
import { type HubProcess, startHubProcess } from '../../test/support/start-hub-process.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { type Campaign, runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, UsageError } from '../result.ts'
import { Sender } from './sender.ts'
import { Watcher } from './watcher.ts'

/*
 * Two processes of one hub under eight senders, while one of them is killed, the database server restarts, or the bus is cut.
 * No acknowledged message is lost or doubled, and soon after everything is back each client has all of them.
 */

const setupCode = 'test-code-1'
const senderCount = 8
const watcherCount = 4
const processCount = 2
const trafficMs = 400
const completeWithinMs = 3_000
/** What a killed process has not told is found by comparing with the database, twice. */
const completeAfterKillMs = 6_000
const giveUpMs = 20_000
const hubOptions = ['--cluster', '--load-test', '--port', '0']

/** As often as the acceptance wants them: 500 kills, 50 restarts, 100 cuts. */
const kinds = [...Array<'kill'>(10).fill('kill'), 'restart', 'cut', 'cut'] as const
type Kind = (typeof kinds)[number]

const clusterFaults = ['early-ack', 'no-behind'] as const

interface Given {
  /** An empty database, instead of a server of its own. */
  database?: string | undefined
  /** What happens in each round, in turn; no restarts with a given database. */
  kinds?: readonly Kind[]
}

export async function runClusterCampaign(
  options: CampaignOptions,
  given: Given = {},
): Promise<CampaignResult> {
  const { fault, only } = options
  if (fault !== undefined && !(clusterFaults as readonly string[]).includes(fault)) {
    throw new UsageError(`There is no fault ${fault}: choose one of ${clusterFaults.join(', ')}.`)
  }
  if (only !== undefined && !kinds.some((kind) => kind.startsWith(only)))
    throw new UsageError(`There is nothing that begins with ${only}: choose kill, restart or cut.`)
  return runInFolder('cluster', options, (dir) => new ClusterCampaign(dir, options, given))
}

class ClusterCampaign implements Campaign {
  readonly #dir: string
  readonly #options: CampaignOptions
  readonly #random: Random
  #server: PostgresServer | undefined
  #database: string | undefined
  readonly #kinds: Given['kinds']
  #hubs: (HubProcess | undefined)[] = []
  #senders: Sender[] = []
  #watchers: Watcher[] = []
  #chatId = ''
  readonly seed: number
  rounds = 0
  readonly problems: string[] = []
  readonly #done = { kill: 0, restart: 0, cut: 0 }
  #slowestMs = 0
  #maySayMore = true

  constructor(dir: string, options: CampaignOptions, given: Given) {
    this.#dir = dir
    this.#options = options
    this.#database = given.database
    this.#kinds = given.kinds
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  get counts(): Record<string, number> {
    return {
      acknowledged: this.#senders.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
      'without an answer': this.#senders.reduce((sum, { unanswered }) => sum + unanswered, 0),
      kills: this.#done.kill,
      restarts: this.#done.restart,
      cuts: this.#done.cut,
      'ms until complete at most': this.#slowestMs,
    }
  }

  async run(): Promise<void> {
    await this.#start()
    const endsAt = performance.now() + this.#options.minutes * 60_000
    while (this.rounds < this.#options.rounds && performance.now() < endsAt && this.problems.length === 0) {
      const kind = this.#nextKind()
      await this.#round(kind)
      this.rounds += 1
      this.#options.onRound?.(`round ${this.rounds}, ${kind}: ${JSON.stringify(this.counts)}`)
    }
    if (this.problems.length === 0) this.problems.push(...(await this.#checkRows()))
  }

  async close(): Promise<void> {
    this.#maySayMore = false
    await Promise.all(this.#watchers.map((watcher) => watcher.close()))
    for (const hub of this.#hubs) await hub?.kill('SIGKILL')
    await this.#server?.stop()
  }

  async #start(): Promise<void> {
    if (this.#database === undefined) {
      this.#server = await startPostgres()
      this.#database = this.#server.url
    }
    this.#hubs = await Promise.all(Array.from({ length: processCount }, (_, at) => this.#startHub(at)))
    const olga = await TestUser.setUp(this.#url(), { code: setupCode, username: 'olga' })
    const register = async (username: string): Promise<TestUser> => {
      const { invite } = await olga.request('admin.invites.create', {})
      return TestUser.register(this.#url(), { username, invite })
    }
    const names = (kind: string, count: number): string[] =>
      Array.from({ length: count }, (_, at) => `${kind}${at}`)
    const senders = await Promise.all(names('sender', senderCount).map(register))
    const watchers = await Promise.all(names('watcher', watcherCount).map(register))
    this.#chatId = (await olga.createGroup('All', [...senders, ...watchers])).id
    const { fault } = this.#options
    this.#senders = senders.map(
      (user) =>
        new Sender(user, this.#chatId, {
          name: user.user.username,
          urls: () => this.#url(),
          countsEarly: fault === 'early-ack',
        }),
    )
    this.#watchers = watchers.map(
      (user, at) => new Watcher(user, () => this.#url(at % processCount), fault === 'no-behind'),
    )
    await Promise.all(this.#watchers.map((watcher) => watcher.start()))
  }

  async #startHub(at: number): Promise<HubProcess> {
    const dataDir = path.join(this.#dir, `process-${at}`)
    const identity = path.join(this.#dir, 'identity')
    const { child, listening } = startHubProcess(dataDir, [...hubOptions, '--identity', identity], {
      HUBBUB_DATABASE: this.#database,
      HUBBUB_LOG: 'fatal',
    })
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL' && this.#maySayMore)
        this.problems.push(`a process ended by itself with ${code}`)
    })
    return listening
  }

  /** The address of a process that is there; of this one if it is. */
  #url(wanted = this.#random.below(processCount)): string {
    const hub = this.#hubs[wanted] ?? this.#hubs.find((each) => each !== undefined)
    return hub?.url ?? ''
  }

  #nextKind(): Kind {
    const { only = '' } = this.#options
    const possible = kinds.filter((each) => each.startsWith(only))
    const at = this.#kinds ? this.rounds % this.#kinds.length : this.#random.below(possible.length)
    return (this.#kinds ?? possible)[at] ?? 'kill'
  }

  async #round(kind: Kind): Promise<void> {
    for (const sender of this.#senders) sender.start()
    await sleep(trafficMs * (0.5 + this.#random.next()))
    const stop = (): Promise<unknown> => Promise.all(this.#senders.map((sender) => sender.stop()))
    if (kind === 'kill') await this.#kill()
    if (kind === 'restart') await this.#server?.restart()
    if (kind === 'cut') await this.#cutUntil(stop())
    this.#done[kind] += 1
    if (kind !== 'cut') {
      await sleep(trafficMs)
      await stop()
    }
    this.problems.push(...(await this.#compare()))
    // no client can get what is lost
    if (this.problems.length > 0) return
    await this.#becomeComplete(kind === 'kill' ? completeAfterKillMs : completeWithinMs)
    this.problems.push(...this.#watchers.flatMap(({ replica }) => replica.violations))
  }

  async #kill(): Promise<void> {
    const at = this.#random.below(processCount)
    const hub = this.#hubs[at]
    this.#hubs[at] = undefined
    await hub?.kill('SIGKILL')
    await sleep(this.#random.below(trafficMs))
    this.#hubs[at] = await this.#startHub(at)
  }

  /** The bus stays away until the last message is acknowledged: only the heads can tell of it. */
  async #cutUntil(end: Promise<unknown>): Promise<void> {
    const state = { isOver: false }
    void end.then(() => (state.isOver = true))
    while (!state.isOver) {
      await endBus(this.#database)
      await sleep(20)
    }
  }

  /** Waits until each client has what was acknowledged. */
  async #becomeComplete(withinMs: number): Promise<void> {
    const wanted = this.#senders.flatMap(({ acknowledged }) => acknowledged)
    const beganAt = performance.now()
    const missing = (): string[] =>
      this.#watchers.flatMap((watcher, at) => {
        const texts = watcher.textsOf(this.#chatId)
        const lacks = wanted.filter((text) => !texts.has(text))
        return lacks.length === 0 ? [] : [`client ${at} lacks ${lacks.length} messages: ${lacks[0] ?? ''}`]
      })
    for (;;) {
      const lacks = missing()
      const ms = Math.round(performance.now() - beganAt)
      if (lacks.length === 0) {
        this.#slowestMs = Math.max(this.#slowestMs, ms)
        if (ms > withinMs) this.problems.push(`the clients were complete after ${ms} ms`)
        return
      }
      if (ms > giveUpMs) {
        this.problems.push(...lacks)
        return
      }
      await sleep(20)
    }
  }

  /** Compares the database with what was acknowledged. */
  async #compare(): Promise<string[]> {
    const client = new pg.Client(this.#database)
    await client.connect()
    const { rows } = await client.query<{ text: string }>(
      'select text from message where chat_id = $1 order by no',
      [this.#chatId],
    )
    await client.end()
    const places = new Map<string, number>()
    const problems: string[] = []
    for (const [at, { text }] of rows.entries()) {
      if (places.has(text)) problems.push(`"${text}" is stored twice`)
      places.set(text, at)
    }
    for (const { acknowledged } of this.#senders) {
      let last = -1
      for (const text of acknowledged) {
        const place = places.get(text)
        if (place === undefined) problems.push(`"${text}" was acknowledged and is lost`)
        else if (place < last) problems.push(`"${text}" comes before what was sent before it`)
        last = place ?? last
      }
    }
    return problems
  }

  async #checkRows(): Promise<string[]> {
    const file = path.join(this.#dir, `copy-${randomBytes(4).toString('hex')}.db`)
    await exportDatabase(this.#database ?? '', file)
    const { raw } = openReader(file)
    try {
      return [...checkStructure(raw), ...checkInvariants(raw)]
    } finally {
      raw.close()
    }
  }
}
