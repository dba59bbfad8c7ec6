import type { FromHub, ToHub } from '../../../shared/contract/live.ts'
import type { SocketLike } from '../../../renderer/connection/platform.ts'
import type { FakeHub } from './fake-hub.ts'

/** The page’s end of a socket to the fake hub. Frames of the hub wait here until they are delivered. */
export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  onerror: SocketLike['onerror'] = null
  isResumed = false
  /** The cable is cut: nothing arrives and neither side is notified. */
  isSilent = false
  queued: FromHub[] = []
  readonly #hub: FakeHub
  #isOpen = true
  #isDeliveryScheduled = false

  constructor(hub: FakeHub) {
    this.#hub = hub
  }

  send(data: string): void {
    if (!this.#isOpen || this.isSilent) return
    for (const message of JSON.parse(data) as ToHub[]) this.#hub.handleMessage(this, message)
  }

  close(): void {
    this.#isOpen = false
    this.#hub.sockets.delete(this)
  }

  enqueue(message: FromHub): void {
    if (!this.#isOpen || this.isSilent) return
    // A copy, because the hub may change the message before it arrives.
    this.queued.push(structuredClone(message))
    if (!this.#hub.isDelivering || this.#isDeliveryScheduled) return
    this.#isDeliveryScheduled = true
    queueMicrotask(() => {
      this.#isDeliveryScheduled = false
      if (this.#hub.isDelivering) this.deliver()
    })
  }

  /** Delivers the waiting messages as one frame. `change` may drop, repeat or reorder them. */
  deliver(change: (messages: FromHub[]) => FromHub[] = (messages) => messages): void {
    const waiting = this.queued
    this.queued = []
    const messages = change(waiting)
    if (this.#isOpen && messages.length > 0) this.onmessage?.({ data: JSON.stringify(messages) })
  }

  closeByHub(code: number): void {
    if (!this.#isOpen) return
    this.deliver()
    this.close()
    this.onclose?.({ code })
  }
}
