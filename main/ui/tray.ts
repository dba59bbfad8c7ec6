import path from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray, type MenuItemConstructorOptions } from 'electron'
import type { HostStatus } from '../../shared/desktop.ts'
import { labels } from '../text.ts'

export interface TrayState {
  unread: number
  /** What the hub of this computer does, in words. */
  host: string
  isDoNotDisturb: boolean
}

export interface TrayActions {
  openWindow: () => void
  openHosting: () => void
  newChat: () => void
  setDoNotDisturb: (choice: 'hour' | 'morning' | 'off') => void
  quit: () => void
}

/** The tray icon: a dot for unread messages, and a menu with the most common actions. */
export class TrayIcon {
  readonly #iconsDir: string
  readonly #actions: TrayActions
  readonly #tray: Tray
  #shown = ''
  #state: TrayState = { unread: 0, host: labels.hostNone, isDoNotDisturb: false }

  /** `icons`: the folder with the tray icons. */
  constructor(icons: string, actions: TrayActions) {
    this.#iconsDir = icons
    this.#actions = actions
    this.#tray = new Tray(this.#image())
    // macOS opens the menu with the same click, and the window would cover it
    if (process.platform !== 'darwin') this.#tray.on('click', () => actions.openWindow())
    nativeTheme.on('updated', () => this.#refresh())
    this.#refresh()
  }

  update(state: TrayState): void {
    this.#state = state
    this.#refresh()
  }

  /** Sets only changed properties: on Linux any call closes the open menu. */
  #refresh(): void {
    const { unread } = this.#state
    const shown = JSON.stringify([this.#state, this.#appearance()])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#tray.setImage(this.#image())
    this.#tray.setToolTip(unread > 0 ? `${labels.app}: ${labels.unread(unread)}` : labels.app)
    this.#tray.setContextMenu(Menu.buildFromTemplate(this.#menuItems()))
  }

  #image() {
    return nativeImage.createFromPath(
      path.join(this.#iconsDir, trayIconFile(process.platform, this.#appearance())),
    )
  }

  #appearance() {
    return { isUnread: this.#state.unread > 0, isDark: nativeTheme.shouldUseDarkColors }
  }

  #menuItems(): MenuItemConstructorOptions[] {
    const { unread, host, isDoNotDisturb } = this.#state
    const { openWindow, setDoNotDisturb, quit, newChat } = this.#actions
    return [
      { label: labels.open, click: openWindow },
      { label: unread > 0 ? labels.unread(unread) : labels.nothingUnread, enabled: false },
      { type: 'separator' },
      { label: labels.newChat, click: newChat },
      {
        label: labels.disturb,
        submenu: [
          { label: labels.disturbHour, click: () => setDoNotDisturb('hour') },
          { label: labels.disturbMorning, click: () => setDoNotDisturb('morning') },
          { label: labels.disturbOff, enabled: isDoNotDisturb, click: () => setDoNotDisturb('off') },
        ],
      },
      { type: 'separator' },
      { label: host, click: this.#actions.openHosting },
      { type: 'separator' },
      { label: labels.quit, click: quit },
    ]
  }
}

/** The line of the menu about the hub of this computer. */
export function hostLabel({ state, hubId, isStandby, isHanging, connectedUsers = 0 }: HostStatus): string {
  if (state === 'crashed' || isHanging) return labels.hostCrashed
  if (state !== 'running') return hubId === undefined ? labels.hostNone : labels.hostStopped
  return isStandby ? labels.hostStandby : labels.hostRunning(connectedUsers)
}

/** macOS colours template images by itself. The bars of Windows and Linux are mostly as dark as the theme. */
export function trayIconFile(
  platform: NodeJS.Platform,
  { isUnread, isDark }: { isUnread: boolean; isDark: boolean },
): string {
  const unread = isUnread ? '-unread' : ''
  if (platform === 'darwin') return `hubbub${unread}Template.png`
  return `hubbub-${isDark ? 'light' : 'dark'}${unread}.png`
}
