import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionPoint, VirtualWindow } from '../../renderer/messages/virtual-window.ts'

const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ key: `m${from + at}` }))

test('however one scrolls, what is in view is in the window, and the window is bounded', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 60 })), {
        maxLength: 20,
      }),
      (count, looks) => {
        const list = new VirtualWindow()
        list.moveToEnd(count)
        for (const [at, height] of looks) {
          const first = Math.min(at, count - 1)
          const last = Math.min(count - 1, first + height - 1)
          list.followViewport(first, last, count)
          // Looking again at the same place must not move it again, or it would never come to rest.
          expect(list.followViewport(first, last, count)).toBe(false)
          expect(list.start).toBeLessThanOrEqual(first)
          expect(list.end).toBeGreaterThan(last)
          expect(list.size).toBeLessThanOrEqual(260)
        }
      },
    ),
  )
})

test('history that comes in above moves the window along with its rows', () => {
  const list = new VirtualWindow()
  list.centerAt(100, 300)
  const [start, end] = [list.start, list.end]
  expect(list.relocate(items(1000, 1300), items(900, 1300), false)).toBe(true)
  expect([list.start, list.end]).toEqual([start + 100, end + 100])
})

test('a message that goes takes no other with it', () => {
  const list = new VirtualWindow()
  list.centerAt(100, 300)
  const before = items(0, 300)
  const first = before[list.start]?.key
  const now = before.filter(({ key }) => key !== 'm5')
  expect(list.relocate(before, now, false)).toBe(true)
  expect(now[list.start]?.key).toBe(first)
})

test('at the end new messages join, and the oldest rows go when there are too many', () => {
  const list = new VirtualWindow()
  let count = 50
  list.moveToEnd(count)
  for (; count < 2000; count += 1) {
    expect(list.relocate(items(0, count), items(0, count + 1), true)).toBe(true)
    expect(list.end).toBe(count + 1)
    expect(list.size).toBeLessThanOrEqual(260)
  }
})

test('another stretch of history, with none of the rows in it, is told', () => {
  const list = new VirtualWindow()
  list.moveToEnd(50)
  expect(list.relocate(items(0, 50), items(900, 950), true)).toBe(false)
})

test('the first of many is found', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(220), (count, from) => {
      expect(partitionPoint(count, (at) => at >= from)).toBe(Math.min(count, from))
    }),
  )
})
