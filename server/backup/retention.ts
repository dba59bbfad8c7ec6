/*
 * Which points are kept. Counted over the points that are there, never by the age of one: a clock that is wrong deletes
 * nothing.
 */

export interface KeepRule {
  days: number
  weeks: number
  months: number
}

interface PrunablePoint {
  name: string
  madeAt: number
  problem?: string
}

const dayMs = 24 * 60 * 60_000
const weekMs = 7 * dayMs
/** 5 January 1970 was a Monday. */
const firstMonday = 4 * dayMs
/** Always kept, whatever the rule says. */
const minPoints = 2
/** A point further ahead of the clock is from a time when the clock was wrong. */
const maxAheadMs = dayMs

/**
 * Returns the points that the rule does not keep: of the last days, weeks and months that have points, the newest of
 * each stays. @param points the newest first
 */
export function choosePointsToRemove<P extends PrunablePoint>(
  points: readonly P[],
  keep: KeepRule,
  now: number,
): P[] {
  const past = points.filter(({ madeAt }) => madeAt <= now + maxAheadMs)
  const [newest] = past
  if (!newest || newest.problem !== undefined) return []
  const sound = past.filter(({ problem }) => problem === undefined)
  const daily = newestOfEach(sound, keep.days, (at) => Math.floor(at / dayMs))
  const kept = new Set<P>([
    ...sound.slice(0, minPoints),
    ...daily,
    ...newestOfEach(sound, keep.weeks, (at) => Math.floor((at - firstMonday) / weekMs)),
    ...newestOfEach(sound, keep.months, (at) => new Date(at).toISOString().slice(0, 7)),
  ])
  // a damaged point may be mended: it goes when so many newer days are sound
  const oldestDay = daily.length < keep.days ? -Infinity : (daily.at(-1)?.madeAt ?? -Infinity)
  return past.filter((point) => !kept.has(point) && (point.problem === undefined || point.madeAt < oldestDay))
}

function newestOfEach<P extends PrunablePoint>(
  points: readonly P[],
  count: number,
  periodOf: (at: number) => string | number,
): P[] {
  const newest = new Map<string | number, P>()
  for (const point of points) {
    const period = periodOf(point.madeAt)
    if (!newest.has(period) && newest.size < count) newest.set(period, point)
  }
  return [...newest.values()]
}
