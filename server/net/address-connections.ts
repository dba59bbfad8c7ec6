import type { Socket } from 'node:net'
import { isLoopback, clientKey } from '../addresses.ts'

/**
 * Connections of one address, with or without a session. An office behind one address stays far below; a program that opens
 * connections without end takes neither the memory nor the files that the process may open.
 */
const maxPerAddress = 2_000

/** Counts the connections of each address. This computer, and proxies that report other addresses, have no limit. */
export class AddressConnections {
  readonly #counts = new Map<string, number>()
  readonly #isProxy: (address: string) => boolean

  constructor(isProxy: (address: string) => boolean) {
    this.#isProxy = isProxy
  }

  /** Returns false if this address has too many already; else the connection counts until it is closed. */
  accepts(socket: Pick<Socket, 'remoteAddress' | 'once'>): boolean {
    const { remoteAddress = '' } = socket
    if (isLoopback(remoteAddress) || this.#isProxy(remoteAddress)) return true
    const client = clientKey(remoteAddress)
    const count = this.#counts.get(client) ?? 0
    if (count >= maxPerAddress) return false
    this.#counts.set(client, count + 1)
    socket.once('close', () => this.#release(client))
    return true
  }

  #release(client: string): void {
    const left = (this.#counts.get(client) ?? 0) - 1
    if (left > 0) this.#counts.set(client, left)
    else this.#counts.delete(client)
  }
}
