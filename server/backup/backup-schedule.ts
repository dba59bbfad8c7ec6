import type { PlaceRecord } from './backup-settings.ts'

/* When a backup is due, by the clock of the computer and its zone. Pure. */

const dayMs = 24 * 60 * 60_000
/** A place that is away, such as a disk that is plugged in during the day. */
const retryMs = 10 * 60_000

/** The last moment at or before `now` at which a backup was scheduled. */
export function scheduledBefore(now: number, time: string): number {
  const at = atTime(now, time)
  return at.getTime() <= now ? at.getTime() : at.setDate(at.getDate() - 1)
}

export function scheduledAfter(now: number, time: string): number {
  const at = atTime(now, time)
  return at.getTime() > now ? at.getTime() : at.setDate(at.getDate() + 1)
}

function atTime(now: number, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const at = new Date(now)
  at.setHours(hours, minutes, 0, 0)
  return at
}

/** A computer that is off at night makes its backup after the next start. */
export function isDue({ at, triedAt }: PlaceRecord, now: number, time: string): boolean {
  const isDone = at !== undefined && at >= scheduledBefore(now, time) && at <= now + dayMs
  const isTried = triedAt !== undefined && triedAt > now - retryMs && triedAt <= now
  return !isDone && !isTried
}
