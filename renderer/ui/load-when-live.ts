import type { LitElement, ReactiveController } from 'lit'
import type { ReadonlySignal } from '../signals/signal.ts'
import { errorCode, errorMessage } from './error-message.ts'

/** An element that watches signals while it draws. */
interface Host extends LitElement {
  hub: { connectionState: ReadonlySignal<string> }
  /** Why the content may be out of date. */
  problem: string
}

/** Loads the content of an element when it appears, and again once the hub is back after a request without a response. */
export class LoadWhenLive implements ReactiveController {
  readonly #host: Host
  readonly #load: () => Promise<void>
  #hasBegun = false
  #isDue = false
  /** Of loading; a form shows its own there. */
  #problem = ''

  constructor(host: Host, load: () => Promise<void>) {
    this.#host = host
    this.#load = load
    host.addController(this)
  }

  hostUpdate(): void {
    const isLive = this.#host.hub.connectionState.value === 'live'
    if (this.#hasBegun && !(this.#isDue && isLive)) return
    this.#hasBegun = true
    void this.now()
  }

  /** Never rejects: a failure is shown in `problem`. */
  async now(): Promise<void> {
    this.#isDue = false
    try {
      await this.#load()
      if (this.#host.problem === this.#problem) this.#host.problem = ''
    } catch (error) {
      this.#host.problem = this.#problem = errorMessage(error)
      this.noteFailure(error)
    }
  }

  /** For a request that may have changed the content although it had no response. */
  noteFailure(error: unknown): void {
    if (errorCode(error) !== 'offline') return
    this.#isDue = true
    this.#host.requestUpdate()
  }
}
