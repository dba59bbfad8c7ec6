// Desktop integration outside the window: menu, tray, badge, notifications, links and update checks.
import { app, autoUpdater, shell } from 'electron'
import type { HostStatus, HubId, HubInfo, DesktopNotification } from '../shared/desktop.ts'
import type { Hubs } from './hubs/hubs.ts'
import type { Handlers } from './ipc/schema.ts'
import { parseAppLink, findLinkArgument } from './links/deep-links.ts'
import { withHubName } from './notify/hub-title.ts'
import { UserNames } from './notify/user-names.ts'
import { NotificationPolicy } from '../shared/notification-policy.ts'
import { doNotDisturbUntil } from '../shared/do-not-disturb.ts'
import { systemClock, type Log } from './ports.ts'
import type { SettingsStore } from './settings.ts'
import { labels } from './text.ts'
import { Badge } from './ui/badge.ts'
import { addContextMenu } from './ui/context-menu.ts'
import { setMenu } from './ui/menu.ts'
import { Notifier } from './ui/notifier.ts'
import { hostLabel, TrayIcon } from './ui/tray.ts'
import { confirmUpdate, showUpdateResult } from './ui/update-dialogs.ts'
import type { MainWindow } from './ui/main-window.ts'
import { HubPackages } from './updates/hub-packages.ts'
import { trustedKeys } from './updates/release-keys.ts'
import { feedInstaller, installedKind, internetReleases } from './updates/system-updater.ts'
import { UpdateChecker } from './updates/update-checker.ts'

export interface DesktopIntegrationOptions {
  hubs: Hubs
  settings: SettingsStore
  mainWindow: MainWindow
  log: Log
  /** Folder with the tray icons. */
  iconsDir: string
  logsDir: string
  /** The hub of this computer. */
  hostStatus: () => HostStatus
  /** Ends the hub in order before the app does. Resolves with false if the user stays. */
  prepareQuit: () => Promise<boolean>
  /** The app stays although it was prepared to end. */
  cancelQuit: () => void
}

/** Sets up everything outside the window. Returns the handlers that the page may call. */
export function setUpDesktopIntegration(options: DesktopIntegrationOptions): {
  handlers: Partial<Handlers>
  /** The hub on this computer started, stopped, or its number of connected users changed. */
  hostChanged: () => void
  /** Opens a `hubbub://` link. */
  openLink: (address: string) => void
  /** Opens the link the app was started with. Call it once the window can be opened. */
  followLinks: () => void
} {
  const { hubs, settings, mainWindow, iconsDir } = options
  const sendCommand = (name: Parameters<MainWindow['sendToPage']>[1]): void => {
    mainWindow.open()
    mainWindow.sendToPage('command', name)
  }
  const badge = new Badge(iconsDir)
  const tray = new TrayIcon(iconsDir, {
    openWindow: () => mainWindow.open(),
    openHosting: () => sendCommand('hosting'),
    newChat: () => sendCommand('new-chat'),
    setDoNotDisturb: (choice) => settings.record({ quietUntil: doNotDisturbUntil(choice, Date.now()) }),
    quit: () => app.quit(),
  })
  const updateIndicators = (): void => {
    const unread = sumCounts(hubs.list(), 'unread')
    badge.update(unread, sumCounts(hubs.list(), 'mentions'), mainWindow.current)
    tray.update({
      unread,
      host: hostLabel(options.hostStatus()),
      isDoNotDisturb: settings.current.quietUntil > Date.now(),
    })
  }
  hubs.onChange(updateIndicators)
  settings.onChange(updateIndicators)
  updateIndicators()

  const notify = setUpNotifications(options)
  setUpMenu(options, sendCommand)
  app.on('web-contents-created', (_event, contents) => addContextMenu(contents))
  return {
    handlers: {
      'shell.setUnread': () => updateIndicators(),
      'shell.testNotify': () =>
        notify({ key: 'test', title: labels.testTitle, body: labels.testBody, hubId: '', route: '/' }),
    },
    hostChanged: updateIndicators,
    openLink: (address) => openLink(mainWindow, parseAppLink(address)),
    followLinks: () => handleAppLinks(mainWindow),
  }
}

function sumCounts(hubs: readonly HubInfo[], field: 'unread' | 'mentions'): number {
  return hubs.reduce((sum, hub) => sum + hub[field], 0)
}

/** Returns true if the system showed the notification. */
type ShowNotification = (notice: DesktopNotification) => Promise<boolean>

