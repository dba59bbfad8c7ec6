import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeTip } from '../../renderer/ui/place-tip.ts'

const room = { width: 1000, height: 600 }
const tip = { width: 100, height: 24 }
const box = (left: number, top: number, width: number, height: number) => ({
  ...{ left, top, right: left + width, bottom: top + height },
})

test.each([
  ['below a button', box(400, 100, 32, 32), undefined, { left: 366, top: 138 }],
  ['above one at the lower edge', box(400, 560, 32, 32), undefined, { left: 366, top: 530 }],
  ['within the window', box(0, 100, 32, 32), undefined, { left: 8, top: 138 }],
  ['at the pointer on a wide line', box(0, 100, 900, 20), 700, { left: 650, top: 126 }],
  ['next to a tall picture', box(100, 10, 300, 580), undefined, { left: 406, top: 288 }],
  ['before a tall picture at the edge', box(690, 10, 300, 580), undefined, { left: 584, top: 288 }],
  ['nowhere, where there is no room', box(0, 0, 1000, 600), undefined, undefined],
])('a tip appears %s', (_, target, pointerX, place) => {
  expect(placeTip(target, tip, room, pointerX)).toEqual(place)
})

test('a tip never covers its target and never leaves the window', () => {
  const side = fc.integer({ min: 0, max: 1000 })
  fc.assert(
    fc.property(side, side, side, side, side, side, (x, y, width, height, w, h) => {
      const target = box(x, Math.min(y, 599), Math.min(width, 1000 - x), height)
      const size = { width: Math.min(w, 984), height: h }
      const at = placeTip(target, size, room, x)
      if (!at) return
      const right = at.left + size.width
      const bottom = at.top + size.height
      expect(at.left >= 8 && right <= 992 && at.top >= 8 && bottom <= 592).toBe(true)
      const isApart =
        right <= target.left || at.left >= target.right || bottom <= target.top || at.top >= target.bottom
      expect(isApart).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})
