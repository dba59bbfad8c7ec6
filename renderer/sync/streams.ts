// The rule for every stream: an entry is applied only if its seq is the cursor plus one. A lower one is ignored. A
// higher one, or a higher head, means that entries are missing. They are read from the cursor until the highest known
// seq is reached.
//
// - Entries are applied in order and once, both those that are pushed and those that are read.
// - Entries are read over the live socket only, so that no response can be newer than a later `state`.
// - A stream without a cursor is not followed. Its highest known seq is remembered for when it is.
// - Streams of chats that were not used lately are read last, one at a time: after a night there are hundreds of them.
import type { Entry, StreamId } from '../../shared/contract/entries.ts'
import type { Input, Output } from '../../shared/contract.ts'
import { Timer } from '../connection/timer.ts'
import { isRequestError } from '../connection/request.ts'
import type { Clock } from '../connection/platform.ts'

export interface StreamsOptions {
  clock: Clock
  readStream: (input: Input<'streams.read'>) => Promise<Output<'streams.read'>>
  apply: (entry: Entry) => void
  /** The cursor was unusable and is `head` now: everything that came from this stream has to be fetched again. */
  onReset: (stream: StreamId, head: number) => void
  /** The hub has no such stream for this user. */
  onGone: (stream: StreamId) => void
  onCursorMoved: (stream: StreamId, cursor: number) => void
}

interface StreamTrack {
  readonly stream: StreamId
  cursor: number
  /** The highest known seq or head. */
  targetSeq: number
  isReading: boolean
  /** Nobody waits for it. */
  isBackground: boolean
}

const pageSize = 500
/** Few at a time, so that the first one is soon complete. */
const maxParallelReads = 4
const retryDelayMs = 2_000

export class Streams {
  readonly #options: StreamsOptions
  readonly #tracks = new Map<StreamId, StreamTrack>()
  readonly #highestSeen = new Map<StreamId, number>()
  #queue: StreamTrack[] = []
  #activeReads = 0
  #running = false
  readonly #retryTimer: Timer

  constructor(options: StreamsOptions) {
    this.#options = options
    this.#retryTimer = new Timer(options.clock)
  }

  cursor(stream: StreamId): number | undefined {
    return this.#tracks.get(stream)?.cursor
  }

