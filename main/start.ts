// Assembles the shell. No other module does.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, powerMonitor, protocol, session, shell } from 'electron'
import type { DesktopSettings } from '../shared/desktop.ts'
import { setUpDesktopIntegration } from './desktop-integration.ts'
import type { Discovery } from './discovery/discovery.ts'
import { setUpHosting } from './host/hosting-setup.ts'
import { hasTray } from './host/tray-support.ts'
import { systemAutostart } from './host/electron-ports.ts'
import { Hubs } from './hubs/hubs.ts'
import { HubRegistry } from './hubs/registry.ts'
import { TokenStore } from './hubs/token-store.ts'
import { registerIpcHandlers } from './ipc/ipc-main.ts'
import { IpcRouter } from './ipc/router.ts'
import type { Handlers } from './ipc/schema.ts'
import { JsonFile } from './json-file.ts'
import { findLinkText } from './links/deep-links.ts'
import { findBackupArgument, existingBackup } from './links/backup-file.ts'
import type { OpenRequests } from './links/open-requests.ts'
import { openLog } from './log.ts'
import { trustSystemRoots } from './net/system-roots.ts'
import { systemClock, type Log } from './ports.ts'
import { PageAssets } from './protocol/assets.ts'
import { createRequestHandler } from './protocol/request-handler.ts'
import { HubProxy } from './protocol/hub-proxy.ts'
import { systemSecretBox } from './secret-box.ts'
import { guardSession, setSpellCheck } from './security/guards.ts'
import { externalUrl } from './security/external.ts'
import { SettingsStore } from './settings.ts'
import { saveAs } from './ui/save-as.ts'
import { guardDownloads } from './ui/downloads.ts'
import { mayRun } from './ui/sandbox-warning.ts'
import { endWithStartProblem } from './ui/start-problem.ts'
import { MainWindow } from './ui/main-window.ts'
import { UnfinishedWork } from './unfinished-work.ts'

/** The dist/ folder; this file runs from dist/main/. */
const distDir = fileURLToPath(new URL('..', import.meta.url))
const iconsDir = path.join(distDir, '..', 'main', 'icons')

export async function start(openRequests: OpenRequests): Promise<void> {
  const userData = app.getPath('userData')
  const log = openLog(path.join(userData, 'logs', 'app.log'))
  try {
    await startParts(openRequests, { userData, log })
  } catch (error) {
    endWithStartProblem(error, log)
  }
}

async function startParts(
  openRequests: OpenRequests,
  { userData, log }: { userData: string; log: Log },
): Promise<void> {
  log.info('starting', { version: app.getVersion(), electron: process.versions['electron'] })
  const settings = new SettingsStore(new JsonFile(path.join(userData, 'settings.json'), log))
  // before anything that a second start or a click in the dock could show
  if (!(await mayRun(settings, log))) return app.quit()
  const parts = createShell({ userData, log, settings })
  servePage(parts)
  handlePower(parts)
  handleAppEvents(parts)
  openWindow(parts, openRequests)
}

interface Shell {
  userData: string
  log: Log
  settings: SettingsStore
  tokens: TokenStore
  hubs: Hubs
  proxy: HubProxy
  mainWindow: MainWindow
  work: UnfinishedWork
  hostingSetup: ReturnType<typeof setUpHosting>
  desktopIntegration: ReturnType<typeof setUpDesktopIntegration>
}

