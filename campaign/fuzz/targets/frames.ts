import {
  decodeFrames,
  encodeFrame,
  FrameError,
  type FrameType,
  frameTypes,
  parseBody,
} from '../../../server/continuity/frame.ts'
import { isPosition } from '../../../server/continuity/position.ts'
import { checkFolders, checkMessages } from '../../../server/standby/set-aside-form.ts'
import { bodyOf } from '../../../server/standby/stream.ts'
import { readPlaces } from '../../../shared/places.ts'
import { parseTerm } from '../../../shared/term.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendBytes, bendValue, nestedLists, pick } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * The binary frames between a hub, its standbys and a third computer: bytes are whole frames or a FrameError, a frame encodes to what it
 * came from, nothing unpacks to more than the limit, and what a body says has the form of its type or is refused.
 */

interface Bytes {
  bytes: Buffer
  limitBytes: number
}

const digest = 'ab'.repeat(32)
const term = {
  ...{
    n: 3,
    node: 'node-a',
    epoch: 'epoch-1',
    lsn: 12,
    chain: '0f'.repeat(16),
    prev: [2, 'node-b'],
    at: 1_796_000_000_000,
  },
  sig: 'x'.repeat(86),
}
const file = {
  ...{
    id: 'f1',
    name: 'plan.png',
    type: 'image/png',
    size: 100,
    digest,
    width: 10,
    height: 10,
    duration: null,
  },
  ...{ moves: 0, hasPreview: false },
}
const message = {
  ...{
    n: 1,
    id: 'm1',
    chatId: 'c1',
    author: 'u1',
    cid: 'cid-1',
    text: 'boat',
    at: 1,
    editedAt: null,
    digest: 'ab',
  },
  files: [file],
}
const folder = {
  folder: 'diverged-1',
  movedAt: 1,
  messages: 2,
  people: 0,
  files: 1,
  unreachable: 0,
  other: { pins: 1 },
}
const bodies: readonly unknown[] = [
  { term, addresses: ['10.0.0.5:7788'] },
  { places: [{ node: 'a', name: 'Yard', role: 'hub', addresses: ['10.0.0.5:7788', '[fe80::1]:7788'] }] },
  { folders: [folder, { ...folder, folder: 'diverged-2', problem: 'unreadable' }] },
  { id: 1, messages: [message, { ...message, n: 2, thread: { id: 'm1', author: 'u1', cid: 'cid-1' } }] },
  { id: 2, do: 'file', folder: 'diverged-1', digest, from: 0 },
  { lsn: 12, chain: '0f'.repeat(16) },
  [
    [3, 2, 'id', 1, 'text'],
    [0, 1, 'x', null, { b: 'AAAA' }],
  ],
]
const types = Object.values(frameTypes)
const maxFrames = 4

export function openFramesTarget(): Target<Bytes> {
  const subject = { decode: decodeFrames }
  return {
    inputsPerRound: 20_000,
    make: makeBytes,
    check: ({ bytes, limitBytes }) => checkBytes(bytes, limitBytes, subject.decode),
    faults: {
      'unlimited-frame': () => {
        subject.decode = (bytes) => decodeFrames(bytes)
      },
    },
  }
}

function makeBytes(random: Random): Bytes {
  const frames = Array.from({ length: 1 + random.below(maxFrames) }, () => makeFrame(random))
  let bytes: Buffer = Buffer.concat(frames)
  for (let times = random.below(3); times > 0; times -= 1) bytes = bendBytes(random, bytes)
  return { bytes, limitBytes: pick(random, [64, 4_096, 1 << 20]) }
}

function makeFrame(random: Random): Buffer {
  const position = { lsn: pick(random, [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]), chain: '0f'.repeat(16) }
  return encodeFrame({ type: pick(random, types), position, body: makeBody(random) })
}

function makeBody(random: Random): Buffer {
  if (random.chance(0.03))
    return Buffer.alloc(pick(random, [0, 1, 20_000, 400_000]), pick(random, ['a', '\0', '[']))
  if (random.chance(0.02)) return Buffer.from(nestedLists(random))
  let value = pick(random, bodies)
  for (let times = random.below(4); times > 0; times -= 1) value = bendValue(random, value)
  return Buffer.from(JSON.stringify(value) ?? '')
}

function checkBytes(bytes: Buffer, limitBytes: number, decode: typeof decodeFrames): string | undefined {
  let read = 0
  try {
    for (const frame of decode(bytes, () => limitBytes)) {
      read += frame.encoded.length
      const [again] = [...decodeFrames(encodeFrame(frame))]
      const problem = firstProblem(
        [frame.body.length <= limitBytes, `a body of ${frame.body.length} bytes`],
        [read <= bytes.length, 'more bytes than there are'],
        [
          again?.type === frame.type && again.body.equals(frame.body),
          'another frame when it is encoded again',
        ],
        [JSON.stringify(again?.position) === JSON.stringify(frame.position), 'another position'],
        [isPosition(frame.position), 'a position that no other computer takes'],
      )
      if (problem !== undefined) return problem
      const inBody = checkBody(frame)
      if (inBody !== undefined) return inBody
    }
  } catch (error) {
    return error instanceof FrameError ? undefined : `${String(error)} instead of a FrameError`
  }
  return read === bytes.length ? undefined : 'bytes were left out'
}

function checkBody(frame: Parameters<typeof bodyOf>[0] & { type: FrameType }): string | undefined {
  const body = readOrRefuse(() => bodyOf(frame), FrameError) as Record<string, unknown> | undefined
  const value = readOrRefuse(() => parseBody(frame), FrameError)
  if (!body) return undefined
  const shown = parseTerm(body['term'])
  const places = readPlaces(body['places'])
  const folders = readOrRefuse(() => checkFolders(body['folders']), Error) as { folder: string }[] | undefined
  const rows = readOrRefuse(() => checkMessages(body['messages'], 0), Error) as
    { n: number; files: { digest: string }[] }[] | undefined
  return firstProblem(
    [value !== undefined, 'an object that is no JSON'],
    [!shown || JSON.stringify(parseTerm(shown)) === JSON.stringify(shown), 'a term'],
    [!shown || !`${shown.node}${shown.epoch}${shown.sig}`.includes('\n'), 'a term with a line break'],
    [
      places.length <= 8 && places.every(({ addresses }) => addresses.every((one) => /:\d+$/.test(one))),
      'a place',
    ],
    [folders?.every((one) => /^diverged-\d+$/.test(one.folder)) ?? true, 'a folder elsewhere'],
    [
      rows?.every(
        ({ n, files }, at) =>
          n > (rows[at - 1]?.n ?? 0) && files.every((one) => /^[0-9a-f]{64}$/.test(one.digest)),
      ) ?? true,
      'a row',
    ],
  )
}

/** @throws what is no error of that kind */
function readOrRefuse(read: () => unknown, kind: new (...args: never[]) => Error): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof kind && !(error instanceof TypeError) && !(error instanceof RangeError))
      return undefined
    throw error
  }
}
