import { beforeEach, describe, expect, test } from 'vitest'
import type { Term } from '../../shared/term.ts'
import { RequestError } from '../../renderer/connection/request.ts'
import { HubConnection } from '../../renderer/connection/hub-connection.ts'
import { ManualClock, settle } from './support/manual-clock.ts'
import { FakeHub } from './support/fake-hub.ts'
import { FakeBrowser } from './support/fake-browser.ts'

let hub: FakeHub
let browser: FakeBrowser
let clock: ManualClock
let connection: HubConnection
let credentials: () => Promise<{ csrf?: string | undefined }>
let endedCount: number
let knownTerm: Term | undefined

beforeEach(() => {
  hub = new FakeHub(new ManualClock())
  browser = new FakeBrowser(hub)
  clock = hub.clock
  credentials = () => Promise.resolve({ csrf: hub.session })
  endedCount = 0
  knownTerm = undefined
  connection = new HubConnection({
    address: '/live',
    platform: browser.platform(),
    credentials: () => credentials(),
    epoch: () => undefined,
    have: () => ({ chats: {} }),
    term: { read: () => knownTerm, write: (term) => (knownTerm = term) },
    onMessage: () => undefined,
    onDropped: () => undefined,
    onSessionEnded: () => (endedCount += 1),
  })
})

async function connect(): Promise<void> {
  connection.start()
  await settle()
  expect(connection.state.value).toBe('live')
  // Longer than the time after which a connection counts as stable.
  await clock.advance(6_000)
}

function retryDelayMs(): number {
  expect(connection.state.value).toBe('waiting')
  return (connection.nextAttemptAt.value ?? 0) - clock.now()
}

describe('reconnecting', () => {
  test('retries at once, then after 0.5 s, doubling to 30 s, with full jitter', async () => {
    await connect()
    hub.isUp = false
    hub.disconnect(1006)
    expect(retryDelayMs()).toBe(0)
    browser.random = 0.999999
    const waits: number[] = []
    for (let tries = 0; tries < 9; tries += 1) {
      await clock.advance(retryDelayMs())
      waits.push(Math.round(retryDelayMs()))
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000])
    browser.random = 0.25
    await clock.advance(retryDelayMs())
    expect(retryDelayMs()).toBe(7500)
  })

  test('says which side is too old, until they understand each other', async () => {
    for (const [range, expected] of [
      [{ min: 2, max: 3 }, 'client'],
      [{ min: 0, max: 0 }, 'hub'],
    ] as const) {
      hub.protocol = range
      connection.start()
      await settle()
      expect([connection.state.value, connection.outdated.value]).toEqual(['waiting', expected])
      hub.protocol = { min: 1, max: 2 }
      await clock.advance(30_000)
      expect([connection.state.value, connection.outdated.value]).toEqual(['live', undefined])
      connection.stop()
    }
  })

  test('retries as soon as the network or the window wakes', async () => {
    await connect()
    hub.isUp = false
    hub.disconnect(1006)
    for (let tries = 0; tries < 8; tries += 1) await clock.advance(retryDelayMs())
    hub.isUp = true
    await clock.advance(2_000)
    expect(connection.state.value).toBe('waiting')
    browser.fireWake()
    await settle()
    expect(connection.state.value).toBe('live')
  })

  test('waits for the delay that the hub asked for', async () => {
    await connect()
    hub.broadcast({ t: 'bye', code: 'restarting', after: 7_000 })
    hub.disconnect(1012)
    await settle()
    expect(retryDelayMs()).toBe(7_000)
    await clock.advance(2_000)
    browser.fireWake()
    await settle()
    expect(retryDelayMs()).toBe(5_000)
    await clock.advance(5_000)
    await settle()
    expect(connection.state.value).toBe('live')
  })

  test('is marked asleep after the hub’s computer went to sleep, until the connection is back', async () => {
    await connect()
    hub.broadcast({ t: 'bye', code: 'asleep', after: 15_000 })
    hub.isUp = false
    hub.disconnect(1012)
    await settle()
    expect(connection.asleep.value).toBe(true)
    await clock.advance(15_000)
    await settle()
    expect([connection.asleep.value, connection.state.value]).toEqual([true, 'waiting'])
    hub.isUp = true
    await clock.advance(retryDelayMs())
    await settle()
    expect([connection.asleep.value, connection.state.value]).toEqual([false, 'live'])
    hub.broadcast({ t: 'bye', code: 'restarting' })
    await settle()
    expect(connection.asleep.value).toBe(false)
  })

  test('backs off when the hub accepts and drops the connection repeatedly', async () => {
    await connect()
    browser.random = 0.999999
    const waits: number[] = []
    for (let tries = 0; tries < 4; tries += 1) {
      hub.disconnect(1006)
      waits.push(Math.round(retryDelayMs()))
      await clock.advance(retryDelayMs())
      await settle()
      expect(connection.state.value).toBe('live')
    }
    expect(waits).toEqual([0, 500, 1000, 2000])
  })

  test('gives up an attempt after 10 s', async () => {
    let tries = 0
    credentials = () => new Promise(() => (tries += 1))
    connection.start()
    await clock.advance(9_999)
    expect(tries).toBe(1)
    await clock.advance(1)
    expect(tries).toBe(2)
  })
})

