import type { RowFrame } from '../continuity/frame.ts'
import type { FrameRing } from '../continuity/frame-ring.ts'
import type { Position } from '../continuity/position.ts'
import type { HubMemory } from '../continuity/rule-types.ts'
import type { PeerSession } from './peer-session.ts'

/** A standby that reads so slowly gets the rest from the ring, as it reads. */
const maxUnsentBytes = 8 * 1024 * 1024
const behindIntervalMs = 50

export interface FrameFeedOptions {
  ring: () => FrameRing
  pending: () => HubMemory['pending'] | undefined
  /** The frame that waits for its grant. */
  waiting: () => RowFrame | undefined
}

/** Sends each standby the frames that it does not have, as fast as it reads. */
export class FrameFeed {
  readonly #options: FrameFeedOptions

  constructor(options: FrameFeedOptions) {
    this.#options = options
  }

  /** Sends what comes after a position that the standby has. */
  begin(session: PeerSession, after: Position): void {
    session.sentLsn = after.lsn
    this.#sendRest(session)
  }

  /** Sends the frame that waits, unless earlier ones are still to be sent. */
  sendWaiting(session: PeerSession): void {
    const frame = this.#options.waiting()
    if (session.sentLsn === undefined || !frame || session.isBehind) return
    if (session.stream.buffered > maxUnsentBytes) return this.#sendLater(session)
    session.stream.sendEncoded(frame.encoded)
    session.sentLsn = frame.position.lsn
  }

  /** Sends what the ring has, and then the frame that waits. */
  #sendRest(session: PeerSession): void {
    const { stream, sentLsn } = session
    if (stream.isOver || sentLsn === undefined) return
    const pending = this.#options.pending()
    const waiting = pending?.isDropping === false ? pending.position.lsn : -1
    // its journal may have the frame that waits
    const frames = waiting === sentLsn ? [] : this.#options.ring().after(sentLsn)
    if (!frames) return stream.close('it needs changes that are not kept any more')
    session.isBehind = false
    for (const { encoded, position } of frames) {
      if (stream.buffered > maxUnsentBytes) return this.#sendLater(session)
      stream.sendEncoded(encoded)
      session.sentLsn = position.lsn
    }
    if (waiting > (session.sentLsn ?? 0)) this.sendWaiting(session)
  }

  #sendLater(session: PeerSession): void {
    if (session.isBehind) return
    session.isBehind = true
    setTimeout(() => this.#sendRest(session), behindIntervalMs).unref()
  }
}
