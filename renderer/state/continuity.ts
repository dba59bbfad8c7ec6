import type { Safety } from '../../shared/contract/continuity.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import type { LiveHint, LiveState, Store } from './store.ts'

/** If what is written now is on one computer or on two. Of the connection: nothing of it is cached. */
export class Continuity implements Store {
  readonly #safety = signal<Safety>('none')
  readonly safety: ReadonlySignal<Safety> = this.#safety
  readonly #changes = signal(0)
  /** Counts what the hub has told about its computers: an owner may ask for more then. */
  readonly changes: ReadonlySignal<number> = this.#changes

  applyState({ safety = 'none' }: LiveState): void {
    this.#safety.value = safety
    this.#changes.value += 1
  }

  applyHint(hint: LiveHint): void {
    if (hint.t !== 'places') return
    this.#safety.value = hint.safety
    this.#changes.value += 1
  }

  /** Whether the hub is alone is not known while it cannot be reached. */
  onConnectionLost(): void {
    this.#safety.value = 'none'
  }
}