describe('detecting a dead connection', () => {
  test('sends a ping every 20 s and drops the connection after 45 s without a frame', async () => {
    await connect()
    await clock.advance(300_000)
    expect(hub.connectionAttempts).toBe(1)
    for (const socket of hub.sockets) socket.isSilent = true
    hub.isUp = false
    await clock.advance(20_000)
    expect(connection.state.value).toBe('live')
    await clock.advance(45_000)
    expect(connection.state.value).not.toBe('live')
  })

  test('probes the connection at once after a sleep, with a timeout of 3 s', async () => {
    await connect()
    for (const socket of hub.sockets) socket.isSilent = true
    clock.sleep(20_000)
    await clock.advance(0)
    expect(hub.connectionAttempts).toBe(1)
    await clock.advance(3_000)
    await settle()
    expect(hub.connectionAttempts).toBe(2)
    expect(connection.state.value).toBe('live')
  })

  test('probes while a request is slow, and keeps a hub that responds to that', async () => {
    await connect()
    const send = () => void connection.request('chats.list', {}).catch(() => undefined)
    for (const socket of hub.sockets) socket.isSilent = true
    await clock.advance(15_000)
    send()
    await clock.advance(7_000)
    expect(connection.state.value).toBe('live')
    await clock.advance(10_000)
    await settle()
    expect([hub.connectionAttempts, connection.state.value]).toEqual([2, 'live'])

    // a slow response of a hub that lives
    hub.lostResponses.push('chats.list')
    send()
    for (let i = 0; i < 10; i += 1) {
      hub.broadcast({ t: 'pong' })
      await clock.advance(5_000)
    }
    expect(hub.connectionAttempts).toBe(2)
  })

  test('probes when the window wakes, and keeps the connection if the hub responds', async () => {
    await connect()
    await clock.advance(4_000)
    browser.fireWake()
    await clock.advance(4_000)
    expect(hub.connectionAttempts).toBe(1)
    for (const socket of hub.sockets) socket.isSilent = true
    browser.fireWake()
    await clock.advance(3_000)
    await settle()
    expect(hub.connectionAttempts).toBe(2)
  })
})

describe('ending', () => {
  test('stops when the session has ended', async () => {
    await connect()
    credentials = () => Promise.reject(new RequestError('unauthenticated', 'Log in first.'))
    hub.disconnect(4401)
    await clock.advance(0)
    expect(connection.state.value).toBe('stopped')
    expect(endedCount).toBe(1)
    await clock.advance(120_000)
    expect(hub.connectionAttempts).toBe(1)
  })

  test('is slow while the oldest request has no response for eight seconds', async () => {
    await connect()
    hub.lostResponses.push('chats.list')
    const lost = connection.request('chats.list', {}).catch(() => undefined)
    await clock.advance(7_999)
    await connection.request('chats.list', {})
    expect(connection.isSlow).toBe(false)
    await clock.advance(1)
    expect([connection.isSlow, connection.state.value]).toEqual([true, 'live'])
    hub.disconnect(1006)
    await lost
    expect(connection.isSlow).toBe(false)
  })

  test('rejects unanswered requests as offline when it is stopped', async () => {
    await connect()
    hub.isDelivering = false
    const asked = connection.request('chats.list', {})
    await settle()
    hub.disconnect(1006)
    // The fake hub delivers its queue when it closes. A broken cable would not.
    await expect(asked).resolves.toHaveProperty('output.chats')
    await clock.advance(0)
    hub.isDelivering = true
    await settle()
    const unanswered = connection.request('chats.list', {})
    connection.stop()
    await expect(unanswered).rejects.toMatchObject({ code: 'offline' })
    await expect(connection.request('chats.list', {})).rejects.toMatchObject({ code: 'offline' })
  })

  test('reconnects after a malformed frame, and the page keeps working', async () => {
    await connect()
    for (const socket of hub.sockets) socket.onmessage?.({ data: '{"t":"entry"' })
    expect(connection.state.value).toBe('waiting')
    await clock.advance(0)
    await settle()
    expect(connection.state.value).toBe('live')
  })
})

