import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Input } from '../../shared/contract.ts'
import type { BackupStatus } from '../../shared/contract/backups.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { audit } from '../audit/audit.ts'
import type { HubContext } from '../context.ts'
import { runOperation } from '../operation.ts'
import { workerModule } from '../program-files.ts'
import { diskSpaceOf, type ReadDiskSpace } from '../file-storage/uploads.ts'
import { WorkerQueue } from '../workers/worker-queue.ts'
import { workFolderPrefix } from './backup.ts'
import { isDue, scheduledAfter } from './backup-schedule.ts'
import {
  type BackupRecord,
  defaultPlace,
  isWithin,
  type PlaceRecord,
  readBackupRecord,
  saveBackupRecord,
} from './backup-settings.ts'
import { type FoundPoint, toFoundPoints, toPlace, toPoint } from './backup-view.ts'
import type { BackupAnswer, BackupTask, PlaceContent } from './backup-worker.ts'
import { type PlaceTask, toPlaceError } from './point.ts'
import type { Point } from './pool.ts'
import { rehearsalFolder, rehearse } from './rehearsal.ts'
import type { RehearsalResult } from './rehearsal-worker.ts'
import { requireRoom } from './room.ts'
import { makeDirectory } from '../db/make-directory.ts'

/*
 * The backups that a hub makes by itself. Invariants:
 *
 * 1. One piece of work at a time: making, verifying, rehearsing. It runs in a worker, and ends with the hub.
 * 2. A point that is made counts at once and is recorded afterwards: a killed hub makes one more at worst. The name of the
 *    writer is recorded before a pool has it.
 * 3. What a place says of itself is read in another worker, since a network folder may hang.
 */

const checkIntervalMs = 60_000
/** A hub that has just started has other things to do. */
const firstCheckMs = 10 * 60_000
const rehearsalIntervalMs = 7 * 24 * 60 * 60_000
/** A place that hangs, such as a network folder, must not hang the page. */
const lookTimeoutMs = 20_000
const silentPlace = 'The folder does not respond.'

export type BackupPlaces = 'none' | readonly string[]

type Work = NonNullable<BackupStatus['work']>
type Failure = Extract<BackupAnswer, { placeProblem: unknown }>

const backupsByHub = new WeakMap<HubContext, Backups>()

/** @param places from the command line: then they cannot be changed on the page */
export function addBackups(hub: HubContext, places?: BackupPlaces, room?: ReadDiskSpace): Backups {
  const backups = new Backups(hub, places, room)
  backupsByHub.set(hub, backups)
  hub.jobs.add('backups.check', { everyMs: checkIntervalMs, run: () => backups.check() })
  return backups
}

/** @throws Error for a hub that has none */
export function backupsOf(hub: HubContext): Backups {
  const backups = backupsByHub.get(hub)
  if (!backups) throw new Error('a hub without backups')
  return backups
}

export class Backups {
  readonly #hub: HubContext
  readonly #isFixed: boolean
  readonly #readDiskSpace: ReadDiskSpace
  readonly #worker = newWorker()
  readonly #looker = newWorker(lookTimeoutMs)
  readonly #end = new AbortController()
  #record: BackupRecord
  #work: { kind: Work; done: Promise<void> } | undefined

  constructor(hub: HubContext, places: BackupPlaces | undefined, room?: ReadDiskSpace) {
    this.#hub = hub
    this.#readDiskSpace = room ?? (() => diskSpaceOf(hub.dataDir))
    this.#isFixed = places !== undefined
    removeLeftovers(hub.dataDir)
    const record = readBackupRecord(hub.dataDir, (file) =>
      hub.log.warn({ file }, 'the settings of the backups are damaged, so the defaults apply'),
    )
    this.#record = places === undefined ? record : { ...record, ...fixPlaces(record, places) }
  }

  /** What Health says, without a look at the places. */
  get record(): Readonly<BackupRecord> {
    return this.#record
  }

  /** What was acknowledged before this time is in a verified backup on another disk. */
  get elsewhereAt(): number | undefined {
    const times = this.#record.places.flatMap(({ elsewhereAt = [] }) => elsewhereAt)
    return times.length === 0 ? undefined : Math.max(...times)
  }

