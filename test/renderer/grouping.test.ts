import { expect, test } from 'vitest'
import {
  groupByDay,
  firstUnreadIndex,
  lastOfEachState,
  startsGroup,
} from '../../renderer/messages/grouping.ts'
import type { MessageItem } from '../../renderer/state/message-item.ts'

const noon = new Date(2026, 2, 3, 12).getTime()
const minuteMs = 60_000

function item(no: number | undefined, author: string | undefined, at: number | undefined): MessageItem {
  return {
    key: `k${no}${at}`,
    chatId: 'c',
    id: undefined,
    no,
    cid: undefined,
    author,
    isMine: author === 'me',
    text: '',
    at,
    editedAt: undefined,
    deleted: author === undefined,
    pinned: false,
    rev: undefined,
    thread: undefined,
    replies: undefined,
    replyTo: undefined,
    attachments: [],
    reactions: [],
    pending: undefined,
    reason: undefined,
  }
}

test('messages of one author within five minutes form a group; a pause, another author or midnight starts a new one', () => {
  const midnight = new Date(2026, 2, 4).getTime()
  const items = [
    item(1, 'ann', noon),
    item(2, 'ann', noon + 4 * minuteMs),
    item(3, 'ann', noon + 10 * minuteMs),
    item(4, 'bo', noon + 10 * minuteMs),
    item(5, 'bo', midnight - minuteMs),
    item(6, 'bo', midnight + minuteMs),
    item(7, undefined, undefined),
    item(8, 'bo', midnight + 2 * minuteMs),
  ]
  expect(items.map((_, at) => startsGroup(items, at))).toEqual([
    true,
    false,
    true,
    true,
    true,
    true,
    false,
    true,
  ])
  expect(groupByDay(items, 0, items.length, noon).map(({ indexes }) => indexes)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7],
  ])
})

test('day keys stay unique when the clock steps back over midnight', () => {
  const day = 24 * 60 * minuteMs
  const items = [
    item(1, 'ann', noon),
    item(2, 'bo', noon + day),
    item(3, 'ann', noon),
    item(4, 'bo', noon + day),
  ]
  const keys = groupByDay(items, 0, 4, noon).map(({ key }) => key)
  expect(new Set(keys).size).toBe(4)
})

test('the New divider is above the first unread message of another user, and hidden while that is unknown', () => {
  const items = [item(5, 'bo', noon), item(6, 'me', noon), item(7, 'bo', noon), item(undefined, 'me', noon)]
  expect(firstUnreadIndex(items, undefined, false)).toBe(-1)
  expect(firstUnreadIndex(items, 6, false)).toBe(2)
  expect(firstUnreadIndex(items, 5, true)).toBe(0)
  expect(firstUnreadIndex(items, 3, true)).toBe(-1)
  expect(firstUnreadIndex(items, 3, false)).toBe(0)
  expect(firstUnreadIndex(items, 8, false)).toBe(-1)
})

test('the last message of the user in each state is found, within the window and after it', () => {
  const items = ['me', 'bo', 'me', 'me', 'bo', 'me', 'me'].map((author, at) => item(at + 1, author, noon))
  const stateOf = ({ no = 0 }: MessageItem) => (no <= 3 ? 'read' : no <= 6 ? 'delivered' : 'sent')
  const lookup = { stateOf, receiptsOf: () => undefined }
  expect([...lastOfEachState(items, 0, 7, lookup)].sort()).toEqual([2, 5, 6])
  // The next message of the user, after the window, decides about the last one in it.
  expect([...lastOfEachState(items, 0, 4, lookup)]).toEqual([2])
  expect([...lastOfEachState(items, 3, 5, lookup)]).toEqual([])
  // In a group the number of readers is part of the state.
  const readers = ({ no = 0 }: MessageItem) => ({ total: 5, delivered: 5, read: no <= 4 ? 3 : 1 })
  expect(
    [...lastOfEachState(items, 0, 7, { stateOf: () => 'delivered', receiptsOf: readers })].sort(),
  ).toEqual([3, 6])
  const deleted = items.map((each) => (each.no === 7 ? { ...each, deleted: true } : each))
  expect([...lastOfEachState(deleted, 0, 7, lookup)].sort()).toEqual([2, 5])
})
