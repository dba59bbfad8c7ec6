import path from 'node:path'
import { Random } from '../../test/simulation/random.ts'
import { Registers } from '../kill/registers.ts'
import type { Actor } from './actor.ts'
import { Browser } from './browser.ts'
import { loseLastCommits } from './faults.ts'
import { SimulatedHub } from './hub.ts'
import { Link, type LinkState } from './link.ts'
import { OwnerSteps } from './owner-steps.ts'
import { takeOverThreads } from './real-threads.ts'
import { seedRandomness } from './seeded-random.ts'
import { StepContext } from './step-context.ts'
import { type History, isStepOf, type Step } from './steps.ts'
import type { Device, Team } from './team.ts'
import { UserSteps } from './user-steps.ts'
import { VirtualTime } from './virtual-time.ts'
import { Watcher } from './watcher.ts'

/*
 * One history: the whole hub and the pages of four browsers in one process, with a network between them that the steps
 * disturb. `finish` heals everything; checks.ts then says what is wrong.
 */

const waitsMs = [1, 30, 300, 2_000, 20_000, 120_000]
const delaysMs = [40, 400, 4_000]
const clockStepsMs = [-3_600_000, -90_000, 45_000, 3_500_000, 20 * 86_400_000]
const maxClockOffsetMs = 12 * 86_400_000
const quickDelayMs = 20
/** So long a page may take to notice that its connection is dead, and to come back. */
const maxHealMs = 100_000
const healStepMs = 2_000
/** Then everything that waits for a connection, or for its next try, comes to its end. */
const afterwardsMs = { plain: 30_000, limited: 100_000 }
/** A page that wakes asks the hub whether it is there. */
const wakeMs = 10_000

export interface SimulationOptions {
  /** A crash loses what was committed last: a fault that is put in on purpose. */
  losesCommits?: boolean
}

export class Simulation {
  readonly team: Team
  readonly history: History
  readonly time = new VirtualTime()
  readonly registers = new Registers()
  readonly watcher = new Watcher(this.registers)
  readonly hub: SimulatedHub
  readonly actors: readonly Actor[]
  readonly problems: string[] = []
  readonly context: StepContext
  readonly #users: UserSteps
  readonly #owner: OwnerSteps
  #random: Random
  readonly #endThreads: () => void
  readonly #endRandomness: () => void
  readonly #onUnhandled = (error: unknown): void => this.#note(error)

  constructor(team: Team, history: History, dir: string, { losesCommits = false }: SimulationOptions = {}) {
    this.team = team
    this.history = history
    this.#random = new Random(history.seed)
    this.time.install()
    this.#endThreads = takeOverThreads(this.time)
    this.#endRandomness = seedRandomness(history.seed)
    process.on('unhandledRejection', this.#onUnhandled)
    this.hub = new SimulatedHub(
      {
        ...{ time: this.time, dir: path.join(dir, `history-${history.seed}`), isLimited: history.isLimited },
        onError: (error) => this.#note(error),
        onCrash: (files) => losesCommits && loseLastCommits(files),
      },
      team.dataDir,
    )
    this.actors = team.devices.map((device) => ({
      ...{ device, browser: this.newBrowser(device), sent: [], edits: [] },
      ...{ marks: new Map<string, number>(), left: new Set<string>() },
    }))
    const { actors, registers, watcher, hub, time } = this
    const onError = (error: unknown): void => this.#note(error)
    this.context = new StepContext({ team, actors, registers, watcher, onError })
    this.#users = new UserSteps(this.context)
    this.#owner = new OwnerSteps({ context: this.context, hub, time })
  }

  newBrowser({ userId, cookie }: Pick<Device, 'userId' | 'cookie'>): Browser {
    const random = (): Random => this.#random
    return new Browser({
      ...{ time: this.time, random, cookie },
      newLink: (options) =>
        new Link({ time: this.time, hub: this.hub, random, ...options, ...this.watcher.watchTab(userId) }),
    })
  }

  async begin(): Promise<void> {
    await this.time.until(this.hub.start())
    for (const { browser } of this.actors) await browser.open()
    await this.time.advance(1_000)
    if (!this.history.isLossy) return
    for (const { browser } of this.actors)
      Object.assign(browser.network, { lostShare: 0.2, doubledShare: 0.2 })
  }

  async runStep(step: Step): Promise<void> {
    this.#random = new Random(step.seed)
    const actor = this.actors[step.device % this.actors.length] as Actor
    await this.#act(step, actor)
    await this.time.turns(1 + (step.at % 7))
  }

  /** Mends the network, starts the hub, and gives everything its time. */
  async finish(): Promise<void> {
    this.#random = new Random(this.history.seed + 1)
    const healthy: LinkState = { isOffline: false, maxDelayMs: quickDelayMs, lostShare: 0, doubledShare: 0 }
    for (const { browser } of this.actors) Object.assign(browser.network, healthy)
    if (!this.hub.isUp) await this.time.until(this.hub.start())
    // a real network loses no single entry: only a new connection brings it
    if (this.history.isLossy) for (const { browser } of this.actors) browser.cut()
    await this.#owner.finish()
    await this.#heal()
    await this.time.advance(this.history.isLimited ? afterwardsMs.limited : afterwardsMs.plain)
    for (const { browser } of this.actors) browser.wake()
    await this.time.advance(wakeMs)
    await this.#heal()
    this.problems.push(...this.time.errors.map((error) => `a timer failed: ${wordsOf(error)}`))
  }

  async #heal(): Promise<void> {
    for (let ms = 0; ms < maxHealMs; ms += healStepMs) {
      for (const actor of this.actors) this.#users.logIn(actor)
      await this.time.advance(healStepMs)
      if (this.actors.every(({ browser }) => browser.isConnected)) return
    }
  }