  /** Ends what is under way: an unfinished point leaves nothing that counts. */
  async close(): Promise<void> {
    this.#end.abort()
    await Promise.all([this.#worker.close(), this.#looker.close()])
    await this.#work?.done
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#work?.done
  }

  /** The job: begins what is due, and does not wait for it. */
  check(): void {
    const { clock, startedAt, time } = this.#hub
    const now = clock()
    const { isOn, places, time: timeOfDay, rehearsal } = this.#record
    // by the monotonic clock: a wrong clock at the start may be set back by years
    if (!isOn || this.#work || time.elapsedSince(startedAt) < firstCheckMs) return
    const due = places.filter((place) => isDue(place, now, timeOfDay))
    const isRehearsalDue =
      rehearsal === undefined || now - rehearsal.at > rehearsalIntervalMs || rehearsal.at > now
    if (due.length > 0) this.#begin('making', () => this.#makePoints(due))
    else if (isRehearsalDue && places.some(({ at }) => at !== undefined))
      this.#begin('rehearsing', () => this.#rehearse())
  }

  /** Begins a point in every place. @throws conflict, invalid */
  make(by: string): void {
    if (this.#record.places.length === 0) {
      throw new HubError('invalid', 'No folder for backups is set. Add one first.', { field: 'places' })
    }
    this.#begin('making', () => this.#makePoints(this.#record.places, by))
  }

  /** @throws conflict, not_found */
  async verify(pointId: string, by: string): Promise<void> {
    const point = await this.findPoint(pointId)
    this.#begin('verifying', async () => {
      const task = this.#placeTask(this.#requirePlace(point.place))
      await this.#run({ t: 'verify', ...task, name: point.name, now: this.#hub.clock() })
      await this.#audit('backup.verified', by)
    })
  }

  /** @throws conflict */
  rehearse(): void {
    this.#begin('rehearsing', () => this.#rehearse())
  }

  /** @throws invalid, conflict */
  async update({ isOn, time, keep, places, takeOver }: Input<'admin.backups.update'>): Promise<void> {
    if (this.#isFixed && (places !== undefined || isOn !== undefined)) {
      throw new HubError(
        'conflict',
        'The command that starts the hub names the folders (--backups). Change it there.',
      )
    }
    const isPlaced = places !== undefined || takeOver === true
    const records = places === undefined ? this.#record.places : this.#toRecords(places)
    if (isPlaced) for (const place of records) await this.#openPlace(place, takeOver === true)
    this.#change({
      // a backup may have been made in one of them meanwhile
      ...(isPlaced ? { places: records.map((place) => toOpened(this.#findPlace(place.path) ?? place)) } : {}),
      ...(isOn === undefined ? {} : { isOn }),
      ...(time === undefined ? {} : { time }),
      ...(keep === undefined ? {} : { keep }),
    })
  }

  async status(): Promise<BackupStatus> {
    const found = await Promise.all(this.#record.places.map((place) => this.#lookAt(place)))
    const { isOn, time, keep, rehearsal } = this.#record
    return {
      ...{ isOn, time, keep, isFixed: this.#isFixed },
      ...(isOn ? { nextAt: scheduledAfter(this.#hub.clock(), time) } : {}),
      ...(this.#work ? { work: this.#work.kind } : {}),
      places: found.map(({ place, content }) => toPlace(place, content)),
      points: found
        .flatMap(({ place, content }) => toFoundPoints(place.path, content))
        .sort((a, b) => b.madeAt - a.madeAt)
        .map(toPoint),
      ...(rehearsal ? { rehearsal } : {}),
    }
  }

  /** @throws not_found */
  async findPoint(pointId: string): Promise<FoundPoint> {
    const point = (await this.#listPoints()).find(({ id }) => id === pointId)
    if (!point) throw notFound('This backup')
    return point
  }

  /** For a copy of its archive in the data directory. @throws HubError `disk_full` */
  requireRoom({ bytes }: Point): Promise<void> {
    return requireRoom(this.#readDiskSpace, bytes)
  }

  async #listPoints(): Promise<FoundPoint[]> {
    const found = await Promise.all(this.#record.places.map((place) => this.#lookAt(place)))
    return found
      .flatMap(({ place, content }) => toFoundPoints(place.path, content))
      .sort((a, b) => b.madeAt - a.madeAt)
  }

  #begin(kind: Work, run: () => Promise<void>): void {
    if (this.#work) throw isWorking()
    const done = run()
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) this.#hub.log.error({ err: error, kind }, 'a backup failed')
      })
      .finally(() => (this.#work = undefined))
    this.#work = { kind, done }
  }

  async #makePoints(places: readonly PlaceRecord[], by?: string): Promise<void> {
    for (const place of places) {
      if (this.#end.signal.aborted) return
      await this.#makePoint(place, by)
    }
  }

  async #makePoint(place: PlaceRecord, by: string | undefined): Promise<void> {
    const { clock, time, log } = this.#hub
    const now = clock()
    const keep = time.isTrusted ? this.#record.keep : undefined
    const answer = await this.#prepareAndMake(place, { now, keep })
    if (!('made' in answer)) {
      const { placeProblem: kind, message, cause } = answer as Failure
      log.warn({ place: place.path, kind, cause }, 'a backup was not made')
      this.#changePlace(place.path, (record) => ({ ...record, triedAt: now, problem: { kind, message } }))
      return
    }
    const { lost, messages, files, removed } = answer.made
    log.info({ place: place.path, messages, files, lost, removed }, 'a backup was made and verified')
    this.#changePlace(place.path, ({ problem: _, ...record }) => ({
      ...record,
      ...{ isKnown: true, at: now, triedAt: now, lost },
      ...(answer.isSameDisk ? {} : { elsewhereAt: now }),
    }))
    await this.#audit('backup.made', by, { messages, files })
  }

  async #prepareAndMake(
    place: PlaceRecord,
    times: { now: number; keep: BackupRecord['keep'] | undefined },
  ): Promise<BackupAnswer> {
    const task = this.#placeTask(place)
    try {
      this.#preparePlace(place)
    } catch (error) {
      const { problem: placeProblem, message } = toPlaceError(error, task)
      return { placeProblem, message, cause: String(error) }
    }
    return this.#run({ t: 'make', ...task, ...times })
  }

  async #rehearse(): Promise<void> {
    const point = (await this.#listPoints()).find(({ problem }) => problem === undefined)
    if (!point) return
    const hub = this.#hub
    const { file: archive, messages } = point
    const result = await this.requireRoom(point).then(
      () => rehearse({ archive, messages, dataDir: hub.dataDir }, this.#end.signal),
      (error: Error): RehearsalResult => ({ problem: error.message }),
    )
    if (this.#end.signal.aborted) return
    const level = 'problem' in result ? 'error' : 'info'
    hub.log[level]({ ...result, point: point.name }, 'a restore was rehearsed')
    this.#change({ rehearsal: { at: hub.clock(), ...result } })
  }

  /** Makes the pool in a place, or requires that it may be used. @throws invalid */
  async #openPlace(place: PlaceRecord, takesOver: boolean): Promise<void> {
    if (place.isKnown && !takesOver) return
    this.#preparePlace(place)
    // in the other worker: this one may be making a backup
    const answer = await this.#looker
      .run({ t: 'open', ...this.#placeTask(place), takesOver })
      .catch(() => ({ placeProblem: 'away', message: silentPlace }))
    if (!('placeProblem' in answer)) return
    throw new HubError('invalid', `${place.path}: ${answer.message}`, { field: 'places' })
  }

  /**
   * The pool will name this data directory as its writer, so that name has to be on the disk first: a killed hub would have
   * another one. Of the folders only the default one is made, since any other may be that of a disk.
   */
  #preparePlace(place: PlaceRecord): void {
    if (!place.isKnown) saveBackupRecord(this.#hub.dataDir, this.#record)
    if (place.path !== defaultPlace(this.#hub.dataDir)) return
    makeDirectory(place.path)
  }

  /** @throws invalid */
  #toRecords(places: readonly string[]): PlaceRecord[] {
    const { dataDir } = this.#hub
    const resolved = places.map((place) => {
      const isOutside = !isWithin(dataDir, place)
      if (path.isAbsolute(place) && (isOutside || path.resolve(place) === defaultPlace(dataDir))) {
        return path.resolve(place)
      }
      throw new HubError(
        'invalid',
        `“${place}” must be the full path of a folder outside of the hub’s data.`,
        {
          field: 'places',
        },
      )
    })
    return [...new Set(resolved)].map((place) => this.#findPlace(place) ?? { path: place, isKnown: false })
  }

  async #lookAt(place: PlaceRecord): Promise<{ place: PlaceRecord; content: PlaceContent | undefined }> {
    try {
      const answer = await this.#looker.run({ t: 'look', ...this.#placeTask(place) })
      if ('found' in answer) return { place, content: answer.found }
      const { placeProblem: kind, message } = answer as Failure
      // a place without a first point is made when it is needed
      const isNew = !place.isKnown && place.path === defaultPlace(this.#hub.dataDir)
      return { place: isNew ? place : { ...place, problem: { kind, message } }, content: undefined }
    } catch {
      const problem = { kind: 'away' as const, message: silentPlace }
      return { place: { ...place, problem }, content: undefined }
    }
  }

  #placeTask({ path: place, isKnown }: PlaceRecord): PlaceTask {
    const { dataDir, database } = this.#hub
    return { dataDir, database, place, isKnown, writer: this.#record.writer }
  }

  #run(task: BackupTask): Promise<BackupAnswer> {
    return this.#worker.run(task)
  }

  #findPlace(place: string): PlaceRecord | undefined {
    return this.#record.places.find((one) => one.path === place)
  }

  #requirePlace(place: string): PlaceRecord {
    const found = this.#findPlace(place)
    if (!found) throw notFound('This backup')
    return found
  }

  #changePlace(place: string, change: (record: PlaceRecord) => PlaceRecord): void {
    this.#change({ places: this.#record.places.map((one) => (one.path === place ? change(one) : one)) })
  }

  #change(changes: Partial<BackupRecord>): void {
    this.#record = { ...this.#record, ...changes }
    try {
      saveBackupRecord(this.#hub.dataDir, this.#record)
    } catch (error) {
      this.#hub.log.warn({ err: error }, 'the settings of the backups were not saved')
    }
  }

  async #audit(
    action: 'backup.made' | 'backup.verified',
    by: string | undefined,
    detail: Record<string, number> = {},
  ): Promise<void> {
    await runOperation(this.#hub, { locks: [] }, (op) => {
      audit(op, { action, by, detail })
      return Promise.resolve()
    })
  }
}

/** Copies of the database that a killed hub has left. */
function removeLeftovers(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name !== rehearsalFolder && !name.startsWith(workFolderPrefix)) continue
    rmSync(path.join(dataDir, name), { recursive: true, force: true })
  }
}

function newWorker(taskTimeoutMs?: number): WorkerQueue<BackupTask, BackupAnswer> {
  return new WorkerQueue({
    module: workerModule('backup/backup-worker'),
    execArgv: [],
    idleTimeoutMs: 5_000,
    ...(taskTimeoutMs === undefined ? {} : { taskTimeoutMs }),
  })
}

function fixPlaces(record: BackupRecord, places: BackupPlaces): Pick<BackupRecord, 'isOn' | 'places'> {
  const paths = places === 'none' ? [] : places
  const find = (place: string): PlaceRecord =>
    record.places.find((one) => one.path === place) ?? { path: place, isKnown: false }
  return { isOn: paths.length > 0, places: paths.map(find) }
}

/** Its pool is there and this hub's: what was wrong is over. */
function toOpened({ problem: _, triedAt: _tried, ...place }: PlaceRecord): PlaceRecord {
  return { ...place, isKnown: true }
}

function isWorking(): HubError {
  return new HubError('conflict', 'A backup is being made, verified or rehearsed. Wait until it has ended.')
}
