// A window is a page of a real Chromium. What is asked of the window itself (its size, whether it is shown) is kept and
// recorded: there is no screen.
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Cdp } from './cdp.ts'
import { invoke, ipcMain, MessagePortMain } from './ipc.ts'
import { answerFor, fromVirtual, type Paused, toVirtual, virtualOrigin } from './protocol.ts'
import { record } from './record.ts'
import { session } from './session.ts'
import { state } from './state.ts'
import { pageSource, preloadSource } from './worlds.ts'

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

const mustBe: Record<string, boolean> = {
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

function refuseInsecure(preferences: WebPreferences = {}): void {
  for (const [name, needed] of Object.entries(mustBe)) {
    if (preferences[name] !== undefined && preferences[name] !== needed) {
      throw new Error(`an insecure window: webPreferences.${name} is ${JSON.stringify(preferences[name])}`)
    }
  }
  if (preferences['enableBlinkFeatures']) throw new Error('an insecure window: enableBlinkFeatures')
}

let lastId = 0
const all = new Set<BrowserWindow>()
/** Windows that are closed, but whose page is still there. */
const leaving = new Set<Promise<void>>()

export class WebContents extends EventEmitter {
  readonly id: number
  readonly session = session
  readonly mainFrame: { url: string; parent: null }
  readonly #preload: string
  readonly #attached: Promise<{ cdp: Cdp; sessionId: string; targetId: string }>
  #world: number | undefined
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  #isOurs = false
  readonly #ports = new Map<number, MessagePortMain>()
  zoom = 0

  constructor(id: number, options: WindowOptions) {
    super()
    this.id = id
    this.mainFrame = { url: '', parent: null }
    this.#preload = readFileSync(options.webPreferences?.preload ?? '/dev/null', 'utf8')
    this.#attached = this.#attach(options)
    this.#attached.catch((error: unknown) => {
      console.error('no window', error)
      process.exit(71)
    })
  }

  async #attach({ width = 800, height = 600 }: WindowOptions) {
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
      this.#world = context.id
    })
    on<{ executionContextId: number }>('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#world) this.#left()
    })
    on('Runtime.executionContextsCleared', () => this.#left())
    on<{ name: string; payload: string }>('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === names.binding) this.#heard(payload)
    })
    on<Paused>('Fetch.requestPaused', (paused) => void this.#answer(cdp, sessionId, targetId, paused))
    on('Page.loadEventFired', () => {
      this.emit('did-finish-load')
      this.emit('ready')
    })
    on<{ frame: { parentId?: string; url: string } }>('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.mainFrame.url = fromVirtual(frame.url)
    })
    on<{ url: string }>('Page.navigatedWithinDocument', ({ url }) => {
      this.mainFrame.url = fromVirtual(url)
      this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true, url: fromVirtual(url) })
    })
    on('Inspector.targetCrashed', () => this.emit('render-process-gone', {}, { reason: 'crashed' }))
    // a window that was opened all the same: what Electron would not have made
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
    const { cdp, sessionId } = await this.#attached
    this.#isOurs = true
    await cdp.send('Page.navigate', { url: toVirtual(url) }, sessionId)
  }

  reload(): void {
    void this.#attached.then(({ cdp, sessionId }) => {
      this.#isOurs = true
      return cdp.send('Page.reload', {}, sessionId)
    })
  }

  send(channel: string, ...args: unknown[]): void {
    this.#say(`standIn.hear(${JSON.stringify(channel)}, ${JSON.stringify(args)})`)
  }

  getURL = (): string => this.mainFrame.url
  isDestroyed = (): boolean => false
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }
  setZoomLevel = (level: number): void => {
    record('webContents.setZoomLevel', level)
    this.zoom = level
  }
  getZoomLevel = (): number => this.zoom
  openDevTools = (): void => record('webContents.openDevTools')
  toggleDevTools = (): void => record('webContents.toggleDevTools')
  isDevToolsOpened = (): boolean => false
  setBackgroundThrottling = (on: boolean): void => record('webContents.setBackgroundThrottling', on)
  replaceMisspelling = (word: string): void => record('webContents.replaceMisspelling', word)

  /** Resolves when the page is gone, after its last words. */
  async destroyed(): Promise<void> {
    const { cdp, targetId } = await this.#attached
    const gone = new Promise<void>((resolve) => {
      cdp.on('', 'Target.targetDestroyed', (target: { targetId: string }) => {
        if (target.targetId === targetId) resolve()
      })
    })
    await cdp.send('Target.closeTarget', { targetId })
    await gone
  }

  async #answer(cdp: Cdp, sessionId: string, targetId: string, paused: Paused): Promise<void> {
    const { requestId, request, resourceType } = paused
    const isMain = resourceType === 'Document' && paused.frameId === targetId
    const fail = (errorReason: string): Promise<unknown> =>
      cdp.send('Fetch.failRequest', { requestId, errorReason }, sessionId)
    try {
      if (isMain && !this.#mayNavigate(fromVirtual(request.url))) return void (await fail('Aborted'))
      if (!request.url.startsWith(`${virtualOrigin}/`)) {
        record('network', request.url)
        return void (await fail('AddressUnreachable'))
      }
      if (isMain) {
        this.emit('did-start-navigation', {
          isMainFrame: true,
          isSameDocument: false,
          url: fromVirtual(request.url),
        })
      }
      const answer = await answerFor(paused)
      if (!answer) return void (await fail('Failed'))
      await cdp.send('Fetch.fulfillRequest', { requestId, ...answer }, sessionId)
    } catch (error) {
      await fail('Failed').catch(() => undefined)
      // a page that left meanwhile is no fault of the app's
      if (!/Invalid InterceptionId|gone|Session with given id/.test(String(error))) console.error(error)
    }
  }

  #mayNavigate(url: string): boolean {
    if (this.#isOurs) {
      this.#isOurs = false
      return true
    }
    let isPrevented = false
    this.emit('will-navigate', { url, isMainFrame: true, preventDefault: () => (isPrevented = true) })
    return !isPrevented && url.startsWith('app://hubbub/')
  }

  #heard(payload: string): void {
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
      const url = fromVirtual(message.open)
      return record('window.open', url, this.#openHandler({ url }).action)
    }
    if (message.port !== undefined) {
      const port = this.#ports.get(message.port)
      if (!message.closed) return port?.heard(message.data)
      this.#ports.delete(message.port)
      return port?.gone()
    }
    const ports = (message.ports ?? []).map((id) => {
      const port = new MessagePortMain(id, (script) => this.#say(script))
      this.#ports.set(id, port)
      return port
    })
    const event = { sender: this, senderFrame: { ...this.mainFrame }, ports }
    if (message.invoke !== undefined)
      void this.#invoked(message.invoke, String(message.channel), event, message.args)
    else ipcMain.emit(String(message.send), event, ...(message.args ?? []))
  }

  async #invoked(id: number, channel: string, event: unknown, args: unknown[] = []): Promise<void> {
    try {
      const value = await invoke(channel, event, args)
      record('ipc.reply', channel, value)
      this.#say(`standIn.settle(${id}, true, ${JSON.stringify(value) ?? 'undefined'})`)
    } catch (error) {
      const words = `Error invoking remote method '${channel}': ${String(error)}`
      this.#say(`standIn.settle(${id}, false, ${JSON.stringify(words)})`)
    }
  }

  #say(script: string): void {
    const contextId = this.#world
    void this.#attached.then(({ cdp, sessionId }) =>
      cdp.send('Runtime.evaluate', { expression: script, contextId }, sessionId).catch(() => undefined),
    )
  }

  /** The page is gone, and with it all it held. */
  #left(): void {
    this.#world = undefined
    const ports = [...this.#ports.values()]
    this.#ports.clear()
    for (const port of ports) port.gone()
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
    refuseInsecure(options.webPreferences)
    const { x = 0, y = 0, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    this.#title = options.title ?? ''
    this.#isVisible = options.show ?? true
    record('BrowserWindow', { ...options, webPreferences: { ...options.webPreferences, preload: '…' } })
    this.webContents = new WebContents(this.id, options)
    this.webContents.once('ready', () => this.emit('ready-to-show'))
    all.add(this)
  }

  static getAllWindows = (): BrowserWindow[] => [...all]
  /** The app ends after its pages, as Electron's does: what they write when they go is kept. */
  static allGone = async (): Promise<void> => {
    await Promise.all(leaving)
  }
  static getFocusedWindow = (): BrowserWindow | null => [...all].find((one) => one.isFocused()) ?? null
  static fromWebContents = (contents: WebContents): BrowserWindow | null =>
    [...all].find((one) => one.webContents === contents) ?? null

  loadURL = (url: string): Promise<void> => this.webContents.loadURL(url)
  loadFile = (): never => {
    throw new Error('no file is ever loaded')
  }
  show = (): void => {
    record('window.show')
    this.#isVisible = true
    this.focus()
    this.emit('show')
  }
  showInactive = (): void => {
    this.#isVisible = true
    this.emit('show')
  }
  hide = (): void => {
    record('window.hide')
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
  setFullScreen = (on: boolean): void => record('window.setFullScreen', on)
  getBounds = () => ({ ...this.#bounds })
  getNormalBounds = () => ({ ...this.#bounds })
  setBounds = (bounds: Partial<{ x: number; y: number; width: number; height: number }>): void => {
    this.#bounds = { ...this.#bounds, ...bounds }
    this.emit('resize')
  }
  setTitle = (title: string): void => void (this.#title = title)
  getTitle = (): string => this.#title
  flashFrame = (on: boolean): void => record('window.flashFrame', on)
  setOverlayIcon = (icon: unknown, text: string): void =>
    record('window.setOverlayIcon', icon === null ? null : 'icon', text)
  setProgressBar = (value: number): void => record('window.setProgressBar', value)
  setBackgroundColor = (): void => undefined
  setMenu = (): void => undefined
  removeMenu = (): void => undefined
  setMenuBarVisibility = (on: boolean): void => record('window.setMenuBarVisibility', on)
  setAutoHideMenuBar = (on: boolean): void => record('window.setAutoHideMenuBar', on)
  setSkipTaskbar = (on: boolean): void => record('window.setSkipTaskbar', on)
  isDestroyed = (): boolean => this.#isDestroyed

  close = (): void => {
    let isPrevented = false
    this.emit('close', { preventDefault: () => (isPrevented = true) })
    if (!isPrevented) this.destroy()
  }

  destroy = (): void => {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    all.delete(this)
    const gone = this.webContents.destroyed().catch(() => undefined)
    leaving.add(gone)
    void gone.then(() => leaving.delete(gone))
    this.emit('closed')
    if (all.size === 0) lastClosed()
  }
}

let lastClosed: () => void = () => undefined
export function onLastClosed(run: () => void): void {
  lastClosed = run
}
