import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the data directory, for whoever asks a hub how it is: when the last whole backup of it was made, wherever it lies. */
export const lastBackupFile = 'last-backup'

/** The backup is made, whether or not this can be written. */
export function recordBackup(dataDir: string): void {
  try {
    writeFileSync(join(dataDir, lastBackupFile), `${Date.now()}\n`, { mode: 0o600 })
  } catch {
    // a directory that is only read from
  }
}
