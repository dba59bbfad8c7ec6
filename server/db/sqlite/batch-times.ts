/**
 * Processor time of this thread, so that load of other programs makes no smaller batches. After it the batch is
 * committed, and the rest runs in the next: the loop must not stand still for everybody. The limit of a user keeps a
 * batch of many users whole: a commit for each dozen of their messages would cost more than the messages.
 */
const maxMicroseconds = { user: 12_000, all: 50_000 }
/** Derived data is updated at the end of a batch, for each word of a text: that time is not known before. */
const maxDerivedCharacters = 8 * 1024

/** What the operations of a batch cost, by user. */
export class BatchTimes {
  readonly #byUser = new Map<string, { microseconds: number; derivedCharacters: number }>()
  readonly #start = usedMicroseconds()
  #last = this.#start

  /** Adds the time since the last call, and the texts of which derived data will be updated, to the user's. */
  add(user: string, derivedCharacters: number): void {
    const now = usedMicroseconds()
    const used = this.#byUser.get(user) ?? { microseconds: 0, derivedCharacters: 0 }
    used.microseconds += now - this.#last
    used.derivedCharacters += derivedCharacters
    this.#byUser.set(user, used)
    this.#last = now
  }

  /** True if another operation of this user has to wait for the next batch. */
  isOver(user: string): boolean {
    if (this.#last - this.#start > maxMicroseconds.all) return true
    const used = this.#byUser.get(user)
    if (!used) return false
    return used.microseconds > maxMicroseconds.user || used.derivedCharacters > maxDerivedCharacters
  }
}

function usedMicroseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
