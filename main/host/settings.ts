import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { JsonFile } from '../json-file.ts'

/** How this computer hosts. Until the person has pressed "Start", nothing listens but to this computer itself. */
const HostSettingsSchema = Type.Object({
  dataDir: Type.String({ minLength: 1, maxLength: 4096 }),
  /** The one that others know the hub by. */
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** The person said that others may connect. */
  lan: Type.Boolean(),
  interfaces: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 64 }),
  announce: Type.Boolean(),
  browsers: Type.Boolean(),
  startWithApp: Type.Boolean(),
  keepAwake: Type.Boolean(),
  /** Somebody came from another computer once: the way in works. */
  seenOutside: Type.Boolean(),
  /** The hub in `dataDir`, as it was when it last ran. */
  hubId: Type.String({ pattern: '^([A-Za-z0-9_-]{43})?$' }),
  name: Type.String({ maxLength: 1024 }),
  /** It ran when the app was quit. */
  wasRunning: Type.Boolean(),
})
export type StoredHostSettings = Static<typeof HostSettingsSchema>

export const defaultHubPort = 7788

export class HostSettingsFile {
  readonly #file: JsonFile
  #current: StoredHostSettings

  constructor(file: JsonFile, dataDir: string) {
    this.#file = file
    this.#current = { ...defaultSettings(dataDir), ...validSettings(file.read()) }
  }

  get current(): Readonly<StoredHostSettings> {
    return this.#current
  }

  change(changes: Partial<StoredHostSettings>): StoredHostSettings {
    const before = this.#current.dataDir
    this.#current = { ...this.#current, ...validSettings(changes) }
    // in another folder there is another hub, if any
    if (this.#current.dataDir !== before) Object.assign(this.#current, { hubId: '', name: '' })
    this.#file.write(this.#current)
    return this.#current
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
    wasRunning: false,
  }
}

/** What of it is a setting and right; the rest stays as it is usual. */
function validSettings(content: unknown): Partial<StoredHostSettings> {
  if (typeof content !== 'object' || content === null) return {}
  const given = content as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(HostSettingsSchema.properties).flatMap(([name, schema]) =>
      Object.hasOwn(given, name) && Value.Check(schema, given[name]) ? [[name, given[name]]] : [],
    ),
  )
}
