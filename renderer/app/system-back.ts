/** What the browser calls a close watcher: TypeScript does not know it, and Safari does not have it. */
interface CloseWatcher extends EventTarget {
  requestClose(): void
  destroy(): void
}

declare global {
  interface Window {
    readonly CloseWatcher?: new () => CloseWatcher
  }
}

/**
 * The system's own Back, a gesture or a button of Android: it takes away what covers a chat before it leaves the chat. With a mouse
 * there is none, and there the browser would take Esc for it.
 */
export class SystemBack {
  readonly #goBack: () => void
  #watcher: CloseWatcher | undefined

  constructor(goBack: () => void) {
    this.#goBack = goBack
  }

  /** Call when something covers the chat, or does no more. */
  update(isCovered: boolean): void {
    if (isCovered === (this.#watcher !== undefined)) return
    this.#watcher?.destroy()
    this.#watcher = undefined
    if (!isCovered || !window.CloseWatcher || matchMedia('(pointer: fine)').matches) return
    const watcher = new window.CloseWatcher()
    this.#watcher = watcher
    watcher.addEventListener('close', () => {
      // One that was used is over.
      if (this.#watcher === watcher) this.#watcher = undefined
      this.#goBack()
    })
  }
}
