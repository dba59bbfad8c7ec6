import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { OpeningRows } from '../../renderer/messages/opening-rows.ts'
import { partitionPoint, rowsInView, VirtualWindow } from '../../renderer/messages/virtual-window.ts'

const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ key: `m${from + at}` }))

test('the window contains the viewport and stays bounded at any scroll position', () => {
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
          // A second call with the same viewport must not move the window, or it would never settle.
          expect(list.followViewport(first, last, count)).toBe(false)
          expect(list.start).toBeLessThanOrEqual(first)
          expect(list.end).toBeGreaterThan(last)
          expect(list.size).toBeLessThanOrEqual(260)
        }
      },
    ),
  )
})

test('rows loaded above move the window by their count', () => {
  const list = new VirtualWindow()
  list.centerAt(100, 300)
  const [start, end] = [list.start, list.end]
  expect(list.relocate(items(1000, 1300), items(900, 1300), false)).toBe(true)
  expect([list.start, list.end]).toEqual([start + 100, end + 100])
})

test('a removed message does not shift the other rows', () => {
  const list = new VirtualWindow()
  list.centerAt(100, 300)
  const before = items(0, 300)
  const first = before[list.start]?.key
  const now = before.filter(({ key }) => key !== 'm5')
  expect(list.relocate(before, now, false)).toBe(true)
  expect(now[list.start]?.key).toBe(first)
})

test('at the end new messages join the window, and the oldest rows leave it beyond the maximum', () => {
  const list = new VirtualWindow()
  let count = 50
  list.moveToEnd(count)
  for (; count < 2000; count += 1) {
    expect(list.relocate(items(0, count), items(0, count + 1), true)).toBe(true)
    expect(list.end).toBe(count + 1)
    expect(list.size).toBeLessThanOrEqual(260)
  }
})

test('relocate returns false for a history without any of the current rows', () => {
  const list = new VirtualWindow()
  list.moveToEnd(50)
  expect(list.relocate(items(0, 50), items(900, 950), true)).toBe(false)
})

test('partitionPoint returns the first matching index', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(220), (count, from) => {
      expect(partitionPoint(count, (at) => at >= from)).toBe(Math.min(count, from))
    }),
  )
})

test('a list opens with the rows that can be in view, and then holds those around them', () => {
  expect([rowsInView(700), rowsInView(50_000)]).toEqual([
    { usual: 16, most: 27 },
    { usual: 70, most: 70 },
  ])
  const { usual, most } = rowsInView(700)
  const list = new VirtualWindow()
  list.moveToEnd(1_000, usual)
  expect([list.start, list.end]).toEqual([984, 1_000])
  list.grow(most - usual, 1_000)
  expect([list.start, list.end]).toEqual([973, 1_000])
  expect(list.followViewport(980, 999, 1_000)).toBe(true)
  expect([list.start, list.end]).toEqual([940, 1_000])
  list.centerAt(500, 1_000, usual)
  expect([list.start, list.end]).toEqual([484, 516])
  list.centerAt(5, 10, usual)
  expect([list.start, list.end]).toEqual([0, 10])
})

test('many short messages fill the list before the first paint, with one more step', () => {
  vi.stubGlobal('innerHeight', 700)
  const list = new VirtualWindow()
  const opening = new OpeningRows(() => undefined)
  const { usual, most } = rowsInView(700)
  list.moveToEnd(1_000, usual)
  // Filled: the first row is above the view.
  expect(opening.fill(list, { first: 1, last: usual - 1 }, 1_000)).toBe(false)
  expect(opening.fill(list, { first: 0, last: usual - 1 }, 1_000)).toBe(true)
  expect([list.start, list.end]).toEqual([1_000 - most, 1_000])
  expect(opening.fill(list, { first: 0, last: most - 1 }, 1_000)).toBe(false)
  // A chat with fewer messages has no more to draw.
  list.moveToEnd(5, usual)
  expect(new OpeningRows(() => undefined).fill(list, { first: 0, last: 4 }, 5)).toBe(false)
  vi.unstubAllGlobals()
})

test('a scroll draws a few rows at a time, two screens ahead of the user, in both directions', () => {
  const list = new VirtualWindow()
  list.moveToEnd(5_000)
  list.followViewport(4_980, 4_999, 5_000)
  const goTo = (first: number): { ahead: number; size: number; drawn: number } => {
    const before = new Set(Array.from({ length: list.size }, (_, at) => list.start + at))
    list.followViewport(first, first + 19, 5_000)
    const drawn = Array.from({ length: list.size }, (_, at) => list.start + at).filter(
      (at) => !before.has(at),
    )
    return { ahead: first - list.start, size: list.size, drawn: drawn.length }
  }
  for (let first = 4_975; first > 4_000; first -= 5) {
    const { ahead, size, drawn } = goTo(first)
    expect(ahead).toBeGreaterThanOrEqual(37)
    expect(size).toBeLessThanOrEqual(20 + 40 + 20 + 5)
    expect(drawn).toBeLessThanOrEqual(8)
  }
  // A user who turns around has a screen there already, and gets the second with the first step.
  goTo(4_010)
  expect(list.end - 4_030).toBe(40)
  for (let first = 4_015; first < 4_500; first += 5) {
    expect(goTo(first).drawn).toBeLessThanOrEqual(8)
    expect(list.end - (first + 20)).toBeGreaterThanOrEqual(37)
  }
})
