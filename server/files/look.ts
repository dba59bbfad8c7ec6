import { HubError } from '../../shared/errors.ts'
import type { Hub } from '../hub.ts'
import type { MadePicture } from './pictures.ts'
import type { FileRow } from './queries.ts'
import { typeOfFile } from './type.ts'

/** What a whole file is. */
export type Seen = Pick<
  FileRow,
  'type' | 'width' | 'height' | 'duration' | 'moves' | 'listDigest' | 'screenDigest'
>

const maxPixels = 40_000_000
/** Twice what a conversation gives it, for dense screens. */
const list = { width: 960, height: 720 }
const screen = { width: 2560, height: 2560 }
/** A picture that loads as fast as a smaller one would is its own. */
const lightBytes = 1024 * 1024

/**
 * Looks at a file that has come in: its type, and of a picture its size and smaller copies. What cannot be decoded is a
 * file like any other.
 */
export async function lookAt(hub: Hub, file: string, row: FileRow): Promise<Seen> {
  const type = await typeOfFile(file)
  const isMedia = /^(audio|video)\//.test(type)
  const plain: Seen = {
    type,
    width: isMedia ? row.width : null,
    height: isMedia ? row.height : null,
    duration: isMedia ? row.duration : null,
    moves: 0,
    listDigest: null,
    screenDigest: null,
  }
  if (!type.startsWith('image/')) return plain
  const small = await make(hub, file, list)
  if (!small) return plain
  const { width, height, moves } = small.source
  const isLarge = width > screen.width || height > screen.height || row.size > lightBytes
  const large = isLarge && !moves ? await make(hub, file, screen) : undefined
  return {
    ...plain,
    width,
    height,
    moves: moves ? 1 : 0,
    listDigest: await hub.files.put(small.bytes),
    screenDigest: large ? await hub.files.put(large.bytes) : null,
  }
}

/** Nothing when it is damaged, too large, or takes too long. */
async function make(
  hub: Hub,
  source: string,
  size: { width: number; height: number },
): Promise<MadePicture | undefined> {
  try {
    return await inTurn(hub, () => hub.pictures.make({ source, ...size, fit: 'inside', maxPixels }))
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}

/** A hundred pictures at once wait here and not in the queue of the decoder, which refuses the thirty-third. */
const turns = new WeakMap<Hub, Promise<unknown>>()

function inTurn<T>(hub: Hub, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(hub) ?? Promise.resolve()).then(work, work)
  turns.set(hub, mine)
  return mine
}