describe('a hub that moves', () => {
  const termOf = (n: number, node = 'a'): Term => ({
    ...{ n, node, epoch: 'e', lsn: 1, chain: '0'.repeat(32), prev: null, at: 1, sig: 's' },
  })
  const places = [{ node: 'b', name: 'Ann’s computer', role: 'hub' as const, addresses: ['10.0.0.5:7788'] }]

  test('moved is followed by an attempt within 300 ms, and says where the hub is until one answers', async () => {
    await connect()
    browser.random = 0.999999
    hub.broadcast({ t: 'bye', code: 'moved', term: termOf(3), places })
    hub.disconnect(1012)
    expect(Math.round(retryDelayMs())).toBe(300)
    expect(connection.movedTo.value).toEqual(places)
    expect(knownTerm).toEqual(termOf(3))
    await clock.advance(300)
    await settle()
    expect([connection.state.value, connection.movedTo.value]).toEqual(['live', undefined])
  })

  test('an attempt after a move that fails is followed by the usual back-off', async () => {
    await connect()
    browser.random = 0.999999
    hub.broadcast({ t: 'bye', code: 'moved', places })
    hub.isUp = false
    hub.disconnect(1012)
    await clock.advance(retryDelayMs())
    expect(Math.round(retryDelayMs())).toBe(500)
    await clock.advance(retryDelayMs())
    expect(Math.round(retryDelayMs())).toBe(1_000)
  })

  test('moving waits as long as the hub says, and up to 300 ms more', async () => {
    await connect()
    browser.random = 0.5
    hub.broadcast({ t: 'bye', code: 'moving', after: 1_000, places })
    hub.disconnect(1012)
    expect(retryDelayMs()).toBe(1_150)
  })

  test('a request before the socket that says where the hub is sets the places too', async () => {
    credentials = () => Promise.reject(new RequestError('busy', 'It runs elsewhere.', { moved: places }))
    connection.start()
    await settle()
    expect(connection.movedTo.value).toEqual(places)
  })

  test('the highest term is kept, and shown to a hub with a lower one or none', async () => {
    hub.standing.term = termOf(5)
    await connect()
    expect([knownTerm, hub.shownTerms]).toEqual([termOf(5), [undefined]])
    for (const term of [termOf(6), termOf(6, 'b')]) {
      hub.standing.term = term
      hub.disconnect(1006)
      await clock.advance(6_000)
      expect(knownTerm).toEqual(term)
    }
    expect(hub.shownTerms).toEqual([undefined, undefined, undefined])
    hub.standing.term = termOf(6)
    hub.isDelivering = false
    hub.disconnect(1006)
    await clock.advance(6_000)
    for (const socket of hub.sockets) socket.deliver()
    await settle()
    expect(hub.shownTerms.at(-1)).toEqual(termOf(6, 'b'))
    // the hub steps down
    for (const socket of hub.sockets) socket.deliver(() => [{ t: 'bye', code: 'moved', places }])
    expect(knownTerm).toEqual(termOf(6, 'b'))
  })

  test('a term that the hub refuses is forgotten, so that a forged one locks no client out', async () => {
    hub.standing.term = termOf(5)
    knownTerm = termOf(9, 'forged')
    await connect()
    expect(hub.shownTerms).toEqual([termOf(9, 'forged')])
    expect(knownTerm).toBeUndefined()
    hub.disconnect(1006)
    await clock.advance(6_000)
    expect([hub.shownTerms.at(-1), knownTerm]).toEqual([undefined, termOf(5)])
  })
})
