// Checks of values from outside: from a hub of another release, and from a cache that another release has written or a disk has
// damaged. A form says what a value must have to be used; members that it does not name are left alone.

export type Form = (value: unknown) => boolean

type RequiredNames<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T]
type OptionalNames<T> = Exclude<keyof T, RequiredNames<T>>

/** Total over the members of T: a new one does not compile until it has a form. */
export function objectOf<T>(
  required: Readonly<Record<RequiredNames<T>, Form>>,
  optional: Readonly<Record<OptionalNames<T>, Form>>,
): (value: unknown) => value is T {
  const needed = Object.entries<Form>(required)
  const possible = Object.entries<Form>(optional)
  return (value): value is T =>
    isObject(value) &&
    needed.every(([name, form]) => form(value[name])) &&
    possible.every(([name, form]) => value[name] === undefined || form(value[name]))
}

export function listOf(form: Form): Form {
  return (value) => Array.isArray(value) && value.every((item) => form(item))
}

export function recordOf(form: Form): Form {
  return (value) => isObject(value) && Object.values(value).every(form)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** An id, which is never empty. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

/** A place in a stream or a chat, or how many there are of something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The last one that a date can have, in milliseconds since 1970. */
const maxTimeMs = 8_640_000_000_000_000

export function isTime(value: unknown): value is number {
  return Number.isFinite(value) && Math.abs(value as number) <= maxTimeMs
}
