import { networkMatcher } from './addresses.ts'
import { StartError } from './start-error.ts'

/** Of the largest networks. In a larger one, many clients could say that they have any address. */
const shortestLength = { ipv4: 8, ipv6: 32 }

/**
 * Returns the networks of `--trust-proxy`, such as `10.0.0.5,fd00::/64`: proxies on other computers, which report the addresses of
 * their clients. @throws StartError if one is no network
 */
export function readTrustedProxies(
  text: string | undefined,
  hasPublicUrl: boolean,
): { trustedProxies?: readonly string[] } {
  if (text === undefined) return {}
  if (!hasPublicUrl) {
    throw new StartError(
      '--trust-proxy is for a hub behind a proxy: give its public name too, with --public-url.',
    )
  }
  const trustedProxies = text.split(',').map((network) => network.trim())
  for (const network of trustedProxies) {
    if (isNetwork(network)) continue
    throw new StartError(
      `"${network}" is not a network for --trust-proxy: give addresses of proxies, such as 10.0.0.5 or 10.0.0.0/24,fd00::/64.`,
    )
  }
  return { trustedProxies }
}

function isNetwork(network: string): boolean {
  const [address = '', length, ...rest] = network.split('/')
  const shortest = address.includes(':') ? shortestLength.ipv6 : shortestLength.ipv4
  if (rest.length > 0 || (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) >= shortest)))
    return false
  try {
    networkMatcher([network])
    return true
  } catch {
    return false
  }
}
