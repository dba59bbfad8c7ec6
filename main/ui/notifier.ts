import { Notification } from 'electron'
import type { DesktopNotification } from '../../shared/desktop.ts'

export interface NotifierOptions {
  playsSounds: () => boolean
  onClick: (notice: DesktopNotification) => void
}

/** System notifications by key. A newer one replaces the previous one, and a read one is cleared. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #shown = new Map<string, Notification>()

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** Returns true if the system showed it. An unsigned app on macOS, or one without permission, gets false. */
  show(notice: DesktopNotification): Promise<boolean> {
    if (!Notification.isSupported()) return Promise.resolve(false)
    this.clear(notice.key)
    const { playsSounds: sounds, onClick: clicked } = this.#options
    const toast = new Notification({ title: notice.title, body: notice.body, silent: !sounds() })
    this.#shown.set(notice.key, toast)
    const handleClosed = (): void => {
      if (this.#shown.get(notice.key) === toast) this.#shown.delete(notice.key)
    }
    toast.on('click', () => {
      // some systems do not remove a clicked notification
      this.clear(notice.key)
      clicked(notice)
    })
    toast.on('close', handleClosed)
    return new Promise((resolve) => {
      toast.on('show', () => resolve(true))
      toast.on('failed', () => {
        handleClosed()
        resolve(false)
      })
      toast.show()
    })
  }

  clear(key: string): void {
    const toast = this.#shown.get(key)
    this.#shown.delete(key)
    toast?.close()
  }

  clearAll(): void {
    for (const key of [...this.#shown.keys()]) this.clear(key)
  }
}
