import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import type { ImageResizer } from '../file-storage/image-resizer.ts'

/** The stored size of an avatar or group picture: large enough everywhere it is shown. */
const avatarSidePx = 256

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp'

interface PictureInfo {
  type: PictureType
  width: number
  height: number
}

/**
 * Detects an avatar or group picture by its first bytes: neither the name nor the declared type counts. Called
 * before it is charged and decoded. @throws HubError with a message for the user
 */
export function requirePicture(bytes: Uint8Array): PictureInfo {
  const max = limits.picture
  if (bytes.length === 0) throw pictureError('invalid', 'The picture is empty. Choose another file.')
  if (bytes.length > max.bytes) {
    throw pictureError(
      'too_large',
      `The picture is larger than ${max.bytes / 1024} KiB. Make it smaller, then try again.`,
    )
  }
  const picture = readPictureInfo(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  if (!picture) {
    throw pictureError('invalid', 'This is not a still PNG, JPEG or WebP picture. Choose another file.')
  }
  if (picture.width > max.side || picture.height > max.side) {
    throw pictureError(
      'too_large',
      `The picture is larger than ${max.side} × ${max.side} pixels. Make it smaller, then try again.`,
    )
  }
  return picture
}

/**
 * Returns the picture as it is stored and shown: square, small, encoded again from its pixels. So it contains only
 * a picture, without data about place or camera.
 */
export async function resizePicture(
  pictures: ImageResizer,
  user: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const { side } = limits.picture
  const made = await pictures.resize({
    user,
    source: bytes,
    width: avatarSidePx,
    height: avatarSidePx,
    fit: 'cover',
    maxPixels: side * side,
  })
  return made.bytes
}

/** Returns the type of a picture that was accepted before. */
export function typeOfPicture(bytes: Uint8Array): PictureType {
  return requirePicture(bytes).type
}

function pictureError(code: 'invalid' | 'too_large', message: string): HubError {
  return new HubError(code, message, { field: 'bytes' })
}

function readPictureInfo(bytes: Buffer): PictureInfo | undefined {
  try {
    const picture = readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes)
    return picture && picture.width > 0 && picture.height > 0 ? picture : undefined
  } catch (error) {
    // the file ends within its header
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readPng(bytes: Buffer): PictureInfo | undefined {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return undefined
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined
  // an animated picture declares it before its first pixel
  for (let at = 8; bytes.toString('latin1', at + 4, at + 8) !== 'IDAT'; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'acTL') return undefined
  }
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** The size is in the frame header (SOF), after any number of other segments. */
function readJpeg(bytes: Buffer): PictureInfo | undefined {
  if (bytes.readUIntBE(0, 3) !== 0xffd8ff) return undefined
  for (let at = 2; ;) {
    if (bytes.readUInt8(at) !== 0xff) return undefined
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      return { type: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    // pixels or the end of the file before a frame header
    if (marker === 0xda || marker === 0xd9 || (marker >= 0xd0 && marker <= 0xd8) || marker === 0x00)
      return undefined
    at += 2 + bytes.readUInt16BE(at + 2)
  }
}

function readWebp(bytes: Buffer): PictureInfo | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
    return undefined
  const type = 'image/webp'
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return undefined
      return { type, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      if (bytes.readUInt8(20) !== 0x2f) return undefined
      const bits = bytes.readUInt32LE(21)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      // an animated picture
      if ((bytes.readUInt8(20) & 0x02) !== 0) return undefined
      return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
