/*
 * The order of operations within this process. Operations whose locks exclude each other do not start before the one
 * ahead of them has ended with its effects. So a busy chat does not fill all connections with operations that wait, and
 * the memory of the hub learns of changes in the order of their commits.
 */

/** A place in the queues of several names. */
class Ticket {
  #waitsFor = 0
  #onReady: (() => void) | undefined
  readonly #dependents: Ticket[] = []
  isDone = false

  waitFor(other: Ticket): void {
    if (other.isDone || other === this) return
    this.#waitsFor += 1
    other.#dependents.push(this)
  }

  ready(): Promise<void> {
    if (this.#waitsFor === 0) return Promise.resolve()
    return new Promise((resolve) => (this.#onReady = resolve))
  }

  done(): void {
    this.isDone = true
    for (const dependent of this.#dependents) {
      dependent.#waitsFor -= 1
      if (dependent.#waitsFor === 0) dependent.#onReady?.()
    }
  }
}

interface NameQueue {
  /** The last that wants the name alone. */
  alone: Ticket | undefined
  /** Those that share the name, after it. */
  sharing: Set<Ticket>
}

export interface Turn {
  /** Resolves when nothing ahead excludes it. */
  ready: Promise<void>
  /** Ends it: what waits for it may begin. */
  end: () => void
}

/** Locks by name for this process. The first to come is the first to go, for each name. */
export class NameLocks {
  readonly #queues = new Map<string, NameQueue>()

  /** Takes a place for all names at once: no two operations can wait for each other. */
  enter(alone: readonly string[], shared: readonly string[] = []): Turn {
    const ticket = new Ticket()
    const names = new Set(alone)
    for (const name of names) {
      const queue = this.#queueOf(name)
      if (queue.alone) ticket.waitFor(queue.alone)
      for (const other of queue.sharing) ticket.waitFor(other)
      queue.alone = ticket
      queue.sharing.clear()
    }
    for (const name of shared) {
      const queue = this.#queueOf(name)
      if (queue.alone) ticket.waitFor(queue.alone)
      queue.sharing.add(ticket)
    }
    const end = (): void => {
      ticket.done()
      for (const name of [...names, ...shared]) this.#forget(name, ticket)
    }
    return { ready: ticket.ready(), end }
  }

  #queueOf(name: string): NameQueue {
    let queue = this.#queues.get(name)
    if (!queue) this.#queues.set(name, (queue = { alone: undefined, sharing: new Set() }))
    return queue
  }

  #forget(name: string, ticket: Ticket): void {
    const queue = this.#queues.get(name)
    if (!queue) return
    queue.sharing.delete(ticket)
    if (queue.alone === ticket) queue.alone = undefined
    if (!queue.alone && queue.sharing.size === 0) this.#queues.delete(name)
  }
}

/**
 * The order of commits by stream. An operation that got a seq of a stream waits with its effects for the one that got the
 * seq before. That one has committed, since it held the row of the stream, but its response may come later.
 */
export class StreamOrder {
  readonly #last = new Map<string, CommitPlace>()

  /** Begins an attempt of an operation. */
  begin(): CommitPlace {
    return new CommitPlace(this.#last)
  }
}

export class CommitPlace {
  readonly #last: Map<string, CommitPlace>
  readonly #before = new Set<CommitPlace>()
  readonly #streams = new Set<string>()
  readonly #waiting: (() => void)[] = []
  #isSettled = false

  constructor(last: Map<string, CommitPlace>) {
    this.#last = last
  }

  /** The operation has got a seq of this stream. */
  note(stream: string): void {
    const before = this.#last.get(stream)
    if (before === this) return
    if (before) this.#before.add(before)
    this.#last.set(stream, this)
    this.#streams.add(stream)
  }

  /** Resolves when the effects of the operations before it have run. */
  async reached(): Promise<void> {
    for (const before of this.#before) if (!before.#isSettled) await before.#settled()
  }

  /** The effects have run, or there are none. */
  settle(): void {
    this.#isSettled = true
    for (const stream of this.#streams) if (this.#last.get(stream) === this) this.#last.delete(stream)
    for (const resolve of this.#waiting) resolve()
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
