import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readHello } from '../../server/socket/state.ts'
import { LiveClient } from '../support/live-client.ts'
import { TestUser, errorCodeOf } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'
import { makeWorld } from '../support/world.ts'

const bearer = (user: TestUser) => ({ authorization: `Bearer ${user.token}` })

test('the hub sends hello and then the state: user, chats, heads and presence', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const boLive = await bo.connect()
  await hub.whenPresenceTold()
  const live = await ann.connect()
  expect(live.received[0]).toMatchObject({
    t: 'hello',
    hubId: hub.hub.hubId,
    user: ann.id,
    protocol: { min: 1, max: 1 },
  })
  const state = live.state
  expect(state?.me).toMatchObject({ id: ann.id, username: 'ann' })
  expect(state?.chats.map((chat) => chat.id).sort()).toEqual([kitchen.id, direct.id].sort())
  expect(state?.heads).toEqual({ [`user:${ann.id}`]: 2, hub: 5 })
  expect(state?.presence).toMatchObject({ [ann.id]: 'active', [bo.id]: 'active' })
  await boLive.close()
})

test('hello comes before the state, also if its read takes longer', async () => {
  const { hub, ann } = await makeWorld()
  const { store } = hub.hub
  const read = store.read.bind(store)
  const gate = Promise.withResolvers<void>()
  const readLater: typeof read = async (run) => {
    if ((run as unknown) === readHello) await gate.promise
    return read(run)
  }
  store.read = readLater
  const live = await LiveClient.open(hub.url, bearer(ann))
  live.send({ t: 'resume', protocol: 1 })
  for (let i = 0; i < 3; i += 1) await ann.request('me.get', {})
  gate.resolve()
  await live.next(({ t }) => t === 'state')
  expect(live.received.map(({ t }) => t)).toEqual(['hello', 'state'])
  store.read = read
})

test('what another device reads while the state is read arrives after the state', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const { no } = await ann.sendMessage(kitchen.id, 'unread')
  const { store } = hub.hub
  const read = store.read.bind(store)
  const gate = Promise.withResolvers<void>()
  const isRead = Promise.withResolvers<void>()
  const readLate: typeof read = async (run) => {
    const result = await read(run)
    if ((result as { state?: { t?: string } } | undefined)?.state?.t !== 'state') return result
    isRead.resolve()
    await gate.promise
    return result
  }
  store.read = readLate
  const live = await LiveClient.open(hub.url, bearer(bo))
  live.send({ t: 'resume', protocol: 1 })
  await isRead.promise
  await bo.request('chats.read', { chatId: kitchen.id, no })
  gate.resolve()
  const mark = await live.next(({ t }) => t === 'read')
  expect(mark).toEqual({ t: 'read', chat: kitchen.id, user: bo.id, no })
  expect(live.received.map(({ t }) => t).filter((t) => t === 'state' || t === 'read')).toEqual([
    'state',
    'read',
  ])
  store.read = read
})

test('the state has everything committed before it, and each later entry is pushed exactly once', async () => {
  const { ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const sender = await ann.connect()
  for (let round = 0; round < 20; round += 1) {
    const sending = Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        sender.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: `${round}.${i}` }),
      ),
    )
    const live = await bo.connect()
    await sending
    const head = live.state?.chats.find((chat) => chat.id === kitchen.id)?.head ?? 0
    const last = (await sending).at(-1)?.message.seq ?? 0
    if (last > head) await live.next((message) => message.t === 'entry' && message.seq === last)
    const seqs = live.entries
      .filter((entry) => entry.stream === `chat:${kitchen.id}`)
      .map((entry) => entry.seq)
    expect(seqs).toEqual(Array.from({ length: last - head }, (_, i) => head + 1 + i))
    live.terminate()
  }
})

test('requests of one socket run in order, and a read sees the earlier writes', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  live.send(
    ...[1, 2, 3].map((i) => ({
      t: 'req' as const,
      id: `m${i}`,
      name: 'messages.send',
      input: { chatId: kitchen.id, cid: randomUUID(), text: `${i}` },
    })),
    { t: 'req', id: 'list', name: 'messages.list', input: { chatId: kitchen.id } },
  )
  const response = await live.next((message) => message.t === 'ok' && message.id === 'list')
  expect(response).toMatchObject({ output: { messages: [{ text: '1' }, { text: '2' }, { text: '3' }] } })
})

