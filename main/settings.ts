import type { DesktopSettings } from '../shared/desktop.ts'
import type { JsonFile } from './json-file.ts'

const defaults: DesktopSettings = {
  keepUnprotected: false,
  // where there is no tray, a window that hides is a window that is lost: the person decides
  closeToTray: false,
  startWithComputer: false,
  // dictionaries come from the internet on some systems, so only when asked for
  spellCheck: false,
  notifications: 'mentions',
  sounds: true,
  showsText: true,
  quietUntil: 0,
  checkUpdates: false,
}

/** How the app behaves on this computer, in one file. */
export class SettingsStore {
  readonly #file: JsonFile
  #current: DesktopSettings
  readonly #changeListeners = new Set<(settings: DesktopSettings) => void>()

  constructor(file: JsonFile) {
    this.#file = file
    this.#current = { ...defaults, ...validSettings(file.read()) }
  }

  get current(): Readonly<DesktopSettings> {
    return this.#current
  }

  /** `changes` have passed the schema of the door. */
  change(changes: Partial<DesktopSettings>): DesktopSettings {
    this.#current = { ...this.#current, ...validSettings(changes) }
    this.#file.write(this.#current)
    for (const run of this.#changeListeners) run(this.#current)
    return this.#current
  }

  onChange(run: (settings: DesktopSettings) => void): () => void {
    this.#changeListeners.add(run)
    return () => this.#changeListeners.delete(run)
  }
}

/** What of a file is a setting of the right kind; a newer app may have written more. */
function validSettings(content: unknown): Partial<DesktopSettings> {
  const given = (content ?? {}) as Record<string, unknown>
  const names = Object.keys(defaults) as (keyof DesktopSettings)[]
  return Object.fromEntries(
    names.flatMap((name) => (typeof given[name] === typeof defaults[name] ? [[name, given[name]]] : [])),
  )
}
