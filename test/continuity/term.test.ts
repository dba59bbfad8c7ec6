import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeTerm, nextTermNumber, verifyTerm } from '../../server/continuity/term.ts'
import { compareTerms, parseTerm, type Term } from '../../shared/term.ts'

const hubId = 'hub-of-the-test'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = createPublicKey(privateKey)
const position = { lsn: 41, chain: '0123456789abcdef0123456789abcdef' }

function make(changes: Partial<Parameters<typeof makeTerm>[2]> = {}): Term {
  const now = Date.UTC(2026, 0, 1)
  return makeTerm(privateKey, hubId, {
    node: 'ann',
    epoch: 'e1',
    position,
    previous: undefined,
    now,
    ...changes,
  })
}

test('accepts a term that the key of the hub has signed, also after a way through JSON', () => {
  const first = make()
  const second = make({ node: 'ben', previous: first })
  for (const term of [first, second]) {
    expect(verifyTerm(publicKey, hubId, JSON.parse(JSON.stringify(term)))).toEqual(term)
  }
  expect(second.prev).toEqual([first.n, 'ann'])
})

test('refuses a term if any of its fields was changed', () => {
  const term = make({ previous: make() })
  const changes: Partial<Record<keyof Term, unknown>> = {
    n: term.n + 1,
    node: 'eve',
    epoch: 'e2',
    lsn: 42,
    chain: 'f'.repeat(32),
    prev: null,
    at: term.at + 1,
    sig: make().sig,
  }
  for (const [field, value] of Object.entries(changes)) {
    expect(verifyTerm(publicKey, hubId, { ...term, [field]: value }), field).toBeUndefined()
  }
})

test('refuses a term of another hub and one that another key has signed', () => {
  const term = make()
  expect(verifyTerm(publicKey, 'another-hub', term)).toBeUndefined()
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(verifyTerm(other.publicKey, hubId, term)).toBeUndefined()
})

test('refuses what does not have the shape of a term', () => {
  const term = make({ previous: make() })
  const shapes: unknown[] = [
    undefined,
    null,
    'term',
    [],
    {},
    { ...term, n: -1 },
    { ...term, n: 1.5 },
    { ...term, lsn: Number.MAX_SAFE_INTEGER + 1 },
    { ...term, node: 'two\nlines' },
    { ...term, node: '' },
    { ...term, epoch: 'e'.repeat(129) },
    { ...term, chain: 'abc' },
    { ...term, prev: [1] },
    { ...term, prev: [1, 'a', 'b'] },
    { ...term, prev: ['1', 'a'] },
    { ...term, sig: 7 },
  ]
  for (const shape of shapes) {
    expect(parseTerm(shape), JSON.stringify(shape)).toBeUndefined()
    expect(verifyTerm(publicKey, hubId, shape)).toBeUndefined()
  }
})

test('numbers a term above every known one, and at least by the minutes since 1970', () => {
  const now = Date.UTC(2026, 0, 1)
  const minutes = now / 60_000
  expect(nextTermNumber(0, now)).toBe(minutes)
  expect(nextTermNumber(minutes + 5, now)).toBe(minutes + 6)
  expect(nextTermNumber(7, 0)).toBe(8)
})

test('orders terms by number, then by the id of the computer', () => {
  expect(compareTerms({ n: 2, node: 'a' }, { n: 1, node: 'z' })).toBeGreaterThan(0)
  expect(compareTerms({ n: 2, node: 'a' }, { n: 2, node: 'b' })).toBeLessThan(0)
  expect(compareTerms({ n: 2, node: 'b' }, { n: 2, node: 'a' })).toBeGreaterThan(0)
  expect(compareTerms({ n: 2, node: 'b' }, { n: 2, node: 'b' })).toBe(0)
  // by code units, whatever the language of the computer
  expect(compareTerms({ n: 2, node: 'B' }, { n: 2, node: 'a' })).toBeLessThan(0)
})
