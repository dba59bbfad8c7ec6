import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Electron's login items, for Windows and macOS. */
export interface LoginItems {
  get(): boolean
  set(open: boolean): void
}

export interface Autostart {
  isEnabled(): boolean
  setEnabled(on: boolean): void
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
    return { isEnabled: () => loginItems.get(), setEnabled: (on) => loginItems.set(on) }
  }
  const file = path.join(configDir, 'autostart', 'hubbub.desktop')
  return {
    isEnabled: () => existsSync(file),
    setEnabled: (on) => {
      if (!on) {
        rmSync(file, { force: true })
        return
      }
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, desktopEntry(program), { mode: 0o644 })
    },
  }
}

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
