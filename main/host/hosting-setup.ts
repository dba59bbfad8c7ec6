// Connects hosting and discovery for start.ts.
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { BrowserWindow } from 'electron'
import { Announcer } from '../discovery/announcer.ts'
import { Discovery } from '../discovery/discovery.ts'
import type { MdnsOptions } from '../discovery/mdns-socket.ts'
import type { Hubs } from '../hubs/hubs.ts'
import type { Handlers } from '../ipc/schema.ts'
import type { JsonFile } from '../json-file.ts'
import { probeCertificate } from '../net/identity.ts'
import { systemClock, type Log } from '../ports.ts'
import { backUp } from './backup.ts'
import { Hosting } from './hosting.ts'
import { createHostedHubList } from './hub-list.ts'
import { QuitFlow } from './quit-flow.ts'
import { SleepBlocker } from './sleep-blocker.ts'
import { SleepDelay, startSystemdInhibit, waitForFile } from './sleep-seal.ts'
import { askBeforeQuit } from './quit-question.ts'
import { checkConnectivity, localNetworks } from './connectivity/check.ts'
import { HostSettingsFile } from './settings.ts'
import type { HubSpawner } from './supervisor.ts'
import {
  showQuitQuestion,
  chooseBackup,
  chooseBackupDestination,
  chooseDataDir,
  createHubSpawner,
  confirmRestore,
  openFile,
  powerBlocker,
  showRestoreError,
} from './electron-ports.ts'

export interface HostingSetupOptions {
  hubs: Hubs
  userData: string
  /** The dist/ folder. */
  distDir: string
  settingsFile: JsonFile
  log: Log
  userAgent: string
  isPackaged: boolean
  sendToPage: (name: 'host' | 'discovery', payload: unknown) => void
  /** The parent of dialogs. */
  currentWindow: () => BrowserWindow | undefined
  hasTray: () => boolean
  showWindow: () => void
  hideWindow: () => void
  quit: () => void
}

export interface HostingSetup {
  hosting: Hosting
  discovery: Discovery
  handlers: Partial<Handlers>
  quitFlow: QuitFlow
  /** Handles a backup file that the user opened in the file manager. Asks before restoring. */
  openBackup: (backup: string) => Promise<void>
}

export function setUpHosting(options: HostingSetupOptions): HostingSetup {
  const { hubs, userData, distDir, log, sendToPage } = options
  const logFile = path.join(userData, 'logs', 'hub.log')
  const network = options.isPackaged ? {} : parseMdnsOptions(process.env['HUBBUB_DISCOVERY'])
  const settings = new HostSettingsFile(options.settingsFile, path.join(userData, 'hub'))
  const spawner = createHubSpawner(path.join(distDir, 'hub', 'server', 'hub-process.js'), log)
  const hosting: Hosting = new Hosting({
    settings,
    spawner,
    clock: systemClock,
    hubs: createHostedHubList(hubs, options.userAgent),
    announcer: new Announcer(network),
    keepAwake: new SleepBlocker(powerBlocker),
    sleepDelay: new SleepDelay(startSystemdInhibit),
    waitForFile,
    logFile,
    pagesDir: path.join(distDir, 'renderer'),
    log,
    listNetworks: localNetworks,
    checkConnectivity: (input) =>
      checkConnectivity(input, async (host, port) => {
        const presented = await probeCertificate({ host, port, plain: false }).catch(() => undefined)
        return presented !== undefined && presented.fingerprint === hosting.hubId
      }),
    onStatus: (status) => sendToPage('host', status),
  })
  const discovery = new Discovery({
    clock: systemClock,
    log,
    onFound: (found) => sendToPage('discovery', found),
    addAddresses: (id, addresses) => hubs.addAddresses(id, addresses),
    network,
  })
  hubs.onChange((list) => discovery.updateHubs(list.filter(({ id }) => id !== hosting.hubId)))
  hubs.onMessage((id, message) => {
    if (message.t === 'state') hosting.addOwnUser(id, message.me.id)
  })
  return {
    hosting,
    discovery,
    handlers: createHandlers(hosting, discovery, { options, settings, logFile, spawner }),
    quitFlow: createQuitFlow(hosting, discovery, options),
    openBackup: async (backup) => {
      options.showWindow()
      if (!(await confirmRestore(options.currentWindow(), backup))) return
      try {
        await hosting.restore(backup, unusedDataDir(userData))
      } catch (error) {
        showRestoreError(options.currentWindow(), error)
      }
    },
  }
}

