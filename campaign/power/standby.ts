import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { digestTables } from '../../server/continuity/digest-tables.ts'
import type { RowFrame } from '../../server/continuity/frame.ts'
import { isSamePosition } from '../../server/continuity/position.ts'
import { Replica } from '../../server/continuity/replica.ts'
import { type BatchShipper, RowLog } from '../../server/continuity/row-log.ts'
import { migrate } from '../../server/db/migrate.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { Writer } from '../../server/db/sqlite/writer.ts'
import { Random } from '../../test/simulation/random.ts'
import { type CutMode, cutModes, DiskModel } from './disk-model.ts'
import { readRecord } from './record.ts'

/*
 * Power cuts of a standby: the row log of a hub goes to a replica in a process of its own, whose journal and database are recorded.
 * After a cut it has every frame that it has confirmed, goes on with the next one of the hub, and ends with equal tables.
 */

const writesPerRound = 120
/** Right after its first confirmations, for which it has just made the folders. */
const earlyCuts = 3
/** Some are compressed, and all together let the journal be emptied. */
const maxRowBytes = 60_000

export interface StandbyCuts {
  cuts: number
  changes: number
  confirmed: number
  problems: string[]
}

/** @param env the recorder, and the syncs that do nothing */
export async function cutStandby(
  folder: string,
  { seed, cuts, env }: { seed: number; cuts: number; env: (record: string) => NodeJS.ProcessEnv },
): Promise<StandbyCuts> {
  const record = path.join(folder, 'record-of-standby')
  const standbyDir = path.join(folder, 'standby')
  const hubDir = path.join(folder, 'hub-of-standby')
  mkdirSync(hubDir)
  mkdirSync(standbyDir)
  const random = new Random(seed)
  const disk = new DiskModel(folder)
  const hub = await openLoggedHub(hubDir)
  hub.connection.raw.prepare('vacuum into ?').run(path.join(standbyDir, 'hub.db'))
  disk.addExisting(standbyDir)
  const shipper = new RecordedShipper(record)
  hub.log.shipper = shipper
  const child = fork(
    path.join(import.meta.dirname, '../../test/support/replica-process-worker.ts'),
    [standbyDir],
    {
      env: { ...process.env, ...env(record) },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    },
  )
  await once(child, 'message')
  shipper.attach(child)
  await writeRows(hub.writer, random)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const found = await checkCuts(folder, { record, hubDir, shipper, disk, random, cuts })
  hub.connection.raw.close()
  for (const dir of [hubDir, standbyDir]) rmSync(dir, { recursive: true, force: true })
  return found
}

async function openLoggedHub(dataDir: string) {
  const connection = openWriter(path.join(dataDir, 'hub.db'))
  await migrate(connection)
  const log = new RowLog(connection)
  const writer = new Writer(connection, {
    ...{ log, clock: () => 1_000, applyFacts: () => undefined, onBatch: () => undefined },
    onFatal: (error) => {
      throw error
    },
  })
  await writer.write((tx) => Promise.resolve(tx.after(log.begin())))
  return { connection, log, writer }
}

async function writeRows(writer: Writer, random: Random): Promise<void> {
  for (let n = 0; n < writesPerRound; n += 1) {
    const text = Array.from({ length: random.below(maxRowBytes) / 8 }, () =>
      random.next().toString(36).slice(2, 10),
    )
    const row = { key: `${n} ${text.join('')}`, count: 1, since: 0, until: 0 }
    await writer.write((tx) => tx.db.insertInto('throttle').values(row).execute())
  }
}

/** Sends frames to the process, waits for it, and notes how long the record was when it confirmed. */
class RecordedShipper implements BatchShipper {
  readonly frames: RowFrame[] = []
  readonly confirmations: { at: number; lsn: number }[] = []
  readonly #record: string
  #child: ChildProcess | undefined
  #resolve = (): void => undefined

  constructor(record: string) {
    this.#record = record
  }

