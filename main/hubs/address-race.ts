// Tries several addresses side by side: a dead one must not hold up the others. Each starts a moment after the one
// before, or at once when one has failed. The first success ends the rest.
import type { Clock, Timer } from '../ports.ts'

const staggerMs = 150

export interface RaceOptions<T> {
  clock: Clock
  attempt: (address: string, race: { signal: AbortSignal; add: (addresses: string[]) => void }) => Promise<T>
}

export interface RaceFailure {
  address: string
  error: unknown
}

/** `failures`: in the order of the addresses. */
export type RaceResult<T> = { address: string; value: T } | { failures: RaceFailure[] }

export function raceAddresses<T>(
  addresses: readonly string[],
  options: RaceOptions<T>,
): Promise<RaceResult<T>> {
  return new Promise((resolve) => new Race(addresses, options, resolve).start())
}

class Race<T> {
  readonly #options: RaceOptions<T>
  readonly #resolve: (result: RaceResult<T>) => void
  readonly #addresses: string[]
  readonly #failures = new Map<string, unknown>()
  readonly #abort = new AbortController()
  #startedCount = 0
  #timer: Timer
  #isOver = false

  constructor(
    addresses: readonly string[],
    options: RaceOptions<T>,
    resolve: (result: RaceResult<T>) => void,
  ) {
    this.#addresses = [...new Set(addresses)]
    this.#options = options
    this.#resolve = resolve
  }

  start(): void {
    this.#startNext()
  }

  #startNext(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    if (this.#isOver) return
    const address = this.#addresses[this.#startedCount]
    if (address === undefined) {
      if (this.#failures.size === this.#addresses.length) this.#end({ failures: this.#failuresInOrder() })
      return
    }
    this.#startedCount += 1
    void this.#run(address)
    this.#timer = clock.setTimeout(() => this.#startNext(), staggerMs)
  }

  async #run(address: string): Promise<void> {
    try {
      const value = await this.#options.attempt(address, {
        signal: this.#abort.signal,
        add: (more) => this.#addresses.push(...more.filter((one) => !this.#addresses.includes(one))),
      })
      this.#end({ address, value })
    } catch (error) {
      this.#failures.set(address, error)
      this.#startNext()
    }
  }

  #end(result: RaceResult<T>): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.clock.clearTimeout(this.#timer)
    this.#resolve(result)
    this.#abort.abort()
  }

  #failuresInOrder(): RaceFailure[] {
    return this.#addresses.flatMap((address) =>
      this.#failures.has(address) ? { address, error: this.#failures.get(address) } : [],
    )
  }
}
