import { expect, test } from 'vitest'
import { foldCase } from '../../shared/text/names.ts'

// The first two were found by `npm run campaign -- fuzz --only names`.
test.each([
  ['i\u0307\u0301', 'í'],
  ['İ\u0307', 'i'],
  ['STRASSE', 'straße'],
  ['ＡＮＮ', 'ann'],
  ['ΟΔΟΣ', 'οδος'],
])('%j and %j have the same key, which stays the same', (name, other) => {
  const key = foldCase(name)
  expect(foldCase(other)).toBe(key)
  expect(foldCase(key)).toBe(key)
})
