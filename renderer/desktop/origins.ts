import { addressKind, hostAndPort } from '../../shared/addresses.ts'
import type { HostStatus, HubInfo } from '../../shared/desktop.ts'

/**
 * The origins of a hub, with those that others can use first: this computer may reach the hub by a loopback address.
 */
export function originsOf({ id, addresses }: HubInfo, host: HostStatus | undefined): string[] {
  const { addresses: networks = [], port } = host?.hubId === id ? host : {}
  const hosted = port === undefined ? [] : networks.map((one) => hostAndPort(one.host, port))
  const urls = [...hosted, ...addresses]
    .map((address) => (address.startsWith('http://') ? address : `https://${address}`))
    .flatMap((address) => URL.parse(address) ?? [])
  const isForOthers = ({ hostname }: URL): boolean =>
    hostname !== 'localhost' && addressKind(hostname.replace(/^\[|\]$/g, '')) !== 'loopback'
  const origins = [...urls.filter(isForOthers), ...urls.filter((url) => !isForOthers(url))].map(
    ({ origin }) => origin,
  )
  return [...new Set(origins)]
}
