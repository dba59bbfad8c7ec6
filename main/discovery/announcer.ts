import type { HubAddress } from '../../shared/hub-process-messages.ts'
import { openMdnsSockets, createRecords, type MdnsSocket, type MdnsOptions } from './mdns-socket.ts'
import { encodeTxtRecord } from './txt-record.ts'

export interface AnnouncedHub {
  hubId: string
  name: string
  port: number
  addresses: readonly HubAddress[]
}

/** Says on the network that the hub is here; one change after the other, so that no goodbye overtakes a hello. */
export class Announcer {
  readonly #options: MdnsOptions
  #publications: { network: MdnsSocket; goodbye: () => Promise<void> }[] = []
  #queue: Promise<void> = Promise.resolve()
  #announcedKey = ''

  constructor(options: MdnsOptions = {}) {
    this.#options = options
  }

  /** Resolves when it was said; what was announced before is taken back. @throws when no network takes it */
  announce(hub: AnnouncedHub): Promise<void> {
    return this.#enqueue(async () => {
      const key = JSON.stringify(hub)
      if (key === this.#announcedKey) return
      await this.#unpublish()
      const port = this.#options.port
      const interfaces = this.#options.interfaces ?? ipv4Addresses(hub)
      const networks = await openMdnsSockets({ interfaces, ...(port === undefined ? {} : { port }) })
      const records = createRecords(
        serviceConfig(hub),
        hub.addresses.map(({ address }) => address),
      )
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

/** Neither the computer's name nor its owner's: a part of the identity makes it unique. */
function serviceConfig({ hubId, name, port }: AnnouncedHub) {
  const tag = hubId.slice(0, 8)
  return {
    name: `Hubbub ${tag}`,
    type: 'hubbub',
    port,
    host: `hubbub-${tag}.local`,
    txt: encodeTxtRecord({ hubId, name }),
  }
}
