// Keeps the hub's process running. Invariants: at most one process lives; messages of any other process than the
// current one are ignored; after `stop` nothing starts by itself.
import type {
  FromHubProcess,
  HubProblem,
  HubStartOptions,
  HubListening,
  ToHubProcess,
} from '../../shared/hub-process-messages.ts'
import type { Clock, Timer } from '../ports.ts'
import { portCandidates } from './port-candidates.ts'
import { Watchdog } from './watchdog.ts'

/** The hub as a process: a utility process of Electron, or a Node fork. */
export interface HubProcess {
  send(message: ToHubProcess): void
  kill(): void
}

export interface HubSpawner {
  spawn(handlers: { message: (message: FromHubProcess) => void; exit: (code: number) => void }): HubProcess
}

export type SupervisorState =
  | { state: 'stopped' }
  | { state: 'starting' }
  | { state: 'running'; listening: HubListening }
  | { state: 'stopping' }
  /** The process ended by itself; `nextStartAt` is the time of the next start, by the clock. */
  | { state: 'waiting'; nextStartAt: number; problem: HubProblem }
  /** Stays down until the user presses Start. */
  | { state: 'down'; problem: HubProblem }

/** Seconds between an exit and the next start. Restart quickly once; back off while it keeps failing. */
const restartDelaysSeconds = [1, 2, 5, 15, 60] as const
const maxCrashes = 5
const crashWindowMs = 10 * 60_000
/** A slow start is a migration or a slow disk. After this time the process hangs. */
const startTimeoutMs = 120_000
const stopGraceMs = 5_000
/** The process of an app that was killed ends in order, and keeps the folder until then. */
const lockRetry = { delayMs: 2_000, count: 4 } as const

export class Supervisor {
  readonly #spawner: HubSpawner
  readonly #clock: Clock
  readonly #onState: (state: SupervisorState) => void
  readonly #onMessage: (message: FromHubProcess) => void
  #state: SupervisorState = { state: 'stopped' }
  #process: HubProcess | undefined
  #options: HubStartOptions | undefined
  #ports: number[] = []
  #problem: HubProblem | undefined
  #crashTimes: number[] = []
  #lockRetries = 0
  readonly #watchdog: Watchdog
  /** The only pending timer: for a start, a stop, or the next try. */
  #timer: Timer
  #stopWaiters: (() => void)[] = []

