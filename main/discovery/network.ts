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
const packetUpTo = 9_000
/** From one neighbour in a second; a hub that announces itself sends three. */
const packetsPerSecond = 50
/** And from all of them together. */
const allPerSecond = 500

export interface NetworkOptions {
  /** Addresses of the interfaces to speak on; those of this computer when missing. */
  interfaces?: readonly string[]
  /** Tests: another than 5353. */
  port?: number
}

/** One interface's ear and mouth. */
export class Network {
  readonly address: string
  readonly #bonjour: Bonjour

  private constructor(address: string, bonjour: Bonjour) {
    this.address = address
    this.#bonjour = bonjour
  }

  /** @throws what the system says when it does not let us */
  static async open(address: string, port = 5353): Promise<Network> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    guard(socket)
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
    return new Network(address, bonjour)
  }

  browse(): Browser {
    return this.#bonjour.find({ type: 'hubbub' })
  }

  /** Speaks for `service` from now on; answers how to say goodbye. */
  speakFor(records: readonly object[]): () => Promise<void> {
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
    const again = setTimeout(() => void respond(), 1_000)
    return async () => {
      clearTimeout(again)
      server.unregister(records)
      await respond(0)
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#bonjour.destroy(() => resolve()))
  }
}

/** The networks this computer is in, as far as the system lets us speak there. */
export async function openNetworks({ interfaces, port }: NetworkOptions): Promise<Network[]> {
  const opened = await Promise.allSettled(
    (interfaces ?? ownNetworks()).map((address) => Network.open(address, port)),
  )
  const networks = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = opened.find((one) => one.status === 'rejected')
  if (networks.length === 0 && refused) throw refused.reason
  return networks
}

export function ownNetworks(): string[] {
  return Object.values(networkInterfaces()).flatMap(
    (list) => (list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? [],
  )
}

/** The records that say: this service is here, at these addresses. */
export function recordsOf(config: ServiceConfig, addresses: readonly string[]): object[] {
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
function guard(socket: Socket): void {
  const deliver = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean
  const heard = new Map<string, number>()
  let all = 0
  let second = 0
  const neighbours = ownSubnets()
  const lets = (message: Buffer, { address }: RemoteInfo): boolean => {
    if (message.length > packetUpTo || !neighbours.check(address)) return false
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) {
      second = now
      all = 0
      heard.clear()
    }
    const count = (heard.get(address) ?? 0) + 1
    heard.set(address, count)
    all += 1
    return count <= packetsPerSecond && all <= allPerSecond
  }
  socket.emit = (event: string, ...args: unknown[]) => {
    if (event === 'error') return deliver('refused', ...args)
    if (event !== 'message') return deliver(event, ...args)
    if (!lets(args[0] as Buffer, args[1] as RemoteInfo)) return false
    try {
      return deliver(event, ...args)
    } catch {
      return false
    }
  }
}

/** mDNS does not cross routers: what comes from beyond them was meant to look like it. */
function ownSubnets(): BlockList {
  const subnets = new BlockList()
  for (const list of Object.values(networkInterfaces())) {
    for (const { cidr, family } of list ?? []) {
      const [address, prefix] = cidr?.split('/') ?? []
      if (family === 'IPv4' && address) subnets.addSubnet(address, Number(prefix), 'ipv4')
    }
  }
  return subnets
}
