import { hubHostName } from '../../shared/text/hub-name.ts'
import type { HubAddress } from '../../shared/hub-process-messages.ts'
import { openMdnsSockets, type MdnsSocket, type MdnsOptions } from './mdns-socket.ts'
import { createRecords, type HubService } from './service-records.ts'
import { encodeTxtRecord } from './txt-record.ts'

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

  constructor(options: MdnsOptions = {}) {
    this.#options = options
  }

  /** Resolves when the hub is published; an earlier announcement ends. @throws if no network allows a socket */
  announce(hub: AnnouncedHub): Promise<void> {
    return this.#enqueue(async () => {
      const key = JSON.stringify(hub)
      if (key === this.#announcedKey) return
      await this.#unpublish()
      const port = this.#options.port
      const interfaces = this.#options.interfaces ?? ipv4Addresses(hub)
      const networks = await openMdnsSockets({ interfaces, ...(port === undefined ? {} : { port }) })
      const records = createRecords(serviceOf(hub))
      this.#publications = networks.map((network) => ({ network, goodbye: network.publish(records) }))
      this.#announcedKey = key
    })
  }

  stop(): Promise<void> {
    return this.#enqueue(() => this.#unpublish())
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const run = this.#queue.then(step)
    this.#queue = run.catch(() => {})
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
