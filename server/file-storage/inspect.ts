import { HubError } from '../../shared/errors.ts'
import { detectFileType } from './file-type.ts'
import type { ImageResizer, ResizedImage } from './image-resizer.ts'
import { readImageSize } from './image-size.ts'
import type { FileRow } from './queries.ts'
import type { FileStore } from './store.ts'

/** The properties of a complete file that are known at once. */
export type FileInfo = Pick<FileRow, 'type' | 'width' | 'height' | 'duration' | 'previewOwed'>

/** The properties of a picture that are known once it was decoded. */
export type PictureInfo = Pick<FileRow, 'width' | 'height' | 'moves' | 'listDigest' | 'screenDigest'>

export interface InspectServices {
  readonly files: FileStore
  readonly imageResizer: ImageResizer
}

const maxPixels = 40_000_000
/** Photos of telephones have up to 200 megapixels. `docs/decisions/0015-files.md` has the memory that was measured. */
const maxShrinkablePixels = 210_000_000
/** Twice the size at which a conversation shows it, for dense screens. */
const listPreviewSize = { width: 960, height: 720 }
const screenPreviewSize = { width: 2560, height: 2560 }
/** A picture below this size needs no preview: it loads as fast as a preview would. */
const maxUnscaledBytes = 1024 * 1024

/**
 * Inspects a received file without decoding it: its type, and the size of a picture as its header tells it. A preview
 * is owed of every picture.
 */
export async function inspectFile(
  file: string,
  row: Pick<FileRow, 'width' | 'height' | 'duration'>,
): Promise<FileInfo> {
  const type = await detectFileType(file)
  if (/^(audio|video)\//.test(type)) {
    return { type, width: row.width, height: row.height, duration: row.duration, previewOwed: 0 }
  }
  if (!type.startsWith('image/')) return { type, width: null, height: null, duration: null, previewOwed: 0 }
  // the sender measures those whose header is not read here
  const { width, height } = (await readImageSize(file, type)) ?? row
  // a picture that is too large to be decoded will be shown as any other file
  const isPlausible = width !== null && height !== null && width * height <= maxShrinkablePixels
  return { type, ...(isPlausible ? { width, height } : noSize), duration: null, previewOwed: 1 }
}

/** A picture that cannot be decoded is treated as any other file. */
export const unreadablePicture: PictureInfo = {
  width: null,
  height: null,
  moves: 0,
  listDigest: null,
  screenDigest: null,
}

const noSize = { width: null, height: null }

export interface PictureSource {
  digest: string
  size: number
  /** Users take turns. */
  userId: string
}

/** Makes the previews of a stored picture. The caller settles their digests. @throws HubError `disk_full`, `busy` */
export async function makePreviews(
  { files, imageResizer }: InspectServices,
  { digest, size, userId }: PictureSource,
): Promise<PictureInfo> {
  const made = await files.contents.withFile(digest, async (source) => {
    const picture = { source, digest, user: userId }
    const small = await makePreview(imageResizer, { ...picture, ...listPreviewSize })
    if (!small) return undefined
    const { width, height, moves } = small.source
    const isLarge =
      width > screenPreviewSize.width || height > screenPreviewSize.height || size > maxUnscaledBytes
    const large =
      isLarge && !moves ? await makePreview(imageResizer, { ...picture, ...screenPreviewSize }) : undefined
    return { small, large }
  })
  if (!made) return unreadablePicture
  const { small, large } = made
  const { width, height, moves } = small.source
  return {
    width,
    height,
    moves: moves ? 1 : 0,
    listDigest: await files.writeContent(small.bytes),
    screenDigest: large ? await files.writeContent(large.bytes) : null,
  }
}

/** Returns undefined if the picture is missing, damaged, too large, takes too long, or ended the hub twice. */
async function makePreview(
  resizer: ImageResizer,
  picture: { source: string; digest: string; user: string; width: number; height: number },
): Promise<ResizedImage | undefined> {
  try {
    return await queuePreview(resizer, picture.user, () =>
      resizer.resize({ ...picture, fit: 'inside', maxPixels, maxShrinkablePixels }),
    )
  } catch (error) {
    if (error instanceof HubError && error.code === 'invalid') return undefined
    throw error
  }
}

/**
 * Pictures of one user wait here, one of them in the queue of the decoder: it refuses the thirty-third, and its users
 * take turns.
 */
const previewQueues = new WeakMap<ImageResizer, Map<string, Promise<unknown>>>()

function queuePreview<T>(resizer: ImageResizer, user: string, work: () => Promise<T>): Promise<T> {
  const queues = previewQueues.get(resizer) ?? new Map<string, Promise<unknown>>()
  previewQueues.set(resizer, queues)
  const mine = (queues.get(user) ?? Promise.resolve()).then(work, work)
  queues.set(user, mine)
  const forget = (): void => {
    if (queues.get(user) === mine) queues.delete(user)
  }
  mine.then(forget, forget)
  return mine
}
