import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionOptions } from '@nats-io/transport-node'
import type { Line, LineEvents, Wire } from '../db/cluster-link.ts'
import { StartError } from '../start-error.ts'
import type { WireAddress } from './wire-address.ts'

/*
 * Carries turns by a subject of NATS, without its streams. NATS ends a subscriber that does not read in time, and what it had
 * for it is lost.
 */

/** The server's own limit is 1 MB unless it is set lower. */
const maxLength = 256 * 1024
const lastWordsMs = 500

export function natsWire(address: WireAddress, subject: string): Wire {
  return { name: 'NATS', maxLength, open: (events) => openLine(address, subject, events) }
}

async function openLine(address: WireAddress, subject: string, { onText, onEnd }: LineEvents): Promise<Line> {
  const { connect, errors } = await import('@nats-io/transport-node')
  try {
    const connection = await connect(optionsOf(address))
    void connection.closed().then(onEnd, onEnd)
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) onText(message.string())
      },
    })
    // the server has the subscription
    await connection.flush()
    return {
      send: (text) => {
        if (!connection.isClosed()) connection.publish(subject, text)
      },
      close: async () => {
        // what was published leaves first, if the server takes it
        const limit = sleep(lastWordsMs, undefined, { ref: false })
        await Promise.race([connection.flush(), limit]).catch(() => undefined)
        await connection.close()
      },
    }
  } catch (error) {
    const { cause } = error as Error
    if (error instanceof errors.AuthorizationError || cause instanceof errors.AuthorizationError) {
      throw new StartError(
        `NATS at ${address.host} refuses this user and password: check the address in HUBBUB_BUS.`,
      )
    }
    throw error
  }
}

function optionsOf({
  host,
  port,
  username,
  password,
  connectTimeoutMs,
  tls,
}: WireAddress): ConnectionOptions {
  return {
    servers: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    name: 'hubbub',
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: connectTimeoutMs,
    ...(password === undefined ? {} : { user: username ?? '', pass: password }),
    // a name without a password is a token
    ...(username !== undefined && password === undefined ? { token: username } : {}),
    ...(tls ? { tls: tls.ca === undefined ? {} : { ca: tls.ca } } : {}),
  }
}
