import { decode, encode, type Answer, type DecodedPacket } from 'dns-packet'
import { expect, test } from 'vitest'
import { FoundHubs } from '../../main/discovery/found-hubs.ts'
import { decodePacket } from '../../main/discovery/mdns-socket.ts'
import { answerQuestions, createRecords, readServices } from '../../main/discovery/service-records.ts'
import { encodeTxtRecord } from '../../main/discovery/txt-record.ts'

/* What packets of strangers do to the list of hubs, without a network: see the fuzz target `discovery`. */

const hubIdOf = (n: number): string => `${String(n).padStart(42, 'h')}A`
const recordsOf = (n: number, port = 7788) =>
  createRecords({
    ...{ instance: `Hubbub ${n}`, host: `hub-${n}.local`, port, addresses: ['192.168.1.5'] },
    txt: encodeTxtRecord({ hubId: hubIdOf(n), name: `Hub ${n}` }),
  })
const packetOf = (answers: Answer[]): DecodedPacket => decode(encode({ type: 'response', answers }))

test('a flood pushes out no hub that was found earlier', () => {
  const hubs = new FoundHubs()
  expect(hubs.receive(packetOf(recordsOf(0)), '192.168.1.7')).toBe(true)
  for (let n = 1; n < 200; n += 1) hubs.receive(packetOf(recordsOf(n)), `192.168.2.${n % 30}`)
  const found = hubs.list()
  expect(found).toHaveLength(64)
  expect(found[0]).toMatchObject({ id: hubIdOf(0), addresses: ['192.168.1.7', '192.168.1.5'] })
  expect(hubs.receive(packetOf(recordsOf(0, 9_000)), '192.168.1.7')).toBe(true)
  expect(hubs.list()[0]).toMatchObject({ port: 9_000 })
})

test('a hub that misses three queries is gone', () => {
  const hubs = new FoundHubs()
  hubs.startRound()
  hubs.receive(packetOf(recordsOf(0)), '192.168.1.7')
  expect([1, 2, 3].map(() => hubs.startRound())).toEqual([false, false, true])
  expect(hubs.list()).toEqual([])
})

test('looks at each record of a packet a few times, however many services it names', () => {
  const count = 250
  let reads = 0
  const watched = Array.from({ length: count }, (_, n) => recordsOf(n)).flatMap((records) =>
    records.map((record) => ({
      ...record,
      get name() {
        reads += 1
        return record.name
      },
    })),
  )
  expect(readServices({ answers: watched } as unknown as DecodedPacket)).toHaveLength(count)
  expect(reads).toBeLessThan(4 * watched.length)
})

test('reads each question of a query once, however many it has', () => {
  let reads = 0
  const questions = Array.from({ length: 1_000 }, (_, n) => ({
    type: 'PTR' as const,
    get name() {
      reads += 1
      return `x${n}.local`
    },
  }))
  expect(answerQuestions(recordsOf(0), questions).answers).toEqual([])
  expect(reads).toBe(questions.length)
})

test('what is no packet of DNS is none', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(11), Buffer.alloc(200, 0xff), Buffer.alloc(40, 0xc0)])
    expect(decodePacket(bytes)).toBeUndefined()
})
