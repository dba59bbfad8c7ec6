import { createHash } from 'node:crypto'
import type { BackupPlace, BackupPoint } from '../../shared/contract/backups.ts'
import type { PlaceRecord } from './backup-settings.ts'
import type { PlaceContent } from './backup-worker.ts'
import type { Point } from './pool.ts'

/* What clients learn of places and points. */

/** A point with the place it is in. */
export interface FoundPoint extends Point {
  id: string
  place: string
}

export function toFoundPoints(place: string, content: PlaceContent | undefined): FoundPoint[] {
  return (content?.points ?? []).map((point) => ({ ...point, place, id: pointIdOf(place, point.name) }))
}

function pointIdOf(place: string, name: string): string {
  return createHash('sha256').update(`${place}\n${name}`).digest().subarray(0, 16).toString('base64url')
}

export function toPlace(
  { path: place, at, problem }: PlaceRecord,
  content: PlaceContent | undefined,
): BackupPlace {
  return {
    path: place,
    state: problem?.kind ?? (at === undefined ? 'never' : 'good'),
    isSameDisk: content?.isSameDisk ?? false,
    ...(at === undefined ? {} : { at }),
    ...(problem ? { problem: problem.message } : {}),
    ...(content ? { free: content.free } : {}),
  }
}

export function toPoint({
  id,
  place,
  madeAt,
  messages,
  blobs,
  bytes,
  fileBytes,
  lost,
  ...point
}: FoundPoint): BackupPoint {
  return {
    ...{ id, path: place, madeAt, messages, files: blobs.length, bytes: bytes + fileBytes },
    ...{ lost: lost.length, verifiedAt: point.verifiedAt },
    ...(point.problem === undefined ? {} : { problem: point.problem }),
  }
}
