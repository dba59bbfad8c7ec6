import { encode } from 'dns-packet'
import { FoundHubs } from '../../../main/discovery/found-hubs.ts'
import { decodePacket } from '../../../main/discovery/mdns-socket.ts'
import {
  answerQuestions,
  createRecords,
  readServices,
  serviceQuestion,
} from '../../../main/discovery/service-records.ts'
import { encodeTxtRecord, parseTxtRecord } from '../../../main/discovery/txt-record.ts'
import { isHubId } from '../../../shared/text/hub-id.ts'
import { hubHostName } from '../../../shared/text/hub-name.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendBytes, pick } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'

/*
 * Packets of mDNS, which anyone on the network can send: bent, with pointers that go in circles, names at their limit, and as many
 * records as fit. The list of found hubs keeps its bounds and what it had, and each hub in it can be shown and connected to.
 */

interface Packet {
  bytes: Buffer
  from: string
}

const hubId = `${'h'.repeat(42)}A`
const otherId = `${'g'.repeat(42)}A`
const addresses = ['192.168.1.5', 'fe80::1', '2001:db8::1', '10.0.0.5']
const ours = createRecords({
  ...{ instance: `Hubbub ${hubId.slice(0, 8)}`, host: hubHostName(hubId), port: 7788, addresses },
  txt: encodeTxtRecord({ hubId, name: 'Boat yard ⛵', term: 3 }),
})
const response = encode({ type: 'response', answers: ours.slice(0, 1), additionals: ours.slice(1) })
const examples = [
  response,
  encode({ type: 'response', answers: ours.map((record) => ({ ...record, ttl: 0 })) }),
  encode({
    type: 'query',
    questions: [serviceQuestion, { name: '_services._dns-sd._udp.local', type: 'PTR' }],
  }),
  encode({ type: 'response', answers: [], authorities: ours, additionals: ours }),
]
const maxPacketBytes = 9_000
const recordTypes = { a: 1, ptr: 12, txt: 16, aaaa: 28, srv: 33, any: 255 }
const sources = ['192.168.1.5', '192.168.1.6', '169.254.7.7', '127.0.0.1', '203.0.113.9']
const goodSource = '192.168.1.99'
const good = encode({
  type: 'response',
  answers: createRecords({
    ...{ instance: 'Hubbub gggggggg', host: hubHostName(otherId), port: 9000, addresses: [] },
    txt: encodeTxtRecord({ hubId: otherId, name: 'Good' }),
  }),
})
/** As the list promises. */
const limits = { hubs: 64, addresses: 8 }
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

export function openDiscoveryTarget(): Target<Packet[]> {
  const subject = { decode: decodePacket, parseTxt: parseTxtRecord }
  return {
    inputsPerRound: 10_000,
    make: (random) =>
      Array.from({ length: 1 + random.below(3) }, () => ({
        bytes: makePacket(random),
        from: pick(random, sources),
      })),
    check: (packets) => checkPackets(packets, subject),
    faults: {
      'raw-name': () => {
        subject.parseTxt = (txt) => {
          const { n = '' } = txt as { n?: string }
          return { hubId, name: n }
        }
      },
    },
  }
}

function makePacket(random: Random): Buffer {
  if (random.chance(0.02)) return makeCrowd(random)
  if (random.chance(0.1)) return makeCircle(random)
  let bytes = pick(random, examples)
  for (let times = random.below(6); times > 0; times -= 1) bytes = bendBytes(random, bytes)
  return bytes.subarray(0, maxPacketBytes)
}

