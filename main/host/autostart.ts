import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ShellError } from '../shell-error.ts'

/** Electron's login items, for Windows and macOS. */
export interface LoginItems {
  get(): boolean
  set(open: boolean): void
  /** macOS lists it, and starts it only once the user allows that in the system's settings. */
  needsApproval(): boolean
}

export interface Autostart {
  isEnabled(): boolean
  /** @throws ShellError with instructions if the system does not allow it yet */
  setEnabled(on: boolean): void
  /** Updates the path of the program: an AppImage may have moved. */
  refresh(): void
}

/** Starts the app with the computer, without a window. */
export function createAutostart({
  platform,
  loginItems,
  configDir,
  program,
}: {
  platform: NodeJS.Platform
  loginItems: LoginItems
  /** `$XDG_CONFIG_HOME` or `~/.config`. */
  configDir: string
  /** The program to start: the AppImage itself, not the folder it unpacks to. */
  program: string
}): Autostart {
  if (platform !== 'linux') {
    return {
      isEnabled: () => loginItems.get(),
      setEnabled: (on) => {
        loginItems.set(on)
        if (on && loginItems.needsApproval()) throw new ShellError('conflict', approvalText)
      },
      refresh: () => undefined,
    }
  }
  const file = path.join(configDir, 'autostart', 'hubbub.desktop')
  const write = (): void => {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, desktopEntry(program), { mode: 0o644 })
  }
  return {
    isEnabled: () => existsSync(file),
    setEnabled: (on) => (on ? write() : rmSync(file, { force: true })),
    refresh: () => {
      if (existsSync(file)) write()
    },
  }
}

const approvalText =
  'macOS waits for your approval: open System Settings, then General, then Login Items, and switch Hubbub on.'

function desktopEntry(program: string): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Hubbub',
    'Comment=Team chat for the local network',
    `Exec=${quoteExecArgument(program)} --hidden`,
    'Icon=hubbub',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** Quotes an argument by the Desktop Entry Specification, then escapes the result as a string value. */
function quoteExecArgument(program: string): string {
  if (/[\n\r\0]/.test(program))
    throw new Error('cannot start a program automatically if its path has line breaks')
  const argument = `"${program.replace(/["`$\\]/g, '\\$&').replace(/%/g, '%%')}"`
  return argument.replace(/\\/g, '\\\\')
}
