import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { recordCall } from './call-recorder.ts'

const parentPort = fileURLToPath(new URL('parent-port.ts', import.meta.url))

interface ForkOptions {
  env?: NodeJS.ProcessEnv
  execArgv?: string[]
  cwd?: string
  stdio?: 'pipe' | 'inherit' | 'ignore'
  serviceName?: string
}

/** What Chromium leaves a process between SIGTERM and SIGKILL on Linux and macOS; on Windows it ends at once. */
const killAfterMs = 2_000

/** A separate program that communicates by messages; here a child process of Node. */
class UtilityProcess extends EventEmitter {
  /** All that were started: specs let them fail. */
  static readonly all: UtilityProcess[] = []
  readonly #child: ChildProcess
  #isKilled = false
  #killTimer: NodeJS.Timeout | undefined

  constructor(file: string, args: string[], options: ForkOptions) {
    super()
    const stdio = options.stdio ?? 'inherit'
    this.#child = fork(file, args, {
      execArgv: ['--import', parentPort, ...(options.execArgv ?? [])],
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      serialization: 'advanced',
      stdio: ['ignore', stdio, stdio, 'ipc'],
    })
    recordCall('utilityProcess.fork', options.serviceName ?? '', this.#child.pid)
    this.#child.once('spawn', () => this.emit('spawn'))
    this.#child.on('message', (message) => this.emit('message', message))
    this.#child.once('exit', (code, signal) => {
      clearTimeout(this.#killTimer)
      this.emit('exit', this.#isKilled ? 0 : (code ?? (signal ? 1 : 0)))
    })
    UtilityProcess.all.push(this)
    // as with Electron, it does not outlive the app
    process.once('exit', () => void this.#child.kill('SIGKILL'))
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined
  }
  get stdout() {
    return this.#child.stdout
  }
  get stderr() {
    return this.#child.stderr
  }
  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object, () => undefined)
  }
  /** Ends with code 0 on every system, however it takes it. */
  kill(): boolean {
    this.#isKilled = this.#child.kill(process.platform === 'win32' ? 'SIGKILL' : 'SIGTERM')
    this.#killTimer = setTimeout(() => this.#child.kill('SIGKILL'), killAfterMs)
    return this.#isKilled
  }
  /** As when V8 runs out of memory: `error`, then the end. */
  failFatally(): void {
    this.emit('error', 'FatalError', 'v8::ToLocalChecked', '{"header":{},"environmentVariables":{}}')
    this.#child.kill('SIGKILL')
  }
}

export const utilityProcess = {
  /** Only here. */
  all: UtilityProcess.all,
  fork: (file: string, args: string[] = [], options: ForkOptions = {}) =>
    new UtilityProcess(file, args, options),
}
