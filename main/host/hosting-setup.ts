// Connects hosting and discovery for start.ts.
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { BrowserWindow } from 'electron'
import { Announcer } from '../discovery/announcer.ts'
import { Discovery } from '../discovery/discovery.ts'
import type { MdnsOptions } from '../discovery/mdns-socket.ts'
import type { Hubs } from '../hubs/hubs.ts'
import type { Handlers } from '../ipc/schema.ts'
import { JsonFile } from '../json-file.ts'
import { probeCertificate } from '../net/identity.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import type { HostStatus } from '../../shared/desktop.ts'
import type { Power } from '../../shared/hub-process-messages.ts'
import { systemClock, type Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import type { UnfinishedWork } from '../unfinished-work.ts'
import { backUp } from './backup.ts'
import { removeFolder } from './copy-folder.ts'
import { folderQuestion } from './folder-question.ts'
import { hasHub } from './host-folders.ts'
import { Hosting } from './hosting.ts'
import { createHostedHubList } from './hub-list.ts'
import { QuitFlow } from './quit-flow.ts'
import { SleepBlocker } from './sleep-blocker.ts'
import { SleepDelay, startSystemdInhibit, waitForFile } from './sleep-seal.ts'
import { ThirdComputer } from './third-computer.ts'
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
  confirmDataDir,
  confirmRestore,
  openFile,
  powerBlocker,
  showRestoreError,
} from './electron-ports.ts'

/** For work that is cut off, to remove what is incomplete. */
const workGraceMs = 3_000

export interface HostingSetupOptions {
  hubs: Hubs
  work: UnfinishedWork
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
  /** The app starts. */
  resume: () => void
  setPower: (power: Power) => void
  /** Handles a backup file that the user opened in the file manager. Asks before restoring. */
  openBackup: (backup: string) => Promise<void>
}

/** What this computer is for hubs: it hosts one or follows it, and may be the third computer of another. */
interface HostedComputer {
  hosting: Hosting
  third: ThirdComputer
  status: () => HostStatus
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
    onStatus: () => sendStatus(),
  })
  const third = new ThirdComputer({
    file: new JsonFile(path.join(userData, 'third-computer.json'), log),
    dataDir: path.join(userData, 'third-computer'),
    ...{ spawner, clock: systemClock },
    logFile: path.join(userData, 'logs', 'third-computer.log'),
    onStatus: () => sendStatus(),
  })
  const computer: HostedComputer = {
    hosting,
    third,
    status: () => ({ ...hosting.status(), vote: third.status }),
  }
  const sendStatus = (): void => sendToPage('host', computer.status())
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
    handlers: createHandlers(computer, discovery, { options, settings, logFile, spawner }),
    quitFlow: createQuitFlow(computer, discovery, options),
    resume: () => {
      hosting.resume()
      third.resume()
    },
    setPower: (power) => {
      hosting.setPower(power)
      third.setPower(power)
    },
    openBackup: async (backup) => {
      options.showWindow()
      try {
        if (!(await confirmRestore(options.currentWindow(), backup))) return
        await options.work.run('restore', (signal) => hosting.restore(backup, unusedDataDir(options), signal))
      } catch (error) {
        showRestoreError(options.currentWindow(), error)
      }
    },
  }
}

