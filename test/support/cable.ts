import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * The cable to one port of this computer. A process that is started with `environment` reaches that port only through it.
 * While it is cut, nothing arrives and no connection ends, as on a network that drops.
 */
export class Cable {
  readonly environment: Record<string, string>
  readonly #sockets = new Set<Socket>()
  #isCut = false

  private constructor(to: string, through: number) {
    const preload = join(import.meta.dirname, 'cable-preload.ts')
    this.environment = {
      HUBBUB_TEST_ROUTE: `${to}:${through}`,
      NODE_OPTIONS: `--import=${preload}`,
    }
  }

  static async lay(to: string): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const cable = new Cable(to, (server.address() as AddressInfo).port)
    server.on('connection', (near) => cable.#join(near, connect(Number(to), '127.0.0.1')))
    onTestFinished(() => {
      server.close()
      for (const socket of cable.#sockets) socket.destroy()
    })
    return cable
  }

  cut(): void {
    this.#isCut = true
  }

  /** New connections work; those that were cut never do again. */
  mend(): void {
    this.#isCut = false
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes) => {
        if (!this.#isCut) to.write(bytes)
      })
      from.on('close', () => {
        this.#sockets.delete(from)
        if (!this.#isCut) to.destroy()
      })
    }
  }
}
