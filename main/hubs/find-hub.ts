import { fetchHubMeta, MovedError } from '../net/hub-meta.ts'
import type { HubClient } from '../net/hub-client.ts'
import { parseAddress, type Address } from '../net/address.ts'
import { connectionErrorKind, type ConnectionErrorKind } from '../net/connection-error.ts'
import type { Clock } from '../ports.ts'
import { type RaceFailure, raceAddresses } from './address-race.ts'
import type { KnownHub } from './registry.ts'

const connectTimeoutMs = 2_000

export interface Failure {
  problem: ConnectionErrorKind
  address: Address
}

/**
 * Looks for the hub at all its addresses and places. The first that proves the hub's key and is not a standby is the
 * hub. A standby names more places.
 * @param avoid an address where a hub with a lower term answers
 */
export async function findHub(
  client: HubClient,
  hub: KnownHub,
  { clock, avoid }: { clock: Clock; avoid: string | undefined },
): Promise<{ address: string; name: string } | { worst: Failure | undefined }> {
  const result = await raceAddresses(candidatesOf(hub, avoid), {
    clock,
    attempt: (address, race) => requireHub(client, hub, address, race),
  })
  if ('failures' in result) return { worst: worstOf(result.failures, hub.addresses[0]) }
  return { address: result.address, name: result.value }
}

/** The address that worked last comes first. */
function candidatesOf({ addresses, places = [] }: KnownHub, avoid: string | undefined): string[] {
  const all = [...addresses, ...new MovedError(places).addresses]
  const others = all.filter((address) => address !== avoid)
  return others.length > 0 ? others : all
}

/** Returns the name of the hub. */
async function requireHub(
  client: HubClient,
  { id }: KnownHub,
  text: string,
  { signal, add }: { signal: AbortSignal; add: (addresses: string[]) => void },
): Promise<string> {
  try {
    const meta = await fetchHubMeta(client, parseAddress(text), { signal, connectTimeoutMs })
    if (meta.hubId === id) return meta.name
  } catch (error) {
    if (error instanceof MovedError) add(error.addresses)
    throw error
  }
  throw Object.assign(new Error('another hub'), { code: 'CERT_REJECTED' })
}

/** What to tell the user: a proven problem of the first address outweighs a network that is away. */
function worstOf(failures: readonly RaceFailure[], lastWorking: string | undefined): Failure | undefined {
  let worst: Failure | undefined
  for (const { address, error } of failures) {
    // a stranger at the last working address is an impostor; at an unproven address it is simply another computer
    const kind = connectionErrorKind(error)
    const problem = address !== lastWorking && kind !== 'clock' ? 'offline' : kind
    if (!worst || worst.problem === 'offline') worst = { problem, address: safeAddress(address) }
  }
  return worst
}

/** A place may have named an address that is none. */
function safeAddress(text: string): Address {
  try {
    return parseAddress(text)
  } catch {
    return { host: 'invalid', port: 0, plain: false }
  }
}