/** Returns a folder for another hub. Never overwrites an existing one. @throws ShellError while one is being restored */
function unusedDataDir({ userData, work }: HostingSetupOptions): string {
  if (work.kinds.includes('restore'))
    throw new ShellError('conflict', 'A backup is being restored. Try again once that has ended.')
  for (let n = 2; ; n += 1) {
    const folder = path.join(userData, `hub-${n}`)
    // left by a restore that was killed with the app
    if (existsSync(path.join(folder, '.restoring'))) removeFolder(folder)
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
  computer: HostedComputer,
  discovery: Discovery,
  {
    options,
    settings,
    logFile,
    spawner,
  }: { options: HostingSetupOptions; settings: HostSettingsFile; logFile: string; spawner: HubSpawner },
): Partial<Handlers> {
  const { hosting, third, status } = computer
  return {
    'host.status': status,
    'host.start': (changes) => hosting.start(changes).then(status),
    'host.setUp': (owner) => hosting.setUp(owner),
    'host.stop': () => hosting.stop().then(status),
    'host.restart': () => hosting.restart().then(status),
    'host.settings': () => hosting.settings(),
    'host.change': (changes) => hosting.changeSettings(changes),
    'host.chooseDataDir': async () => {
      const presentDir = settings.current.dataDir
      const chosenDir = await chooseDataDir(options.currentWindow(), presentDir)
      if (chosenDir === undefined || path.resolve(chosenDir) === path.resolve(presentDir)) return undefined
      const question = folderQuestion({
        present: hosting.hubId === undefined ? undefined : settings.current.name,
        ...{ presentDir, chosenDir, connectedUsers: hosting.connectedUsers, hasHub: hasHub(chosenDir) },
      })
      if (question && !(await confirmDataDir(options.currentWindow(), question))) return undefined
      await hosting.useDataDir(chosenDir)
      return chosenDir
    },
    'host.backUp': async () => {
      const { name, dataDir } = settings.current
      const to = await chooseBackupDestination(options.currentWindow(), name || 'hub')
      if (to === undefined) return undefined
      const backupLog = path.join(path.dirname(logFile), 'backup.log')
      await options.work.run('backup', (signal) =>
        backUp(spawner, { dataDir, to, logFile: backupLog }, signal),
      )
      return to
    },
    'host.restore': async () => {
      const backup = await chooseBackup(options.currentWindow())
      if (backup === undefined || !(await confirmRestore(options.currentWindow(), backup))) return undefined
      await options.work.run('restore', (signal) => hosting.restore(backup, unusedDataDir(options), signal))
      return status()
    },
    'host.follow': (link) => join(computer, link, unusedDataDir(options)).then(status),
    'host.leave': (deletes) => hosting.leave({ deletes }).then(status),
    'host.takeOver': () => hosting.takeOver().then(status),
    'host.endVote': () => third.end().then(status),
    'host.invite': () => hosting.invite(),
    'host.checkReachable': () => hosting.checkConnectivity(),
    'host.networks': () => hosting.listNetworks(),
    'host.openLog': () => openFile(logFile),
    'discovery.watch': () => discovery.watch(),
    'discovery.unwatch': () => discovery.unwatch(),
  }
}

/** Follows the hub of a link, or votes for it. The page has asked the user. @throws ShellError with the problem */
async function join({ hosting, third }: HostedComputer, text: string, dataDir: string): Promise<unknown> {
  const link = parseStandbyLink(text.trim())
  if (!link)
    throw new ShellError(
      'invalid',
      'This is not the link of a hub for another computer. The owner creates it under Administration, Standby computers.',
    )
  if (link.hubId === hosting.hubId && hosting.isRunning)
    throw new ShellError(
      'conflict',
      'This computer has that hub already. Use the link on another computer: all of them failing at once helps nobody.',
    )
  return link.kind === 'vote'
    ? third.join(link, text.trim())
    : hosting.follow(text.trim(), dataDir, link.hubName)
}

function createQuitFlow(
  { hosting, third }: HostedComputer,
  discovery: Discovery,
  options: HostingSetupOptions,
): QuitFlow {
  let wasRunning = false
  const quitFlow: QuitFlow = new QuitFlow({
    isBusy: () =>
      hosting.status().state !== 'stopped' ||
      (third.status?.state ?? 'stopped') !== 'stopped' ||
      options.work.kinds.length > 0,
    askUser: () =>
      askBeforeQuit({
        ...{ hosting, work: options.work },
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
      options.work.abort()
      const ended = await Promise.allSettled([hosting.quit(), third.quit(), discovery.stop()])
      await Promise.race([options.work.settled(), new Promise((resolve) => setTimeout(resolve, workGraceMs))])
      for (const one of ended) {
        if (one.status === 'rejected')
          options.log.error('the hub did not end in order', { error: one.reason as unknown })
      }
    },
    resume: () => {
      if (wasRunning) void hosting.start()
      third.resume()
    },
    hide: options.hideWindow,
    show: options.showWindow,
    quit: options.quit,
  })
  return quitFlow
}
