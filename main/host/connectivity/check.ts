import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { addressKind } from '../../../shared/addresses.ts'
import type { HubAddress } from '../../../shared/hub-process-messages.ts'
import type { ConnectivityFinding } from '../../../shared/connectivity.ts'
import type { StoredHostSettings } from '../settings.ts'
import { probeNetworkCategory, probeFirewall, runCommand, probeOwnAddresses, readTextFile } from './probe.ts'
import { diagnose, type ConnectivityFacts } from './diagnose.ts'

export interface ConnectivityInput {
  running: boolean
  settings: StoredHostSettings
  port: number
  addresses: HubAddress[]
}

/** Examines this computer and returns the reasons why others cannot connect. */
export async function checkConnectivity(
  { running, settings, port, addresses }: ConnectivityInput,
  isHub: (address: string, port: number) => Promise<boolean>,
): Promise<ConnectivityFinding[]> {
  const platform = process.platform as ConnectivityFacts['platform']
  const shouldProbe = running && settings.lan
  const [firewall, category, self] = await Promise.all([
    shouldProbe
      ? probeFirewall(platform, port, { run: runCommand, readText: readTextFile })
      : ({ kind: 'unknown', allowsPort: 'unknown' } as const),
    shouldProbe ? probeNetworkCategory(platform, runCommand) : undefined,
    shouldProbe ? probeOwnAddresses(addresses, { port, isHub }) : {},
  ])
  return diagnose({
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
    program: hubProgram(),
  })
}

/** The networks of this computer, for the user to choose from. */
export function localNetworks(): HubAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([via, list]) =>
    (list ?? []).flatMap(({ address, internal }) =>
      internal || (addressKind(address) === 'link-local' && address.includes(':')) ? [] : [{ address, via }],
    ),
  )
}

/**
 * The program that listens, as the firewall knows it. On macOS the hub runs in the helper of the app, elsewhere in the
 * app's own program.
 */
export function hubProgram(
  { platform, execPath }: Pick<NodeJS.Process, 'platform' | 'execPath'> = process,
  // Electron sets it; its typings do not have it
  helper = (process as { helperExecPath?: string }).helperExecPath,
): string {
  if (platform !== 'darwin') return execPath
  if (helper !== undefined && helper !== '') return helper
  const name = `${path.basename(execPath)} Helper`
  return path.join(execPath, '..', '..', 'Frameworks', `${name}.app`, 'Contents', 'MacOS', name)
}
