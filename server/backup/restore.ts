import Database from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { loadNodeKey } from '../continuity/node-key.ts'
import { noPosition } from '../continuity/position.ts'
import { writeState } from '../continuity/state-file.ts'
import { makeTerm } from '../continuity/term.ts'
import { noteFilesPlace } from '../db/files-mark.ts'
import { FolderContents } from '../file-storage/folder-contents.ts'
import { openFilesPlace } from '../file-storage/open-files-place.ts'
import { keyFile, readIdentity } from '../identity.ts'
import { newId } from '../ids.ts'
import { StartError } from '../start-error.ts'
import type { Term } from '../../shared/term.ts'
import { unpack, type Manifest } from './archive.ts'
import { diskFullError, findBackupProblems } from './backup.ts'
import { withCleanup } from '../db/with-cleanup.ts'
import { syncDirectory } from '../db/fsync.ts'
import { lockDataDir, lockFileName, restoreStagingName } from '../db/data-dir-lock.ts'

/**
 * Restores a backup into an absent or empty directory, with a new epoch and a new term: clients then know that they may
 * have seen a later state of this hub, and stop the hub of before if they meet it. Everything is first read and checked in a staging folder, and while that folder exists
 * no hub starts in the directory.
 * @param places the address of an empty database for the rows, and a place for the files; without them they are in the data
 * directory
 * @throws StartError if the file is not a sound backup or the directory is not empty; then nothing was put in place
 */
export async function restore(
  from: string,
  dataDir: string,
  places: { database?: string | undefined; files?: string | undefined } = {},
): Promise<Manifest> {
  if (!existsSync(from)) throw new StartError(`There is no file ${from}: give the backup with --from.`)
  if (statSync(from).isDirectory()) {
    throw new StartError(`${from} is a folder: give the file that "backup" has written with --from.`)
  }
  const wasThere = existsSync(dataDir)
  // a start that was refused leaves its lock file
  if (wasThere) requireEmpty(dataDir, [lockFileName])
  const lock = lockDataDir(dataDir)
  let placing = false
  const clean = (): void => {
    lock.release()
    // once a file is in place, the folder remains as a sign of an unfinished restore
    if (!placing) removeStaging(dataDir, wasThere)
  }
  return withCleanup(clean, async () => {
    try {
      requireEmpty(dataDir, [lockFileName])
      const staging = path.join(dataDir, restoreStagingName)
      mkdirSync(staging, { mode: 0o700 })
      const { manifest, term } = await unpackVerified(from, staging)
      const { database, files } = places
      if (files !== undefined) await placeFiles(staging, dataDir, { files, hubId: manifest.hubId })
      if (database !== undefined) {
        const file = path.join(staging, 'hub.db')
        await (await import('../db/postgres/copy.ts')).importDatabase(database, file, term)
        rmSync(file)
      } else {
        writeState(staging, { v: 1, node: term.node, role: 'hub', term, alone: true, markV: 0, out: false })
      }
      placing = true
      moveIntoPlace(staging, dataDir)
      return manifest
    } catch (error) {
      throw diskFullError(error, dataDir) ?? error
    }
  })
}

/** Puts the files into an empty place. The first start of the hub finds its mark there. */
async function placeFiles(
  staging: string,
  dataDir: string,
  { files, hubId }: { files: string; hubId: string },
): Promise<void> {
  const place = await openFilesPlace(dataDir, files)
  try {
    await place.mark.requireUsable()
    if ((await place.mark.read()) || !(await place.mark.isEmpty())) {
      throw new StartError(
        `${place.mark.name} has files already: give an empty ${place.mark.kind} or another prefix with --files.`,
      )
    }
    const unpacked = new FolderContents(staging)
    for (const digest of await unpacked.list()) {
      await place.contents.writeFile(digest, unpacked.pathOf(digest))
    }
    await place.mark.write({ hub: hubId, nonce: randomBytes(16).toString('hex') })
  } finally {
    place.close()
  }
  rmSync(path.join(staging, 'files'), { recursive: true, force: true })
  noteFilesPlace(dataDir, files)
}

/** Extracts and verifies a backup, and gives it a new epoch and term. */
async function unpackVerified(from: string, staging: string): Promise<{ manifest: Manifest; term: Term }> {
  const manifest = await unpack(from, staging)
  const [problem] = findBackupProblems(staging, manifest)
  if (problem !== undefined) throw notSound(from, problem)
  try {
    return { manifest, term: startNewTerm(staging, startNewEpoch(path.join(staging, 'hub.db'))) }
  } catch (error) {
    throw (
      diskFullError(error, staging) ?? notSound(from, `its database is damaged: ${(error as Error).message}`)
    )
  }
}

function notSound(from: string, problem: string): StartError {
  return new StartError(
    `${from} is not a sound backup (${problem}): nothing was restored, so use another one.`,
  )
}

function requireEmpty(dataDir: string, allowed: readonly string[]): void {
  const found = listDataDir(dataDir).filter((name) => !allowed.includes(name))
  if (found.length === 0) return
  throw new StartError(
    `${dataDir} is not empty: restore into a new directory with --data, so that nothing is lost.`,
  )
}

function listDataDir(dataDir: string): string[] {
  try {
    return readdirSync(dataDir)
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    throw new StartError(`${dataDir} cannot be read (${code}): choose another directory with --data.`)
  }
}

function startNewEpoch(file: string): string {
  const raw = new Database(file, { fileMustExist: true })
  try {
    raw.pragma('journal_mode = delete')
    raw.pragma('synchronous = full')
    const epoch = newId()
    raw.prepare('update hub set epoch = ? where id = 1').run(epoch)
    // no log has this change: a standby of the hub needs a copy
    raw.exec('update position set chain = null')
    return epoch
  } finally {
    raw.close()
  }
}

/**
 * The term is what fences the hub of before the restore: once a client that knows this one meets it, it stops.
 */
function startNewTerm(folder: string, epoch: string): Term {
  const { key, hubId } = readIdentity(keyFile(folder))
  const node = loadNodeKey(folder).id
  return makeTerm(key, hubId, { node, epoch, position: noPosition, previous: undefined, now: Date.now() })
}

/** Moves the database last, and then removes the folder that keeps a hub from starting. */
function moveIntoPlace(staging: string, dataDir: string): void {
  syncDirectory(staging)
  for (const name of ['identity', 'continuity', 'files', 'hub.db']) {
    if (existsSync(path.join(staging, name))) renameSync(path.join(staging, name), path.join(dataDir, name))
  }
  syncDirectory(dataDir)
  rmdirSync(staging)
  syncDirectory(dataDir)
}

function removeStaging(dataDir: string, wasThere: boolean): void {
  for (const name of [restoreStagingName, lockFileName]) {
    rmSync(path.join(dataDir, name), { recursive: true, force: true })
  }
  if (!wasThere) rmdirSync(dataDir)
}