test('streams.read returns the entries after a cursor up to the head', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  for (let i = 0; i < 7; i += 1) await ann.sendMessage(kitchen.id, `${i}`)
  const live = await bo.connect()
  const stream = `chat:${kitchen.id}`
  const first = await live.request('streams.read', { stream, after: 3, limit: 4 })
  expect(first.entries.map((entry) => entry.seq)).toEqual([4, 5, 6, 7])
  expect(first.head).toBe(10)
  const rest = await live.request('streams.read', { stream, after: 7 })
  expect(rest.entries.map((entry) => entry.seq)).toEqual([8, 9, 10])
  expect(await live.request('streams.read', { stream, after: 10 })).toEqual({ entries: [], head: 10 })
})

test('streams.read returns reset for a cursor beyond the head, which must be of another epoch', async () => {
  const { ann, kitchen } = await makeWorld()
  const response = await ann.request('streams.read', { stream: `chat:${kitchen.id}`, after: 999 })
  expect(response).toEqual({ entries: [], head: 3, reset: true })
})

test('a message outside the protocol closes the socket with 1008', async () => {
  const { hub, ann } = await makeWorld()
  for (const raw of [
    'not json',
    '{}',
    '[1]',
    '[null]',
    '[{"t":1}]',
    '[{"t":"nonsense"}]',
    '[{"t":"req","name":"me.get"}]',
    '[{"t":"req","id":1}]',
    '[{"t":"presence","state":"asleep"}]',
    '[{"t":"delivered","chat":"x","no":-1}]',
    Buffer.from([1, 2, 3]),
  ]) {
    const live = await ann.connect()
    live.sendRaw(raw)
    expect(await live.whenClosed()).toMatchObject({ code: 1008 })
  }
  const early = await LiveClient.open(hub.url, bearer(ann))
  early.sendRaw('[{"t":"req","id":1,"name":"me.get","input":{}}]')
  expect(await early.whenClosed()).toMatchObject({ code: 1008 })
  const future = await LiveClient.open(hub.url, bearer(ann))
  future.send({ t: 'resume', protocol: 99 })
  expect(await future.whenClosed()).toMatchObject({ code: 1008 })
})

test('a frame above 64 KiB closes the socket with 1009', async () => {
  const { ann } = await makeWorld()
  const live = await ann.connect()
  live.sendRaw(JSON.stringify([{ t: 'ping', filler: 'x'.repeat(65 * 1024) }]))
  expect(await live.whenClosed()).toMatchObject({ code: 1009 })
})

test('an unknown request returns not_found and bad input an error with a message, and the socket stays open', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  await expect(live.requestAny('chats.explode', {})).rejects.toMatchObject({ code: 'not_found' })
  await expect(live.requestAny('__proto__', {})).rejects.toMatchObject({ code: 'not_found' })
  await expect(live.requestAny('constructor', {})).rejects.toMatchObject({ code: 'not_found' })
  await expect(live.requestAny('messages.list', { chatId: kitchen.id, limit: '5' })).rejects.toMatchObject({
    code: 'invalid',
    error: { field: 'limit' },
  })
  await expect(live.requestAny('messages.list', { chatId: kitchen.id, extra: 1 })).rejects.toMatchObject({
    code: 'invalid',
    error: { field: 'extra' },
  })
  await expect(live.requestAny('messages.list', [])).rejects.toMatchObject({ code: 'invalid' })
  expect(await live.request('me.get', {})).toMatchObject({ user: { id: ann.id } })
})

test('a page of another origin cannot open the socket, with or without a cookie', async () => {
  const { hub, ann } = await makeWorld()
  await expect(LiveClient.open(hub.url, { ...bearer(ann), origin: 'https://evil.example' })).rejects.toThrow(
    '403',
  )
  await expect(LiveClient.open(hub.url, { origin: 'https://evil.example' })).rejects.toThrow('403')
})

