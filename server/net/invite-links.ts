import type { InviteReach } from '../../shared/contract/admin.ts'
import { inviteAppLink, inviteUrl } from '../../shared/text/invite-link.ts'
import type { Endpoint } from './endpoint.ts'

/**
 * The two links of an invite. With an issued certificate the link contains the identity of the hub, which the client
 * pins. With a publicly trusted certificate the name is enough, and the certificate does not contain the identity.
 */
export function inviteLinks(
  endpoint: Endpoint,
  origin: string,
  code: string,
): { url: string; appLink: string } {
  const { hubId, outside, addresses, names, port } = endpoint.reachable
  if (outside !== undefined) {
    const { hostname, port: outer } = new URL(outside)
    const address = `${hostname}:${outer || 443}`
    return {
      url: inviteUrl({ origin: outside, code }),
      appLink: inviteAppLink({ addresses: [address], code }),
    }
  }
  if (!endpoint.allowedHosts.acceptsRemote) {
    return {
      url: inviteUrl({ origin, code }),
      appLink: inviteAppLink({ addresses: [`127.0.0.1:${port}`], code, hubId }),
    }
  }
  // current addresses first, then the names, which may still be right tomorrow
  const local = names.filter((name) => /\.local:\d+$/.test(name))
  const all = [...addresses.slice(0, 6), ...local, ...names.filter((name) => !local.includes(name))]
  return {
    url: inviteUrl({ origin: endpoint.inviteOrigin(origin), code, hubId }),
    appLink: inviteAppLink({ addresses: all, code, hubId }),
  }
}

/** Says who can use an invite, and how to open the hub to others. */
export function inviteReach(endpoint: Endpoint): InviteReach {
  const { outside, closed } = endpoint.reachable
  const { acceptsRemote, isReachable } = endpoint.allowedHosts
  const others = outside !== undefined || isReachable
  const command = acceptsRemote ? undefined : endpoint.openCommand()
  return {
    others,
    ...(acceptsRemote && !others ? { offline: true as const } : {}),
    ...(command === undefined ? {} : { command }),
    ...(closed.length === 0
      ? {}
      : {
          closed: closed.map(({ address, network }) => {
            const opens = endpoint.openCommand(network)
            return { address, network, ...(opens === undefined ? {} : { command: opens }) }
          }),
        }),
  }
}