  constructor({
    spawner,
    clock,
    onState,
    onMessage,
    onHang = () => {},
  }: {
    spawner: HubSpawner
    clock: Clock
    onState: (state: SupervisorState) => void
    /** Messages of a running hub that do not concern its life cycle. */
    onMessage: (message: FromHubProcess) => void
    /** `isHanging` has changed. */
    onHang?: () => void
  }) {
    this.#spawner = spawner
    this.#clock = clock
    this.#onState = onState
    this.#onMessage = onMessage
    this.#watchdog = new Watchdog({
      clock,
      ping: () => this.send({ t: 'ping' }),
      onChange: onHang,
      onDead: () => this.#killHanging(),
    })
  }

  get state(): SupervisorState {
    return this.#state
  }

  /** The hub runs, and has not responded for a while. */
  get isHanging(): boolean {
    return this.#watchdog.isHanging
  }

  /** Starts the hub, or does nothing while it runs. After the hub went down, the back-off begins again. */
  start(options: HubStartOptions): void {
    if (this.#state.state === 'running' || this.#state.state === 'starting') return
    this.#crashTimes = []
    this.#lockRetries = 0
    this.#options = options
    if (this.#state.state !== 'stopping') this.#startWithCandidatePorts()
  }

  /**
   * Resolves when the process has exited. A hub with a standby is handed over first, unless this is a restart: then it stays
   * on this computer.
   */
  stop({ isRestart = false } = {}): Promise<void> {
    this.#options = undefined
    this.#clock.clearTimeout(this.#timer)
    const running = this.#process
    if (!running) {
      this.#setState({ state: 'stopped' })
      return Promise.resolve()
    }
    const hasExited = new Promise<void>((resolve) => this.#stopWaiters.push(resolve))
    if (this.#state.state !== 'stopping') {
      this.#setState({ state: 'stopping' })
      running.send({ t: 'stop', graceMs: stopGraceMs, isRestart })
      this.#setTimer(stopGraceMs + 1_000, () => running.kill())
    }
    return hasExited
  }

  send(message: ToHubProcess): void {
    this.#process?.send(message)
  }

  #startWithCandidatePorts(): void {
    if (!this.#options) return
    this.#ports = portCandidates(this.#options.port)
    this.#spawn()
  }

  #spawn(): void {
    const options = this.#options
    const port = this.#ports.shift()
    if (!options || port === undefined) return
    this.#problem = undefined
    this.#setState({ state: 'starting' })
    const started: HubProcess = this.#spawner.spawn({
      message: (message) => {
        if (this.#process === started) this.#handleMessage(message)
      },
      exit: (code) => {
        if (this.#process === started) this.#handleExit(code)
      },
    })
    this.#process = started
    this.#setTimer(startTimeoutMs, () => {
      this.#problem = { code: 'fault', sentence: 'The hub did not become ready in time.' }
      started.kill()
    })
    started.send({ ...options, t: 'start', port })
  }

  #killHanging(): void {
    this.#problem = { code: 'fault', sentence: 'The hub did not respond any more, so it was ended.' }
    this.#process?.kill()
  }

  #handleMessage(message: FromHubProcess): void {
    switch (message.t) {
      case 'joined':
        // the link works only once
        if (this.#options) this.#options = { ...this.#options, standbyOf: undefined }
        return this.#onMessage(message)
      case 'listening': {
        if (this.#state.state !== 'starting' && this.#state.state !== 'running') return
        this.#clock.clearTimeout(this.#timer)
        const { t: _, ...listening } = message
        if (this.#options) this.#options = { ...this.#options, hadHub: true }
        this.#setState({ state: 'running', listening })
        return
      }
      case 'problem':
        this.#problem = { code: message.code, sentence: message.sentence }
        return
      case 'pong':
        return this.#watchdog.handleResponse()
      case 'stopped':
        return
      default:
        if (this.#state.state === 'running') this.#onMessage(message)
    }
  }

  #handleExit(code: number): void {
    this.#process = undefined
    this.#clock.clearTimeout(this.#timer)
    if (this.#state.state === 'stopping') {
      this.#setState({ state: 'stopped' })
      for (const resolve of this.#stopWaiters.splice(0)) resolve()
      // Start was pressed while it was stopping
      this.#startWithCandidatePorts()
      return
    }
    const problem = this.#problem ?? unexpectedExit(code)
    if (problem.code === 'port-in-use' && this.#ports.length > 0) {
      this.#spawn()
      return
    }
    if (problem.code === 'locked' && this.#lockRetries < lockRetry.count) {
      this.#lockRetries += 1
      this.#setTimer(lockRetry.delayMs, () => this.#startWithCandidatePorts())
    } else if (problem.code === 'fault') this.#scheduleRestart(problem)
    // a problem with instructions for the user does not disappear by trying again
    else this.#giveUp(problem)
  }

  #scheduleRestart(problem: HubProblem): void {
    const now = this.#clock.now()
    this.#crashTimes = [...this.#crashTimes.filter((at) => now - at < crashWindowMs), now]
    if (this.#crashTimes.length > maxCrashes) {
      this.#giveUp(problem)
      return
    }
    const wait =
      1_000 * (restartDelaysSeconds[Math.min(this.#crashTimes.length, restartDelaysSeconds.length) - 1] ?? 60)
    this.#setState({ state: 'waiting', nextStartAt: now + wait, problem })
    this.#setTimer(wait, () => this.#startWithCandidatePorts())
  }

  #giveUp(problem: HubProblem): void {
    this.#options = undefined
    this.#setState({ state: 'down', problem })
  }

  #setTimer(ms: number, run: () => void): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = this.#clock.setTimeout(run, ms)
  }

  #setState(state: SupervisorState): void {
    this.#state = state
    if (state.state === 'running') this.#watchdog.start()
    else this.#watchdog.stop()
    this.#onState(state)
  }
}

function unexpectedExit(code: number): HubProblem {
  return { code: 'fault', sentence: `The hub ended unexpectedly (${code}). See its log for details.` }
}
