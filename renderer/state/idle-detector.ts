import type { Presence } from '../../shared/contract/values.ts'
import { Timer } from '../connection/timer.ts'
import type { Platform } from '../connection/platform.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'

const idleAfterMs = 5 * 60_000

/** Says if the user is at this window: idle after five minutes without a key or the pointer, and while it is hidden. */
export class IdleDetector {
  readonly #window: Platform['window']
  readonly #state = signal<Presence>('active')
  readonly #idleTimer: Timer
  readonly #unsubscribes: (() => void)[]
  readonly state: ReadonlySignal<Presence> = this.#state

  constructor({ window, clock }: Pick<Platform, 'window' | 'clock'>) {
    this.#window = window
    this.#idleTimer = new Timer(clock)
    this.#unsubscribes = [
      window.onActivity(() => this.#updateState()),
      window.onAttention(() => this.#updateState()),
    ]
    this.#updateState()
  }

  close(): void {
    this.#idleTimer.clear()
    for (const off of this.#unsubscribes) off()
  }

  #updateState(): void {
    this.#idleTimer.clear()
    if (!this.#window.isVisible()) {
      this.#state.value = 'idle'
      return
    }
    this.#state.value = 'active'
    this.#idleTimer.set(idleAfterMs, () => (this.#state.value = 'idle'))
  }
}
