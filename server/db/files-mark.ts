import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartError } from '../start-error.ts'

/*
 * The place that has the files of a hub: the data directory, unless `--files` names another folder or a bucket. Then a mark in
 * it says whose it is, and the database has the same: a process that sees another place under this name, such as an empty
 * folder in the place of a share, must not use it.
 */

export const markName = 'hubbub-files.json'
/** In the data directory: the place that `--files` named, for backups and other commands. */
const noteName = 'files-folder'

export interface FilesMark {
  hub: string
  nonce: string
}

/** A place that can have a mark. */
export interface MarkedPlace {
  readonly kind: 'folder' | 'bucket'
  /** For messages. */
  readonly name: string
  /** @throws StartError if this process cannot use it */
  requireUsable(): Promise<void>
  /** @throws StartError if the mark is damaged; PlaceAwayError; any other error if it cannot be read */
  read(): Promise<FilesMark | undefined>
  write(mark: FilesMark): Promise<void>
  remove(): Promise<void>
  /** It has no contents. */
  isEmpty(): Promise<boolean>
}

/** The place does not respond, which says nothing about what is there. */
export class PlaceAwayError extends StartError {}

/** What the database knows of the place. */
export interface KnownPlace {
  /** The nonce of its mark; empty before a hub has a place of its own. */
  nonce: string
  /** Notes a nonce if there is none yet. Returns the one that counts. */
  claim(nonce: string): Promise<string>
  /** Rows refer to files. */
  hasFiles(): Promise<boolean>
}

interface Hub {
  dataDir: string
  hubId: string
  /** Says that the place does not respond. */
  onAway: (message: string) => void
}

/** Returns what the latest start on this data directory has used: a folder, or the address of a bucket. */
export function filesPlaceOf(dataDir: string): string {
  const note = path.join(dataDir, noteName)
  return existsSync(note) ? readFileSync(note, 'utf8').trim() || dataDir : dataDir
}

/** Notes it for backups and other commands. */
export function noteFilesPlace(dataDir: string, files: string | undefined): void {
  const note = path.join(dataDir, noteName)
  if (files === undefined) rmSync(note, { force: true })
  else writeFileSync(note, `${files}\n`, { mode: 0o600, flush: true })
}

/**
 * Makes sure that this process has the files that all others of the hub have. Returns the nonce of the mark.
 * @param place the place, if it is not the data directory
 * @throws StartError
 */
export async function prepareFilesPlace(
  hub: Hub,
  place: MarkedPlace | undefined,
  known: KnownPlace,
): Promise<string | undefined> {
  if (place === undefined) {
    if (known.nonce !== '') throw placeNotGiven()
    return undefined
  }
  try {
    await place.requireUsable()
    const found = await place.read()
    if (found && found.hub !== hub.hubId) throw otherHub(place)
    if (known.nonce === '') return await mark(hub, place, found, known)
    if (known.nonce !== found?.nonce) throw otherPlace(place)
  } catch (error) {
    // messages need no files, and each write of a file looks for the mark
    if (!(error instanceof PlaceAwayError) || known.nonce === '') throw error
    hub.onAway(error.message)
  }
  return known.nonce
}

/** Marks the first place of a hub. */
async function mark(
  { hubId }: Hub,
  place: MarkedPlace,
  found: FilesMark | undefined,
  known: KnownPlace,
): Promise<string> {
  if (!found && (await place.isEmpty()) && (await known.hasFiles())) {
    throw new StartError(
      `The hub has files, but ${place.name} has none, so nothing was changed: put the folder "files" of its data directory there, or give the right ${place.kind} with --files.`,
    )
  }
  const nonce = found?.nonce ?? randomBytes(16).toString('hex')
  if (!found) await place.write({ hub: hubId, nonce })
  const counting = await known.claim(nonce)
  // another process has marked another place at the same time
  if (counting !== nonce && !found) await place.remove()
  if (counting !== (await place.read())?.nonce) throw otherPlace(place)
  return counting
}

/** @throws StartError */
export function parseMark(text: string, name: string): FilesMark {
  try {
    const { hub, nonce } = JSON.parse(text) as Partial<FilesMark>
    if (typeof hub === 'string' && typeof nonce === 'string') return { hub, nonce }
  } catch {
    // not even JSON
  }
  throw new StartError(`${name} is damaged: restore it from a backup.`)
}

function otherHub({ name, kind }: MarkedPlace): StartError {
  return new StartError(
    `${name} has the files of another hub, so nothing was changed: give the ${kind} of this hub with --files.`,
  )
}

function placeNotGiven(): StartError {
  return new StartError(
    'The files of this hub are in a folder or a bucket that is not its data directory, so this process needs it too: give it with --files.',
  )
}

function otherPlace({ name, kind }: MarkedPlace): StartError {
  const place = `${name} is not the ${kind} with the files of this hub`
  return new StartError(
    kind === 'folder'
      ? `${place}, though it may have the same path (its ${markName} is missing or another one), so nothing was changed: mount the folder that the other processes use, or give it with --files.`
      : `${place} (its ${markName} is missing or another one), so nothing was changed: give the bucket that the other processes use with --files.`,
  )
}
