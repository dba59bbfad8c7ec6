// The only window. No other module creates windows or decides what they load.
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { JsonFile } from '../json-file.ts'
import { ipcChannels } from '../ipc/channels.ts'
import { guardContents } from '../security/guards.ts'
import { readWindowState, minimumSize, defaultSize } from './window-state.ts'

export interface MainWindowOptions {
  preload: string
  state: JsonFile
  /** Returns true if closing only hides the window. */
  hidesOnClose: () => boolean
}

export class MainWindow {
  readonly #options: MainWindowOptions
  #window: BrowserWindow | undefined
  #isQuitting = false
  /** Events from before the page was ready. For state events only the latest payload is kept. */
  #queuedEvents: { name: string; payload: unknown }[] = []
  readonly #latestPayloads = new Map<string, unknown>()
  #isPageReady = false

  constructor(options: MainWindowOptions) {
    this.#options = options
  }

  /** `hidden`: creates the window without showing it until it is opened. */
  open({ hidden = false } = {}): void {
    const window = (this.#window ??= this.#createWindow())
    if (hidden) return
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
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

  markQuitting(): void {
    this.#isQuitting = true
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
      backgroundColor: backgroundColor(),
      webPreferences: {
        preload: this.#options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
      },
    })
    if (isMaximized) window.maximize()
    // the page follows by itself: Electron passes the system's theme on
    const updateBackground = (): void => window.setBackgroundColor(backgroundColor())
    nativeTheme.on('updated', updateBackground)
    window.on('closed', () => nativeTheme.off('updated', updateBackground))
    guardContents(window.webContents)
    window.webContents.on('did-start-navigation', (event) => {
      if (event.isMainFrame && !event.isSameDocument) this.#isPageReady = false
    })
    window.on('close', (event) => {
      this.#saveState(window)
      if (this.#isQuitting || !this.#options.hidesOnClose()) return
      event.preventDefault()
      window.hide()
    })
    window.on('closed', () => {
      this.#window = undefined
      this.#isPageReady = false
    })
    void window.loadURL('app://hubbub/')
    return window
  }

  #saveState(window: BrowserWindow): void {
    this.#options.state.write({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
  }
}

/** The page's own background, light or dark, so that nothing flashes on load or on resize. */
function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? '#201d1a' : '#faf8f5'
}
