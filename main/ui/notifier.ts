import { Notification } from 'electron'
import type { DesktopNotification } from '../../shared/desktop.ts'

/** A Linux desktop without a notification server sends neither event. */
const answerTimeoutMs = 4_000

export interface NotifierOptions {
  playsSounds: () => boolean
  onClick: (notice: DesktopNotification) => void
  /** A notification of an earlier run was clicked: what it was about is not known any more. */
  onForgottenClick: () => void
}

/** System notifications by key. A newer one replaces the previous one, and a read one is cleared. */
export class Notifier {
  readonly #options: NotifierOptions
  readonly #shown = new Map<string, Notification>()

  constructor(options: NotifierOptions) {
    this.#options = options
    // Windows keeps notifications in its list when the app ends; it also calls this for those of this run
    if (process.platform === 'win32') {
      Notification.handleActivation(() => {
        if (this.#shown.size === 0) options.onForgottenClick()
      })
    }
  }

  /** Returns true if the system showed it. An unsigned app on macOS, or one without permission, gets false. */
  show(notice: DesktopNotification): Promise<boolean> {
    if (!Notification.isSupported()) return Promise.resolve(false)
    this.clear(notice.key)
    const { playsSounds: sounds, onClick: clicked } = this.#options
    const body = process.platform === 'linux' ? escapeMarkup(notice.body) : notice.body
    const toast = new Notification({ title: notice.title, body, silent: !sounds() })
    this.#shown.set(notice.key, toast)
    const handleClosed = (): void => {
      if (this.#shown.get(notice.key) === toast) this.#shown.delete(notice.key)
    }
    toast.on('click', () => {
      // some systems do not remove a clicked notification
      this.clear(notice.key)
      clicked(notice)
    })
    toast.on('close', ({ reason }) => {
      // Windows keeps these in its list: they can be clicked later, and are withdrawn once the chat is read
      if (reason !== 'timedOut' && reason !== 'applicationHidden') handleClosed()
    })
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), answerTimeoutMs)
      const settle = (isShown: boolean): void => {
        clearTimeout(timer)
        resolve(isShown)
      }
      toast.on('show', () => settle(true))
      toast.on('failed', () => {
        handleClosed()
        settle(false)
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

/** Notification servers on Linux read the body as markup, and Electron passes it on as it is. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
