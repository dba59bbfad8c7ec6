import type { TablesAt } from '../continuity/digest-tables.ts'
import { frameTypes } from '../continuity/frame.ts'
import { type Comparison as Compared, HubDigests } from '../continuity/hub-digests.ts'
import type { Position } from '../continuity/position.ts'
import type { HubContext } from '../context.ts'
import { databaseFile, SqliteStore } from '../db/sqlite/store.ts'
import { newId } from '../ids.ts'
import type { PeerSession } from './peer-session.ts'
import type { Stream } from './stream.ts'

/*
 * The hub compares all its tables with those of the standby every ten minutes, and some time after the standby is in
 * step. A standby that differs learns it, and copies again.
 */

const intervalMs = 10 * 60_000
/** A standby that has just got in step has enough to do. */
const firstAfterMs = 30_000
const answerTimeoutMs = 5 * 60_000

interface Asked {
  id: string
  stream: Stream
  resolve: (tables: Record<string, string>) => void
  reject: (error: Error) => void
}

export class StandbyComparison {
  readonly #hub: HubContext
  readonly #peer: () => PeerSession | undefined
  readonly #digests: HubDigests | undefined
  readonly #timer: ReturnType<typeof setInterval>
  #first: ReturnType<typeof setTimeout> | undefined
  #asked: Asked | undefined
  /** What was found last, by the id of the standby. It outlives the connection, which a difference ends. */
  readonly #found = new Map<string, { at: number; differing: string[] }>()

  /** @param peer the standby that is in step */
  constructor(hub: HubContext, peer: () => PeerSession | undefined) {
    this.#hub = hub
    this.#peer = peer
    const { store } = hub
    if (store instanceof SqliteStore) {
      this.#digests = new HubDigests(
        databaseFile(hub.dataDir),
        (work) => store.writer.pause(work),
        () => hub.rowLog.position,
      )
    }
    this.#timer = setInterval(() => void this.run(), intervalMs).unref()
  }

  /** A standby is in step, perhaps after a copy. */
  runSoon(): void {
    clearTimeout(this.#first)
    this.#first = setTimeout(() => void this.run(), firstAfterMs).unref()
  }

  foundOf(node: string): { at: number; differing: string[] } | undefined {
    return this.#found.get(node)
  }

  /** Compares now, if a standby is in step. Returns what was found. */
  async run(): Promise<Compared | undefined> {
    const peer = this.#peer()
    if (!peer || !this.#digests) return undefined
    const { stream } = peer
    try {
      const found = await this.#digests.compare((position) => this.#ask(stream, position))
      if (!found) return undefined
      const { differing, position } = found
      this.#found.set(peer.hello?.node ?? '', { at: Date.now(), differing })
      if (differing.length === 0) {
        this.#hub.log.info({ lsn: position.lsn }, 'the tables of hub and standby are equal')
      } else {
        this.#hub.log.error({ differing, lsn: position.lsn }, 'the tables of hub and standby differ')
        stream.send(frameTypes.digest, { differing }, position)
      }
      return found
    } catch (error) {
      if (!stream.isOver) this.#hub.log.warn({ err: error }, 'hub and standby were not compared')
      return undefined
    }
  }

  /** The standby has sent its digests. */
  answered(stream: Stream, body: Record<string, unknown>): void {
    const asked = this.#asked
    if (asked?.stream !== stream || body['id'] !== asked.id) return
    this.#asked = undefined
    const { tables, problem } = body
    if (typeof problem === 'string') asked.reject(new Error(problem))
    else asked.resolve(tables as Record<string, string>)
  }

  /** A connection has ended. */
  ended(stream: Stream): void {
    if (this.#asked?.stream !== stream) return
    this.#asked.reject(new Error('the standby has left'))
    this.#asked = undefined
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#first)
    this.#asked?.reject(new Error('the hub ends'))
    this.#asked = undefined
    await this.#digests?.close()
  }

  #ask(stream: Stream, position: Position): Promise<TablesAt> {
    // it may have ended before the snapshot was ready
    if (stream.isOver) return Promise.reject(new Error('the standby has left'))
    const id = newId()
    stream.send(frameTypes.digest, { id }, position)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the standby has not answered')), answerTimeoutMs)
      timer.unref()
      this.#asked = {
        ...{ id, stream, reject },
        resolve: (tables) => {
          clearTimeout(timer)
          resolve({ position, tables })
        },
      }
    })
  }
}
