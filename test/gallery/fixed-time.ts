// The time of the gallery: imported first, so that no module reads another. It does not pass.

let now = Date.now()

class FixedDate extends Date {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(now)
    else super(...(given as [number]))
  }

  static override now(): number {
    return now
  }
}

export function fixDate(at: number): void {
  now = at
  globalThis.Date = FixedDate as DateConstructor
}

/** A notice that ends after seconds stays: how long a picture takes must not change it. */
const longestDelayMs = 2_000

export function stopLongTimers(): void {
  const start = globalThis.setTimeout
  globalThis.setTimeout = ((run: () => void, delayMs = 0, ...args: unknown[]) =>
    delayMs > longestDelayMs ? 0 : start(run, delayMs, ...args)) as typeof setTimeout
}
