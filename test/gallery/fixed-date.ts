// The time of the gallery: imported first, so that no module reads another.

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
