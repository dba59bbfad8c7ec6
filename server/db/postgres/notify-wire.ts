import pg from 'pg'
import type { Line, LineEvents, Wire } from '../cluster-link.ts'
import { clientConfig } from './connection.ts'

/*
 * Carries turns by LISTEN and NOTIFY, on a connection of its own. Invariants:
 *
 * 1. NOTIFY is never part of the transaction of an operation: it would hold a lock of the whole database during the sync
 *    of its commit, so commits could not share one.
 * 2. The connection is never idle in a transaction: a listener that is would fill the queue of the server.
 * 3. It sends and listens: the turn of this process comes back together with the response, and wakes it once.
 */

/** The server's limit is 8,000 bytes. */
const maxLength = 7_900

export function notifyWire(url: string, channel: string): Wire {
  return { name: 'LISTEN and NOTIFY', maxLength, open: (events) => openLine(url, channel, events) }
}

async function openLine(url: string, channel: string, { onText, onEnd }: LineEvents): Promise<Line> {
  const client = new pg.Client({ ...clientConfig(url), application_name: channel })
  const close = (): Promise<void> => client.end().catch(() => undefined)
  client.on('error', () => undefined)
  client.on('notification', ({ payload = '' }) => onText(payload))
  try {
    await client.connect()
    client.once('end', onEnd)
    await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    const query = { name: 'hubbub_notify', text: 'select pg_notify($1, $2)' }
    return {
      // what is lost shows in the numbers of the turns
      send: (text) => void client.query({ ...query, values: [channel, text] }).catch(() => undefined),
      close,
    }
  } catch (error) {
    void close()
    throw error
  }
}
