import Database from 'better-sqlite3'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileNameOf } from '../files/store.ts'
import { readIdentity } from '../identity.ts'
import { StartError } from '../start-error.ts'
import { noteBackup } from './last-backup.ts'
import { isMemberName, unpack, writeArchive, type Manifest, type Source } from './archive.ts'
import { checkFiles, checkInvariants, checkStructure } from './check.ts'
import { cleaningUp } from './clean-up.ts'
import { syncDirectory } from './durable.ts'
import { filesLock, holdFiles } from './files-lock.ts'
import type { DataDirLock } from './lock.ts'
import { NewerDatabase } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { applicationId } from './sqlite.ts'

export interface MadeBackup {
  /** Bytes of what it holds. */
  bytes: number
  files: number
}

/**
 * Writes one file with database, files and identity of a hub, also while the hub runs. The file gets its name only once
 * it was read back and found whole. Copying the database keeps the thread busy: not for the hub's main thread.
 * @throws StartError when it cannot be made; then there is no file
 */
export async function backUp(dataDir: string, to: string): Promise<MadeBackup> {
  if (!existsSync(path.join(dataDir, 'hub.db'))) {
    throw new StartError(`There is no hub in ${dataDir}: name its data directory with --data.`)
  }
  refuseOverwriting(to)
  const work = makeWorkDirectory(to)
  return cleaningUp(
    // a write under way in the pool may still put a file in while this clears it away
    () => rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }),
    async () => {
      try {
        return await makeIn(work, dataDir, to)
      } catch (error) {
        throw outOfSpace(error, path.dirname(to)) ?? error
      }
    },
  )
}

async function makeIn(work: string, dataDir: string, to: string): Promise<MadeBackup> {
  const lock = keepFiles(dataDir)
  try {
    return await makeOf(work, dataDir, to)
  } finally {
    lock?.release()
  }
}

/** Until it is done the hub removes no file. A directory that is only read from has no hub that could. */
function keepFiles(dataDir: string): DataDirLock | undefined {
  try {
    return holdFiles(path.join(dataDir, filesLock), 'reading', 10_000)
  } catch {
    return undefined
  }
}

async function makeOf(work: string, dataDir: string, to: string): Promise<MadeBackup> {
  const unfinished = path.join(work, 'backup.tar')
  const manifest = await writeArchive(unfinished, ...gather(dataDir, work))
  rmSync(path.join(work, 'hub.db'))
  await requireSound(unfinished, path.join(work, 'check'))
  refuseOverwriting(to)
  renameSync(unfinished, to)
  syncDirectory(path.dirname(to))
  noteBackup(dataDir)
  return {
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
  }
}

function refuseOverwriting(to: string): void {
  if (existsSync(to)) {
    throw new StartError(`${to} is there already and is not overwritten: give --to another name.`)
  }
}

/** Beside the target, so that the finished file only needs its name. Nobody else can look into it. */
/** Longer than any backup takes; what is older was left by one that was killed, and holds a copy of everything. */
const leftBehindAfter = 24 * 60 * 60 * 1000

function clearLeftBehind(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(workPrefix)) continue
    const left = path.join(directory, name)
    if (Date.now() - statSync(left).mtimeMs > leftBehindAfter) rmSync(left, { recursive: true, force: true })
  }
}

const workPrefix = '.hubbub-backup-'

function makeWorkDirectory(to: string): string {
  try {
    clearLeftBehind(path.dirname(to))
    return mkdtempSync(path.join(path.dirname(to), workPrefix))
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    throw new StartError(
      `No file can be written in ${path.dirname(to)} (${code}): make that directory, or choose another one with --to.`,
    )
  }
}

type About = Omit<Manifest, 'format' | 'files'>

function gather(dataDir: string, work: string): [About, Source[]] {
  const copy = path.join(work, 'hub.db')
  copyDatabase(path.join(dataDir, 'hub.db'), copy)
  const { epoch, schema } = readHub(copy)
  const { hubId } = readIdentity(path.join(dataDir, 'identity', 'hub-key.pem'))
  // after the database: a file that a message refers to was there before the message
  const sources = [
    { name: 'hub.db', file: copy },
    // a restored hub issues itself another leaf: it is for the names of the old place
    ...filesUnder(dataDir, 'identity').filter(({ name }) => name !== 'identity/leaf.pem'),
    ...filesUnder(dataDir, 'files'),
  ]
  return [{ program: programVersion(), hubId, epoch, schema, madeAt: Date.now() }, sources]
}

/** One state of a database that others are writing to. */
function copyDatabase(from: string, to: string): void {
  const raw = new Database(from, { readonly: true, fileMustExist: true, timeout: 10_000 })
  try {
    const schema = raw.pragma('user_version', { simple: true }) as number
    if (schema > migrations.length) {
      throw new NewerDatabase(`schema ${schema}, this program knows ${migrations.length}`)
    }
    raw.prepare('vacuum into ?').run(to)
  } finally {
    raw.close()
  }
}

function readHub(file: string): { epoch: string; schema: number } {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const schema = raw.pragma('user_version', { simple: true }) as number
    const epoch = schema > 0 ? raw.prepare('select epoch from hub').pluck().get() : undefined
    if (typeof epoch === 'string') return { epoch, schema }
  } finally {
    raw.close()
  }
  throw new StartError(
    'This hub was never started to the end, so there is nothing to back up: start it first.',
  )
}

function filesUnder(dataDir: string, folder: string): Source[] {
  const directory = path.join(dataDir, folder)
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ name: path.relative(dataDir, file).split(path.sep).join('/'), file }))
    .filter(({ name }) => isMemberName(name) && !/\.(new|tmp)$/.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Reads a finished archive back as a restore would. */
async function requireSound(archive: string, scratch: string): Promise<void> {
  const manifest = await unpack(archive, scratch, (name) => !name.startsWith('files/'))
  const [problem] = problemsOf(scratch, manifest)
  if (problem === undefined) return
  throw new StartError(
    `The backup was not kept, since what it holds is not sound (${problem}): keep the data directory as it is, and use an earlier backup if the hub misbehaves.`,
  )
}

/** What is wrong with an unpacked backup, beyond its digests. */
export function problemsOf(directory: string, manifest: Manifest): string[] {
  if (readIdentity(path.join(directory, 'identity', 'hub-key.pem')).hubId !== manifest.hubId) {
    return ['its key is of another hub']
  }
  const raw = new Database(path.join(directory, 'hub.db'), { readonly: true, fileMustExist: true })
  try {
    raw.pragma('trusted_schema = off')
    if (raw.pragma('application_id', { simple: true }) !== applicationId) {
      return ['its database is not one of Hubbub']
    }
    const schema = raw.pragma('user_version', { simple: true }) as number
    if (schema > migrations.length) {
      throw new NewerDatabase(`schema ${schema}, this program knows ${migrations.length}`)
    }
    const structure = checkStructure(raw)
    if (structure.length > 0) return structure
    const names = new Set(manifest.files.map(({ name }) => name))
    return [...checkInvariants(raw), ...checkFiles(raw, (digest) => names.has(fileNameOf(digest)))]
  } finally {
    raw.close()
  }
}

function programVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** The sentence for a disk that is full, if that is what it was. */
export function outOfSpace(error: unknown, directory: string): StartError | undefined {
  const code = String((error as { code?: unknown } | null)?.code)
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'SQLITE_FULL') return undefined
  return new StartError(`There is not enough room in ${directory}: make room there and try again.`)
}
