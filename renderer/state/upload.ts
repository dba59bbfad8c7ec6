import type { File as SentFile } from '../../shared/contract/files.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'

/** `waiting`: for its turn or for the hub. `missing`: the user has to choose the file again. */
export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'missing'

export interface Upload {
  readonly id: string
  readonly chatId: string
  /** The parent message of the thread it was chosen in. */
  readonly thread?: string | undefined
  /** The message it belongs to, once that is in the outbox; before, it is in the composer. */
  readonly cid: string | undefined
  readonly order: number
  readonly name: string
  readonly type: string
  readonly size: number
  readonly lastModified: number
  readonly width: number | undefined
  readonly height: number | undefined
  /** Milliseconds of sound or video. */
  readonly duration: number | undefined
  /** Its id on the hub. */
  readonly fileId: string | undefined
  readonly sent: number
  readonly state: UploadState
  /** Why it failed, as the user reads it. */
  readonly reason: string | undefined
}

/** A file that was chosen, pasted or dropped. */
export interface PickedFile {
  readonly content: Blob
  readonly name: string
  readonly handle?: FileSystemFileHandle | undefined
}

/** The measures of a picture, sound or video by the browser, so that its row has the right size from the start. */
export interface MediaSize {
  width?: number
  height?: number
  duration?: number
}

/**
 * An upload of which nothing but its id is known: the page was closed before its record was on disk. The user chooses a file
 * again, or deletes the message.
 */
export function lostUpload(where: Pick<Upload, 'id' | 'chatId' | 'thread' | 'order'>): Upload {
  return {
    ...where,
    ...{ cid: undefined, name: '', type: '', size: 0, lastModified: 0, sent: 0, fileId: undefined },
    ...{ width: undefined, height: undefined, duration: undefined, state: 'missing', reason: undefined },
  }
}

/** The name of a known file is never empty. */
export function isLost({ name, state }: Upload): boolean {
  return name === '' && state === 'missing'
}

/** Of a lost file nothing is known: the one that the user chooses takes its place. Other uploads stay as they are. */
export function withFile(upload: Upload, content: Blob): Upload {
  if (!isLost(upload)) return upload
  const about = content instanceof File ? { name: content.name, lastModified: content.lastModified } : {}
  return {
    ...upload,
    ...about,
    name: sanitizeFileName(about.name ?? ''),
    type: content.type,
    size: content.size,
  }
}

/** The upload as it will look in its message, while its content is here. */
export function toSentFile(upload: Upload): SentFile {
  const { id, name, type, size, width, height, duration } = upload
  return {
    id,
    name,
    type: type === '' ? 'application/octet-stream' : type,
    size,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(duration === undefined ? {} : { duration }),
  }
}

export function tusMetadata({ name, type, width, height, duration }: Upload): Record<string, string> {
  const about: Record<string, string> = { filename: name, filetype: type }
  if (width !== undefined) about['width'] = String(width)
  if (height !== undefined) about['height'] = String(height)
  if (duration !== undefined) about['duration'] = String(duration)
  return about
}
