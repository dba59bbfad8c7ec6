import type { HubContext } from '../context.ts'
import { Activity } from './activity.ts'
import { readLevels } from './levels.ts'
import { SlowLog } from './slow-log.ts'

const activities = new WeakMap<HubContext, Activity>()

/** Begins the curve of Health and the log of slow operations. Returns what ends them. */
export function addActivity(hub: HubContext): () => void {
  const { measurements, clock, log } = hub
  const slowLog = new SlowLog(log)
  measurements.onSlow = (kind, name, ms) => slowLog.note(kind, name, ms)
  const activity = new Activity({ measurements, readLevels: () => readLevels(hub), clock })
  activities.set(hub, activity)
  activity.start()
  return () => activity.close()
}

/** @throws Error for a hub that has none */
export function activityOf(hub: HubContext): Activity {
  const activity = activities.get(hub)
  if (!activity) throw new Error('a hub without activity')
  return activity
}
