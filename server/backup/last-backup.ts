import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file in the data directory, for status checks: the time of the last complete backup, wherever the backup is.
 */
export const lastBackupFile = 'last-backup'

/** `at`: by the clock of the hub, if it runs. The backup is complete even if this file cannot be written. */
export function recordBackup(dataDir: string, at = Date.now()): void {
  try {
    writeFileSync(join(dataDir, lastBackupFile), `${at}\n`, { mode: 0o600 })
  } catch {
    // the directory is read-only
  }
}
