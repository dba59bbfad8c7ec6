import type { FoundHub, HubInfo } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import type { Clock, Log, Timer } from '../ports.ts'
import { browse, type Search } from './browse.ts'
import type { NetworkOptions } from './network.ts'

/** A hub that does not answer has often only restarted: it is not looked for at once. */
const missingFor = 5_000
const lookFor = 15_000
/** Until it is looked for once more, longer each time: it may be a laptop that went home. */
const looksAgain = [30_000, 120_000, 600_000] as const

export interface DiscoveryOptions {
  clock: Clock
  log: Log
  /** To the page that looks around. */
  tell: (found: FoundHub[]) => void
  /** A known hub says that it is there; it still has to prove it. */
  foundAt: (id: string, addresses: string[]) => void
  network?: NetworkOptions
}

/** Looks around only while somebody wants to join, or a known hub is missing. */
export class Discovery {
  readonly #options: DiscoveryOptions
  #isWatched = false
  #search: Promise<Search> | undefined
  #found: FoundHub[] = []
  #missing = false
  #tries = 0
  #timer: Timer
  #isLooking = false

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  watch(): void {
    this.#isWatched = true
    this.#options.tell(this.#found)
    this.#follow()
  }

  unwatch(): void {
    this.#isWatched = false
    this.#follow()
  }

  /** How the known hubs are: one that cannot be reached may have another address or port now. */
  hubsAre(hubs: readonly HubInfo[]): void {
    const missing = hubs.some(
      ({ state, trust }) => trust === 'pinned' && (state === 'offline' || state === 'changed'),
    )
    if (missing === this.#missing) return
    this.#missing = missing
    this.#tries = 0
    this.#isLooking = false
    this.#wait(missing ? missingFor : undefined, () => this.#look())
    this.#follow()
  }

  async stop(): Promise<void> {
    this.#isWatched = false
    this.#missing = false
    this.#isLooking = false
    this.#wait(undefined, () => {})
    await this.#end()
  }

  #look(): void {
    this.#isLooking = true
    this.#follow()
    this.#wait(lookFor, () => {
      this.#isLooking = false
      this.#follow()
      const wait = looksAgain[Math.min(this.#tries, looksAgain.length - 1)]
      this.#tries += 1
      this.#wait(wait, () => this.#look())
    })
  }

  #wait(ms: number | undefined, run: () => void): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    this.#timer = ms === undefined ? undefined : clock.setTimeout(run, ms)
  }

  #follow(): void {
    const wanted = this.#isWatched || this.#isLooking
    if (wanted && !this.#search) this.#begin()
    if (!wanted && this.#search) void this.#end()
  }

  #begin(): void {
    const search = browse((found) => this.#heard(search, found), this.#options.network)
    this.#search = search
    search.catch((error: unknown) => {
      this.#options.log.warn('the network cannot be searched', { error })
      if (this.#search === search) this.#search = undefined
    })
  }

  async #end(): Promise<void> {
    const search = this.#search
    this.#search = undefined
    this.#found = []
    await search?.then(
      (running) => running.stop(),
      () => undefined,
    )
  }

  #heard(search: Promise<Search>, found: FoundHub[]): void {
    if (search !== this.#search) return
    this.#found = found
    if (this.#isWatched) this.#options.tell(found)
    for (const { id, addresses, port } of found) {
      this.#options.foundAt(
        id,
        addresses.map((address) => hostAndPort(address, port)),
      )
    }
  }
}
