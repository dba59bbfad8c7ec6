// On the real Electron: keeps the calls to the system that specs read, and answers its dialogs in place of the user, as the
// stand-in does. Calls from before the driver is connected are not seen.
import type { ElectronModule } from './driver.ts'
import type { RecordedCall } from './stand-in/call-recorder.ts'

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** What is recorded, by the names of the stand-in. */
export const recordedNames: ReadonlySet<string> = new Set([
  ...['showMessageBox', 'showMessageBoxSync', 'showOpenDialog', 'showSaveDialog'].map(
    (name) => `dialog.${name}`,
  ),
  ...['openExternal', 'openPath'].map((name) => `shell.${name}`),
  ...['hide', 'show', 'maximize', 'setFullScreen'].map((name) => `window.${name}`),
  'utilityProcess.fork',
])

/**
 * Runs in the app's main process, as its source: it uses nothing from outside. Returns the names of what Electron did not
 * let it replace.
 */
export function installRecorder(electron: ElectronModule): string[] {
  const calls: RecordedCall[] = []
  const answers: unknown[] = []
  const failed: string[] = []
  electron.app.recordedCalls = calls
  electron.dialog.answers = answers
  const toPlain = (value: unknown): unknown => {
    try {
      return JSON.parse(JSON.stringify(value ?? null)) as unknown
    } catch {
      return '(object)'
    }
  }
  const replace = (
    prefix: string,
    owner: Record<string, unknown>,
    name: string,
    make: (original: AnyFunction) => unknown,
  ) => {
    try {
      const original = owner[name] as AnyFunction
      owner[name] = make(original)
      if (owner[name] === original) failed.push(`${prefix}.${name}`)
    } catch {
      failed.push(`${prefix}.${name}`)
    }
  }
  const answer = (name: string, otherwise: unknown) =>
    replace('dialog', electron.dialog, name, () => (...args: unknown[]) => {
      // the options are last: before them may come a window, which cannot be copied
      calls.push({ what: `dialog.${name}`, args: [toPlain(args.at(-1))] })
      const given = answers.shift() ?? otherwise
      return name.endsWith('Sync') ? given : Promise.resolve(given)
    })
  answer('showMessageBox', { response: 0, checkboxChecked: false })
  answer('showMessageBoxSync', 0)
  answer('showOpenDialog', { canceled: true, filePaths: [] })
  answer('showSaveDialog', { canceled: true, filePath: '' })
  for (const name of ['openExternal', 'openPath']) {
    replace('shell', electron.shell, name, () => (...args: unknown[]) => {
      calls.push({ what: `shell.${name}`, args: args.map(toPlain) })
      return Promise.resolve('')
    })
  }
  for (const name of ['hide', 'show', 'maximize', 'setFullScreen']) {
    // a window has them from its class, or as its own
    const [window] = electron.BrowserWindow.getAllWindows()
    const owner = name in electron.BrowserWindow.prototype ? electron.BrowserWindow.prototype : window
    replace(
      'window',
      owner,
      name,
      (original) =>
        function (this: unknown, ...args: unknown[]): unknown {
          calls.push({ what: `window.${name}`, args: args.map(toPlain) })
          return original.apply(this, args)
        },
    )
  }
  replace('utilityProcess', electron.utilityProcess, 'fork', (original) => (...args: unknown[]) => {
    const child = original.apply(electron.utilityProcess, args) as {
      pid?: number
      once: (event: string, run: () => void) => void
    }
    const { serviceName } = (args[2] ?? {}) as { serviceName?: string }
    const record = (): void =>
      void calls.push({ what: 'utilityProcess.fork', args: [serviceName, child.pid] })
    // without a number until it runs
    if (child.pid === undefined) child.once('spawn', record)
    else record()
    return child
  })
  return failed
}
