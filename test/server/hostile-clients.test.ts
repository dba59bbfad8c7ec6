import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { liveTimings } from '../../shared/contract/live.ts'
import { LiveClient, rawSocketOf } from '../support/live-client.ts'
import { type TestUser, rawRequest } from '../support/test-user.ts'
import { openRawSocket } from '../support/raw-socket.ts'
import { makeWorld } from '../support/world.ts'

/** Input of a malicious or broken client, over a live socket or during its upgrade. */

const bearer = (user: TestUser) => ({ authorization: `Bearer ${user.token}` })
const textOpcode = 0x1
const binaryOpcode = 0x2
const continuationOpcode = 0x0
const pingOpcode = 0x9

interface FrameOptions {
  fin?: boolean
  reserved?: number
  masked?: boolean
  /** The length that the frame claims, if it is not the true one. */
  length?: bigint
}

/** One WebSocket frame, malformed as requested. */
function buildFrame(opcode: number, payload: string | Buffer = '', shape: FrameOptions = {}): Buffer {
  const { fin = true, reserved = 0, masked = true } = shape
  const body = Buffer.from(payload)
  const length = shape.length ?? BigInt(body.length)
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const size = Buffer.alloc(length < 126n ? 0 : length < 65_536n ? 2 : 8)
  if (size.length === 2) size.writeUInt16BE(Number(length))
  if (size.length === 8) size.writeBigUInt64BE(length)
  const short = size.length === 0 ? Number(length) : size.length === 2 ? 126 : 127
  const head = Buffer.from([first, short | (masked ? 0x80 : 0)])
  // a mask of zeroes leaves the payload unchanged
  return Buffer.concat([head, size, Buffer.alloc(masked ? 4 : 0), body])
}

/** The TCP socket below a client, for bytes that the client would not send. */
/** A busy machine is slow, which is no failure. */
const waitLimit = { timeout: 15_000 }

afterEach(() => {
  vi.useRealTimers()
})

test('a socket that does not resume is closed after 5 s, and an idle one that has resumed stays open', async () => {
  const { hub, ann, bo } = await makeWorld()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const idle = await LiveClient.open(hub.url, bearer(ann))
  const quiet = await bo.connect()
  vi.advanceTimersByTime(liveTimings.resumeTimeoutMs)
  expect(await idle.whenClosed()).toMatchObject({ code: 4408 })
  await quiet.settle()
  expect(quiet.closed).toBeUndefined()
})

test('a socket whose resume had to wait for its rate, and that sends nothing more, stays open', async () => {
  const { hub, ann } = await makeWorld()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const late = await LiveClient.open(hub.url, bearer(ann))
  const isResumed = (): boolean => late.received.some(({ t }) => t === 'state')
  if (!hub.hub.rateLimiter) throw new Error('the hub has no rate limits')
  // as if other sockets of the user had used up the rate
  vi.spyOn(hub.hub.rateLimiter, 'takeMessage').mockReturnValueOnce(50)
  late.send({ t: 'resume', protocol: 1 })
  await vi.waitFor(() => {
    vi.advanceTimersByTime(100)
    expect(isResumed()).toBe(true)
  }, waitLimit)
  vi.advanceTimersByTime(liveTimings.resumeTimeoutMs)
  await late.settle()
  expect(late.closed).toBeUndefined()
})

test('the creator and first members of a group receive chat.added before any entry of its stream', async () => {
  const { ann, bo, eve } = await makeWorld()
  const lives = await Promise.all([ann, bo, eve].map((user) => user.connect()))
  const group = await ann.createGroup('Garden', [bo, eve])
  await ann.openDirectChat(eve)
  await ann.sendMessage(group.id, 'first')
  for (const live of lives) {
    const added = await live.nextEntry('chat.added')
    await live.nextEntry('message.sent')
    const first = live.entries.find((entry) => entry.stream === `chat:${group.id}`)
    expect(first?.seq).toBe(added.type === 'chat.added' ? added.chat.head + 1 : 0)
    expect(live.entries.indexOf(added)).toBe(0)
  }
})