/** Creates the parts, in the order in which they need each other. */
function createShell({ userData, log, settings }: Pick<Shell, 'userData' | 'log' | 'settings'>): Shell {
  const inUserData = (name: string): JsonFile => new JsonFile(path.join(userData, name), log)
  trustSystemRoots(log)
  const tokens = new TokenStore(inUserData('secrets.json'), {
    box: systemSecretBox,
    keepUnprotected: () => settings.current.keepUnprotected,
    log,
  })
  const hubs = new Hubs({
    registry: new HubRegistry(inUserData('hubs.json')),
    secrets: tokens,
    clock: systemClock,
    random: Math.random,
    log,
    hostedId: () => hostingSetup.hosting.hubId,
  })
  const proxy = new HubProxy({ hubs, log, userAgent: userAgent() })
  const mainWindow: MainWindow = new MainWindow({
    preload: path.join(distDir, 'main', 'preload.cjs'),
    state: inUserData('window.json'),
    log,
    icon: process.platform === 'linux' ? path.join(iconsDir, 'hubbub.png') : undefined,
    hidesOnClose: () => settings.current.closeToTray,
    isSystemEnding: () => hostingSetup.quitFlow.isSystemEnding,
    onStay: () => hostingSetup.quitFlow.cancel(),
    onPageGone: () => proxy.abortAll(),
    onSessionEnding: () => {
      hostingSetup.quitFlow.handleSystemShutdown()
      hostingSetup.hosting.prepareForSleep()
    },
  })
  const work = new UnfinishedWork()
  const hostingSetup = setUpHosting({
    hubs,
    work,
    userData,
    distDir,
    settingsFile: inUserData('hosting.json'),
    log,
    userAgent: userAgent(),
    isPackaged: app.isPackaged,
    sendToPage: (name, payload) => {
      mainWindow.sendToPage(name, payload)
      if (name === 'host') desktopIntegration.hostChanged()
    },
    currentWindow: () => mainWindow.dialogParent,
    // a user who lets the window close into the tray has seen one
    hasTray: () =>
      settings.current.closeToTray || hasTray(process.platform, process.env['XDG_CURRENT_DESKTOP']),
    showWindow: () => mainWindow.open(),
    hideWindow: () => mainWindow.hide(),
    quit: () => app.quit(),
  })
  const desktopIntegration: Shell['desktopIntegration'] = setUpDesktopIntegration({
    hubs,
    settings,
    mainWindow,
    log,
    iconsDir,
    logsDir: path.join(userData, 'logs'),
    hostStatus: () => hostingSetup.hosting.status(),
    prepareQuit: () => hostingSetup.quitFlow.prepare(),
    cancelQuit: () => hostingSetup.quitFlow.cancel(),
  })
  return { userData, log, settings, tokens, hubs, proxy, mainWindow, work, hostingSetup, desktopIntegration }
}

function userAgent(): string {
  return `Hubbub/${app.getVersion()} Electron/`
}

/** Everything the page can reach: its files, the hubs behind the proxy, the handlers, the list of hubs. */
function servePage(parts: Shell): void {
  const { hubs, log, proxy, mainWindow } = parts
  guardSession(session.defaultSession)
  setSpellCheck(session.defaultSession, parts.settings.current.spellCheck)
  guardDownloads(session.defaultSession)
  protocol.handle('app', createRequestHandler(new PageAssets(path.join(distDir, 'renderer')), proxy))
  registerIpcHandlers(new IpcRouter(createHandlers(parts), log), hubs)
  hubs.onChange((list) => mainWindow.sendToPage('hubs', list))
}

function createHandlers(parts: Shell): Partial<Handlers> {
  const { hubs, mainWindow, hostingSetup, desktopIntegration } = parts
  return {
    ...hostingSetup.handlers,
    ...hubHandlers(hubs, hostingSetup.discovery),
    ...settingsHandlers(parts),
    ...desktopIntegration.handlers,
    'shell.openExternal': openExternal,
    'shell.saveAs': (id, from, name) =>
      saveAs(hubs, { id, from, name }, { window: mainWindow.dialogParent, work: parts.work }),
    'app.info': async () => ({
      version: app.getVersion(),
      platform: process.platform as 'linux',
      electron: process.versions['electron'] ?? '',
      dataDir: parts.userData,
      secretProtection: await systemSecretBox.protection(),
    }),
    'app.ready': () => mainWindow.markPageReady(),
  }
}

function hubHandlers(hubs: Hubs, discovery: Discovery): Partial<Handlers> {
  return {
    'hubs.list': () => hubs.list(),
    'hubs.look': (address) => hubs.probe(address),
    'hubs.add': (address, fingerprint) => hubs.add(address, fingerprint),
    'hubs.remove': (id) => hubs.remove(id),
    'hubs.reorder': (ids) => hubs.reorder(ids),
    'hubs.retry': (id) => {
      hubs.get(id).wake()
      discovery.retry()
    },
  }
}

function settingsHandlers({ settings, tokens }: Shell): Partial<Handlers> {
  const autostart = systemAutostart()
  autostart.refresh()
  return {
    'settings.get': () => toPage(settings.current),
    'settings.set': async (changes) => {
      const changed = settings.change(changes)
      if (changes.keepUnprotected !== undefined) await tokens.save()
      if (changes.spellCheck !== undefined) setSpellCheck(session.defaultSession, changes.spellCheck)
      if (changes.startWithComputer !== undefined) autostart.setEnabled(changes.startWithComputer)
      return toPage(changed)
    },
  }
}

