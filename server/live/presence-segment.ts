import type { Segment } from './connection.ts'
import type { PresenceFrame } from './presence.ts'

/** Changes of presence for sockets. The time a user was last seen goes only to users who may see it. */
export function presenceSegment(
  messages: readonly PresenceFrame[],
  isHidden: (userId: string) => boolean,
): Segment {
  const visible = messages.map(({ lastSeen, ...rest }) =>
    lastSeen !== undefined && !isHidden(rest.user) ? { ...rest, lastSeen } : rest,
  )
  return { stream: 'hint', lastSeq: 0, text: visible.map((one) => JSON.stringify(one)).join(',') }
}
