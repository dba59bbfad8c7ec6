import { dialog, type BrowserWindow, type RenderProcessGoneDetails } from 'electron'
import type { Log } from '../ports.ts'
import { labels } from '../text.ts'

const maxReloads = 3
const reloadWindowMs = 10 * 60_000

/** Brings a page back that crashed or hangs: without that, its window stays white. */
export class PageRecovery {
  readonly #log: Log
  readonly #now: () => number
  #reloadTimes: number[] = []

  constructor(log: Log, now: () => number = Date.now) {
    this.#log = log
    this.#now = now
  }

  follow(window: BrowserWindow): void {
    const contents = window.webContents
    contents.on('render-process-gone', (_event, details) => this.#handleCrash(window, details))
    window.on('unresponsive', () => void this.#offerReload(window, labels.pageHangs))
    contents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
      if (isMainFrame) this.#log.error('the page did not load', { problem: description, code, url })
    })
  }

  #handleCrash(window: BrowserWindow, { reason, exitCode }: RenderProcessGoneDetails): void {
    this.#log.error('the page ended', { reason, exitCode })
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = this.#now()
    this.#reloadTimes = [...this.#reloadTimes.filter((at) => now - at < reloadWindowMs), now]
    if (this.#reloadTimes.length <= maxReloads) window.webContents.reload()
    else void this.#offerReload(window, labels.pageCrashes)
  }

  async #offerReload(window: BrowserWindow, message: string): Promise<void> {
    this.#log.warn('the user is asked to reload the page', { message })
    const options = {
      type: 'warning' as const,
      title: labels.app,
      message,
      detail: labels.pageReloadDetail,
      buttons: [labels.reload, labels.wait],
      defaultId: 0,
      cancelId: 1,
    }
    const { response } = await (window.isVisible()
      ? dialog.showMessageBox(window, options)
      : dialog.showMessageBox(options))
    if (response === 0 && !window.isDestroyed()) window.webContents.reload()
  }
}
