import { isTimeZone } from '../../shared/text/zones.ts'

const maxNameLength = 64
/** There are some 600 zones. More names than this come from a client that makes them up. */
const maxKnownNames = 2_000

/**
 * The time zone of each user, as the device told with which they were last connected. Like presence it is in memory only:
 * where a user has been is nobody's record.
 */
export class Zones {
  readonly #byUser = new Map<string, string>()
  /** Looking a name up is slow, and a team has few. */
  readonly #knownNames = new Map<string, boolean>()

  /** Ignores what is no zone: a client without one keeps the last. */
  set(userId: string, zone: unknown): void {
    if (typeof zone === 'string' && this.#isZone(zone)) this.#byUser.set(userId, zone)
  }

  of(userId: string): string | undefined {
    return this.#byUser.get(userId)
  }

  #isZone(name: string): boolean {
    if (name === '' || name.length > maxNameLength) return false
    const known = this.#knownNames.get(name)
    if (known !== undefined) return known
    if (this.#knownNames.size >= maxKnownNames) this.#knownNames.clear()
    const isZone = isTimeZone(name)
    this.#knownNames.set(name, isZone)
    return isZone
  }
}
