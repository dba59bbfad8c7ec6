// The app's requests to the system: stored and recorded, so that specs can read them and click what would be shown.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { app } from './app.ts'
import { recordCall, createRecorder } from './call-recorder.ts'
import { BrowserWindow } from './windows.ts'

/**
 * The key store of this computer; specs choose another by the environment: `gnome_libsecret`, `basic_text` (a public
 * key), `locked` (the user refuses).
 */
const keyStore = process.env['HUBBUB_STANDIN_KEYSTORE'] ?? 'gnome_libsecret'
const encryptionKey = createHash('sha256').update('the stand-in has no secrets').digest()
/** The first bytes of what Chromium encrypts on Linux: with the public key, or with one of the Secret Service. */
const keyPrefix = Buffer.from(keyStore === 'basic_text' ? 'v10' : 'v11')

function requireUnlocked(): void {
  if (keyStore === 'locked') throw new Error('Error while encrypting the text provided to safeStorage')
}

export const safeStorage = {
  // true also for a key that protects nothing, and before anything was asked of the user
  isAsyncEncryptionAvailable: async () => true,
  // the choice of the older functions, by the name of the desktop: it says nothing about the asynchronous ones
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptStringAsync: async (text: string) => {
    recordCall('safeStorage.encryptStringAsync')
    requireUnlocked()
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', encryptionKey, iv)
    const body = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([keyPrefix, iv, cipher.getAuthTag(), body])
  },
  decryptStringAsync: async (sealed: Buffer) => {
    recordCall('safeStorage.decryptStringAsync')
    requireUnlocked()
    const bytes = sealed.subarray(keyPrefix.length)
    const decipher = createDecipheriv('aes-256-gcm', encryptionKey, bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(12, 28))
    const result = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()
    return { result, shouldReEncrypt: !sealed.subarray(0, keyPrefix.length).equals(keyPrefix) }
  },
}

export const shell = {
  openExternal: async (url: string) => recordCall('shell.openExternal', url),
  openPath: async (file: string) => {
    recordCall('shell.openPath', file)
    return ''
  },
  showItemInFolder: createRecorder('shell.showItemInFolder'),
  beep: createRecorder('shell.beep'),
}

const firstAnswer = process.env['HUBBUB_STANDIN_ANSWER']
/** The answers of the next dialogs: specs push to it, or give that of a dialog at the start by the environment. */
export const dialogAnswers: unknown[] = firstAnswer === undefined ? [] : [{ response: Number(firstAnswer) }]

/** On macOS a sheet of a hidden window is seen by nobody, and its answer never comes. */
function requireVisibleParent(args: unknown[]): void {
  const parent = args.length > 1 ? (args[0] as { isVisible(): boolean } | undefined) : undefined
  if (parent && !parent.isVisible()) throw new Error('a dialog of a hidden window')
}

const answerDialog =
  (what: string, defaultAnswer: unknown) =>
  async (...args: unknown[]): Promise<unknown> => {
    requireVisibleParent(args)
    recordCall(what, args.at(-1))
    return dialogAnswers.shift() ?? defaultAnswer
  }

export const dialog = {
  answers: dialogAnswers,
  showMessageBox: answerDialog('dialog.showMessageBox', { response: 0, checkboxChecked: false }),
  showMessageBoxSync: (...args: unknown[]) => {
    requireVisibleParent(args)
    recordCall('dialog.showMessageBoxSync', args.at(-1))
    return dialogAnswers.shift() ?? 0
  },
  showOpenDialog: answerDialog('dialog.showOpenDialog', { canceled: true, filePaths: [] }),
  showSaveDialog: answerDialog('dialog.showSaveDialog', { canceled: true, filePath: '' }),
  showErrorBox: createRecorder('dialog.showErrorBox'),
}

interface MenuTemplate extends Record<string, unknown> {
  submenu?: MenuTemplate[] | Menu
}

export class MenuItem {
  submenu: Menu | undefined;
  [name: string]: unknown
  constructor(template: MenuTemplate) {
    Object.assign(this, { enabled: true, visible: true, checked: false, ...template })
    this.submenu = Array.isArray(template.submenu)
      ? Menu.buildFromTemplate(template.submenu)
      : template.submenu
  }
}

export class Menu extends EventEmitter {
  static application: Menu | null = null
  readonly items: MenuItem[] = []
  static buildFromTemplate(template: MenuTemplate[]): Menu {
    const menu = new Menu()
    for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item))
    return menu
  }
  static setApplicationMenu(menu: Menu | null): void {
    recordCall('Menu.setApplicationMenu', menu ? menu.items.map(({ label, role }) => label ?? role) : null)
    Menu.application = menu
  }
  static getApplicationMenu = (): Menu | null => Menu.application
  append(item: MenuItem): void {
    this.items.push(item)
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      if (item['id'] === id) return item
      const found = item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }
  popup(options?: unknown): void {
    recordCall(
      'Menu.popup',
      this.items.map(({ label, role, type }) => label ?? role ?? type),
      options === undefined,
    )
  }
  closePopup(): void {
    recordCall('Menu.closePopup')
  }
}

