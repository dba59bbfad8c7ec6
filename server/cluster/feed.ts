import type { Fact } from '../facts.ts'

/*
 * Puts the facts of all processes into the order of the commits. Invariants:
 *
 * 1. The entries of a stream are applied as 1, 2, 3…, each once, whichever process committed them and in whatever order
 *    they arrive.
 * 2. The facts that an operation told together are applied together: membership changes with the entry that says so.
 * 3. Between two operations that wrote to the same streams the order is the same in all of them, since each holds the rows
 *    of its streams until its commit. So no two wait for each other here.
 */

interface Held {
  facts: readonly Fact[]
  since: number
}

type Place = 'next' | 'early' | 'old'

export class Feed {
  readonly #apply: (facts: readonly Fact[]) => void
  /** The seq of the last entry that was applied, by stream. */
  readonly #positions = new Map<string, number>()
  #held: Held[] = []
  #isPaused = true
  /** How often something had to wait for what comes before it. */
  holds = 0

  constructor(apply: (facts: readonly Fact[]) => void) {
    this.#apply = apply
  }

  /** Applies facts when it is their turn: at once, if nothing before them is missing. */
  accept(facts: readonly Fact[]): void {
    if (!this.#isPaused && this.#held.length === 0 && this.#placeOf(facts) === 'next') {
      this.#take(facts)
      return
    }
    this.#held.push({ facts, since: performance.now() })
    this.#applyHeld()
    if (!this.#isPaused && this.#held.at(-1)?.facts === facts) this.holds += 1
  }

  /** Holds everything until `goOn`. */
  pause(): void {
    this.#isPaused = true
  }

  /**
   * Takes over these heads, which were read together with the memory of the hub. Returns the streams of which entries
   * were passed over.
   */
  moveTo(heads: ReadonlyMap<string, number>): ReadonlySet<string> {
    const moved = new Set<string>()
    for (const [stream, head] of heads) {
      if (head <= (this.#positions.get(stream) ?? 0)) continue
      this.#positions.set(stream, head)
      moved.add(stream)
    }
    return moved
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  goOn(): void {
    this.#isPaused = false
    this.#applyHeld()
  }

  get heldNow(): number {
    return this.#held.length
  }

  positionOf(stream: string): number {
    return this.#positions.get(stream) ?? 0
  }

  /** True if something waits longer than this for what comes before it. */
  isStuck(ms: number): boolean {
    const [oldest] = this.#held
    return !this.#isPaused && oldest !== undefined && performance.now() - oldest.since > ms
  }

  #applyHeld(): void {
    if (this.#isPaused) return
    for (let hasMoved = true; hasMoved;) {
      hasMoved = false
      const held = this.#held
      this.#held = []
      for (const one of held) {
        const place = this.#placeOf(one.facts)
        if (place === 'next') this.#take(one.facts)
        if (place === 'early') this.#held.push(one)
        else hasMoved = true
      }
      hasMoved &&= this.#held.length > 0
    }
  }

  #take(facts: readonly Fact[]): void {
    for (const fact of facts) if (fact.f === 'entry') this.#positions.set(fact.entry.stream, fact.entry.seq)
    this.#apply(facts)
  }

  /** The facts of one operation are all within a snapshot or all beyond it, so the first entry decides. */
  #placeOf(facts: readonly Fact[]): Place {
    const seen = new Set<string>()
    for (const fact of facts) {
      if (fact.f !== 'entry' || seen.has(fact.entry.stream)) continue
      const { stream, seq } = fact.entry
      seen.add(stream)
      const position = this.positionOf(stream)
      if (seq <= position) return 'old'
      if (seq > position + 1) return 'early'
    }
    return 'next'
  }
}
