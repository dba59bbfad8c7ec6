import type { Safety } from '../../shared/contract/continuity.ts'
import { signal, type ReadonlySignal } from '../signals/signal.ts'
import type { LiveHint, LiveState, Store } from './store.ts'

/** If what is written now is on one computer or on two. Of the connection: nothing of it is cached. */
export class Continuity implements Store {
  readonly #safety = signal<Safety>('none')
  readonly safety: ReadonlySignal<Safety> = this.#safety

  applyState({ safety = 'none' }: LiveState): void {
    this.#safety.value = safety
  }

  applyHint(hint: LiveHint): void {
    if (hint.t === 'places') this.#safety.value = hint.safety
  }

  /** Whether the hub is alone is not known while it cannot be reached. */
  onConnectionLost(): void {
    this.#safety.value = 'none'
  }
}