test('logging out closes the sockets of that session with 4401, and no others', async () => {
  const { hub, ann } = await makeWorld()
  const other = await TestUser.login(hub.url, 'ann')
  const [first, second] = await Promise.all([ann.connect(), other.connect()])
  await ann.request('accounts.logout', {})
  expect(await first.whenClosed()).toMatchObject({ code: 4401 })
  await second.settle()
  await expect(ann.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a hub that stops sends each socket a goodbye with its own reconnect delay', async () => {
  const { hub, ann } = await makeWorld()
  const live = await ann.connect()
  await hub.close()
  expect(await live.whenClosed()).toMatchObject({ code: 1012 })
  const bye = live.received.at(-1)
  expect(bye).toMatchObject({ t: 'bye', code: 'restarting' })
})

test('typing reaches the other members of the chat only', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const [annLive, boLive, eveLive] = await Promise.all([ann.connect(), bo.connect(), eve.connect()])
  eveLive.send({ t: 'typing', chat: kitchen.id })
  annLive.send({ t: 'typing', chat: kitchen.id })
  expect(await boLive.next((message) => message.t === 'typing')).toEqual({
    t: 'typing',
    chat: kitchen.id,
    user: ann.id,
  })
  await Promise.all([annLive.settle(), eveLive.settle(), boLive.settle()])
  const typed = (live: LiveClient) => live.received.filter((message) => message.t === 'typing')
  expect([typed(annLive), typed(eveLive), typed(boLive).length]).toEqual([[], [], 1])
})

test('presence is the most active state of all windows, and a killed window causes no flicker', async () => {
  const { ann, bo } = await makeWorld()
  const boLive = await bo.connect()
  const [one, two] = await Promise.all([ann.connect(), ann.connect()])
  await boLive.next(
    (message) => message.t === 'presence' && message.user === ann.id && message.state === 'active',
  )
  one.send({ t: 'presence', state: 'idle' })
  await one.settle()
  const presence = async () => (await bo.request('users.get', { userId: ann.id })).presence
  expect(await presence()).toBe('active')
  two.send({ t: 'presence', state: 'idle' })
  await boLive.next(
    (message) => message.t === 'presence' && message.user === ann.id && message.state === 'idle',
  )
  expect(await presence()).toBe('idle')
  two.terminate()
  one.terminate()
  expect(await presence()).toBe('idle')
  expect(
    await boLive.next((message) => message.t === 'presence' && message.state === 'offline'),
  ).toMatchObject({
    user: ann.id,
  })
  const { presence: now, lastSeen } = await bo.request('users.get', { userId: ann.id })
  expect(now).toBe('offline')
  expect(lastSeen).toBeLessThanOrEqual(Date.now())
})

test('others see the time zone of the last device of a user, unless one of them hides such things', async () => {
  const { ann, bo, eve } = await makeWorld()
  const zoneOf = async (viewer: TestUser) => (await viewer.request('users.get', { userId: ann.id })).zone
  const live = await ann.connect()
  expect(await zoneOf(bo)).toBeUndefined()
  const resume = async (zone: unknown) => {
    const from = live.received.length
    live.send({ t: 'resume', protocol: 1, zone: zone as string })
    await live.next((message) => message.t === 'state', from)
  }
  await resume('Asia/Tokyo')
  await waitFor(async () => expect(await zoneOf(bo)).toBe('Asia/Tokyo'))
  // What is no zone changes nothing, and harms no one.
  for (const zone of ['Mars/Base', '', 'x'.repeat(5_000), 7, null, { zone: 'UTC' }, '__proto__']) {
    await resume(zone)
    expect(await zoneOf(bo)).toBe('Asia/Tokyo')
  }
  await resume('Europe/Lisbon')
  await waitFor(async () => expect(await zoneOf(bo)).toBe('Europe/Lisbon'))
  // It stays known while the user is away.
  await live.close()
  expect(await zoneOf(bo)).toBe('Europe/Lisbon')
  await eve.request('me.update', { settings: { hideLastSeen: true } })
  await waitFor(async () => expect(await zoneOf(eve)).toBeUndefined())
  await ann.request('me.update', { settings: { hideLastSeen: true } })
  await waitFor(async () => expect(await zoneOf(bo)).toBeUndefined())
  expect(await zoneOf(ann)).toBe('Europe/Lisbon')
})

