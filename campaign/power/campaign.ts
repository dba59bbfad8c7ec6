import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { startHub } from '../../server/start.ts'
import { Random } from '../../test/simulation/random.ts'
import { startHubProcess } from '../../test/support/start-hub-process.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { runInFolder } from '../in-folder.ts'
import { HubConnection } from '../kill/connection.ts'
import { compareWithDisk } from '../kill/disk.ts'
import { Registers } from '../kill/registers.ts'
import { Lane } from '../kill/writer.ts'
import { buildPreload, DiskFaults } from '../preload/preload.ts'
import { type CampaignOptions, type CampaignResult, parseFault, UsageError } from '../result.ts'
import { BackupReports, checkPoints } from './backups.ts'
import { type CutMode, cutModes, DiskModel } from './disk-model.ts'
import { readRecord } from './record.ts'
import { cutStandby } from './standby.ts'

/*
 * Records all that a hub does to its files, from its first start on, and cuts the power at many points of the record. After
 * each cut the hub starts on what is left, and has every acknowledged change.
 */

/** Each with the syncs that do nothing, or whose errors are hidden. */
const faults = {
  'no-log-sync': 'log',
  'no-directory-sync': 'directories',
  'believed-sync': 'errors',
  'no-point-sync': 'points',
  'no-journal-sync': 'journal',
} as const
const parts = ['hub', 'standby'] as const
export const powerFaults = Object.keys(faults) as (keyof typeof faults)[]

const userCount = 3
const defaultCuts = 60
/** Of a round, after the users have registered. */
const maxSyncs = 20
const requestsPerRound = 60

export async function runPowerCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const fault = parseFault(options, powerFaults)
  if (options.only !== undefined && !parts.some((part) => part === options.only)) {
    throw new UsageError(`There is no part ${options.only}: choose one of ${parts.join(', ')}.`)
  }
  return runInFolder('power', options, (dir) => new PowerCampaign(dir, options, fault))
}

/** What a lane knows, and how long the record was when it learned it. */
class TimedRegisters extends Registers {
  readonly #file: string
  readonly events: { at: number; tell: (registers: Registers) => void }[] = []

  constructor(file: string) {
    super()
    this.#file = file
  }

  override begin(key: string, value: string, before: string): void {
    super.begin(key, value, before)
    this.#note((registers) => registers.begin(key, value, before))
  }

  override acknowledge(key: string, value: string): void {
    super.acknowledge(key, value)
    this.#note((registers) => registers.acknowledge(key, value))
  }

  override forget(key: string): void {
    super.forget(key)
    this.#note((registers) => registers.forget(key))
  }

