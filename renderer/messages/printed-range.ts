import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { VirtualWindow } from './virtual-window.ts'

export interface PrintedRangeOptions {
  virtualWindow: VirtualWindow
  count: () => number
  scroller: () => HTMLElement
}

/** A print has all loaded messages, not only those near the viewport. Afterwards the list is where it was. */
export class PrintedRange implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #options: PrintedRangeOptions
  #before: { start: number; end: number; scrollTop: number } | undefined

  constructor(host: ReactiveControllerHost, options: PrintedRangeOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  get isPrinting(): boolean {
    return this.#before !== undefined
  }

  hostConnected(): void {
    addEventListener('beforeprint', this.#onBeforePrint)
    addEventListener('afterprint', this.#onAfterPrint)
  }

  hostDisconnected(): void {
    removeEventListener('beforeprint', this.#onBeforePrint)
    removeEventListener('afterprint', this.#onAfterPrint)
    this.#before = undefined
  }

  #onBeforePrint = (): void => {
    const { virtualWindow, count, scroller } = this.#options
    const { start, end } = virtualWindow
    this.#before = { start, end, scrollTop: scroller().scrollTop }
    virtualWindow.start = 0
    virtualWindow.end = count()
    this.#host.requestUpdate()
  }

  #onAfterPrint = (): void => {
    const before = this.#before
    if (!before) return
    const { virtualWindow, count, scroller } = this.#options
    virtualWindow.start = before.start
    virtualWindow.end = Math.min(before.end, count())
    this.#host.requestUpdate()
    void this.#host.updateComplete.then(() => {
      scroller().scrollTop = before.scrollTop
      this.#before = undefined
    })
  }
}
