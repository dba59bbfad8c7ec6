/*
 * Writes DER, the encoding of certificates, as far as certificate.ts needs it. Reading, where mistakes are dangerous,
 * is left to OpenSSL.
 */

export type Der = Buffer

function tagged(tag: number, ...contents: readonly Uint8Array[]): Der {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...contents])
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = base256(length)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

function base256(value: number): number[] {
  const bytes = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return bytes
}

export const sequence = (...parts: Uint8Array[]): Der => tagged(0x30, ...parts)
export const set = (...parts: Uint8Array[]): Der => tagged(0x31, ...parts)
export const octetString = (bytes: Uint8Array): Der => tagged(0x04, bytes)
export const utf8String = (text: string): Der => tagged(0x0c, Buffer.from(text))
export const derTrue: Der = tagged(0x01, Buffer.from([0xff]))

/** Encodes a positive integer, even if its first bit is set. */
export function integer(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Buffer.alloc(1) : bytes.subarray(first)
  return tagged(0x02, (digits[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0), digits)
}

/** `unused`: number of bits at the end that do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Der {
  return tagged(0x03, Buffer.from([unused]), bytes)
}

/** `[number] EXPLICIT`. */
export const explicitTag = (number: number, inner: Uint8Array): Der => tagged(0xa0 | number, inner)
/** `[number] IMPLICIT`, of a constructed value or of plain bytes. */
export const constructedTag = (number: number, ...inner: Uint8Array[]): Der => tagged(0xa0 | number, ...inner)
export const implicitTag = (number: number, bytes: Uint8Array): Der => tagged(0x80 | number, bytes)

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value % 128]
  for (let more = Math.floor(value / 128); more > 0; more = Math.floor(more / 128)) {
    bytes.unshift((more % 128) | 0x80)
  }
  return bytes
}

/** In whole seconds. Certificates write years up to 2049 with two digits, and later ones with four. */
export function time(ms: number): Der {
  const text = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  const short = Number(text.slice(0, 4)) < 2050
  return short ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text))
}
