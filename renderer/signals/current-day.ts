import { signal, type Signal } from './signal.ts'

/** Also finds a day that began while the computer slept, and another time zone. */
const checkIntervalMs = 20_000

let today: Signal<number> | undefined

/** The time now. Whatever is drawn with it is drawn again when another day begins. */
export function nowWatchingDay(): number {
  today ??= watchDay()
  void today.value
  return Date.now()
}

function watchDay(): Signal<number> {
  const day = signal(startOfToday())
  const check = (): void => void (day.value = startOfToday())
  setInterval(check, checkIntervalMs)
  addEventListener('focus', check)
  document.addEventListener('visibilitychange', check)
  return day
}

function startOfToday(): number {
  return new Date().setHours(0, 0, 0, 0)
}
