import Database from 'better-sqlite3'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { newId } from '../ids.ts'
import { StartError } from '../start-error.ts'
import { unpack, type Manifest } from './archive.ts'
import { outOfSpace, problemsOf } from './backup.ts'
import { cleaningUp } from './clean-up.ts'
import { syncDirectory } from './durable.ts'
import { lockDataDir, unfinishedRestore } from './lock.ts'

/**
 * Puts a backup into an absent or empty directory, with a new epoch: clients then know that what they have seen of this
 * hub may be later than what it has now. Everything is read and checked in a folder of its own first, and while that
 * folder is there no hub starts in the directory.
 * @throws StartError when the file is not a sound backup or the directory is not empty; then nothing was put in place
 */
export async function restore(from: string, dataDir: string): Promise<Manifest> {
  if (!existsSync(from)) throw new StartError(`There is no file ${from}: name the backup with --from.`)
  const wasThere = existsSync(dataDir)
  if (wasThere) requireEmpty(dataDir, [])
  const lock = lockDataDir(dataDir)
  let placing = false
  const clean = (): void => {
    lock.release()
    // once something is in place, the folder stays and says that it did not finish
    if (!placing) clearAway(dataDir, wasThere)
  }
  return cleaningUp(clean, async () => {
    try {
      requireEmpty(dataDir, ['hub.lock'])
      const staging = path.join(dataDir, unfinishedRestore)
      mkdirSync(staging, { mode: 0o700 })
      const manifest = await unpackSound(from, staging)
      placing = true
      putInPlace(staging, dataDir)
      return manifest
    } catch (error) {
      throw outOfSpace(error, dataDir) ?? error
    }
  })
}

/** The content of a backup with an epoch of its own, all of it read and checked. */
async function unpackSound(from: string, staging: string): Promise<Manifest> {
  const manifest = await unpack(from, staging)
  const [problem] = problemsOf(staging, manifest)
  if (problem !== undefined) {
    throw new StartError(
      `${from} is not a sound backup (${problem}): nothing was restored, so use another one.`,
    )
  }
  beginEpoch(path.join(staging, 'hub.db'))
  return manifest
}

function requireEmpty(dataDir: string, but: readonly string[]): void {
  const found = readOrRefuse(dataDir).filter((name) => !but.includes(name))
  if (found.length === 0) return
  throw new StartError(
    `${dataDir} is not empty: restore into a new directory with --data, so that nothing is lost.`,
  )
}

function readOrRefuse(dataDir: string): string[] {
  try {
    return readdirSync(dataDir)
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    throw new StartError(`${dataDir} cannot be read (${code}): choose another directory with --data.`)
  }
}

function beginEpoch(file: string): void {
  const raw = new Database(file, { fileMustExist: true })
  try {
    raw.pragma('journal_mode = delete')
    raw.pragma('synchronous = full')
    raw.prepare('update hub set epoch = ? where id = 1').run(newId())
  } finally {
    raw.close()
  }
}

/** The database comes last, and the folder that keeps a hub from starting goes after it. */
function putInPlace(staging: string, dataDir: string): void {
  syncDirectory(staging)
  for (const name of ['identity', 'files', 'hub.db']) {
    if (existsSync(path.join(staging, name))) renameSync(path.join(staging, name), path.join(dataDir, name))
  }
  syncDirectory(dataDir)
  rmdirSync(staging)
  syncDirectory(dataDir)
}

function clearAway(dataDir: string, wasThere: boolean): void {
  for (const name of [unfinishedRestore, 'hub.lock']) {
    rmSync(path.join(dataDir, name), { recursive: true, force: true })
  }
  if (!wasThere) rmdirSync(dataDir)
}
