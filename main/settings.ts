import type { DesktopSettings } from '../shared/desktop.ts'
import type { JsonFile } from './json-file.ts'

/** The settings, including those that the page does not see. */
interface StoredSettings extends DesktopSettings {
  /** The user has decided to run the app without a sandbox. */
  acceptsNoSandbox: boolean
  /** The version of the app that was offered last. */
  lastOfferedVersion: string
}

const defaults: StoredSettings = {
  keepUnprotected: false,
  // without a tray, a hidden window is lost: the user decides
  closeToTray: false,
  startWithComputer: false,
  // some systems download dictionaries from the internet, so only on request
  spellCheck: false,
  notifications: 'mentions',
  sounds: true,
  showsText: true,
  quietUntil: 0,
  checkUpdates: false,
  acceptsNoSandbox: false,
  lastOfferedVersion: '',
}

/** The settings of the app on this computer, in one file. */
export class SettingsStore {
  readonly #file: JsonFile
  #current: StoredSettings
  readonly #changeListeners = new Set<(settings: DesktopSettings) => void>()

  constructor(file: JsonFile) {
    this.#file = file
    this.#current = { ...defaults, ...validSettings(file.read()) }
  }

  get current(): Readonly<StoredSettings> {
    return this.#current
  }

  /** `changes` have passed the IPC schema. @throws ShellError if they cannot be saved */
  change(changes: Partial<StoredSettings>): StoredSettings {
    const changed = { ...this.#current, ...validSettings(changes) }
    this.#file.write(changed)
    return this.#apply(changed)
  }

  /** Changes what nobody waits for: it counts until the app ends, also if it cannot be saved. */
  record(changes: Partial<StoredSettings>): void {
    const changed = { ...this.#current, ...validSettings(changes) }
    this.#file.writeIfPossible(changed)
    this.#apply(changed)
  }

  #apply(changed: StoredSettings): StoredSettings {
    this.#current = changed
    for (const run of this.#changeListeners) run(changed)
    return changed
  }

  onChange(run: (settings: DesktopSettings) => void): () => void {
    this.#changeListeners.add(run)
    return () => this.#changeListeners.delete(run)
  }
}

/** Returns the valid settings in a file; a newer app may have written others. */
function validSettings(content: unknown): Partial<StoredSettings> {
  const values = (content ?? {}) as Record<string, unknown>
  const names = Object.keys(defaults) as (keyof StoredSettings)[]
  return Object.fromEntries(
    names.flatMap((name) => (typeof values[name] === typeof defaults[name] ? [[name, values[name]]] : [])),
  )
}
