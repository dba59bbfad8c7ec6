import type { HubAddress } from '../../shared/hosting.ts'
import { openNetworks, recordsOf, type Network, type NetworkOptions } from './network.ts'
import { writeTxt } from './txt.ts'

export interface Announced {
  hubId: string
  name: string
  port: number
  addresses: readonly HubAddress[]
}

/** Says on the network that the hub is here; one change after the other, so that no goodbye overtakes a hello. */
export class Announcer {
  readonly #options: NetworkOptions
  #open: { network: Network; goodbye: () => Promise<void> }[] = []
  #last: Promise<void> = Promise.resolve()
  #told = ''

  constructor(options: NetworkOptions = {}) {
    this.#options = options
  }

  /** Resolves when it was said; what was announced before is taken back. @throws when no network takes it */
  announce(hub: Announced): Promise<void> {
    return this.#next(async () => {
      const telling = JSON.stringify(hub)
      if (telling === this.#told) return
      await this.#sayGoodbye()
      const port = this.#options.port
      const interfaces = this.#options.interfaces ?? ownFour(hub)
      const networks = await openNetworks({ interfaces, ...(port === undefined ? {} : { port }) })
      const records = recordsOf(
        configOf(hub),
        hub.addresses.map(({ address }) => address),
      )
      this.#open = networks.map((network) => ({ network, goodbye: network.speakFor(records) }))
      this.#told = telling
    })
  }

  stop(): Promise<void> {
    return this.#next(() => this.#sayGoodbye())
  }

  #next(step: () => Promise<void>): Promise<void> {
    const run = this.#last.then(step)
    this.#last = run.catch(() => {})
    return run
  }

  async #sayGoodbye(): Promise<void> {
    this.#told = ''
    for (const { network, goodbye } of this.#open.splice(0)) {
      await goodbye()
      await network.close()
    }
  }
}

/** Only on the networks where the hub answers. */
function ownFour({ addresses }: Announced): string[] {
  return addresses.flatMap(({ address }) => (address.includes(':') ? [] : [address]))
}

/** Neither the computer's name nor its owner's: a part of the identity makes it unique. */
function configOf({ hubId, name, port }: Announced) {
  const tag = hubId.slice(0, 8)
  return {
    name: `Hubbub ${tag}`,
    type: 'hubbub',
    port,
    host: `hubbub-${tag}.local`,
    txt: writeTxt({ hubId, name }),
  }
}
