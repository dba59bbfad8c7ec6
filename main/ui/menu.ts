import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { ShellCommand } from '../../shared/desktop.ts'
import { words } from '../text.ts'

export interface MenuActions {
  command: (command: ShellCommand) => void
  /** 1 to 9, as they stand in the rail. */
  goToHub: (index: number) => void
  showLogs: () => void
  showCrashes: () => void
  checkUpdates: () => void
}

export interface MenuOptions {
  platform: NodeJS.Platform
  /** Names of the hubs, in their order. */
  hubs: readonly string[]
  /** Development tools: only in a build that asks for them. */
  devTools: boolean
}

/** The menu of the app. On Windows and Linux it hides behind Alt; its shortcuts work all the same. */
export function setMenu(options: MenuOptions, actions: MenuActions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuOf(options, actions)))
}

export function menuOf(options: MenuOptions, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin'
  const to = (command: ShellCommand) => () => actions.command(command)
  const settings: MenuItemConstructorOptions = {
    label: words.settings,
    accelerator: 'CmdOrCtrl+,',
    click: to('settings'),
  }
  return [
    ...(isMac ? [macApp(settings)] : []),
    {
      label: words.file,
      submenu: [
        { label: words.newChat, accelerator: 'CmdOrCtrl+N', click: to('new-chat') },
        { label: words.addHub, click: to('add-hub') },
        { label: words.hosting, click: to('hosting') },
        { type: 'separator' },
        ...(isMac ? [] : [settings, { type: 'separator' } as const]),
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      role: 'viewMenu',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(options.devTools ? [{ role: 'toggleDevTools' } as const] : []),
      ],
    },
    {
      label: words.go,
      submenu: [
        {
          label: words.quickSwitch,
          accelerator: 'CmdOrCtrl+K',
          registerAccelerator: false,
          click: to('quick-switch'),
        },
        {
          label: words.find,
          accelerator: 'CmdOrCtrl+Shift+F',
          registerAccelerator: false,
          click: to('find'),
        },
        { type: 'separator' },
        ...hubItems(options.hubs, actions),
        {
          label: words.nextHub,
          accelerator: 'Ctrl+Tab',
          enabled: options.hubs.length > 1,
          click: to('next-hub'),
        },
        {
          label: words.previousHub,
          accelerator: 'Ctrl+Shift+Tab',
          enabled: options.hubs.length > 1,
          click: to('previous-hub'),
        },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: words.shortcuts, click: to('shortcuts') },
        { label: words.checkUpdates, click: actions.checkUpdates },
        { type: 'separator' },
        { label: words.showLogs, click: actions.showLogs },
        { label: words.showCrashes, click: actions.showCrashes },
        ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'about', label: words.about } as const]),
      ],
    },
  ]
}

function macApp(settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
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

/** Ctrl/Cmd+1…9, shown only when there is something to switch between. */
function hubItems(hubs: readonly string[], { goToHub }: MenuActions): MenuItemConstructorOptions[] {
  if (hubs.length < 2) return []
  const items = hubs.slice(0, 9).map((label, index): MenuItemConstructorOptions => ({
    // an & would underline the letter behind it
    label: label.replaceAll('&', '&&'),
    accelerator: `CmdOrCtrl+${index + 1}`,
    // the page has them already, so that they work as in a browser
    registerAccelerator: false,
    click: () => goToHub(index),
  }))
  return [...items, { type: 'separator' }]
}
