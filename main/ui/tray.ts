import path from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron'
import { words } from '../text.ts'

export interface TrayState {
  unread: number
  /** People on the hub that runs here; nothing when none does. */
  hosting: number | undefined
  isQuiet: boolean
}

export interface TrayActions {
  open: () => void
  hosting: () => void
  newChat: () => void
  quiet: (choice: 'hour' | 'morning' | 'off') => void
  quit: () => void
}

/** The icon beside the clock: a dot when something is unread, and what one wants without opening the window. */
export class TrayIcon {
  readonly #icons: string
  readonly #actions: TrayActions
  readonly #tray: Tray
  #state: TrayState = { unread: 0, hosting: undefined, isQuiet: false }

  /** `icons`: where the drawn icons are. */
  constructor(icons: string, actions: TrayActions) {
    this.#icons = icons
    this.#actions = actions
    this.#tray = new Tray(this.#image())
    this.#tray.on('click', () => actions.open())
    nativeTheme.on('updated', () => this.#draw())
    this.#draw()
  }

  show(state: TrayState): void {
    this.#state = state
    this.#draw()
  }

  #draw(): void {
    const { unread } = this.#state
    this.#tray.setImage(this.#image())
    this.#tray.setToolTip(unread > 0 ? `${words.app}: ${words.unread(unread)}` : words.app)
    this.#tray.setContextMenu(Menu.buildFromTemplate(this.#items()))
  }

  #image() {
    return nativeImage.createFromPath(path.join(this.#icons, trayIcon(process.platform, this.#look())))
  }

  #look() {
    return { isUnread: this.#state.unread > 0, isDark: nativeTheme.shouldUseDarkColors }
  }

  #items(): MenuItemConstructorOptions[] {
    const { unread, hosting, isQuiet } = this.#state
    const { open, quiet, quit, newChat } = this.#actions
    return [
      { label: words.open, click: open },
      { label: unread > 0 ? words.unread(unread) : words.nothingUnread, enabled: false },
      { type: 'separator' },
      { label: words.newChat, click: newChat },
      {
        label: words.disturb,
        submenu: [
          { label: words.disturbHour, click: () => quiet('hour') },
          { label: words.disturbMorning, click: () => quiet('morning') },
          { label: words.disturbOff, enabled: isQuiet, click: () => quiet('off') },
        ],
      },
      { type: 'separator' },
      {
        label: hosting === undefined ? words.hostStopped : words.hostRunning(hosting),
        click: this.#actions.hosting,
      },
      { type: 'separator' },
      { label: words.quit, click: quit },
    ]
  }
}

/** macOS colours a template by itself; Windows' and Linux' bars are mostly as dark as the theme. */
export function trayIcon(
  platform: NodeJS.Platform,
  { isUnread, isDark }: { isUnread: boolean; isDark: boolean },
): string {
  const unread = isUnread ? '-unread' : ''
  if (platform === 'darwin') return `hubbub${unread}Template.png`
  return `hubbub-${isDark ? 'light' : 'dark'}${unread}.png`
}
