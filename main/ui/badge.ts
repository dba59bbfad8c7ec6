import path from 'node:path'
import { app, nativeImage, type BrowserWindow } from 'electron'
import { labels } from '../text.ts'

/** The count at the app's icon, as each system has it; Windows shows a dot and flashes for what is meant for me. */
export class Badge {
  readonly #iconsDir: string
  #mentions = 0

  /** `icons`: where the drawn icons are. */
  constructor(icons: string) {
    this.#iconsDir = icons
  }

  update(unread: number, mentions: number, window: BrowserWindow | undefined): void {
    if (process.platform !== 'win32') {
      app.setBadgeCount(unread)
      return
    }
    const dot = unread > 0 ? nativeImage.createFromPath(path.join(this.#iconsDir, 'overlay.png')) : null
    window?.setOverlayIcon(dot, unread > 0 ? labels.unread(unread) : '')
    if (mentions > this.#mentions && window && !window.isFocused()) window.flashFrame(true)
    if (mentions === 0) window?.flashFrame(false)
    this.#mentions = mentions
  }
}
