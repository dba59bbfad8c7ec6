import { accessSync, constants, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { continuityFolder } from './continuity/state-file.ts'
import { inServerHint } from './database-address.ts'
import { dataFolders } from './db/data-dir-kinds.ts'
import { syncDirectory } from './db/fsync.ts'
import { inspectDatabase, undoInterruptedChange } from './db/sqlite/inspect.ts'
import { databaseFile } from './db/sqlite/store.ts'
import { firstStartFile, keyFile } from './identity.ts'
import { StartError } from './start-error.ts'

/*
 * Looks at a data directory before anything in it is opened. A part that is missing must not be mistaken for a new
 * hub: the start would create an empty one, and treat everything else as leftovers.
 *
 * A directory is either new (no key, no database, no files), or has a key and its database. Between the two is only
 * the first start, which leaves a mark from before the key until its database is complete.
 */

/**
 * Returns true if no start has finished in this directory yet. Called under the lock of the directory.
 * @throws StartError if a part is missing, foreign or out of reach
 */
export function checkDataDir(dataDir: string): boolean {
  requireReadableFolders(dataDir)
  const file = databaseFile(dataDir)
  const hasKey = existsSync(keyFile(dataDir))
  const isUnfinished = existsSync(firstStartFile(keyFile(dataDir)))
  if (hasKey && isUnfinished) undoInterruptedChange(file)
  const database = inspectDatabase(file)
  if (database === 'foreign') throw foreignDatabase(file)
  if (database === 'hub') return hasKey && isUnfinished
  if (hasKey && !isUnfinished) throw missingDatabase(file, database)
  if (!hasKey) requireNothingOfAHub(dataDir)
  return true
}

/** For a directory that had a hub or a standby. @throws StartError if nothing of it is there */
export function requireHubStill(dataDir: string): void {
  const parts = [keyFile(dataDir), databaseFile(dataDir), continuityFolder(dataDir)]
  if (parts.some((part) => existsSync(part))) return
  throw new StartError(
    `The hub that was in ${dataDir} is not there: its disk is not connected, or the folder was moved or deleted. Connect the disk or put the folder back, and start again. To begin a new hub, choose another folder.`,
  )
}

/** @throws StartError if this account cannot use a folder */
export function requireReadableFolders(dataDir: string): void {
  for (const name of dataFolders) requireAccess(path.join(dataDir, name))
}

/** The database of a new hub is complete: from now on it must be there. */
export function finishFirstStart(key: string): void {
  const mark = firstStartFile(key)
  rmSync(mark, { force: true })
  syncDirectory(path.dirname(mark))
}

function requireAccess(folder: string): void {
  if (!existsSync(folder)) return
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    throw new StartError(
      `The folder ${folder} cannot be read and written (${code}): give your account access to it.`,
    )
  }
}

/** Without key and database this is a new hub, and must not take over what another one has left. */
function requireNothingOfAHub(dataDir: string): void {
  const wal = `${databaseFile(dataDir)}-wal`
  const hasLog = (statSync(wal, { throwIfNoEntry: false })?.size ?? 0) > 0
  const folder = path.join(dataDir, 'files')
  const hasFiles = existsSync(folder) && readdirSync(folder).length > 0
  if (!hasLog && !hasFiles) return
  throw new StartError(
    `${dataDir} has files of a hub, but neither its key nor its database, so nothing was changed: ${whatToDo}, or choose an empty directory with --data for a new hub.`,
  )
}

const whatToDo =
  'put the missing files back, or restore a backup into another directory with "npm run hub -- restore --from FILE --data DIR"'

function missingDatabase(file: string, state: 'absent' | 'empty'): StartError {
  const problem = state === 'absent' ? 'is missing' : 'is empty'
  return new StartError(
    `The hub's database ${file} ${problem}, although its key is there, so nothing was changed: ${whatToDo}. ${inServerHint}`,
  )
}

function foreignDatabase(file: string): StartError {
  return new StartError(
    `${file} is not the database of a hub, so nothing was changed: move it away, then ${whatToDo}.`,
  )
}
