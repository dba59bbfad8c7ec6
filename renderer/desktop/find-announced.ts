import { hostAndPort } from '../../shared/addresses.ts'
import type { DiscoveryApi, HubId } from '../../shared/desktop.ts'

/** An announced hub answers within a moment. */
const searchMs = 3_000

/** Returns the addresses where a hub is announced on the network now; none if it is not. */
export function findAnnounced(discovery: DiscoveryApi, id: HubId): Promise<string[]> {
  return new Promise((resolve) => {
    const end = (addresses: string[]): void => {
      clearTimeout(timer)
      // the first call of `watch` may come before it returns
      queueMicrotask(() => stop())
      resolve(addresses)
    }
    const timer = setTimeout(() => end([]), searchMs)
    const stop = discovery.watch((found) => {
      const hub = found.find((one) => one.id === id)
      if (hub) end(hub.addresses.map((address) => hostAndPort(address, hub.port)))
    })
  })
}
