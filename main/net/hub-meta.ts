import type { IncomingMessage } from 'node:http'
import type { HubMeta } from '../../shared/contract/hub.ts'
import { limits } from '../../shared/contract/values.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import { shortenLine } from '../../shared/text/names.ts'
import { ShellError } from '../shell-error.ts'
import type { Address } from './address.ts'
import type { HubClient, HubRequest } from './hub-client.ts'

const responseTimeoutMs = 5_000

/** This computer belongs to the hub and is not the hub: it follows, or it was the hub before. */
export class MovedError extends ShellError {
  readonly places: readonly Place[]

  constructor(places: readonly Place[]) {
    super(
      'unreachable',
      'This computer is a standby of the hub, and the hub cannot be reached. Try again later.',
    )
    this.places = places
  }

  /** The hub's own first. */
  get addresses(): string[] {
    const inOrder = [...this.places].sort((a, b) => Number(b.role === 'hub') - Number(a.role === 'hub'))
    return inOrder.flatMap(({ addresses }) => addresses)
  }
}

/** Fetches the public metadata of the hub at this address. */
export async function fetchHubMeta(
  client: HubClient,
  address: Address,
  options: Pick<HubRequest, 'signal' | 'connectTimeoutMs'> = {},
): Promise<HubMeta> {
  const response = await client.request(address, {
    method: 'GET',
    path: '/api/meta',
    headers: { accept: 'application/json' },
    timeoutMs: responseTimeoutMs,
    ...options,
  })
  const meta = parse(await readBody(response, 64 * 1024)) as
    (Partial<HubMeta> & { error?: { moved?: unknown } }) | undefined
  if (response.statusCode === 503 && meta?.error?.moved !== undefined) {
    throw new MovedError(readPlaces(meta.error.moved))
  }
  if (response.statusCode !== 200 || !isHubId(meta?.hubId) || typeof meta?.name !== 'string') {
    throw new ShellError('not_a_hub', 'Something else responds at this address, not a hub.')
  }
  return { ...(meta as HubMeta), name: shortenLine(meta.name, limits.hubName) }
}

/** Reads a whole body, unless it is too large. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxBytes) {
      response.destroy()
      throw new Error('the response is too large')
    }
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function isHubId(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
