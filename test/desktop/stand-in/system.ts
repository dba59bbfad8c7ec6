// What the app asks of the system: kept and recorded, so that specs can see it and press what would be shown.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { record, recorded } from './record.ts'

/** Which key store this computer has; specs choose another by the environment. */
const backend = process.env['HUBBUB_STANDIN_KEYSTORE'] ?? 'gnome_libsecret'
const key = createHash('sha256').update('the stand-in has no secrets').digest()

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => backend !== 'none',
  isEncryptionAvailable: () => backend !== 'none',
  getSelectedStorageBackend: () => backend,
  encryptStringAsync: async (text: string) => {
    record('safeStorage.encryptStringAsync')
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const body = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), body])
  },
  decryptStringAsync: async (bytes: Buffer) => {
    record('safeStorage.decryptStringAsync')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(12, 28))
    const result = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()
    return { result, shouldReEncrypt: false }
  },
}

export const shell = {
  openExternal: async (url: string) => record('shell.openExternal', url),
  openPath: async (file: string) => {
    record('shell.openPath', file)
    return ''
  },
  showItemInFolder: recorded('shell.showItemInFolder'),
  beep: recorded('shell.beep'),
}

/** What the next dialogs answer: specs push to it. */
export const dialogAnswers: unknown[] = []

const ask =
  (what: string, otherwise: unknown) =>
  async (...args: unknown[]): Promise<unknown> => {
    record(what, args.at(-1))
    return dialogAnswers.shift() ?? otherwise
  }

export const dialog = {
  answers: dialogAnswers,
  showMessageBox: ask('dialog.showMessageBox', { response: 0, checkboxChecked: false }),
  showMessageBoxSync: (...args: unknown[]) => {
    record('dialog.showMessageBoxSync', args.at(-1))
    return dialogAnswers.shift() ?? 0
  },
  showOpenDialog: ask('dialog.showOpenDialog', { canceled: true, filePaths: [] }),
  showSaveDialog: ask('dialog.showSaveDialog', { canceled: true, filePath: '' }),
  showErrorBox: recorded('dialog.showErrorBox'),
}

interface Template extends Record<string, unknown> {
  submenu?: Template[] | Menu
}

export class MenuItem {
  submenu: Menu | undefined;
  [name: string]: unknown
  constructor(template: Template) {
    Object.assign(this, { enabled: true, visible: true, checked: false, ...template })
    this.submenu = Array.isArray(template.submenu)
      ? Menu.buildFromTemplate(template.submenu)
      : template.submenu
  }
}

export class Menu extends EventEmitter {
  static application: Menu | null = null
  readonly items: MenuItem[] = []
  static buildFromTemplate(template: Template[]): Menu {
    const menu = new Menu()
    for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item))
    return menu
  }
  static setApplicationMenu(menu: Menu | null): void {
    record('Menu.setApplicationMenu', menu ? menu.items.map(({ label, role }) => label ?? role) : null)
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
    record(
      'Menu.popup',
      this.items.map(({ label, role, type }) => label ?? role ?? type),
      options === undefined,
    )
  }
  closePopup(): void {
    record('Menu.closePopup')
  }
}

export class Tray extends EventEmitter {
  static all: Tray[] = []
  menu: Menu | null = null
  #isDestroyed = false
  constructor(icon: unknown) {
    super()
    record('Tray', typeof icon === 'string' ? icon : 'icon')
    Tray.all.push(this)
  }
  setImage = (icon: unknown): void => record('Tray.setImage', typeof icon === 'string' ? icon : 'icon')
  setPressedImage = recorded('Tray.setPressedImage')
  setToolTip = recorded('Tray.setToolTip')
  setTitle = recorded('Tray.setTitle')
  setContextMenu = (menu: Menu | null): void => {
    record(
      'Tray.setContextMenu',
      menu?.items.map(({ label, type }) => label ?? type),
    )
    this.menu = menu
  }
  popUpContextMenu = recorded('Tray.popUpContextMenu')
  getBounds = () => ({ x: 0, y: 0, width: 16, height: 16 })
  isDestroyed = (): boolean => this.#isDestroyed
  destroy = (): void => {
    record('Tray.destroy')
    this.#isDestroyed = true
  }
}

export class Notification extends EventEmitter {
  /** All that were made: specs click on them. */
  static all: Notification[] = []
  static isSupported = (): boolean => process.env['HUBBUB_STANDIN_NOTIFICATIONS'] !== 'none'
  static handleActivation = recorded('Notification.handleActivation')
  readonly options: Record<string, unknown>
  isShown = false
  constructor(options: Record<string, unknown> = {}) {
    super()
    this.options = options
    Notification.all.push(this)
  }
  show(): void {
    record('Notification.show', this.options)
    if (process.env['HUBBUB_STANDIN_NOTIFICATIONS'] === 'failed') {
      setImmediate(() => this.emit('failed', {}, 'unsigned'))
      return
    }
    this.isShown = true
    setImmediate(() => this.emit('show', {}))
  }
  close(): void {
    record('Notification.close', this.options)
    this.isShown = false
    setImmediate(() => this.emit('close', {}))
  }
}

class NativeImage {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
  isEmpty = (): boolean => this.source === ''
  getSize = () => ({ width: 16, height: 16 })
  resize = (): NativeImage => this
  setTemplateImage = (): void => undefined
  addRepresentation = (): void => undefined
  toPNG = (): Buffer => Buffer.alloc(0)
  toDataURL = (): string => 'data:,'
  toJSON = (): string => this.source
}

export const nativeImage = {
  createFromPath: (file: string) => new NativeImage(file),
  createFromBuffer: () => new NativeImage('buffer'),
  createFromDataURL: () => new NativeImage('data'),
  createFromNamedImage: (name: string) => new NativeImage(name),
  createEmpty: () => new NativeImage(''),
}

export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  shouldUseHighContrastColors: false,
  themeSource: 'system',
})

export const powerMonitor = Object.assign(new EventEmitter(), {
  getSystemIdleTime: () => 0,
  getSystemIdleState: () => 'active',
  isOnBatteryPower: () => false,
})

let blocker = 0
const blocking = new Set<number>()
export const powerSaveBlocker = {
  start: (type: string) => {
    record('powerSaveBlocker.start', type)
    blocking.add(++blocker)
    return blocker
  },
  stop: (id: number) => {
    record('powerSaveBlocker.stop', id)
    return blocking.delete(id)
  },
  isStarted: (id: number) => blocking.has(id),
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
  getDisplayMatching: () => display,
  getCursorScreenPoint: () => ({ x: 0, y: 0 }),
})

export const clipboard = {
  writeText: recorded('clipboard.writeText', Promise.resolve()),
  readText: async () => '',
}
export const crashReporter = { start: recorded('crashReporter.start'), getLastCrashReport: () => null }
export const globalShortcut = {
  register: recorded('globalShortcut.register', true),
  unregisterAll: recorded('globalShortcut.unregisterAll'),
}
export const systemPreferences = Object.assign(new EventEmitter(), { getAccentColor: () => '' })
export const autoUpdater = Object.assign(new EventEmitter(), {
  setFeedURL: recorded('autoUpdater.setFeedURL'),
  checkForUpdates: recorded('autoUpdater.checkForUpdates'),
  quitAndInstall: recorded('autoUpdater.quitAndInstall'),
})
