import { expect, test } from 'vitest'
import { compareTerms, isTerm, termText, type Term } from '../../shared/contract/continuity.ts'
import { readPlaces } from '../../shared/places.ts'

const term: Term = {
  n: 7,
  node: 'b',
  epoch: 'epoch',
  lsn: 3,
  chain: 'ab'.repeat(16),
  prev: [6, 'a'],
  at: 1,
  sig: 'sig',
}

test('the larger number is higher, then the larger node as text, and any term is above none', () => {
  const sorted = [
    undefined,
    { n: 6, node: 'z' },
    { n: 7, node: 'Z' },
    { n: 7, node: 'a' },
    { n: 10, node: 'a' },
  ]
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) expect(Math.sign(compareTerms(a, b))).toBe(Math.sign(i - j))
  }
})

test('the signed text names each member but the signature, and no two terms share it', () => {
  expect(termText('hub', term)).toBe(`hubbub-term-1\nhub\n7\nb\nepoch\n3\n${term.chain}\n6:a\n1`)
  expect(termText('hub', { ...term, prev: null })).toContain(`${term.chain}\n\n1`)
  const others = [
    { n: 8 },
    { node: 'c' },
    { epoch: 'e' },
    { lsn: 4 },
    { chain: 'cd' },
    { prev: null },
    { at: 2 },
  ]
  const texts = others.map((change) => termText('hub', { ...term, ...change }))
  expect(new Set([termText('hub', term), termText('other', term), ...texts]).size).toBe(others.length + 2)
})

test('only values of the right form are terms', () => {
  expect([isTerm(term), isTerm({ ...term, prev: null })]).toEqual([true, true])
  const wrong = [
    ...[undefined, null, 'term', [], { ...term, n: -1 }, { ...term, n: 2 ** 53 }, { ...term, node: '' }],
    ...[
      { ...term, node: 'a\nb' },
      { ...term, prev: [1] },
      { ...term, prev: [1, 'a', 2] },
      { ...term, prev: 1 },
    ],
    ...[
      { ...term, sig: undefined },
      { ...term, chain: 'x'.repeat(201) },
      { ...term, at: '1' },
    ],
  ]
  for (const value of wrong) expect(isTerm(value), JSON.stringify(value)).toBe(false)
})

test('places of the wrong form are left out, and at most eight are taken', () => {
  const place = { node: 'n', name: 'Ann’s computer', role: 'standby', addresses: ['10.0.0.5:7788'] }
  const wrong = [null, 'x', { ...place, role: 'other' }, { ...place, addresses: [1] }, { ...place, name: 1 }]
  expect(readPlaces([place, ...wrong])).toEqual([place])
  expect(readPlaces(Array.from({ length: 20 }, () => place))).toHaveLength(8)
  expect([readPlaces(undefined), readPlaces({}), readPlaces('places')]).toEqual([[], [], []])
})