export class Tray extends EventEmitter {
  static all: Tray[] = []
  menu: Menu | null = null
  #isDestroyed = false
  constructor(icon: unknown) {
    super()
    recordCall('Tray', typeof icon === 'string' ? icon : 'icon')
    Tray.all.push(this)
  }
  setImage = (icon: unknown): void => recordCall('Tray.setImage', typeof icon === 'string' ? icon : 'icon')
  setPressedImage = createRecorder('Tray.setPressedImage')
  setToolTip = createRecorder('Tray.setToolTip')
  setTitle = createRecorder('Tray.setTitle')
  setContextMenu = (menu: Menu | null): void => {
    recordCall(
      'Tray.setContextMenu',
      menu?.items.map(({ label, type }) => label ?? type),
    )
    this.menu = menu
  }
  popUpContextMenu = createRecorder('Tray.popUpContextMenu')
  getBounds = () => ({ x: 0, y: 0, width: 16, height: 16 })
  isDestroyed = (): boolean => this.#isDestroyed
  destroy = (): void => {
    recordCall('Tray.destroy')
    this.#isDestroyed = true
  }
}

/** `none`, `failed`, `silent` (no server: neither event), `timedOut` (Windows moves it to its list); by default shown. */
const notificationMode = process.env['HUBBUB_STANDIN_NOTIFICATIONS']

export class Notification extends EventEmitter {
  /** All notifications that were created: specs click on them. */
  static all: Notification[] = []
  static isSupported = (): boolean => notificationMode !== 'none'
  /** Specs call it as Windows does, for a click on a notification of an earlier run. */
  static activated: (details: object) => void = () => undefined
  static handleActivation = (run: (details: object) => void): void => {
    recordCall('Notification.handleActivation')
    Notification.activated = run
  }
  readonly options: { title?: string; body?: string; silent?: boolean }
  isShown = false
  constructor(options: { title?: string; body?: string; silent?: boolean } = {}) {
    super()
    this.options = options
    Notification.all.push(this)
  }
  show(): void {
    recordCall('Notification.show', this.options)
    // a server reads the body as markup, and shows nothing of what it cannot read
    if (process.platform === 'linux' && /<|>|&(?!(amp|lt|gt);)/.test(this.options.body ?? ''))
      throw new Error('the body of a notification is not escaped')
    if (notificationMode === 'silent') return
    if (notificationMode === 'failed') {
      setImmediate(() => this.emit('failed', {}, 'unsigned'))
      return
    }
    this.isShown = true
    setImmediate(() => {
      this.emit('show', {})
      if (notificationMode === 'timedOut') this.emit('close', { reason: 'timedOut' })
    })
  }
  close(): void {
    recordCall('Notification.close', this.options)
    if (!this.isShown) return
    this.isShown = false
    setImmediate(() => this.emit('close', { reason: 'userCanceled' }))
  }
}

class NativeImage {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
  isEmpty = (): boolean => this.source === ''
  getSize = () => ({ width: 16, height: 16 })
  toPNG = (): Buffer => Buffer.alloc(0)
  toDataURL = (): string => 'data:,'
  toJSON = (): string => this.source
}

export const nativeImage = {
  createFromPath: (file: string) => new NativeImage(file),
  createEmpty: () => new NativeImage(''),
}

export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  shouldUseHighContrastColors: false,
  themeSource: 'system',
})

export const powerMonitor = Object.assign(new EventEmitter(), {
  getSystemIdleTime: () => 0,
  isOnBatteryPower: () => false,
})

let lastBlockerId = 0
const activeBlockerIds = new Set<number>()
export const powerSaveBlocker = {
  start: (type: string) => {
    recordCall('powerSaveBlocker.start', type)
    activeBlockerIds.add(++lastBlockerId)
    return lastBlockerId
  },
  stop: (id: number) => {
    recordCall('powerSaveBlocker.stop', id)
    return activeBlockerIds.delete(id)
  },
  isStarted: (id: number) => activeBlockerIds.has(id),
}

const display = {
  id: 1,
  scaleFactor: 1,
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
  workAreaSize: { width: 1920, height: 1040 },
}
export const screen = Object.assign(new EventEmitter(), {
  getAllDisplays: () => [display],
  getPrimaryDisplay: () => display,
  getCursorScreenPoint: () => ({ x: 0, y: 0 }),
})

export const clipboard = {
  writeText: createRecorder('clipboard.writeText', Promise.resolve()),
  readText: async () => '',
}
export const crashReporter = { start: createRecorder('crashReporter.start'), getLastCrashReport: () => null }
export const globalShortcut = {
  register: createRecorder('globalShortcut.register', true),
  unregisterAll: createRecorder('globalShortcut.unregisterAll'),
}
export const systemPreferences = Object.assign(new EventEmitter(), { getAccentColor: () => '' })
export const autoUpdater = Object.assign(new EventEmitter(), {
  setFeedURL: createRecorder('autoUpdater.setFeedURL'),
  checkForUpdates: createRecorder('autoUpdater.checkForUpdates'),
  /** Closes the windows first; the app is asked to quit only when they are gone. */
  quitAndInstall: () => {
    recordCall('autoUpdater.quitAndInstall')
    autoUpdater.emit('before-quit-for-update')
    const windows = BrowserWindow.getAllWindows()
    if (windows.length === 0) return app.quit()
    for (const window of windows) {
      window.once('closed', () => {
        if (BrowserWindow.getAllWindows().length === 0) app.quit()
      })
      window.close()
    }
  },
})
