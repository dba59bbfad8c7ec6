// The client's one rule, for every stream: an entry is applied only if its seq is the cursor plus one; a lower one is
// ignored; a higher one, or a head that is higher, means that something is missing and is read from the cursor on until
// the highest seq or head that was seen is reached.
//
// - What is applied is applied in order and once, whether it was pushed or read.
// - Reading happens over the live socket only, so that no answer can be newer than a later `state`.
// - A stream without a cursor is not followed; how far it has come is remembered for when it is.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Input, Output } from '../../shared/contract.ts'
import { Alarm } from '../link/alarm.ts'
import { isRequestError } from '../link/request.ts'
import type { Clock } from '../link/surroundings.ts'

export interface StreamsOptions {
  clock: Clock
  read: (input: Input<'streams.read'>) => Promise<Output<'streams.read'>>
  apply: (entry: Entry) => void
  /** The cursor was of no use and is `head` now: what is shown of this stream has to be fetched anew. */
  reset: (stream: StreamId, head: number) => void
  /** The hub says there is no such stream (any more). */
  gone: (stream: StreamId) => void
  moved: (stream: StreamId, cursor: number) => void
}

interface Track {
  readonly stream: StreamId
  cursor: number
  /** The highest seq or head seen. */
  wanted: number
  reading: boolean
}

const pageOf = 500
/** Streams read at a time, so that the first of them is soon complete. */
const readingAtOnce = 4
const triesAgainAfter = 2_000

export class Streams {
  readonly #options: StreamsOptions
  readonly #tracks = new Map<StreamId, Track>()
  readonly #heard = new Map<StreamId, number>()
  #queue: Track[] = []
  #reading = 0
  #running = false
  readonly #again: Alarm

  constructor(options: StreamsOptions) {
    this.#options = options
    this.#again = new Alarm(options.clock)
  }

  cursor(stream: StreamId): number | undefined {
    return this.#tracks.get(stream)?.cursor
  }

  names(): StreamId[] {
    return [...this.#tracks.keys()]
  }

  /** Follows a stream from a cursor on. */
  follow(stream: StreamId, cursor: number): void {
    const wanted = Math.max(cursor, this.#heard.get(stream) ?? 0)
    this.#heard.delete(stream)
    const track = { stream, cursor, wanted, reading: false }
    this.#tracks.set(stream, track)
    this.#options.moved(stream, cursor)
    this.#readSoon(track)
  }

  drop(stream: StreamId): void {
    this.#tracks.delete(stream)
    this.#heard.delete(stream)
  }

  clear(): void {
    this.#tracks.clear()
    this.#heard.clear()
    this.#queue = []
  }

  /** The link is live: what is missing can be read. */
  resume(): void {
    this.#running = true
    for (const track of this.#tracks.values()) this.#readSoon(track)
  }

  pause(): void {
    this.#running = false
    this.#queue = []
    this.#again.clear()
  }

  /** An entry the hub pushed. */
  receive(entry: Entry): void {
    const track = this.#tracks.get(entry.stream)
    if (!track) return this.#hear(entry.stream, entry.seq)
    if (entry.seq === track.cursor + 1) this.#apply(track, entry)
    this.#want(track, entry.seq)
  }

  /** The hub says how far a stream has come. */
  seen(stream: StreamId, head: number): void {
    const track = this.#tracks.get(stream)
    if (track) this.#want(track, head)
    else this.#hear(stream, head)
  }

  #hear(stream: StreamId, seq: number): void {
    this.#heard.set(stream, Math.max(seq, this.#heard.get(stream) ?? 0))
  }

  #want(track: Track, seq: number): void {
    track.wanted = Math.max(track.wanted, seq)
    this.#readSoon(track)
  }

  #apply(track: Track, entry: Entry): void {
    this.#options.apply(entry)
    // Applying may have dropped this very stream, or begun it anew.
    if (this.#tracks.get(track.stream) !== track) return
    track.cursor = entry.seq
    this.#options.moved(track.stream, track.cursor)
  }

  #readSoon(track: Track): void {
    if (!this.#running || track.reading || track.cursor >= track.wanted) return
    if (!this.#queue.includes(track)) this.#queue.push(track)
    this.#readNext()
  }

  #readNext(): void {
    while (this.#running && this.#reading < readingAtOnce) {
      const track = this.#queue.shift()
      if (!track) return
      if (this.#tracks.get(track.stream) !== track || track.reading) continue
      this.#reading += 1
      track.reading = true
      void this.#readUpToDate(track).finally(() => {
        this.#reading -= 1
        track.reading = false
        this.#readNext()
      })
    }
  }

  async #readUpToDate(track: Track): Promise<void> {
    const { stream } = track
    const isCurrent = () => this.#running && this.#tracks.get(stream) === track
    while (isCurrent() && track.cursor < track.wanted) {
      const before = track.cursor
      let page: Output<'streams.read'>
      try {
        page = await this.#options.read({ stream, after: before, limit: pageOf })
      } catch (error) {
        if (isCurrent()) this.#failed(track, error)
        return
      }
      if (isCurrent()) this.#takePage(track, page, before)
    }
  }

  #takePage(track: Track, page: Output<'streams.read'>, before: number): void {
    track.wanted = Math.max(track.wanted, page.head)
    if (!page.reset) {
      for (const entry of page.entries) {
        if (this.#tracks.get(track.stream) !== track) return
        if (entry.seq === track.cursor + 1) this.#apply(track, entry)
      }
      if (track.cursor > before || track.cursor >= track.wanted) return
    }
    // Also where the hub knows nothing of what it once announced: asking on would never end.
    track.cursor = track.wanted = page.head
    this.#options.moved(track.stream, page.head)
    this.#options.reset(track.stream, page.head)
  }

  #failed(track: Track, error: unknown): void {
    if (!isRequestError(error)) throw error
    if (error.code === 'offline') return
    if (error.code === 'not_found' || error.code === 'forbidden') {
      this.drop(track.stream)
      this.#options.gone(track.stream)
      return
    }
    const wait = error.retryAfter === undefined ? triesAgainAfter : error.retryAfter * 1000
    this.#again.setOnce(wait, () => {
      for (const each of this.#tracks.values()) this.#readSoon(each)
    })
  }
}
