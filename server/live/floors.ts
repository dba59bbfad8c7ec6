/** The head of a stream that a client has got; undefined for a stream of which it has none. */
export type HeadOf = (stream: string) => number | undefined

/** Entries of one stream. */
export interface Entries {
  stream: string
  lastSeq: number
  /** They add their user to a chat, whose entries follow from here on. */
  adds?: { stream: string; head: number }
}

/**
 * In a cluster a process learns of commits a moment after a client may have read them. So a client that got heads may
 * still get what it has: entries up to these heads, and those of a chat that it has left since. Floors let through only
 * what the client lacks.
 */
export class Floors {
  readonly #headOf: HeadOf
  /** The heads of chats that the user was added to since, by stream. */
  readonly #added = new Map<string, number>()

  constructor(headOf: HeadOf) {
    this.#headOf = headOf
  }

  /** Called for each segment, in order. */
  lets({ stream, lastSeq, adds }: Entries): boolean {
    if (lastSeq <= this.#floorOf(stream)) return false
    if (adds) this.#added.set(adds.stream, adds.head)
    return true
  }

  #floorOf(stream: string): number {
    const added = this.#added.get(stream)
    if (added !== undefined) return added
    return this.#headOf(stream) ?? (stream.startsWith('chat:') ? Infinity : 0)
  }
}
