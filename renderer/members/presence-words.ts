import type { PresenceStore } from '../state/presence.ts'
import { t } from '../text/t.ts'
import { ago } from '../text/time.ts'

/** `Active now`, `Idle`, `Last seen about 20 minutes ago`. Watched. */
export function presenceWords(presences: PresenceStore, userId: string): string {
  const state = presences.of(userId)
  if (state !== 'offline') return t(`presence.${state}`)
  const seen = presences.lastSeen(userId)
  return seen === undefined ? t('presence.offline') : t('presence.lastSeen', { ago: ago(seen, Date.now()) })
}
