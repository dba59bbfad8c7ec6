/*
 * Decides when the next transaction of a process begins. Each costs its BEGIN, its locks and its COMMIT, however many
 * operations share it: so operations gather while another transaction runs. Invariants:
 *
 * 1. If none runs, the next begins at once.
 * 2. While others run, one begins as soon as enough operations are ready to fill it.
 * 3. It also begins after operations have waited about twice as long as a transaction takes: those that run may wait for a
 *    lock of another process.
 */

const enoughOperations = 32
const minWaitMs = 2
const maxWaitMs = 100
/** Of the average: the weight of the last transaction. */
const lastWeight = 1 / 8

export class TransactionPace {
  readonly #onOverdue: () => void
  #usualMs = 0
  #isOverdue = false
  #timer: NodeJS.Timeout | undefined

  /** @param onOverdue is called when the next may begin although `mayBegin` returned false */
  constructor(onOverdue: () => void) {
    this.#onOverdue = onOverdue
  }

  /**
   * Returns true if a transaction begins now.
   * @param running the number of transactions that run
   * @param ready the number of operations that could be in it, at least one
   */
  mayBegin(running: number, ready: number): boolean {
    if (running > 0 && ready < enoughOperations && !this.#isOverdue) {
      this.#timer ??= setTimeout(() => this.#noteOverdue(), this.#waitMs())
      return false
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isOverdue = false
    return true
  }

  /** A transaction has committed. */
  noteCommit(ms: number): void {
    this.#usualMs += (ms - this.#usualMs) * lastWeight
  }

  #waitMs(): number {
    return Math.min(maxWaitMs, Math.max(minWaitMs, 2 * this.#usualMs))
  }

  #noteOverdue(): void {
    this.#timer = undefined
    this.#isOverdue = true
    this.#onOverdue()
  }
}