  async end(): Promise<void> {
    for (const { browser } of this.actors) await browser.closeAll()
    await this.time.until(this.hub.end())
    this.#endRandomness()
    this.#endThreads()
    this.time.uninstall()
    process.off('unhandledRejection', this.#onUnhandled)
  }

  #note(error: unknown): void {
    this.problems.push(wordsOf(error))
  }

  async #act(step: Step, actor: Actor): Promise<void> {
    const { browser } = actor
    const { time, hub } = this
    const { network } = browser
    if (isStepOf(step, 'owner')) return this.#owner.run(step)
    // which tab depends on more of the number than which computer
    const tab = browser.tab(Math.floor(step.device / this.actors.length))
    switch (step.do) {
      case 'wait':
        return time.advance(waitsMs[step.at % waitsMs.length] ?? 0)
      case 'openTab':
        return browser.mayOpen ? browser.open() : undefined
      case 'closeTab':
        return browser.mayOpen ? undefined : browser.close(tab)
      case 'reload':
        await browser.close(tab)
        return browser.open()
      case 'kill':
        this.#users.forgetTab(actor, tab)
        await browser.kill(tab)
        return browser.open()
      case 'cut':
        return browser.cut()
      case 'silence':
        return browser.silence()
      case 'offline':
        network.isOffline = true
        return browser.cut()
      case 'online':
        for (const one of this.actors) one.browser.network.isOffline = false
        return
      case 'slow':
        network.maxDelayMs = delaysMs[step.at % delaysMs.length] ?? quickDelayMs
        return
      case 'quick':
        network.maxDelayMs = quickDelayMs
        return
      case 'wake':
        return browser.wake()
      case 'crash':
        hub.crash()
        for (const one of this.actors) one.browser.cut()
        await time.settle()
        await time.until(hub.clearCrashed())
        return step.at % 2 === 0 ? time.until(hub.start()) : undefined
      case 'restart':
        await time.until(hub.stop())
        return time.until(hub.start())
      case 'stop':
        return time.until(hub.stop())
      case 'start':
        return hub.isUp ? undefined : time.until(hub.start())
      case 'hubClock':
        hub.clockOffsetMs += clockStepsMs[step.at % clockStepsMs.length] ?? 0
        // sessions end in time, also by a wrong clock
        hub.clockOffsetMs = Math.min(hub.clockOffsetMs, maxClockOffsetMs)
        return
      case 'deviceClock':
        browser.clockOffsetMs += clockStepsMs[step.at % clockStepsMs.length] ?? 0
        return
      case 'pry':
        return this.#pry(step)
      default:
        return this.#users.run(step, actor, tab)
    }
  }

  /** Eve asks for what is not hers. */
  async #pry({ chat, at }: Step): Promise<void> {
    if (!this.hub.isUp) return
    const chatId = chat % 2 === 0 ? this.team.kitchen : this.team.direct
    const paths = [
      `/api/chats/${chatId}/messages`,
      `/api/chats/${chatId}`,
      `/api/streams/chat:${chatId}?after=0`,
      `/api/chats/${chatId}/members`,
      `/api/chats/${chatId}/files`,
      `/api/files/${this.watcher.latestFileId ?? 'none'}`,
    ]
    const url = paths[at % paths.length] ?? ''
    const { status, body } = await this.time.until(
      this.hub.request('GET', url, { headers: { cookie: this.team.eve.cookie } }),
    )
    if (status < 400) this.problems.push(`eve reads ${url}: ${body.slice(0, 200)}`)
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
