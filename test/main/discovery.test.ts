// Real multicast, on loopback and on a port of its own.
import { createSocket, type Socket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { FoundHub, HubInfo } from '../../shared/desktop.ts'
import { Announcer } from '../../main/discovery/announcer.ts'
import { browse } from '../../main/discovery/browse.ts'
import { Discovery } from '../../main/discovery/discovery.ts'
import { openMdnsSockets } from '../../main/discovery/mdns-socket.ts'
import { parseTxtRecord, encodeTxtRecord } from '../../main/discovery/txt-record.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import { silentLog } from '../support/shell-hubs.ts'
import { manualClock } from '../support/manual-clock.ts'
import { waitFor } from '../support/wait-for.ts'

const hubIdOf = (letter: string) => `${letter.repeat(42)}A`
const loopbackAddress = { address: '127.0.0.1', via: 'lo' }
const waitOptions = { timeout: 10_000 }

let nextPort = 20_000 + (process.pid % 20_000)

function nextNetworkOptions() {
  return { interfaces: ['127.0.0.1'], port: (nextPort += 1) }
}

function createAnnouncer(options: ReturnType<typeof nextNetworkOptions>) {
  const one = new Announcer(options)
  onTestFinished(() => one.stop())
  return one
}

async function startBrowsing(options: ReturnType<typeof nextNetworkOptions>) {
  let found: FoundHub[] = []
  const search = await browse((hubs) => (found = hubs), options)
  onTestFinished(() => search.stop())
  return { found: () => found, again: () => search.refresh() }
}

test('a hub is found by name with where it is, follows a move, and says goodbye', async () => {
  const options = nextNetworkOptions()
  const hub = { hubId: hubIdOf('a'), name: 'Boat yard ⛵', port: 7788, addresses: [loopbackAddress] }
  const announcing = createAnnouncer(options)
  await announcing.announce(hub)
  const { found } = await startBrowsing(options)
  const entry = { id: hub.hubId, name: 'Boat yard ⛵', port: 7788, addresses: ['127.0.0.1'] }
  await waitFor(() => expect(found()).toEqual([entry]), waitOptions)

  await announcing.announce({ ...hub, port: 9000 })
  await waitFor(() => expect(found()).toEqual([{ ...entry, port: 9000 }]), waitOptions)

  await announcing.stop()
  await waitFor(() => expect(found()).toEqual([]), waitOptions)
})

test('a hub that comes later is found by those who look already', async () => {
  const options = nextNetworkOptions()
  const { found } = await startBrowsing(options)
  await createAnnouncer(options).announce({
    hubId: hubIdOf('b'),
    name: 'Late',
    port: 7788,
    addresses: [loopbackAddress],
  })
  await waitFor(() => expect(found().map(({ name }) => name)).toEqual(['Late']), waitOptions)
})

test('browsing follows the networks of the computer, and a hub on none is not announced', async () => {
  const options = nextNetworkOptions()
  const hub = { hubId: hubIdOf('n'), name: 'Yard', port: 7788, addresses: [loopbackAddress] }
  expect(await createAnnouncer({ ...options, interfaces: [] }).announce(hub)).toBe(false)
  expect(await createAnnouncer(options).announce(hub)).toBe(true)
  // the page is opened before the network is there
  const interfaces: string[] = []
  const { found, again } = await startBrowsing({ ...options, interfaces })
  interfaces.push(...options.interfaces)
  again()
  await waitFor(() => expect(found()).toHaveLength(1), waitOptions)
})

test('two hubs of one name are two, by their identity', async () => {
  const options = nextNetworkOptions()
  for (const letter of ['c', 'd'])
    await createAnnouncer(options).announce({
      hubId: hubIdOf(letter),
      name: 'Team',
      port: 7788,
      addresses: [loopbackAddress],
    })
  const { found } = await startBrowsing(options)
  await waitFor(
    () =>
      expect(
        found()
          .map(({ id }) => id)
          .sort(),
      ).toEqual([hubIdOf('c'), hubIdOf('d')]),
    waitOptions,
  )
})

test('a hub hears where it is announced with a higher term, and of no lower one', async () => {
  const options = nextNetworkOptions()
  const hub = { hubId: hubIdOf('f'), name: 'Team', port: 7788, addresses: [loopbackAddress] }
  const heard: string[] = []
  const listenTo = (name: string) => {
    const announcer = createAnnouncer(options)
    announcer.onHigherTerm = (address) => heard.push(`${name} ${address}`)
    return announcer
  }
  await listenTo('former').announce({ ...hub, term: 5 })
  await listenTo('stranger').announce({ ...hub, hubId: hubIdOf('g'), term: 4 })
  await listenTo('current').announce({ ...hub, port: 7789, term: 6 })
  await waitFor(() => expect(heard).toContain('former 127.0.0.1:7789'), waitOptions)
  // one that comes back asks
  await listenTo('restored').announce({ ...hub, port: 7790 })
  await waitFor(() => expect(heard).toContain('restored 127.0.0.1:7789'), waitOptions)
  expect(heard.filter((one) => !/^(former|restored) 127\.0\.0\.1:778[89]$/.test(one))).toEqual([])
})

test('garbage and floods end nothing and push out nobody', async () => {
  const options = nextNetworkOptions()
  await createAnnouncer(options).announce({
    hubId: hubIdOf('e'),
    name: 'Ours',
    port: 7788,
    addresses: [loopbackAddress],
  })
  const { found, again } = await startBrowsing(options)
  await waitFor(() => expect(found()).toHaveLength(1), waitOptions)

  const stranger = createSocket({ type: 'udp4', reuseAddr: true })
  onTestFinished(() => void stranger.close())
  await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', () => resolve()))
  stranger.setMulticastInterface('127.0.0.1')
  for (let i = 0; i < 300; i += 1) await sendPacket(stranger, options.port, hostilePacket(i))
  again()
  await waitFor(() => expect(found().some(({ id }) => id === hubIdOf('e'))).toBe(true), waitOptions)
  expect(found().length).toBeLessThanOrEqual(9)
})

function sendPacket(socket: Socket, port: number, packet: Buffer): Promise<void> {
  return new Promise((resolve) => socket.send(packet, port, '224.0.0.251', () => resolve()))
}

/** Random bytes, and answers that decode but lie: a hundred hubs, wrong ports, `__proto__`. */
function hostilePacket(i: number): Buffer {
  if (i % 3 === 0) return randomBytes(1 + (i % 900))
  const id = `${i.toString(36).padStart(42, 'z')}A`
  const texts =
    i % 3 === 1
      ? ['v=1', `id=${id}`, `n=Fake ${i}`, 'p=1-1']
      : ['__proto__=1', 'constructor', '=', 'v=1', `id=${id}`, 'n=', '']
  return dnsResponse(`F${i}._hubbub._tcp.local`, { texts, port: i % 5 === 0 ? 0 : 7788 })
}

/** A DNS answer with PTR, SRV and TXT, written by hand: what a stranger sends is not made by our library. */
function dnsResponse(name: string, { texts, port }: { texts: string[]; port: number }): Buffer {
  const label = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])
  const dnsName = (text: string) => Buffer.concat([...text.split('.').map(label), Buffer.from([0])])
  const record = (of: string, type: number, data: Buffer) => {
    const head = Buffer.alloc(10)
    head.writeUInt16BE(type, 0)
    head.writeUInt16BE(1, 2)
    head.writeUInt32BE(120, 4)
    head.writeUInt16BE(data.length, 8)
    return Buffer.concat([dnsName(of), head, data])
  }
  const srv = Buffer.alloc(6)
  srv.writeUInt16BE(port, 4)
  const header = Buffer.alloc(12)
  header.writeUInt16BE(0x8400, 2)
  header.writeUInt16BE(3, 6)
  return Buffer.concat([
    header,
    record('_hubbub._tcp.local', 12, dnsName(name)),
    record(name, 33, Buffer.concat([srv, dnsName('x.local')])),
    record(name, 16, Buffer.concat(texts.map(label))),
  ])
}

