import path from 'node:path'
import { Random } from '../../test/simulation/random.ts'
import { type HubProcess, startHubProcess } from '../../test/support/start-hub-process.ts'
import { freePort } from '../../test/support/ports.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { runInFolder } from '../in-folder.ts'
import { type CampaignOptions, type CampaignResult, parseFault } from '../result.ts'
import { descriptorsOf, figuresOf } from '../soak/process.ts'
import { StormClient } from './client.ts'

/*
 * Thousands of clients lose their hub at the same moment and come back at once: their sockets break, or the hub is killed.
 * Messages are written meanwhile. Each client gets each message once, at the same place as the others, and the hub has no
 * more descriptors and no fault afterwards.
 */

const clientsPerUser = 5
const registrationsAtOnce = 20
const missed = 20
const deliverWithinMs = 60_000
/** Of those that the hub opens as it likes: threads, files, the connections of requests. */
const spareDescriptors = 30

export async function runStormCampaign(options: CampaignOptions): Promise<CampaignResult> {
  parseFault(options, ['leaking-socket'])
  return runInFolder('storm', options, async (dir) => {
    return new Storm(path.join(dir, `data-${Date.now()}`), await freePort(), options)
  })
}

class Storm {
  readonly #dataDir: string
  readonly #opsPort: string
  readonly #options: CampaignOptions
  readonly #random: Random
  readonly seed: number
  readonly #backMs: number[] = []
  #hub: HubProcess | undefined
  #clients: StormClient[] = []
  #sender: TestUser | undefined
  #chatId = ''
  #messages = 0
  #kills = 0
  rounds = 0
  readonly problems: string[] = []

  constructor(dataDir: string, opsPort: string, options: CampaignOptions) {
    this.#dataDir = dataDir
    this.#opsPort = opsPort
    this.#options = options
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  get counts(): Record<string, number> {
    const sorted = this.#backMs.toSorted((a, b) => a - b)
    return {
      clients: this.#clients.length,
      messages: this.#messages,
      'kills of the hub': this.#kills,
      'ms until all were back (median)': sorted[Math.floor(sorted.length / 2)] ?? 0,
      'ms until all were back (most)': sorted.at(-1) ?? 0,
    }
  }

  async run(): Promise<void> {
    const { rounds, minutes, onRound, clients = 1_000 } = this.#options
    const endsAt = performance.now() + minutes * 60_000
    const hub = await this.#start()
    await this.#setUp(hub.url, clients)
    while (this.rounds < rounds && performance.now() < endsAt && this.problems.length === 0) {
      await this.#round()
      this.rounds += 1
      onRound?.(`round ${this.rounds}: all back after ${this.#backMs.at(-1) ?? 0} ms`)
    }
    await this.#checkHub()
  }

  async #start(): Promise<HubProcess> {
    const leak = path.join(import.meta.dirname, '..', 'soak', 'leak.ts')
    const options = ['--port', '0', '--load-test', '--backups', 'none', '--ops-port', this.#opsPort]
    const env = this.#options.fault === undefined ? {} : { NODE_OPTIONS: `--import ${leak}` }
    return (this.#hub = await startHubProcess(this.#dataDir, options, env).listening)
  }

  async #setUp(url: string, count: number): Promise<void> {
    const owner = await TestUser.setUp(url, {
      ...{ code: 'test-code-1', username: 'olga', registration: 'open' },
    })
    const users: TestUser[] = []
    const userCount = Math.ceil(count / clientsPerUser)
    while (users.length < userCount) {
      const next = Array.from({ length: Math.min(registrationsAtOnce, userCount - users.length) }, (_, at) =>
        TestUser.register(url, { username: `storm${users.length + at}` }),
      )
      users.push(...(await Promise.all(next)))
    }
    this.#sender = owner
    this.#chatId = (await owner.createGroup('Storm', users)).id
    this.#clients = Array.from({ length: count }, (_, at) => {
      return new StormClient(users[at % userCount] as TestUser, this.#chatId)
    })
    await this.#connectAll(url)
  }

  async #connectAll(url: string): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.connect(url)))
  }

  async #round(): Promise<void> {
    const isKill = this.#random.chance(0.5)
    const descriptors = descriptorsOf(this.#hub?.pid ?? 0)
    for (const client of this.#clients) client.ids.clear()
    if (!isKill) {
      for (const client of this.#clients) client.drop()
      await this.#send(missed)
    } else {
      await this.#send(missed)
      await this.#hub?.kill('SIGKILL')
      this.#kills += 1
      for (const client of this.#clients) client.drop()
      await this.#start()
    }
    const { url } = this.#hub as HubProcess
    const beganAt = performance.now()
    await this.#connectAll(url)
    this.#backMs.push(Math.round(performance.now() - beganAt))
    await this.#deliver(await this.#send(1))
    const more = descriptorsOf((this.#hub as HubProcess).pid) - descriptors
    if (!isKill && more > spareDescriptors)
      this.problems.push(`the hub has ${more} more descriptors than before its clients came back`)
  }

  /** Returns the place of the last message. */
  async #send(count: number): Promise<number> {
    const sender = (this.#sender as TestUser).atUrl(this.#hub?.url ?? '')
    let last = 0
    for (let i = 0; i < count; i += 1) {
      last = (await sender.sendMessage(this.#chatId, `message ${(this.#messages += 1)}`)).seq
    }
    return last
  }

  async #deliver(seq: number): Promise<void> {
    const until = performance.now() + deliverWithinMs
    while (!this.#clients.every((client) => client.hasUpTo(seq))) {
      if (performance.now() > until) {
        const behind = this.#clients.filter((client) => client.cursor < seq).length
        this.problems.push(`${behind} clients did not get message ${seq}`)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const [first] = this.#clients
    for (const client of this.#clients) {
      this.problems.push(...client.problems)
      const differs = [...client.ids].some(([at, id]) => first?.ids.get(at) !== id)
      if (differs) this.problems.push('two clients have different messages at one place')
    }
  }

  async #checkHub(): Promise<void> {
    if (this.problems.length > 0) return
    const opsUrl = `http://127.0.0.1:${this.#opsPort}`
    const [failures = 0, sockets = 0] = await figuresOf(opsUrl, [
      ...['hubbub_failures_total', 'hubbub_connections'],
    ])
    if (failures > 0) this.problems.push(`${failures} requests ended with a fault of the hub`)
    if (sockets !== this.#clients.length) this.problems.push(`the hub counts ${sockets} sockets`)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.drop()
    await this.#hub?.kill('SIGKILL')
  }
}
