// The bridge between the page and the shell. It lists every request by name and forwards nothing else. It runs
// sandboxed in an isolated world, so neither the page nor content from a hub can reach its objects.
import { contextBridge, ipcRenderer } from 'electron'
import {
  desktopApiVersion,
  desktopEventNames,
  type DesktopEventName,
  type DesktopEvents,
  type HubbubDesktop,
  type HubId,
  type LiveSocket,
  type Unsubscribe,
} from '../shared/desktop.ts'
import { ipcChannels, regionArgument } from './ipc/channels.ts'
import type { Channel } from './ipc/schema.ts'
import type { IpcReply } from './ipc/router.ts'

const listeners = new Map<string, Set<(payload: unknown) => void>>()

ipcRenderer.on(ipcChannels.event, (_event, name: string, payload: unknown) => {
  for (const run of listeners.get(name) ?? []) run(payload)
})

function listen<T>(name: string, run: (payload: T) => void): Unsubscribe {
  const listenersOfEvent = listeners.get(name) ?? new Set()
  listeners.set(name, listenersOfEvent)
  const listener = (payload: unknown): void => run(payload as T)
  listenersOfEvent.add(listener)
  return () => void listenersOfEvent.delete(listener)
}

async function call<T>(name: Channel, ...args: unknown[]): Promise<T> {
  const reply = (await ipcRenderer.invoke(ipcChannels.call, name, args)) as IpcReply
  // a plain object: only the message of an Error would cross to the page
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the line above says
  return 'error' in reply ? Promise.reject(reply.error) : (reply.value as T)
}

/** Sends a request and ignores the reply. */
function callWithoutReply(name: Channel, ...args: unknown[]): void {
  call(name, ...args).catch(() => undefined)
}

function openLiveSocket(
  id: HubId,
  handlers: { message: (data: string) => void; closed: (code: number) => void },
): LiveSocket {
  const { port1, port2: theirs } = new MessageChannel()
  const ours = port1 as unknown as WebMessagePort
  ours.onmessage = ({ data }) => {
    if (typeof data === 'string') return handlers.message(data)
    ours.close()
    handlers.closed((data as { closed: number }).closed)
  }
  ipcRenderer.postMessage(ipcChannels.live, id, [theirs as never])
  return {
    send: (data) => ours.postMessage(String(data)),
    close: () => {
      ours.onmessage = null
      ours.close()
    },
  }
}

/** A MessagePort as the page's world has it, which is not Node's. */
interface WebMessagePort {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

let watcherCount = 0

const desktop: HubbubDesktop = {
  apiVersion: desktopApiVersion,
  platform: process.platform as HubbubDesktop['platform'],
  region: process.argv.find((one) => one.startsWith(regionArgument))?.slice(regionArgument.length) ?? '',
  hubs: {
    list: () => call('hubs.list'),
    look: (address) => call('hubs.look', address),
    add: (address, fingerprint) => call('hubs.add', address, fingerprint),
    remove: (id) => call('hubs.remove', id),
    reorder: (ids) => call('hubs.reorder', ids),
    retry: (id) => call('hubs.retry', id),
    onChange: (run) => listen('hubs', run),
    open: openLiveSocket,
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
    follow: (link) => call('host.follow', link),
    leave: (deletes) => call('host.leave', deletes),
    takeOver: () => call('host.takeOver'),
    endVote: () => call('host.endVote'),
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
      watcherCount += 1
      callWithoutReply('discovery.watch')
      return () => {
        if (!isOn) return
        isOn = false
        off()
        watcherCount -= 1
        if (watcherCount === 0) callWithoutReply('discovery.unwatch')
      }
    },
  },
  shell: {
    setUnread: (unread, mentions) => callWithoutReply('shell.setUnread', unread, mentions),
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
    ready: () => callWithoutReply('app.ready'),
  },
  on: <N extends DesktopEventName>(name: N, run: (payload: DesktopEvents[N]) => void): Unsubscribe => {
    if (!desktopEventNames.includes(name)) throw new Error('no such event')
    return listen(name, run)
  },
}

contextBridge.exposeInMainWorld('hubbub', desktop)
