import path from 'node:path'
import { Random } from '../../test/simulation/random.ts'
import { type HubProcess, startHubProcess } from '../../test/support/start-hub-process.ts'
import { freePort } from '../../test/support/ports.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { descriptorsOf, figuresOf, residentMegabytesOf } from './process.ts'
import { trendOf } from './slope.ts'
import { Traffic } from './traffic.ts'

/*
 * Mixed traffic at a rate, for as long as one likes. After each round the hub rests a moment, and what it uses is read. A
 * figure that grows steadily over the rounds is a leak: its line by least squares fits, and rises by more than its limit.
 */

const userCount = 10
const restMs = 300
/** The first rounds fill caches. */
const warmUpPart = 0.3
const leastFit = 0.6

/** What a figure may grow by over the whole run. */
const limits = {
  'MB of memory': 60,
  descriptors: 8,
  'MB of write-ahead log': 24,
  'queued operations': 5,
  'waiting requests': 5,
  'KB in buffers': 512,
  sockets: 3,
} as const
type Figure = keyof typeof limits

export interface SoakPace {
  roundMs: number
  perSecond: number
}

export async function runSoakCampaign(
  options: CampaignOptions,
  pace: SoakPace = { roundMs: 5_000, perSecond: 40 },
): Promise<CampaignResult> {
  const fault = parseFault(options, ['leaking-socket'])
  return runInFolder('soak', options, async (dir) => {
    const opsPort = await freePort()
    const leak = path.join(import.meta.dirname, 'leak.ts')
    const hub = await startHubProcess(
      path.join(dir, `data-${Date.now()}`),
      ['--port', '0', '--load-test', '--backups', 'none', '--ops-port', opsPort],
      fault === undefined ? {} : { NODE_OPTIONS: `--import ${leak}` },
    ).listening
    return new Soak(hub, `http://127.0.0.1:${opsPort}`, options, pace)
  })
}

class Soak {
  readonly #hub: HubProcess
  readonly #opsUrl: string
  readonly #random: Random
  readonly #series = new Map<Figure, number[]>()
  #traffic: Traffic | undefined
  readonly #options: CampaignOptions
  readonly #pace: SoakPace
  readonly seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(hub: HubProcess, opsUrl: string, options: CampaignOptions, pace: SoakPace) {
    this.#hub = hub
    this.#opsUrl = opsUrl
    this.#options = options
    this.#pace = pace
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  get counts(): Record<string, number> {
    const lasts = [...this.#series].map(([name, values]) => [name, Math.round(values.at(-1) ?? 0)])
    const growths = [...this.#series].map(([name, values]) => {
      return [`more ${name}`, Math.round(trendOf(afterWarmUp(values)).growth * 10) / 10]
    })
    return Object.fromEntries([...(this.#traffic?.counts ?? []), ...lasts, ...growths]) as Record<
      string,
      number
    >
  }

  async run(): Promise<void> {
    const { rounds, minutes, onRound } = this.#options
    const { roundMs, perSecond } = this.#pace
    const endsAt = performance.now() + minutes * 60_000
    const traffic = (this.#traffic = await this.#setUp())
    while (this.rounds < rounds && performance.now() < endsAt && traffic.problems.length === 0) {
      await traffic.run(roundMs, perSecond)
      await new Promise((resolve) => setTimeout(resolve, restMs))
      await this.#measure()
      this.rounds += 1
      onRound?.(
        `round ${this.rounds}: ${[...this.#series].map(([name, all]) => `${Math.round(all.at(-1) ?? 0)} ${name}`).join(', ')}`,
      )
    }
    traffic.close()
    this.problems.push(...traffic.problems, ...this.#findLeaks())
  }

  async close(): Promise<void> {
    await this.#hub.kill('SIGKILL')
  }

  async #setUp(): Promise<Traffic> {
    const { url } = this.#hub
    const owner = await TestUser.setUp(url, {
      ...{ code: 'test-code-1', username: 'olga', registration: 'open' },
    })
    const others = await Promise.all(
      Array.from({ length: userCount - 1 }, (_, at) => TestUser.register(url, { username: `talker${at}` })),
    )
    const { id } = await owner.createGroup('Soak', others)
    const traffic = new Traffic([owner, ...others], id, this.#random)
    await traffic.open()
    return traffic
  }

  async #measure(): Promise<void> {
    const { pid } = this.#hub
    const [wal = 0, queued = 0, waiting = 0, buffered = 0, sockets = 0] = await figuresOf(this.#opsUrl, [
      ...['hubbub_wal_bytes', 'hubbub_queued_operations', 'hubbub_waiting_requests'],
      ...['hubbub_buffered_bytes', 'hubbub_connections'],
    ])
    const now: Record<Figure, number> = {
      'MB of memory': residentMegabytesOf(pid),
      descriptors: descriptorsOf(pid),
      'MB of write-ahead log': wal / 2 ** 20,
      'queued operations': queued,
      'waiting requests': waiting,
      'KB in buffers': buffered / 1_024,
      sockets,
    }
    for (const [name, value] of Object.entries(now) as [Figure, number][]) {
      const values = this.#series.get(name) ?? []
      values.push(value)
      this.#series.set(name, values)
    }
  }

  #findLeaks(): string[] {
    return [...this.#series].flatMap(([name, values]) => {
      const { growth, fit } = trendOf(afterWarmUp(values))
      if (growth <= limits[name] || fit < leastFit) return []
      const size = `${growth.toFixed(1)} ${name}`
      return [`the hub gained ${size} over ${values.length} rounds; ${limits[name]} are permitted`]
    })
  }
}

function afterWarmUp(values: readonly number[]): readonly number[] {
  return values.slice(Math.floor(values.length * warmUpPart))
}
