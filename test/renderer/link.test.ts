import { beforeEach, describe, expect, test } from 'vitest'
import { RequestError } from '../../renderer/link/request.ts'
import { Link } from '../../renderer/link/link.ts'
import { ManualClock, settle } from './support/clock.ts'
import { FakeHub } from './support/fake-hub.ts'
import { FakeBrowser } from './support/page.ts'

let hub: FakeHub
let browser: FakeBrowser
let clock: ManualClock
let link: Link
let credentials: () => Promise<{ csrf?: string | undefined }>
let ended: number

beforeEach(() => {
  hub = new FakeHub(new ManualClock())
  browser = new FakeBrowser(hub)
  clock = hub.clock
  credentials = () => Promise.resolve({ csrf: hub.session })
  ended = 0
  link = new Link({
    address: '/live',
    surroundings: browser.surroundings(),
    credentials: () => credentials(),
    epoch: () => undefined,
    receive: () => undefined,
    dropped: () => undefined,
    ended: () => (ended += 1),
  })
})

async function goLive(): Promise<void> {
  link.start()
  await settle()
  expect(link.state.value).toBe('live')
  // Long enough to have proven itself.
  await clock.advance(6_000)
}

function waitOf(): number {
  expect(link.state.value).toBe('waiting')
  return (link.nextTryAt.value ?? 0) - clock.now()
}

describe('coming back', () => {
  test('at once, then after half a second, doubling to 30 s, with full jitter', async () => {
    await goLive()
    hub.up = false
    hub.disconnect(1006)
    expect(waitOf()).toBe(0)
    browser.random = 0.999999
    const waits: number[] = []
    for (let tries = 0; tries < 9; tries += 1) {
      await clock.advance(waitOf())
      waits.push(Math.round(waitOf()))
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000])
    browser.random = 0.25
    await clock.advance(waitOf())
    expect(waitOf()).toBe(7500)
  })

  test('as soon as the network or the window wakes', async () => {
    await goLive()
    hub.up = false
    hub.disconnect(1006)
    for (let tries = 0; tries < 8; tries += 1) await clock.advance(waitOf())
    hub.up = true
    await clock.advance(2_000)
    expect(link.state.value).toBe('waiting')
    browser.wake()
    await settle()
    expect(link.state.value).toBe('live')
  })

  test('not before the hub has asked to', async () => {
    await goLive()
    hub.push({ t: 'bye', code: 'restarting', after: 7_000 })
    hub.disconnect(1012)
    await settle()
    expect(waitOf()).toBe(7_000)
    await clock.advance(2_000)
    browser.wake()
    await settle()
    expect(waitOf()).toBe(5_000)
    await clock.advance(5_000)
    await settle()
    expect(link.state.value).toBe('live')
  })

  test('a hub whose computer went to sleep is said to sleep until it is back', async () => {
    await goLive()
    hub.push({ t: 'bye', code: 'asleep', after: 15_000 })
    hub.up = false
    hub.disconnect(1012)
    await settle()
    expect(link.asleep.value).toBe(true)
    await clock.advance(15_000)
    await settle()
    expect([link.asleep.value, link.state.value]).toEqual([true, 'waiting'])
    hub.up = true
    await clock.advance(waitOf())
    await settle()
    expect([link.asleep.value, link.state.value]).toEqual([false, 'live'])
    hub.push({ t: 'bye', code: 'restarting' })
    await settle()
    expect(link.asleep.value).toBe(false)
  })

  test('a hub that takes us in and puts us out again is not asked at once for ever', async () => {
    await goLive()
    browser.random = 0.999999
    const waits: number[] = []
    for (let tries = 0; tries < 4; tries += 1) {
      hub.disconnect(1006)
      waits.push(Math.round(waitOf()))
      await clock.advance(waitOf())
      await settle()
      expect(link.state.value).toBe('live')
    }
    expect(waits).toEqual([0, 500, 1000, 2000])
  })

  test('an attempt that hangs is given up after 10 s', async () => {
    let tries = 0
    credentials = () => new Promise(() => (tries += 1))
    link.start()
    await clock.advance(9_999)
    expect(tries).toBe(1)
    await clock.advance(1)
    expect(tries).toBe(2)
  })
})

describe('is anybody there', () => {
  test('a ping every 20 s keeps it live; 45 s without a frame and it is dead', async () => {
    await goLive()
    await clock.advance(300_000)
    expect(hub.attempts).toBe(1)
    for (const socket of hub.sockets) socket.silent = true
    hub.up = false
    await clock.advance(20_000)
    expect(link.state.value).toBe('live')
    await clock.advance(45_000)
    expect(link.state.value).not.toBe('live')
  })

  test('after a sleep it is asked at once, and given 3 s', async () => {
    await goLive()
    for (const socket of hub.sockets) socket.silent = true
    clock.sleepThrough(20_000)
    await clock.advance(0)
    expect(hub.attempts).toBe(1)
    await clock.advance(3_000)
    await settle()
    expect(hub.attempts).toBe(2)
    expect(link.state.value).toBe('live')
  })

  test('a waking window asks too, and a hub that answers keeps its link', async () => {
    await goLive()
    await clock.advance(4_000)
    browser.wake()
    await clock.advance(4_000)
    expect(hub.attempts).toBe(1)
    for (const socket of hub.sockets) socket.silent = true
    browser.wake()
    await clock.advance(3_000)
    await settle()
    expect(hub.attempts).toBe(2)
  })
})

describe('the end', () => {
  test('a session that ended is looked at, and the link stops', async () => {
    await goLive()
    credentials = () => Promise.reject(new RequestError('unauthenticated', 'Log in first.'))
    hub.disconnect(4401)
    await clock.advance(0)
    expect(link.state.value).toBe('stopped')
    expect(ended).toBe(1)
    await clock.advance(120_000)
    expect(hub.attempts).toBe(1)
  })

  test('what has no answer when it drops is unknown, and said to be', async () => {
    await goLive()
    hub.flowing = false
    const asked = link.request('chats.list', {})
    await settle()
    hub.disconnect(1006)
    // The fake hub delivers what it had when it closes; a cut cable does not.
    await expect(asked).resolves.toHaveProperty('chats')
    await clock.advance(0)
    hub.flowing = true
    await settle()
    const unanswered = link.request('chats.list', {})
    link.stop()
    await expect(unanswered).rejects.toMatchObject({ code: 'offline' })
    await expect(link.request('chats.list', {})).rejects.toMatchObject({ code: 'offline' })
  })

  test('a frame that is none of ours ends the link, not the page', async () => {
    await goLive()
    for (const socket of hub.sockets) socket.onmessage?.({ data: '{"t":"entry"' })
    expect(link.state.value).toBe('waiting')
    await clock.advance(0)
    await settle()
    expect(link.state.value).toBe('live')
  })
})
