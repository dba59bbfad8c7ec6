// How this browser notifies: stored in localStorage, since it belongs to the device and not to the account. All tabs follow it.
import { signal, type ReadonlySignal } from '../signals/signal.ts'

export interface NotificationSettings {
  /** The user has turned notifications on here; the browser asks besides. */
  readonly isOn: boolean
  readonly notifications: 'mentions' | 'all' | 'none'
  readonly sounds: boolean
  readonly showsText: boolean
  /** End of "do not disturb" in milliseconds since 1970; 0: off. */
  readonly quietUntil: number
  /** The offer to turn them on was answered. */
  readonly isOfferAnswered: boolean
}

const storageKey = 'hubbub-notifications'
const settings = signal(readStored())

/** Watched. */
export const notificationSettings: ReadonlySignal<NotificationSettings> = settings

export function updateNotificationSettings(changes: Partial<NotificationSettings>): void {
  settings.value = { ...settings.peek(), ...changes }
  try {
    localStorage.setItem(storageKey, JSON.stringify(settings.peek()))
  } catch {
    // A browser that keeps nothing still does what was chosen until it is closed.
  }
}

addEventListener('storage', (event) => {
  if (event.key === storageKey) settings.value = readStored()
})

function readStored(): NotificationSettings {
  const stored = parseStored()
  const level = stored['notifications']
  return {
    isOn: stored['isOn'] === true,
    notifications: level === 'all' || level === 'none' ? level : 'mentions',
    sounds: stored['sounds'] !== false,
    showsText: stored['showsText'] !== false,
    quietUntil: typeof stored['quietUntil'] === 'number' ? stored['quietUntil'] : 0,
    isOfferAnswered: stored['isOfferAnswered'] === true,
  }
}

function parseStored(): Record<string, unknown> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}')
    return typeof stored === 'object' && stored !== null ? { ...stored } : {}
  } catch {
    return {}
  }
}
