import { open, type FileHandle } from 'node:fs/promises'
import { sanitizeFileName } from '../../shared/text/file-names.ts'

/*
 * Reads what a backup is, for the question before a restore. Nothing of it is verified: the restore does that. The
 * archive is a tar that ends with its manifest, a digest of 1024 bytes and 1024 bytes of zeros (server/backup/archive.ts).
 */

export interface BackupInfo {
  /** Milliseconds since 1970. */
  madeAt: number
  /** The version of Hubbub that made it. */
  program: string
  files: number
  /** Missing in backups of earlier releases. */
  hubName?: string
  messages?: number
}

const blockBytes = 512
const endBytes = 2048
const stepBytes = 1024 * 1024
const maxManifestBytes = 64 * 1024 * 1024

/** Returns undefined if the file does not look like a backup. */
export async function readBackupInfo(file: string): Promise<BackupInfo | undefined> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    const manifest = await readManifest(handle, (await handle.stat()).size - endBytes)
    return manifest === undefined ? undefined : toInfo(JSON.parse(manifest) as Record<string, unknown>)
  } catch {
    return undefined
  } finally {
    await handle?.close()
  }
}

/** Looks for the header of the manifest, from the end backwards. */
async function readManifest(handle: FileHandle, end: number): Promise<string | undefined> {
  let tail = Buffer.alloc(0)
  for (let from = end; from > 0 && end - from < maxManifestBytes;) {
    const start = Math.max(0, from - stepBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(from - start), 0, from - start, start)
    if (bytesRead < from - start) return undefined
    tail = Buffer.concat([buffer, tail])
    for (let at = Math.floor((from - start - 1) / blockBytes) * blockBytes; at >= 0; at -= blockBytes) {
      const header = tail.subarray(at, at + blockBytes)
      if (header.toString('latin1', 0, 14) !== 'manifest.json\0') continue
      const size = Number.parseInt(header.toString('latin1', 124, 136), 8)
      return tail.toString('utf8', at + blockBytes, at + blockBytes + size)
    }
    from = start
  }
  return undefined
}

function toInfo({
  madeAt,
  program,
  files,
  blobs,
  hubName,
  messages,
}: Record<string, unknown>): BackupInfo | undefined {
  if (typeof madeAt !== 'number' || typeof program !== 'string' || !Array.isArray(files)) return undefined
  const stored = files.filter(({ name }: { name?: unknown }) => String(name).startsWith('files/')).length
  return {
    madeAt,
    program,
    files: stored + (Array.isArray(blobs) ? blobs.length : 0),
    ...(typeof hubName === 'string' ? { hubName } : {}),
    ...(typeof messages === 'number' ? { messages } : {}),
  }
}

/** The name that is suggested for a backup: with the day of the user's clock. */
export function backupFileName(hub: string, at: Date): string {
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) =>
    String(part).padStart(2, '0'),
  )
  // a slash in the name of the hub would cut it off, as a folder; a dot in front would hide the file
  const name = hub.replace(/[/\\]/g, '-').replace(/^[. ]+/, '')
  return sanitizeFileName(`${name} ${year}-${month}-${day}.hubbub`)
}

/** What a restore will do, as the dialog says it. */
export function restoreDetail(info: BackupInfo): string {
  const whatHappens =
    'It is restored into a new folder, after every byte of it was checked. A hub that runs here goes on until then, and its folder stays as it is. Everyone connects again by themselves and sees the hub as it was then. Messages that only their devices still have are sent again.'
  const time = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' }).format(info.madeAt)
  const name = info.hubName === undefined ? 'A hub' : `“${info.hubName.slice(0, 80)}”`
  const messages = info.messages === undefined ? '' : `${countOf(info.messages, 'message')}, `
  return `${name} as it was on ${time}: ${messages}${countOf(info.files, 'file')}, written by Hubbub ${info.program.slice(0, 40)}. ${whatHappens}`
}

function countOf(count: number, noun: string): string {
  return `${new Intl.NumberFormat('en').format(count)} ${noun}${count === 1 ? '' : 's'}`
}
