// The only module that listens to the page.
import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type MessagePortMain } from 'electron'
import type { Hubs } from '../hubs/hubs.ts'
import { relayFrames } from '../net/hub-socket.ts'
import type { PagePort } from '../ports.ts'
import { ipcChannels } from './channels.ts'
import { isAppPage, type IpcRouter, type IpcSender } from './router.ts'

export function registerIpcHandlers(router: IpcRouter, hubs: Hubs): void {
  ipcMain.handle(ipcChannels.call, (event, name: unknown, args: unknown) =>
    router.handle(toSender(event), name, args),
  )
  ipcMain.on(ipcChannels.live, (event, hubId: unknown) => {
    const [port] = event.ports
    if (!port) return
    if (!isAppPage(toSender(event))) return port.close()
    void openLiveSocket(port, hubs, String(hubId))
  })
}

async function openLiveSocket(port: MessagePortMain, hubs: Hubs, hubId: string): Promise<void> {
  const page = toPort(port)
  try {
    await hubs.ready
    relayFrames(page, hubs.get(hubId).openSocket())
    port.start()
  } catch {
    // the page treats it as a hub that could not be reached
    page.post({ closed: 1006 })
    page.close()
  }
}

/** Reads the frame at once: after a navigation it is gone, or a different one. */
function toSender({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): IpcSender {
  return senderFrame
    ? { url: senderFrame.url, isTopFrame: senderFrame.parent === null }
    : { url: null, isTopFrame: false }
}

function toPort(port: MessagePortMain): PagePort {
  return {
    post: (message) => port.postMessage(message),
    close: () => port.close(),
    onMessage: (run) => port.on('message', ({ data }) => run(data)),
    onClose: (run) => port.on('close', run),
  }
}
