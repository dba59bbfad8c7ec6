import type { FromHub, ToHub } from '../../../shared/contract/live.ts'
import type { SocketLike } from '../../../renderer/link/surroundings.ts'
import type { FakeHub } from './fake-hub.ts'

/** The page's end of a socket to the fake hub. What the hub says waits here until it is delivered. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  resumed = false
  /** The cable is cut: nothing comes through and nobody is told. */
  silent = false
  waiting: FromHub[] = []
  readonly #hub: FakeHub
  #open = true
  #planned = false

  constructor(hub: FakeHub) {
    this.#hub = hub
  }

  send(data: string): void {
    if (!this.#open || this.silent) return
    for (const message of JSON.parse(data) as ToHub[]) this.#hub.hear(this, message)
  }

  close(): void {
    this.#open = false
    this.#hub.sockets.delete(this)
  }

  fromHub(message: FromHub): void {
    if (!this.#open || this.silent) return
    // A message as it is now, not as the hub may change it before it arrives.
    this.waiting.push(structuredClone(message))
    if (!this.#hub.flowing || this.#planned) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      if (this.#hub.flowing) this.deliver()
    })
  }

  /** Brings what waits to the page, as one frame; `change` may lose, double or reorder it on the way. */
  deliver(change: (messages: FromHub[]) => FromHub[] = (messages) => messages): void {
    const waiting = this.waiting
    this.waiting = []
    const messages = change(waiting)
    if (this.#open && messages.length > 0) this.onmessage?.({ data: JSON.stringify(messages) })
  }

  closeFromHub(code: number): void {
    if (!this.#open) return
    this.deliver()
    this.close()
    this.onclose?.({ code })
  }
}
