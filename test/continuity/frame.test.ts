import { expect, test } from 'vitest'
import { firstPosition, nextPosition } from '../../server/continuity/chain.ts'
import {
  decodeFrameAt,
  decodeFrames,
  encodeFrame,
  FrameError,
  frameTypes,
  jsonFrame,
  parseBody,
} from '../../server/continuity/frame.ts'
import { isPosition, isSamePosition, noPosition, type Position } from '../../server/continuity/position.ts'

const position: Position = { lsn: 2 ** 40 + 7, chain: '00112233445566778899aabbccddeeff' }

test('decodes each frame of a message as it was encoded', () => {
  const frames = [
    jsonFrame(frameTypes.beat, noPosition, { committed: 4 }),
    jsonFrame(frameTypes.rows, position, ['ключ', '🗝️', '\u0000', 'مفتاح']),
    { type: frameTypes.leave, position, body: Buffer.alloc(0) },
  ]
  const decoded = [...decodeFrames(Buffer.concat(frames.map(encodeFrame)))]
  expect(
    decoded.map(({ type, position: at, body }) => ({ type, position: at, body: body.toString() })),
  ).toEqual(frames.map(({ type, position: at, body }) => ({ type, position: at, body: body.toString() })))
})

test('compresses a long body, and the chain does not depend on it', () => {
  const body = Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, (_, i) => `message ${i}`)))
  const encoded = encodeFrame({ type: frameTypes.rows, position, body })
  expect(encoded.length).toBeLessThan(body.length / 2)
  const [decoded] = decodeFrames(encoded)
  expect(decoded?.body.equals(body)).toBe(true)
})

test('keeps a body that compression would lengthen', () => {
  const body = Buffer.alloc(20_000)
  for (let i = 0; i < body.length; i += 1) body[i] = (Math.imul(i, 2654435761) >>> 13) & 0xff
  const [decoded] = decodeFrames(encodeFrame({ type: frameTypes.rows, position, body }))
  expect(decoded?.body.equals(body)).toBe(true)
})

test('returns nothing for a frame that was cut at any byte', () => {
  const encoded = encodeFrame(jsonFrame(frameTypes.rows, position, ['a row']))
  for (let length = 0; length < encoded.length; length += 1) {
    expect(decodeFrameAt(encoded.subarray(0, length), 0)).toBeUndefined()
    if (length > 0) expect(() => [...decodeFrames(encoded.subarray(0, length))]).toThrow(FrameError)
  }
})

test.for([
  ['an unknown type', (bytes: Buffer): unknown => (bytes[0] = 0x7f)],
  ['an unknown flag', (bytes: Buffer): unknown => (bytes[1] = 2)],
  ['reserved bytes that are set', (bytes: Buffer): unknown => (bytes[3] = 1)],
  ['a length above the limit', (bytes: Buffer): unknown => bytes.writeUInt32BE(2 ** 31, 4)],
  ['a number beyond 2^53', (bytes: Buffer): unknown => bytes.writeBigUInt64BE(2n ** 60n, 8)],
  ['a compressed body that is none', (bytes: Buffer): unknown => (bytes[1] = 1)],
] as const)('refuses %s', ([, spoil]) => {
  const encoded = encodeFrame(jsonFrame(frameTypes.rows, position, ['a row']))
  spoil(encoded)
  expect(() => [...decodeFrames(encoded)]).toThrow(FrameError)
})

test('refuses a body that is not JSON', () => {
  expect(() => parseBody({ type: frameTypes.beat, position, body: Buffer.from('{') })).toThrow(FrameError)
})

test('a position depends on everything before it', () => {
  const start = firstPosition(11)
  expect(start.lsn).toBe(12)
  expect(isSamePosition(start, firstPosition(11))).toBe(false)
  const one = nextPosition(start, Buffer.from('one'))
  expect(one.lsn).toBe(13)
  expect(isPosition(one)).toBe(true)
  expect(nextPosition(start, Buffer.from('one'))).toEqual(one)
  expect(nextPosition(start, Buffer.from('two')).chain).not.toBe(one.chain)
  expect(nextPosition({ ...start, lsn: 13 }, Buffer.from('one')).chain).not.toBe(one.chain)
  expect(nextPosition({ ...start, chain: noPosition.chain }, Buffer.from('one')).chain).not.toBe(one.chain)
})

test.for([
  null,
  {},
  { lsn: -1, chain: noPosition.chain },
  { lsn: 1.5, chain: noPosition.chain },
  { lsn: 1, chain: 'ab' },
])('does not take %j for a position', (value) => {
  expect(isPosition(value)).toBe(false)
})
