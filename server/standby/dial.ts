import type { KeyObject } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type WebSocket from 'ws'
import type { Place } from '../../shared/places.ts'
import { openStream } from './pinned.ts'

/** A connection to another computer of the hub, which has shown a certificate of the hub. */
export interface Dialed {
  readonly address: string
  readonly socket: WebSocket
  /** The public key of the hub. */
  readonly publicKey: KeyObject
}

export interface DialOptions {
  readonly hubId: string
  readonly log: FastifyBaseLogger
  /** True once nobody wants the connection any more. */
  readonly isOver: () => boolean
}

/** The addresses of the other computers, those of the hub first. */
export function addressesOfOthers(places: readonly Place[], ownNode: string): string[] {
  return places
    .filter(({ node }) => node !== ownNode)
    .toSorted((a, b) => Number(b.role === 'hub') - Number(a.role === 'hub'))
    .flatMap(({ addresses }) => addresses)
}

/** Tries the addresses one after the other. Returns undefined if no computer of the hub answers. */
export async function dialFirst(
  addresses: readonly string[],
  { hubId, log, isOver }: DialOptions,
): Promise<Dialed | undefined> {
  for (const address of addresses) {
    if (isOver()) return undefined
    try {
      const { socket, publicKey } = await openStream({ address, hubId })
      if (!isOver()) return { address, socket, publicKey }
      socket.terminate()
    } catch (error) {
      log.debug({ err: error, address }, 'no computer of the hub there')
    }
  }
  return undefined
}
