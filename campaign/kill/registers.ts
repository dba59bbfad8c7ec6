/*
 * What a client knows of what it wrote. Each register has one writer at a time. An acknowledged value is the only one that
 * may be there after a kill. A write without an answer leaves both possibilities, until the disk says which it is. What
 * only one computer holds (`held`) may give way to what was there before, if a standby without it becomes the hub.
 */

interface Held {
  /** Two computers have it once they have everything up to here. */
  upTo: number
  before: Set<string>
}

export class Registers {
  readonly #allowed = new Map<string, Set<string>>()
  readonly #held = new Map<string, Held>()
  /** Registers that were written since they were last compared with the disk. */
  readonly #touched = new Set<string>()

  /** Before the request leaves. @param before the value of a register that was not written yet */
  begin(key: string, value: string, before: string): void {
    const allowed = this.#allowed.get(key) ?? new Set([before])
    allowed.add(value)
    this.#allowed.set(key, allowed)
    this.#touched.add(key)
  }

  /** @param held that of the response: only one computer has this yet */
  acknowledge(key: string, value: string, held?: number): void {
    if (held === undefined) this.#held.delete(key)
    else {
      const before = new Set([...(this.#held.get(key)?.before ?? []), ...(this.#allowed.get(key) ?? [])])
      this.#held.set(key, { upTo: held, before })
    }
    this.#allowed.set(key, new Set([value]))
    this.#touched.add(key)
  }

  /** Two computers have everything up to here. */
  safe(upTo: number): void {
    for (const [key, held] of this.#held) if (held.upTo <= upTo) this.#held.delete(key)
  }

  /** Nothing is known about this register any more. */
  forget(key: string): void {
    this.#allowed.delete(key)
    this.#held.delete(key)
    this.#touched.delete(key)
  }

  get touched(): readonly string[] {
    return [...this.#touched]
  }

  keys(): IterableIterator<string> {
    return this.#allowed.keys()
  }

  /** The value that the disk has shown last. */
  valueOf(key: string): string | undefined {
    return [...(this.#allowed.get(key) ?? [])].at(-1)
  }

  /** All values that it may have. */
  valuesOf(key: string): readonly string[] {
    return [...(this.#allowed.get(key) ?? [])]
  }

  /** Compares a register with the disk. From then on only that value may be there. Returns a problem, or undefined. */
  settle(key: string, actual: string): string | undefined {
    const allowed = this.#allowed.get(key) ?? new Set()
    this.#touched.delete(key)
    this.#held.delete(key)
    this.#allowed.set(key, new Set([actual]))
    if (allowed.has(actual)) return undefined
    return `${key} is ${JSON.stringify(actual)}, expected ${[...allowed].map((one) => JSON.stringify(one)).join(' or ')}`
  }

  /** Whether the hub may have this value because a standby without the held ones has become it. */
  mayHaveLost(key: string, actual: string): boolean {
    const allowed = this.#allowed.get(key)
    return allowed?.has(actual) !== true && this.#held.get(key)?.before.has(actual) === true
  }

  toJson(): [string, string[]][] {
    return [...this.#allowed].map(([key, values]) => [key, [...values]])
  }

  restore(saved: readonly [string, string[]][]): void {
    for (const [key, values] of saved) this.#allowed.set(key, new Set(values))
  }
}
