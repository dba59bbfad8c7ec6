import type { Browser, Service } from 'bonjour-service'
import { addressKind } from '../../shared/addresses.ts'
import type { FoundHub } from '../../shared/desktop.ts'
import { openMdnsSockets, type MdnsSocket, type MdnsOptions } from './mdns-socket.ts'
import { parseTxtRecord } from './txt-record.ts'

/** Asked anew this often; a hub that keeps silent twice has gone without a goodbye. */
const roundIntervalMs = 5_000
/** Answers come in bursts. */
const notifyDelayMs = 100
const maxHubs = 64
/** One computer has one hub, perhaps two; a hundred names from one address is somebody playing. */
const maxHubsPerSource = 8
const maxAddresses = 8

interface SeenService extends FoundHub {
  from: string
  round: number
}

export interface BrowseSession {
  /** Looks once more at once. */
  refresh(): void
  stop(): Promise<void>
}

/** Looks around until stopped; `tell` gets everything that is here each time something changed. */
export async function browse(
  onChange: (found: FoundHub[]) => void,
  options: MdnsOptions = {},
): Promise<BrowseSession> {
  const networks = await openMdnsSockets(options)
  const seen = new Map<string, SeenService>()
  let round = 0
  let browsers: Browser[] = []
  let notifyTimer: ReturnType<typeof setTimeout> | undefined
  const scheduleNotify = () => {
    notifyTimer ??= setTimeout(() => {
      notifyTimer = undefined
      onChange(mergeHubs([...seen.values()]))
    }, notifyDelayMs)
  }
  const up = (service: Service) => {
    const hub = parseService(service)
    if (!hub || !isWithinLimits(seen, hub)) return
    const before = seen.get(serviceKey(hub))
    seen.set(serviceKey(hub), { ...hub, round })
    if (!before || JSON.stringify({ ...before, round }) !== JSON.stringify({ ...hub, round }))
      scheduleNotify()
  }
  const down = (service: Service) => {
    const hub = parseService(service)
    if (hub && seen.get(serviceKey(hub))?.from === hub.from && seen.delete(serviceKey(hub))) scheduleNotify()
  }
  const startRound = () => {
    round += 1
    for (const browser of browsers) browser.stop()
    for (const [key, hub] of seen) if (hub.round < round - 2 && seen.delete(key)) scheduleNotify()
    // a fresh one each time: the library's own never forgets who has gone, and grows with whatever it is sent
    browsers = networks.map((network) => attachBrowser(network, { up, down }))
  }
  startRound()
  const timer = setInterval(startRound, roundIntervalMs)
  return {
    refresh: startRound,
    stop: async () => {
      clearInterval(timer)
      clearTimeout(notifyTimer)
      for (const browser of browsers) browser.stop()
      await Promise.all(networks.map((network) => network.close()))
    },
  }
}

function attachBrowser(
  network: MdnsSocket,
  { up, down }: { up: (service: Service) => void; down: (service: Service) => void },
): Browser {
  const browser = network.browse()
  browser.on('up', (service) => {
    up(service)
    // it compares each answer with all it knows: that must stay a short list
    if (browser.services.length > maxHubs) browser.services.length = 0
  })
  browser.on('srv-update', up)
  browser.on('txt-update', up)
  browser.on('down', down)
  return browser
}

/** A hub in two networks answers twice. Somebody who only pretends to be it fails at the proof. */
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

/** A flood neither grows the list without end nor pushes out those who were here first. */
function isWithinLimits(seen: ReadonlyMap<string, SeenService>, hub: { id: string; from: string }): boolean {
  if (seen.has(serviceKey(hub))) return true
  if (seen.size >= maxHubs) return false
  return [...seen.values()].filter(({ from }) => from === hub.from).length < maxHubsPerSource
}

/** What an answer says, as far as it is something one can connect to. */
function parseService(service: Service): Omit<SeenService, 'round'> | undefined {
  const record = parseTxtRecord(service.txt)
  const { port } = service
  const from = service.referer?.address
  if (!record || !from || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const addresses = [from, ...(service.addresses ?? [])].filter((address) => isConnectable(address))
  if (addresses.length === 0) return undefined
  return {
    id: record.hubId,
    name: record.name,
    port,
    addresses: [...new Set(addresses)].slice(0, maxAddresses),
    from,
  }
}

/** Link-local addresses of IPv6 need the name of an interface that nobody can send. */
function isConnectable(address: unknown): address is string {
  if (typeof address !== 'string') return false
  const kind = addressKind(address)
  return kind !== 'other' && !(kind === 'link-local' && address.includes(':'))
}