test.for([
  ['an unmasked frame', [buildFrame(textOpcode, '[{"t":"ping"}]', { masked: false })], 1002],
  ['a compressed frame without negotiation', [buildFrame(textOpcode, 'xxxx', { reserved: 4 })], 1002],
  ['a frame with reserved bits', [buildFrame(textOpcode, '[]', { reserved: 1 })], 1002],
  ['an unknown opcode', [buildFrame(0x3, '[]')], 1002],
  ['a continuation without a first frame', [buildFrame(continuationOpcode, '[]')], 1002],
  [
    'a new message inside a fragmented one',
    [buildFrame(textOpcode, '[', { fin: false }), buildFrame(textOpcode, '[]')],
    1002,
  ],
  ['a fragmented ping', [buildFrame(pingOpcode, 'x', { fin: false })], 1002],
  ['a ping that is too long', [buildFrame(pingOpcode, 'x'.repeat(126))], 1002],
  ['an invalid close code', [buildFrame(0x8, Buffer.from([0x00, 0x01]))], 1002],
  ['text that is not UTF-8', [buildFrame(textOpcode, Buffer.from([0x22, 0xff, 0x22]))], 1007],
  ['a binary frame', [buildFrame(binaryOpcode, '[{"t":"ping"}]')], 1008],
  ['an empty frame', [buildFrame(textOpcode, '')], 1008],
  ['a frame of 2^62 bytes', [buildFrame(textOpcode, '[', { length: 2n ** 62n })], 1009],
  ['a frame of 64 KiB and a byte', [buildFrame(textOpcode, 'x'.repeat(65_537))], 1009],
  [
    'more than 64 KiB in fragments',
    [
      buildFrame(textOpcode, '[', { fin: false }),
      ...Array.from({ length: 70 }, () => buildFrame(continuationOpcode, ' '.repeat(1000), { fin: false })),
    ],
    1009,
  ],
] as [string, Buffer[], number][])('%s closes its own socket only', async ([, frames, code]) => {
  const { ann, bo } = await makeWorld()
  const [attacker, other] = await Promise.all([ann.connect(), bo.connect()])
  rawSocketOf(attacker).write(Buffer.concat(frames))
  expect(await attacker.whenClosed()).toMatchObject({ code })
  await other.settle()
})

test('a client that breaks the protocol writes nothing into the log', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) })
  const { ann } = await makeWorld({ log })
  lines.length = 0
  for (const frame of [
    buildFrame(textOpcode, 'x'.repeat(65_537)),
    buildFrame(pingOpcode, 'x', { fin: false }),
  ]) {
    const attacker = await ann.connect()
    rawSocketOf(attacker).write(frame)
    await attacker.whenClosed()
  }
  expect(lines).toEqual([])
})

test('long texts are changed a few at a time, short ones freely, and others are not limited by it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const long = 'word '.repeat(3_000)
  const edit = (id: string, text: string) => ann.request('messages.edit', { messageId: id, text })
  const { id } = await ann.sendMessage(kitchen.id, long)
  const other = await bo.sendMessage(kitchen.id, long)
  let edits = 0
  const editUntilRefused = async () => {
    for (; edits < 30; edits += 1) await edit(id, `${edits} ${long}`)
  }
  await expect(editUntilRefused()).rejects.toMatchObject({ code: 'rate_limited', status: 429 })
  expect(edits).toBe(11)
  // a deletion costs half as much
  const another = await ann.sendMessage(kitchen.id, long)
  await ann.request('messages.delete', { messageId: id, for: 'everyone' })
  const refused = ann.request('messages.delete', { messageId: another.id, for: 'everyone' })
  await expect(refused).rejects.toMatchObject({ code: 'rate_limited', status: 429 })
  const short = await ann.sendMessage(kitchen.id, 'hi')
  for (let i = 0; i < 30; i += 1) await edit(short.id, `hi ${i}`)
  await bo.request('messages.edit', { messageId: other.id, text: long.trim() + ' end' })
})

test('a message in fragments of one byte with pings in between is reassembled', async () => {
  const { ann } = await makeWorld()
  const live = await ann.connect()
  const message = '[{"t":"req","id":"é","name":"me.get","input":{}}]'
  const pieces = [...Buffer.from(message)].map((byte, i) => {
    return Buffer.concat([
      buildFrame(i === 0 ? textOpcode : continuationOpcode, Buffer.from([byte]), { fin: false }),
      buildFrame(pingOpcode, 'here'),
      buildFrame(continuationOpcode, '', { fin: false }),
    ])
  })
  const from = live.received.length
  rawSocketOf(live).write(Buffer.concat([...pieces, buildFrame(continuationOpcode, '')]))
  expect(await live.next((message) => message.t === 'ok', from)).toMatchObject({ id: 'é' })
})

