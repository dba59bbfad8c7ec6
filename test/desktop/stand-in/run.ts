// `node run.ts APP-FOLDER [switches]`: the app runs as under Electron, as far as that is possible without it: its own
// built code, real pages of a real Chromium, a real second process. Requests to the system are only recorded.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { state } from './state.ts'

const [appDir = '', ...args] = process.argv.slice(2)
state.appDir = path.resolve(appDir)
state.args = args

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier.startsWith('electron/')
      ? { url: new URL('electron.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
})
// branches of the app for another system; everything below it stays this one
const platform = process.env['HUBBUB_STANDIN_PLATFORM']
if (platform !== undefined) Object.defineProperty(process, 'platform', { value: platform })
Object.defineProperty(process.versions, 'electron', { value: '45.4.1-stand-in' })

const electron = await import('./electron.ts')
const { listeners } = await import('./windows.ts')
listeners.allClosed = () => electron.app.handleAllWindowsClosed()
listeners.closeCancelled = () => electron.app.cancelQuit()
handleTestRequests()

const { main } = JSON.parse(readFileSync(path.join(state.appDir, 'package.json'), 'utf8')) as { main: string }
// Electron is ready only after the entry has run: an entry that waits for that waits forever
const hangTimeout = setTimeout(() => {
  process.stderr.write('the entry did not finish: it waits for something that comes only after it\n')
  process.exit(70)
}, 10_000)
await import(pathToFileURL(path.join(state.appDir, main)).href)
clearTimeout(hangTimeout)
electron.app.becomeReady()

/** The test sends its requests over the channel of a forked child. */
function handleTestRequests(): void {
  process.on('message', (request: { id: number; evaluate?: string; arg?: unknown }) => {
    void evaluateRequest(request).then((message) => process.send?.({ id: request.id, ...message }))
  })
  process.on('disconnect', () => electron.app.exit(0))
}

async function evaluateRequest({ evaluate, arg }: { evaluate?: string; arg?: unknown }): Promise<object> {
  try {
    if (evaluate === undefined) return { value: (await state.chromium)?.endpoint }
    // the request is source code, as with Playwright and the real Electron
    // eslint-disable-next-line no-eval
    const run = (0, eval)(`(${evaluate})`) as (electronModule: unknown, arg: unknown) => unknown
    return { value: await run(electron, arg) }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
