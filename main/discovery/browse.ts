import { addressKind } from '../../shared/addresses.ts'
import type { FoundHub } from '../../shared/desktop.ts'
import { openMdnsSockets, type MdnsOptions } from './mdns-socket.ts'
import { readServices, type ReceivedService, serviceQuestion } from './service-records.ts'
import { parseTxtRecord } from './txt-record.ts'

/** Query period. A hub that misses two queries has left without a goodbye packet. */
const roundIntervalMs = 5_000
/** Responses come in bursts. */
const notifyDelayMs = 100
const maxHubs = 64
/** One computer has one hub, perhaps two; a hundred names from one address are an attack. */
const maxHubsPerSource = 8
const maxAddresses = 8

interface SeenService extends FoundHub {
  from: string
  round: number
}

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
  const seen = new Map<string, SeenService>()
  let round = 0
  let notifyTimer: ReturnType<typeof setTimeout> | undefined
  const scheduleNotify = () => {
    notifyTimer ??= setTimeout(() => {
      notifyTimer = undefined
      onChange(mergeHubs([...seen.values()]))
    }, notifyDelayMs)
  }
  const receive = (service: ReceivedService, from: string) => {
    const hub = parseService(service, from)
    if (!hub) return
    const key = serviceKey(hub)
    const before = seen.get(key)
    if (service.isGoodbye) {
      if (seen.delete(key)) scheduleNotify()
    } else if (isWithinLimits(seen, hub)) {
      seen.set(key, { ...hub, round })
      if (!before || JSON.stringify({ ...before, round }) !== JSON.stringify({ ...hub, round }))
        scheduleNotify()
    }
  }
  const startRound = () => {
    round += 1
    for (const [key, hub] of seen) if (hub.round < round - 2 && seen.delete(key)) scheduleNotify()
    for (const network of networks) network.query([serviceQuestion])
  }
  for (const network of networks) {
    network.listen((packet, { address }) => {
      for (const service of readServices(packet)) receive(service, address)
    })
  }
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

/** A hub on two networks responds twice. An impostor fails the proof of identity later. */
function mergeHubs(seen: readonly SeenService[]): FoundHub[] {
  const hubs = new Map<string, FoundHub>()
  for (const { id, name, port, addresses } of seen) {
    const key = JSON.stringify([id, name, port])
    const before = hubs.get(key)?.addresses ?? []
    const all = [...new Set([...before, ...addresses])].slice(0, maxAddresses)
    hubs.set(key, { id, name, port, addresses: all })
  }
  return [...hubs.values()]
}

function serviceKey({ id, from }: { id: string; from: string }): string {
  return `${id} ${from}`
}

/** A flood can neither grow the list without bound nor push out hubs that were found earlier. */
function isWithinLimits(seen: ReadonlyMap<string, SeenService>, hub: { id: string; from: string }): boolean {
  if (seen.has(serviceKey(hub))) return true
  if (seen.size >= maxHubs) return false
  return [...seen.values()].filter(({ from }) => from === hub.from).length < maxHubsPerSource
}

/** Returns the hub of a service; undefined if it has no address to connect to. */
function parseService(service: ReceivedService, from: string): Omit<SeenService, 'round'> | undefined {
  const record = parseTxtRecord(service.txt)
  const { port } = service
  if (!record || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const addresses = [from, ...service.addresses].filter(isConnectable)
  if (addresses.length === 0) return undefined
  return {
    id: record.hubId,
    name: record.name,
    port,
    addresses: [...new Set(addresses)].slice(0, maxAddresses),
    from,
  }
}

/** An IPv6 link-local address needs the name of a local interface, which no packet can contain. */
function isConnectable(address: string): boolean {
  const kind = addressKind(address)
  return kind !== 'other' && !(kind === 'link-local' && address.includes(':'))
}