  names(): StreamId[] {
    return [...this.#tracks.keys()]
  }

  /** Follows a stream from a cursor. */
  follow(stream: StreamId, cursor: number): void {
    const targetSeq = Math.max(cursor, this.#highestSeen.get(stream) ?? 0)
    this.#highestSeen.delete(stream)
    const track = { stream, cursor, targetSeq, isReading: false, isBackground: false }
    this.#tracks.set(stream, track)
    this.#options.onCursorMoved(stream, cursor)
    this.#readSoon(track)
  }

  drop(stream: StreamId): void {
    this.#tracks.delete(stream)
    this.#highestSeen.delete(stream)
  }

  clear(): void {
    this.#tracks.clear()
    this.#highestSeen.clear()
    this.#queue = []
  }

  /** The connection is live, so missing entries can be read. */
  resume(): void {
    this.#running = true
    for (const track of this.#tracks.values()) this.#readSoon(track)
  }

  pause(): void {
    this.#running = false
    this.#queue = []
    this.#retryTimer.clear()
  }

  /** An entry that the hub pushed. */
  receive(entry: Entry): void {
    const track = this.#tracks.get(entry.stream)
    if (!track) return this.#noteSeq(entry.stream, entry.seq)
    track.isBackground = false
    if (entry.seq === track.cursor + 1) this.#apply(track, entry)
    this.#requireUpTo(track, entry.seq)
  }

  /** The hub announced the head of a stream. */
  noteHead(stream: StreamId, head: number, isBackground = false): void {
    const track = this.#tracks.get(stream)
    if (!track) return this.#noteSeq(stream, head)
    track.isBackground = isBackground
    this.#requireUpTo(track, head)
  }

  /** The hub has sent what is new up to `head`, without entries that a later one replaces. */
  jump(stream: StreamId, entries: readonly Entry[], head: number): void {
    const track = this.#tracks.get(stream)
    if (!track) return
    for (const entry of entries) if (entry.seq > track.cursor) this.#options.apply(entry)
    if (this.#tracks.get(stream) !== track || head <= track.cursor) return
    track.cursor = head
    track.targetSeq = Math.max(track.targetSeq, head)
    this.#options.onCursorMoved(stream, head)
  }

  /** The user looks at what comes from this stream. */
  prefer(stream: StreamId): void {
    const track = this.#tracks.get(stream)
    if (!track?.isBackground) return
    track.isBackground = false
    this.#readNext()
  }

  #noteSeq(stream: StreamId, seq: number): void {
    this.#highestSeen.set(stream, Math.max(seq, this.#highestSeen.get(stream) ?? 0))
  }

  #requireUpTo(track: StreamTrack, seq: number): void {
    track.targetSeq = Math.max(track.targetSeq, seq)
    this.#readSoon(track)
  }

  #apply(track: StreamTrack, entry: Entry): void {
    this.#options.apply(entry)
    // Applying may have dropped or restarted this stream.
    if (this.#tracks.get(track.stream) !== track) return
    track.cursor = entry.seq
    this.#options.onCursorMoved(track.stream, track.cursor)
  }

  #readSoon(track: StreamTrack): void {
    if (!this.#running || track.isReading || track.cursor >= track.targetSeq) return
    if (!this.#queue.includes(track)) this.#queue.push(track)
    this.#readNext()
  }

  #readNext(): void {
    while (this.#running && this.#activeReads < maxParallelReads) {
      const track = this.#takeNext()
      if (!track) return
      if (this.#tracks.get(track.stream) !== track || track.isReading) continue
      this.#activeReads += 1
      track.isReading = true
      void this.#catchUp(track).finally(() => {
        this.#activeReads -= 1
        track.isReading = false
        this.#readNext()
      })
    }
  }

  #takeNext(): StreamTrack | undefined {
    const at = this.#queue.findIndex(({ isBackground }) => !isBackground)
    if (at < 0 && this.#activeReads > 0) return undefined
    return this.#queue.splice(Math.max(at, 0), 1)[0]
  }

  async #catchUp(track: StreamTrack): Promise<void> {
    const { stream } = track
    const isCurrent = () => this.#running && this.#tracks.get(stream) === track
    while (isCurrent() && track.cursor < track.targetSeq) {
      const before = track.cursor
      let page: Output<'streams.read'>
      try {
        page = await this.#options.readStream({ stream, after: before, limit: pageSize })
      } catch (error) {
        if (isCurrent()) this.#onReadFailed(track, error)
        return
      }
      if (isCurrent()) this.#applyPage(track, page, before)
    }
  }

  #applyPage(track: StreamTrack, page: Output<'streams.read'>, before: number): void {
    track.targetSeq = Math.max(track.targetSeq, page.head)
    if (!page.reset) {
      for (const entry of page.entries) {
        if (this.#tracks.get(track.stream) !== track) return
        if (entry.seq === track.cursor + 1) this.#apply(track, entry)
      }
      if (track.cursor > before || track.cursor >= track.targetSeq) return
    }
    // Also if the hub has nothing up to the head it announced: reading on would never end.
    track.cursor = track.targetSeq = page.head
    this.#options.onCursorMoved(track.stream, page.head)
    this.#options.onReset(track.stream, page.head)
  }

  #onReadFailed(track: StreamTrack, error: unknown): void {
    if (!isRequestError(error)) throw error
    if (error.code === 'offline') return
    if (error.code === 'not_found' || error.code === 'forbidden') {
      this.drop(track.stream)
      this.#options.onGone(track.stream)
      return
    }
    const wait = error.retryAfter === undefined ? retryDelayMs : error.retryAfter * 1000
    this.#retryTimer.setIfUnset(wait, () => {
      for (const each of this.#tracks.values()) this.#readSoon(each)
    })
  }
}
