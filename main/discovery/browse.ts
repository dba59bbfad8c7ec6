import type { FoundHub } from '../../shared/desktop.ts'
import { FoundHubs } from './found-hubs.ts'
import { localIpv4Addresses, type MdnsSocket, openMdnsSockets, type MdnsOptions } from './mdns-socket.ts'
import { serviceQuestion } from './service-records.ts'

const roundIntervalMs = 5_000
/** Responses come in bursts. */
const notifyDelayMs = 100

export interface BrowseSession {
  /** Sends another query immediately. */
  refresh(): void
  stop(): Promise<void>
}

/**
 * Browses until stopped, on the networks that this computer is on at the time. Calls `onChange` with all current hubs after
 * each change.
 */
export async function browse(
  onChange: (found: FoundHub[]) => void,
  options: MdnsOptions = {},
): Promise<BrowseSession> {
  const networks = new Map<string, MdnsSocket>()
  const hubs = new FoundHubs()
  let notifyTimer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  const notifyIf = (hasChanged: boolean) => {
    if (!hasChanged) return
    notifyTimer ??= setTimeout(() => {
      notifyTimer = undefined
      onChange(hubs.list())
    }, notifyDelayMs)
  }
  const followNetworks = async () => {
    const addresses = options.interfaces ?? localIpv4Addresses()
    for (const [address, network] of networks) {
      if (!addresses.includes(address) && networks.delete(address)) void network.close()
    }
    const added = addresses.filter((address) => !networks.has(address))
    for (const network of await openMdnsSockets({ ...options, interfaces: added })) {
      // stopped, or opened by another round, meanwhile
      if (isStopped || networks.has(network.address)) {
        void network.close()
        continue
      }
      networks.set(network.address, network)
      network.listen((packet, { address }) => notifyIf(hubs.receive(packet, address)))
    }
  }
  const startRound = () => {
    notifyIf(hubs.startRound())
    // a network that allows no socket may do so in the next round
    void followNetworks()
      .catch(() => undefined)
      .then(() => {
        for (const network of networks.values()) network.query([serviceQuestion])
      })
  }
  await followNetworks()
  startRound()
  const timer = setInterval(startRound, roundIntervalMs)
  return {
    refresh: startRound,
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      clearTimeout(notifyTimer)
      await Promise.all([...networks.values()].map((network) => network.close()))
    },
  }
}