test('thousands of messages in one frame are all processed', async () => {
  const { ann } = await makeWorld()
  const live = await ann.connect()
  const from = live.received.length
  live.sendRaw(`[${Array.from({ length: 4_600 }, () => '{"t":"ping"}').join(',')}]`)
  await live.settle()
  expect(live.received.slice(from).filter((message) => message.t === 'pong')).toHaveLength(4_601)
  live.sendRaw(`[${Array.from({ length: 1_000 }, (_, i) => `{"t":"req","id":${i},"name":"x"}`).join(',')}]`)
  await live.next((message) => message.t === 'err' && message.id === 999)
})

test('input nested 10,000 deep or with __proto__ returns invalid and has no other effect', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  const inputs = [
    deep,
    `{"chatId":${deep}}`,
    `{"chatId":"${kitchen.id}","cid":"${randomUUID()}","text":${deep}}`,
    `{"__proto__":{"chatId":"${kitchen.id}"}}`,
    `{"chatId":"${kitchen.id}","__proto__":{"text":"x","cid":"${randomUUID()}"}}`,
  ]
  for (const [i, input] of inputs.entries()) {
    live.sendRaw(`[{"t":"req","id":${1000 + i},"name":"messages.send","input":${input}}]`)
    const response = await live.next((message) => message.t === 'err' && message.id === 1000 + i)
    expect(response).toMatchObject({ error: { code: 'invalid' } })
  }
  live.sendRaw('[{"t":"req","id":7,"name":"chats.list","__proto__":{"input":{"a":1}}}]')
  expect(await live.next((message) => message.t === 'ok' && message.id === 7)).toBeDefined()
})

test('a flood of pings from a client that never reads does not delay other users', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const [flood, other] = await Promise.all([ann.connect(), bo.connect()])
  const wire = rawSocketOf(flood)
  wire.pause()
  const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => buildFrame(pingOpcode, 'x'.repeat(100))))
  for (let i = 0; i < 200; i += 1) wire.write(thousand)
  for (let i = 0; i < 20; i += 1) {
    await other.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: `${i}` })
  }
  flood.terminate()
  await other.settle()
})

test('a thousand idle or slow connections do not block other users or the shutdown of the hub', async () => {
  const { hub, ann } = await makeWorld()
  const raw = await Promise.all(Array.from({ length: 1_000 }, () => openRawSocket(hub.url)))
  for (const [i, socket] of raw.entries()) if (i % 2) socket.write('GET /live HTTP/1.1\r\nhost: loc')
  const live = await ann.connect()
  await live.settle()
  expect((await ann.request('me.get', {})).user.id).toBe(ann.id)
  live.terminate()
  await hub.close()
  for (const socket of raw) socket.destroy()
})

test('a failed upgrade or a client that ignores the close frame does not delay the shutdown of the hub', async () => {
  const { hub, ann, bo } = await makeWorld()
  const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\n'
  const requests = [
    `POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5\r\n${upgrade}\r\n`,
    `GET /%zz HTTP/1.1\r\nhost: localhost\r\n${upgrade}\r\n`,
    `GET /live HTTP/1.1\r\nhost: evil.example\r\n${upgrade}\r\n`,
    `GET /live HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ann.token}\r\n${upgrade}\r\n`,
    `GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n`,
  ]
  const raw = await Promise.all(requests.map(() => openRawSocket(hub.url)))
  for (const [i, socket] of raw.entries()) socket.write(requests[i] ?? '')
  const asleep = await bo.connect()
  asleep.socket.pause()
  await ann.request('me.get', {})
  await hub.close()
  for (const socket of raw) socket.destroy()
  asleep.terminate()
})

