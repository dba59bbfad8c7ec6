// Whether this page can show notifications, and why not. The user asks the browser by a press, never the page by itself.
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import { updateNotificationSettings } from './notification-settings.ts'

/**
 * `insecure`: the browser allows none without encryption that it trusts. `unsupported`: it has none, or none for an open page,
 * as on phones. `ask`: the user has not decided yet.
 */
export type NotificationSupport = 'granted' | 'ask' | 'denied' | 'insecure' | 'unsupported'

const support = signal(readSupport())

/** Watched. */
export const notificationSupport: ReadonlySignal<NotificationSupport> = support

/** Call it from a press. Returns whether notifications are on now. */
export async function turnOnNotifications(): Promise<boolean> {
  updateNotificationSettings({ isOfferAnswered: true })
  if (support.peek() === 'ask') await Notification.requestPermission()
  support.value = readSupport()
  const isGranted = support.peek() === 'granted'
  updateNotificationSettings({ isOn: isGranted })
  return isGranted
}

/** A browser for phones has the name but refuses to show one from a page. */
export function markUnsupported(): void {
  support.value = 'unsupported'
}

function readSupport(): NotificationSupport {
  if (!window.isSecureContext) return 'insecure'
  if (!('Notification' in window)) return 'unsupported'
  const { permission } = Notification
  return permission === 'default' ? 'ask' : permission
}

/** The user may change it in the browser at any time. */
addEventListener('focus', () => {
  if (support.peek() !== 'unsupported') support.value = readSupport()
})
