import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PresenceFrame, Presence, RemoteConnection } from '../../server/live/presence.ts'
import { liveTimings } from '../../shared/contract/live.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function createPresence() {
  const published: PresenceFrame[] = []
  const saved: string[][] = []
  const presence = new Presence({
    clock: () => 1,
    publish: (changes) => published.push(...changes),
    save: (seen) => void saved.push([...seen.keys()]),
  })
  const listed = () =>
    JSON.parse(
      `${presence.messagePrefix({ t: 'behind', heads: {} })}${presence.snapshotSuffix().toString()}`,
    ) as {
      presence: Record<string, string>
    }
  return { presence, saved, told: published, listed: () => listed().presence }
}

test('a user who was online briefly is not left in the list of a user who connected meanwhile', () => {
  const { presence, told: published, listed } = createPresence()
  const window = {}
  presence.setConnectionState('ann', window, 'active')
  expect(listed()).toEqual({ ann: 'active' })
  presence.removeConnection('ann', window)
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(published.at(-1)).toMatchObject({ user: 'ann', state: 'offline' })
  expect(listed()).toEqual({})
})

test('a reload that closes two windows in turn does not send the user offline', () => {
  const { presence, told: published, listed } = createPresence()
  const windows = [{}, {}]
  for (const window of windows) presence.setConnectionState('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  for (const window of windows) presence.removeConnection('ann', window)
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  expect(published.map(({ state }) => state)).toEqual(['active'])
  expect(listed()).toEqual({ ann: 'active' })
  presence.setConnectionState('ann', {}, 'active')
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(published.map(({ state }) => state)).toEqual(['active'])
})

test('a user who does not reconnect goes offline exactly once', () => {
  const { presence, told: published, listed } = createPresence()
  const window = {}
  presence.setConnectionState('ann', window, 'active')
  vi.advanceTimersByTime(2 * liveTimings.presenceIntervalMs)
  presence.removeConnection('ann', window)
  vi.advanceTimersByTime(liveTimings.offlineDelayMs + 2 * liveTimings.presenceIntervalMs)
  expect(published.map(({ state }) => state)).toEqual(['active', 'offline'])
  expect(listed()).toEqual({})
})

class OtherProcess extends RemoteConnection {}

test('a process saves when the users of its own connections were last seen, those who have left more often', () => {
  const { presence, saved } = createPresence()
  const other = new OtherProcess()
  const window = {}
  presence.setConnectionState('ann', window, 'active')
  presence.setConnectionState('bo', {}, 'idle')
  presence.setConnectionState('eve', other, 'active')
  presence.saveLastSeen(false)
  expect(saved).toEqual([])
  presence.removeConnection('ann', window)
  presence.saveLastSeen(false)
  presence.saveLastSeen()
  presence.removeConnection('eve', other)
  presence.saveLastSeen(false)
  expect(saved).toEqual([['ann'], ['bo']])
})
