// The only window. No other module creates windows or decides what they load.
import { app, BaseWindow, BrowserWindow, nativeTheme, screen } from 'electron'
import type { JsonFile } from '../json-file.ts'
import { ipcChannels, regionArgument } from '../ipc/channels.ts'
import { guardContents } from '../security/guards.ts'
import type { Log } from '../ports.ts'
import { confirmLeave } from './leave-dialog.ts'
import { PageRecovery } from './page-recovery.ts'
import { readWindowState, minimumSize, defaultSize } from './window-state.ts'

export interface MainWindowOptions {
  preload: string
  state: JsonFile
  log: Log
  /** The window icon, for systems that do not take it from the program. */
  icon: string | undefined
  /** Returns true if closing only hides the window. */
  hidesOnClose: () => boolean
  /** Returns true if the system is about to end: nothing is asked any more. */
  isSystemEnding: () => boolean
  /** The user stays on a page that would be lost: the app does not quit. */
  onStay: () => void
  /** The page and its requests are gone. */
  onPageGone: () => void
  /** Windows only: the session of the user may end in a moment, and no other event comes. */
  onSessionEnding: () => void
}

export class MainWindow {
  readonly #options: MainWindowOptions
  readonly #recovery: PageRecovery
  #window: BrowserWindow | undefined
  /** Detects the end of the session while there is no window. */
  #sessionListener: BaseWindow | undefined
  /** The window was maximized last time, and was not shown yet. */
  #startsMaximized = false
  #isQuitting = false
  /** Events from before the page was ready. For state events only the latest payload is kept. */
  #queuedEvents: { name: string; payload: unknown }[] = []
  readonly #latestPayloads = new Map<string, unknown>()
  #isPageReady = false

  constructor(options: MainWindowOptions) {
    this.#options = options
    this.#recovery = new PageRecovery(options.log)
  }

  /**
   * Shows the window. It is created with the first call: until then a page would count as visible, and its user as
   * present.
   */
  open(): void {
    const window = (this.#window ??= this.#createWindow())
    this.#sessionListener?.destroy()
    this.#sessionListener = undefined
    if (window.isMinimized()) window.restore()
    // `maximize` shows the window too
    if (this.#startsMaximized) window.maximize()
    this.#startsMaximized = false
    // on Windows, `show` would put a snapped window back to its former place
    if (!window.isVisible()) window.show()
    window.focus()
  }

  /**
   * The app runs without a window. Windows reports the end of the session to windows only, so an invisible one without a
   * page listens.
   */
  startHidden(): void {
    if (process.platform !== 'win32') return
    this.#sessionListener = new BaseWindow({ show: false })
    this.#sessionListener.on('query-session-end', () => this.#options.onSessionEnding())
  }

  hide(): void {
    const window = this.#window
    if (!window) return
    if (process.platform !== 'darwin' || !window.isFullScreen()) return window.hide()
    // macOS would keep an empty black space
    window.once('leave-full-screen', () => window.hide())
    window.setFullScreen(false)
  }

  get isFocused(): boolean {
    return this.#window?.isFocused() ?? false
  }

  /** Returns true if the window is in front and shows this chat. */
  isChatVisible(hubId: string, chatId: string): boolean {
    const path = this.#window ? new URL(this.#window.webContents.getURL()).pathname : ''
    return this.isFocused && `${path}/`.startsWith(`/hub/${hubId}/chat/${chatId}/`)
  }

  get current(): BrowserWindow | undefined {
    return this.#window
  }

  /** The parent of a dialog. On macOS the sheet of a hidden window is invisible, and the app would wait for it. */
  get dialogParent(): BrowserWindow | undefined {
    return this.#window?.isVisible() === true ? this.#window : undefined
  }

  /** Sends an event to the page, once it is ready. */
  sendToPage(name: string, payload: unknown): void {
    if (this.#window && this.#isPageReady) this.#window.webContents.send(ipcChannels.event, name, payload)
    else if (name === 'route' || name === 'link' || name === 'command')
      this.#queuedEvents.push({ name, payload })
    // the page may have read the state already, and must learn that it is out of date
    else this.#latestPayloads.set(name, payload)
  }

  /** The page listens from now on. */
  markPageReady(): void {
    this.#isPageReady = true
    for (const [name, payload] of this.#latestPayloads) this.sendToPage(name, payload)
    this.#latestPayloads.clear()
    for (const { name, payload } of this.#queuedEvents.splice(0)) this.sendToPage(name, payload)
  }

  /** From now on a close ends the window, and does not only hide it. */
  markQuitting(): void {
    this.#isQuitting = true
  }

  /** The app does not end after all. */
  markStaying(): void {
    this.#isQuitting = false
  }

  #createWindow(): BrowserWindow {
    const { bounds, isMaximized } = readWindowState(
      this.#options.state,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    )
    const window = new BrowserWindow({
      ...defaultSize,
      ...bounds,
      minWidth: minimumSize.width,
      minHeight: minimumSize.height,
      show: false,
      title: 'Hubbub',
      autoHideMenuBar: true,
      ...(this.#options.icon === undefined ? {} : { icon: this.#options.icon }),
      backgroundColor: backgroundColor(),
      webPreferences: {
        preload: this.#options.preload,
        additionalArguments: [regionArgument + app.getLocaleCountryCode()],
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: process.platform !== 'linux',
      },
    })
    this.#startsMaximized = isMaximized
    // the page follows by itself: Electron passes the system's theme on
    const updateBackground = (): void => window.setBackgroundColor(backgroundColor())
    nativeTheme.on('updated', updateBackground)
    window.on('closed', () => nativeTheme.off('updated', updateBackground))
    guardContents(window.webContents)
    this.#followPage(window)
    this.#followEnd(window)
    void window.loadURL('app://hubbub/')
    return window
  }

  #followPage(window: BrowserWindow): void {
    const { webContents: contents } = window
    const handlePageGone = (): void => {
      this.#isPageReady = false
      this.#options.onPageGone()
    }
    contents.on('did-start-navigation', (event) => {
      if (event.isMainFrame && !event.isSameDocument) handlePageGone()
    })
    contents.on('render-process-gone', handlePageGone)
    this.#recovery.follow(window)
    contents.on('will-prevent-unload', (event) => {
      if (this.#mayLeave(window)) return event.preventDefault()
      this.#isQuitting = false
      this.#options.onStay()
    })
  }

  /** A page that wants to stay is asked about, except when the system ends. */
  #mayLeave(window: BrowserWindow): boolean {
    if (this.#options.isSystemEnding()) return true
    this.open()
    return confirmLeave(window)
  }

  #followEnd(window: BrowserWindow): void {
    window.on('close', (event) => {
      this.#saveState(window)
      if (this.#isQuitting || !this.#options.hidesOnClose()) return
      event.preventDefault()
      this.hide()
    })
    window.on('closed', () => {
      this.#window = undefined
      this.#isPageReady = false
      this.#options.onPageGone()
    })
    if (process.platform !== 'win32') return
    window.on('query-session-end', () => {
      this.#saveState(window)
      this.#options.onSessionEnding()
    })
  }

  #saveState(window: BrowserWindow): void {
    this.#options.state.writeIfPossible({
      bounds: window.getNormalBounds(),
      isMaximized: window.isMaximized(),
    })
  }
}

/** The page's own background, light or dark, so that nothing flashes on load or on resize. */
function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? '#201d1a' : '#faf8f5'
}
