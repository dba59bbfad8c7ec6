import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface SlowLink {
  url: string
  close: () => void
}

/**
 * A way to a database server on which everything takes a while. Without it an operation is over before the other one comes:
 * on one computer its statements take less than a millisecond.
 * @param delayMs returns the time that the next bytes take
 */
export async function openSlowLink(address: string, delayMs: () => number): Promise<SlowLink> {
  const target = new URL(address)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    client.setNoDelay(true)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      let last = Promise.resolve()
      from.on('data', (chunk) => {
        const delay = sleep(delayMs())
        // in their order
        last = last.then(() => delay).then(() => void to.write(chunk))
      })
      from.on('close', () => {
        sockets.delete(from)
        void last.then(() => to.end())
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(address)
  url.port = String((server.address() as AddressInfo).port)
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { url: url.href, close }
}
