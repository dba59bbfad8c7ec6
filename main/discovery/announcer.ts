import { hubHostName } from '../../shared/text/hub-name.ts'
import type { HubAddress } from '../../shared/hub-process-messages.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import { openMdnsSockets, type MdnsSocket, type MdnsOptions } from './mdns-socket.ts'
import { createRecords, readServices, type HubService, serviceQuestion } from './service-records.ts'
import { encodeTxtRecord, parseTxtRecord } from './txt-record.ts'

export interface AnnouncedHub {
  hubId: string
  name: string
  port: number
  addresses: readonly HubAddress[]
  /** Number of the hub's term, if it has one. */
  term?: number | undefined
}

/** Publishes the hub by mDNS. Runs one change after the other, so that no goodbye packet overtakes an announcement. */
export class Announcer {
  readonly #options: MdnsOptions
  #publications: { network: MdnsSocket; goodbye: () => Promise<void> }[] = []
  #queue: Promise<void> = Promise.resolve()
  #announcedKey = ''

  /**
   * Called with `10.0.0.5:7788` when the announced hub is announced there with a higher term, by another computer. A hint:
   * anyone on the network can send it, as often as they like.
   */
  onHigherTerm: (address: string) => void = () => {}

  constructor(options: MdnsOptions = {}) {
    this.#options = options
  }

  /**
   * Resolves when the hub is published, with false if it is on no network with IPv4; an earlier announcement ends.
   * @throws if no network allows a socket
   */
  announce(hub: AnnouncedHub): Promise<boolean> {
    return this.#enqueue(async () => {
      const key = JSON.stringify(hub)
      if (key === this.#announcedKey) return this.#publications.length > 0
      await this.#unpublish()
      const port = this.#options.port
      const interfaces = this.#options.interfaces ?? ipv4Addresses(hub)
      const networks = await openMdnsSockets({ interfaces, ...(port === undefined ? {} : { port }) })
      const records = createRecords(serviceOf(hub))
      this.#publications = networks.map((network) => ({ network, goodbye: network.publish(records) }))
      for (const network of networks) this.#listen(network, hub)
      this.#announcedKey = key
      return networks.length > 0
    })
  }

  /** A hub that comes back asks once; after that, announcements come by themselves. */
  #listen(network: MdnsSocket, { hubId, term = 0 }: AnnouncedHub): void {
    network.listen((packet, { address }) => {
      for (const { txt, port, isGoodbye } of readServices(packet)) {
        const other = parseTxtRecord(txt)
        if (isGoodbye || other?.hubId !== hubId || (other.term ?? 0) <= term) continue
        if (Number.isInteger(port) && port > 0 && port <= 65_535)
          this.onHigherTerm(hostAndPort(address, port))
      }
    })
    network.query([serviceQuestion])
  }

  stop(): Promise<void> {
    return this.#enqueue(() => this.#unpublish())
  }

  #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(step)
    this.#queue = run.then(
      () => {},
      () => {},
    )
    return run
  }

  async #unpublish(): Promise<void> {
    this.#announcedKey = ''
    for (const { network, goodbye } of this.#publications.splice(0)) {
      await goodbye()
      await network.close()
    }
  }
}

/** Only on the networks where the hub answers. */
function ipv4Addresses({ addresses }: AnnouncedHub): string[] {
  return addresses.flatMap(({ address }) => (address.includes(':') ? [] : [address]))
}

/** The name reveals neither the computer nor its owner. A part of the hub's identity makes it unique. */
function serviceOf({ hubId, name, port, addresses, term }: AnnouncedHub): HubService {
  return {
    instance: `Hubbub ${hubId.slice(0, 8)}`,
    host: hubHostName(hubId),
    port,
    txt: encodeTxtRecord({ hubId, name, term }),
    addresses: addresses.map(({ address }) => address),
  }
}
