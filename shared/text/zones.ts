// Days of a time zone. Node and the browsers know the rules of the zones but only answer in one direction, from a moment
// to the local time; the other direction searches. A day of a change of the clocks has 23 or 25 hours, some begin at
// one o'clock, and a zone may skip a whole day.

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

const firstYear = Date.parse('0001-01-02T00:00Z')

/** A calendar day: `month` is 1 to 12. */
export interface CalendarDay {
  year: number
  month: number
  day: number
}

/** Returns true for an IANA name such as `Europe/Berlin`, or an offset such as `+05:30`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The calendar of one time zone; without a zone that of this computer. */
export class ZoneCalendar {
  readonly #format: Intl.DateTimeFormat

  /** @throws RangeError for an unknown zone, see `isTimeZone` */
  constructor(zone?: string) {
    this.#format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** Returns the calendar day of a moment. */
  dayAt(at: number): CalendarDay {
    const local = new Date(this.#localTime(at))
    return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() }
  }

  /** Returns the first moment of a day in milliseconds since 1970. Days and months beyond the end count on. */
  startOf({ year, month, day }: CalendarDay): number {
    const midnight = utcTime(year, month, day)
    // the offsets around it: no zone changes its clocks twice within two days
    const candidates = [midnight - dayMs, midnight + dayMs]
      .map((at) => midnight - (this.#localTime(at) - at))
      .sort((a, b) => a - b)
    const exact = candidates.find((at) => this.#localTime(at) === midnight)
    if (exact !== undefined) return exact
    // the clocks are set forward over midnight: the day begins with the first moment after that
    let [before = 0, after = 0] = candidates
    before -= 1
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.#localTime(middle) < midnight) before = middle
      else after = middle
    }
    return after
  }

  /** Returns the local time of a moment, as if it was UTC. */
  #localTime(at: number): number {
    // the formatter counts the years before Christ backwards
    if (at < firstYear) return at
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
    for (const { type, value } of this.#format.formatToParts(at)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return utcTime(year, month, day) + hour * hourMs + minute * 60_000 + second * 1000 + modulo(at, 1000)
  }
}

/** Date.UTC reads the years 0 to 99 as those of the 20th century. */
function utcTime(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day)
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
