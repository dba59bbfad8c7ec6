// What stands together: days, the messages of one author in a row, and what is new.
import type { MessageItem } from '../state/message-item.ts'
import { partitionPoint } from './virtual-window.ts'

type Items = readonly MessageItem[]

/** Messages of one author within five minutes stand under one name. */
const groupWindowMs = 5 * 60_000

export interface DayGroup {
  readonly key: string
  readonly at: number
  readonly indexes: number[]
}

/** The items from `start` to before `end`, by the days of the reader's own time zone. */
export function groupByDay(items: Items, start: number, end: number, now: number): readonly DayGroup[] {
  const days: DayGroup[] = []
  for (let index = start; index < end; index += 1) {
    const last = days.at(-1)
    const at = items[index]?.at ?? last?.at ?? now
    const day = dayKey(at)
    if (last && dayKey(last.at) === day) last.indexes.push(index)
    // Clocks may step back over midnight: then a day comes twice, and its key must not.
    else
      days.push({ key: days.some(({ key }) => key === day) ? `${day}/${index}` : day, at, indexes: [index] })
  }
  return days
}

/** The first of its group: it carries avatar and name. */
export function startsGroup(items: Items, index: number): boolean {
  const item = items[index]
  const before = items[index - 1]
  if (item?.author === undefined) return false
  if (before?.author !== item.author || before.at === undefined || item.at === undefined) return true
  return item.at - before.at > groupWindowMs || dayKey(item.at) !== dayKey(before.at)
}

/**
 * Where the New divider stands: above the first message of another from `newFrom` on; -1 for nowhere. Items stand in the order
 * of `no`, and those on their way have none yet.
 */
export function firstNewIndex(items: Items, newFrom: number | undefined, moreBefore: boolean): number {
  if (newFrom === undefined) return -1
  let index = partitionPoint(items.length, (at) => (items[at]?.no ?? Infinity) >= newFrom)
  // With more history above it is not known whether this is the first.
  if (index === 0 && moreBefore && (items[0]?.no ?? newFrom) > newFrom) return -1
  while (items[index]?.isMine) index += 1
  return index < items.length ? index : -1
}

/** Cut to whole days by the calendar, not by formatting: this runs for every row. */
function dayKey(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`
}
