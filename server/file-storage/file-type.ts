import { open } from 'node:fs/promises'

/*
 * Detects the type of a file by its content: neither its name nor the declared type counts. Only types that a
 * browser shows or plays without running code are detected; every other file is bytes to be saved.
 */

export const binaryType = 'application/octet-stream'

const inlineTypes: Readonly<Record<string, string>> = {
  'image/png': 'image/png',
  'image/apng': 'image/png',
  'image/jpeg': 'image/jpeg',
  'image/gif': 'image/gif',
  'image/webp': 'image/webp',
  'image/avif': 'image/avif',
  'video/mp4': 'video/mp4',
  'video/x-m4v': 'video/mp4',
  'video/webm': 'video/webm',
  // played if the browser has the codec; otherwise a card to save it
  'video/quicktime': 'video/quicktime',
  'audio/mpeg': 'audio/mpeg',
  'audio/ogg': 'audio/ogg',
  'audio/opus': 'audio/ogg',
  'audio/wav': 'audio/wav',
  'audio/x-m4a': 'audio/mp4',
  'audio/mp4': 'audio/mp4',
}

export function isInlineType(type: string): boolean {
  return type !== binaryType && Object.values(inlineTypes).includes(type)
}

/** Number of bytes that is enough to detect any of the types. */
const sniffedBytes = 4100

export async function detectFileType(path: string): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0)
    return await detectTypeOfBytes(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}

async function detectTypeOfBytes(head: Buffer): Promise<string> {
  // the metadata before an MP3 may contain its cover and exceed the inspected bytes
  if (head.toString('latin1', 0, 3) === 'ID3') return 'audio/mpeg'
  // most starts see no file at all
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  const mime = found?.mime.split(';')[0] ?? ''
  return (Object.hasOwn(inlineTypes, mime) ? inlineTypes[mime] : undefined) ?? binaryType
}
