// Keeps the hub's process running. Invariants: at most one process lives; a message of a process that is not the
// present one is ignored; after `stop` nothing starts by itself.
import type { FromHostedHub, HubProblem, HubStart, Listening, ToHostedHub } from '../../shared/hosting.ts'
import type { Clock, Timer } from '../ports.ts'
import { portsToTry } from './port.ts'

/** The hub as a process: a utility process of Electron, or node's own fork. */
export interface HubProcess {
  send(message: ToHostedHub): void
  kill(): void
}

export interface HubSpawner {
  spawn(heard: { message: (message: FromHostedHub) => void; exit: (code: number) => void }): HubProcess
}

export type SupervisorState =
  | { state: 'stopped' }
  | { state: 'starting' }
  | { state: 'running'; listening: Listening }
  | { state: 'stopping' }
  /** It ended by itself; `again` is when it is started next, in the clock's time. */
  | { state: 'waiting'; again: number; problem: HubProblem }
  /** It stays down until somebody presses start. */
  | { state: 'down'; problem: HubProblem }

/** Seconds between an end and the next start: a hub that comes back at once is not missed, one that cannot is not beaten. */
const backOff = [1, 2, 5, 15, 60] as const
const endsAtMost = 5
const endsWithin = 10 * 60_000
/** A start that takes longer has a migration or a slow disk to thank; longer than this, something hangs. */
const startWithin = 120_000
/** All of a team's files are read, checked and written before it starts. */
const restoreWithin = 60 * 60_000
const stopWithin = 5_000

export class Supervisor {
  readonly #spawner: HubSpawner
  readonly #clock: Clock
  readonly #onState: (state: SupervisorState) => void
  readonly #onMessage: (message: FromHostedHub) => void
  #state: SupervisorState = { state: 'stopped' }
  #process: HubProcess | undefined
  #options: HubStart | undefined
  #ports: number[] = []
  #problem: HubProblem | undefined
  #ends: number[] = []
  /** The one thing that is waited for: a start, a stop, or the next try. */
  #timer: Timer
  #stopped: (() => void)[] = []

  constructor({
    spawner,
    clock,
    onState,
    onMessage,
  }: {
    spawner: HubSpawner
    clock: Clock
    onState: (state: SupervisorState) => void
    /** What a running hub says beyond its life. */
    onMessage: (message: FromHostedHub) => void
  }) {
    this.#spawner = spawner
    this.#clock = clock
    this.#onState = onState
    this.#onMessage = onMessage
  }

  get state(): SupervisorState {
    return this.#state
  }

  /** Starts it, or does nothing while it runs. Pressed after it stayed down, it counts anew. */
  start(options: HubStart): void {
    if (this.#state.state === 'running' || this.#state.state === 'starting') return
    this.#ends = []
    this.#options = options
    if (this.#state.state !== 'stopping') this.#begin()
  }

  /** Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#options = undefined
    this.#clock.clearTimeout(this.#timer)
    const running = this.#process
    if (!running) {
      this.#enter({ state: 'stopped' })
      return Promise.resolve()
    }
    const gone = new Promise<void>((resolve) => this.#stopped.push(resolve))
    if (this.#state.state !== 'stopping') {
      this.#enter({ state: 'stopping' })
      running.send({ t: 'stop', graceMs: stopWithin })
      this.#wait(stopWithin + 1_000, () => running.kill())
    }
    return gone
  }

  /** Anew with other options; what was connected comes back by itself. */
  async restart(options: HubStart): Promise<void> {
    await this.stop()
    this.start(options)
  }

  send(message: ToHostedHub): void {
    this.#process?.send(message)
  }

  #begin(): void {
    if (!this.#options) return
    this.#ports = portsToTry(this.#options.port)
    this.#spawn()
  }

  #spawn(): void {
    const options = this.#options
    const port = this.#ports.shift()
    if (!options || port === undefined) return
    this.#problem = undefined
    this.#enter({ state: 'starting' })
    const started: HubProcess = this.#spawner.spawn({
      message: (message) => {
        if (this.#process === started) this.#hear(message)
      },
      exit: (code) => {
        if (this.#process === started) this.#ended(code)
      },
    })
    this.#process = started
    this.#readyWithin(options.restoreFrom === undefined ? startWithin : restoreWithin, started)
    started.send({ ...options, t: 'start', port })
  }

  #readyWithin(ms: number, started: HubProcess): void {
    this.#wait(ms, () => {
      this.#problem = { code: 'fault', sentence: 'The hub did not get ready in time.' }
      started.kill()
    })
  }

  #hear(message: FromHostedHub): void {
    switch (message.t) {
      case 'restored':
        // once: at the next port, or after a crash, it is there already
        if (this.#options) this.#options = { ...this.#options, restoreFrom: undefined }
        if (this.#process) this.#readyWithin(startWithin, this.#process)
        return
      case 'listening': {
        if (this.#state.state !== 'starting') return
        this.#clock.clearTimeout(this.#timer)
        const { t: _, ...listening } = message
        this.#enter({ state: 'running', listening })
        return
      }
      case 'problem':
        this.#problem = { code: message.code, sentence: message.sentence }
        return
      case 'stopped':
        return
      default:
        if (this.#state.state === 'running') this.#onMessage(message)
    }
  }

  #ended(code: number): void {
    this.#process = undefined
    this.#clock.clearTimeout(this.#timer)
    if (this.#state.state === 'stopping') {
      this.#enter({ state: 'stopped' })
      for (const resolve of this.#stopped.splice(0)) resolve()
      // pressed while it was stopping
      this.#begin()
      return
    }
    const problem = this.#problem ?? ended(code)
    if (problem.code === 'port-in-use' && this.#ports.length > 0) {
      this.#spawn()
      return
    }
    if (problem.code === 'fault') this.#startAgain(problem)
    // what has a sentence with what to do does not go away by trying again
    else this.#stayDown(problem)
  }

  #startAgain(problem: HubProblem): void {
    const now = this.#clock.now()
    this.#ends = [...this.#ends.filter((at) => now - at < endsWithin), now]
    if (this.#ends.length > endsAtMost) {
      this.#stayDown(problem)
      return
    }
    const wait = 1_000 * (backOff[Math.min(this.#ends.length, backOff.length) - 1] ?? 60)
    this.#enter({ state: 'waiting', again: now + wait, problem })
    this.#wait(wait, () => this.#begin())
  }

  #stayDown(problem: HubProblem): void {
    this.#options = undefined
    this.#enter({ state: 'down', problem })
  }

  #wait(ms: number, run: () => void): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(run, ms)
  }

  #enter(state: SupervisorState): void {
    this.#state = state
    this.#onState(state)
  }
}

function ended(code: number): HubProblem {
  return { code: 'fault', sentence: `The hub ended unexpectedly (${code}). Its log says more.` }
}