/** As many records as fit into a packet, with names that are pointers to a name of the greatest length. */
function makeCrowd(random: Random): Buffer {
  const label = Buffer.concat([Buffer.from([63]), Buffer.alloc(63, pick(random, ['A', 'a', 'é']))])
  const longName = Buffer.concat([label, label, label, Buffer.from([0])])
  const records = [makeRecord(longName, recordTypes.ptr, Buffer.from([0]))]
  const pointer = Buffer.from([0xc0, headerBytes])
  const service = encodeName('_hubbub._tcp.local')
  const kinds = [recordTypes.ptr, pick(random, Object.values(recordTypes))]
  let length = headerBytes + (records[0]?.length ?? 0)
  while (length < maxPacketBytes - 300) {
    const kind = pick(random, kinds)
    const record = makeRecord(kind === recordTypes.ptr ? service : pointer, kind, makeData(kind, pointer))
    records.push(record)
    length += record.length
  }
  return Buffer.concat([makeHeader(records.length), ...records])
}

/** Pointers to pointers, to themselves, ahead, and labels of any length. */
function makeCircle(random: Random): Buffer {
  const bytes = Buffer.alloc(20 + random.below(200))
  for (let at = 0; at < bytes.length; at += 2) {
    bytes[at] = pick(random, [0xc0, 0xc0, 0, 1, 0x3f, 0x40, 0x80, 0xff])
    if (at + 1 < bytes.length) bytes[at + 1] = pick(random, [0, headerBytes, at, at + 2, 255]) & 0xff
  }
  return Buffer.concat([makeHeader(1 + random.below(4)), bytes])
}

const headerBytes = 12

function makeHeader(answers: number): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(0x8400, 2)
  header.writeUInt16BE(answers, 6)
  return header
}

function makeRecord(name: Buffer, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(type, 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(120, 4)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([name, fixed, data])
}

function makeData(type: number, name: Buffer): Buffer {
  if (type === recordTypes.ptr) return name
  if (type === recordTypes.srv) return Buffer.concat([Buffer.from([0, 0, 0, 0, 0x1e, 0x6c]), name])
  if (type === recordTypes.txt) return txtData
  return Buffer.from('10.0.0.5'.split('.').map(Number))
}

const txtData = Buffer.concat(
  Object.entries(encodeTxtRecord({ hubId, name: 'Boat yard' })).map(([key, value]) => {
    const text = Buffer.from(`${key}=${value}`)
    return Buffer.concat([Buffer.from([text.length]), text])
  }),
)

function encodeName(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function checkPackets(
  packets: readonly Packet[],
  { decode, parseTxt }: { decode: typeof decodePacket; parseTxt: typeof parseTxtRecord },
): string | undefined {
  const found = new FoundHubs()
  receive(found, good, goodSource)
  for (const { bytes, from } of packets) {
    const packet = decode(bytes)
    if (!packet) continue
    receive(found, bytes, from)
    const { answers } = answerQuestions(ours, packet.questions ?? [])
    if (!answers.every((record) => ours.includes(record))) return 'an answer that is no record of ours'
    for (const { txt } of readServices(packet)) {
      const problem = checkName(parseTxt(txt)?.name ?? 'none')
      if (problem !== undefined) return problem
    }
  }
  receive(found, response, '192.168.1.98')
  const hubs = found.list()
  return (
    hubs.map(({ name }) => checkName(name)).find((problem) => problem !== undefined) ??
    firstProblem(
      [
        hubs.some(({ id, addresses: at }) => id === otherId && at.includes(goodSource)),
        'a hub was pushed out',
      ],
      [hubs.some(({ id, name }) => id === hubId && name === 'Boat yard ⛵'), 'a hub is not found after them'],
      [hubs.length <= limits.hubs, `${hubs.length} hubs`],
      [hubs.every(({ id }) => isHubId(id)), 'an id'],
      [hubs.every(({ port }) => Number.isInteger(port) && port > 0 && port <= 65_535), 'a port'],
      [hubs.every(({ addresses: at }) => at.length > 0 && at.length <= limits.addresses), 'addresses'],
    )
  )
}

function receive(found: FoundHubs, bytes: Buffer, from: string): void {
  const packet = decodePacket(bytes)
  if (packet?.type === 'response') found.receive(packet, from)
}

function checkName(name: string): string | undefined {
  return name === '' || [...name].length > 60 || hidden.test(name) ? 'a name that hides something' : undefined
}