/** Returns a folder for the hub of a backup. Never overwrites an existing one. */
function unusedDataDir(userData: string): string {
  for (let n = 2; ; n += 1) {
    const folder = path.join(userData, `hub-${n}`)
    if (!existsSync(folder)) return folder
  }
}

/**
 * Reads a setting such as `127.0.0.1:20000`: tests find each other on this computer and send to no other, on the
 * stand-in and on the real Electron alike. Installed apps do not read it.
 */
function parseMdnsOptions(setting: string | undefined): MdnsOptions {
  const [, address, port] = /^([\d.]+):(\d+)$/.exec(setting ?? '') ?? []
  return address === undefined ? {} : { interfaces: [address], port: Number(port) }
}

function createHandlers(
  hosting: Hosting,
  discovery: Discovery,
  {
    options,
    settings,
    logFile,
    spawner,
  }: { options: HostingSetupOptions; settings: HostSettingsFile; logFile: string; spawner: HubSpawner },
): Partial<Handlers> {
  return {
    'host.status': () => hosting.status(),
    'host.start': (changes) => hosting.start(changes),
    'host.setUp': (owner) => hosting.setUp(owner),
    'host.stop': () => hosting.stop(),
    'host.restart': () => hosting.restart(),
    'host.settings': () => hosting.settings(),
    'host.change': (changes) => hosting.changeSettings(changes),
    'host.chooseDataDir': async () => {
      const dataDir = await chooseDataDir(options.currentWindow(), settings.current.dataDir)
      if (dataDir !== undefined) await hosting.changeSettings({ dataDir })
      return dataDir
    },
    'host.backUp': async () => {
      const { name, dataDir } = settings.current
      const to = await chooseBackupDestination(options.currentWindow(), name || 'hub')
      if (to === undefined) return undefined
      await backUp(spawner, { dataDir, to, logFile: path.join(path.dirname(logFile), 'backup.log') })
      return to
    },
    'host.restore': async () => {
      const backup = await chooseBackup(options.currentWindow())
      if (backup === undefined || !(await confirmRestore(options.currentWindow(), backup))) return undefined
      return hosting.restore(backup, unusedDataDir(options.userData))
    },
    'host.follow': (link) => hosting.follow(link, unusedDataDir(options.userData)),
    'host.invite': () => hosting.invite(),
    'host.checkReachable': () => hosting.checkConnectivity(),
    'host.networks': () => hosting.listNetworks(),
    'host.openLog': () => openFile(logFile),
    'discovery.watch': () => discovery.watch(),
    'discovery.unwatch': () => discovery.unwatch(),
  }
}

function createQuitFlow(hosting: Hosting, discovery: Discovery, options: HostingSetupOptions): QuitFlow {
  let wasRunning = false
  const quitFlow: QuitFlow = new QuitFlow({
    isBusy: () => hosting.status().state !== 'stopped',
    askUser: () =>
      askBeforeQuit({
        hosting,
        hasTray: options.hasTray(),
        show: (question) => showQuitQuestion(options.currentWindow(), question),
      }),
    shutDown: async () => {
      wasRunning = hosting.isRunning
      // nobody was asked: the hub goes on elsewhere, as it does when this computer sleeps
      if (quitFlow.isSystemEnding && hosting.handOverTo) {
        await hosting.handOver().catch((error: unknown) => {
          options.log.warn('the hub was not handed over at shutdown', { error })
        })
      }
      const ended = await Promise.allSettled([hosting.quit(), discovery.stop()])
      for (const one of ended) {
        if (one.status === 'rejected')
          options.log.error('the hub did not end in order', { error: one.reason as unknown })
      }
    },
    resume: () => {
      if (wasRunning) void hosting.start()
    },
    hide: options.hideWindow,
    show: options.showWindow,
    quit: options.quit,
  })
  return quitFlow
}