  #note(tell: (registers: Registers) => void): void {
    this.events.push({ at: statSync(this.#file).size, tell })
  }
}

class PowerCampaign {
  readonly #dir: string
  readonly #options: CampaignOptions
  readonly #fault: keyof typeof faults | undefined
  readonly #recorder: string
  #cuts = 0
  #acknowledged = 0
  #changes = 0
  #restored = 0
  #confirmed = 0
  #running: { kill: (signal: NodeJS.Signals) => Promise<unknown> } | undefined
  seed: number
  rounds = 0
  readonly problems: string[] = []

  constructor(dir: string, options: CampaignOptions, fault: keyof typeof faults | undefined) {
    this.#dir = dir
    this.#options = options
    this.#fault = fault
    this.seed = options.seed
    this.#recorder = buildPreload(dir)
  }

  get counts(): Record<string, number> {
    return {
      ...{ cuts: this.#cuts, 'recorded changes': this.#changes, acknowledged: this.#acknowledged },
      ...{ 'points restored': this.#restored, 'frames confirmed by a standby': this.#confirmed },
    }
  }

  async run(): Promise<void> {
    const endsAt = performance.now() + this.#options.minutes * 60_000
    this.#resume()
    const last = this.rounds + this.#options.rounds
    while (this.rounds < last && performance.now() < endsAt && this.problems.length === 0) {
      await this.#round(this.seed + this.rounds)
      this.rounds += 1
      this.#save()
      this.#options.onRound?.(`round ${this.rounds}: ${this.#cuts} cuts, ${this.#acknowledged} acknowledged`)
    }
  }

  async close(): Promise<void> {
    await this.#running?.kill('SIGKILL')
  }

  async #round(seed: number): Promise<void> {
    const folder = path.join(this.#dir, `round-${seed}`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    const { only } = this.#options
    if (only !== 'standby') await this.#cutHub(folder, seed)
    if (only !== 'hub' && this.problems.length === 0) await this.#cutStandby(folder, seed)
    if (this.problems.length === 0) rmSync(folder, { recursive: true, force: true })
  }

  async #cutHub(folder: string, seed: number): Promise<void> {
    mkdirSync(path.join(folder, 'backups'))
    const disk = new DiskModel(folder)
    disk.addExisting(path.join(folder, 'backups'))
    const record = path.join(folder, 'record')
    const { registers, backups, hubId } = await this.#writeUnderRecord(folder, record, seed)
    const changes = readRecord(record)
    this.#changes += changes.length
    const random = new Random(seed)
    const cuts = Array.from({ length: this.#options.cuts ?? defaultCuts }, () => random.below(changes.length))
    let applied = 0
    for (const cut of cuts.toSorted((a, b) => a - b)) {
      for (; applied <= cut; applied += 1) disk.apply(changes[applied] as (typeof changes)[number])
      const mode = cutModes[random.below(cutModes.length)] ?? 'nothing'
      const left = path.join(this.#dir, `left-${seed}`)
      disk.writeTo(left, mode, random)
      const end = changes[cut]?.end ?? 0
      const points = await checkPoints(left, hubId, backups.requiredAt(end))
      const problems = [
        ...(await this.#findProblems(path.join(left, 'data'), registers, end, hubId)),
        ...points.problems,
      ]
      this.#restored += points.restored
      this.#cuts += 1
      this.problems.push(...problems.map((problem) => describe(problem, cut, changes.length, mode)))
      if (this.problems.length > 0) return
      rmSync(left, { recursive: true, force: true })
    }
  }

  async #cutStandby(folder: string, seed: number): Promise<void> {
    const { cuts, changes, confirmed, problems } = await cutStandby(folder, {
      ...{ seed, cuts: this.#options.cuts ?? defaultCuts },
      env: (record) => this.#recorderOf(folder, record),
    })
    this.#cuts += cuts
    this.#changes += changes
    this.#confirmed += confirmed
    this.problems.push(...problems)
  }

  #recorderOf(folder: string, record: string): Record<string, string> {
    return {
      ...{ LD_PRELOAD: this.#recorder, HUBBUB_FILES_FOLDER: folder, HUBBUB_RECORD_FILE: record },
      ...(this.#fault && { HUBBUB_RECORD_SKIP: faults[this.#fault] }),
    }
  }

  async #writeUnderRecord(
    folder: string,
    record: string,
    seed: number,
  ): Promise<{ registers: TimedRegisters; backups: BackupReports; hubId: string }> {
    const options = ['--port', '0', '--load-test', '--backups', path.join(folder, 'backups')]
    const syncs = new DiskFaults(path.join(this.#dir, 'syncs'))
    const starting = startHubProcess(path.join(folder, 'data'), options, {
      ...this.#recorderOf(folder, record),
      ...{ HUBBUB_FAULTS_FILE: syncs.file, HUBBUB_LOG: 'silent' },
    })
    this.#running = starting
    const { url } = await starting.listening
    const owner = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga', registration: 'open' })
    const others: TestUser[] = []
    for (let at = 1; at < userCount; at += 1)
      others.push(await TestUser.register(url, { username: `writer${at}` }))
    const chatId = (await owner.createGroup('Storm', others)).id
    const { hubId } = await owner.request('hub.meta', {})
    const registers = new TimedRegisters(record)
    // in every second round a sync fails, and the hub must not believe the next one
    if (seed % 2 === 0)
      syncs.set({ mode: 'sync-error', passes: new Random(seed).below(maxSyncs), failures: 1 })
    let acknowledged = 0
    const backups = new BackupReports(record)
    const isOver = (): boolean => acknowledged >= requestsPerRound && backups.isOver
    await Promise.all([
      backups.make(owner),
      ...[owner, ...others].map(async (user, at) => {
        const lane = new Lane({
          ...{
            name: `${user.user.username}.${at}`,
            user,
            chatId,
            canPin: at === 0,
            registers,
            isEarly: false,
          },
          random: new Random(seed * 100 + at),
          onAcknowledged: () => void (acknowledged += 1),
        })
        await lane.write(new HubConnection(user, at === 0 ? undefined : await user.connect()), isOver)
      }),
    ])
    await starting.kill('SIGKILL')
    this.#acknowledged += acknowledged
    return { registers, backups, hubId }
  }

  async #findProblems(dataDir: string, timed: TimedRegisters, end: number, hubId: string): Promise<string[]> {
    const registers = new Registers()
    const known = timed.events.filter(({ at }) => at <= end)
    for (const { tell } of known) tell(registers)
    let hub
    try {
      hub = await startHub({
        ...{
          dataDir,
          host: '127.0.0.1',
          port: 7788,
          opensPort: false,
          allowPlainHttp: false,
          loadTest: true,
        },
        ...{ logN: 4, setupCode: 'test-code-1', backups: [], log: pino({ level: 'silent' }) },
      })
    } catch (error) {
      return [`the hub does not start: ${error instanceof Error ? error.message : String(error)}`]
    }
    const isSame = hub.hub.hubId === hubId
    await hub.close()
    if (known.length === 0) return []
    return [
      ...(isSame ? [] : ['the hub has another identity']),
      ...compareWithDisk(dataDir, registers, { all: true }),
    ]
  }

  get #stateFile(): string {
    return path.join(this.#dir, 'campaign.json')
  }

  #save(): void {
    const { seed, rounds } = this
    writeFileSync(this.#stateFile, JSON.stringify({ seed, rounds, cuts: this.#cuts }))
  }

  #resume(): void {
    if (!existsSync(this.#stateFile)) return
    const saved = JSON.parse(readFileSync(this.#stateFile, 'utf8')) as {
      seed: number
      rounds: number
      cuts: number
    }
    this.seed = saved.seed
    this.rounds = saved.rounds
    this.#cuts = saved.cuts
  }
}

function describe(problem: string, cut: number, total: number, mode: CutMode): string {
  return `power cut after ${cut + 1} of ${total} changes, with ${mode} of what was not synced: ${problem}`
}
