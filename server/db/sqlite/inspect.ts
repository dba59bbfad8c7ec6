import Database from 'better-sqlite3'
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { applicationId } from './connection.ts'

/**
 * What a file is, found out without a change to it. `empty`: SQLite would accept it as a new database. `foreign`: a
 * database of another program.
 */
export type DatabaseState = 'absent' | 'empty' | 'hub' | 'foreign'

const magic = 'SQLite format 3\0'
const headerBytes = 100
const applicationIdOffset = 68

/** @throws Error SQLITE_NOTADB or SQLITE_CORRUPT if it is damaged */
export function inspectDatabase(file: string): DatabaseState {
  const header = readHeader(file)
  if (header === undefined) return 'absent'
  if (header.length === 0) return 'empty'
  const isWhole = header.length === headerBytes && header.toString('latin1', 0, magic.length) === magic
  if (!isWhole) throw new Database.SqliteError('the file has no header of a database', 'SQLITE_NOTADB')
  if (header.readUInt32BE(applicationIdOffset) === applicationId) return requireWholeLength(file)
  // the first commits of a new file may be in its log only, so SQLite has to say
  const raw = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    if (raw.pragma('application_id', { simple: true }) === applicationId) return 'hub'
    const tables = raw.prepare('select count(*) from sqlite_schema').pluck().get() as number
    return tables === 0 && raw.pragma('user_version', { simple: true }) === 0 ? 'empty' : 'foreign'
  } finally {
    raw.close()
  }
}

/** Returns the first bytes of a file; undefined if there is none. */
function readHeader(file: string): Buffer | undefined {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const header = Buffer.alloc(headerBytes)
    return header.subarray(0, readSync(handle, header, 0, headerBytes, 0))
  } finally {
    closeSync(handle)
  }
}

/**
 * A file that was cut short is noticed by SQLite only when a request reads what is gone. A crash during a checkpoint
 * leaves a short file too, and then the log has the rest.
 */
function requireWholeLength(file: string): 'hub' {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return 'hub'
  const raw = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 })
  try {
    const pages = raw.pragma('page_count', { simple: true }) as number
    const pageBytes = raw.pragma('page_size', { simple: true }) as number
    if (statSync(file).size >= pages * pageBytes) return 'hub'
  } finally {
    raw.close()
  }
  throw new Database.SqliteError('the file is shorter than its header says', 'SQLITE_CORRUPT')
}

/**
 * SQLite changes a new file through a rollback journal, until the file is in WAL mode. A power cut before that leaves the
 * journal, which only a connection that may write can apply.
 */
export function undoInterruptedChange(file: string): void {
  if (!existsSync(`${file}-journal`)) return
  const raw = new Database(file)
  try {
    raw.pragma('schema_version')
  } finally {
    raw.close()
  }
}
