/** The only import of the signal library: stores and elements import signals from here, so that it can be exchanged. */
import { batch, computed, effect, signal, untracked } from '@preact/signals-core'
import type { ReadonlySignal, Signal } from '@preact/signals-core'
import type { LitElement } from 'lit'

export { batch, computed, effect, signal, untracked }
export type { ReadonlySignal, Signal }

// TypeScript requires that the constructor of a mixin takes any arguments.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Constructor<T> = abstract new (...args: any[]) => T

/**
 * An element that draws again when a signal changes that it read while drawing: `class HbChatList extends
 * SignalWatcher(LitElement)`.
 */
export function SignalWatcher<T extends Constructor<LitElement>>(base: T) {
  abstract class Watching extends base {
    #stop: (() => void) | undefined

    override performUpdate(): void {
      if (!this.isUpdatePending) return
      // It stops after the next one has begun: what is computed is not forgotten in between.
      const stop = this.#stop
      let drawing = true
      this.#stop = effect(() => {
        if (drawing) {
          drawing = false
          super.performUpdate()
        } else {
          this.requestUpdate()
        }
      })
      stop?.()
    }

    override connectedCallback(): void {
      super.connectedCallback()
      // Nothing is watched while the element is disconnected, so a change in that time was missed.
      this.requestUpdate()
    }

    override disconnectedCallback(): void {
      super.disconnectedCallback()
      this.#stop?.()
      this.#stop = undefined
    }
  }
  return Watching
}
