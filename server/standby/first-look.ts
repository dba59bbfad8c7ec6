import type { FastifyBaseLogger } from 'fastify'
import type { DataNode, NodeEvent } from '../continuity/rule-types.ts'
import type { Moved } from '../live/standing.ts'
import type { TermSearch } from './term-search.ts'

/*
 * A hub looks before it serves (R9). If its standby has more of the same term, the disk of this computer was set back: then it
 * serves nobody until the standby has connected, and gives its term up to it. Otherwise what both had acknowledged would be
 * overwritten by a copy.
 */

/** A standby that can be reached connects within a second or two. */
const connectTimeoutMs = 15_000

interface LookingHub {
  readonly node: DataNode | undefined
  readonly peers: { readonly search: TermSearch }
  handle(event: NodeEvent): void
}

export class FirstLook {
  readonly #hub: LookingHub
  readonly #log: FastifyBaseLogger
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What clients learn meanwhile. */
  moved: Moved | undefined

  constructor(hub: LookingHub, log: FastifyBaseLogger) {
    this.#hub = hub
    this.#log = log
  }

  async run(): Promise<void> {
    this.#hub.handle({ on: 'look' })
    const { isBehind } = await this.#hub.peers.search.look()
    if (!isBehind || this.#hub.node?.disk.role !== 'hub') return this.#end()
    this.#log.error('the standby has more than this computer, whose disk was set back: it is asked to go on')
    this.moved = { code: 'moving', term: this.#hub.node.disk.term, places: [] }
    this.#timer = setTimeout(() => this.#end(), connectTimeoutMs)
  }

  /** The standby has said where it is. */
  met(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    // it has been asked to go on
    if (this.#hub.node?.disk.role === 'hub') this.#end()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #end(): void {
    this.#timer = undefined
    this.moved = undefined
    this.#hub.handle({ on: 'lookOver' })
  }
}
