// The built app as a separate process on the stand-in, with its page. It does not depend on tests: the benchmark and
// the screenshots start it too.
import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

export const appRoot = path.join(import.meta.dirname, '..', '..', '..')

export interface StandInApp extends StandInProcess {
  page: Page
}

/** An app whose window may not exist yet. */
export interface StandInProcess {
  /** Waits for the page; a new connection, since Playwright gives up a page that crashed. */
  findPage: () => Promise<Page>
  pid: number
  /** Runs in the app's main process, with the stand-in's `electron`; a function is sent as its source. */
  evaluate: (source: string, arg?: unknown) => Promise<unknown>
  /** Quits as a user does; resolves with the exit code. */
  quit: () => Promise<number | null>
  /** Ends the app as a power cut does. */
  kill: () => Promise<void>
  exited: Promise<number | null>
}

/** Starts only the process: it may exit by itself, as a second instance does. */
export function startStandIn(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return fork(path.join(import.meta.dirname, 'run.ts'), [appRoot, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
}

/** Resolves when the app's page is ready. */
export async function connectStandIn(child: ChildProcess): Promise<StandInApp> {
  const app = await connectStandInProcess(child)
  return { ...app, page: await app.findPage() }
}

/** Resolves when the app runs, with or without a window. */
export async function connectStandInProcess(child: ChildProcess): Promise<StandInProcess> {
  const exited = waitForExit(child)
  const sendRequest = createRequester(child, exited)
  const endpoint = (await sendRequest({})) as string
  const evaluate: StandInApp['evaluate'] = (source, arg) => sendRequest({ evaluate: source, arg })
  return {
    findPage: async () => {
      const browser = await chromium.connectOverCDP(endpoint)
      const context = browser.contexts()[0] as BrowserContext
      // without a listener Playwright answers a page that wants to stay, before the app can
      context.on('dialog', () => undefined)
      return findAppPage(context)
    },
    pid: child.pid as number,
    evaluate,
    quit: async () => {
      // it may exit before it replies
      await evaluate('(electron) => electron.app.quit()').catch(() => undefined)
      return exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    exited,
  }
}

export function waitForExit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)))
}

type EvaluateRequest = { evaluate?: string; arg?: unknown }

function createRequester(
  child: ChildProcess,
  exited: Promise<unknown>,
): (request: EvaluateRequest) => Promise<unknown> {
  let lastId = 0
  return (request) => {
    const id = ++lastId
    return new Promise((resolve, reject) => {
      const onMessage = (reply: { id: number; value?: unknown; error?: string }): void => {
        if (reply.id !== id) return
        child.off('message', onMessage)
        if (reply.error === undefined) resolve(reply.value)
        else reject(new Error(reply.error))
      }
      child.on('message', onMessage)
      void exited.then((code) => reject(new Error(`the app has ended (${String(code)})`)))
      child.send({ id, ...request }, () => undefined)
    })
  }
}

async function findAppPage(context: BrowserContext): Promise<Page> {
  const isOurs = (page: Page): boolean => page.url().startsWith('https://hubbub.app-scheme.invalid/')
  for (;;) {
    const found = context.pages().find(isOurs)
    if (found) return found
    await Promise.race(
      [
        ...context.pages().map((page) => page.waitForEvent('framenavigated')),
        context.waitForEvent('page'),
      ].map((one) => one.catch(() => undefined)),
    )
  }
}
