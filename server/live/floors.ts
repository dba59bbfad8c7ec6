/** The head of a stream that a client has got; undefined for a stream of which it has none. */
export type HeadOf = (stream: string) => number | undefined

/** Entries of one stream. */
export interface Entries {
  stream: string
  lastSeq: number
  /** Each as JSON, if they are several: those up to `lastSeq`, without a gap. */
  texts?: readonly string[]
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

  /** Returns the entries that the client lacks, if there are any. Called for each segment, in order. */
  above<T extends Entries>(segment: T): T | undefined {
    const { stream, adds } = segment
    const rest = entriesAbove(segment, this.#floorOf(stream))
    if (rest && adds) this.#added.set(adds.stream, adds.head)
    return rest
  }

  #floorOf(stream: string): number {
    const added = this.#added.get(stream)
    if (added !== undefined) return added
    return this.#headOf(stream) ?? (stream.startsWith('chat:') ? Infinity : 0)
  }
}

/** A batch of entries may begin below a head and end above it: processes put other commits together than a reader saw. */
export function entriesAbove<T extends Entries>(segment: T, head: number): T | undefined {
  const { lastSeq, texts } = segment
  if (lastSeq <= head) return undefined
  // runs for each delivery: most segments are whole
  if (!texts || lastSeq - texts.length >= head) return segment
  const rest = texts.slice(head - lastSeq)
  return { ...segment, texts: rest, text: rest.join(','), count: rest.length, framed: undefined }
}
