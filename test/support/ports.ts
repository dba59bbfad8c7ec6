import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** A port that stays the same over restarts after kills, as a hub’s does. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}
