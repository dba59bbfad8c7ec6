import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { startChromium } from './chromium.ts'
import { recordCall, createRecorder } from './call-recorder.ts'
import { state } from './state.ts'
import { BrowserWindow } from './windows.ts'

class App extends EventEmitter {
  name = 'electron'
  readonly isPackaged = process.env['HUBBUB_STANDIN_PACKAGED'] === '1'
  readonly commandLine = {
    hasSwitch: (name: string) =>
      state.args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)),
    getSwitchValue: (name: string) => {
      const given = state.args.find((arg) => arg.startsWith(`--${name}=`))
      return given ? given.slice(name.length + 3) : ''
    },
    appendSwitch: createRecorder('app.commandLine.appendSwitch'),
  }
  readonly dock = {
    setBadge: createRecorder('app.dock.setBadge'),
    bounce: createRecorder('app.dock.bounce'),
    setMenu: createRecorder('app.dock.setMenu'),
  }

  readonly #paths = new Map<string, string>()
  readonly #ready: Promise<void>
  #resolveReady: () => void = () => undefined
  #isQuitting = false
  #loginItem: { openAtLogin?: boolean; args?: string[] } = {}
  #lock: string | undefined

  constructor() {
    super()
    this.#ready = new Promise((resolve) => (this.#resolveReady = resolve))
  }

  /** Called once the entry has run, never before. */
  becomeReady(): void {
    this.#openAtStart()
    state.isReady = true
    this.emit('ready', {}, {})
    this.#resolveReady()
  }

  /** macOS sends what starts the app before it is ready. A later listener gets nothing. */
  #openAtStart(): void {
    const { HUBBUB_STANDIN_OPEN_URL: url, HUBBUB_STANDIN_OPEN_FILE: file } = process.env
    if (url !== undefined) this.emit('open-url', { preventDefault: () => undefined }, url)
    if (file !== undefined) this.emit('open-file', { preventDefault: () => undefined }, file)
  }

  whenReady = (): Promise<void> => this.#ready
  isReady = (): boolean => state.isReady
  setName = (name: string): void => void (this.name = name)
  getName = (): string => this.name
  getVersion = (): string =>
    (JSON.parse(readFileSync(path.join(state.appDir, 'package.json'), 'utf8')) as { version: string }).version
  getAppPath = (): string => state.appDir
  getLocale = (): string => 'en-GB'
  getSystemLocale = (): string => 'en-GB'
  getLocaleCountryCode = (): string => process.env.HUBBUB_STANDIN_REGION ?? 'GB'
  getPreferredSystemLanguages = (): string[] => ['en-GB', 'de-AT', 'xx-YY']

  getPath(name: string): string {
    const set = this.#paths.get(name)
    if (set !== undefined) return set
    if (name === 'home') return homedir()
    if (name === 'temp') return tmpdir()
    if (name === 'exe' || name === 'module') return process.execPath
    if (name === 'userData' || name === 'sessionData') {
      throw new Error('a test without --user-data-dir would use the folder of a real user')
    }
    if (name === 'logs') return path.join(this.getPath('userData'), 'logs')
    if (name === 'crashDumps') return path.join(this.getPath('userData'), 'Crashpad')
    return path.join(this.getPath('userData'), 'places', name)
  }

  setPath(name: string, to: string): void {
    this.#paths.set(name, to)
  }

  enableSandbox(): void {
    if (state.isReady) throw new Error('app.enableSandbox() must be called before app is ready')
    recordCall('app.enableSandbox')
  }

  requestSingleInstanceLock(): boolean {
    const userData = this.getPath('userData')
    mkdirSync(userData, { recursive: true })
    const lock = path.join(userData, 'standin-lock')
    const holder = lockHolderPid(lock)
    if (holder !== undefined) {
      const notice = path.join(userData, `standin-second-${process.pid}.json`)
      writeFileSync(
        notice,
        JSON.stringify({ argv: [process.execPath, state.appDir, ...state.args], cwd: process.cwd() }),
      )
      return false
    }
    writeFileSync(lock, String(process.pid))
    this.#lock = lock
    // started at once, as Electron does; a second instance needs none
    state.chromium = startChromium(userData)
    const watcher = watch(userData, () => this.#handleSecondInstances(userData))
    watcher.unref()
    return true
  }

  #handleSecondInstances(userData: string): void {
    // a folder that its test has removed has nothing to report
    const names = existsSync(userData) ? readdirSync(userData) : []
    for (const name of names.filter((name) => /^standin-second-\d+\.json$/.test(name))) {
      const file = path.join(userData, name)
      let instance: { argv: string[]; cwd: string }
      try {
        instance = JSON.parse(readFileSync(file, 'utf8')) as typeof instance
      } catch {
        continue
      }
      rmSync(file, { force: true })
      this.emit('second-instance', {}, instance.argv, instance.cwd, undefined)
    }
  }

  hasSingleInstanceLock = (): boolean => this.#lock !== undefined
  releaseSingleInstanceLock = (): void => {
    if (this.#lock) rmSync(this.#lock, { force: true })
    this.#lock = undefined
  }

  quit = (): void => {
    recordCall('app.quit')
    setImmediate(() => this.#quit())
  }

  #quit(): void {
    if (this.#isQuitting) return
    if (!this.#emitPreventable('before-quit')) return
    this.#isQuitting = true
    const windows = BrowserWindow.getAllWindows()
    if (windows.length === 0) this.handleAllWindowsClosed()
    for (const window of windows) window.close()
  }

  /** A window that stays ends the quitting, and says nothing. */
  cancelQuit(): void {
    this.#isQuitting = false
  }

  handleAllWindowsClosed(): void {
    if (!this.#isQuitting) {
      if (this.listenerCount('window-all-closed') === 0) this.quit()
      else this.emit('window-all-closed')
      return
    }
    if (!this.#emitPreventable('will-quit')) return this.cancelQuit()
    this.emit('quit', {}, 0)
    this.exit(0)
  }

  #emitPreventable(name: string): boolean {
    let isPrevented = false
    this.emit(name, { preventDefault: () => (isPrevented = true) })
    return !isPrevented
  }

  exit = (code = 0): void => {
    this.releaseSingleInstanceLock()
    const chromium = state.chromium ?? Promise.resolve(undefined)
    void BrowserWindow.waitUntilAllClosed()
      .then(() => chromium)
      .then((one) => one?.close())
      .catch(() => undefined)
      .then(() => process.exit(code))
  }

  setLoginItemSettings = (settings: { openAtLogin?: boolean; args?: string[] }): void => {
    recordCall('app.setLoginItemSettings', settings)
    this.#loginItem = settings
  }
  /** On Windows the entry is found by its arguments, on macOS there are none. */
  getLoginItemSettings = ({ args = [] }: { args?: string[] } = {}): Record<string, unknown> => {
    const { openAtLogin = false, args: kept = [] } = this.#loginItem
    const isSame = process.platform !== 'win32' || args.join() === kept.join()
    const needsApproval = process.env['HUBBUB_STANDIN_LOGIN_ITEM'] === 'requires-approval'
    return {
      openAtLogin: openAtLogin && isSame && !needsApproval,
      ...(process.platform === 'darwin' && {
        wasOpenedAtLogin: process.env['HUBBUB_STANDIN_AT_LOGIN'] === '1',
        status: !openAtLogin ? 'not-registered' : needsApproval ? 'requires-approval' : 'enabled',
      }),
    }
  }
  setAppUserModelId = createRecorder('app.setAppUserModelId')
  setBadgeCount = createRecorder('app.setBadgeCount', true)
  setAsDefaultProtocolClient = createRecorder('app.setAsDefaultProtocolClient', true)
  isDefaultProtocolClient = createRecorder('app.isDefaultProtocolClient', false)
  setAboutPanelOptions = createRecorder('app.setAboutPanelOptions')
  showAboutPanel = createRecorder('app.showAboutPanel')
  setUserTasks = createRecorder('app.setUserTasks', true)
  setJumpList = createRecorder('app.setJumpList', 'ok')
  setSecureKeyboardEntryEnabled = createRecorder('app.setSecureKeyboardEntryEnabled')
  relaunch = createRecorder('app.relaunch')
  focus = createRecorder('app.focus')
  hide = createRecorder('app.hide')
  show = createRecorder('app.show')
}

export const app = new App()

function lockHolderPid(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}
