import { statSync } from 'node:fs'
import path from 'node:path'

/**
 * Finds the backup in the arguments of a program start, as when the user opens one in the file manager. `from` is the
 * working directory of that start.
 */
export function findBackupArgument(argv: readonly string[], from: string): string | undefined {
  // the first argument is the program itself; the system puts the file last, after its own switches
  const last = argv.slice(1).findLast((part) => /\.hubbub$/i.test(part) && !part.startsWith('-'))
  return last === undefined ? undefined : existingBackup(path.resolve(from, last))
}

/**
 * Returns the path if the file exists and has the backup extension. Its content is verified before anything is done
 * with it.
 */
export function existingBackup(file: string): string | undefined {
  const stat = /\.hubbub$/i.test(file) ? statSync(file, { throwIfNoEntry: false }) : undefined
  return stat?.isFile() ? file : undefined
}
