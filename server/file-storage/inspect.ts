import { HubError } from '../../shared/errors.ts'
import type { ImageResizer, ResizedImage } from './image-resizer.ts'
import type { FileRow } from './queries.ts'
import type { FileStore } from './store.ts'
import { detectFileType } from './file-type.ts'

/** The properties of a complete file. */
export type FileInfo = Pick<
  FileRow,
  'type' | 'width' | 'height' | 'duration' | 'moves' | 'listDigest' | 'screenDigest'
>

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
 * Inspects a received file: its type, and for a picture its size and previews. A picture that cannot be decoded is
 * treated as any other file.
 */
export async function inspectFile(
  services: InspectServices,
  file: string,
  row: FileRow & { digest: string },
): Promise<FileInfo> {
  const { digest } = row
  const type = await detectFileType(file)
  const isMedia = /^(audio|video)\//.test(type)
  const plain: FileInfo = {
    type,
    width: isMedia ? row.width : null,
    height: isMedia ? row.height : null,
    duration: isMedia ? row.duration : null,
    moves: 0,
    listDigest: null,
    screenDigest: null,
  }
  if (!type.startsWith('image/')) return plain
  const source = { source: file, digest, user: row.userId }
  const small = await makePreview(services.imageResizer, { ...source, ...listPreviewSize })
  if (!small) return plain
  const { width, height, moves } = small.source
  const isLarge =
    width > screenPreviewSize.width || height > screenPreviewSize.height || row.size > maxUnscaledBytes
  const large =
    isLarge && !moves
      ? await makePreview(services.imageResizer, { ...source, ...screenPreviewSize })
      : undefined
  return {
    ...plain,
    width,
    height,
    moves: moves ? 1 : 0,
    listDigest: await services.files.writeContent(small.bytes),
    screenDigest: large ? await services.files.writeContent(large.bytes) : null,
  }
}

/** Returns undefined if the picture is damaged, too large, takes too long, or ended the hub twice. */
async function makePreview(
  resizer: ImageResizer,
  picture: { source: string; digest: string; user: string; width: number; height: number },
): Promise<ResizedImage | undefined> {
  try {
    return await queuePreview(resizer, picture.user, () =>
      resizer.resize({ ...picture, fit: 'inside', maxPixels, maxShrinkablePixels }),
    )
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}

/**
 * A hundred pictures of one user wait here, one of them in the queue of the decoder: it refuses the thirty-third, and
 * its users take turns.
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
