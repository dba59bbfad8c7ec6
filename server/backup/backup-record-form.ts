/* What `backups.json` must look like to be believed. A newer release may have written more members. */

type Members = Readonly<Record<string, unknown>>

/** The last one that a date can have, in ms. */
const maxTime = 8_640_000_000_000_000
const problemKinds: readonly unknown[] = ['away', 'taken', 'full', 'failed']
const timePattern = /^([01]\d|2[0-3]):[0-5]\d$/
/** As in the contract: what the owner can choose. */
const keepRanges = { days: [1, 90], weeks: [0, 104], months: [0, 120] } as const

/** True if it is a BackupRecord. */
export function isBackupRecord(value: unknown): boolean {
  if (!isObject(value)) return false
  const { format, writer, isOn, time, keep, places, rehearsal } = value
  return (
    format === 1 &&
    isText(writer) &&
    typeof isOn === 'boolean' &&
    isText(time) &&
    timePattern.test(time) &&
    isKeepRule(keep) &&
    Array.isArray(places) &&
    places.every(isPlaceRecord) &&
    (rehearsal === undefined || isRehearsal(rehearsal))
  )
}

function isKeepRule(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(keepRanges).every(([name, [min, max]]) => isWhole(value[name], min, max))
  )
}

function isPlaceRecord(value: unknown): boolean {
  if (!isObject(value)) return false
  const { path, isKnown, problem, ...times } = value
  return (
    isText(path) &&
    typeof isKnown === 'boolean' &&
    (problem === undefined || isProblem(problem)) &&
    ['at', 'triedAt', 'elsewhereAt', 'lost'].every((name) => isOptionalNumber(times[name]))
  )
}

function isProblem(value: unknown): boolean {
  return isObject(value) && problemKinds.includes(value['kind']) && typeof value['message'] === 'string'
}

function isRehearsal(value: unknown): boolean {
  if (!isObject(value)) return false
  const { at, messages, ms, problem } = value
  const isSound = isNumber(at) && isOptionalNumber(messages) && isOptionalNumber(ms)
  return isSound && (problem === undefined || typeof problem === 'string')
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || isNumber(value)
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value) && Math.abs(value as number) <= maxTime
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}
