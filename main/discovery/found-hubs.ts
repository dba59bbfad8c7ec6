// The hubs that announcements have named. Anyone on the network can send them: the list has a bound, and a flood pushes out no
// hub that was found earlier.
import type { DecodedPacket } from 'dns-packet'
import { addressKind } from '../../shared/addresses.ts'
import type { FoundHub } from '../../shared/desktop.ts'
import { readServices, type ReceivedService } from './service-records.ts'
import { parseTxtRecord } from './txt-record.ts'

const maxHubs = 64
/** One computer has one hub, perhaps two; a hundred names from one address are an attack. */
const maxHubsPerSource = 8
const maxAddresses = 8
/** A hub that misses two queries has left without a goodbye packet. */
const maxMissedRounds = 2

interface SeenService extends FoundHub {
  from: string
  round: number
}

export class FoundHubs {
  readonly #seen = new Map<string, SeenService>()
  #round = 0

  /** Another query is sent. Returns true if a hub is gone. */
  startRound(): boolean {
    this.#round += 1
    const before = this.#seen.size
    for (const [key, { round }] of this.#seen)
      if (round < this.#round - maxMissedRounds) this.#seen.delete(key)
    return this.#seen.size < before
  }

  /** Takes a response that came from this address. Returns true if it changes the list. */
  receive(packet: DecodedPacket, from: string): boolean {
    const changes = readServices(packet).map((service) => this.#receiveService(service, from))
    return changes.includes(true)
  }

  /** A hub on two networks responds twice. An impostor fails the proof of identity later. */
  list(): FoundHub[] {
    const hubs = new Map<string, FoundHub>()
    for (const { id, name, port, addresses } of this.#seen.values()) {
      const key = JSON.stringify([id, name, port])
      const before = hubs.get(key)?.addresses ?? []
      const all = [...new Set([...before, ...addresses])].slice(0, maxAddresses)
      hubs.set(key, { id, name, port, addresses: all })
    }
    return [...hubs.values()]
  }

  #receiveService(service: ReceivedService, from: string): boolean {
    const hub = parseService(service, from)
    if (!hub) return false
    const key = `${hub.id} ${from}`
    if (service.isGoodbye) return this.#seen.delete(key)
    const before = this.#seen.get(key)
    if (!before && !this.#hasRoom(from)) return false
    const now = { ...hub, from, round: this.#round }
    this.#seen.set(key, now)
    return !before || JSON.stringify({ ...before, round: now.round }) !== JSON.stringify(now)
  }

  #hasRoom(from: string): boolean {
    if (this.#seen.size >= maxHubs) return false
    return [...this.#seen.values()].filter((each) => each.from === from).length < maxHubsPerSource
  }
}

/** Returns the hub of a service; undefined if it has no address to connect to. */
function parseService(service: ReceivedService, from: string): FoundHub | undefined {
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
  }
}

/** An IPv6 link-local address needs the name of a local interface, which no packet can contain. */
function isConnectable(address: string): boolean {
  const kind = addressKind(address)
  return kind !== 'other' && !(kind === 'link-local' && address.includes(':'))
}
