// A hub as DNS-SD records (RFC 6763) and back. A hub has to prove its identity by its key before anything is sent to it, so
// names need no probing: they carry a part of the identity.
import type { Answer, DecodedPacket, Question, SrvAnswer, StringAnswer, TxtAnswer } from 'dns-packet'

export type ServiceRecord = SrvAnswer | StringAnswer | TxtAnswer

export interface HubService {
  /** Unique on the network. */
  instance: string
  /** Name of the computer, ends with `.local`. */
  host: string
  port: number
  txt: Record<string, string>
  addresses: readonly string[]
}

/** The data of one service in a packet. */
export interface ReceivedService {
  port: number
  txt: Record<string, string>
  addresses: string[]
  /** A goodbye packet: the service is withdrawn. */
  isGoodbye: boolean
}

const serviceType = '_hubbub._tcp.local'
const typeList = '_services._dns-sd._udp.local'

export const serviceQuestion: Question = { name: serviceType, type: 'PTR' }

/** A computer's name and addresses may change soon; the name of a service does not. */
const ttlSeconds = { pointer: 28_800, text: 4_500, host: 120 }

export function createRecords({ instance, host, port, txt, addresses }: HubService): ServiceRecord[] {
  const name = `${instance}.${serviceType}`
  const data = Object.entries(txt).map(([key, value]) => Buffer.from(`${key}=${value}`))
  return [
    { name: serviceType, type: 'PTR', ttl: ttlSeconds.pointer, data: name },
    { name, type: 'SRV', ttl: ttlSeconds.host, data: { port, target: host } },
    { name, type: 'TXT', ttl: ttlSeconds.text, data },
    { name: typeList, type: 'PTR', ttl: ttlSeconds.host, data: serviceType },
    ...addresses.map((address): StringAnswer => ({
      name: host,
      type: address.includes(':') ? 'AAAA' : 'A',
      ttl: ttlSeconds.host,
      data: address,
    })),
  ]
}

/**
 * Returns the records that answer the questions. With the pointer to the service come all records the asker needs next.
 */
export function answerQuestions(
  records: readonly ServiceRecord[],
  questions: readonly Question[],
): { answers: ServiceRecord[]; additionals: ServiceRecord[] } {
  const asked = new Set(questions.map(({ name, type }) => questionKey(name, type)))
  const answers = records.filter(
    ({ name, type }) => asked.has(questionKey(name, type)) || asked.has(questionKey(name, 'ANY')),
  )
  const isPointed = answers.some(({ name, type }) => type === 'PTR' && name === serviceType)
  return { answers, additionals: isPointed ? records.filter((record) => !answers.includes(record)) : [] }
}

function questionKey(name: string, type: string): string {
  return `${type} ${foldName(name)}`
}

/** The first record of each kind under one name, and all addresses. */
interface NamedRecords {
  srv?: SrvAnswer
  txt?: TxtAnswer
  addresses: string[]
}

/** Returns the services of our type in a response. Services that lack a record are left out. */
export function readServices({ answers = [], additionals = [] }: DecodedPacket): ReceivedService[] {
  const records = [...answers, ...additionals]
  // once for each record: a packet may have hundreds of services
  const byName = indexByName(records)
  return records.flatMap((pointer) => {
    if (pointer.type !== 'PTR' || foldName(pointer.name) !== serviceType) return []
    const { srv, txt } = byName.get(foldName(pointer.data)) ?? {}
    if (!srv || !txt) return []
    const { port, target } = srv.data
    return {
      port,
      txt: readTxt(txt),
      addresses: byName.get(foldName(target))?.addresses ?? [],
      isGoodbye: pointer.ttl === 0,
    }
  })
}

function indexByName(records: readonly Answer[]): Map<string, NamedRecords> {
  const byName = new Map<string, NamedRecords>()
  for (const record of records) {
    const name = foldName(record.name)
    const named = byName.get(name) ?? { addresses: [] }
    byName.set(name, named)
    if (record.type === 'SRV') named.srv ??= record
    else if (record.type === 'TXT') named.txt ??= record
    else if (record.type === 'A' || record.type === 'AAAA') named.addresses.push(record.data)
  }
  return byName
}

/** Invalid UTF-8 becomes U+FFFD. A key without a value is left out. */
function readTxt({ data }: TxtAnswer): Record<string, string> {
  const texts = (Array.isArray(data) ? data : [data]).map(String)
  return Object.fromEntries(
    texts.flatMap((text) => {
      const at = text.indexOf('=')
      return at > 0 ? [[text.slice(0, at), text.slice(at + 1)]] : []
    }),
  )
}

/** DNS names ignore the case of ASCII letters only. */
function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
