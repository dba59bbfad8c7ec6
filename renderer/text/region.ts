// The user's region: it decides how times and days are written, although the page is in English. A browser tells it by
// its languages only, the desktop app knows the system's own.

/** What this computer tells about its user. */
export interface RegionHints {
  /** As in `navigator.languages`: the preferred one first. */
  languages: readonly string[]
  /** The zone of the clock, such as `Europe/Vienna`. */
  zone?: string | undefined
  /** As set in the system, such as `AT`. The page of a browser does not learn it. */
  systemRegion?: string | undefined
}

/** Some browsers lack these. */
interface LocaleFacts {
  getWeekInfo?: () => { firstDay: number }
  weekInfo?: { firstDay: number }
  getTimeZones?: () => string[] | undefined
}

/**
 * The locale for times and days: English words, with the clock and the order of day and month of the user's region.
 *
 * The first language names the region. English is what many browsers come with: if it is English of a region where the
 * clock is not, the first other language counts instead.
 */
export function dateLocaleFor({ languages, zone, systemRegion }: RegionHints): string {
  const region = validRegion(systemRegion) ?? regionOfLanguages(languages.flatMap(localeOf), zone)
  return englishOf(region ?? 'GB')
}

/** The day that a week begins with: 1 for Monday to 7 for Sunday. Monday if the browser does not know. */
export function firstDayOfWeekIn(locale: string): number {
  const info: Intl.Locale & LocaleFacts = new Intl.Locale(locale)
  return (info.getWeekInfo?.() ?? info.weekInfo)?.firstDay ?? 1
}

/** For example `AT`. Undefined for anything else, such as the `419` of Latin America, which has no clock of its own. */
function validRegion(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Z]{2}$/i.test(text) ? text.toUpperCase() : undefined
}

function regionOfLanguages(languages: readonly Intl.Locale[], zone: string | undefined): string | undefined {
  const [first] = languages
  if (!first) return undefined
  const others = languages.filter(({ language }) => language !== 'en')
  const isElsewhere = first.language === 'en' && isOutside(regionOf(first), zone)
  const chosen = isElsewhere
    ? (others.find((one) => !isOutside(regionOf(one), zone)) ?? others[0] ?? first)
    : first
  return regionOf(chosen)
}

/** Its own, or the one where most people speak it. */
function regionOf(locale: Intl.Locale): string | undefined {
  return validRegion(locale.region ?? locale.maximize().region)
}

/** False unless the browser knows the zones of the region. */
function isOutside(region: string | undefined, zone: string | undefined): boolean {
  if (region === undefined || zone === undefined) return false
  const locale: Intl.Locale & LocaleFacts = new Intl.Locale(`und-${region}`)
  const zones = locale.getTimeZones?.()
  return zones !== undefined && !zones.some((one) => canonicalZone(one) === canonicalZone(zone))
}

/** One zone has several names: `Asia/Kolkata` and `Asia/Calcutta`. */
function canonicalZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return zone
  }
}

/**
 * English as it is written in a region. Browsers have it for some regions only and use that of the United States for all
 * others: for those, the region's own language says which clock and which order its people use.
 */
function englishOf(region: string): string {
  const english = `en-${region}`
  if (new Intl.DateTimeFormat(english).resolvedOptions().locale === english) return english
  const own = new Intl.Locale(`und-${region}`).maximize().toString()
  const { hourCycle = 'h23' } = new Intl.DateTimeFormat(own, { hour: 'numeric' }).resolvedOptions()
  const parts = new Intl.DateTimeFormat(own, { day: 'numeric', month: 'short' }).formatToParts(0)
  const isDayFirst =
    parts.findIndex(({ type }) => type === 'day') < parts.findIndex(({ type }) => type === 'month')
  // The region follows, for the first day of the week.
  return `${isDayFirst ? 'en-GB' : 'en-US'}-u-hc-${hourCycle}-rg-${region.toLowerCase()}zzzz`
}

function localeOf(tag: string): Intl.Locale[] {
  try {
    return [new Intl.Locale(tag)]
  } catch {
    return []
  }
}
