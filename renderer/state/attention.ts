import type { Presence } from '../../shared/contract/values.ts'
import { Alarm } from '../link/alarm.ts'
import type { Surroundings } from '../link/surroundings.ts'
import { signal, type ReadonlySignal } from './signal.ts'

const idleAfter = 5 * 60_000

/** Whether somebody sits at this window: idle after five minutes without a key or the pointer, and while it is hidden. */
export class Attention {
  readonly #window: Surroundings['window']
  readonly #state = signal<Presence>('active')
  readonly #idle: Alarm
  readonly #offs: (() => void)[]
  readonly state: ReadonlySignal<Presence> = this.#state

  constructor({ window, clock }: Pick<Surroundings, 'window' | 'clock'>) {
    this.#window = window
    this.#idle = new Alarm(clock)
    this.#offs = [window.onActivity(() => this.#look()), window.onAttention(() => this.#look())]
    this.#look()
  }

  close(): void {
    this.#idle.clear()
    for (const off of this.#offs) off()
  }

  #look(): void {
    this.#idle.clear()
    if (!this.#window.isVisible()) {
      this.#state.value = 'idle'
      return
    }
    this.#state.value = 'active'
    this.#idle.set(idleAfter, () => (this.#state.value = 'idle'))
  }
}
