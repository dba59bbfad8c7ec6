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
  | { made: MadePoint }
  | { problem: string | undefined }
  | { opened: true }
  | { found: PlaceContent }
  | { placeProblem: PlaceProblem; message: string; cause: string }

async function runTask(task: BackupTask): Promise<BackupAnswer> {
  try {
    if (task.t === 'make') return { made: await makePoint(task) }
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
  const isSameDisk = statSync(task.place).dev === statSync(task.dataDir).dev
  const points = task.isKnown ? openPool(task).list().points : []
  return { points, free: bavail * bsize, isSameDisk }
}

serveTasks(runTask)
