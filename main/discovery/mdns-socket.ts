// One multicast socket for each network this computer is in: a library that takes the default route alone finds nobody
// when a VPN holds it. Strangers write into these sockets, so nothing that comes from them may end the app.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Bonjour, Service, type Browser, type ServiceConfig } from 'bonjour-service'

/** The part of the library's responder that we use ourselves: it is not in its types. */
interface Responder {
  register(records: readonly object[]): void
  unregister(records: readonly object[]): void
  mdns: { respond(records: readonly object[], done: () => void): void }
}

/** mDNS has none larger. */
const maxPacketBytes = 9_000
/** From one neighbour in a second; a hub that announces itself sends three. */
const maxPacketsPerSourcePerSecond = 50
/** And from all of them together. */
const maxPacketsPerSecond = 500

export interface MdnsOptions {
  /** Addresses of the interfaces to speak on; those of this computer when missing. */
  interfaces?: readonly string[]
  /** Tests: another than 5353. */
  port?: number
}

/** One interface's ear and mouth. */
export class MdnsSocket {
  readonly address: string
  readonly #bonjour: Bonjour

  private constructor(address: string, bonjour: Bonjour) {
    this.address = address
    this.#bonjour = bonjour
  }

  /** @throws what the system says when it does not let us */
  static async open(address: string, port = 5353): Promise<MdnsSocket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    guardSocket(socket)
    const bonjour = new Bonjour(
      { socket, interface: address, bind: false, port } as unknown as Partial<ServiceConfig>,
      () => {},
    )
    await new Promise<void>((resolve, reject) => {
      socket.once('refused', reject)
      socket.bind({ port, address: '0.0.0.0' }, () => {
        socket.removeListener('refused', reject)
        resolve()
      })
    })
    return new MdnsSocket(address, bonjour)
  }

  browse(): Browser {
    return this.#bonjour.find({ type: 'hubbub' })
  }

  /** Speaks for `service` from now on; answers how to say goodbye. */
  publish(records: readonly object[]): () => Promise<void> {
    const { server } = this.#bonjour as unknown as { server: Responder }
    server.register(records)
    const respond = (ttl?: number) =>
      new Promise<void>((resolve) =>
        server.mdns.respond(
          records.map((record) => (ttl === undefined ? record : { ...record, ttl })),
          resolve,
        ),
      )
    void respond()
    // the first one is lost when the network has just come up
    const retryTimer = setTimeout(() => void respond(), 1_000)
    return async () => {
      clearTimeout(retryTimer)
      server.unregister(records)
      await respond(0)
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#bonjour.destroy(() => resolve()))
  }
}

/** The networks this computer is in, as far as the system lets us speak there. */
export async function openMdnsSockets({ interfaces, port }: MdnsOptions): Promise<MdnsSocket[]> {
  const opened = await Promise.allSettled(
    (interfaces ?? localIpv4Addresses()).map((address) => MdnsSocket.open(address, port)),
  )
  const sockets = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = opened.find((one) => one.status === 'rejected')
  if (sockets.length === 0 && refused) throw refused.reason
  return sockets
}

export function localIpv4Addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(
    (list) => (list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? [],
  )
}

/** The records that say: this service is here, at these addresses. */
export function createRecords(config: ServiceConfig, addresses: readonly string[]): object[] {
  const service = new Service(
    config,
    () => {},
    () => {},
  )
  const host = service.host
  const named = service.records().filter(({ type }) => type !== 'A' && type !== 'AAAA')
  const located = addresses.map((address) => ({
    name: host,
    type: address.includes(':') ? 'AAAA' : 'A',
    ttl: 120,
    data: address,
  }))
  return [...named, ...located]
}

/** Errors and exceptions stay in here; floods, giants and whoever is not of this network are not listened to. */
function guardSocket(socket: Socket): void {
  const deliver = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean
  const packetCounts = new Map<string, number>()
  let totalCount = 0
  let second = 0
  const neighbours = localSubnets()
  const isAccepted = (message: Buffer, { address }: RemoteInfo): boolean => {
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
  socket.emit = (event: string, ...args: unknown[]) => {
    if (event === 'error') return deliver('refused', ...args)
    if (event !== 'message') return deliver(event, ...args)
    if (!isAccepted(args[0] as Buffer, args[1] as RemoteInfo)) return false
    try {
      return deliver(event, ...args)
    } catch {
      return false
    }
  }
}

/** mDNS does not cross routers: what comes from beyond them was meant to look like it. */
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
