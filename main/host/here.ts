// Hosting and finding, put together for start.ts.
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { BrowserWindow } from 'electron'
import { Announcer } from '../discovery/announce.ts'
import { Discovery } from '../discovery/discovery.ts'
import type { NetworkOptions } from '../discovery/network.ts'
import type { Hubs } from '../hubs/hubs.ts'
import type { Handlers } from '../ipc/schema.ts'
import type { JsonFile } from '../json-file.ts'
import { lookAtKey } from '../net/identity.ts'
import { systemClock, type Log } from '../ports.ts'
import { backUp } from './backing-up.ts'
import { Hosting } from './hosting.ts'
import { hubList } from './hub-list.ts'
import { Leaving } from './leaving.ts'
import { KeepAwake } from './power.ts'
import { quitQuestion } from './quit.ts'
import { checkReachable, ownNetworks } from './reach/check.ts'
import { HostSettingsFile } from './settings.ts'
import type { HubSpawner } from './supervisor.ts'
import {
  askPerson,
  chooseBackup,
  chooseBackupFile,
  chooseFolder,
  hubSpawner,
  mayRestore,
  openFile,
  powerBlocker,
  sayNotRestored,
} from './system.ts'

export interface HostHereOptions {
  hubs: Hubs
  userData: string
  /** dist/. */
  built: string
  file: JsonFile
  log: Log
  agent: string
  isPackaged: boolean
  tell: (name: 'host' | 'discovery', payload: unknown) => void
  window: () => BrowserWindow | undefined
  hasTray: () => boolean
  showWindow: () => void
  quit: () => void
}

export interface HostHere {
  hosting: Hosting
  discovery: Discovery
  handlers: Partial<Handlers>
  leaving: Leaving
  /** A backup that somebody opened outside: they are asked first. */
  openBackup: (backup: string) => Promise<void>
}

export function hostHere(options: HostHereOptions): HostHere {
  const { hubs, userData, built, log, tell } = options
  const logFile = path.join(userData, 'logs', 'hub.log')
  const network = options.isPackaged ? {} : networkOf(process.env['HUBBUB_DISCOVERY'])
  const settings = new HostSettingsFile(options.file, path.join(userData, 'hub'))
  const spawner = hubSpawner(path.join(built, 'hub', 'server', 'child.js'))
  const hosting: Hosting = new Hosting({
    settings,
    spawner,
    clock: systemClock,
    hubs: hubList(hubs, options.agent),
    announcer: new Announcer(network),
    keepAwake: new KeepAwake(powerBlocker),
    logFile,
    pagesDir: path.join(built, 'renderer'),
    log,
    networks: ownNetworks,
    check: (question) =>
      checkReachable(question, async (host, port) => {
        const presented = await lookAtKey({ host, port, plain: false }).catch(() => undefined)
        return presented !== undefined && presented.fingerprint === hosting.hubId
      }),
    tell: (status) => tell('host', status),
  })
  const discovery = new Discovery({
    clock: systemClock,
    log,
    tell: (found) => tell('discovery', found),
    foundAt: (id, addresses) => hubs.foundAt(id, addresses),
    network,
  })
  hubs.onChange((list) => discovery.hubsAre(list.filter(({ id }) => id !== hosting.hubId)))
  hubs.onHeard((id, message) => {
    if (message.t === 'state') hosting.setMine(id, message.me.id)
  })
  return {
    hosting,
    discovery,
    handlers: handlersOf(hosting, discovery, { options, settings, logFile, spawner }),
    leaving: leavingOf(hosting, discovery, options),
    openBackup: async (backup) => {
      options.showWindow()
      if (!(await mayRestore(options.window(), backup))) return
      try {
        await hosting.restore(backup, freshFolder(userData))
      } catch (error) {
        sayNotRestored(options.window(), error)
      }
    },
  }
}

/** For the hub of a backup: none that is there is written over. */
function freshFolder(userData: string): string {
  for (let n = 2; ; n += 1) {
    const folder = path.join(userData, `hub-${n}`)
    if (!existsSync(folder)) return folder
  }
}

/**
 * `127.0.0.1:20000`: tests find each other on this computer and speak to nobody else, on the stand-in and on the real
 * Electron alike. What people have installed does not look.
 */
function networkOf(setting: string | undefined): NetworkOptions {
  const [, address, port] = /^([\d.]+):(\d+)$/.exec(setting ?? '') ?? []
  return address === undefined ? {} : { interfaces: [address], port: Number(port) }
}

function handlersOf(
  hosting: Hosting,
  discovery: Discovery,
  {
    options,
    settings,
    logFile,
    spawner,
  }: { options: HostHereOptions; settings: HostSettingsFile; logFile: string; spawner: HubSpawner },
): Partial<Handlers> {
  return {
    'host.status': () => hosting.status(),
    'host.start': (changes) => hosting.start(changes),
    'host.setUp': (owner) => hosting.setUp(owner),
    'host.stop': () => hosting.stop(),
    'host.restart': () => hosting.restart(),
    'host.settings': () => hosting.settings(),
    'host.change': (changes) => hosting.change(changes),
    'host.chooseDataDir': async () => {
      const dataDir = await chooseFolder(options.window(), settings.current.dataDir)
      if (dataDir !== undefined) await hosting.change({ dataDir })
      return dataDir
    },
    'host.backUp': async () => {
      const { name, dataDir } = settings.current
      const to = await chooseBackupFile(options.window(), name || 'hub')
      if (to === undefined) return undefined
      await backUp(spawner, { dataDir, to, logFile: path.join(path.dirname(logFile), 'backup.log') })
      return to
    },
    'host.restore': async () => {
      const backup = await chooseBackup(options.window())
      if (backup === undefined || !(await mayRestore(options.window(), backup))) return undefined
      return hosting.restore(backup, freshFolder(options.userData))
    },
    'host.invite': () => hosting.invite(),
    'host.checkReachable': () => hosting.checkReachable(),
    'host.networks': () => hosting.networks(),
    'host.openLog': () => openFile(logFile),
    'discovery.watch': () => discovery.watch(),
    'discovery.unwatch': () => discovery.unwatch(),
  }
}

function leavingOf(hosting: Hosting, discovery: Discovery, options: HostHereOptions): Leaving {
  return new Leaving({
    isBusy: () => hosting.status().state !== 'stopped',
    ask: async () => {
      const { isRunning: running, people: others } = hosting
      const question = quitQuestion({ running, others, hasTray: options.hasTray() })
      return question ? askPerson(options.window(), question) : 'quit'
    },
    end: async () => {
      await Promise.all([hosting.quit(), discovery.stop()])
    },
    hide: () => options.window()?.hide(),
    show: options.showWindow,
    quit: options.quit,
  })
}
