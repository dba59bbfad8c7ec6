// The one window. No other place makes windows or says what they load.
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { JsonFile } from '../json-file.ts'
import { lines } from '../ipc/names.ts'
import { guardContents } from '../security/guards.ts'
import { readState, smallest, usual } from './window-state.ts'

export interface WindowsOptions {
  preload: string
  state: JsonFile
  /** Whether closing hides instead. */
  staysHidden: () => boolean
}

export class Windows {
  readonly #options: WindowsOptions
  #window: BrowserWindow | undefined
  #isQuitting = false
  /** What happened before there was a page to tell, and of what merely stands otherwise now the latest. */
  #untold: { name: string; payload: unknown }[] = []
  readonly #latest = new Map<string, unknown>()
  #pageIsReady = false

  constructor(options: WindowsOptions) {
    this.#options = options
  }

  /** `hidden`: it is made, but not shown until somebody asks for it. */
  open({ hidden = false } = {}): void {
    const window = (this.#window ??= this.#make())
    if (hidden) return
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  get isFocused(): boolean {
    return this.#window?.isFocused() ?? false
  }

  /** The window is in front and this chat is open in it. */
  isLookingAt(hubId: string, chatId: string): boolean {
    const path = this.#window ? new URL(this.#window.webContents.getURL()).pathname : ''
    return this.isFocused && `${path}/`.startsWith(`/hub/${hubId}/chat/${chatId}/`)
  }

  get current(): BrowserWindow | undefined {
    return this.#window
  }

  /** Tells the page, once there is one. */
  tell(name: string, payload: unknown): void {
    if (this.#window && this.#pageIsReady) this.#window.webContents.send(lines.event, name, payload)
    else if (name === 'route' || name === 'link' || name === 'command') this.#untold.push({ name, payload })
    // the page may have asked already, and not be told yet that the answer is of yesterday
    else this.#latest.set(name, payload)
  }

  /** The page listens from now on. */
  pageIsReady(): void {
    this.#pageIsReady = true
    for (const [name, payload] of this.#latest) this.tell(name, payload)
    this.#latest.clear()
    for (const { name, payload } of this.#untold.splice(0)) this.tell(name, payload)
  }

  quitting(): void {
    this.#isQuitting = true
  }

  #make(): BrowserWindow {
    const { bounds, isMaximized } = readState(
      this.#options.state,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    )
    const window = new BrowserWindow({
      ...usual,
      ...bounds,
      minWidth: smallest.width,
      minHeight: smallest.height,
      show: false,
      title: 'Hubbub',
      autoHideMenuBar: true,
      backgroundColor: paper(),
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
    // the page follows by itself: Electron tells it as any system does
    const follow = (): void => window.setBackgroundColor(paper())
    nativeTheme.on('updated', follow)
    window.on('closed', () => nativeTheme.off('updated', follow))
    guardContents(window.webContents)
    window.webContents.on('did-start-navigation', (event) => {
      if (event.isMainFrame && !event.isSameDocument) this.#pageIsReady = false
    })
    window.on('close', (event) => {
      this.#remember(window)
      if (this.#isQuitting || !this.#options.staysHidden()) return
      event.preventDefault()
      window.hide()
    })
    window.on('closed', () => {
      this.#window = undefined
      this.#pageIsReady = false
    })
    void window.loadURL('app://hubbub/')
    return window
  }

  #remember(window: BrowserWindow): void {
    this.#options.state.write({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
  }
}

/** Paper or charcoal, as the page will be: no flash between, nor while the window grows. */
function paper(): string {
  return nativeTheme.shouldUseDarkColors ? '#201d1a' : '#faf8f5'
}
