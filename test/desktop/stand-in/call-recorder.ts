/** Every request of the app to the system beyond its window, in order; specs read it. */
export interface RecordedCall {
  what: string
  args: unknown[]
}

export const calls: RecordedCall[] = []

export function recordCall(what: string, ...args: unknown[]): void {
  calls.push({ what, args: args.map(toPlainValue) })
}

/** Returns a function that only records its calls. */
export function createRecorder<T = undefined>(what: string, result?: T): (...args: unknown[]) => T {
  return (...args) => {
    recordCall(what, ...args)
    return result as T
  }
}

function toPlainValue(value: unknown): unknown {
  if (typeof value === 'function') return '(function)'
  if (typeof value !== 'object' || value === null) return value
  try {
    return JSON.parse(JSON.stringify(value)) as unknown
  } catch {
    return `(${value.constructor.name})`
  }
}
