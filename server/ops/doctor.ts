import { createPublicKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { findChainBreak } from '../audit/audit.ts'
import { lockFilesForBackup, workFolderPrefix } from '../backup/backup.ts'
import { readLastBackup } from '../backup/last-backup.ts'
import { inServerHint, ownDatabase } from '../database-address.ts'
import { lockDataDir, type DataDirLock } from '../db/data-dir-lock.ts'
import { createKysely, openReader, type SqliteConnection } from '../db/sqlite/connection.ts'
import { filesPlaceOf } from '../db/files-mark.ts'
import { inspectDatabase } from '../db/sqlite/inspect.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { schemaVersion } from '../db/migrate.ts'
import { migrations } from '../db/migrations/index.ts'
import { findSchemaProblems } from '../db/schema-check.ts'
import { checkContents, checkFiles, checkInvariants, referencedDigests } from '../db/verify.ts'
import { withCleanup } from '../db/with-cleanup.ts'
import type { FilesPlace } from '../file-storage/files-place.ts'
import { openFilesPlace } from '../file-storage/open-files-place.ts'
import { keyFile, readIdentity } from '../identity.ts'
import { StartError } from '../start-error.ts'
import { backupDueAfterMs, lowSpaceBytes } from './levels.ts'
import type { Examination, Finding } from './findings.ts'
import {
  examineIndex,
  findDamagedTables,
  isIndexTable,
  judgeIndex,
  repairIndex,
  repairServerIndex,
} from './doctor-index.ts'

/*
 * Examines the data directory of a hub: `hub doctor`. Invariants:
 *
 * 1. It changes nothing unless `--repair` is given, and then only the search index, which the hub makes from the messages.
 *    It never guesses about data: what is damaged is named, and comes from a backup.
 * 2. While a hub runs on the directory, it only reads, and the hub goes on. A repair is refused.
 * 3. While no hub runs, it holds the lock of the directory, so that none starts meanwhile.
 */

export interface ExamineOptions {
  repair: boolean
  /** The address of the server that has the rows, if they are not in the directory. */
  database?: string | undefined
}

/** @throws StartError if there is no hub in the directory, or a repair is asked for while one runs */
export async function examine(dataDir: string, options: ExamineOptions): Promise<Examination> {
  const { database } = options
  const hasFile = existsSync(databaseFile(dataDir))
  if (!hasFile && !existsSync(keyFile(dataDir))) {
    throw new StartError(`There is no hub in ${dataDir}: give its data directory with --data.`)
  }
  if (hasFile && database !== undefined) throw ownDatabase(dataDir)
  const { lock, isRunning, findings } = enter(dataDir)
  try {
    if (isRunning && options.repair) {
      throw new StartError(
        `A hub is running on ${dataDir}, and repairs its index itself: stop it before you use --repair, or leave --repair out to examine it.`,
      )
    }
    findings.push(...examineIdentity(dataDir))
    let isRepaired = false
    const examineRows = (): Promise<ExaminedDatabase> =>
      database === undefined
        ? examineDatabase(dataDir, isRunning)
        : examineServer(dataDir, isRunning, database)
    let examined = await examineRows()
    if (options.repair && examined.canRepair && lock) {
      if (database === undefined) await repairIndex(databaseFile(dataDir))
      else await repairServerIndex(database)
      isRepaired = true
      examined = await examineRows()
    }
    findings.push(...examined.findings, examineBackup(dataDir), examineSpace(dataDir))
    return { isRunning, isRepaired, findings }
  } finally {
    lock?.release()
  }
}

/** Takes the lock of the directory. What keeps a hub from starting there is the first finding. */
function enter(dataDir: string): { lock?: DataDirLock; isRunning: boolean; findings: Finding[] } {
  try {
    return { lock: lockDataDir(dataDir), isRunning: false, findings: [] }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    if (error.code === 'locked') return { isRunning: true, findings: [] }
    return { isRunning: false, findings: [{ part: 'directory', state: 'bad', text: error.message }] }
  }
}

function examineIdentity(dataDir: string): Finding[] {
  const part = 'identity'
  try {
    const { hubId, key } = readIdentity(keyFile(dataDir))
    const words = fingerprintWords(hubId).join(' ')
    const hasCa = isOwnCa(path.join(dataDir, 'identity', 'ca.pem'), createPublicKey(key))
    const note = hasCa ? '' : ' Its certificate is missing or damaged; the next start issues it again.'
    return [
      { part, state: hasCa ? 'good' : 'attention', text: `The key is whole. Its words: ${words}.${note}` },
    ]
  } catch (error) {
    if (error instanceof StartError) return [{ part, state: 'bad', text: error.message }]
    throw error
  }
}

function isOwnCa(file: string, key: ReturnType<typeof createPublicKey>): boolean {
  try {
    return new X509Certificate(readFileSync(file)).verify(key)
  } catch {
    return false
  }
}

interface ExaminedDatabase {
  findings: Finding[]
  /** The index is wrong and everything else is whole. */
  canRepair: boolean
}

async function examineDatabase(dataDir: string, isRunning: boolean): Promise<ExaminedDatabase> {
  const bad = (text: string): ExaminedDatabase => ({
    findings: [{ part: 'database', state: 'bad', text }],
    canRepair: false,
  })
  let connection: SqliteConnection
  try {
    const state = inspectDatabase(databaseFile(dataDir))
    const hint = state === 'absent' ? ` ${inServerHint}` : ''
    if (state !== 'hub') return bad(`hub.db is ${describeState[state]}. ${restoreAdvice}${hint}`)
    connection = openReader(databaseFile(dataDir))
  } catch (error) {
    return bad(`hub.db cannot be opened (${messageOf(error)}). ${restoreAdvice}`)
  }
  // no file goes while they are compared with the rows
  const release = await lockFilesForBackup({ dataDir })
  try {
    return await examineContent(connection, dataDir, isRunning)
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return bad(`hub.db is damaged (${error.message}). ${restoreAdvice}`)
  } finally {
    await release()
    connection.raw.close()
  }
}

/** Copies the rows of a server into a file, and examines it as the file of a hub. The copy is in the data directory. */
async function examineServer(
  dataDir: string,
  isRunning: boolean,
  database: string,
): Promise<ExaminedDatabase> {
  const work = mkdtempSync(path.join(dataDir, workFolderPrefix))
  const clean = (): void => rmSync(work, { recursive: true, force: true })
  return withCleanup(clean, async () => {
    let release: (() => Promise<void>) | undefined
    try {
      release = await lockFilesForBackup({ dataDir, database })
      const copy = path.join(work, 'hub.db')
      const { exportDatabase } = await import('../db/postgres/copy.ts')
      const { countIndex } = await import('../db/postgres/count-index.ts')
      await exportDatabase(database, copy)
      const index = judgeIndex(await countIndex(database))
      const connection = openReader(copy)
      try {
        return await examineContent(connection, dataDir, isRunning, index)
      } finally {
        connection.raw.close()
      }
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      return { findings: [{ part: 'database', state: 'bad', text: error.message }], canRepair: false }
    } finally {
      await release?.()
    }
  })
}

const describeState = { absent: 'missing', empty: 'empty', foreign: 'the database of another program' }
const restoreAdvice =
  'Keep this directory, and restore a backup into another with "npm run hub -- restore --from FILE --data DIR".'

/** @param serverIndex the finding about the index, if these rows are a copy without one */
async function examineContent(
  connection: SqliteConnection,
  dataDir: string,
  isRunning: boolean,
  serverIndex?: Finding,
): Promise<ExaminedDatabase> {
  const { raw } = connection
  const schema = schemaVersion(connection)
  if (schema !== migrations.length) {
    const isNewer = schema > migrations.length
    const text = isNewer
      ? 'A newer Hubbub has written this database: use that version.'
      : 'An older Hubbub has written this database: the next start backs it up and updates it. Then examine it again.'
    return {
      findings: [{ part: 'database', state: isNewer ? 'bad' : 'attention', text }],
      canRepair: false,
    }
  }
  const damaged = findDamagedTables(raw)
  const damagedData = damaged.filter(({ table }) => !isIndexTable(table))
  if (damagedData.length > 0) {
    const texts = damagedData.map(({ table, problem }) => `The table ${table} is damaged (${problem}).`)
    return {
      findings: [...texts, restoreAdvice].map((text) => ({ part: 'database', state: 'bad', text })),
      canRepair: false,
    }
  }
  // one state of all rows, while a hub may write
  raw.exec('begin')
  const problems = [
    ...(await findSchemaProblems(raw)).map(({ problem }) => problem),
    ...(raw.pragma('foreign_key_check') as { table: string; parent: string }[]).map(
      ({ table, parent }) => `a row of ${table} refers to a missing ${parent}`,
    ),
    ...checkInvariants(raw),
  ]
  const brokenAt = await findChainBreak(createKysely(connection))
  const digests = referencedDigests(raw)
  const index = serverIndex ?? (damaged.length > 0 ? damagedIndex(damaged) : examineIndex(raw))
  const pages = serverIndex
    ? 'All rows could be read, and they agree'
    : 'All pages are whole, and all rows agree'
  const findings: Finding[] = [
    ...(problems.length === 0
      ? [
          {
            part: 'database' as const,
            state: 'good' as const,
            text: `${pages}: ${countOf(raw, 'message')} messages, ${countOf(raw, 'user')} accounts, ${countOf(raw, 'chat')} chats.`,
          },
        ]
      : problems.map((text) => ({ part: 'database' as const, state: 'bad' as const, text }))),
    brokenAt === undefined
      ? { part: 'audit log', state: 'good', text: 'The chain is whole.' }
      : {
          ...{ part: 'audit log', state: 'bad' },
          text: `Row ${brokenAt} does not continue the chain: the log was changed outside of the hub.`,
        },
  ]
  findings.push(...(await examineFiles(raw, dataDir, new Set(digests), isRunning)), index)
  raw.exec('rollback')
  return { findings, canRepair: index.state !== 'good' && problems.length === 0 }
}

function damagedIndex(damaged: readonly { table: string; problem: string }[]): Finding {
  const [first] = damaged
  return {
    ...{ part: 'index', state: 'bad' },
    text: `The search index is damaged (${first?.problem ?? ''}). Messages are not affected: "--repair" drops it, and the next start builds it again.`,
  }
}

function countOf(raw: SqliteConnection['raw'], table: 'message' | 'user' | 'chat'): number {
  return raw.prepare(`select count(*) from "${table}"`).pluck().get() as number
}

async function examineFiles(
  raw: SqliteConnection['raw'],
  dataDir: string,
  referenced: ReadonlySet<string>,
  isRunning: boolean,
): Promise<Finding[]> {
  const part = 'files'
  const place = await openFilesPlace(dataDir, filesPlaceOf(dataDir))
  const bucket = await examineBucket(place)
  if (bucket?.state === 'bad') {
    place.close()
    return [bucket]
  }
  const found = await place.contents.list()
  const setAside = place.quarantine?.list()
  const missing = checkFiles(raw, (digest) => found.has(digest) || setAside?.has(digest) === true)
  const actual = new Map<string, string>()
  for (const digest of referenced) {
    if (found.has(digest)) actual.set(digest, await place.contents.verify(digest))
  }
  place.close()
  const changed = checkContents(raw, (digest) => actual.get(digest))
  const bad = [...missing, ...changed].map((text): Finding => ({
    part,
    state: 'bad',
    text: `${text[0]?.toUpperCase()}${text.slice(1)}.`,
  }))
  const first = bucket ? [bucket] : []
  if (bad.length > 0) return [...first, ...bad]
  const unknown = [...found].filter((digest) => !referenced.has(digest))
  const others =
    unknown.length === 0
      ? ''
      : isRunning
        ? ` ${unknown.length} more may be on their way into a message.`
        : ` Nothing refers to ${unknown.length} more; the hub sets them aside.`
  const text = `${referenced.size} stored files are there, with the content that their names say.${others}`
  return [...first, { part, state: 'good', text }]
}

/** Without it, nothing can be said of the files. */
async function examineBucket({ store, mark }: FilesPlace): Promise<Finding | undefined> {
  if (!store) return undefined
  await store.probe()
  const { works, latencyMs = 0 } = store.state
  if (works === true) {
    const text = `The bucket ${store.name} responded after ${Math.round(latencyMs)} ms.`
    return { part: 'files', state: 'good', text }
  }
  const why = await mark.requireUsable().then(
    () => `The bucket ${store.name} is not the one with the files of this hub.`,
    (error: unknown) => messageOf(error),
  )
  return { part: 'files', state: 'bad', text: `${why} The files were not examined.` }
}

const dayMs = 24 * 60 * 60_000

function examineBackup(dataDir: string): Finding {
  const part = 'backup'
  const at = readLastBackup(dataDir)
  if (at === undefined) {
    return { part, state: 'attention', text: 'There is no record of a backup: make one soon.' }
  }
  const days = Math.max(0, Math.floor((Date.now() - at) / dayMs))
  const text = `The last verified backup is ${days === 0 ? 'of the last 24 hours' : `${days} days old`}.`
  return Date.now() - at < backupDueAfterMs
    ? { part, state: 'good', text }
    : { part, state: 'attention', text: `${text} Make one soon.` }
}

function examineSpace(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir)
  const free = bavail * bsize
  const text = `${Math.floor(free / 1e6)} MB are free on the disk.`
  if (free < lowSpaceBytes.bad)
    return {
      part: 'space',
      state: 'bad',
      text: `${text} Free some space now: the hub cannot store much more.`,
    }
  if (free < lowSpaceBytes.attention)
    return { part: 'space', state: 'attention', text: `${text} Free some space soon.` }
  return { part: 'space', state: 'good', text }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isSqliteError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && String((error as { code?: unknown }).code).startsWith('SQLITE_')
}
