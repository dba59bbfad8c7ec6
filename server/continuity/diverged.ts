import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { HubError } from '../../shared/errors.ts'
import { syncDirectory } from '../db/fsync.ts'
import { makeDirectory } from '../db/make-directory.ts'
import { openReader, openWriter } from '../db/sqlite/connection.ts'
import { isDamaged, isInDoubt } from '../db/sqlite/errors.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { referencedDigests } from '../db/verify.ts'

/*
 * What a hub wrote that another hub does not have. Before a copy takes its place it is moved to `continuity/diverged-<n>`,
 * as it is: it may hold the only copy of what users were told was stored.
 */

const folderPattern = /^diverged-(\d+)$/
/** Each is as large as the hub. A computer that has lost the hub so often waits for its owner. */
const maxFolders = 5

/**
 * Moves the database of a former hub aside, with its files by another name, so that no removal takes them. Nothing of it
 * may be open. Returns the folder, or undefined if there is no database.
 * @throws HubError if there are too many already
 * @param pathOf where the file with a digest is, within the data directory
 */
export function setAside(dataDir: string, pathOf: (digest: string) => string): string | undefined {
  const database = databaseFile(dataDir)
  if (!existsSync(database)) return undefined
  if (listSetAside(dataDir).length >= maxFolders) {
    throw new HubError(
      'conflict',
      `This computer keeps ${maxFolders} databases aside already. Bring back what you need from them, and delete them, in the administration of the hub under Standby computers.`,
    )
  }
  const folder = makeFolder(path.join(dataDir, 'continuity'))
  try {
    keepFiles(dataDir, folder, pathOf)
    makeOneFile(database)
  } catch (error) {
    if (!isDamaged(error) && !isInDoubt(error)) {
      // tried again later: nothing but second names is in there
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
    // it cannot be read, so it is moved as it is
    for (const end of ['-wal', '-shm'])
      if (existsSync(database + end)) renameSync(database + end, path.join(folder, `hub.db${end}`))
  }
  renameSync(database, path.join(folder, 'hub.db'))
  syncDirectory(folder)
  syncDirectory(dataDir)
  return folder
}

/** The folders of former hubs, oldest first. */
export function listSetAside(dataDir: string): string[] {
  const continuity = path.join(dataDir, 'continuity')
  return numbersIn(continuity).map((n) => path.join(continuity, `diverged-${n}`))
}

function makeFolder(continuity: string): string {
  makeDirectory(continuity)
  const last = numbersIn(continuity).at(-1) ?? 0
  const latest = path.join(continuity, `diverged-${last}`)
  // a crash came before its database did: what is in there are second names
  if (last > 0 && !existsSync(path.join(latest, 'hub.db'))) rmSync(latest, { recursive: true, force: true })
  const folder = path.join(continuity, `diverged-${existsSync(latest) ? last + 1 : Math.max(1, last)}`)
  mkdirSync(folder, { mode: 0o700 })
  syncDirectory(continuity)
  return folder
}

function numbersIn(continuity: string): number[] {
  if (!existsSync(continuity)) return []
  return readdirSync(continuity)
    .map((name) => Number(folderPattern.exec(name)?.[1]))
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
}

function keepFiles(dataDir: string, folder: string, pathOf: (digest: string) => string): void {
  const { raw } = openReader(databaseFile(dataDir))
  const folders = new Set<string>()
  try {
    for (const digest of referencedDigests(raw)) {
      const name = pathOf(digest)
      const [from, to] = [path.join(dataDir, name), path.join(folder, name)]
      if (!existsSync(from) || existsSync(to)) continue
      makeDirectory(path.dirname(to))
      linkOrCopy(from, to)
      folders.add(path.dirname(to))
    }
    for (const each of folders) syncDirectory(each)
  } finally {
    raw.close()
  }
}

/** Moves the write-ahead log into the database, so that one rename moves both. */
function makeOneFile(file: string): void {
  const { raw } = openWriter(file)
  try {
    raw.pragma('wal_checkpoint(truncate)')
    raw.pragma('journal_mode = delete')
  } finally {
    raw.close()
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    // a file system without links
    copyFileSync(from, to)
  }
}
