import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeDrafts, moveCaret } from '../../renderer/state/merge-drafts.ts'

test.for([
  ['one side typed', 'Hello', 'Hello', 'Hello Ann', 'Hello Ann'],
  ['the other side typed', 'Hello', 'Hello Ann', 'Hello', 'Hello Ann'],
  ['both the same', 'a', 'ab', 'ab', 'ab'],
  ['one typed on', '', 'Hel', 'Hello', 'Hello'],
  ['two new texts', '', 'alpha', 'beta', 'alpha\n\nbeta'],
  ['both at the end', 'Hello', 'Hello Ann', 'Hello Bo', 'Hello Ann\n\nBo'],
  ['different paragraphs', 'al\n\nbe', 'alpha\n\nbe', 'al\n\nbeta', 'alpha\n\nbeta'],
  ['the same words', 'red car', 'blue car', 'green car', 'blue car\n\ngreen car'],
  ['sent, then typed on', 'Hello', '', 'Hello and more', 'and more'],
  ['typed on, then cleared', 'Hello', 'Hello and more', '', 'and more'],
  ['sent, with another text there', 'Hello', '', 'Something else', 'Something else'],
] as const)('merges drafts: %s', ([, base, older, newer, merged]) => {
  expect(mergeDrafts(base, older, newer)).toBe(merged)
})

test('merging loses no letter that either side has typed', () => {
  const side = fc.record({ at: fc.nat({ max: 20 }), insert: fc.stringMatching(/^[a-z ]{0,12}$/) })
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{0,12}$/), side, side, (base, one, two) => {
      const typed = [one, two].map(({ at, insert }) => base.slice(0, at) + insert + base.slice(at))
      const merged = mergeDrafts(base, typed[0] ?? '', typed[1] ?? '')
      for (const { insert } of [one, two]) expect(merged).toContain(insert.trim())
    }),
  )
})

test('the caret stays at its letter', () => {
  expect(moveCaret('be', 'al\n\nbe', 2)).toBe(6)
  expect(moveCaret('al', 'al\n\nbe', 2)).toBe(2)
  expect(moveCaret('abc', '', 2)).toBe(0)
  // a draft of another device arrives in the empty field with the focus
  expect(moveCaret('', 'half a', 0)).toBe(6)
})
