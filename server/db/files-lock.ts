import Database from 'better-sqlite3'
import type { DataDirLock } from './data-dir-lock.ts'

/** In the data directory: held by a backup while it reads the files, and by the hub while it removes some. */
export const filesLockName = 'files.lock'

/**
 * Locks the files of a hub: `reading` is shared with other readers, `removing` is exclusive. Returns undefined if
 * another process is in the way. As with `hub.lock`, it is an open transaction that the system drops with its
 * process.
 * @param timeoutMs ms to wait for another process to release the lock
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
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
}
