import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PresenceFrame, Presence } from '../../server/live/presence.ts'
import { liveTimes } from '../../shared/contract/live.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function makePresence() {
  const told: PresenceFrame[] = []
  const presence = new Presence({ clock: () => 1, tell: (changes) => told.push(...changes), save: () => {} })
  const listed = () =>
    JSON.parse(`${presence.open({ t: 'behind', heads: {} })}${presence.all().toString()}`) as {
      presence: Record<string, string>
    }
  return { presence, told, listed: () => listed().presence }
}

test('who was there for a moment does not stay in the list of somebody who came in that moment', () => {
  const { presence, told, listed } = makePresence()
  const window = {}
  presence.set('ann', window, 'active')
  expect(listed()).toEqual({ ann: 'active' })
  presence.drop('ann', window)
  vi.advanceTimersByTime(liveTimes.offlineAfter + 2 * liveTimes.presenceEvery)
  expect(told.at(-1)).toMatchObject({ user: 'ann', state: 'offline' })
  expect(listed()).toEqual({})
})

test('two windows that close one after the other, as in a reload, are offline only after a while', () => {
  const { presence, told, listed } = makePresence()
  const windows = [{}, {}]
  for (const window of windows) presence.set('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimes.presenceEvery)
  for (const window of windows) presence.drop('ann', window)
  vi.advanceTimersByTime(2 * liveTimes.presenceEvery)
  expect(told.map(({ state }) => state)).toEqual(['active'])
  expect(listed()).toEqual({ ann: 'active' })
  presence.set('ann', {}, 'active')
  vi.advanceTimersByTime(liveTimes.offlineAfter + 2 * liveTimes.presenceEvery)
  expect(told.map(({ state }) => state)).toEqual(['active'])
})

test('whoever is away for good is told to be, once', () => {
  const { presence, told, listed } = makePresence()
  const window = {}
  presence.set('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimes.presenceEvery)
  presence.drop('ann', window)
  vi.advanceTimersByTime(liveTimes.offlineAfter + 2 * liveTimes.presenceEvery)
  expect(told.map(({ state }) => state)).toEqual(['active', 'offline'])
  expect(listed()).toEqual({})
})
