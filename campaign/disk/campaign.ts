import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { restore } from '../../server/backup/restore.ts'
import { Random } from '../../test/simulation/random.ts'
import { type HubProcess, startHubProcess } from '../../test/support/start-hub-process.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { runInFolder } from '../in-folder.ts'
import { absent, compareWithDisk } from '../kill/disk.ts'
import { Registers } from '../kill/registers.ts'
import { Lane } from '../kill/writer.ts'
import { buildPreload, type DiskFault, type DiskFaultMode, DiskFaults } from '../preload/preload.ts'
import { type CampaignOptions, type CampaignResult, parseFault, UsageError } from '../result.ts'
import { FailingConnection } from './connection.ts'

/*
 * Fails the calls of a hub to its files while users write: no space, read-only, slow, errors of reads, writes and syncs, for
 * some calls or for all. Then the disk is mended. The hub goes on by itself or has ended, and after a kill the disk has every
 * acknowledged change exactly once.
 */

const faultModes = ['full', 'read-only', 'slow', 'write-error', 'read-error', 'sync-error'] as const
/** After these the hub may end: nobody knows what is on the disk, and the next start reads it. */
const endingModes: readonly DiskFaultMode[] = ['read-only', 'write-error', 'read-error', 'sync-error']

/** `early-ack`: a client counts a request as acknowledged when it leaves. */
export const diskCampaignFaults = ['early-ack'] as const

const userCount = 4
/** Of a round: acknowledged requests on a healthy disk, then the time with the fault. */
const healthyRequests = 40
const faultMs = 1_500
const mendedMs = 20_000
const slowMs = 20
/** A start makes some hundred calls. */
const maxPassesOfStart = 300

export async function runDiskCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { only } = options
  parseFault(options, diskCampaignFaults)
  const modes = faultModes.filter((mode) => mode.startsWith(only ?? ''))
  if (modes.length === 0) throw new UsageError(`--only takes one of ${faultModes.join(', ')}.`)
  if (options.dir !== undefined) throw new UsageError('This campaign does not go on: leave --dir out.')
  return runInFolder('disk', options, (dir) => new DiskCampaign(dir, options, modes))
}

