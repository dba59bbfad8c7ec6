import { expect, test } from 'vitest'
import { readPlaces } from '../../shared/places.ts'
import { isHigherTerm } from '../../shared/term.ts'

test('places of the wrong form are left out, and at most eight are taken', () => {
  const place = { node: 'n', name: 'Ann’s computer', role: 'standby', addresses: ['10.0.0.5:7788'] }
  const wrong = [null, 'x', { ...place, role: 'other' }, { ...place, addresses: [1] }, { ...place, name: 1 }]
  expect(readPlaces([place, ...wrong])).toEqual([place])
  expect(readPlaces(Array.from({ length: 20 }, () => place))).toHaveLength(8)
  expect([readPlaces(undefined), readPlaces({}), readPlaces('places')]).toEqual([[], [], []])
})

test('an address of a place is host and port: a link to it leads nowhere else', () => {
  const good = ['10.0.0.5:7788', '[fd00::5]:7788', 'ann.local:443', 'hubbub-0123456789.local:7788']
  const bad = [
    '10.0.0.5:7788@evil.example',
    'ann@evil.example:7788',
    'evil.example/:7788',
    'evil.example#:7788',
    'evil.example?x:7788',
    '\\evil.example:7788',
    '10.0.0.5',
    '10.0.0.5:99999',
    'a b:7788',
    '',
    'data:7788//',
  ]
  const place = { node: 'n', name: 'Ann', role: 'hub', addresses: [...bad.slice(0, 4), ...good] }
  expect(readPlaces([place])).toEqual([{ ...place, addresses: good }])
  expect(readPlaces([{ ...place, addresses: bad.slice(4) }])).toEqual([{ ...place, addresses: [] }])
})

test('any term is higher than none, then the number counts, then the computer as text', () => {
  const sorted = [
    undefined,
    { n: 6, node: 'z' },
    { n: 7, node: 'Z' },
    { n: 7, node: 'a' },
    { n: 10, node: 'a' },
  ]
  for (const [i, a] of sorted.entries())
    for (const [j, b] of sorted.entries()) expect(isHigherTerm(a, b)).toBe(i > j)
})
