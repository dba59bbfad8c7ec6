import { isRequestError } from '../connection/request.ts'

/** Asks with the zone of this device. A hub whose list of zones is older gets the offset of today instead of the name. */
export async function withZone<T>(ask: (zone: string) => Promise<T>): Promise<T> {
  try {
    return await ask(new Intl.DateTimeFormat().resolvedOptions().timeZone)
  } catch (error) {
    if (!isRequestError(error) || error.field !== 'zone') throw error
    return ask(offsetText(-new Date().getTimezoneOffset()))
  }
}

/** Returns an offset from UTC as `+05:30`. */
function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