  attach(child: ChildProcess): void {
    this.#child = child
    child.on('message', ({ durable }: { durable?: number }) => {
      if (durable === undefined) return
      this.confirmations.push({ at: statSync(this.#record).size, lsn: durable })
      if (durable >= (this.frames.at(-1)?.position.lsn ?? 0)) this.#resolve()
    })
  }

  ship(frame: RowFrame): Promise<void> {
    this.frames.push(frame)
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#child?.send({ frame: frame.encoded.toString('base64') }, () => undefined)
    })
  }

  committed(): void {
    // the next frame says so
  }

  dropped(): Promise<void> {
    return Promise.resolve()
  }
}

interface Recorded {
  record: string
  hubDir: string
  shipper: RecordedShipper
  disk: DiskModel
  random: Random
  cuts: number
}

async function checkCuts(
  folder: string,
  { record, hubDir, shipper, disk, random, cuts }: Recorded,
): Promise<StandbyCuts> {
  const changes = readRecord(record)
  const early = shipper.confirmations
    .slice(0, earlyCuts)
    .map((one) => changes.findLastIndex(({ end }) => end <= one.at))
  const places = [...early, ...Array.from({ length: cuts }, () => random.below(changes.length))].toSorted(
    (a, b) => a - b,
  )
  const left = `${folder}-standby`
  let applied = 0
  for (const [at, cut] of places.entries()) {
    for (; applied <= cut; applied += 1) disk.apply(changes[applied] as (typeof changes)[number])
    const mode: CutMode = (!early.includes(cut) && cutModes[random.below(cutModes.length)]) || 'nothing'
    disk.writeTo(left, mode, random)
    const confirmed = shipper.confirmations.findLast((one) => one.at <= (changes[cut]?.end ?? 0))?.lsn ?? 0
    const problem = await findProblem(path.join(left, 'standby'), {
      hubDir,
      frames: shipper.frames,
      confirmed,
    })
    rmSync(left, { recursive: true, force: true })
    if (problem === undefined) continue
    const when = `power cut of the standby after ${cut + 1} of ${changes.length} changes`
    const problems = [`${when}, with ${mode} of what was not synced: ${problem}`]
    return { cuts: at + 1, changes: changes.length, confirmed: shipper.confirmations.length, problems }
  }
  return {
    cuts: places.length,
    changes: changes.length,
    confirmed: shipper.confirmations.length,
    problems: [],
  }
}

async function findProblem(
  dataDir: string,
  { hubDir, frames, confirmed }: { hubDir: string; frames: readonly RowFrame[]; confirmed: number },
): Promise<string | undefined> {
  let failure: string | undefined
  const note = (error: unknown): void => {
    failure ??= String(error)
  }
  let replica: Replica
  try {
    replica = new Replica({
      dataDir,
      on: { durable: () => undefined, diverged: note, failed: note },
      log: pino({ level: 'silent' }),
    })
  } catch (error) {
    return `it does not open: ${String(error)}`
  }
  try {
    const { end } = replica
    if (end.lsn < confirmed) return `it ends at ${end.lsn} and has confirmed ${confirmed}`
    const same = frames.find(({ position }) => position.lsn === end.lsn)
    if (same && !isSamePosition(same.position, end)) return `it has another frame ${end.lsn} than the hub`
    for (const frame of frames) if (frame.position.lsn > end.lsn) replica.append(frame)
    await replica.applyAll()
  } catch (error) {
    note(error)
  } finally {
    await replica.close()
  }
  if (failure !== undefined) return `it does not go on: ${failure}`
  return isSameTables(hubDir, dataDir) ? undefined : 'its tables are others than those of the hub'
}

function isSameTables(one: string, other: string): boolean {
  return JSON.stringify(digestsOf(one)) === JSON.stringify(digestsOf(other))
}

function digestsOf(dataDir: string): Record<string, string> {
  const { raw } = openReader(path.join(dataDir, 'hub.db'))
  try {
    return digestTables(raw)
  } finally {
    raw.close()
  }
}
