import { expect, test } from 'vitest'
import { moveActive } from '../../renderer/ui/active-option.ts'

test.each([
  // no option is active before the user has moved: the first and the last are the next
  ['ArrowDown', -1, 3, 0],
  ['ArrowUp', -1, 3, 2],
  ['ArrowDown', 0, 3, 1],
  ['ArrowDown', 2, 3, 0],
  ['ArrowUp', 0, 3, 2],
  ['ArrowDown', -1, 1, 0],
  ['ArrowDown', -1, 0, undefined],
  ['Enter', 0, 3, undefined],
])('%s leads from option %i of a list with %i', (key, active, count, next) => {
  expect(moveActive(key, active, count)).toBe(next)
})
