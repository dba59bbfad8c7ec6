import { statSync } from 'node:fs'
import path from 'node:path'

/** The backup among what a program was started with, as when somebody opens one outside: `from` is where they stood. */
export function findBackupArgument(argv: readonly string[], from: string): string | undefined {
  // the first is the program itself; the system puts the file last, behind switches of its own
  const last = argv.slice(1).findLast((part) => /\.hubbub$/i.test(part) && !part.startsWith('-'))
  return last === undefined ? undefined : existingBackup(path.resolve(from, last))
}

/** A file that is there, by its ending a backup. What it really is, is read before anything is done with it. */
export function existingBackup(file: string): string | undefined {
  const stat = /\.hubbub$/i.test(file) ? statSync(file, { throwIfNoEntry: false }) : undefined
  return stat?.isFile() ? file : undefined
}
