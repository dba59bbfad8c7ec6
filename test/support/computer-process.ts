import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { hubProgram } from './build-program.ts'
import { newDataDir } from './data-dir.ts'
import { freePort } from './ports.ts'
import { password, TestUser } from './test-user.ts'
import { waitFor } from './wait-for.ts'

const setupCode = 'test-code-1'

/** One computer of a hub as a process of its own, at a port that stays. */
export class ComputerProcess {
  readonly dataDir: string
  readonly port: string
  /** Added to the environment of the process from its next start on. */
  environment: Record<string, string> = {}
  #child: ChildProcess | undefined

  constructor(dataDir: string, port: string) {
    this.dataDir = dataDir
    this.port = port
    onTestFinished(() => void this.#child?.kill('SIGKILL'))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Starts it, in the role that its disk says. Resolves when it has that role. */
  async start(command: readonly string[] = []): Promise<void> {
    const serving = ['--port', this.port, '--backups', 'none', '--load-test']
    const options = ['--data', this.dataDir, ...(command[0] === 'vote' ? [] : serving)]
    const child = spawn(process.execPath, [...hubProgram, ...command, ...options], {
      env: { ...process.env, HUBBUB_LOG: 'error', HUBBUB_SETUP_CODE: setupCode, ...this.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      if (!/^(hub listening at|standby on port|third computer:) /.test(line)) continue
      child.stdout.resume()
      return
    }
    throw new Error('the computer ended before it had a role')
  }

  /** Stops it without ending it, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** Runs a command for its data directory. Returns what it prints. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...hubProgram,
      ...args,
      '--data',
      this.dataDir,
    ])
    return stdout
  }
}

export interface PairOfProcesses {
  hub: ComputerProcess
  standby: ComputerProcess
  owner: TestUser
}

/** A hub and a standby that were paired on their command lines, and are in step. */
export async function startPairOfProcesses(): Promise<PairOfProcesses> {
  const hub = new ComputerProcess(newDataDir(), await freePort())
  const standby = new ComputerProcess(newDataDir(), await freePort())
  await hub.start()
  const owner = await TestUser.setUp(hub.url, { code: setupCode, username: 'olga', registration: 'open' })
  await pair(hub, standby, 'standby')
  await inStep(owner)
  return { hub, standby, owner }
}

/** Pairs a computer with the hub on their command lines. */
async function pair(hub: ComputerProcess, other: ComputerProcess, kind: 'standby' | 'vote'): Promise<void> {
  const options = [...(kind === 'vote' ? ['--vote'] : []), '--yes', '--data', hub.dataDir]
  const granting = spawn(process.execPath, [...hubProgram, 'grant', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void granting.kill('SIGKILL'))
  const granted = once(granting, 'exit')
  let link: string | undefined
  for await (const line of createInterface({ input: granting.stdout })) {
    link = /(hubbub:\/\/standby\S+)/.exec(line)?.[1]
    if (link !== undefined) break
  }
  granting.stdout.resume()
  await other.start([kind, '--yes', '--of', link ?? ''])
  expect((await granted)[0]).toBe(0)
}

/** Adds a third computer, which gets the deciding vote. */
export async function addThirdProcess({ hub, owner }: PairOfProcesses): Promise<ComputerProcess> {
  const third = new ComputerProcess(newDataDir(), '0')
  await pair(hub, third, 'vote')
  const node = await thirdIsHere(owner, third)
  await owner.request('sessions.reauthenticate', { current: password })
  expect((await owner.request('continuity.vote', { tie: node })).tie).toBe(node)
  return third
}

/** Waits until the third computer is connected to hub and standby. Returns its node. */
export async function thirdIsHere(owner: TestUser, third: ComputerProcess): Promise<string> {
  return waitFor(async () => {
    const { computers } = await owner.request('continuity.status', {})
    const found = computers.find(({ kind }) => kind === 'vote')
    expect(found?.state).toBe('following')
    const status = JSON.parse(await third.command('status')) as { computers: { isConnected: boolean }[] }
    expect(status.computers.map(({ isConnected }) => isConnected)).toEqual([true, true])
    return found?.node ?? ''
  }, 30_000)
}

/** Waits until two disks have everything. */
export async function inStep(owner: TestUser): Promise<void> {
  await waitFor(async () => {
    const { safety } = await owner.request('continuity.status', {})
    expect(safety).toBe('together')
  }, 60_000)
}
