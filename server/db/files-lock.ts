import Database from 'better-sqlite3'
import { StartError } from '../start-error.ts'
import type { DataDirLock } from './data-dir-lock.ts'

/** In the data directory: held by a backup while it reads the files, and by the hub while it removes some. */
export const filesLockName = 'files.lock'

/**
 * Locks the files of a hub: `reading` is shared with other readers, `removing` is exclusive. Returns undefined if
 * another process is in the way. As with `hub.lock`, it is an open transaction that the system drops with its
 * process.
 * @param timeoutMs ms to wait for another process to release the lock
 * @throws StartError if the file is damaged; it holds nothing
 */
export function lockFiles(
  file: string,
  mode: 'reading' | 'removing',
  timeoutMs = 0,
): DataDirLock | undefined {
  const held = new Database(file, { timeout: timeoutMs })
  try {
    held.pragma('journal_mode = memory')
    held.exec(mode === 'removing' ? 'begin exclusive' : 'begin; select 1 from sqlite_schema')
    return { release: () => void held.close() }
  } catch (error) {
    held.close()
    const code = String((error as { code?: unknown }).code)
    if (code.startsWith('SQLITE_BUSY')) return undefined
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
      throw new StartError(`${file} is not a lock of Hubbub: delete that file and try again.`)
    }
    throw error
  }
}
