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

/** The app starts with the computer, without a window. */
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
  /** What starts the app: the AppImage itself, not what it unpacked. */
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

/** As the Desktop Entry Specification quotes an argument, and then once more as it escapes a string. */
function quoteExecArgument(program: string): string {
  if (/[\n\r\0]/.test(program)) throw new Error('a program whose path has line breaks')
  const argument = `"${program.replace(/["`$\\]/g, '\\$&').replace(/%/g, '%%')}"`
  return argument.replace(/\\/g, '\\\\')
}
