import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { StartError } from '../start-error.ts'
import { syncDirectory } from './fsync.ts'

/*
 * The folder that has the files of a hub: `files/`, `uploads/` and `quarantine/`. It is the data directory, unless processes
 * share another one, with `--files`. Then a mark in it says whose it is, and the database has the same: a process that sees
 * another folder under this path, such as an empty one in the place of a share, must not use it.
 */

const markName = 'hubbub-files.json'
/** In the data directory: the path of the shared folder, for backups and other commands. */
const noteName = 'files-folder'

interface FolderMark {
  hub: string
  nonce: string
}

/** What the database knows of the folder. */
export interface KnownFolder {
  /** The nonce of its mark; empty before a hub has a shared folder. */
  nonce: string
  /** Notes a nonce if there is none yet. Returns the one that counts. */
  claim(nonce: string): Promise<string>
  /** Rows refer to files. */
  hasFiles(): Promise<boolean>
}

interface FilesPlace {
  dataDir: string
  /** The folder, if it is not the data directory. */
  folder?: string | undefined
  hubId: string
}

/** Returns the folder that the latest start on this data directory has used. */
export function filesRootOf(dataDir: string): string {
  const note = path.join(dataDir, noteName)
  return existsSync(note) ? readFileSync(note, 'utf8').trim() || dataDir : dataDir
}

/**
 * Makes sure that this process has the files that all others of the hub have. Returns the nonce of a shared folder.
 * @throws StartError
 */
export async function prepareFilesFolder(place: FilesPlace, known: KnownFolder): Promise<string | undefined> {
  const { dataDir, folder } = place
  if (folder === undefined) {
    if (known.nonce !== '') throw folderNotGiven()
    rmSync(path.join(dataDir, noteName), { force: true })
    return undefined
  }
  requireUsable(folder)
  const found = readMark(folder)
  if (found && found.hub !== place.hubId) {
    throw new StartError(
      `${folder} has the files of another hub, so nothing was changed: give the folder of this hub with --files.`,
    )
  }
  const nonce = known.nonce === '' ? await mark(place, folder, found, known) : known.nonce
  if (nonce !== (readMark(folder)?.nonce ?? '')) throw otherFolder(folder)
  writeFileSync(path.join(dataDir, noteName), `${folder}\n`, { mode: 0o600, flush: true })
  return nonce
}

/** True if the folder is still there: a share may have gone. */
export async function hasMark(folder: string, nonce: string): Promise<boolean> {
  const text = await readFile(path.join(folder, markName), 'utf8').catch(() => '')
  return parseMark(text)?.nonce === nonce
}

/** Marks the first shared folder of a hub. */
async function mark(
  { hubId }: FilesPlace,
  folder: string,
  found: FolderMark | undefined,
  known: KnownFolder,
): Promise<string> {
  if (!found && isEmpty(path.join(folder, 'files')) && (await known.hasFiles())) {
    throw new StartError(
      `The hub has files, but ${folder} has none, so nothing was changed: put the folder "files" of its data directory there, or give the right folder with --files.`,
    )
  }
  const nonce = found?.nonce ?? randomBytes(16).toString('hex')
  if (!found) writeMark(folder, { hub: hubId, nonce })
  const counting = await known.claim(nonce)
  // another process has marked another folder at the same time
  if (counting !== nonce && !found) rmSync(path.join(folder, markName), { force: true })
  return counting
}

function writeMark(folder: string, content: FolderMark): void {
  const file = path.join(folder, markName)
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  syncDirectory(folder)
}

function readMark(folder: string): FolderMark | undefined {
  const file = path.join(folder, markName)
  if (!existsSync(file)) return undefined
  const found = parseMark(readFileSync(file, 'utf8'))
  if (found) return found
  throw new StartError(`${file} is damaged: restore it from a backup of that folder.`)
}

function parseMark(text: string): FolderMark | undefined {
  try {
    const { hub, nonce } = JSON.parse(text) as Partial<FolderMark>
    return typeof hub === 'string' && typeof nonce === 'string' ? { hub, nonce } : undefined
  } catch {
    return undefined
  }
}

function requireUsable(folder: string): void {
  try {
    readdirSync(folder)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code)
    throw new StartError(
      code === 'ENOENT'
        ? `The folder ${folder} is not there: mount or make it, or give another one with --files.`
        : `The folder ${folder} cannot be read and written (${code}): give your account access to it.`,
    )
  }
}

const isEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0

function folderNotGiven(): StartError {
  return new StartError(
    'The processes of this hub share a folder for its files, so this one needs it too: give it with --files.',
  )
}

function otherFolder(folder: string): StartError {
  return new StartError(
    `${folder} is not the folder with the files of this hub, though it may have the same path (its ${markName} is missing or another one), so nothing was changed: mount the folder that the other processes use, or give it with --files.`,
  )
}
