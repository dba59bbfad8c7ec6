// The third computer of another hub, in a process of its own: it decides which of two computers
// goes on, and stores nothing of the team.
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { HostedVote } from '../../shared/desktop.ts'
import type { Power, VoteReport } from '../../shared/hub-process-messages.ts'
import type { StandbyLink } from '../../shared/text/standby-link.ts'
import type { JsonFile } from '../json-file.ts'
import type { Clock } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { removeFolder } from './copy-folder.ts'
import { type HubSpawner, Supervisor, type SupervisorState } from './supervisor.ts'

const StoredVoteSchema = Type.Object({ hubName: Type.String({ maxLength: 1024 }) })
type StoredVote = Static<typeof StoredVoteSchema>

export interface ThirdComputerOptions {
  /** Says for which hub; without content there is none. */
  file: JsonFile
  /** A folder that only the third computer uses. */
  dataDir: string
  spawner: HubSpawner
  clock: Clock
  logFile: string
  onStatus: () => void
}

export class ThirdComputer {
  readonly #options: ThirdComputerOptions
  readonly #supervisor: Supervisor
  #stored: StoredVote | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #report: VoteReport | undefined
  #words: string[] | undefined
  #power: Power | undefined
  #settledWaiters: (() => void)[] = []

  constructor(options: ThirdComputerOptions) {
    this.#options = options
    const stored = options.file.read()
    this.#stored = Value.Check(StoredVoteSchema, stored) ? stored : undefined
    this.#supervisor = new Supervisor({
      ...{ spawner: options.spawner, clock: options.clock },
      onState: (state) => this.#handleState(state),
      onMessage: (message) => {
        if (message.t === 'joined') this.#words = message.words
        if (message.t !== 'voting') return
        const { t: _, ...report } = message
        this.#report = report
        this.#options.onStatus()
      },
    })
  }

  /** Undefined: this computer votes for no hub. */
  get status(): HostedVote | undefined {
    if (!this.#stored) return undefined
    const { state } = this.#supervisor
    const { hubName } = this.#stored
    // until a computer of the hub has answered, its owner may not have approved it
    const isKnown = this.#report?.computers.some(({ isConnected }) => isConnected) === true
    return {
      ...{
        hubName,
        state: state.state === 'down' ? 'crashed' : state.state === 'waiting' ? 'crashed' : state.state,
      },
      ...(this.#words && !isKnown ? { words: this.#words } : {}),
      ...this.#report,
      ...('problem' in state ? { problem: state.problem.sentence } : {}),
    }
  }

  /** The app starts. */
  resume(): void {
    if (this.#stored) this.#supervisor.start(this.#startOptions())
  }

  /** Asks the hub of the link, whose owner still has to approve this computer. @throws ShellError with the problem */
  join({ hubName }: StandbyLink, link: string): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#stored)
        throw new ShellError(
          'conflict',
          'This computer decides for a hub already, and it can for one only. End that first.',
        )
      removeFolder(this.#options.dataDir)
      const settled = new Promise<void>((resolve) => this.#settledWaiters.push(resolve))
      this.#supervisor.start({ ...this.#startOptions(), standbyOf: link })
      await settled
      const { state } = this.#supervisor
      if (state.state === 'running') {
        this.#save({ hubName })
        return
      }
      await this.#supervisor.stop()
      removeFolder(this.#options.dataDir)
      throw new ShellError(
        'conflict',
        'problem' in state ? state.problem.sentence : 'This did not work. Try again.',
      )
    })
  }

  /** Decides no longer, and forgets the hub. */
  end(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#supervisor.stop()
      this.#words = undefined
      this.#save(undefined)
      removeFolder(this.#options.dataDir)
    })
  }

  /** The app ends. It goes on at the next start. */
  quit(): Promise<void> {
    return this.#supervisor.stop()
  }

  /** The owner of the hub sees how this computer is powered. */
  setPower(power: Power): void {
    this.#power = power
    this.#supervisor.send({ t: 'power', power })
  }

  #save(stored: StoredVote | undefined): void {
    this.#stored = stored
    this.#options.file.write(stored ?? null)
    this.#options.onStatus()
  }

  #startOptions() {
    const { dataDir, logFile } = this.#options
    return { dataDir, logFile, port: 0, lan: false, interfaces: [], browsers: false }
  }

  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(step, step)
    this.#queue = run.catch(() => undefined)
    return run
  }

  #handleState({ state }: SupervisorState): void {
    if (state !== 'running') this.#report = undefined
    else if (this.#power) this.#supervisor.send({ t: 'power', power: this.#power })
    if (state === 'running' || state === 'down' || state === 'waiting')
      for (const resolve of this.#settledWaiters.splice(0)) resolve()
    this.#options.onStatus()
  }
}
