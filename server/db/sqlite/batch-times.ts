/**
 * Processor time of this thread, so that load of other programs makes no smaller batches. After it the batch is
 * committed, and the rest runs in the next: the loop must not stand still for everybody. The limit of a user keeps a
 * batch of many users whole: a commit for each dozen of their messages would cost more than the messages.
 */
const maxMicroseconds = { user: 12_000, all: 50_000 }

/** How long the operations of a batch took, by user. */
export class BatchTimes {
  readonly #byUser = new Map<string, number>()
  readonly #start = usedMicroseconds()
  #last = this.#start

  /** Adds the time since the last call to the user's. */
  add(user: string): void {
    const now = usedMicroseconds()
    this.#byUser.set(user, (this.#byUser.get(user) ?? 0) + now - this.#last)
    this.#last = now
  }

  /** True if another operation of this user has to wait for the next batch. */
  isOver(user: string): boolean {
    if (this.#last - this.#start > maxMicroseconds.all) return true
    return (this.#byUser.get(user) ?? 0) > maxMicroseconds.user
  }
}

function usedMicroseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
