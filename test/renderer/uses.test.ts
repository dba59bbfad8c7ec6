import { expect, test } from 'vitest'
import { Uses } from '../../renderer/state/uses.ts'

const dayMs = 24 * 60 * 60_000

function makeUses(kept?: unknown) {
  const clock = { now: 1_000 * dayMs }
  const stored: { value?: unknown } = {}
  const uses = new Uses({
    cache: { put: (_store, _key, value) => void (stored.value = structuredClone(value)) },
    content: { meta: new Map([['uses', kept]]) } as never,
    now: () => clock.now,
  })
  return { uses, clock, stored }
}

test('uses count more the more often and the later they were, and outlive a restart', () => {
  const { uses, clock, stored } = makeUses()
  expect(uses.scoreOf('a')).toBe(0)
  uses.record('a')
  uses.record('a')
  uses.record('b')
  expect(uses.scoreOf('a')).toBe(2)
  clock.now += 7 * dayMs
  expect(uses.scoreOf('a')).toBe(1)
  uses.record('b')
  expect(uses.scoreOf('b')).toBe(1.5)
  expect(makeUses(stored.value).uses.scoreOf('b')).toBeGreaterThan(1)
  // a clock that was set back
  clock.now -= 100 * dayMs
  expect(uses.scoreOf('b')).toBe(1.5)
})

test('the least used of very many are forgotten', () => {
  const { uses, stored } = makeUses()
  uses.record('often')
  uses.record('often')
  for (let no = 0; no < 300; no += 1) uses.record(`chat-${no}`)
  expect(uses.scoreOf('often')).toBe(2)
  expect((stored.value as unknown[]).length).toBe(200)
  expect(makeUses('nonsense').uses.scoreOf('often')).toBe(0)
})
