import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { isLoopback } from '../addresses.ts'
import type { Wire } from '../db/cluster-link.ts'
import { StartError } from '../start-error.ts'
import { natsWire } from './nats-wire.ts'
import { redisWire } from './redis-wire.ts'
import type { WireAddress } from './wire-address.ts'

const connectTimeoutMs = 3_000
const defaultPorts = { redis: 6379, nats: 4222 }

/**
 * Returns what connects the processes of this hub over a server for messages. Hubs may share the server: each has a channel
 * of its own, and so has a restored copy of a hub.
 * @throws StartError if the file of its CA cannot be read
 */
export function createWire(bus: string, hub: { hubId: string; epoch: string }, log: FastifyBaseLogger): Wire {
  const url = new URL(bus)
  const isRedis = url.protocol.startsWith('redis')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isEncrypted = url.protocol === 'rediss:' || url.protocol === 'tls:'
  const caFile = url.searchParams.get('ca')
  const address: WireAddress = {
    host,
    port: url.port === '' ? defaultPorts[isRedis ? 'redis' : 'nats'] : Number(url.port),
    username: textOf(url.username),
    password: textOf(url.password),
    connectTimeoutMs,
    tls: isEncrypted
      ? { ca: caFile === null ? undefined : readCa(caFile), servername: isIP(host) ? undefined : host }
      : undefined,
  }
  if (!isEncrypted && host !== 'localhost' && !isLoopback(host)) {
    log.warn(
      { host },
      'the bus has no TLS: who can read its network reads what people write. Use rediss:// or tls://',
    )
  }
  const name = createHash('sha256').update(`${hub.hubId} ${hub.epoch}`).digest('hex').slice(0, 32)
  return isRedis ? redisWire(address, `hubbub:${name}`) : natsWire(address, `hubbub.${name}`)
}

function textOf(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part)
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new StartError(`The file ${file} of ?ca= in the address of the bus cannot be read: check its path.`)
  }
}
