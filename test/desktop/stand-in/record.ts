/** Everything the app asks of the system beyond its window, in order: specs read it. */
export interface Call {
  what: string
  args: unknown[]
}

export const calls: Call[] = []

export function record(what: string, ...args: unknown[]): void {
  calls.push({ what, args: args.map(plain) })
}

/** A function that does nothing but be recorded. */
export function recorded<T = undefined>(what: string, answer?: T): (...args: unknown[]) => T {
  return (...args) => {
    record(what, ...args)
    return answer as T
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'function') return '(function)'
  if (typeof value !== 'object' || value === null) return value
  try {
    return JSON.parse(JSON.stringify(value)) as unknown
  } catch {
    return `(${value.constructor.name})`
  }
}