class DiskCampaign {
  readonly #options: CampaignOptions
  readonly #modes: readonly DiskFaultMode[]
  readonly #dir: string
  readonly #ground: string
  readonly #dataDir: string
  readonly #backups: string
  readonly #library: string
  readonly #faults: DiskFaults
  readonly #random: Random
  readonly #registers = new Registers()
  readonly #counts = new Map<string, number>()
  readonly #restored = new Set<string>()
  #users: TestUser[] = []
  #lanes: Lane[] = []
  #chatId = ''
  #hub: HubProcess | undefined
  #acknowledged = 0
  readonly seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: CampaignOptions, modes: readonly DiskFaultMode[]) {
    this.#dir = dir
    this.#options = options
    this.#modes = modes
    this.#ground = path.join(dir, 'ground')
    this.#dataDir = path.join(this.#ground, 'data')
    this.#backups = path.join(this.#ground, 'backups')
    mkdirSync(this.#backups, { recursive: true })
    this.#library = buildPreload(dir)
    this.#faults = new DiskFaults(path.join(dir, 'faults'))
    this.seed = options.seed
    this.#random = new Random(options.seed)
  }

  get counts(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }

  async run(): Promise<void> {
    const endsAt = performance.now() + this.#options.minutes * 60_000
    while (this.rounds < this.#options.rounds && performance.now() < endsAt && this.problems.length === 0) {
      const mode = this.#modes[this.rounds % this.#modes.length] ?? 'full'
      await this.#round(mode)
      this.rounds += 1
      this.#options.onRound?.(
        `round ${this.rounds}, ${mode}: ${this.#counts.get('acknowledged') ?? 0} acknowledged`,
      )
    }
  }

  async close(): Promise<void> {
    await this.#hub?.kill('SIGKILL')
  }

  async #round(mode: DiskFaultMode): Promise<void> {
    if (this.#users.length > 0 && this.#random.below(3) === 0) await this.#startOnBadDisk(mode)
    const hub = (this.#hub = await this.#start().listening)
    if (this.#users.length === 0) await this.#setUp(hub.url)
    if (this.#lanes.length === 0) this.#makeLanes()
    const fault = this.#chooseFault(mode)
    const phase = { isOver: false }
    const writing = this.#write(hub, phase)
    const goal = this.#acknowledged + healthyRequests
    while (this.#acknowledged < goal && isRunning(hub)) await wait(20)
    this.#faults.set(fault)
    const isBackingUp = this.#random.below(2) === 0
    if (isBackingUp) await this.#makeBackup(hub)
    await wait(faultMs)
    this.#count('calls that failed or waited', this.#faults.doneCount)
    this.#faults.set({ mode: 'none' })
    await this.#seeItGoOn(hub, fault)
    if (isBackingUp) await this.#finishBackup(hub)
    phase.isOver = true
    await hub.kill('SIGKILL')
    await writing
    this.#compare(fault)
    await this.#restorePoints(fault)
  }

  #chooseFault(mode: DiskFaultMode): DiskFault {
    const failures = this.#random.below(2) === 0 ? 1 + this.#random.below(5) : undefined
    return {
      mode,
      passes: this.#random.below(120),
      delayMs: slowMs,
      ...(failures !== undefined && { failures }),
    }
  }

  /** A start on a bad disk ends, or becomes a hub. Either way the next one, on a mended disk, has everything. */
  async #startOnBadDisk(mode: DiskFaultMode): Promise<void> {
    this.#faults.set({ ...this.#chooseFault(mode), passes: this.#random.below(maxPassesOfStart) })
    const starting = this.#start()
    const hasStarted = await Promise.race([
      starting.listening.then(
        () => true,
        () => false,
      ),
      wait(mendedMs, undefined, { ref: false }),
    ])
    if (hasStarted === undefined) this.problems.push(`a start with ${mode} neither ended nor listened`)
    this.#count(hasStarted ? 'starts on a bad disk' : 'starts that a bad disk ended')
    await starting.kill('SIGKILL')
    this.#faults.set({ mode: 'none' })
  }

  #start(): ReturnType<typeof startHubProcess> {
    const options = ['--port', '0', '--load-test', '--backups', this.#backups]
    return startHubProcess(this.#dataDir, options, {
      ...{ LD_PRELOAD: this.#library, HUBBUB_FILES_FOLDER: this.#ground },
      ...{ HUBBUB_FAULTS_FILE: this.#faults.file, HUBBUB_LOG: 'silent' },
    })
  }

  #owner(hub: HubProcess): TestUser {
    return (this.#users[0] as TestUser).atUrl(hub.url)
  }

  async #setUp(url: string): Promise<void> {
    const owner = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga', registration: 'open' })
    const others: TestUser[] = []
    for (let at = 1; at < userCount; at += 1)
      others.push(await TestUser.register(url, { username: `writer${at}` }))
    this.#chatId = (await owner.createGroup('Storm', others)).id
    this.#users = [owner, ...others]
  }

  #makeLanes(): void {
    this.#lanes = this.#users.map(
      (user, at) =>
        new Lane({
          ...{ name: `${user.user.username}.${at}`, user, chatId: this.#chatId, canPin: at === 0 },
          registers: this.#registers,
          random: new Random(this.seed * 1_000 + at),
          isEarly: this.#options.fault === 'early-ack',
          onAcknowledged: () => {
            this.#acknowledged += 1
            this.#count('acknowledged')
          },
        }),
    )
  }

  /** Each lane goes on after a request that was refused, until the phase is over or the hub has ended. */
  async #write(hub: HubProcess, phase: { isOver: boolean }): Promise<void> {
    await Promise.all(
      this.#lanes.map(async (lane, at) => {
        const user = (this.#users[at] as TestUser).atUrl(hub.url)
        const live = at % 2 === 0 ? await user.connect().catch(() => undefined) : undefined
        const connection = new FailingConnection(user, live, {
          onRefused: (code) => this.#count(`refused with ${code}`),
          onBadWords: (words) => void this.problems.push(`a refusal is not in words for a user: ${words}`),
        })
        const isOver = (): boolean => phase.isOver || !isRunning(hub)
        while (!isOver()) {
          await lane.write(connection, isOver)
          await wait(10)
        }
      }),
    )
  }

  async #seeItGoOn(hub: HubProcess, { mode }: DiskFault): Promise<void> {
    const endsAt = performance.now() + mendedMs
    const goal = this.#acknowledged + this.#lanes.length
    while (isRunning(hub) && this.#acknowledged < goal && performance.now() < endsAt) await wait(20)
    if (!isRunning(hub)) {
      this.#count('hubs that ended')
      if (!endingModes.includes(mode)) this.problems.push(`the hub ended by itself, with ${mode}`)
    } else if (this.#acknowledged < goal) this.problems.push(`the hub does not go on after ${mode}`)
  }

  async #makeBackup(hub: HubProcess): Promise<void> {
    await this.#owner(hub)
      .request('admin.backups.make', {})
      .catch(() => undefined)
  }

  /** A backup that met the fault ends, and another one, on the mended disk, is good. */
  async #finishBackup(hub: HubProcess): Promise<void> {
    const endsAt = performance.now() + mendedMs
    const owner = this.#owner(hub)
    let isSecond = false
    while (isRunning(hub) && performance.now() < endsAt) {
      const status = await owner.request('admin.backups', {}).catch(() => undefined)
      if (status && status.work === undefined) {
        if (isSecond && status.places.every(({ state }) => state === 'good')) return
        isSecond = true
        await this.#makeBackup(hub)
      }
      await wait(50)
    }
    if (isRunning(hub)) this.problems.push('no backup is made after the disk was mended')
  }

  #compare({ mode, passes, failures }: DiskFault): void {
    const what = `${mode} after ${passes ?? 0} calls, for ${failures ?? 'all'}`
    const found = compareWithDisk(this.#dataDir, this.#registers, { all: true })
    this.problems.push(...found.map((problem) => `${what}: ${problem}`))
    for (const lane of this.#lanes)
      lane.settleMessages((cid) => this.#registers.valueOf(`message ${cid}`) !== absent)
  }

  /** What is listed as a point of the backups can be restored. */
  async #restorePoints({ mode }: DiskFault): Promise<void> {
    const points = readdirSync(this.#backups, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hubbub') && !name.includes('.work'))
      .map((name) => path.join(this.#backups, name))
    for (const point of points.filter((one) => !this.#restored.has(one) && existsSync(one))) {
      this.#restored.add(point)
      const folder = mkdtempSync(path.join(this.#dir, 'restored-'))
      try {
        await restore(point, path.join(folder, 'data'))
        this.#count('points restored')
      } catch (error) {
        this.problems.push(`a point that was made with ${mode} cannot be restored: ${String(error)}`)
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }

  #count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }
}

function isRunning({ pid }: HubProcess): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
