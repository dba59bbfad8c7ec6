import type { PresenceStore } from '../state/presence.ts'
import { t } from '../text/t.ts'
import { relativeTime } from '../text/time.ts'

/** `Active now`, `Idle`, `Last seen about 20 minutes ago`. Watched. */
export function presenceText(presence: PresenceStore, userId: string): string {
  const state = presence.of(userId)
  if (state !== 'offline') return t(`presence.${state}`)
  const seen = presence.lastSeen(userId)
  return seen === undefined
    ? t('presence.offline')
    : t('presence.lastSeen', { ago: relativeTime(seen, Date.now()) })
}
