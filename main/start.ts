// Puts the shell together; the only place that does.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, powerMonitor, protocol, session, shell } from 'electron'
import { putAround } from './around.ts'
import { hostHere } from './host/here.ts'
import { hasTray } from './host/tray-there.ts'
import { systemAutostart } from './host/system.ts'
import { Hubs } from './hubs/hubs.ts'
import { Registry } from './hubs/registry.ts'
import { Secrets } from './hubs/secrets.ts'
import { openDoor } from './ipc/door.ts'
import { Router } from './ipc/router.ts'
import type { Handlers } from './ipc/schema.ts'
import { JsonFile } from './json-file.ts'
import { backupAmong, backupAt } from './links/backup-file.ts'
import { openLog } from './log.ts'
import { systemClock } from './ports.ts'
import { Assets } from './protocol/assets.ts'
import { handleRequests } from './protocol/handle.ts'
import { HubProxy } from './protocol/hub-proxy.ts'
import { systemBox } from './secret-box.ts'
import { guardSession } from './security/guards.ts'
import { externalUrl } from './security/external.ts'
import { Settings } from './settings.ts'
import { saveAs } from './ui/save-as.ts'
import { Windows } from './ui/windows.ts'

/** dist/, where this runs from dist/main/. */
const built = fileURLToPath(new URL('..', import.meta.url))

export function start(): void {
  const userData = app.getPath('userData')
  const inUserData = (name: string): JsonFile => new JsonFile(path.join(userData, name))
  const log = openLog(path.join(userData, 'logs', 'app.log'))
  log.info('starting', { version: app.getVersion(), electron: process.versions['electron'] })

  const settings = new Settings(inUserData('settings.json'))
  const secrets = new Secrets(inUserData('secrets.json'), {
    box: systemBox,
    keepUnprotected: () => settings.current.keepUnprotected,
    log,
  })
  const hubs = new Hubs({
    registry: new Registry(inUserData('hubs.json')),
    secrets,
    clock: systemClock,
    random: Math.random,
    log,
    hostedId: () => here.hosting.hubId,
  })
  const windows: Windows = new Windows({
    preload: path.join(built, 'main', 'preload.cjs'),
    state: inUserData('window.json'),
    staysHidden: () => settings.current.closeToTray,
  })

  const agent = `Hubbub/${app.getVersion()} Electron/`
  const here = hostHere({
    hubs,
    userData,
    built,
    file: inUserData('hosting.json'),
    log,
    agent,
    isPackaged: app.isPackaged,
    tell: (name, payload) => {
      windows.tell(name, payload)
      if (name === 'host') around.hostChanged()
    },
    window: () => windows.current,
    // who lets the window close into the tray has seen one
    hasTray: () =>
      settings.current.closeToTray || hasTray(process.platform, process.env['XDG_CURRENT_DESKTOP']),
    showWindow: () => windows.open(),
    quit: () => app.quit(),
  })
  const autostart = systemAutostart()
  const around: ReturnType<typeof putAround> = putAround({
    hubs,
    settings,
    windows,
    log,
    icons: path.join(built, '..', 'main', 'icons'),
    logs: path.join(userData, 'logs'),
    peopleHere: () => (here.hosting.isRunning ? here.hosting.people : undefined),
  })

  const handlers: Partial<Handlers> = {
    ...here.handlers,
    'hubs.list': () => hubs.list(),
    'hubs.look': (address) => hubs.look(address),
    'hubs.add': (address, fingerprint) => hubs.add(address, fingerprint),
    'hubs.remove': (id) => hubs.remove(id),
    'hubs.reorder': (ids) => hubs.reorder(ids),
    'hubs.retry': (id) => hubs.get(id).wake(),
    'settings.get': () => ({ ...settings.current }),
    'settings.set': async (changes) => {
      const changed = settings.change(changes)
      if (changes.keepUnprotected !== undefined) await secrets.save()
      if (changes.startWithComputer !== undefined) autostart.set(changes.startWithComputer)
      return { ...changed }
    },
    ...around.handlers,
    'shell.openExternal': async (text) => {
      const url = externalUrl(text)
      if (url === undefined) return false
      await shell.openExternal(url)
      return true
    },
    'shell.saveAs': (id, from, name) => saveAs(hubs, { id, from, name }, windows.current),
    'app.info': async () => ({
      version: app.getVersion(),
      platform: process.platform as 'linux',
      electron: process.versions['electron'] ?? '',
      dataDir: userData,
      secrets: await systemBox.protection(),
    }),
    'app.ready': () => windows.pageIsReady(),
  }

  guardSession(session.defaultSession)
  const proxy = new HubProxy({ hubs, log, agent })
  protocol.handle('app', handleRequests(new Assets(path.join(built, 'renderer')), proxy))
  openDoor(new Router(handlers, log), hubs)
  hubs.onChange((list) => windows.tell('hubs', list))

  powerMonitor.on('suspend', () => here.hosting.prepareSleep())
  powerMonitor.on('resume', () => {
    here.hosting.wokeUp()
    hubs.wake()
    windows.tell('resume', null)
  })
  app.on('second-instance', (_event, argv, from) => {
    windows.open()
    openBackup(backupAmong(argv, from))
  })
  app.on('open-file', (event, file) => {
    event.preventDefault()
    openBackup(backupAt(file))
  })
  app.on('activate', () => windows.open())
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (here.leaving.mayQuit()) windows.quitting()
    else event.preventDefault()
  })
  powerMonitor.on('shutdown', () => here.leaving.systemEnds())
  app.on('will-quit', () => hubs.close())
  process.on('unhandledRejection', (error) => log.error('a promise nobody waited for failed', { error }))

  here.hosting.resume()
  windows.open({ hidden: app.commandLine.hasSwitch('hidden') })
  around.followLinks()
  openBackup(backupAmong(process.argv, process.cwd()))

  function openBackup(backup: string | undefined): void {
    if (backup !== undefined) void here.openBackup(backup)
  }
}
