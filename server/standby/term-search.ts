import type { KeyObject } from 'node:crypto'
import type { Place } from '../../shared/places.ts'
import { compareTerms, isHigherTerm, type Term } from '../../shared/term.ts'
import { verifyTerm } from '../continuity/term.ts'
import { readHubFile } from './hub-file.ts'
import { readJson, requestPinned, termPath } from './pinned.ts'

/*
 * A hub asks other computers for a higher term: one of them may have taken over (R9). An announcement on the network names
 * an address to ask, and decides nothing: anyone can send it. Only a record that the hub's key has signed counts.
 */

/** How often a hub whose standby is away looks for one that has taken over. */
const lookIntervalMs = 10_000
/** A computer that does not answer by then is not waited for. */
const lookTimeoutMs = 2_000
/** A flood of announcements causes so many questions within `lookIntervalMs`, and one more at once. */
export const maxHeardAddresses = 8

export interface TermSearchOptions {
  readonly dataDir: string
  readonly hubId: string
  readonly publicKey: KeyObject
  readonly term: () => Term | undefined
  /** The end of this hub. */
  readonly lsn: () => number
  /** The other computers of the hub, as the hub knows them. */
  readonly places: () => readonly Place[]
  readonly ownNode: () => string
  /** `127.0.0.1:7788`: asking there would ask this hub. */
  readonly ownAddress: () => string
  /** True while nobody follows this hub, so that another may be the hub without its knowledge. */
  readonly isWanted: () => boolean
  readonly onHigherTerm: (term: Term, address: string) => void
}

export class TermSearch {
  readonly #options: TermSearchOptions
  #looking: ReturnType<typeof setInterval> | undefined
  readonly #heard = new Set<string>()
  #heardTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: TermSearchOptions) {
    this.#options = options
  }

  /** Asks all computers that this one knows of. `isBehind`: one of them has applied more of the same term. */
  look(): Promise<{ isBehind: boolean }> {
    const { dataDir, places, ownNode } = this.#options
    const others = [...(readHubFile(dataDir)?.places ?? []), ...places()]
      .filter(({ node }) => node !== ownNode())
      .flatMap(({ addresses }) => addresses)
    return this.#ask(others)
  }

  /** From now on, whenever it is wanted. */
  keepLooking(): void {
    clearInterval(this.#looking)
    this.#looking = setInterval(() => {
      if (this.#options.isWanted()) void this.look()
    }, lookIntervalMs)
  }

  /**
   * An announcement says that the hub has a higher term at this address. The first one is looked at once; those that come
   * soon after wait, so that a flood neither costs much nor hides a genuine one.
   */
  heard(address: string): void {
    if (this.#heardTimer !== undefined) {
      if (this.#heard.size < maxHeardAddresses) this.#heard.add(address)
      return
    }
    this.#heardTimer = setTimeout(() => {
      this.#heardTimer = undefined
      const [next, ...others] = this.#heard
      this.#heard.clear()
      if (next === undefined) return
      // begins the next interval
      this.heard(next)
      void this.#ask(others)
    }, lookIntervalMs)
    this.#heardTimer.unref()
    void this.#ask([address])
  }

  close(): void {
    clearInterval(this.#looking)
    clearTimeout(this.#heardTimer)
  }

  async #ask(addresses: readonly string[]): Promise<{ isBehind: boolean }> {
    const { ownAddress } = this.#options
    const others = [...new Set(addresses)].filter((address) => address !== ownAddress())
    let isBehind = false
    const asked = others.map(async (address) => {
      if (await this.#askOne(address)) isBehind = true
    })
    const late = new Promise((resolve) => setTimeout(resolve, lookTimeoutMs).unref())
    await Promise.race([Promise.allSettled(asked), late])
    return { isBehind }
  }

  /** Returns true if the computer there has more of the term of this one. */
  async #askOne(address: string): Promise<boolean> {
    const { hubId, publicKey, onHigherTerm } = this.#options
    const response = await requestPinned({ address, hubId }, termPath)
    const { term: record, applied } = (await readJson(response)) as { term?: unknown; applied?: unknown }
    const term = verifyTerm(publicKey, hubId, record)
    const own = this.#options.term()
    if (term && isHigherTerm(term, own)) onHigherTerm(term, address)
    const isSame = term !== undefined && own !== undefined && compareTerms(term, own) === 0
    return isSame && typeof applied === 'number' && applied > this.#options.lsn()
  }
}
