/*
 * Of a large hub, to read memory again takes seconds of a processor. Processes that spend all their time on it are late with
 * their turns, for which the others would read again, without end. So after a read a process rests three times as long, and
 * waits longer for the others than a read takes.
 */

const restFactor = 3
const patienceFactor = 2
/** A read that took longer has waited for the database, which says nothing about the processes. */
const maxTookMs = 20_000

export class RereadPace {
  #tookMs = 0
  #endedAt = Number.NEGATIVE_INFINITY

  /** @param at monotonic time in ms */
  noteRead(tookMs: number, at: number): void {
    this.#tookMs = Math.min(tookMs, maxTookMs)
    this.#endedAt = at
  }

  /** For so long a process may be silent, or a turn on its way, without anything being lost. */
  get patienceMs(): number {
    return this.#tookMs * patienceFactor
  }

  /** Until the next read may begin; 0: at once. */
  restMs(now: number): number {
    return Math.max(0, this.#endedAt + this.#tookMs * restFactor - now)
  }
}
