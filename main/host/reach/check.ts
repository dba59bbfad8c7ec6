import { networkInterfaces } from 'node:os'
import { addressKind } from '../../../shared/addresses.ts'
import type { HubAddress } from '../../../shared/hosting.ts'
import type { Finding } from '../../../shared/reachability.ts'
import type { HostFile } from '../settings.ts'
import { askCategory, askFirewall, askSystem, callOurselves, readSystem } from './collect.ts'
import { findings, type ReachFacts } from './findings.ts'

export interface ReachQuestion {
  running: boolean
  settings: HostFile
  port: number
  addresses: HubAddress[]
}

/** Looks at this computer and says why others cannot connect. */
export async function checkReachable(
  { running, settings, port, addresses }: ReachQuestion,
  isHub: (address: string, port: number) => Promise<boolean>,
): Promise<Finding[]> {
  const platform = process.platform as ReachFacts['platform']
  const asked = running && settings.lan
  const [firewall, category, self] = await Promise.all([
    asked
      ? askFirewall(platform, port, { ask: askSystem, read: readSystem })
      : ({ kind: 'unknown', lets: 'unknown' } as const),
    asked ? askCategory(platform, askSystem) : undefined,
    asked ? callOurselves(addresses, { port, isHub }) : {},
  ])
  return findings({
    platform,
    running,
    lan: settings.lan,
    announce: settings.announce,
    port,
    addresses,
    self,
    firewall,
    category,
    seenOutside: settings.seenOutside,
    program: process.execPath,
  })
}

/** The networks of this computer, for choosing. */
export function ownNetworks(): HubAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([via, list]) =>
    (list ?? []).flatMap(({ address, internal }) =>
      internal || (addressKind(address) === 'link-local' && address.includes(':')) ? [] : [{ address, via }],
    ),
  )
}
