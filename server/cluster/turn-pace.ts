/*
 * Decides how long a turn gathers notices before it leaves. Each turn wakes every process, which costs them more than what is
 * in it: so the more turns there are on the bus, the longer each process gathers, as network cards moderate their
 * interrupts. Invariants:
 *
 * 1. A turn leaves at once if none has been on the bus a moment ago.
 * 2. No turn waits longer than `maxGatherMs`.
 * 3. All processes count from the last turn on the bus. So their turns leave together, and one waking serves several.
 */

const minGatherMs = 3
const maxGatherMs = 15
/** Up to this rate the turns cost each process less than a hundredth of a core. */
const calmTurnsPerSecond = 100
const gatherMsPerTurnPerSecond = 0.1
/** Of the average of the rate. */
const memoryMs = 100

export class TurnPace {
  #turnsPerSecond = 0
  /** Of the last turn that this process has sent. */
  #sentAt = Number.NEGATIVE_INFINITY
  /** Of the last turn on the bus. */
  #lastAt = Number.NEGATIVE_INFINITY

  /** This process sends a turn. */
  noteSent(now: number): void {
    this.#sentAt = now
    this.#note(now)
  }

  /** A turn of another process has come. */
  noteHeard(now: number): void {
    this.#note(now)
  }

  /** How long a turn that begins now gathers, in ms; 0 if it leaves at once. */
  waitMs(now: number): number {
    return Math.max(0, this.#lastAt + this.#gatherMs(now) - now)
  }

  /** True if the turn that waits leaves with the one that has just come, which has woken the others anyway. */
  mayJoin(now: number): boolean {
    return now - this.#sentAt >= this.#gatherMs(now) / 2
  }

  #gatherMs(now: number): number {
    const above = this.#rateAt(now) - calmTurnsPerSecond
    return Math.min(maxGatherMs, Math.max(minGatherMs, above * gatherMsPerTurnPerSecond))
  }

  #note(now: number): void {
    this.#turnsPerSecond = this.#rateAt(now) + 1_000 / memoryMs
    this.#lastAt = now
  }

  #rateAt(now: number): number {
    return this.#turnsPerSecond * Math.exp(Math.min(0, this.#lastAt - now) / memoryMs)
  }
}
