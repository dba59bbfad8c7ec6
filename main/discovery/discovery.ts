import type { FoundHub, HubInfo } from '../../shared/desktop.ts'
import { hostAndPort } from '../../shared/addresses.ts'
import type { Clock, Log, Timer } from '../ports.ts'
import { browse, type BrowseSession } from './browse.ts'
import type { MdnsOptions } from './mdns-socket.ts'

/** A hub that does not respond has often only restarted, so browsing starts a moment later. */
const searchDelayMs = 5_000
const searchDurationMs = 15_000
/** Delays between searches. They grow, because the missing hub may be a laptop that was taken home. */
const retryDelaysMs = [30_000, 120_000, 600_000] as const

export interface DiscoveryOptions {
  clock: Clock
  log: Log
  /** Sends the found hubs to the page where the user joins a hub. */
  onFound: (found: FoundHub[]) => void
  /** A known hub announced these addresses. It still has to prove its identity there. */
  addAddresses: (id: string, addresses: string[]) => void
  network?: MdnsOptions
}

/** Browses only while the user wants to join a hub, or a known hub is missing. */
export class Discovery {
  readonly #options: DiscoveryOptions
  #isWatched = false
  #session: Promise<BrowseSession> | undefined
  #found: FoundHub[] = []
  #isHubMissing = false
  #retryCount = 0
  #timer: Timer
  #isSearching = false

  constructor(options: DiscoveryOptions) {
    this.#options = options
  }

  watch(): void {
    this.#isWatched = true
    this.#options.onFound(this.#found)
    this.#updateSession()
  }

  unwatch(): void {
    this.#isWatched = false
    this.#updateSession()
  }

  /** Takes the states of the known hubs. A hub that cannot be reached may have another address or port now. */
  updateHubs(hubs: readonly HubInfo[]): void {
    const isHubMissing = hubs.some(
      ({ state, trust }) => trust === 'pinned' && (state === 'offline' || state === 'changed'),
    )
    if (isHubMissing === this.#isHubMissing) return
    this.#isHubMissing = isHubMissing
    this.#retryCount = 0
    this.#isSearching = false
    this.#setTimer(isHubMissing ? searchDelayMs : undefined, () => this.#searchForMissingHub())
    this.#updateSession()
  }

  /** The computer woke up, or the user wants to try again: it may be in another network, and the missing hub elsewhere. */
  retry(): void {
    if (this.#isHubMissing) {
      this.#retryCount = 0
      this.#searchForMissingHub()
    }
    void this.#session?.then(
      (session) => session.refresh(),
      () => undefined,
    )
  }

  async stop(): Promise<void> {
    this.#isWatched = false
    this.#isHubMissing = false
    this.#isSearching = false
    this.#setTimer(undefined, () => {})
    await this.#stopSession()
  }

  #searchForMissingHub(): void {
    this.#isSearching = true
    this.#updateSession()
    this.#setTimer(searchDurationMs, () => {
      this.#isSearching = false
      this.#updateSession()
      const wait = retryDelaysMs[Math.min(this.#retryCount, retryDelaysMs.length - 1)]
      this.#retryCount += 1
      this.#setTimer(wait, () => this.#searchForMissingHub())
    })
  }

  #setTimer(ms: number | undefined, run: () => void): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    this.#timer = ms === undefined ? undefined : clock.setTimeout(run, ms)
  }

  #updateSession(): void {
    const wanted = this.#isWatched || this.#isSearching
    if (wanted && !this.#session) this.#startSession()
    if (!wanted && this.#session) void this.#stopSession()
  }

  #startSession(): void {
    const search = browse((found) => this.#handleFound(search, found), this.#options.network)
    this.#session = search
    search.catch((error: unknown) => {
      this.#options.log.warn('the network cannot be searched', { error })
      if (this.#session === search) this.#session = undefined
    })
  }

  async #stopSession(): Promise<void> {
    const search = this.#session
    this.#session = undefined
    this.#found = []
    await search?.then(
      (running) => running.stop(),
      () => undefined,
    )
  }

  #handleFound(search: Promise<BrowseSession>, found: FoundHub[]): void {
    if (search !== this.#session) return
    this.#found = found
    if (this.#isWatched) this.#options.onFound(found)
    for (const { id, addresses, port } of found) {
      this.#options.addAddresses(
        id,
        addresses.map((address) => hostAndPort(address, port)),
      )
    }
  }
}
