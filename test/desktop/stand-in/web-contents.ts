// The page of a window: a target of a real Chromium, driven by the DevTools protocol.
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { recordCall } from './call-recorder.ts'
import type { CdpClient } from './cdp.ts'
import { followDownloads } from './downloads.ts'
import { invokeHandler, ipcMain, MessagePortMain } from './ipc.ts'
import { pageSource, preloadSource } from './isolated-worlds.ts'
import { PendingResponses } from './pending-responses.ts'
import { fromVirtualUrl, type PausedRequest, toVirtualUrl, virtualOrigin } from './protocol.ts'
import { session } from './session.ts'
import { state } from './state.ts'
import type { WindowOptions } from './windows.ts'

interface Target {
  cdp: CdpClient
  sessionId: string
  targetId: string
}

export class WebContents extends EventEmitter {
  readonly id: number
  readonly session = session
  readonly mainFrame: { url: string; parent: null }
  readonly #preload: string
  readonly #argv: readonly string[]
  readonly #target: Promise<Target>
  readonly #responses = new PendingResponses()
  #isCrashed = false
  #preloadContextId: number | undefined
  #windowOpenHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  #isAppNavigation = false
  readonly #ports = new Map<number, MessagePortMain>()
  #seen = { isVisible: true, isFocused: false }
  zoom = 0

  constructor(id: number, options: WindowOptions) {
    super()
    this.id = id
    this.mainFrame = { url: '', parent: null }
    this.#preload = readFileSync(options.webPreferences?.preload ?? '/dev/null', 'utf8')
    this.#argv = options.webPreferences?.additionalArguments ?? []
    this.#target = this.#attachToTarget(options)
    this.#target.catch((error: unknown) => {
      console.error('no window', error)
      process.exit(71)
    })
  }

  async #attachToTarget({ width = 800, height = 600 }: WindowOptions): Promise<Target> {
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
      this.setWindowState(this.#seen)
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
    on('Inspector.targetCrashed', () => {
      this.#isCrashed = true
      this.#responses.cancelAll()
      this.#handlePageUnload()
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
    })
    on<{ type: string }>('Page.javascriptDialogOpening', ({ type }) => {
      const accept = type === 'beforeunload' && this.#mayUnload()
      void send('Page.handleJavaScriptDialog', { accept })
    })
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
        source: preloadSource(names, this.#preload, this.#argv),
        worldName: world,
      }),
      send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      // a scheme of our own has neither
      send('Network.setCacheDisabled', { cacheDisabled: true }),
      send('Emulation.setDocumentCookieDisabled', { disabled: true }),
      followDownloads(cdp, targetId, this),
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
      this.#isCrashed = false
      return cdp.send('Page.reload', {}, sessionId)
    })
  }

  send(channel: string, ...args: unknown[]): void {
    this.#runInPreload(`standIn.hear(${JSON.stringify(channel)}, ${JSON.stringify(structuredClone(args))})`)
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

  forcefullyCrashRenderer = (): void => {
    void this.#target.then(({ cdp, sessionId }) =>
      cdp.send('Page.crash', {}, sessionId).catch(() => undefined),
    )
  }

  /** What the page sees of its window: real ones tell it, a page without a screen is always in front. */
  setWindowState(seen: { isVisible: boolean; isFocused: boolean }): void {
    this.#seen = seen
    void this.#target.then(({ cdp, sessionId }) =>
      cdp.send('Runtime.evaluate', { expression: windowStateSource(seen) }, sessionId).catch(() => undefined),
    )
  }

  /** Closes as `window.close()` does: the page may refuse. Resolves with false if it stays. */
  async closeUnlessPrevented(): Promise<boolean> {
    const { cdp, sessionId } = await this.#target
    if (this.#isCrashed) {
      await this.closeTarget()
      return true
    }
    const gone = this.#waitUntilGone().then(() => true)
    const stays = new Promise<boolean>((resolve) => this.once('stand-in-stays', () => resolve(false)))
    // Electron activates the page first: without that, Chromium does not listen to `beforeunload`
    await cdp
      .send('Runtime.evaluate', { expression: '0', userGesture: true }, sessionId)
      .catch(() => undefined)
    void cdp.send('Page.close', {}, sessionId).catch(() => undefined)
    return Promise.race([gone, stays])
  }

  /** Resolves when the page is gone, without asking it. */
  async closeTarget(): Promise<void> {
    const { cdp, targetId } = await this.#target
    const gone = this.#waitUntilGone()
    await cdp.send('Target.closeTarget', { targetId })
    await gone
  }

  async #waitUntilGone(): Promise<void> {
    const { cdp, targetId } = await this.#target
    await new Promise<void>((resolve) => {
      cdp.on('', 'Target.targetDestroyed', (target: { targetId: string }) => {
        if (target.targetId === targetId) resolve()
      })
    })
  }

  /** A page that wants to stay does, silently, unless main prevents that. */
  #mayUnload(): boolean {
    let isPrevented = false
    this.emit('will-prevent-unload', { preventDefault: () => (isPrevented = true) })
    if (!isPrevented) this.emit('stand-in-stays')
    return isPrevented
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
        // of the page before; the order of other events to those of this page is not certain
        this.#responses.cancelAll()
        this.emit('did-start-navigation', {
          isMainFrame: true,
          isSameDocument: false,
          url: fromVirtualUrl(request.url),
        })
      }
      const response = await this.#responses.respondTo(paused)
      if (!response) {
        if (isMain) this.emit('did-fail-load', {}, -2, 'ERR_FAILED', fromVirtualUrl(request.url), true, 0, 0)
        return void (await fail('Failed'))
      }
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
      // as over a real channel: what cannot be cloned is refused
      const value = structuredClone(await invokeHandler(channel, event, args))
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

/** Runs in the page's own world. */
function windowStateSource({ isVisible, isFocused }: { isVisible: boolean; isFocused: boolean }): string {
  return `{
    const wasVisible = document.visibilityState
    const define = (name, get) => Object.defineProperty(document, name, { configurable: true, get })
    define('visibilityState', () => '${isVisible ? 'visible' : 'hidden'}')
    define('hidden', () => ${String(!isVisible)})
    define('hasFocus', () => () => ${String(isFocused)})
    if (wasVisible !== document.visibilityState) document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('${isFocused ? 'focus' : 'blur'}'))
  }`
}
