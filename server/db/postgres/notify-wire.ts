import pg from 'pg'
import type { Line, LineEvents, Wire } from '../cluster-link.ts'
import { clientConfig } from './connection.ts'

/*
 * Carries turns by LISTEN and NOTIFY, on two connections of its own. Invariants:
 *
 * 1. NOTIFY is never part of the transaction of an operation: it would hold a lock of the whole database during the sync
 *    of its commit, so commits could not share one.
 * 2. A listener only listens: one that is idle in a transaction would fill the queue of the server.
 */

/** The server's limit is 8,000 bytes. */
const maxLength = 7_900

export function notifyWire(url: string, channel: string): Wire {
  return { name: 'LISTEN and NOTIFY', maxLength, open: (events) => openLine(url, channel, events) }
}

async function openLine(url: string, channel: string, { onText, onEnd }: LineEvents): Promise<Line> {
  const clients: pg.Client[] = []
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
  }
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client(clientConfig(url))
    client.on('error', () => undefined)
    clients.push(client)
    await client.connect()
    client.once('end', onEnd)
    return client
  }
  try {
    const [listener, teller] = await Promise.all([connect(), connect()])
    listener.on('notification', ({ payload = '' }) => onText(payload))
    await listener.query(`listen ${pg.escapeIdentifier(channel)}`)
    const query = { name: 'hubbub_notify', text: 'select pg_notify($1, $2)' }
    return {
      // what is lost shows in the numbers of the turns
      send: (text) => void teller.query({ ...query, values: [channel, text] }).catch(() => undefined),
      close,
    }
  } catch (error) {
    void close()
    throw error
  }
}
