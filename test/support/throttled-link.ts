import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

const sliceMs = 50

export interface ThrottledLink {
  url: string
  /** Ends the connections that are open, as a link does that breaks. */
  cut: () => void
}

/** A proxy on this computer that passes only so many bytes a second towards the hub, as a weak link does. */
export async function openThrottledLink(hubUrl: string, bytesPerSecond: number): Promise<ThrottledLink> {
  const { hostname, port } = new URL(hubUrl)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const hub = connect(Number(port), hostname)
    for (const socket of [client, hub]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        hub.destroy()
        sockets.delete(socket)
      })
    }
    hub.pipe(client)
    void passSlowly(client, hub, (bytesPerSecond * sliceMs) / 1000)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut }
}

async function passSlowly(from: Socket, to: Socket, bytesPerSlice: number): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += bytesPerSlice) {
        to.write(chunk.subarray(at, at + bytesPerSlice))
        await new Promise((resolve) => setTimeout(resolve, sliceMs))
      }
    }
    to.end()
  } catch {
    // the link broke
  }
}
