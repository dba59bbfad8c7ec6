import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { nextPosition } from '../../../server/continuity/chain.ts'
import { encodeFrame, frameTypes, type RowFrame } from '../../../server/continuity/frame.ts'
import { Journal } from '../../../server/continuity/journal.ts'
import { noPosition, type Position } from '../../../server/continuity/position.ts'
import { Random } from '../../../test/simulation/random.ts'
import { bendBytes } from '../bend.ts'
import type { Target } from '../target.ts'

/*
 * The journal of a standby, cut and bent at any byte. What is read of it is what was written, from the beginning on and without a gap;
 * it goes on from there, and the next start reads the same.
 */

interface BentJournal {
  frames: number
  /** Frames that the database has already. */
  applied: number
  bends: number
  seed: number
}

const maxFrames = 6

export function openJournalTarget(folder: string): Target<BentJournal> {
  const dir = path.join(folder, 'journal')
  mkdirSync(dir)
  const subject = { read: (journal: Journal) => journal.open() }
  return {
    inputsPerRound: 1_000,
    make: (random) => {
      const frames = random.below(maxFrames)
      const applied = random.below(frames + 1)
      return { frames, applied, bends: random.below(4), seed: random.below(2 ** 31) }
    },
    check: (input) => checkJournal(dir, input, subject.read),
    faults: {
      'skipped-frame': () => {
        subject.read = (journal) => journal.open().slice(1)
      },
    },
  }
}

async function checkJournal(
  dir: string,
  { frames: count, applied, bends, seed }: BentJournal,
  read: (journal: Journal) => RowFrame[],
): Promise<string | undefined> {
  const random = new Random(seed)
  rmSync(dir, { recursive: true, force: true })
  const frames = makeFrames(count)
  await fill(dir, frames)
  for (const name of readdirSync(dir)) {
    let bytes: Buffer = readFileSync(path.join(dir, name))
    for (let times = bends; times > 0; times -= 1) bytes = bendBytes(random, bytes)
    writeFileSync(path.join(dir, name), bytes)
  }
  const start = applied === 0 ? noPosition : (frames[applied - 1] as RowFrame).position
  const found = await readOnce(dir, start, read)
  const rest = frames.slice(applied)
  if (bends === 0 && found.length !== rest.length) return `${found.length} of ${rest.length} frames`
  if (found.some((frame, at) => !rest[at]?.encoded.equals(frame.encoded))) return 'another frame'
  const next = makeFrame(found.at(-1)?.position ?? start, 'after')
  await append(dir, start, next)
  const again = await readOnce(dir, start, (journal) => journal.open())
  const lsns = again.map(({ position }) => position.lsn)
  const expected = [...found, next].map(({ position }) => position.lsn)
  return JSON.stringify(lsns) === JSON.stringify(expected)
    ? undefined
    : `frames ${lsns.join()} after ${expected.join()}`
}

async function fill(dir: string, frames: readonly RowFrame[]): Promise<void> {
  const journal = openJournal(dir, noPosition)
  journal.open()
  for (const frame of frames) journal.append(frame)
  await journal.settle()
  await journal.close()
}

async function append(dir: string, start: Position, frame: RowFrame): Promise<void> {
  const journal = openJournal(dir, start)
  journal.open()
  journal.append(frame)
  await journal.close()
}

async function readOnce(
  dir: string,
  start: Position,
  read: (journal: Journal) => RowFrame[],
): Promise<RowFrame[]> {
  const journal = openJournal(dir, start)
  const frames = read(journal)
  await journal.close()
  return frames
}

function openJournal(dir: string, applied: Position): Journal {
  return new Journal(dir, applied, { synced: () => undefined, failed: () => undefined })
}

function makeFrames(count: number): RowFrame[] {
  const frames: RowFrame[] = []
  for (let at = 0; at < count; at += 1)
    frames.push(makeFrame(frames.at(-1)?.position ?? noPosition, `row ${at}`))
  return frames
}

function makeFrame(before: Position, text: string): RowFrame {
  const body = Buffer.from(JSON.stringify([[3, 2, 'id', 1, text.repeat(20)]]))
  const frame = { type: frameTypes.rows, position: nextPosition(before, body), body }
  return { ...frame, encoded: encodeFrame(frame) }
}
