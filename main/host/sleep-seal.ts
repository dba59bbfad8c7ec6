// The moments before sleep. Electron gives up its delay of the sleep when the handlers of `suspend` return, and the
// network goes with the same signal: so the handler blocks until the hub's process has sealed the hub.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const pollIntervalMs = 5
/** How long the system waits for the hub's process. */
const sealTimeoutMs = 800

/** Blocks this thread until the file exists, or the time is over. Returns true if it exists. */
export function waitForFile(file: string, timeoutMs: number): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  const end = performance.now() + timeoutMs
  while (!existsSync(file)) {
    if (performance.now() >= end) return false
    Atomics.wait(pause, 0, 0, pollIntervalMs)
  }
  return true
}

/** Sends the name of a file that does not exist yet, and blocks until it does. Returns false if the time was too short. */
export function waitForSeal(
  wait: (file: string, timeoutMs: number) => boolean,
  send: (doneFile: string) => void,
): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'hubbub-sleep-'))
  const doneFile = path.join(folder, 'sealed')
  send(doneFile)
  const isSealed = wait(doneFile, sealTimeoutMs)
  rmSync(folder, { recursive: true, force: true })
  return isSealed
}

/** A program that delays the sleep of the computer until it ends. */
export interface DelayProgram {
  end(): void
}

/** Delays sleep by a moment while the hub could be handed over, where the system lets programs do so. */
export class SleepDelay {
  readonly #start: () => DelayProgram | undefined
  #program: DelayProgram | undefined

  constructor(start: () => DelayProgram | undefined) {
    this.#start = start
  }

  update(isWanted: boolean): void {
    if (isWanted) this.#program ??= this.#start()
    else this.end()
  }

  end(): void {
    this.#program?.end()
    this.#program = undefined
  }
}

/** Only Linux has such a program. It ends with the app, since it reads from it until the end. */
export function startSystemdInhibit(platform = process.platform): DelayProgram | undefined {
  if (platform !== 'linux') return undefined
  const child = spawn(
    'systemd-inhibit',
    ['--what=sleep', '--mode=delay', '--who=Hubbub', '--why=Hands the hub over to another computer', 'cat'],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  )
  // a system without systemd sleeps without the delay
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  return { end: () => child.stdin.end() }
}
