import type { TimerName } from '../continuity/rule-types.ts'

const delaysMs: Record<TimerName, number> = {
  silence: 750,
  askAgain: 1_000,
  sealAgain: 1_000,
  hubSilent: 10_000,
  lookOver: 2_000,
}

/** The timers of the rules, by name: setting one again begins it again. No rule depends on how long one takes. */
export class RuleTimers {
  readonly #timers = new Map<TimerName, ReturnType<typeof setTimeout>>()
  readonly #onTimer: (name: TimerName) => void

  constructor(onTimer: (name: TimerName) => void) {
    this.#onTimer = onTimer
  }

  set(name: TimerName): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name)
        this.#onTimer(name)
      }, delaysMs[name]),
    )
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
