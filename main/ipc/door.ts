// The only place that listens to the page.
import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type MessagePortMain } from 'electron'
import type { Hubs } from '../hubs/hubs.ts'
import { relay } from '../net/hub-socket.ts'
import type { Port } from '../ports.ts'
import { lines } from './names.ts'
import { isOurPage, type Router, type Sender } from './router.ts'

export function openDoor(router: Router, hubs: Hubs): void {
  ipcMain.handle(lines.call, (event, name: unknown, args: unknown) =>
    router.answer(senderOf(event), name, args),
  )
  ipcMain.on(lines.live, (event, hubId: unknown) => {
    const [port] = event.ports
    if (!port) return
    if (!isOurPage(senderOf(event))) return port.close()
    void open(port, hubs, String(hubId))
  })
}

async function open(port: MessagePortMain, hubs: Hubs, hubId: string): Promise<void> {
  const page = portOf(port)
  try {
    await hubs.ready
    relay(page, hubs.get(hubId).openSocket())
    port.start()
  } catch {
    // for the page: a hub that could not be reached
    page.post({ closed: 1006 })
    page.close()
  }
}

/** Read at once: after a navigation the frame is gone, or another. */
function senderOf({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): Sender {
  return senderFrame
    ? { url: senderFrame.url, isTop: senderFrame.parent === null }
    : { url: null, isTop: false }
}

function portOf(port: MessagePortMain): Port {
  return {
    post: (message) => port.postMessage(message),
    close: () => port.close(),
    onMessage: (run) => port.on('message', ({ data }) => run(data)),
    onClose: (run) => port.on('close', run),
  }
}
