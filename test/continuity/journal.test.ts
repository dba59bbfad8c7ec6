import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { firstPosition, nextPosition } from '../../server/continuity/chain.ts'
import { encodeFrame, frameTypes, type RowFrame } from '../../server/continuity/frame.ts'
import { Journal } from '../../server/continuity/journal.ts'
import type { Position } from '../../server/continuity/position.ts'
import { newDataDir } from '../support/data-dir.ts'

const start = firstPosition(41)

function frameAfter(position: Position, text: string): RowFrame {
  const body = Buffer.from(JSON.stringify([text]))
  const frame = { type: frameTypes.rows, position: nextPosition(position, body), body }
  return { ...frame, encoded: encodeFrame(frame) }
}

function framesOf(...texts: string[]): RowFrame[] {
  let position: Position = start
  return texts.map((text) => {
    const frame = frameAfter(position, text)
    position = frame.position
    return frame
  })
}

const textsOf = (frames: readonly RowFrame[]) =>
  frames.map(({ body }) => (JSON.parse(body.toString()) as string[])[0])

function openJournal(directory = join(newDataDir(), 'journal'), applied = start) {
  const synced: number[] = []
  const journal = new Journal(directory, applied, {
    synced: ({ lsn }) => synced.push(lsn),
    failed: (error) => {
      throw error
    },
  })
  const found = journal.open()
  onTestFinished(() => journal.close())
  return { directory, journal, found, synced }
}

const segmentsIn = (directory: string) => readdirSync(directory).map((name) => join(directory, name))

test('returns the frames beyond the database when it is opened again', async () => {
  const { directory, journal, synced } = openJournal()
  const frames = framesOf('a', 'b', 'c')
  for (const frame of frames) journal.append(frame)
  await journal.settle()
  // frames of one turn share a sync
  expect(synced).toEqual([start.lsn + 3])
  await journal.close()
  expect(textsOf(openJournal(directory).found)).toEqual(['a', 'b', 'c'])
  const applied = frames[1]?.position ?? start
  const later = openJournal(directory, applied)
  expect(textsOf(later.found)).toEqual(['c'])
  expect(later.journal.end).toEqual(frames[2]?.position)
})

test('a crash at any byte of the last frame loses that frame only, and the journal goes on', async () => {
  const { directory, journal } = openJournal()
  const [first, last] = framesOf('first', 'the last one') as [RowFrame, RowFrame]
  journal.append(first)
  journal.append(last)
  await journal.close()
  const [file] = segmentsIn(directory) as [string]
  const whole = readFileSync(file)
  for (let length = first.encoded.length; length < whole.length; length += 1) {
    writeFileSync(file, whole.subarray(0, length))
    const again = openJournal(directory)
    expect(textsOf(again.found)).toEqual(['first'])
    again.journal.append(frameAfter(first.position, 'another'))
    await again.journal.close()
    expect(textsOf(openJournal(directory).found)).toEqual(['first', 'another'])
    truncateSync(file)
  }
})

test('a changed byte cuts off its frame and all after it', async () => {
  const { directory, journal } = openJournal()
  for (const frame of framesOf('a', 'b', 'c')) journal.append(frame)
  await journal.close()
  const [file] = segmentsIn(directory) as [string]
  const whole = readFileSync(file)
  const second = whole.indexOf('"b"')
  for (const at of [second, second - 5, second - 20, second - 33]) {
    const spoiled = Buffer.from(whole)
    spoiled[at] = (spoiled[at] as number) ^ 0xff
    writeFileSync(file, spoiled)
    const { found, journal: again } = openJournal(directory)
    expect(textsOf(found)).toEqual(['a'])
    await again.close()
    expect(textsOf(openJournal(directory).found)).toEqual(['a'])
  }
})

test('keeps nothing of a journal that belongs to another database', async () => {
  const { directory, journal } = openJournal()
  for (const frame of framesOf('a', 'b')) journal.append(frame)
  await journal.close()
  const { found, journal: other } = openJournal(directory, { ...start, chain: 'f'.repeat(32) })
  expect(found).toEqual([])
  expect(other.end.lsn).toBe(start.lsn)
})

test('refuses a frame that does not continue it', () => {
  const { journal } = openJournal()
  const [first, second] = framesOf('a', 'b') as [RowFrame, RowFrame]
  expect(() => journal.append(second)).toThrow('does not continue')
  journal.append(first)
  expect(() => journal.append(first)).toThrow('does not continue')
  expect(() => journal.append({ ...second, body: Buffer.from('[]') })).toThrow('does not continue')
  journal.append(second)
})

test('cuts off a tail, over segments too, and takes others in its place', async () => {
  const { directory, journal } = openJournal()
  const frames = framesOf('a', 'b', 'c', 'd')
  for (const frame of frames) {
    journal.append(frame)
    journal.rotate()
  }
  expect(segmentsIn(directory)).toHaveLength(4)
  const kept = frames[1]?.position ?? start
  await journal.cutTo(kept)
  expect(journal.end).toEqual(kept)
  journal.append(frameAfter(kept, 'other'))
  await journal.close()
  expect(textsOf(openJournal(directory).found)).toEqual(['a', 'b', 'other'])
  const again = openJournal(directory)
  await again.journal.cutTo(start)
  await again.journal.close()
  expect(openJournal(directory).found).toEqual([])
})

test('removes the segments whose frames the database has, and no other', async () => {
  const { directory, journal } = openJournal()
  const frames = framesOf('a', 'b', 'c')
  for (const frame of frames) {
    journal.append(frame)
    journal.rotate()
  }
  await journal.release((frames[0]?.position.lsn ?? 0) - 1)
  expect(segmentsIn(directory)).toHaveLength(3)
  await journal.release(frames[1]?.position.lsn ?? 0)
  expect(segmentsIn(directory)).toHaveLength(1)
  await journal.release(frames[2]?.position.lsn ?? 0)
  expect(segmentsIn(directory)).toHaveLength(0)
  journal.append(frameAfter(journal.end, 'd'))
  await journal.close()
  expect(textsOf(openJournal(directory, frames[2]?.position).found)).toEqual(['d'])
})

// the system refuses to let files grow, as a full disk does
test.runIf(process.platform === 'linux')('a write that fails leaves the journal as it was', async () => {
  const { directory, journal } = openJournal()
  const [first, second] = framesOf('a', 'b'.repeat(10_000)) as [RowFrame, RowFrame]
  journal.append(first)
  const [file] = segmentsIn(directory) as [string]
  const before = readFileSync(file).length
  limitFileBytes('5000')
  try {
    expect(() => journal.append(second)).toThrow('EFBIG')
  } finally {
    limitFileBytes('unlimited')
  }
  expect(readFileSync(file).length).toBe(before)
  journal.append(second)
  await journal.close()
  expect(openJournal(directory).found).toHaveLength(2)
})

/** For this process: Node ignores the signal, so a longer write fails in part. */
function limitFileBytes(limit: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:unlimited`])
}

test('leaves files of others alone', async () => {
  const { directory, journal } = openJournal()
  const note = join(directory, 'note.txt')
  appendFileSync(note, 'mine')
  journal.append(frameAfter(start, 'a'))
  await journal.close()
  expect(textsOf(openJournal(directory).found)).toEqual(['a'])
  expect(existsSync(note)).toBe(true)
})
