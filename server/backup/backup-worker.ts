import { statSync, statfsSync } from 'node:fs'
import { serveTasks } from '../workers/serve-tasks.ts'
import {
  type MadePoint,
  makePoint,
  openPool,
  type PlaceTask,
  type PointTask,
  toPlaceError,
  verifyPoint,
} from './point.ts'
import type { PlaceProblem, Point } from './pool.ts'

/** The worker of backups.ts: copies the database, hashes, and reads places that may be slow or hang. */
export type BackupTask =
  | ({ t: 'make' } & PointTask)
  | ({ t: 'verify' } & PlaceTask & { name: string; now: number })
  | ({ t: 'open' | 'look' } & PlaceTask)

export interface PlaceContent {
  points: Point[]
  free: number
  isSameDisk: boolean
}

export type BackupAnswer =
  | { made: MadePoint; isSameDisk: boolean }
  | { problem: string | undefined }
  | { opened: true }
  | { found: PlaceContent }
  | { placeProblem: PlaceProblem; message: string; cause: string }

async function runTask(task: BackupTask): Promise<BackupAnswer> {
  try {
    if (task.t === 'make') return { made: await makePoint(task), isSameDisk: isOnSameDisk(task) }
    if (task.t === 'verify') return { problem: await verifyPoint(task) }
    if (task.t === 'look') return { found: look(task) }
    openPool(task)
    return { opened: true }
  } catch (error) {
    const { problem, message, cause } = toPlaceError(error, task)
    return { placeProblem: problem, message, cause: String((cause as Error | undefined)?.stack ?? message) }
  }
}

function look(task: PlaceTask): PlaceContent {
  const { bavail, bsize } = statfsSync(task.place)
  const points = task.isKnown ? openPool(task).list().points : []
  return { points, free: bavail * bsize, isSameDisk: isOnSameDisk(task) }
}

/** What fails with the disk of the hub's data is no second place. */
function isOnSameDisk({ place, dataDir }: PlaceTask): boolean {
  return statSync(place).dev === statSync(dataDir).dev
}

serveTasks(runTask)
