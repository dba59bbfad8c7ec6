import { splitHubPath, type HubbubDesktop, type HubId, type LiveSocket } from '../../shared/desktop.ts'
import { browserPlatform, type SocketLike, type Platform } from '../connection/platform.ts'

/** The browser's platform, except for the live socket and for waking up, which the shell provides. */
export function desktopPlatform(desktop: HubbubDesktop): Platform {
  const browser = browserPlatform()
  return {
    ...browser,
    openSocket: (address) => new RelayedSocket(desktop, hubIdOf(address)),
    window: {
      ...browser.window,
      onWake: (run) => {
        const offs = [browser.window.onWake(run), desktop.on('resume', run)]
        return () => {
          for (const off of offs) off()
        }
      },
    },
  }
}

function hubIdOf(address: string): HubId {
  const found = splitHubPath(address)
  if (!found) throw new Error(`${address} is not of a hub`)
  return found.id
}

class RelayedSocket implements SocketLike {
  onopen = null
  onerror = null
  onmessage: SocketLike['onmessage'] = null
  onclose: SocketLike['onclose'] = null
  readonly #socket: LiveSocket

  constructor(desktop: HubbubDesktop, id: HubId) {
    this.#socket = desktop.hubs.open(id, {
      message: (data) => this.onmessage?.({ data }),
      closed: (code) => this.onclose?.({ code }),
    })
  }

  send(data: string): void {
    this.#socket.send(data)
  }

  close(): void {
    this.#socket.close()
  }
}
