import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { ShellCommand } from '../../shared/desktop.ts'
import { labels } from '../text.ts'

export interface MenuActions {
  sendCommand: (command: ShellCommand) => void
  /** Index from 0, in the order of the rail. */
  openHub: (index: number) => void
  showLogs: () => void
  showCrashes: () => void
  checkUpdates: () => void
}

export interface MenuOptions {
  platform: NodeJS.Platform
  /** Names of the hubs, in the order of the rail. */
  hubs: readonly string[]
  /** Shows the developer tools: only in a build that enables them. */
  devTools: boolean
}

/** Sets the app's menu. On Windows and Linux it is hidden until Alt is pressed; its shortcuts work all the same. */
export function setMenu(options: MenuOptions, actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options, actions)))
}

export function menuTemplate(options: MenuOptions, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin'
  const settings: MenuItemConstructorOptions = {
    label: labels.settings,
    accelerator: 'CmdOrCtrl+,',
    click: () => actions.sendCommand('settings'),
  }
  return [
    ...(isMac ? [macAppMenu(settings)] : []),
    fileMenu(isMac, settings, actions),
    { role: 'editMenu' },
    viewMenu(options),
    goMenu(options, actions),
    isMac ? { role: 'windowMenu' } : windowMenu(),
    helpMenu(isMac, actions),
  ]
}

function fileMenu(
  isMac: boolean,
  settings: MenuItemConstructorOptions,
  { sendCommand }: MenuActions,
): MenuItemConstructorOptions {
  return {
    label: labels.file,
    submenu: [
      { label: labels.newChat, accelerator: 'CmdOrCtrl+N', click: () => sendCommand('new-chat') },
      { label: labels.addHub, click: () => sendCommand('add-hub') },
      { label: labels.hosting, click: () => sendCommand('hosting') },
      { type: 'separator' },
      ...(isMac ? [] : [settings, { type: 'separator' } as const]),
      { role: isMac ? 'close' : 'quit' },
    ],
  }
}

function viewMenu({ devTools }: MenuOptions): MenuItemConstructorOptions {
  return {
    role: 'viewMenu',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(devTools ? [{ role: 'toggleDevTools' } as const] : []),
    ],
  }
}

function goMenu({ hubs }: MenuOptions, actions: MenuActions): MenuItemConstructorOptions {
  const { sendCommand } = actions
  return {
    label: labels.go,
    submenu: [
      {
        label: labels.quickSwitch,
        accelerator: 'CmdOrCtrl+K',
        registerAccelerator: false,
        click: () => sendCommand('quick-switch'),
      },
      {
        label: labels.find,
        accelerator: 'CmdOrCtrl+Shift+F',
        registerAccelerator: false,
        click: () => sendCommand('find'),
      },
      { type: 'separator' },
      ...hubItems(hubs, actions),
      {
        label: labels.nextHub,
        accelerator: 'Ctrl+Tab',
        enabled: hubs.length > 1,
        click: () => sendCommand('next-hub'),
      },
      {
        label: labels.previousHub,
        accelerator: 'Ctrl+Shift+Tab',
        enabled: hubs.length > 1,
        click: () => sendCommand('previous-hub'),
      },
    ],
  }
}

/** Without "close": its Ctrl+W, which closes a tab in browsers, would end the app. */
function windowMenu(): MenuItemConstructorOptions {
  return { label: labels.window, submenu: [{ role: 'minimize' }] }
}

function helpMenu(isMac: boolean, actions: MenuActions): MenuItemConstructorOptions {
  return {
    role: 'help',
    submenu: [
      { label: labels.shortcuts, click: () => actions.sendCommand('shortcuts') },
      { label: labels.checkUpdates, click: actions.checkUpdates },
      { type: 'separator' },
      { label: labels.showLogs, click: actions.showLogs },
      { label: labels.showCrashes, click: actions.showCrashes },
      ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'about', label: labels.about } as const]),
    ],
  }
}

function macAppMenu(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  }
}

/** Ctrl/Cmd+1…9, shown only if there are at least two hubs. */
function hubItems(hubs: readonly string[], { openHub }: MenuActions): MenuItemConstructorOptions[] {
  if (hubs.length < 2) return []
  const items = hubs.slice(0, 9).map((label, index): MenuItemConstructorOptions => ({
    // an & would underline the next letter
    label: label.replaceAll('&', '&&'),
    accelerator: `CmdOrCtrl+${index + 1}`,
    // the page handles them already, as in a browser
    registerAccelerator: false,
    click: () => openHub(index),
  }))
  return [...items, { type: 'separator' }]
}