/** The settings without the members that only the shell uses. */
function toPage({
  acceptsNoSandbox: _,
  lastOfferedVersion: __,
  ...settings
}: SettingsStore['current']): DesktopSettings {
  return settings
}

async function openExternal(text: string): Promise<boolean> {
  const url = externalUrl(text)
  if (url === undefined) return false
  await shell.openExternal(url)
  return true
}

function handlePower({ hubs, mainWindow, hostingSetup }: Shell): void {
  powerMonitor.on('suspend', () => hostingSetup.hosting.prepareForSleep())
  powerMonitor.on('resume', () => {
    hostingSetup.hosting.handleWake()
    hubs.wake()
    hostingSetup.discovery.retry()
    mainWindow.sendToPage('resume', null)
  })
  followPower((power) => hostingSetup.setPower(power))
  const endWithSystem = (): void => {
    hostingSetup.quitFlow.handleSystemShutdown()
    app.quit()
  }
  // Linux and macOS; the typings lack the event, which delays the shutdown until the hub has ended
  powerMonitor.on('shutdown', (event?: { preventDefault: () => void }) => {
    event?.preventDefault()
    endWithSystem()
  })
  // on Linux a log-out ends programs by a signal and is not a shutdown
  if (process.platform !== 'win32') process.on('SIGTERM', endWithSystem).on('SIGHUP', endWithSystem)
}

/** On Linux the hub's process reads the files of the system: Electron has neither state nor events there. */
function followPower(tell: (power: 'mains' | 'battery') => void): void {
  if (process.platform === 'linux') return
  tell(powerMonitor.isOnBatteryPower() ? 'battery' : 'mains')
  powerMonitor.on('on-battery', () => tell('battery'))
  powerMonitor.on('on-ac', () => tell('mains'))
}

function handleAppEvents({ hubs, log, mainWindow, hostingSetup, desktopIntegration }: Shell): void {
  let isRelaunching = false
  app.on('second-instance', (_event, argv, workingDir) => {
    const { isEnding, isSystemEnding } = hostingSetup.quitFlow
    const backup = findBackupArgument(argv, workingDir)
    // this instance ends in a moment, and the user wants one that stays
    if (isEnding && !isSystemEnding) {
      if (!isRelaunching) relaunch(backup ?? findLinkText(argv))
      isRelaunching = true
      return
    }
    mainWindow.open()
    desktopIntegration.openLink(findLinkText(argv) ?? '')
    openBackup(hostingSetup, backup)
  })
  app.on('activate', () => mainWindow.open())
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (hostingSetup.quitFlow.requestQuit()) mainWindow.markQuitting()
    else event.preventDefault()
  })
  app.on('will-quit', () => hubs.close())
  app.on('child-process-gone', (_event, { type, serviceName, reason, exitCode }) => {
    if (reason !== 'clean-exit') log.warn('a process ended', { type, name: serviceName, reason, exitCode })
  })
  process.on('unhandledRejection', (error) => log.error('a rejected promise was not handled', { error }))
}

/** A link or a backup that this start was to open. */
function isOpened(argument: string): boolean {
  const argv = ['', argument]
  return (findLinkText(argv) ?? findBackupArgument(argv, process.cwd())) !== undefined
}

/** Starts the app again when it has ended, with what the user wants to open. */
function relaunch(opened: string | undefined): void {
  const execPath = process.env['APPIMAGE']
  app.relaunch({
    args: [
      ...process.argv.slice(1).filter((one) => one !== '--hidden' && !isOpened(one)),
      ...(opened === undefined ? [] : [opened]),
    ],
    ...(execPath === undefined ? {} : { execPath }),
  })
}

/** Starts what ran before, shows the window, then opens the link or the backup the app was started with. */
function openWindow(
  { mainWindow, hostingSetup, desktopIntegration }: Shell,
  openRequests: OpenRequests,
): void {
  hostingSetup.resume()
  if (startsHidden()) mainWindow.startHidden()
  else mainWindow.open()
  desktopIntegration.followLinks()
  openBackup(hostingSetup, findBackupArgument(process.argv, process.cwd()))
  openRequests.follow((request) => {
    if ('url' in request) desktopIntegration.openLink(request.url)
    else openBackup(hostingSetup, existingBackup(request.file))
  })
}

/** Started with the computer. macOS passes no arguments then. */
function startsHidden(): boolean {
  if (app.commandLine.hasSwitch('hidden')) return true
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin
}

function openBackup(hostingSetup: Shell['hostingSetup'], backup: string | undefined): void {
  if (backup !== undefined) void hostingSetup.openBackup(backup)
}
