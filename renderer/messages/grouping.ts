// How messages are grouped: by day, by author, and into read and unread.
import type { MessageItem, MessageState, ReceiptCounts } from '../state/message-item.ts'
import { partitionPoint } from './virtual-window.ts'

type Items = readonly MessageItem[]

interface StateLookup {
  readonly stateOf: (item: MessageItem) => MessageState | undefined
  readonly receiptsOf: (item: MessageItem) => ReceiptCounts | undefined
}

/** Messages of one author within five minutes are under one name. */
const groupWindowMs = 5 * 60_000

export interface DayGroup {
  readonly key: string
  readonly at: number
  readonly indexes: number[]
}

/** Groups the items from `start` to before `end` by the days of the user's own time zone. */
export function groupByDay(items: Items, start: number, end: number, now: number): readonly DayGroup[] {
  const days: DayGroup[] = []
  for (let index = start; index < end; index += 1) {
    const last = days.at(-1)
    const at = items[index]?.at ?? last?.at ?? now
    const day = dayKey(at)
    if (last && dayKey(last.at) === day) last.indexes.push(index)
    // A clock may step back over midnight. Then a day appears twice, but its key must not.
    else
      days.push({ key: days.some(({ key }) => key === day) ? `${day}/${index}` : day, at, indexes: [index] })
  }
  return days
}

/** Whether the item is the first of its group, with the avatar and the name. */
export function startsGroup(items: Items, index: number): boolean {
  const item = items[index]
  const before = items[index - 1]
  if (item?.author === undefined) return false
  if (before?.author !== item.author || before.at === undefined || item.at === undefined) return true
  return item.at - before.at > groupWindowMs || dayKey(item.at) !== dayKey(before.at)
}

/**
 * Returns the index of the item below the New divider: the first message of another user from `firstUnreadNo` on; -1 if
 * there is none. Items are in the order of `no`; pending ones have none yet.
 */
export function firstUnreadIndex(items: Items, firstUnreadNo: number | undefined, hasOlder: boolean): number {
  if (firstUnreadNo === undefined) return -1
  let index = partitionPoint(items.length, (at) => (items[at]?.no ?? Infinity) >= firstUnreadNo)
  // An older message that is not loaded may be the first.
  if (index === 0 && hasOlder && (items[0]?.no ?? firstUnreadNo) > firstUnreadNo) return -1
  while (items[index]?.isMine) index += 1
  return index < items.length ? index : -1
}

/**
 * Returns the indexes, from `start` to before `end`, of the user's own messages after which their state changes. A mark
 * there is for all messages before it in the same state, too.
 */
export function lastOfEachState(
  items: Items,
  start: number,
  end: number,
  { stateOf, receiptsOf }: StateLookup,
): ReadonlySet<number> {
  const isOwn = (item: MessageItem): boolean => item.isMine && !item.deleted
  const keyOf = (item: MessageItem): string => `${stateOf(item)} ${receiptsOf(item)?.read}`
  let newerKey: string | undefined
  for (let index = end; index < items.length && newerKey === undefined; index += 1) {
    const item = items[index]
    if (item && isOwn(item)) newerKey = keyOf(item)
  }
  const last = new Set<number>()
  for (let index = end - 1; index >= start; index -= 1) {
    const item = items[index]
    if (!item || !isOwn(item)) continue
    const key = keyOf(item)
    if (key !== newerKey) last.add(index)
    newerKey = key
  }
  return last
}

/** By the calendar and not by formatting a date, since this runs for every row. */
function dayKey(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`
}
