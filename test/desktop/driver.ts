// Starts the built app: on the real Electron where it is, else on the stand-in. Specs are the same for both.
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { _electron, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import type {} from '../../renderer/navigation/window.ts'
import { appRoot, waitForExit, connectStandIn, startStandIn } from './stand-in/launch.ts'
import type { RecordedCall } from './stand-in/call-recorder.ts'

/** As `electron` is imported by the app; on the stand-in with what it has recorded. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a module that is not there, and what the stand-in adds to it
export type ElectronModule = any

export interface DesktopApp {
  kind: 'stand-in' | 'electron'
  userData: string
  page: Page
  pid: number
  /** Runs in the app's main process. The function travels as its source, so it knows nothing from around it. */
  evaluate: <T, A>(run: (electron: ElectronModule, arg: A) => T | Promise<T>, arg?: A) => Promise<T>
  /** What was asked of the system, on the stand-in. */
  calls: (what?: string) => Promise<RecordedCall[]>
  /** As a person does it; resolves with the exit code. */
  quit: () => Promise<number | null>
  /** As a power cut does it. */
  kill: () => Promise<void>
  exited: Promise<number | null>
}

export interface LaunchOptions {
  userData?: string
  args?: string[]
  env?: NodeJS.ProcessEnv
}

/** The program of Electron, where there is one: never asked of the package, which would begin to download it. */
export function electronPath(): string | undefined {
  const chosen = process.env['HUBBUB_ELECTRON']
  if (chosen) return chosen
  const file = {
    win32: 'electron.exe',
    darwin: 'Electron.app/Contents/MacOS/Electron',
    linux: 'electron',
  }[process.platform as 'linux']
  const program = path.join(appRoot, 'node_modules', 'electron', 'dist', file)
  return existsSync(program) ? program : undefined
}

export const driver = electronPath() === undefined ? 'stand-in' : 'electron'

/** Resolves when the app's page is there. */
export async function launchApp(options: LaunchOptions = {}): Promise<DesktopApp> {
  const userData = options.userData ?? newDataDir()
  const args = [`--user-data-dir=${userData}`, ...(options.args ?? [])]
  const program = electronPath()
  return program === undefined
    ? launchStandIn(userData, args, options.env)
    : launchElectron(program, userData, args, options.env)
}

/** An app that ends by itself, as a second instance does: resolves with its exit code. */
export async function runAppToExit({
  userData = newDataDir(),
  args = [],
  env,
}: LaunchOptions): Promise<number | null> {
  const child = startStandInProcess([`--user-data-dir=${userData}`, ...args], env)
  return waitForExit(child)
}

function startStandInProcess(args: string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const child = startStandIn(args, env)
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function launchStandIn(userData: string, args: string[], env?: NodeJS.ProcessEnv): Promise<DesktopApp> {
  const app = await connectStandIn(startStandInProcess(args, env))
  const evaluate: DesktopApp['evaluate'] = async (run, arg) =>
    (await app.evaluate(String(run), arg)) as Awaited<ReturnType<typeof run>>
  return {
    ...app,
    kind: 'stand-in',
    userData,
    evaluate,
    calls: async (what) => {
      const all = await evaluate((electron) => electron.calls as RecordedCall[])
      return what === undefined ? all : all.filter((call) => call.what === what)
    },
  }
}

async function launchElectron(
  executablePath: string,
  userData: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<DesktopApp> {
  const app = await _electron.launch({
    executablePath,
    args: [appRoot, ...args],
    env: { ...process.env, ...env } as Record<string, string>,
  })
  const child = app.process()
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = waitForExit(child)
  return {
    kind: 'electron',
    userData,
    page: await app.firstWindow(),
    pid: child.pid as number,
    evaluate: (run, arg) => app.evaluate(run as never, arg),
    calls: () => Promise.reject(new Error('only the stand-in records calls')),
    quit: async () => {
      await app.evaluate(({ app: one }) => one.quit()).catch(() => undefined)
      return exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    exited,
  }
}
