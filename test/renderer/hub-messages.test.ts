import { expect, test } from 'vitest'
import { messageExamples } from '../../campaign/fuzz/page-examples.ts'
import { readFrame } from '../../renderer/connection/hub-messages.ts'
import { fromWireError } from '../../renderer/connection/request.ts'
import { readWaitMs } from '../../renderer/connection/timer.ts'

/* What the page takes from a hub of another release: see the fuzz target `stores`. */

const frameOf = (...messages: unknown[]): string => JSON.stringify(messages)
const dayMs = 24 * 60 * 60_000

test('takes each proper message as it is', () => {
  expect(readFrame(JSON.stringify(messageExamples))).toEqual(messageExamples)
})

test('leaves out what it cannot use, and takes the rest of the frame', () => {
  const typing = { t: 'typing', chat: 'c1', user: 'u2' }
  const damaged = [
    ...[
      null,
      7,
      {},
      { t: 'weather' },
      { t: 'toString' },
      { t: 'typing', chat: 7, user: 'u2' },
      { t: 'behind' },
    ],
    ...[
      { t: 'entry', stream: 'chat:c1', seq: '1' },
      { t: 'draft', draft: null },
      { t: 'read', chat: 'c', user: 'u' },
    ],
  ]
  expect(readFrame(frameOf(...damaged, typing))).toEqual([typing])
})

test.for(['{}', 'null', '[', '[{"t":"hello"}]', '[{"t":"state","epoch":"e","chats":[{"id":"c1"}]}]'])(
  'gives a connection up that cannot go on: %s',
  (frame) => {
    expect(readFrame(frame)).toBeUndefined()
  },
)

test('takes words of a newer hub that it does not know', () => {
  const [entry] = messageExamples.filter((each) => 'type' in each && each.type === 'member.removed')
  expect(readFrame(frameOf({ ...entry, role: 'guest', later: true }))).toHaveLength(1)
})

test('never waits for less than nothing, or longer than a timer can', () => {
  expect([-5, 1_000, 1e308].map(readWaitMs)).toEqual([0, 1_000, dayMs])
  const waits = ['x', NaN, null, -1, 1e300].map(
    (retryAfter) => fromWireError({ code: 'busy', retryAfter }).retryAfter,
  )
  expect(waits).toEqual([undefined, undefined, undefined, 0, dayMs / 1_000])
  expect(fromWireError({ code: 'later', message: 7 })).toMatchObject({ code: 'internal', field: undefined })
})
