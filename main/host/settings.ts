import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { JsonFile } from '../json-file.ts'

const Hosted = Type.Object({
  dataDir: Type.String({ minLength: 1, maxLength: 4096 }),
  hubId: Type.String({ pattern: '^([A-Za-z0-9_-]{43})?$' }),
  name: Type.String({ maxLength: 1024 }),
  wasRunning: Type.Boolean(),
  lan: Type.Boolean(),
})
/** What this computer hosted, to go back to it. */
export type Hosted = Static<typeof Hosted>

/** The hosting settings of this computer. Until the user presses "Start", the hub listens on loopback only. */
const HostSettingsSchema = Type.Object({
  dataDir: Type.String({ minLength: 1, maxLength: 4096 }),
  /** The port that others know the hub by. */
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** The user allowed connections from other computers. */
  lan: Type.Boolean(),
  interfaces: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 64 }),
  announce: Type.Boolean(),
  browsers: Type.Boolean(),
  startWithApp: Type.Boolean(),
  keepAwake: Type.Boolean(),
  /** A user connected from another computer at least once, so the network path works. */
  seenOutside: Type.Boolean(),
  /** The id of the hub in `dataDir` when it last ran. */
  hubId: Type.String({ pattern: '^([A-Za-z0-9_-]{43})?$' }),
  name: Type.String({ maxLength: 1024 }),
  /** The code of the invite that this app has made last, which others may still use; empty: none. */
  inviteCode: Type.String({ maxLength: 64 }),
  /** The hub ran when the app quit. */
  wasRunning: Type.Boolean(),
  /** What this computer hosted before it followed another hub: it goes back to it when it leaves that one. */
  previous: Type.Union([Type.Null(), Hosted]),
  /** What it hosts again if the app ends before a new folder has a hub: `dataDir` is only half restored then. */
  fallback: Type.Union([Type.Null(), Hosted]),
})
export type StoredHostSettings = Static<typeof HostSettingsSchema>

export const defaultHubPort = 7788

/** Settings that take effect only after a restart of the hub. */
const settingsThatNeedRestart = ['port', 'lan', 'interfaces', 'browsers'] as const

export function needsRestart(previous: StoredHostSettings, current: StoredHostSettings): boolean {
  return settingsThatNeedRestart.some(
    (name) => JSON.stringify(previous[name]) !== JSON.stringify(current[name]),
  )
}

export class HostSettingsFile {
  readonly #file: JsonFile
  #current: StoredHostSettings

  constructor(file: JsonFile, dataDir: string) {
    this.#file = file
    this.#current = { ...defaultSettings(dataDir), ...validSettings(file.read()) }
    const { fallback } = this.#current
    if (fallback) this.#current = { ...this.#current, ...fallback, fallback: null }
  }

  get current(): Readonly<StoredHostSettings> {
    return this.#current
  }

  /** @throws ShellError if they cannot be saved; then nothing has changed */
  change(changes: Partial<StoredHostSettings>): StoredHostSettings {
    const changed = this.#merge(changes)
    this.#file.write(changed)
    this.#current = changed
    return changed
  }

  /** Changes what the hub says about itself: it counts until the app ends, also if it cannot be saved. */
  record(changes: Partial<StoredHostSettings>): StoredHostSettings {
    this.#current = this.#merge(changes)
    this.#file.writeIfPossible(this.#current)
    return this.#current
  }

  #merge(changes: Partial<StoredHostSettings>): StoredHostSettings {
    const merged = { ...this.#current, ...validSettings(changes) }
    // another folder holds another hub, or none
    return merged.dataDir === this.#current.dataDir
      ? merged
      : { ...merged, hubId: '', name: '', inviteCode: '' }
  }
}

function defaultSettings(dataDir: string): StoredHostSettings {
  return {
    dataDir,
    port: defaultHubPort,
    lan: false,
    interfaces: [],
    announce: true,
    browsers: true,
    startWithApp: true,
    keepAwake: true,
    seenOutside: false,
    hubId: '',
    name: '',
    inviteCode: '',
    wasRunning: false,
    previous: null,
    fallback: null,
  }
}

/** Returns the valid settings in the file. The others keep their defaults. */
function validSettings(content: unknown): Partial<StoredHostSettings> {
  if (typeof content !== 'object' || content === null) return {}
  const values = content as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(HostSettingsSchema.properties).flatMap(([name, schema]) =>
      Object.hasOwn(values, name) && Value.Check(schema, values[name]) ? [[name, values[name]]] : [],
    ),
  )
}
