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

/** A separate program that communicates by messages; here a child process of Node. */
class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess

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
    this.#child.once('exit', (code, signal) => this.emit('exit', code ?? (signal ? 1 : 0)))
    this.#child.once('error', (error) => this.emit('error', 'FatalError', '', String(error)))
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
  kill(): boolean {
    return this.#child.kill('SIGTERM')
  }
}

export const utilityProcess = {
  fork: (file: string, args: string[] = [], options: ForkOptions = {}) =>
    new UtilityProcess(file, args, options),
}