test('a user who creates large groups in quick succession is rate limited', async () => {
  const { hub, ann, olga, bo } = await makeWorld()
  await hub.hub.store.writer.write(async ({ db }) => {
    const like = await db.selectFrom('user').where('id', '=', bo.id).selectAll().executeTakeFirstOrThrow()
    for (let i = 0; i < 400; i += 1) {
      const copy = { ...like, id: `copy${i}`, username: `copy${i}`, usernameKey: `copy${i}` }
      await db.insertInto('user').values(copy).execute()
    }
  })
  const members = Array.from({ length: 400 }, (_, i) => `copy${i}`)
  // freeze the clock: the limit must not depend on the speed of this machine
  vi.useFakeTimers({ toFake: ['performance'] })
  const make = () =>
    rawRequest(hub.url, ann.token, 'chats.create', { name: 'G', visibility: 'private', members })
  const statuses: number[] = []
  for (let i = 0; i < 50 && statuses.at(-1) !== 429; i += 1) statuses.push((await make()).status)
  expect(statuses.slice(0, 5)).toEqual([201, 201, 201, 201, 201])
  expect(statuses.at(-1)).toBe(429)
  expect(statuses.length).toBeLessThan(30)
  expect((await olga.createGroup('Small', [bo])).memberCount).toBe(2)
})

/** A chat of this user with 100 messages of 16 KB: the largest page of history there is. */
async function fillChat(user: TestUser): Promise<string> {
  const { id } = await user.createGroup('Archive')
  const live = await user.connect()
  const send = () =>
    live.request('messages.send', { chatId: id, cid: randomUUID(), text: 'x'.repeat(16_384) })
  for (let i = 0; i < 10; i += 1) await Promise.all(Array.from({ length: 10 }, send))
  live.terminate()
  return id
}

const frameOf = (count: number, message: (i: number) => object): string =>
  JSON.stringify(Array.from({ length: count }, (_, i) => message(i)))

test('a frame of 550 large reads by a client that reads nothing is answered one by one, and stops others never', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const chatId = await fillChat(ann)
  const flood = await ann.connect()
  const other = await bo.connect()
  rawSocketOf(flood).pause()
  const read = vi.spyOn(hub.hub.store, 'read')
  flood.sendRaw(
    frameOf(550, (id) => ({ t: 'req', id, name: 'messages.list', input: { chatId, limit: 100 } })),
  )
  for (let i = 0; i < 20; i += 1) {
    await other.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: `${i}` })
  }
  // what nobody reads fills the buffers of two sockets, and no memory
  expect(read.mock.calls.length).toBeLessThan(30)
  flood.terminate()
  await other.settle()
})

test('the same frame is answered in full to a client that reads', async () => {
  const { ann } = await makeWorld()
  const chatId = await fillChat(ann)
  const live = await ann.connect()
  const from = live.received.length
  live.sendRaw(frameOf(40, (id) => ({ t: 'req', id, name: 'messages.list', input: { chatId, limit: 100 } })))
  await live.next((message) => message.t === 'ok' && message.id === 39, from)
  const answers = live.received.slice(from).flatMap((message) => (message.t === 'ok' ? [message.id] : []))
  expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => i))
})

test.for([
  [
    'streams.read of all messages',
    400,
    (chat: string) => ({ name: 'streams.read', input: { stream: `chat:${chat}` } }),
  ],
  ['chats.list', 500, () => ({ name: 'chats.list', input: {} })],
  ['search.messages', 300, () => ({ name: 'search.messages', input: { q: 'x' } })],
  ['an unknown request', 700, () => ({ name: 'nothing', input: {} })],
  ['files.list', 300, (chat: string) => ({ name: 'files.list', input: { chatId: chat } })],
  [
    'messages.edit',
    100,
    (chat: string) => ({ name: 'messages.edit', input: { messageId: chat, text: 'y'.repeat(300) } }),
  ],
  ['resume', 900, () => ({ t: 'resume', protocol: 1 })],
  ['ping', 4_600, () => ({ t: 'ping' })],
  ['typing', 900, (chat: string) => ({ t: 'typing', chat })],
  ['presence', 1_500, () => ({ t: 'presence', state: 'idle' })],
  ['delivered', 700, (chat: string) => ({ t: 'delivered', chat, no: 1 })],
] as [string, number, (chat: string) => object][])(
  'a frame full of %s, from eight sockets that read nothing, leaves the hub to others',
  async ([, count, message]) => {
    const { ann, bo, kitchen } = await makeWorld()
    for (let i = 0; i < 30; i += 1) await ann.sendMessage(kitchen.id, `${'x '.repeat(4_000)}${i}`)
    const floods = await Promise.all(Array.from({ length: 8 }, () => ann.connect()))
    const other = await bo.connect()
    for (const flood of floods) {
      rawSocketOf(flood).pause()
      flood.sendRaw(frameOf(count, (id) => ({ t: 'req', id, ...message(kitchen.id) })))
    }
    for (let i = 0; i < 5; i += 1) {
      await other.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: `${i}` })
      await bo.request('me.get', {})
    }
    for (const flood of floods) flood.terminate()
    await other.settle()
  },
)

