import { expect, test } from 'vitest'
import { entriesAbove, Floors } from '../../server/live/floors.ts'

/* What a client has read is not sent to it again, however processes put entries together. */

const batch = (lastSeq: number, count: number) => {
  const texts = Array.from({ length: count }, (_, i) => `{"seq":${lastSeq - count + 1 + i}}`)
  return { stream: 'chat:a', lastSeq, texts, text: texts.join(','), count, framed: Buffer.from('whole') }
}

test.for([
  { head: 9, seqs: [10, 11, 12] },
  { head: 10, seqs: [11, 12] },
  { head: 11, seqs: [12] },
  { head: 12, seqs: [] },
  { head: 20, seqs: [] },
  { head: 0, seqs: [10, 11, 12] },
])('of the entries 10 to 12 a client with the head $head gets $seqs', ({ head, seqs }) => {
  const rest = new Floors(() => head).above(batch(12, 3))
  expect(rest ? (JSON.parse(`[${rest.text}]`) as { seq: number }[]).map(({ seq }) => seq) : []).toEqual(seqs)
  expect(rest?.count ?? 0).toBe(seqs.length)
  // the frame that others share has all of them
  if (seqs.length < 3) expect(rest?.framed).toBeUndefined()
})

test('a single entry is above a head or not', () => {
  const entry = { stream: 'chat:a', lastSeq: 7 }
  expect(entriesAbove(entry, 6)).toBe(entry)
  expect(entriesAbove(entry, 7)).toBeUndefined()
})
