import type { FastifyInstance } from 'fastify'
import { bracketIpv6, isLoopback } from './addresses.ts'
import type { Endpoint } from './net/endpoint.ts'
import { StartError } from './start-error.ts'

/* Opens the port of a hub. */

export interface ListenOptions {
  /** The address to listen on, if there is no `lan`. */
  host: string
  /**
   * Listens on home and office networks: all of this computer's, or those of the listed interfaces. Never on public
   * addresses.
   */
  lan?: true | { readonly interfaces: readonly string[] }
  /** 0: any that is free. */
  port: number
  /** Serves other computers without TLS too: anyone on the network can read the traffic. */
  allowPlainHttp: boolean
  /** Tests: false opens no port, and requests are injected. `port` is what the addresses say. */
  opensPort?: boolean
}

/**
 * A thousand users reconnect at once after a restart: their handshakes wait in this backlog instead of being retried.
 */
const listenBacklog = 4096

/** Returns the address of the hub for this computer. @throws StartError with what to do */
export async function listen(
  app: FastifyInstance,
  { host, lan, port, allowPlainHttp, opensPort = true }: ListenOptions,
  endpoint: Endpoint,
): Promise<string> {
  try {
    if (opensPort) await listenOnFirst(app, endpoint.allowedHosts.hosts, port)
    else await app.ready()
  } catch (error) {
    await app.close()
    const { code } = error as { code?: string }
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${port} is in use by another program. Stop it, or choose another with --port.`,
        { code: 'port-in-use' },
      )
    }
    if (code === 'EACCES') {
      throw new StartError(`This account may not use port ${port}. Choose one above 1023 with --port.`, {
        code: 'port-forbidden',
      })
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartError(
        `This computer has no address ${host}. Leave out --host, or give one of its own addresses.`,
      )
    }
    throw error
  }
  const address = app.server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  endpoint.startOnPort(actual)
  const everywhere = lan !== undefined || host === '0.0.0.0' || host === '::'
  if (everywhere) return `http://localhost:${actual}`
  const scheme = isLoopback(host) || allowPlainHttp ? 'http' : 'https'
  return `${scheme}://${bracketIpv6(host)}:${actual}`
}

/** Computers without IPv6 cannot listen on its addresses. */
async function listenOnFirst(app: FastifyInstance, hosts: readonly string[], port: number): Promise<void> {
  const [host, ...others] = hosts
  try {
    await app.listen({ host: host as string, port, backlog: listenBacklog })
  } catch (error) {
    const { code } = error as { code?: string }
    if (others.length === 0 || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error
    await listenOnFirst(app, others, port)
  }
}
