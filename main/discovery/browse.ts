import type { FoundHub } from '../../shared/desktop.ts'
import { FoundHubs } from './found-hubs.ts'
import { openMdnsSockets, type MdnsOptions } from './mdns-socket.ts'
import { serviceQuestion } from './service-records.ts'

const roundIntervalMs = 5_000
/** Responses come in bursts. */
const notifyDelayMs = 100

export interface BrowseSession {
  /** Sends another query immediately. */
  refresh(): void
  stop(): Promise<void>
}

/** Browses until stopped. Calls `onChange` with all current hubs after each change. */
export async function browse(
  onChange: (found: FoundHub[]) => void,
  options: MdnsOptions = {},
): Promise<BrowseSession> {
  const networks = await openMdnsSockets(options)
  const hubs = new FoundHubs()
  let notifyTimer: ReturnType<typeof setTimeout> | undefined
  const notifyIf = (hasChanged: boolean) => {
    if (!hasChanged) return
    notifyTimer ??= setTimeout(() => {
      notifyTimer = undefined
      onChange(hubs.list())
    }, notifyDelayMs)
  }
  const startRound = () => {
    notifyIf(hubs.startRound())
    for (const network of networks) network.query([serviceQuestion])
  }
  for (const network of networks)
    network.listen((packet, { address }) => notifyIf(hubs.receive(packet, address)))
  startRound()
  const timer = setInterval(startRound, roundIntervalMs)
  return {
    refresh: startRound,
    stop: async () => {
      clearInterval(timer)
      clearTimeout(notifyTimer)
      await Promise.all(networks.map((network) => network.close()))
    },
  }
}
