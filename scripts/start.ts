// `npm start`: opens the desktop app if possible. Otherwise prints one line with the reason and starts the hub with its
// page.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { watchParent } from '../server/parent-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** All other options are for the hub, and start one. */
const appOption = /^--(hidden|user-data-dir=.+)$/
const downloadTimeoutMs = 20_000
/** An app that exits sooner with an error never opened: a library is missing, or the display is unreachable. */
const earlyExitMs = 5_000

const args = process.argv.slice(2)
/** True once a child of this program was asked to end: then no hub is started in its place. */
let signalled = false
const fallbackReason = await tryStartApp()
if (fallbackReason !== undefined) {
  if (fallbackReason !== '')
    process.stdout.write(`${fallbackReason}: starting the hub with its page instead\n`)
  await import(new URL('../dist/hub/server/cli.js', import.meta.url).href)
}

/** Opens the app and ends with it. Otherwise returns the reason, '' if the user asked for a hub. */
async function tryStartApp(): Promise<string | undefined> {
  if (!args.every((arg) => appOption.test(arg))) return ''
  const { platform, env } = process
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display'
  const program = electronProgram() ?? (await download())
  if (program === undefined) return 'Electron is not installed and could not be downloaded'
  if (!existsSync(path.join(root, 'dist', 'main', 'entry.js'))) return 'the app is not built (npm run build)'
  return startApp(program)
}

function electronProgram(): string | undefined {
  const configured = process.env['HUBBUB_ELECTRON']
  if (configured) return configured
  const files = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron', linux: 'electron' }
  const file = files[process.platform as keyof typeof files] ?? 'electron'
  const program = path.join(root, 'node_modules', 'electron', 'dist', file)
  return existsSync(program) ? program : undefined
}

/** Runs the package's own installer, which verifies the download. */
async function download(): Promise<string | undefined> {
  const installer = path.join(root, 'node_modules', 'electron', 'install.js')
  if (!existsSync(installer)) return undefined
  process.stdout.write('downloading Electron, at most 20 seconds\n')
  const child = spawn(process.execPath, [installer], { stdio: 'ignore' })
  const killTimer = setTimeout(() => child.kill('SIGKILL'), downloadTimeoutMs)
  const code = await waitForExit(child)
  clearTimeout(killTimer)
  if (signalled) process.exit(1)
  return code === 0 ? electronProgram() : undefined
}

async function startApp(program: string): Promise<string | undefined> {
  const startedAt = performance.now()
  const code = await waitForExit(spawn(program, [root, ...args], { stdio: 'inherit' }))
  if (code !== 0 && !signalled && performance.now() - startedAt < earlyExitMs)
    return 'Electron does not start on this computer'
  process.exitCode = code ?? 1
  return undefined
}

/** Passes on signals and ends the child with npm. Returns the exit code; null if it was killed or not started. */
async function waitForExit(child: ChildProcess): Promise<number | null> {
  const forward = (signal: NodeJS.Signals): void => {
    signalled = true
    child.kill(signal)
  }
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  const stopWatching = watchParent(() => forward('SIGTERM'))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', resolve)
  })
  stopWatching()
  process.off('SIGINT', forward)
  process.off('SIGTERM', forward)
  return code
}
