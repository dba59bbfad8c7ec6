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
  readonly #onError: (error: unknown) => void

  /** @param onError a full disk ends no hub: what failed is tried again after the same time */
  constructor(onTimer: (name: TimerName) => void, onError: (error: unknown) => void) {
    this.#onTimer = onTimer
    this.#onError = onError
  }

  set(name: TimerName): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name)
        try {
          this.#onTimer(name)
        } catch (error) {
          this.#onError(error)
          this.set(name)
        }
      }, delaysMs[name]),
    )
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
