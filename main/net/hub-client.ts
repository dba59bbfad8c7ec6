// Requests to one hub. What decides who it is allowed to be is the agent: for a pinned hub the only root it knows is that
// hub's own CA, so the chain is the identity and names do not matter; for a public one the usual rules hold.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
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
  /** With its query. */
  path: string
  headers?: Record<string, string>
  body?: Readable | string | undefined
  signal?: AbortSignal | undefined
  /** Until the answer's head has arrived. */
  timeoutMs?: number
}

/** Pictures of a long conversation, without drowning the hub. */
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

  /** Resolves with the head of the answer; its body is the stream. Redirects are not followed. */
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

/** The same rules for the live socket. */
export function tlsOptions({ trust, pin }: HubTrust): SecureContextOptions & {
  minVersion: 'TLSv1.3'
  servername?: ''
  checkServerIdentity?: () => undefined
} {
  if (trust !== 'pinned') return { minVersion: 'TLSv1.3' }
  if (!pin) throw new Error('a pinned hub without its pin')
  // by no name: for one it may hold a certificate that somebody else issued
  return { minVersion: 'TLSv1.3', servername: '', ca: [pin], checkServerIdentity: () => undefined }
}

/** Plain bytes never leave this computer, whatever an address says. */
export function assertPlainAllowed({ trust }: HubTrust, { host, plain }: Address): void {
  if (plain !== (trust === 'local')) throw new Error('an address that does not fit how the hub is trusted')
  if (plain && !isLoopback(host)) throw new Error('plain HTTP is for this computer only')
}

function timeoutError(): Error {
  return Object.assign(new Error('the hub did not answer in time'), { code: 'ETIMEDOUT' })
}
