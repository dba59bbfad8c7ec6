import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file in the data directory, for status checks: the time of the last complete backup, wherever the backup is.
 */
export const lastBackupFile = 'last-backup'

/** The backup is complete even if this file cannot be written. */
export function recordBackup(dataDir: string): void {
  try {
    writeFileSync(join(dataDir, lastBackupFile), `${Date.now()}\n`, { mode: 0o600 })
  } catch {
    // the directory is read-only
  }
}
