// Requests to one hub. The agent decides which identity it accepts. For a pinned hub the only trusted root is that
// hub's own CA, so the chain is the identity and names do not matter. For a public hub the usual rules hold.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import type { Trust } from '../../shared/desktop.ts'
import { isLoopback, type Address } from './address.ts'

export interface HubTrust {
  trust: Trust
  /** PEM of the hub's CA, for `pinned`. */
  pin?: string | undefined
}

export interface HubRequest {
  method: string
  /** Path with query. */
  path: string
  headers?: Record<string, string>
  body?: Readable | string | undefined
  signal?: AbortSignal | undefined
  /** Until the head of the response has arrived. */
  timeoutMs?: number
  /** Until the connection is established, with TLS. */
  connectTimeoutMs?: number | undefined
}

/** Enough for the pictures of a long conversation, without flooding the hub. */
const maxSocketsPerHub = 12

export class HubClient {
  readonly #trust: HubTrust
  readonly #agent: http.Agent

  constructor(trust: HubTrust) {
    this.#trust = trust
    this.#agent =
      trust.trust === 'local'
        ? new http.Agent({ keepAlive: true, maxSockets: maxSocketsPerHub })
        : new https.Agent({ keepAlive: true, maxSockets: maxSocketsPerHub, ...tlsOptions(trust) })
  }

  /** Resolves with the head of the response; its body is the stream. Redirects are not followed. */
  request(address: Address, options: HubRequest): Promise<IncomingMessage> {
    const { body } = options
    assertPlainAllowed(this.#trust, address)
    return new Promise((resolve, reject) => {
      const request = (address.plain ? http : https).request({
        host: address.host,
        port: address.port,
        agent: this.#agent,
        method: options.method,
        path: options.path,
        headers: options.headers ?? {},
        ...(options.signal ? { signal: options.signal } : {}),
      })
      request.setTimeout(options.timeoutMs ?? 30_000, () => request.destroy(timeoutError()))
      if (options.connectTimeoutMs !== undefined) limitConnecting(request, options.connectTimeoutMs)
      request.once('response', resolve)
      request.once('error', reject)
      if (typeof body === 'string' || body === undefined) return void request.end(body)
      body.once('error', (error) => request.destroy(error))
      body.pipe(request)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The same TLS rules for the live socket. */
export function tlsOptions({ trust, pin }: HubTrust): SecureContextOptions & {
  minVersion: 'TLSv1.3'
  servername?: ''
  checkServerIdentity?: () => undefined
} {
  if (trust !== 'pinned') return { minVersion: 'TLSv1.3' }
  if (!pin) throw new Error('a pinned hub without its pin')
  // send no server name: for a name, the hub may present a provided certificate instead of its issued one
  return { minVersion: 'TLSv1.3', servername: '', ca: [pin], checkServerIdentity: () => undefined }
}

/** Plaintext never leaves this computer, whatever an address says. */
export function assertPlainAllowed({ trust }: HubTrust, { host, plain }: Address): void {
  if (plain !== (trust === 'local')) throw new Error('the address does not match the trust of the hub')
  if (plain && !isLoopback(host)) throw new Error('plain HTTP is for this computer only')
}

/** A connection that is kept alive is established already. */
function limitConnecting(request: http.ClientRequest, timeoutMs: number): void {
  request.once('socket', (socket: Socket & { secureConnecting?: boolean }) => {
    const isSecure = socket.secureConnecting !== undefined
    if (!socket.connecting && socket.secureConnecting !== true) return
    const timer = setTimeout(() => request.destroy(timeoutError()), timeoutMs)
    const stop = (): void => clearTimeout(timer)
    socket.once(isSecure ? 'secureConnect' : 'connect', stop)
    socket.once('close', stop)
    request.once('close', stop)
  })
}

function timeoutError(): Error {
  return Object.assign(new Error('the hub did not respond in time'), { code: 'ETIMEDOUT' })
}