test.each([
  ['what we write', encodeTxtRecord({ hubId: hubIdOf('a'), name: 'Yard' }), 'Yard'],
  ['no record', undefined, undefined],
  ['another version', { v: '2', id: hubIdOf('a'), n: 'Yard' }, undefined],
  ['an id that is none', { v: '1', id: '../../etc', n: 'Yard' }, undefined],
  ['no name', { v: '1', id: hubIdOf('a'), n: ' \u200b ' }, undefined],
  ['a protocol that we do not speak', { v: '1', id: hubIdOf('a'), n: 'Yard', p: '7-9' }, undefined],
  ['text that turns around', { v: '1', id: hubIdOf('a'), n: 'Y\u202eard\n\u0007' }, 'Yard'],
  ['a flag without a value', { v: '1', id: hubIdOf('a'), n: true }, undefined],
])('of a TXT record with %s comes no more than a name', (_, txt, name) => {
  expect(parseTxtRecord(txt)?.name).toBe(name)
})

test('a long name is cut at a whole character, below what fits a packet', () => {
  const txt = encodeTxtRecord({ hubId: hubIdOf('a'), name: '👩‍👩‍👧‍👦'.repeat(50) })
  expect(Buffer.byteLength(Object.entries(txt).flat().join('=,'))).toBeLessThan(400)
  expect(txt['n']).toMatch(/^(👩‍👩‍👧‍👦)+$/u)
})