function setUpNotifications({ hubs, settings, mainWindow }: DesktopIntegrationOptions): ShowNotification {
  const userNames = new UserNames(hubs)
  const notifier = new Notifier({
    playsSounds: () => settings.current.sounds,
    onClick: ({ hubId, route }) => {
      mainWindow.open()
      if (hubId !== '') mainWindow.sendToPage('route', { hubId, route })
    },
    onForgottenClick: () => mainWindow.open(),
  })
  const notify: ShowNotification = async (notice) => {
    const isShown = await notifier.show(notice)
    // unsigned on macOS, or not allowed: the page shows a toast instead
    if (!isShown) mainWindow.sendToPage('notice', notice)
    return isShown
  }
  const policy = new NotificationPolicy({
    texts: labels,
    settings: () => settings.current,
    now: () => Date.now(),
    isChatVisible: (hubId, chatId) => mainWindow.isChatVisible(hubId, chatId),
    getUserName: (hubId, userId) => userNames.get(hubId, userId),
    show: (notice) => void notify(withHubName(notice, hubs.list())),
    clear: (key) => notifier.clear(key),
  })
  const hubOf = (id: HubId) => hubs.list().find((hub) => hub.id === id)
  hubs.onChats((id, myId, chats) => {
    const hub = hubOf(id)
    if (hub) void policy.updateChats(hub, myId, chats)
  })
  hubs.onThreads((id, myId, threads) => {
    const hub = hubOf(id)
    if (hub) void policy.updateThreads(hub, myId, threads)
  })
  const accounts = new Map<HubId, { id: string; role: string }>()
  hubs.onMessage((id, message) => {
    if (message.t === 'state') accounts.set(id, message.me)
    const me = accounts.get(id)
    const hub = hubOf(id)
    if (message.t === 'entry' && message.type === 'user.added' && hub && me && me.role !== 'member') {
      if (!message.user.bot && message.by !== me.id) policy.announceArrival(hub, message.user)
    }
    if (message.t !== 'entry' || message.type !== 'message.sent') return
    if ('text' in message.message) policy.cacheReply(id, message.message)
  })
  hubs.onChange((list) => {
    for (const { id, state } of list) if (state === 'signed-out') policy.clearHub(id)
  })
  app.on('will-quit', () => notifier.clearAll())
  return notify
}

function setUpMenu(
  { hubs, settings, mainWindow, log, logsDir, prepareQuit, cancelQuit }: DesktopIntegrationOptions,
  sendCommand: (name: unknown) => void,
): void {
  const hubPackages = new HubPackages({
    hubs,
    keys: trustedKeys(app.isPackaged, process.env),
    installed: {
      version: app.getVersion(),
      platform: process.platform,
      arch: process.arch,
      kind: installedKind(),
    },
    installer: feedInstaller,
    log,
  })
  const updates = new UpdateChecker({
    sources: [hubPackages, internetReleases(() => settings.current.checkUpdates)],
    clock: systemClock,
    log,
    confirmInstall: confirmUpdate,
    showResult: showUpdateResult,
    showDownload: (version) =>
      mainWindow.sendToPage('notice', {
        ...{ key: 'update', hubId: '', route: '/' },
        ...{ title: labels.app, body: labels.updateDownloads(version) },
      }),
    lastOffer: {
      get: () => settings.current.lastOfferedVersion,
      set: (version) => settings.record({ lastOfferedVersion: version }),
    },
    prepareQuit: async () => {
      const isReady = await prepareQuit()
      if (isReady) mainWindow.markQuitting()
      return isReady
    },
    cancelQuit: () => {
      mainWindow.markStaying()
      cancelQuit()
    },
  })
  // on macOS the updater closes the windows before the app is asked to quit
  autoUpdater.on('before-quit-for-update', () => mainWindow.markQuitting())
  updates.start()
  app.on('will-quit', () => updates.stop())
  app.setAboutPanelOptions({
    applicationName: labels.app,
    applicationVersion: app.getVersion(),
    copyright: labels.copyright,
  })
  let shownNames: string[] | undefined
  const updateMenu = (list: readonly HubInfo[]): void => {
    const currentNames = list.map(({ name }) => name)
    // a rebuilt menu flickers on some systems, and counts change all the time
    if (shownNames && currentNames.join('\n') === shownNames.join('\n')) return
    shownNames = currentNames
    setMenu(
      {
        platform: process.platform,
        hubs: currentNames,
        devTools: !app.isPackaged || app.commandLine.hasSwitch('devtools'),
      },
      {
        sendCommand,
        openHub: (index) => {
          const hub = hubs.list()[index]
          if (hub) mainWindow.sendToPage('route', { hubId: hub.id, route: '/' })
        },
        showLogs: () => void shell.openPath(logsDir),
        showCrashes: () => void shell.openPath(app.getPath('crashDumps')),
        checkUpdates: () => void updates.check(true),
      },
    )
  }
  hubs.onChange(updateMenu)
  updateMenu(hubs.list())
}

type AppLink = ReturnType<typeof findLinkArgument>

function openLink(mainWindow: MainWindow, link: AppLink): void {
  if (!link) return
  mainWindow.open()
  mainWindow.sendToPage('link', link)
}

/** Registers the app for `hubbub://` links. The page asks the user before anything happens. */
function handleAppLinks(mainWindow: MainWindow): void {
  // not from the sources or for a second profile: links would open a command that is soon gone
  if (app.isPackaged && !app.commandLine.hasSwitch('user-data-dir')) app.setAsDefaultProtocolClient('hubbub')
  openLink(mainWindow, findLinkArgument(process.argv))
}
