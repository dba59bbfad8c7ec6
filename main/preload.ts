// The bridge between the page and the shell: it says by name what may be asked, and hands on nothing else. It runs sandboxed
// in a world of its own, so neither the page nor what a hub sends can get at what it is made of.
import { contextBridge, ipcRenderer } from 'electron'
import {
  desktopApiVersion,
  desktopEventNames,
  type DesktopEventName,
  type DesktopEvents,
  type HubbubDesktop,
  type HubId,
  type LiveSocket,
  type Off,
} from '../shared/desktop.ts'
import { lines } from './ipc/names.ts'
import type { Channel } from './ipc/schema.ts'
import type { Reply } from './ipc/router.ts'

const listeners = new Map<string, Set<(payload: unknown) => void>>()

ipcRenderer.on(lines.event, (_event, name: string, payload: unknown) => {
  for (const run of listeners.get(name) ?? []) run(payload)
})

function listen<T>(name: string, run: (payload: T) => void): Off {
  const all = listeners.get(name) ?? new Set()
  listeners.set(name, all)
  const one = (payload: unknown): void => run(payload as T)
  all.add(one)
  return () => void all.delete(one)
}

async function call<T>(name: Channel, ...args: unknown[]): Promise<T> {
  const reply = (await ipcRenderer.invoke(lines.call, name, args)) as Reply
  // a plain object: of an Error only the message would cross to the page
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the line above says
  return 'error' in reply ? Promise.reject(reply.error) : (reply.value as T)
}

/** A wish without an answer. */
function tell(name: Channel, ...args: unknown[]): void {
  call(name, ...args).catch(() => undefined)
}

function open(
  id: HubId,
  heard: { message: (data: string) => void; closed: (code: number) => void },
): LiveSocket {
  const { port1, port2: theirs } = new MessageChannel()
  const ours = port1 as unknown as PagePort
  ours.onmessage = ({ data }) => {
    if (typeof data === 'string') return heard.message(data)
    ours.close()
    heard.closed((data as { closed: number }).closed)
  }
  ipcRenderer.postMessage(lines.live, id, [theirs as never])
  return {
    send: (data) => ours.postMessage(String(data)),
    close: () => {
      ours.onmessage = null
      ours.close()
    },
  }
}

/** A port as the page's world has it, which is not node's. */
interface PagePort {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

let watching = 0

const desktop: HubbubDesktop = {
  apiVersion: desktopApiVersion,
  platform: process.platform as HubbubDesktop['platform'],
  hubs: {
    list: () => call('hubs.list'),
    look: (address) => call('hubs.look', address),
    add: (address, fingerprint) => call('hubs.add', address, fingerprint),
    remove: (id) => call('hubs.remove', id),
    reorder: (ids) => call('hubs.reorder', ids),
    retry: (id) => call('hubs.retry', id),
    onChange: (run) => listen('hubs', run),
    open,
  },
  host: {
    status: () => call('host.status'),
    start: (changes) => (changes === undefined ? call('host.start') : call('host.start', changes)),
    setUp: (owner) => call('host.setUp', owner),
    stop: () => call('host.stop'),
    restart: () => call('host.restart'),
    settings: () => call('host.settings'),
    change: (changes) => call('host.change', changes),
    chooseDataDir: () => call('host.chooseDataDir'),
    backUp: () => call('host.backUp'),
    restore: () => call('host.restore'),
    invite: () => call('host.invite'),
    checkReachable: () => call('host.checkReachable'),
    networks: () => call('host.networks'),
    openLog: () => call('host.openLog'),
    onStatus: (run) => listen('host', run),
  },
  discovery: {
    watch: (run) => {
      const off = listen('discovery', run)
      let isOn = true
      watching += 1
      tell('discovery.watch')
      return () => {
        if (!isOn) return
        isOn = false
        off()
        watching -= 1
        if (watching === 0) tell('discovery.unwatch')
      }
    },
  },
  shell: {
    setUnread: (unread, mentions) => tell('shell.setUnread', unread, mentions),
    testNotify: () => call('shell.testNotify'),
    openExternal: (url) => call('shell.openExternal', url),
    saveAs: (hub, path, name) => call('shell.saveAs', hub, path, name),
  },
  settings: {
    get: () => call('settings.get'),
    set: (changes) => call('settings.set', changes),
  },
  app: {
    info: () => call('app.info'),
    ready: () => tell('app.ready'),
  },
  on: <N extends DesktopEventName>(name: N, run: (payload: DesktopEvents[N]) => void): Off => {
    if (!desktopEventNames.includes(name)) throw new Error('no such event')
    return listen(name, run)
  },
}

contextBridge.exposeInMainWorld('hubbub', desktop)