test('pings, typing and unknown messages count in the rate of their user: the rest waits', async () => {
  const { hub, ann, bo } = await makeWorld()
  const [flood, other] = await Promise.all([ann.connect(), bo.connect()])
  // what connecting took is paid with time, which does not pass from here on
  for (const { id } of [ann, bo])
    await vi.waitFor(() => expect(hub.hub.turns.mayRun(id)).toBe(true), waitLimit)
  let now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => void clock.mockRestore())
  const from = flood.received.length
  for (let i = 0; i < 3; i += 1) flood.sendRaw(frameOf(2_000, () => ({ t: 'ping' })))
  await vi.waitFor(() => expect(flood.received.length - from).toBeGreaterThan(4_900), waitLimit)
  for (let i = 0; i < 10; i += 1) await other.settle()
  expect(flood.received.length - from).toBeLessThan(5_200)
  // the bucket fills again with time, and the waiting messages are taken
  now += 60_000
  await vi.waitFor(() => expect(flood.received.length - from).toBe(6_000), waitLimit)
})

test('an error while a message is handled closes its own socket only', async () => {
  const { hub, ann, bo } = await makeWorld()
  const [broken, other] = await Promise.all([ann.connect(), bo.connect()])
  vi.spyOn(hub.hub.live.receipts, 'recordDelivered').mockImplementationOnce(() => {
    throw new RangeError('Invalid string length')
  })
  broken.send({ t: 'delivered', chat: 'x', no: 1 })
  expect(await broken.whenClosed()).toMatchObject({ code: 1006 })
  await other.settle()
})

/** Reads so many responses and returns their statuses. */
async function readStatuses(socket: Socket, count: number): Promise<string[]> {
  const statuses: string[] = []
  let rest = ''
  for await (const chunk of socket.setEncoding('latin1') as AsyncIterable<string>) {
    const text = rest + chunk
    const found = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)]
    statuses.push(...found.flatMap(([, status]) => status ?? []))
    if (statuses.length >= count) break
    rest = found.length > 0 && text.endsWith(found.at(-1)?.[0] ?? '') ? '' : text.slice(-11)
  }
  return statuses
}

test('what a client pipelines over HTTP and does not read is bounded, and stops nobody', async () => {
  const { hub, ann, bo } = await makeWorld()
  const chatId = await fillChat(ann)
  const get = `GET /api/chats/${chatId}/messages?limit=100 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ann.token}\r\n\r\n`
  const sockets = await Promise.all([1, 2].map(() => openRawSocket(hub.url)))
  for (const socket of sockets) {
    socket.pause()
    socket.write(get.repeat(60))
  }
  // her reads run in her turns only, so it takes a while until too much waits
  await vi.waitFor(
    () => expect(ann.request('me.get', {})).rejects.toMatchObject({ code: 'rate_limited' }),
    waitLimit,
  )
  for (let i = 0; i < 10; i += 1) await bo.request('me.get', {})
  const statuses = (await Promise.all(sockets.map((socket) => readStatuses(socket, 60)))).flat()
  expect(statuses).toContain('200')
  expect(statuses).toContain('429')
})

test('a connection that pipelines hundreds of requests is closed after those it may', async () => {
  const { hub, ann } = await makeWorld()
  const socket = await openRawSocket(hub.url)
  const closed = once(socket, 'close')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.write(
    `GET /api/me HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ann.token}\r\n\r\n`.repeat(400),
  )
  await closed
  const statuses = text.match(/HTTP\/1\.1 \d+/g) ?? []
  expect(statuses.filter((status) => status.endsWith('200'))).toHaveLength(64)
  expect(statuses).toHaveLength(65)
  expect(statuses.at(-1)).toBe('HTTP/1.1 429')
})
