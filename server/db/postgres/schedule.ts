import { FairQueue } from '../../fair-queue.ts'

/*
 * Decides which operations of this process run next, and which run in one transaction. Invariants:
 *
 * 1. Operations whose locks exclude each other run in the order they came. Each begins after the one ahead of it has ended
 *    with its effects, or follows it in the same transaction.
 * 2. A busy chat fills no connections with operations that wait: they wait here, and those that wait for each other leave
 *    as one batch.
 * 3. Users take turns. A user has only a few places in the queues of names, so that a thousand operations of one user in a
 *    chat do not delay those of another by all of them.
 */

/** Small enough that the first of a batch does not wait long for the last. */
const maxBatch = 64
/** If one of them fails, all run again one by one. So a batch of this size takes no others that are ready. */
const maxJoined = 32
const maxPlacesPerUser = 8

/** An operation in the queues of its names. */
export interface Place<T> {
  readonly item: T
  readonly user: string
  /** It may share its transaction with others. */
  readonly mayJoin: boolean
  /** Those ahead of it that have not ended. */
  readonly waitsFor: Set<Place<T>>
  readonly dependents: Place<T>[]
  readonly names: readonly string[]
  readonly shared: readonly string[]
  isTaken: boolean
  readonly onReady: (() => void) | undefined
}

interface NameQueue<T> {
  /** The last that wants the name alone. */
  alone: Place<T> | undefined
  /** Those that share the name, after it. */
  sharing: Set<Place<T>>
}

export interface Wanted<T> {
  item: T
  user: string
  /** The names that it needs alone, and those that it shares. All at once: no two operations can wait for each other. */
  alone: readonly string[]
  shared?: readonly string[]
  mayJoin?: boolean
  /** Called once nothing is ahead of it; without it, `take` returns it then. */
  onReady?: () => void
}

export class Schedule<T> {
  readonly #queues = new Map<string, NameQueue<T>>()
  readonly #ready = new FairQueue<Place<T>>()

  add({ item, user, alone, shared = [], mayJoin = false, onReady }: Wanted<T>): Place<T> {
    const names = [...new Set(alone)]
    const place: Place<T> = {
      ...{ item, user, mayJoin, names, shared, onReady },
      ...{ waitsFor: new Set<Place<T>>(), dependents: [], isTaken: false },
    }
    for (const name of names) {
      const queue = this.#queueOf(name)
      if (queue.alone) waitFor(place, queue.alone)
      for (const other of queue.sharing) waitFor(place, other)
      queue.alone = place
      queue.sharing.clear()
    }
    for (const name of shared) {
      const queue = this.#queueOf(name)
      if (queue.alone) waitFor(place, queue.alone)
      queue.sharing.add(place)
    }
    if (place.waitsFor.size === 0) this.#announce(place)
    return place
  }

  /** Operations that wait for nothing. */
  get readyCount(): number {
    return this.#ready.size
  }

  /**
   * Takes operations for one transaction: the next that is ready, those that wait for nothing else, then the same of the
   * other ready ones. Returns none if nothing is ready.
   */
  take(): Place<T>[] {
    const first = this.#ready.shift()
    if (!first) return []
    const batch = [first]
    first.isTaken = true
    if (!first.mayJoin) return batch
    const taken = new Set(batch)
    let next = 0
    for (;;) {
      for (; next < batch.length; next += 1) gather(batch[next] as Place<T>, batch, taken)
      const other = batch.length < maxJoined ? this.#takeReady() : undefined
      if (!other) return batch
      batch.push(other)
      taken.add(other)
    }
  }

  /** It has ended with its effects: what waits for it may begin. */
  end(place: Place<T>): void {
    for (const dependent of place.dependents)
      if (dependent.waitsFor.delete(place) && dependent.waitsFor.size === 0 && !dependent.isTaken)
        this.#announce(dependent)
    for (const name of [...place.names, ...place.shared]) this.#forget(name, place)
  }

  #takeReady(): Place<T> | undefined {
    const other = this.#ready.shift()
    if (!other) return undefined
    if (other.mayJoin) {
      other.isTaken = true
      return other
    }
    this.#ready.unshift([[other.user, other]])
    return undefined
  }

  #announce(place: Place<T>): void {
    if (place.onReady) place.onReady()
    else this.#ready.push(place.user, place)
  }

  #queueOf(name: string): NameQueue<T> {
    let queue = this.#queues.get(name)
    if (!queue) this.#queues.set(name, (queue = { alone: undefined, sharing: new Set() }))
    return queue
  }

  #forget(name: string, place: Place<T>): void {
    const queue = this.#queues.get(name)
    if (!queue) return
    queue.sharing.delete(place)
    if (queue.alone === place) queue.alone = undefined
    if (!queue.alone && queue.sharing.size === 0) this.#queues.delete(name)
  }
}

function waitFor<T>(place: Place<T>, other: Place<T>): void {
  if (other === place || place.waitsFor.has(other)) return
  place.waitsFor.add(other)
  other.dependents.push(place)
}

/** Adds what waits for nothing but operations of the batch. */
function gather<T>(ahead: Place<T>, batch: Place<T>[], taken: Set<Place<T>>): void {
  for (const dependent of ahead.dependents) {
    if (batch.length >= maxBatch) return
    if (dependent.isTaken || !dependent.mayJoin || dependent.onReady) continue
    if (![...dependent.waitsFor].every((other) => taken.has(other))) continue
    dependent.isTaken = true
    batch.push(dependent)
    taken.add(dependent)
  }
}

interface UserWindow {
  count: number
  isHeld: boolean
  readonly waiting: (() => void)[]
}

/** Lets each user have a few items at once, in their order. Items without a user begin at once. */
export class UserWindows {
  readonly #windows = new Map<string, UserWindow>()

  enter(user: string, begin: () => void): void {
    if (user === '') return begin()
    let window = this.#windows.get(user)
    if (!window) this.#windows.set(user, (window = { count: 0, isHeld: false, waiting: [] }))
    window.waiting.push(begin)
    beginWaiting(window)
  }

  leave(user: string): void {
    const window = this.#windows.get(user)
    if (!window) return
    window.count -= 1
    beginWaiting(window)
    if (window.count === 0) this.#windows.delete(user)
  }

  /** Nothing more of the user begins until `release`. */
  hold(user: string): void {
    const window = this.#windows.get(user)
    if (window) window.isHeld = true
  }

  release(user: string): void {
    const window = this.#windows.get(user)
    if (!window) return
    window.isHeld = false
    beginWaiting(window)
  }
}

/** What begins may hold the window. */
function beginWaiting(window: UserWindow): void {
  while (!window.isHeld && window.count < maxPlacesPerUser) {
    const begin = window.waiting.shift()
    if (!begin) return
    window.count += 1
    begin()
  }
}
