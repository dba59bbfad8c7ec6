import type { Clock } from '../../main/ports.ts'

/** A clock that the test advances. */
export function manualClock(): Clock & { pass: (ms: number) => void } {
  const timers = new Set<{ at: number; run: () => void }>()
  let now = 0
  return {
    now: () => now,
    setTimeout: (run, ms) => {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer) => void timers.delete(timer as { at: number; run: () => void }),
    pass: (ms) => {
      now += ms
      for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.run()
    },
  }
}
