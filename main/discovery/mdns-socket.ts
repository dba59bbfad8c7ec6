// One multicast socket for each network this computer is on. A socket on the default route alone finds no hub if a VPN
// holds that route. Anyone on the network can write to these sockets, so no packet may end the app.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  type Question,
} from 'dns-packet'
import { answerQuestions, type ServiceRecord } from './service-records.ts'

const multicastAddress = '224.0.0.251'
/** RFC 6762, 11: receivers may drop packets with another one. */
const multicastTtl = 255
/** mDNS packets are never larger. */
const maxPacketBytes = 9_000
/** Packets from one neighbour in a second. A hub that announces itself sends three. */
const maxPacketsPerSourcePerSecond = 50
/** Packets from all neighbours together. */
const maxPacketsPerSecond = 500
/** The first announcement is lost if the network has just come up. */
const announceRetryMs = 1_000

export interface MdnsOptions {
  /** Addresses of the interfaces to use; without it, those of this computer. */
  interfaces?: readonly string[]
  /** Tests use another port than 5353. */
  port?: number
}

export type MdnsListener = (packet: DecodedPacket, source: RemoteInfo) => void

/** An mDNS socket bound to one network interface. */
export class MdnsSocket {
  readonly address: string
  readonly #socket: Socket
  readonly #port: number
  readonly #listeners = new Set<MdnsListener>()
  #published: readonly ServiceRecord[] = []
  #isClosed = false

  private constructor(address: string, port: number, socket: Socket) {
    this.address = address
    this.#port = port
    this.#socket = socket
    const isAccepted = createPacketFilter()
    socket.on('message', (message, source) => {
      if (isAccepted(message, source)) this.#receive(message, source)
    })
    // a network that goes away: the next round of the browser or the next announcement notices
    socket.on('error', () => {})
  }

  /** @throws the system's error if it does not allow the socket */
  static async open(address: string, port = 5353): Promise<MdnsSocket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ port, address: '0.0.0.0' }, () => {
        socket.removeListener('error', reject)
        resolve()
      })
    })
    socket.setMulticastTTL(multicastTtl)
    socket.setMulticastLoopback(true)
    try {
      socket.addMembership(multicastAddress, address)
      socket.setMulticastInterface(address)
    } catch {
      // an interface without multicast: nothing arrives there, and the others still work
    }
    return new MdnsSocket(address, port, socket)
  }

  /** Calls `listener` for each response until the returned function is called. */
  listen(listener: MdnsListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  query(questions: Question[]): void {
    void this.#send({ type: 'query', questions })
  }

  /** Responds to queries for a service. Returns a function that withdraws it with a goodbye packet. */
  publish(records: readonly ServiceRecord[]): () => Promise<void> {
    this.#published = records
    void this.#respond(records)
    const retryTimer = setTimeout(() => void this.#respond(records), announceRetryMs)
    return async () => {
      clearTimeout(retryTimer)
      this.#published = []
      await this.#respond(records.map((record) => ({ ...record, ttl: 0 })))
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }

  #receive(message: Buffer, source: RemoteInfo): void {
    const packet = decodePacket(message)
    if (packet?.type === 'response') for (const listener of this.#listeners) listener(packet, source)
    else if (packet) this.#answer(packet.questions ?? [])
  }

  #answer(questions: readonly Question[]): void {
    const { answers, additionals } = answerQuestions(this.#published, questions)
    if (answers.length > 0) void this.#respond(answers, additionals)
  }

  #respond(answers: readonly ServiceRecord[], additionals: readonly ServiceRecord[] = []): Promise<void> {
    return this.#send({
      type: 'response',
      flags: AUTHORITATIVE_ANSWER,
      answers: [...answers],
      additionals: [...additionals],
    })
  }

  /** Resolves when the packet was sent or has failed. */
  #send(packet: Packet): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve) =>
      this.#socket.send(encode(packet), this.#port, multicastAddress, () => resolve()),
    )
  }
}

/** Returns undefined for what is not DNS, or was made to break a parser. */
export function decodePacket(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message)
  } catch {
    return undefined
  }
}

/** Opens a socket for each network of this computer that the system allows. */
export async function openMdnsSockets({ interfaces, port }: MdnsOptions): Promise<MdnsSocket[]> {
  const opened = await Promise.allSettled(
    (interfaces ?? localIpv4Addresses()).map((address) => MdnsSocket.open(address, port)),
  )
  const sockets = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = opened.find((one) => one.status === 'rejected')
  if (sockets.length === 0 && failed) throw failed.reason
  return sockets
}

export function localIpv4Addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(
    (list) => (list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? [],
  )
}

/** Drops floods, giants and packets from other networks before they are parsed. */
function createPacketFilter(): (message: Buffer, source: RemoteInfo) => boolean {
  const packetCounts = new Map<string, number>()
  let totalCount = 0
  let second = 0
  const neighbours = localSubnets()
  return (message, { address }) => {
    if (message.length > maxPacketBytes || !neighbours.check(address)) return false
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) {
      second = now
      totalCount = 0
      packetCounts.clear()
    }
    const count = (packetCounts.get(address) ?? 0) + 1
    packetCounts.set(address, count)
    totalCount += 1
    return count <= maxPacketsPerSourcePerSecond && totalCount <= maxPacketsPerSecond
  }
}

/** mDNS does not cross routers: a packet from beyond them only pretends to be mDNS. */
function localSubnets(): BlockList {
  const subnets = new BlockList()
  for (const list of Object.values(networkInterfaces())) {
    for (const { cidr, family } of list ?? []) {
      const [address, prefix] = cidr?.split('/') ?? []
      if (family === 'IPv4' && address) subnets.addSubnet(address, Number(prefix), 'ipv4')
    }
  }
  return subnets
}
