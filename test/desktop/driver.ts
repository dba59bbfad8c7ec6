// Starts the built app on the real Electron if it is installed, else on the stand-in. Specs are the same for both.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { electronPath } from './electron-path.ts'
import type {} from '../../renderer/navigation/window.ts'
import { installRecorder, recordedNames } from './recorder.ts'
import { appRoot, waitForExit, connectStandInProcess, startStandIn } from './stand-in/launch.ts'
import type { RecordedCall } from './stand-in/call-recorder.ts'

/** The type of `electron` as the app imports it; on the stand-in with the recorded calls. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a module that is not there, and what the stand-in adds to it
export type ElectronModule = any

export interface DesktopApp extends DesktopProcess {
  page: Page
}

/** An app whose window may not exist yet. */
export interface DesktopProcess {
  kind: 'stand-in' | 'electron'
  userData: string
  /** Waits for the page of the window. After a crash the earlier one is useless. */
  findPage: () => Promise<Page>
  pid: number
  /** Runs in the app's main process. The function travels as its source, so it cannot use outer variables. */
  evaluate: <T, A>(run: (electron: ElectronModule, arg: A) => T | Promise<T>, arg?: A) => Promise<T>
  /** Returns the calls to the system: all on the stand-in, those of recorder.ts on Electron. */
  calls: (what?: string) => Promise<RecordedCall[]>
  /** Quits as a user does; resolves with the exit code. */
  quit: () => Promise<number | null>
  /** Ends the app as a power cut does. */
  kill: () => Promise<void>
  exited: Promise<number | null>
}

export interface LaunchOptions {
  userData?: string
  args?: string[]
  env?: NodeJS.ProcessEnv
}

export const driver = electronPath() === undefined ? 'stand-in' : 'electron'

/**
 * Specs that only the stand-in can run: they read calls that only it records, or choose another system or key store. The
 * real Electron skips them, and the summary of the run lists each by name.
 */
export const describeOnStandIn = describe.runIf(driver === 'stand-in')
export const itOnStandIn = it.runIf(driver === 'stand-in')

/** A part of a spec that only the stand-in can run. */
export async function onStandIn(what: string, run: () => Promise<void>): Promise<void> {
  if (driver === 'stand-in') return run()
  process.stdout.write(`not on the real driver: ${expect.getState().currentTestName}: ${what}\n`)
}

/** Resolves when the app's page is ready. */
export async function launchApp(options: LaunchOptions = {}): Promise<DesktopApp> {
  const app = await launchProcess(options)
  return { ...app, page: await app.findPage() }
}

/** Resolves when the app runs, as with `--hidden`, where nothing is shown. */
export async function launchProcess(options: LaunchOptions = {}): Promise<DesktopProcess> {
  const userData = options.userData ?? newDataDir()
  const args = [`--user-data-dir=${userData}`, ...(options.args ?? [])]
  const program = electronPath()
  return program === undefined
    ? launchStandIn(userData, args, options.env)
    : launchElectron(program, userData, args, options.env)
}

/** Starts an app that exits by itself, as a second instance does. Resolves with its exit code. */
export async function runAppToExit({
  userData = newDataDir(),
  args = [],
  env,
}: LaunchOptions): Promise<number | null> {
  const program = electronPath()
  const all = [`--user-data-dir=${userData}`, ...args]
  const child =
    program === undefined ? startStandInProcess(all, env) : startElectronProcess(program, all, env)
  return waitForExit(child)
}

function startElectronProcess(program: string, args: string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, [appRoot, ...args], { env: { ...process.env, ...env }, stdio: 'inherit' })
  onTestFinished(() => killTree(child))
  return child
}

/** On Windows, Playwright starts Electron through a shell: its process is the parent of the one that matters. */
function killTree(child: ChildProcess): void {
  if (process.platform === 'win32') spawnSync('taskkill', ['/T', '/F', '/PID', String(child.pid)])
  else child.kill('SIGKILL')
}

function startStandInProcess(args: string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const child = startStandIn(args, env)
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function launchStandIn(
  userData: string,
  args: string[],
  env?: NodeJS.ProcessEnv,
): Promise<DesktopProcess> {
  const app = await connectStandInProcess(startStandInProcess(args, env))
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

/** The first window may have no page yet. */
async function findWindow(app: ElectronApplication): Promise<Page> {
  const hasPage = (page: Page): boolean => page.url() !== 'about:blank'
  for (;;) {
    const found = app.windows().find(hasPage)
    if (found) return found
    await Promise.race(
      [app.waitForEvent('window'), ...app.windows().map((page) => page.waitForEvent('framenavigated'))].map(
        (one) => one.catch(() => undefined),
      ),
    )
  }
}

async function launchElectron(
  executablePath: string,
  userData: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<DesktopProcess> {
  const app = await _electron.launch({
    executablePath,
    args: [appRoot, ...args],
    env: { ...process.env, ...env } as Record<string, string>,
    // without this Playwright adds --no-sandbox on Linux, and the sandbox would never be tested
    chromiumSandbox: true,
  })
  // without a listener Playwright answers a page that wants to stay, before the app can
  app.context().on('dialog', () => undefined)
  const child = app.process()
  onTestFinished(() => killTree(child))
  const exited = waitForExit(child)
  const unrecorded = await app.evaluate<string[]>(installRecorder as never)
  return {
    kind: 'electron',
    userData,
    findPage: () => findWindow(app),
    pid: await app.evaluate(() => process.pid),
    evaluate: (run, arg) => app.evaluate(run as never, arg),
    calls: async (what) => {
      if (what === undefined) throw new Error('only the stand-in records all calls: name one of recorder.ts')
      if (!recordedNames.has(what) || unrecorded.includes(what))
        throw new Error(`${what} is not recorded here`)
      const all = await app.evaluate(({ app: one }) => Reflect.get(one, 'recordedCalls') as RecordedCall[])
      return all.filter((call) => call.what === what)
    },
    quit: async () => {
      await app.evaluate(({ app: one }) => one.quit()).catch(() => undefined)
      return exited
    },
    kill: async () => {
      killTree(child)
      await exited
    },
    exited,
  }
}
