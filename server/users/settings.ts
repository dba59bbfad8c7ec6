import type { Settings } from '../../shared/contract/profile.ts'

/** Returns the settings of a row. Something else than an object, written by hand, counts as none. */
export function parseSettings(stored: string | null): Settings {
  try {
    const settings: unknown = stored === null ? {} : JSON.parse(stored)
    const isObject = typeof settings === 'object' && settings !== null && !Array.isArray(settings)
    return isObject ? settings : {}
  } catch {
    return {}
  }
}