test('last seen survives a restart of the hub, and no user stays online after it', async () => {
  const { hub, ann, bo } = await makeWorld()
  const live = await ann.connect()
  await live.settle()
  const again = await hub.restart()
  const seen = await bo.atUrl(again.url).request('users.get', { userId: ann.id })
  expect(seen.presence).toBe('offline')
  expect(Date.now() - (seen.lastSeen ?? 0)).toBeLessThan(60_000)
})

test('a user who sends too fast gets a retryAfter, and other users are not slowed down', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await ann.connect()
  // freeze the clock: the limit must not depend on the speed of this machine
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const responses = await Promise.allSettled(
    Array.from({ length: 260 }, (_, i) =>
      live.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: `${i}` }),
    ),
  )
  const rejected = responses.filter((response) => response.status === 'rejected')
  expect(rejected.length).toBeGreaterThan(0)
  expect(rejected[0]?.reason).toMatchObject({ code: 'rate_limited', error: { retryAfter: 1 } })
  await bo.sendMessage(kitchen.id, 'me too')
})

test('a slow consumer is sent the heads instead of buffered entries and can read everything it missed', async () => {
  const { ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const [sender, slow] = await Promise.all([ann.connect(), bo.connect()])
  slow.socket.pause()
  const text = 'x'.repeat(15_000)
  let last = 0
  for (let i = 0; i < 40; i += 1) {
    const responses = await Promise.all(
      Array.from({ length: 25 }, () =>
        sender.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text }),
      ),
    )
    last = responses.at(-1)?.message.seq ?? 0
  }
  const { readNo } = await bo.request('chats.read', { chatId: kitchen.id, no: 900 })
  slow.socket.resume()
  const behind = await slow.next((message) => message.t === 'behind')
  expect(behind).toMatchObject({ heads: { [`chat:${kitchen.id}`]: last } })
  const cursor = slow.entries.at(-1)?.seq ?? 0
  expect(cursor).toBeLessThan(last)
  const seqs = slow.entries.map((entry) => entry.seq)
  for (let after = cursor; after < last;) {
    const { entries } = await slow.request('streams.read', { stream: `chat:${kitchen.id}`, after, limit: 50 })
    seqs.push(...entries.map((entry) => entry.seq))
    after = entries.at(-1)?.seq ?? last
  }
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => last - seqs.length + 1 + i))
  await ann.sendMessage(kitchen.id, 'live again')
  expect(await slow.next((message) => message.t === 'entry' && message.seq === last + 1)).toBeDefined()
  // no entry tells what another device of the user has read
  expect(slow.received).toContainEqual({ t: 'read', chat: kitchen.id, user: bo.id, no: readNo })
})

// bug 5 of the original app
test('closing one of three windows leaves the user online', async () => {
  const { ann, bo } = await makeWorld()
  const watching = await bo.connect()
  const windows = await Promise.all([ann.connect(), ann.connect(), ann.connect()])
  await watching.next((message) => message.t === 'presence' && message.user === ann.id)
  const from = watching.received.length
  await windows[0]?.close()
  windows[1]?.terminate()
  await windows[2]?.settle()
  expect((await bo.request('users.get', { userId: ann.id })).presence).toBe('active')
  // opening another chat causes no presence frame either
  await windows[2]?.request('chats.list', {})
  await watching.settle()
  expect(watching.received.slice(from).filter((message) => message.t === 'presence')).toEqual([])
})

// bug 11 of the original app
test('a message has the current time, typing names its chat, and logging out ends the session', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  const before = Date.now()
  const { at } = await ann.sendMessage(kitchen.id, 'today')
  expect(at).toBeGreaterThanOrEqual(before)
  const [annLive, boLive] = await Promise.all([ann.connect(), bo.connect()])
  annLive.send({ t: 'typing', chat: kitchen.id }, { t: 'typing', chat: direct.id })
  await annLive.settle()
  await boLive.settle()
  const typing = boLive.received.filter((message) => message.t === 'typing').map((message) => message.chat)
  expect(typing).toEqual([kitchen.id, direct.id])
  await ann.request('accounts.logout', {})
  expect(await errorCodeOf(ann.request('me.get', {}))).toBe('unauthenticated')
})
