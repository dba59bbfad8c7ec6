import { Notification } from 'electron'
import type { DesktopNotification } from '../../shared/desktop.ts'

export interface NotifierOptions {
  playsSounds: () => boolean
  onClick: (notice: DesktopNotification) => void
}

/** The system's notifications, by key: a newer one takes the place of the one before, and what was read goes away. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #shown = new Map<string, Notification>()

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** Answers whether the system took it: an unsigned app on macOS, or one that may not, is told no. */
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
      // some systems leave it standing
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
