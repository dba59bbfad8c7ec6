import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PresenceFrame, Presence } from '../../server/live/presence.ts'
import { liveTimings } from '../../shared/contract/live.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function createPresence() {
  const told: PresenceFrame[] = []
  const presence = new Presence({
    clock: () => 1,
    publish: (changes) => told.push(...changes),
    save: () => {},
  })
  const listed = () =>
    JSON.parse(
      `${presence.messagePrefix({ t: 'behind', heads: {} })}${presence.snapshotSuffix().toString()}`,
    ) as {
      presence: Record<string, string>
    }
  return { presence, told, listed: () => listed().presence }
}

test('who was there for a moment does not stay in the list of somebody who came in that moment', () => {
  const { presence, told, listed } = createPresence()
  const window = {}
  presence.setConnectionState('ann', window, 'active')
  expect(listed()).toEqual({ ann: 'active' })
  presence.removeConnection('ann', window)
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(told.at(-1)).toMatchObject({ user: 'ann', state: 'offline' })
  expect(listed()).toEqual({})
})

test('two windows that close one after the other, as in a reload, are offline only after a while', () => {
  const { presence, told, listed } = createPresence()
  const windows = [{}, {}]
  for (const window of windows) presence.setConnectionState('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  for (const window of windows) presence.removeConnection('ann', window)
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  expect(told.map(({ state }) => state)).toEqual(['active'])
  expect(listed()).toEqual({ ann: 'active' })
  presence.setConnectionState('ann', {}, 'active')
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(told.map(({ state }) => state)).toEqual(['active'])
})

test('whoever is away for good is told to be, once', () => {
  const { presence, told, listed } = createPresence()
  const window = {}
  presence.setConnectionState('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  presence.removeConnection('ann', window)
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(told.map(({ state }) => state)).toEqual(['active', 'offline'])
  expect(listed()).toEqual({})
})
