import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file in the data directory, for status checks: the time of the last complete backup, wherever the backup is.
 */
const lastBackupFile = 'last-backup'

/** `at`: by the clock of the hub, if it runs. The backup is complete even if this file cannot be written. */
export function recordBackup(dataDir: string, at = Date.now()): void {
  try {
    writeFileSync(join(dataDir, lastBackupFile), `${at}\n`, { mode: 0o600 })
  } catch {
    // the directory is read-only
  }
}

/** Returns the time of the last complete backup that the data directory knows, in wall ms. */
export function readLastBackup(dataDir: string): number | undefined {
  try {
    const at = Number.parseInt(readFileSync(join(dataDir, lastBackupFile), 'utf8'), 10)
    return Number.isSafeInteger(at) && at > 0 ? at : undefined
  } catch {
    // there was none
    return undefined
  }
}
