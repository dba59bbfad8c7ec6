/** The one door to the signal library: stores and elements import signals from here, so that it can be exchanged. */
import { batch, computed, effect, signal, untracked } from '@preact/signals-core'
import type { ReadonlySignal, Signal } from '@preact/signals-core'
import type { LitElement } from 'lit'

export { batch, computed, effect, signal, untracked }
export type { ReadonlySignal, Signal }

// A mixin's constructor must take any arguments: TypeScript asks for exactly this shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Constructor<T> = abstract new (...args: any[]) => T

/**
 * An element that draws itself again when a signal changes that it read while drawing:
 * `class HbChatList extends SignalWatcher(LitElement)`.
 */
export function SignalWatcher<T extends Constructor<LitElement>>(base: T) {
  abstract class Watching extends base {
    #stop: (() => void) | undefined

    override performUpdate(): void {
      if (!this.isUpdatePending) return
      this.#stop?.()
      let drawing = true
      this.#stop = effect(() => {
        if (drawing) {
          drawing = false
          super.performUpdate()
        } else {
          this.requestUpdate()
        }
      })
    }

    override connectedCallback(): void {
      super.connectedCallback()
      // What changed while it was away went unseen, since nothing is watched then.
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
