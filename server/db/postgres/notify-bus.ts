import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Bus, BusEvents, Notice, Turn } from '../cluster-link.ts'
import { clientConfig } from './connection.ts'

/*
 * A bus by LISTEN and NOTIFY, on two connections of its own. Invariants:
 *
 * 1. NOTIFY is never part of the transaction of an operation: it would hold a lock of the whole database during the sync
 *    of its commit, so commits could not share one.
 * 2. A listener only listens: one that is idle in a transaction would fill the queue of the server.
 * 3. If a turn could not be sent, the others learn that they missed something as soon as they can be reached.
 */

/** The server's limit is 8,000 bytes. */
const maxPartLength = 7_000
const reconnectDelayMs = 500

export class NotifyBus implements Bus {
  readonly #url: string
  readonly #channel: string
  readonly #processName: string
  #listener: pg.Client | undefined
  #teller: pg.Client | undefined
  #events: BusEvents | undefined
  #isConnecting = false
  #hasLost = false
  #isClosed = false
  #number = 0
  /** Turns that have not arrived whole, by process. */
  readonly #parts = new Map<string, string>()

  constructor(url: string, channel: string, processName: string) {
    this.#url = url
    this.#channel = channel
    this.#processName = processName
  }

  async open(events: BusEvents): Promise<void> {
    this.#events = events
    await this.#connect()
  }

  publish(turn: Turn): void {
    const teller = this.#teller
    if (!teller) {
      this.#hasLost ||= turn.notices.length > 0
      return
    }
    const lost: Notice[] = this.#hasLost ? [{ t: 'lost' }] : []
    this.#hasLost = false
    const text = toAscii(JSON.stringify({ ...turn, notices: [...lost, ...turn.notices] }))
    this.#number += 1
    for (let at = 0; at < text.length; at += maxPartLength) {
      const isLast = at + maxPartLength >= text.length
      const part = text.slice(at, at + maxPartLength)
      const head = `${this.#processName} ${this.#number} ${at === 0 ? 'first' : 'next'} ${isLast ? 'last' : 'more'} `
      teller
        .query({
          name: 'hubbub_notify',
          text: 'select pg_notify($1, $2)',
          values: [this.#channel, head + part],
        })
        .catch(() => {
          this.#hasLost = true
        })
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const clients = [this.#listener, this.#teller].filter((client) => client !== undefined)
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
  }

  async #connect(): Promise<void> {
    const [listener, teller] = await Promise.all([this.#newClient(), this.#newClient()])
    listener.on('notification', ({ payload = '' }) => this.#receive(payload))
    await listener.query(`listen ${pg.escapeIdentifier(this.#channel)}`)
    this.#listener = listener
    this.#teller = teller
    if (this.#hasLost) this.publish({ from: this.#processName, notices: [] })
  }

  async #newClient(): Promise<pg.Client> {
    const client = new pg.Client(clientConfig(this.#url))
    client.on('error', () => undefined)
    await client.connect()
    client.once('end', () => void this.#reconnect())
    return client
  }

  /** Both connections are opened again: the server may have restarted. */
  async #reconnect(): Promise<void> {
    if (this.#isClosed || this.#isConnecting) return
    this.#isConnecting = true
    for (const client of [this.#listener, this.#teller]) client?.end().catch(() => undefined)
    this.#listener = this.#teller = undefined
    this.#parts.clear()
    while (!this.#isClosed) {
      try {
        await this.#connect()
        break
      } catch {
        await sleep(reconnectDelayMs, undefined, { ref: false })
      }
    }
    this.#isConnecting = false
    if (!this.#isClosed) this.#events?.onMissed()
  }

  #receive(payload: string): void {
    const [from = '', number = '', first = '', last = ''] = payload.split(' ', 4)
    if (from === this.#processName) return
    const part = payload.slice([from, number, first, last, ''].join(' ').length)
    const begun = first === 'first' ? '' : this.#parts.get(from)
    this.#parts.delete(from)
    // the beginning was sent before this process listened, and is in what it has read
    if (begun === undefined) return
    if (last === 'more') {
      this.#parts.set(from, begun + part)
      return
    }
    this.#events?.onTurn(JSON.parse(begun + part) as Turn)
  }
}

/** So that it can be cut anywhere. */
function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
