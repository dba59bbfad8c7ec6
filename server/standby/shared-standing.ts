import { createPublicKey } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { isHigherTerm, type Term } from '../../shared/term.ts'
import { loadNodeKey } from '../continuity/node-key.ts'
import { noPosition } from '../continuity/position.ts'
import { makeTerm, verifyTerm } from '../continuity/term.ts'
import type { MakeTerm, TermLink } from '../db/terms.ts'
import type { Identity } from '../identity.ts'
import type { Live } from '../live/live.ts'
import { type HubStanding, type Moved, noStanding } from '../live/standing.ts'
import { movedTo } from './moved-away.ts'

/*
 * The standing of a hub with a database server. It has no standbys, but a restored backup of it may be the hub. The process
 * to which a client shows the term of that one stops at once, and notes it in the database. There the others find it
 * within a second, and those that are started later.
 */

const retryMs = 1_000

export interface SharedStandingOptions {
  identity: Identity
  terms: TermLink
  log: FastifyBaseLogger
  /** All processes know that another computer is the hub: this one is to be closed. */
  onSteppedDown?: (() => void) | undefined
}

export class SharedStanding {
  readonly standing: HubStanding = {
    ...noStanding,
    term: () => this.#options.terms.own,
    moved: () => this.#moved,
    onHigherTerm: (record) => this.#meet(record),
  }
  readonly #options: SharedStandingOptions
  #moved: Moved | undefined
  #live: Pick<Live, 'closeForMove'> | undefined
  #isClosed = false

  constructor(options: SharedStandingOptions) {
    this.#options = options
    options.terms.onSuperseded = (record) => {
      const term = this.#verify(record)
      if (term && this.#stop(term)) options.onSteppedDown?.()
    }
  }

  attach(live: Pick<Live, 'closeForMove'>): void {
    this.#live = live
  }

  close(): void {
    this.#isClosed = true
  }

  #verify(record: unknown): Term | undefined {
    const { key, hubId } = this.#options.identity
    return verifyTerm(createPublicKey(key), hubId, record)
  }

  /** A client has shown a record that may be forged. */
  #meet(record: unknown): void {
    const term = this.#verify(record)
    if (term && this.#stop(term)) void this.#tellOthers(term)
  }

  /** Nothing is served after it returns. Returns false if nothing changes. */
  #stop(term: Term): boolean {
    if (this.#moved || !isHigherTerm(term, this.#options.terms.own)) return false
    this.#options.log.error({ since: new Date(term.at) }, 'another computer is this hub now')
    this.#moved = movedTo(term, { identity: this.#options.identity, places: [] })
    this.#live?.closeForMove(this.#moved)
    return true
  }

  /** If this process ended before, the others would go on. */
  async #tellOthers(term: Term): Promise<void> {
    const { terms, log, onSteppedDown } = this.#options
    while (!this.#isClosed) {
      try {
        await terms.supersede(term)
        return onSteppedDown?.()
      } catch (error) {
        log.warn({ err: error }, 'the other processes do not know yet that another computer is this hub')
        await sleep(retryMs, undefined, { ref: false })
      }
    }
  }
}

/** Makes terms for a database: they belong to no place in a log. */
export function termMaker({ key, hubId }: Identity, dataDir: string): MakeTerm {
  const position = noPosition
  return (epoch, previous) =>
    makeTerm(key, hubId, { node: loadNodeKey(dataDir).id, epoch, position, previous, now: Date.now() })
}
