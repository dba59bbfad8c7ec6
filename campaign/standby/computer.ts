import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { askRunning, type ControlRequest } from '../../server/standby/control.ts'
import { thirdKey } from './network.ts'
import type { Order } from './orders.ts'

const root = path.join(import.meta.dirname, '..', '..')
const cli = path.join(root, 'server', 'cli.ts')
/** Saves half of the time of a start. */
const compileCache = path.join(root, 'server', 'compile-cache.js')
const preload = path.join(import.meta.dirname, 'preload.ts')
export const setupCode = 'test-code-1'
/** A stopped process does not answer its command line. */
const answerTimeoutMs = 4_000

export interface ComputerOptions {
  name: string
  dataDir: string
  /** `third` for a third computer, which opens none. */
  port: string
  /** Where its log goes. */
  logFile: string
  routes: string
  /** A fault that is in the program: see points.ts. */
  fault?: string | undefined
}

/** What `status` says, of a hub, of a standby, and of a third computer. */
export interface Status {
  role: 'hub' | 'standby' | 'vote'
  /** Of a third computer. */
  computers?: { isConnected: boolean }[]
  safety?: string
  isInStep?: boolean
  isHandingOver?: boolean
  problem?: string
}

/** One computer of a hub: a process that can be killed, stopped, and started again in the role that its disk says. */
export class Computer {
  readonly #options: ComputerOptions
  #child: ChildProcess | undefined
  #isEnding = false
  isStopped = false

  constructor(options: ComputerOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  get dataDir(): string {
    return this.#options.dataDir
  }

  get port(): string {
    return this.#options.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get isRunning(): boolean {
    const child = this.#child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Starts it, if it does not run. Resolves with true when it has a role, with false if it ended before. */
  async start({
    command = [],
    order,
  }: { command?: readonly string[]; order?: Order } = {}): Promise<boolean> {
    if (this.isRunning) return true
    const { dataDir, port, routes, fault, logFile } = this.#options
    const ofHub = ['--port', port, '--backups', 'none', '--load-test']
    const args = ['--data', dataDir, ...(port === thirdKey ? [] : ofHub)]
    const child = spawn(
      process.execPath,
      ['--import', compileCache, '--import', preload, cli, ...command, ...args],
      {
        env: {
          ...process.env,
          HUBBUB_LOG: 'info',
          HUBBUB_SETUP_CODE: setupCode,
          HUBBUB_CHAOS_ROUTES: routes,
          ...(fault === undefined ? {} : { HUBBUB_CHAOS_FAULT: fault }),
          ...(order === undefined ? {} : { HUBBUB_CHAOS_ORDER: JSON.stringify(order) }),
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    )
    this.#child = child
    this.isStopped = false
    this.#isEnding = false
    child.on('error', () => undefined)
    child.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }))
    if (!child.stdout) throw new Error('a computer without a voice')
    for await (const line of createInterface({ input: child.stdout })) {
      if (!/^(hub listening at|standby on port|third computer:) /.test(line)) continue
      child.stdout.resume()
      return true
    }
    return false
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    this.#isEnding = true
    const exited = once(child, 'exit')
    child.kill(signal)
    if (this.isStopped && signal !== 'SIGKILL') this.continue()
    await exited
  }

  stop(): void {
    if (this.isRunning) this.isStopped = this.#child?.kill('SIGSTOP') === true
  }

  continue(): void {
    this.#child?.kill('SIGCONT')
    this.isStopped = false
  }

  /** It ended, and nobody has killed it. */
  get hasCrashed(): boolean {
    const code = this.#child?.exitCode ?? 0
    return !this.#isEnding && code !== 0
  }

  /** The process is to be killed or stopped at this point; without an order at none. */
  async arm(order?: Order): Promise<void> {
    await this.#tell(order ?? {})
    if (order?.signal === 'SIGSTOP') this.isStopped = true
  }

  async #tell(message: object): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    const done = once(child, 'message', { signal: AbortSignal.timeout(answerTimeoutMs) })
    child.send(message)
    await done.catch(() => undefined)
  }

  /** Sets its clock forward or back, of JavaScript: TLS reads the one of the system. */
  async setClock(offsetMs: number): Promise<void> {
    await this.#tell({ clockOffsetMs: offsetMs })
  }

  /** Resolves with true once the process has ended, with false if it still runs after this time. */
  async ended(withinMs: number): Promise<boolean> {
    const child = this.#child
    if (!child || !this.isRunning) return true
    const timeout = AbortSignal.timeout(withinMs)
    return once(child, 'exit', { signal: timeout }).then(
      () => true,
      () => !this.isRunning,
    )
  }

  /** Asks the running process, as its command line does. */
  ask(request: ControlRequest, timeoutMs = answerTimeoutMs): Promise<unknown> {
    return withTimeout(askRunning(this.dataDir, request), timeoutMs, `${this.name} does not answer`)
  }

  /** Undefined if it does not run or does not answer. */
  async status(): Promise<Status | undefined> {
    if (!this.isRunning) return undefined
    return (await this.ask({ command: 'status' }).catch(() => undefined)) as Status | undefined
  }

  // ---- its disk

  get #ballast(): string {
    return path.join(path.dirname(this.dataDir), 'ballast')
  }

  /** Writes until the disk is full. Only for a disk of its own. */
  fillDisk(): void {
    for (const bytes of [1 << 20, 1 << 12]) {
      try {
        for (;;) writeFileSync(this.#ballast, Buffer.alloc(bytes), { flag: 'a' })
      } catch {
        // full
      }
    }
  }

  freeDisk(): void {
    if (existsSync(this.#ballast)) rmSync(this.#ballast)
  }
}

export async function withTimeout<T>(work: Promise<T>, timeoutMs: number, words: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(words)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
