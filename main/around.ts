// What the app is outside of its window: menu, tray, badge, notifications, links, the look at releases.
import path from 'node:path'
import { app, shell } from 'electron'
import type { HubId, HubInfo, Notice } from '../shared/desktop.ts'
import type { Hubs } from './hubs/hubs.ts'
import type { Handlers } from './ipc/schema.ts'
import { desktopLink, linkAmong } from './links/deep-links.ts'
import { Names } from './notify/names.ts'
import { Notices } from './notify/notices.ts'
import { quietUntil } from '../shared/quiet.ts'
import { systemClock, type Log } from './ports.ts'
import type { Settings } from './settings.ts'
import { words } from './text.ts'
import { Badge } from './ui/badge.ts'
import { addContextMenu } from './ui/context-menu.ts'
import { setMenu } from './ui/menu.ts'
import { Notifier } from './ui/notifier.ts'
import { TrayIcon } from './ui/tray.ts'
import { offerUpdate, tellUpdate } from './ui/update-dialogs.ts'
import type { Windows } from './ui/windows.ts'
import { systemUpdater } from './updates/system-updater.ts'
import { Updates } from './updates/updates.ts'

export interface AroundOptions {
  hubs: Hubs
  settings: Settings
  windows: Windows
  log: Log
  /** Where the drawn icons of the tray are. */
  icons: string
  logs: string
  /** People on the hub that runs here; nothing when none does. */
  peopleHere: () => number | undefined
}

/** Puts all that there is around the window; answers what of it the page may ask for. */
export function putAround(options: AroundOptions): {
  handlers: Partial<Handlers>
  /** The hub on this computer started, ended, or has other people on it. */
  hostChanged: () => void
  /** Follows the links that come, once the window can be opened. */
  followLinks: () => void
} {
  const { hubs, settings, windows, icons } = options
  const command = (name: Parameters<Windows['tell']>[1]): void => {
    windows.open()
    windows.tell('command', name)
  }
  const badge = new Badge(icons)
  const tray = new TrayIcon(icons, {
    open: () => windows.open(),
    hosting: () => command('hosting'),
    newChat: () => command('new-chat'),
    quiet: (choice) => void settings.change({ quietUntil: quietUntil(choice, Date.now()) }),
    quit: () => app.quit(),
  })
  const show = (): void => {
    const unread = sumOf(hubs.list(), 'unread')
    badge.show(unread, sumOf(hubs.list(), 'mentions'), windows.current)
    tray.show({
      unread,
      hosting: options.peopleHere(),
      isQuiet: settings.current.quietUntil > Date.now(),
    })
  }
  hubs.onChange(show)
  settings.onChange(show)
  show()

  const notify = notifications(options)
  addMenu(options, command)
  app.on('web-contents-created', (_event, contents) => addContextMenu(contents))
  return {
    handlers: {
      'shell.setUnread': () => show(),
      'shell.testNotify': () =>
        notify({ key: 'test', title: words.testTitle, body: words.testBody, hubId: '', route: '/' }),
    },
    hostChanged: show,
    followLinks: () => followLinks(windows),
  }
}

function sumOf(hubs: readonly HubInfo[], what: 'unread' | 'mentions'): number {
  return hubs.reduce((sum, hub) => sum + hub[what], 0)
}

/** Answers whether the system shows it. */
type Notify = (notice: Notice) => Promise<boolean>

function notifications({ hubs, settings, windows }: AroundOptions): Notify {
  const names = new Names(hubs)
  const notifier = new Notifier({
    sounds: () => settings.current.sounds,
    clicked: ({ hubId, route }) => {
      windows.open()
      if (hubId !== '') windows.tell('route', { hubId, route })
    },
  })
  const notify: Notify = async (notice) => {
    const isShown = await notifier.show(notice)
    // unsigned on macOS, or not allowed: the window tells it instead
    if (!isShown) windows.tell('notice', notice)
    return isShown
  }
  const notices = new Notices({
    settings: () => settings.current,
    now: () => Date.now(),
    isLookingAt: (hubId, chatId) => windows.isLookingAt(hubId, chatId),
    nameOf: (hubId, userId) => names.of(hubId, userId),
    show: (notice) => void notify(notice),
    clear: (key) => notifier.clear(key),
  })
  const hubOf = (id: HubId) => hubs.list().find((one) => one.id === id)
  hubs.onCounted((id, myId, chats) => {
    const hub = hubOf(id)
    if (hub) void notices.count(hub, myId, chats)
  })
  hubs.onThreads((id, myId, threads) => {
    const hub = hubOf(id)
    if (hub) void notices.countThreads(hub, myId, threads)
  })
  hubs.onHeard((id, message) => {
    if (message.t !== 'entry' || message.type !== 'message.sent') return
    if ('text' in message.message) notices.heard(id, message.message)
  })
  hubs.onChange((list) => {
    for (const { id, state } of list) if (state === 'signed-out') notices.forget(id)
  })
  app.on('will-quit', () => notifier.clearAll())
  return notify
}

function addMenu(
  { hubs, settings, windows, log, logs }: AroundOptions,
  command: (name: unknown) => void,
): void {
  const updates = new Updates({
    updater: systemUpdater,
    clock: systemClock,
    log,
    isOn: () => settings.current.checkUpdates,
    offer: offerUpdate,
    tell: tellUpdate,
  })
  updates.start()
  app.on('will-quit', () => updates.stop())
  app.setAboutPanelOptions({
    applicationName: words.app,
    applicationVersion: app.getVersion(),
    copyright: words.copyright,
  })
  let names: string[] | undefined
  const set = (list: readonly HubInfo[]): void => {
    const now = list.map(({ name }) => name)
    // it flickers on some systems, and counts change all the time
    if (names && now.join('\n') === names.join('\n')) return
    names = now
    setMenu(
      {
        platform: process.platform,
        hubs: now,
        devTools: !app.isPackaged || app.commandLine.hasSwitch('devtools'),
      },
      {
        command,
        goToHub: (index) => {
          const hub = hubs.list()[index]
          if (hub) windows.tell('route', { hubId: hub.id, route: '/' })
        },
        showLogs: () => void shell.openPath(logs),
        showCrashes: () => void shell.openPath(app.getPath('crashDumps')),
        checkUpdates: () => void updates.check(true),
      },
    )
  }
  hubs.onChange(set)
  set(hubs.list())
}

/** `hubbub://` leads here; the page asks the person before anything happens. */
function followLinks(windows: Windows): void {
  // a program that was started with a script of its own must be named with it
  if (process.defaultApp) {
    app.setAsDefaultProtocolClient('hubbub', process.execPath, [path.resolve(process.argv[1] ?? '.')])
  } else app.setAsDefaultProtocolClient('hubbub')
  const follow = (link: ReturnType<typeof linkAmong>): void => {
    if (!link) return
    windows.open()
    windows.tell('link', link)
  }
  app.on('open-url', (event, url) => {
    event.preventDefault()
    follow(desktopLink(url))
  })
  app.on('second-instance', (_event, argv) => follow(linkAmong(argv)))
  follow(linkAmong(process.argv))
}
