import type { Browser, Service } from 'bonjour-service'
import { addressKind } from '../../shared/addresses.ts'
import type { FoundHub } from '../../shared/desktop.ts'
import { openNetworks, type Network, type NetworkOptions } from './network.ts'
import { readTxt } from './txt.ts'

/** Asked anew this often; a hub that keeps silent twice has gone without a goodbye. */
const roundEvery = 5_000
/** Answers come in bursts. */
const tellAfter = 100
const hubsUpTo = 64
/** One computer has one hub, perhaps two; a hundred names from one address is somebody playing. */
const hubsOfOneUpTo = 8
const addressesUpTo = 8

interface Seen extends FoundHub {
  from: string
  round: number
}

export interface Search {
  /** Looks once more at once. */
  again(): void
  stop(): Promise<void>
}

/** Looks around until stopped; `tell` gets everything that is here each time something changed. */
export async function browse(
  tell: (found: FoundHub[]) => void,
  options: NetworkOptions = {},
): Promise<Search> {
  const networks = await openNetworks(options)
  const seen = new Map<string, Seen>()
  let round = 0
  let browsers: Browser[] = []
  let telling: ReturnType<typeof setTimeout> | undefined
  const changed = () => {
    telling ??= setTimeout(() => {
      telling = undefined
      tell(merged([...seen.values()]))
    }, tellAfter)
  }
  const up = (service: Service) => {
    const hub = read(service)
    if (!hub || !fits(seen, hub)) return
    const before = seen.get(keyOf(hub))
    seen.set(keyOf(hub), { ...hub, round })
    if (!before || JSON.stringify({ ...before, round }) !== JSON.stringify({ ...hub, round })) changed()
  }
  const down = (service: Service) => {
    const hub = read(service)
    if (hub && seen.get(keyOf(hub))?.from === hub.from && seen.delete(keyOf(hub))) changed()
  }
  const next = () => {
    round += 1
    for (const browser of browsers) browser.stop()
    for (const [key, hub] of seen) if (hub.round < round - 2 && seen.delete(key)) changed()
    // a fresh one each time: the library's own never forgets who has gone, and grows with whatever it is sent
    browsers = networks.map((network) => listen(network, { up, down }))
  }
  next()
  const timer = setInterval(next, roundEvery)
  return {
    again: next,
    stop: async () => {
      clearInterval(timer)
      clearTimeout(telling)
      for (const browser of browsers) browser.stop()
      await Promise.all(networks.map((network) => network.close()))
    },
  }
}

function listen(
  network: Network,
  { up, down }: { up: (service: Service) => void; down: (service: Service) => void },
): Browser {
  const browser = network.browse()
  browser.on('up', (service) => {
    up(service)
    // it compares each answer with all it knows: that must stay a short list
    if (browser.services.length > hubsUpTo) browser.services.length = 0
  })
  browser.on('srv-update', up)
  browser.on('txt-update', up)
  browser.on('down', down)
  return browser
}

/** A hub in two networks answers twice. Somebody who only pretends to be it fails at the proof. */
function merged(seen: readonly Seen[]): FoundHub[] {
  const hubs = new Map<string, FoundHub>()
  for (const { id, name, port, addresses } of seen) {
    const key = JSON.stringify([id, name, port])
    const before = hubs.get(key)?.addresses ?? []
    const all = [...new Set([...before, ...addresses])].slice(0, addressesUpTo)
    hubs.set(key, { id, name, port, addresses: all })
  }
  return [...hubs.values()]
}

function keyOf({ id, from }: { id: string; from: string }): string {
  return `${id} ${from}`
}

/** A flood neither grows the list without end nor pushes out those who were here first. */
function fits(seen: ReadonlyMap<string, Seen>, hub: { id: string; from: string }): boolean {
  if (seen.has(keyOf(hub))) return true
  if (seen.size >= hubsUpTo) return false
  return [...seen.values()].filter(({ from }) => from === hub.from).length < hubsOfOneUpTo
}

/** What an answer says, as far as it is something one can connect to. */
function read(service: Service): Omit<Seen, 'round'> | undefined {
  const said = readTxt(service.txt)
  const { port } = service
  const from = service.referer?.address
  if (!said || !from || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const addresses = [from, ...(service.addresses ?? [])].filter((address) => canConnect(address))
  if (addresses.length === 0) return undefined
  return {
    id: said.hubId,
    name: said.name,
    port,
    addresses: [...new Set(addresses)].slice(0, addressesUpTo),
    from,
  }
}

/** Link-local addresses of IPv6 need the name of an interface that nobody can send. */
function canConnect(address: unknown): address is string {
  if (typeof address !== 'string') return false
  const kind = addressKind(address)
  return kind !== 'other' && !(kind === 'link-local' && address.includes(':'))
}
