import { setTimeout as sleep } from 'node:timers/promises'
import type { createClient as createRedisClient } from '@redis/client'
import type { Line, LineEvents, Wire } from '../db/cluster-link.ts'
import { StartError } from '../start-error.ts'
import type { WireAddress } from './wire-address.ts'

/*
 * Carries turns by PUBLISH and SUBSCRIBE of Redis. A connection that subscribes can do nothing else in all versions of its
 * protocol, so there are two. Redis ends a subscriber that does not read in time, and what it had for it is lost.
 */

const maxLength = 256 * 1024
/** More wait only if the server does not read; then the line is dead anyway. */
const maxWaitingTurns = 10_000
const lastWordsMs = 500

export function redisWire(address: WireAddress, channel: string): Wire {
  return { name: 'Redis', maxLength, open: (events) => openLine(address, channel, events) }
}

type Client = ReturnType<typeof createRedisClient>
type Options = NonNullable<Parameters<typeof createRedisClient>[0]>

async function openLine(address: WireAddress, channel: string, { onText, onEnd }: LineEvents): Promise<Line> {
  const { createClient } = await import('@redis/client')
  const clients: Client[] = []
  const destroy = (): void => {
    for (const client of clients) if (client.isOpen) client.destroy()
  }
  const connect = async (): Promise<Client> => {
    // versions of Redis before 6 know no other protocol
    const client = createClient({ ...optionsOf(address), RESP: 2 }) as unknown as Client
    client.on('error', () => undefined)
    clients.push(client)
    await client.connect()
    // a connection that was lost is an error, and no end
    client.on('error', onEnd)
    client.on('end', onEnd)
    return client
  }
  try {
    const [listener, teller] = await Promise.all([connect(), connect()])
    await listener.subscribe(channel, onText)
    const close = async (): Promise<void> => {
      // what was published leaves first, if the server takes it
      const limit = sleep(lastWordsMs, undefined, { ref: false })
      if (teller.isOpen) await Promise.race([teller.close(), limit]).catch(() => undefined)
      destroy()
    }
    return { send: (text) => void teller.publish(channel, text).catch(() => undefined), close }
  } catch (error) {
    destroy()
    if (isRefusal(error)) {
      throw new StartError(
        `Redis at ${address.host} refuses this user and password (${(error as Error).message}): check the address in HUBBUB_BUS.`,
      )
    }
    throw error
  }
}

function optionsOf({ host, port, username, password, connectTimeoutMs, tls }: WireAddress): Options {
  const socket = { host, port, connectTimeout: connectTimeoutMs, reconnectStrategy: false as const }
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    socket: tls ? { ...socket, tls: true, ca: tls.ca, servername: tls.servername } : socket,
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaitingTurns,
    name: 'hubbub',
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && /^(NOAUTH|WRONGPASS|NOPERM|ERR AUTH|ERR Client sent AUTH)/.test(error.message)
  )
}
