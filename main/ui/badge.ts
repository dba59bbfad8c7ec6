import path from 'node:path'
import { app, nativeImage, type BrowserWindow } from 'electron'
import { labels } from '../text.ts'

/**
 * The unread count on the app icon, in the form each system supports. Windows shows a dot and flashes for mentions and
 * direct messages.
 */
export class Badge {
  readonly #iconsDir: string
  #mentions = 0
  #window: BrowserWindow | undefined
  #setOverlay: () => void = () => undefined

  /** `icons`: the folder with the icons. */
  constructor(icons: string) {
    this.#iconsDir = icons
  }

  update(unread: number, mentions: number, window: BrowserWindow | undefined): void {
    if (process.platform !== 'win32') {
      app.setBadgeCount(unread)
      return
    }
    const dot = unread > 0 ? nativeImage.createFromPath(path.join(this.#iconsDir, 'overlay.png')) : null
    this.#setOverlay = () => window?.setOverlayIcon(dot, unread > 0 ? labels.unread(unread) : '')
    this.#setOverlay()
    // the task bar has a new button when the window was hidden
    if (window !== this.#window) window?.on('show', () => this.#setOverlay())
    this.#window = window
    if (mentions > this.#mentions && window && !window.isFocused()) window.flashFrame(true)
    if (mentions === 0) window?.flashFrame(false)
    this.#mentions = mentions
  }
}
