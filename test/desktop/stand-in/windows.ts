// A window is a page of a real Chromium. Properties of the window itself (its size, whether it is shown) are stored and
// recorded: there is no screen.
import { EventEmitter } from 'node:events'
import { recordCall } from './call-recorder.ts'
import { state } from './state.ts'
import { WebContents } from './web-contents.ts'

interface WebPreferences extends Record<string, unknown> {
  preload?: string
  additionalArguments?: string[]
}

export interface WindowOptions extends Record<string, unknown> {
  width?: number
  height?: number
  x?: number
  y?: number
  show?: boolean
  title?: string
  webPreferences?: WebPreferences
}

const requiredPreferences: Record<string, boolean> = {
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
}

function assertSecurePreferences(preferences: WebPreferences = {}): void {
  for (const [name, required] of Object.entries(requiredPreferences)) {
    if (preferences[name] !== undefined && preferences[name] !== required) {
      throw new Error(`an insecure window: webPreferences.${name} is ${JSON.stringify(preferences[name])}`)
    }
  }
  if (preferences['enableBlinkFeatures']) throw new Error('an insecure window: enableBlinkFeatures')
}

let lastId = 0
const openWindows = new Set<BrowserWindow>()
/** Windows that are closed, but whose page still exists. */
const closingPages = new Set<Promise<unknown>>()

/** A window without a page. */
export class BaseWindow extends EventEmitter {
  #isDestroyed = false

  constructor(options: { show?: boolean } = {}) {
    super()
    recordCall('BaseWindow', options)
    BaseWindow.all.push(this)
  }

  /** Specs end the session of the user through them. */
  static readonly all: BaseWindow[] = []
  isDestroyed = (): boolean => this.#isDestroyed
  destroy = (): void => {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.emit('closed')
  }
}

export class BrowserWindow extends EventEmitter {
  readonly id = ++lastId
  readonly webContents: WebContents
  #bounds: { x: number; y: number; width: number; height: number }
  #title: string
  #isVisible: boolean
  #isFocused = false
  #isMaximized = false
  #isMinimized = false
  #isFullScreen = false
  #isDestroyed = false

  constructor(options: WindowOptions = {}) {
    super()
    if (!state.isReady) throw new Error('Cannot create BrowserWindow before app is ready')
    assertSecurePreferences(options.webPreferences)
    const { x = 0, y = 0, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    this.#title = options.title ?? ''
    this.#isVisible = options.show ?? true
    recordCall('BrowserWindow', { ...options, webPreferences: { ...options.webPreferences, preload: '…' } })
    this.webContents = new WebContents(this.id, options)
    this.webContents.once('ready', () => this.emit('ready-to-show'))
    openWindows.add(this)
  }

  static getAllWindows = (): BrowserWindow[] => [...openWindows]
  /** The app ends after its pages, as in Electron: what they write on unload is saved. */
  static waitUntilAllClosed = async (): Promise<void> => {
    await Promise.all(closingPages)
  }
  static getFocusedWindow = (): BrowserWindow | null =>
    [...openWindows].find((one) => one.isFocused()) ?? null
  static fromWebContents = (contents: WebContents): BrowserWindow | null =>
    [...openWindows].find((one) => one.webContents === contents) ?? null

  loadURL = (url: string): Promise<void> => this.webContents.loadURL(url)
  show = (): void => {
    recordCall('window.show')
    this.showInactive()
    this.focus()
  }
  showInactive = (): void => {
    if (this.#isVisible) return
    this.#isVisible = true
    this.#tellPage()
    this.emit('show')
  }
  hide = (): void => {
    recordCall('window.hide')
    if (!this.#isVisible) return
    this.#isVisible = false
    this.#tellPage()
    this.blur()
    this.emit('hide')
  }
  focus = (): void => {
    recordCall('window.focus')
    if (this.#isFocused || !this.#isVisible) return
    this.#isFocused = true
    this.#tellPage()
    this.emit('focus')
  }
  blur = (): void => {
    if (!this.#isFocused) return
    this.#isFocused = false
    this.#tellPage()
    this.emit('blur')
  }
  #tellPage(): void {
    this.webContents.setWindowState({
      isVisible: this.#isVisible && !this.#isMinimized,
      isFocused: this.#isFocused,
    })
  }
  isVisible = (): boolean => this.#isVisible
  isFocused = (): boolean => this.#isFocused
  maximize = (): void => {
    recordCall('window.maximize')
    this.#isMaximized = true
    this.emit('maximize')
    // "This will also show (but not focus) the window if it isn't being displayed already"
    this.showInactive()
  }
  unmaximize = (): void => {
    this.#isMaximized = false
    this.emit('unmaximize')
  }
  isMaximized = (): boolean => this.#isMaximized
  minimize = (): void => {
    this.#isMinimized = true
    this.#tellPage()
    this.emit('minimize')
  }
  restore = (): void => {
    this.#isMinimized = false
    this.#tellPage()
    this.emit('restore')
  }
  isMinimized = (): boolean => this.#isMinimized
  isFullScreen = (): boolean => this.#isFullScreen
  setFullScreen = (on: boolean): void => {
    recordCall('window.setFullScreen', on)
    this.#isFullScreen = on
    // the system moves the window first
    setImmediate(() => this.emit(on ? 'enter-full-screen' : 'leave-full-screen'))
  }
  getBounds = () => ({ ...this.#bounds })
  getNormalBounds = () => ({ ...this.#bounds })
  setBounds = (bounds: Partial<{ x: number; y: number; width: number; height: number }>): void => {
    this.#bounds = { ...this.#bounds, ...bounds }
    this.emit('resize')
  }
  setTitle = (title: string): void => void (this.#title = title)
  getTitle = (): string => this.#title
  flashFrame = (on: boolean): void => recordCall('window.flashFrame', on)
  setOverlayIcon = (icon: unknown, text: string): void =>
    recordCall('window.setOverlayIcon', icon === null ? null : 'icon', text)
  setProgressBar = (value: number): void => recordCall('window.setProgressBar', value)
  setBackgroundColor = (color: string): void => recordCall('window.setBackgroundColor', color)
  removeMenu = (): void => undefined
  setMenuBarVisibility = (on: boolean): void => recordCall('window.setMenuBarVisibility', on)
  setAutoHideMenuBar = (on: boolean): void => recordCall('window.setAutoHideMenuBar', on)
  setSkipTaskbar = (on: boolean): void => recordCall('window.setSkipTaskbar', on)
  isDestroyed = (): boolean => this.#isDestroyed

  close = (): void => {
    if (this.#isDestroyed) return
    let isPrevented = false
    this.emit('close', { preventDefault: () => (isPrevented = true) })
    if (isPrevented) return listeners.closeCancelled()
    // the window is there until its page has agreed
    const answered = this.webContents.closeUnlessPrevented().then(
      (isGone) => (isGone ? this.#markClosed() : listeners.closeCancelled()),
      () => this.#markClosed(),
    )
    trackClosing(answered)
  }

  /** Without asking main or the page. */
  destroy = (): void => {
    if (this.#isDestroyed) return
    trackClosing(this.webContents.closeTarget().catch(() => undefined))
    this.#markClosed()
  }

  #markClosed(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    openWindows.delete(this)
    this.emit('closed')
    if (openWindows.size === 0) listeners.allClosed()
  }
}

function trackClosing(gone: Promise<unknown>): void {
  closingPages.add(gone)
  void gone.finally(() => closingPages.delete(gone))
}

/** Set by the app, which ends when its last window does. */
export const listeners = { allClosed: (): void => undefined, closeCancelled: (): void => undefined }
