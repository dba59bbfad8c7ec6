import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { chainBytes, type Position } from './position.ts'

/*
 * The frames of the stream between a hub and its standby, and of the journal:
 * u8 type · u8 flags (1: body compressed with zstd) · u16 0 · u32 length · u64 lsn · 16 bytes chain · body.
 * All numbers are big-endian. A message of the stream is one or more frames.
 */

export const frameTypes = {
  challenge: 0x01,
  hello: 0x02,
  welcome: 0x03,
  key: 0x04,
  rows: 0x05,
  durable: 0x06,
  inStep: 0x07,
  drop: 0x08,
  dropped: 0x09,
  beat: 0x0a,
  seal: 0x0b,
  took: 0x0c,
  leave: 0x0d,
  higher: 0x0e,
  digest: 0x0f,
  digestIs: 0x10,
  mark: 0x11,
  marked: 0x12,
  candidate: 0x13,
  vote: 0x14,
  here: 0x15,
  /** From a standby: what it has set aside. */
  setAside: 0x16,
  /** To a standby: asks for something of what it has set aside; and its answer. */
  fetch: 0x17,
  fetched: 0x18,
} as const

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes]

export interface Frame {
  readonly type: FrameType
  readonly position: Position
  /** JSON in UTF-8, not compressed. */
  readonly body: Buffer
}

/** A batch of row changes, ready to be sent and written. */
export interface RowFrame extends Frame {
  readonly encoded: Buffer
}

export const frameHeaderBytes = 32
export const maxMessageBytes = 64 * 1024 * 1024
/** Leaves room for the header. */
export const maxBodyBytes = maxMessageBytes - 1024
/** Shorter bodies gain little. */
const compressFromBytes = 16 * 1024
const fastestLevel = 1
const zstdFlag = 1
const knownTypes = new Set<number>(Object.values(frameTypes))

/** Bytes that are no frame. */
export class FrameError extends Error {
  override name = 'FrameError'
}

export function encodeFrame({ type, position, body }: Frame): Buffer {
  if (body.length > maxBodyBytes) throw new FrameError(`a frame of ${body.length} bytes is too large`)
  const packed = body.length >= compressFromBytes ? compress(body) : body
  const isCompressed = packed.length < body.length
  const content = isCompressed ? packed : body
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + content.length)
  bytes[0] = type
  bytes[1] = isCompressed ? zstdFlag : 0
  bytes.writeUInt16BE(0, 2)
  bytes.writeUInt32BE(content.length, 4)
  bytes.writeBigUInt64BE(BigInt(position.lsn), 8)
  bytes.write(position.chain, 16, chainBytes, 'hex')
  content.copy(bytes, frameHeaderBytes)
  return bytes
}

function compress(body: Buffer): Buffer {
  return zstdCompressSync(body, { params: { [compressionLevel]: fastestLevel } })
}

/** ZSTD_c_compressionLevel */
const compressionLevel = 100

/**
 * Reads the frame at `at`. Returns undefined if the bytes end before it does.
 * @param limitBytes of the body, once it is unpacked
 * @throws FrameError if they are no frame
 */
export function decodeFrameAt(
  bytes: Buffer,
  at: number,
  limitBytes = maxBodyBytes,
): { frame: RowFrame; end: number } | undefined {
  if (bytes.length - at < frameHeaderBytes) return undefined
  const type = bytes[at] as number
  const flags = bytes[at + 1] as number
  if (!knownTypes.has(type)) throw new FrameError(`unknown frame type ${type}`)
  if ((flags & ~zstdFlag) !== 0 || bytes.readUInt16BE(at + 2) !== 0) throw new FrameError('unknown flags')
  const length = bytes.readUInt32BE(at + 4)
  if (length > limitBytes) throw new FrameError(`a frame of ${length} bytes is too large`)
  const end = at + frameHeaderBytes + length
  if (bytes.length < end) return undefined
  const lsn = Number(bytes.readBigUInt64BE(at + 8))
  if (!Number.isSafeInteger(lsn)) throw new FrameError('a frame without a possible number')
  const chain = bytes.toString('hex', at + 16, at + frameHeaderBytes)
  const content = bytes.subarray(at + frameHeaderBytes, end)
  const body = flags === zstdFlag ? decompress(content, limitBytes) : content
  const encoded = bytes.subarray(at, end)
  return { frame: { type: type as FrameType, position: { lsn, chain }, body, encoded }, end }
}

function decompress(content: Buffer, maxOutputLength: number): Buffer {
  try {
    return zstdDecompressSync(content, { maxOutputLength })
  } catch (error) {
    throw new FrameError('the body of a frame cannot be unpacked', { cause: error })
  }
}

/**
 * Reads the frames of a message, one at a time: a few bytes can unpack to many, so each is dealt with before the next.
 * @param limitBytes asked before each frame
 * @throws FrameError if it is not made of whole frames
 */
export function* decodeFrames(
  message: Buffer,
  limitBytes: () => number = () => maxBodyBytes,
): Generator<RowFrame, void> {
  for (let at = 0; at < message.length;) {
    const found = decodeFrameAt(message, at, limitBytes())
    if (!found) throw new FrameError('a message ends within a frame')
    yield found.frame
    at = found.end
  }
}

/** @throws FrameError if the body is not JSON */
export function parseBody(frame: Frame): unknown {
  try {
    return JSON.parse(frame.body.toString('utf8'))
  } catch (error) {
    throw new FrameError('the body of a frame is not JSON', { cause: error })
  }
}

export function jsonFrame(type: FrameType, position: Position, value: unknown): Frame {
  return { type, position, body: Buffer.from(JSON.stringify(value)) }
}