const hubInfo = (id: string, state: HubInfo['state'], trust: HubInfo['trust'] = 'pinned'): HubInfo => ({
  ...{ id, name: 'Yard', addresses: [], trust, state, isHosted: false },
  ...{ problem: undefined, presented: undefined, unread: 0, mentions: 0 },
})

/** Looks around as the app does, on a clock of the test. */
function createDiscovery(options: ReturnType<typeof nextNetworkOptions>) {
  const clock = manualClock()
  const at: [string, string[]][] = []
  let told: FoundHub[] | undefined
  const one = new Discovery({
    clock,
    log: silentLog,
    onFound: (found) => (told = found),
    addAddresses: (id, addresses) => at.push([id, addresses]),
    network: options,
  })
  onTestFinished(() => one.stop())
  return { one, clock, at, told: () => told }
}

/** Returns true if a process on this computer listens at the port: an exclusive socket then fails. */
async function isListening({ port }: { port: number }): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: false })
  return new Promise((resolve) => {
    socket.once('error', () => resolve(true))
    socket.bind(port, () => socket.close(() => resolve(false)))
  })
}

test('discovery browses only while the user wants to join a hub, or a known hub is missing for a while', async () => {
  const options = nextNetworkOptions()
  const id = hubIdOf('f')
  const { one, clock, at, told } = createDiscovery(options)
  expect(await isListening(options)).toBe(false)
  one.updateHubs([hubInfo(id, 'online'), hubInfo(hubIdOf('g'), 'signed-out')])
  clock.pass(3_600_000)
  expect(await isListening(options)).toBe(false)
  // gone: not looked for at once, it may only have restarted
  one.updateHubs([hubInfo(id, 'offline')])
  clock.pass(4_999)
  expect(await isListening(options)).toBe(false)
  clock.pass(1)
  await waitFor(async () => expect(await isListening(options)).toBe(true), waitOptions)
  const announcing = createAnnouncer(options)
  await announcing.announce({ hubId: id, name: 'Yard', port: 9000, addresses: [loopbackAddress] })
  await waitFor(() => expect(at).toContainEqual([id, ['127.0.0.1:9000']]), waitOptions)
  // it is back: nothing listens once it is quiet, and the page, which did not ask, got no message
  await announcing.stop()
  one.updateHubs([hubInfo(id, 'online')])
  await waitFor(async () => expect(await isListening(options)).toBe(false), waitOptions)
  expect(told()).toBeUndefined()
})

