import { expect, test } from 'vitest'
import { findByLetters } from '../../renderer/ui/type-ahead.ts'

const names = [' Reply ', 'Edit', 'Read by…', 'Delete for me', 'Delete', 'Éteindre']

test.each([
  ['r', -1, 0],
  ['r', 0, 2],
  // the same letter again leads on, and around
  ['rr', 2, 0],
  ['d', 0, 3],
  // more letters keep the item that has them
  ['de', 3, 3],
  ['del', 3, 3],
  ['rea', 0, 2],
  ['delete f', 4, 3],
  ['et', 1, 5],
  ['x', 0, undefined],
])('%j from item %i leads to %j', (typed, active, found) => {
  expect(findByLetters(names, active, typed)).toBe(found)
})

test('an empty menu has no item', () => {
  expect(findByLetters([], -1, 'a')).toBeUndefined()
})
