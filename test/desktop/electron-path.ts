import { existsSync } from 'node:fs'
import path from 'node:path'

/** Returns the Electron program if it is installed. Never asks the package, which would start a download. */
export function electronPath(): string | undefined {
  const chosen = process.env['HUBBUB_ELECTRON']
  if (chosen) return chosen
  const file = {
    win32: 'electron.exe',
    darwin: 'Electron.app/Contents/MacOS/Electron',
    linux: 'electron',
  }[process.platform as 'linux']
  const root = path.join(import.meta.dirname, '..', '..')
  const program = path.join(root, 'node_modules', 'electron', 'dist', file)
  return existsSync(program) ? program : undefined
}