test('a wake-up or a press of “Try now” looks for a hub that is missing for long at once', async () => {
  const options = nextNetworkOptions()
  const { one, clock, at } = createDiscovery(options)
  one.updateHubs([hubInfo(hubIdOf('w'), 'offline')])
  for (let i = 0; i < 20; i += 1) clock.pass(60_000)
  for (let i = 0; i < 15; i += 1) clock.pass(1_000)
  await waitFor(async () => expect(await isListening(options)).toBe(false), waitOptions)
  await createAnnouncer(options).announce({
    ...{ hubId: hubIdOf('w'), name: 'Yard', port: 9000, addresses: [loopbackAddress] },
  })
  one.retry()
  await waitFor(() => expect(at).toContainEqual([hubIdOf('w'), ['127.0.0.1:9000']]), waitOptions)
})

test('a hub with a trusted certificate is not browsed for; the page gets updates while it watches', async () => {
  const options = nextNetworkOptions()
  const { one, clock, told } = createDiscovery(options)
  one.updateHubs([hubInfo(hubIdOf('h'), 'offline', 'public')])
  clock.pass(3_600_000)
  expect(await isListening(options)).toBe(false)
  one.watch()
  expect(told()).toEqual([])
  await createAnnouncer(options).announce({
    hubId: hubIdOf('i'),
    name: 'Near',
    port: 7788,
    addresses: [loopbackAddress],
  })
  await waitFor(() => expect(told()?.map(({ name }) => name)).toEqual(['Near']), waitOptions)
  one.unwatch()
  one.watch()
  // what was found before may be gone by now
  expect(told()).toEqual([])
  await waitFor(() => expect(told()?.map(({ name }) => name)).toEqual(['Near']), waitOptions)
})

test('the own name of a hub leads to the computer that announces it, and no other name does', async () => {
  const options = nextNetworkOptions()
  const hub = {
    hubId: hubIdOf('g'),
    name: 'Team',
    port: 7788,
    addresses: [loopbackAddress],
    term: 29_000_001,
  }
  const [first, second] = [createAnnouncer(options), createAnnouncer(options)]
  const [socket] = await openMdnsSockets(options)
  if (!socket) throw new Error('no multicast on loopback')
  onTestFinished(() => socket.close())
  const answers: string[] = []
  const texts: string[] = []
  socket.listen(({ answers: records = [] }) => {
    for (const one of records) {
      if (one.type === 'A' && one.ttl !== 0) answers.push(`${one.name} ${one.data}`)
      if (one.type === 'TXT') texts.push(String(one.data))
    }
  })
  const own = hubHostName(hub.hubId)
  const askUntil = (check: () => void) =>
    waitFor(() => {
      socket.query([
        { name: 'hubbub-0000000000.local', type: 'A' },
        { name: own.toUpperCase(), type: 'A' },
      ])
      check()
    }, waitOptions)
  await first.announce(hub)
  await askUntil(() => expect(answers).toContain(`${own} 127.0.0.1`))
  expect(texts.some((text) => text.includes('t=29000001'))).toBe(true)

  // the hub moves: the other computer answers from now on
  await first.stop()
  answers.length = 0
  await second.announce({ ...hub, addresses: [{ address: '127.0.0.2', via: 'lo' }, loopbackAddress] })
  await askUntil(() => expect(answers).toContain(`${own} 127.0.0.2`))
  expect(answers.filter((one) => !one.startsWith(`${own} `))).toEqual([])
})

test('the own name is a host name of few characters, and the same in every program', () => {
  expect(hubHostName(hubIdOf('a'))).toBe('hubbub-69a69a69a6.local')
  expect(hubHostName(hubIdOf('_'))).toMatch(/^hubbub-[0-9a-f]{10}\.local$/)
})

test('the number of the term is read if it is one', () => {
  const record = encodeTxtRecord({ hubId: hubIdOf('a'), name: 'Team', term: 7 })
  expect(parseTxtRecord(record)).toEqual({ hubId: hubIdOf('a'), name: 'Team', term: 7 })
  for (const t of ['', '-1', '1e3', '7 ', '9'.repeat(40), {}, undefined])
    expect(parseTxtRecord({ ...record, t })).toEqual({ hubId: hubIdOf('a'), name: 'Team' })
})
