import { type FileHandle, open } from 'node:fs/promises'

/*
 * Reads the size of a picture from its header, so that a page can reserve its room before the picture is decoded. Only
 * what is needed for that is read, and nothing of it is trusted: the decoder has the last word.
 */

interface ImageSize {
  width: number
  height: number
}

/** Enough for the headers of PNG, GIF and WebP. */
const headerBytes = 32
/** A JPEG has its size after any number of segments of metadata. */
const maxJpegSegments = 500
/** The orientation is among the first values of its segment. */
const exifBytes = 4096

/** Returns the size as the picture is meant to be seen, or undefined if its header does not tell. */
export async function readImageSize(file: string, type: string): Promise<ImageSize | undefined> {
  const handle = await open(file, 'r')
  try {
    const size =
      type === 'image/jpeg'
        ? await readJpegSize(handle)
        : readSize(await readAt(handle, 0, headerBytes), type)
    return size && size.width > 0 && size.height > 0 ? size : undefined
  } finally {
    await handle.close()
  }
}

/** Returns zeros after the end of the file. */
async function readAt(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, at)
  return buffer
}

function readSize(head: Buffer, type: string): ImageSize | undefined {
  if (type === 'image/png') return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
  if (type === 'image/gif') return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
  return type === 'image/webp' ? readWebpSize(head) : undefined
}

function readWebpSize(head: Buffer): ImageSize | undefined {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = head.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}

async function readJpegSize(handle: FileHandle): Promise<ImageSize | undefined> {
  let isTurned = false
  let at = 2
  for (let count = 0; count < maxJpegSegments; count += 1) {
    const segment = await readAt(handle, at, 9)
    const marker = segment.readUInt8(1)
    if (segment.readUInt8(0) !== 0xff) return undefined
    if (isStartOfFrame(marker)) {
      const [height, width] = [segment.readUInt16BE(5), segment.readUInt16BE(7)]
      return isTurned ? { width: height, height: width } : { width, height }
    }
    if (marker === 0xe1) isTurned ||= readsTurned(await readAt(handle, at + 4, exifBytes))
    // a marker may be preceded by any number of these
    at += marker === 0xff ? 1 : 2 + segment.readUInt16BE(2)
  }
  return undefined
}

/** SOF0 to SOF15, without the tables that have their numbers among them. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

const orientationTag = 0x0112
const maxExifEntries = 300

/** Returns true if EXIF says that width and height are exchanged. */
function readsTurned(exif: Buffer): boolean {
  if (exif.toString('latin1', 0, 6) !== 'Exif\0\0') return false
  const isLittle = exif.toString('latin1', 6, 8) === 'II'
  const read16 = (at: number): number => {
    if (at + 2 > exif.length) return 0
    return isLittle ? exif.readUInt16LE(at) : exif.readUInt16BE(at)
  }
  const start = 6 + (isLittle ? exif.readUInt32LE(10) : exif.readUInt32BE(10))
  const count = Math.min(read16(start), maxExifEntries)
  for (let entry = 0; entry < count; entry += 1) {
    const at = start + 2 + entry * 12
    if (read16(at) === orientationTag) return read16(at + 8) >= 5 && read16(at + 8) <= 8
  }
  return false
}
