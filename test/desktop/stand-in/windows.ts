// A window is a page of a real Chromium. Properties of the window itself (its size, whether it is shown) are stored and
// recorded: there is no screen.
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { CdpClient } from './cdp.ts'
import { invokeHandler, ipcMain, MessagePortMain } from './ipc.ts'
import { respondTo, fromVirtualUrl, type PausedRequest, toVirtualUrl, virtualOrigin } from './protocol.ts'
import { recordCall } from './call-recorder.ts'
import { session } from './session.ts'
import { state } from './state.ts'
import { pageSource, preloadSource } from './isolated-worlds.ts'

interface WebPreferences extends Record<string, unknown> {
  preload?: string
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
const closingPages = new Set<Promise<void>>()

export class WebContents extends EventEmitter {
  readonly id: number
  readonly session = session
  readonly mainFrame: { url: string; parent: null }
  readonly #preload: string
  readonly #target: Promise<{ cdp: CdpClient; sessionId: string; targetId: string }>
  #preloadContextId: number | undefined
  #windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  #isAppNavigation = false
  readonly #ports = new Map<number, MessagePortMain>()
  zoom = 0

  constructor(id: number, options: WindowOptions) {
    super()
    this.id = id
    this.mainFrame = { url: '', parent: null }
    this.#preload = readFileSync(options.webPreferences?.preload ?? '/dev/null', 'utf8')
    this.#target = this.#attachToTarget(options)
    this.#target.catch((error: unknown) => {
      console.error('no window', error)
      process.exit(71)
    })
  }

  async #attachToTarget({ width = 800, height = 600 }: WindowOptions) {
    const { cdp } = await (state.chromium as NonNullable<typeof state.chromium>)
    const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
      width,
      height,
    })
    const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    })
    const key = randomBytes(8).toString('hex')
    const names = { toPreload: `p${key}`, toPage: `q${key}`, binding: `b${key}` }
    const world = `preload-${key}`
    const on = <T>(method: string, run: (params: T) => void): void => cdp.on(sessionId, method, run)

    on<{ context: { id: number; name: string } }>('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== world) return
      this.#preloadContextId = context.id
    })
    on<{ executionContextId: number }>('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#preloadContextId) this.#handlePageUnload()
    })
    on('Runtime.executionContextsCleared', () => this.#handlePageUnload())
    on<{ name: string; payload: string }>('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === names.binding) this.#handleBindingCall(payload)
    })
    on<PausedRequest>(
      'Fetch.requestPaused',
      (paused) => void this.#respondToRequest(cdp, sessionId, targetId, paused),
    )
    on('Page.loadEventFired', () => {
      this.emit('did-finish-load')
      this.emit('ready')
    })
    on<{ frame: { parentId?: string; url: string } }>('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.mainFrame.url = fromVirtualUrl(frame.url)
    })
    on<{ url: string }>('Page.navigatedWithinDocument', ({ url }) => {
      this.mainFrame.url = fromVirtualUrl(url)
      this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true, url: fromVirtualUrl(url) })
    })
    on('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed' }))
    // a window that opened anyway: Electron would not have created it
    cdp.on(
      '',
      'Target.targetCreated',
      ({ targetInfo }: { targetInfo: { targetId: string; openerId?: string } }) => {
        if (targetInfo.openerId === targetId)
          void cdp.send('Target.closeTarget', { targetId: targetInfo.targetId })
      },
    )

    const send = (method: string, params: Record<string, unknown> = {}): Promise<unknown> =>
      cdp.send(method, params, sessionId)
    await Promise.all([
      cdp.send('Target.setDiscoverTargets', { discover: true }),
      send('Page.enable'),
      send('Runtime.enable'),
      send('Inspector.enable'),
      send('Runtime.addBinding', { name: names.binding, executionContextName: world }),
      send('Page.addScriptToEvaluateOnNewDocument', { source: pageSource(names) }),
      send('Page.addScriptToEvaluateOnNewDocument', {
        source: preloadSource(names, this.#preload),
        worldName: world,
      }),
      send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    ])
    return { cdp, sessionId, targetId }
  }

  async loadURL(url: string): Promise<void> {
    if (!url.startsWith('app://hubbub/'))
      throw new Error(`only the app's own page is ever loaded, not ${url}`)
    const { cdp, sessionId } = await this.#target
    this.#isAppNavigation = true
    await cdp.send('Page.navigate', { url: toVirtualUrl(url) }, sessionId)
  }

  reload(): void {
    void this.#target.then(({ cdp, sessionId }) => {
      this.#isAppNavigation = true
      return cdp.send('Page.reload', {}, sessionId)
    })
  }

  send(channel: string, ...args: unknown[]): void {
    this.#runInPreload(`standIn.hear(${JSON.stringify(channel)}, ${JSON.stringify(args)})`)
  }

  getURL = (): string => this.mainFrame.url
  isDestroyed = (): boolean => false
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#windowOpenHandler = handler
  }
  setZoomLevel = (level: number): void => {
    recordCall('webContents.setZoomLevel', level)
    this.zoom = level
  }
  getZoomLevel = (): number => this.zoom
  openDevTools = (): void => recordCall('webContents.openDevTools')
  toggleDevTools = (): void => recordCall('webContents.toggleDevTools')
  isDevToolsOpened = (): boolean => false
  setBackgroundThrottling = (on: boolean): void => recordCall('webContents.setBackgroundThrottling', on)
  replaceMisspelling = (word: string): void => recordCall('webContents.replaceMisspelling', word)

  /** Resolves when the page is gone, after its unload handlers. */
  async closeTarget(): Promise<void> {
    const { cdp, targetId } = await this.#target
    const gone = new Promise<void>((resolve) => {
      cdp.on('', 'Target.targetDestroyed', (target: { targetId: string }) => {
        if (target.targetId === targetId) resolve()
      })
    })
    await cdp.send('Target.closeTarget', { targetId })
    await gone
  }

  async #respondToRequest(
    cdp: CdpClient,
    sessionId: string,
    targetId: string,
    paused: PausedRequest,
  ): Promise<void> {
    const { requestId, request, resourceType } = paused
    const isMain = resourceType === 'Document' && paused.frameId === targetId
    const fail = (errorReason: string): Promise<unknown> =>
      cdp.send('Fetch.failRequest', { requestId, errorReason }, sessionId)
    try {
      if (isMain && !this.#isNavigationAllowed(fromVirtualUrl(request.url)))
        return void (await fail('Aborted'))
      if (!request.url.startsWith(`${virtualOrigin}/`)) {
        recordCall('network', request.url)
        return void (await fail('AddressUnreachable'))
      }
      if (isMain) {
        this.emit('did-start-navigation', {
          isMainFrame: true,
          isSameDocument: false,
          url: fromVirtualUrl(request.url),
        })
      }
      const response = await respondTo(paused)
      if (!response) return void (await fail('Failed'))
      await cdp.send('Fetch.fulfillRequest', { requestId, ...response }, sessionId)
    } catch (error) {
      await fail('Failed').catch(() => undefined)
      // a page that closed in the meantime is no fault of the app
      if (!/Invalid InterceptionId|gone|Session with given id/.test(String(error))) console.error(error)
    }
  }

  #isNavigationAllowed(url: string): boolean {
    if (this.#isAppNavigation) {
      this.#isAppNavigation = false
      return true
    }
    let isPrevented = false
    this.emit('will-navigate', { url, isMainFrame: true, preventDefault: () => (isPrevented = true) })
    return !isPrevented && url.startsWith('app://hubbub/')
  }

  #handleBindingCall(payload: string): void {
    const message = JSON.parse(payload) as {
      invoke?: number
      send?: string
      channel?: string
      args?: unknown[]
      ports?: number[]
      port?: number
      data?: unknown
      closed?: boolean
      open?: string
    }
    if (message.open !== undefined) {
      const url = fromVirtualUrl(message.open)
      return recordCall('window.open', url, this.#windowOpenHandler({ url }).action)
    }
    if (message.port !== undefined) {
      const port = this.#ports.get(message.port)
      if (!message.closed) return port?.deliver(message.data)
      this.#ports.delete(message.port)
      return port?.markClosed()
    }
    const ports = (message.ports ?? []).map((id) => {
      const port = new MessagePortMain(id, (script) => this.#runInPreload(script))
      this.#ports.set(id, port)
      return port
    })
    const event = { sender: this, senderFrame: { ...this.mainFrame }, ports }
    if (message.invoke !== undefined)
      void this.#handleInvoke(message.invoke, String(message.channel), event, message.args)
    else ipcMain.emit(String(message.send), event, ...(message.args ?? []))
  }

  async #handleInvoke(id: number, channel: string, event: unknown, args: unknown[] = []): Promise<void> {
    try {
      const value = await invokeHandler(channel, event, args)
      recordCall('ipc.reply', channel, value)
      this.#runInPreload(`standIn.settle(${id}, true, ${JSON.stringify(value) ?? 'undefined'})`)
    } catch (error) {
      const sentence = `Error invoking remote method '${channel}': ${String(error)}`
      this.#runInPreload(`standIn.settle(${id}, false, ${JSON.stringify(sentence)})`)
    }
  }

  #runInPreload(script: string): void {
    const contextId = this.#preloadContextId
    void this.#target.then(({ cdp, sessionId }) =>
      cdp.send('Runtime.evaluate', { expression: script, contextId }, sessionId).catch(() => undefined),
    )
  }

  /** The page is gone, with all its state. */
  #handlePageUnload(): void {
    this.#preloadContextId = undefined
    const ports = [...this.#ports.values()]
    this.#ports.clear()
    for (const port of ports) port.markClosed()
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
  loadFile = (): never => {
    throw new Error('no file is ever loaded')
  }
  show = (): void => {
    recordCall('window.show')
    this.#isVisible = true
    this.focus()
    this.emit('show')
  }
  showInactive = (): void => {
    this.#isVisible = true
    this.emit('show')
  }
  hide = (): void => {
    recordCall('window.hide')
    this.#isVisible = false
    this.blur()
    this.emit('hide')
  }
  focus = (): void => {
    if (this.#isFocused) return
    this.#isFocused = true
    this.emit('focus')
  }
  blur = (): void => {
    if (!this.#isFocused) return
    this.#isFocused = false
    this.emit('blur')
  }
  isVisible = (): boolean => this.#isVisible
  isFocused = (): boolean => this.#isFocused
  maximize = (): void => {
    this.#isMaximized = true
    this.emit('maximize')
  }
  unmaximize = (): void => {
    this.#isMaximized = false
    this.emit('unmaximize')
  }
  isMaximized = (): boolean => this.#isMaximized
  minimize = (): void => {
    this.#isMinimized = true
    this.emit('minimize')
  }
  restore = (): void => {
    this.#isMinimized = false
    this.emit('restore')
  }
  isMinimized = (): boolean => this.#isMinimized
  isFullScreen = (): boolean => false
  setFullScreen = (on: boolean): void => recordCall('window.setFullScreen', on)
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
  setBackgroundColor = (): void => undefined
  setMenu = (): void => undefined
  removeMenu = (): void => undefined
  setMenuBarVisibility = (on: boolean): void => recordCall('window.setMenuBarVisibility', on)
  setAutoHideMenuBar = (on: boolean): void => recordCall('window.setAutoHideMenuBar', on)
  setSkipTaskbar = (on: boolean): void => recordCall('window.setSkipTaskbar', on)
  isDestroyed = (): boolean => this.#isDestroyed

  close = (): void => {
    let isPrevented = false
    this.emit('close', { preventDefault: () => (isPrevented = true) })
    if (!isPrevented) this.destroy()
  }

  destroy = (): void => {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    openWindows.delete(this)
    const gone = this.webContents.closeTarget().catch(() => undefined)
    closingPages.add(gone)
    void gone.then(() => closingPages.delete(gone))
    this.emit('closed')
    if (openWindows.size === 0) allClosedListener()
  }
}

let allClosedListener: () => void = () => undefined
export function onAllWindowsClosed(run: () => void): void {
  allClosedListener = run
}
