import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/*
 * The cable between two computers: each reaches the other through a proxy of this process, which can cut, hold back, delay
 * or split what passes. Held bytes arrive late when the cable is whole again, as TCP sends them again.
 */

/** `there`: from the computer that has connected. */
export type Way = 'there' | 'back'

interface Piece {
  dueAt: number
  bytes: Buffer
}

/** One connection: two sockets, and what waits for each of them. */
class Passage {
  readonly client: Socket
  readonly server: Socket
  readonly #link: Link
  readonly #waiting: Record<Way, Piece[]> = { there: [], back: [] }
  /** The computer that has connected is gone, and the other has not noticed. */
  #isStranded = false

  constructor(client: Socket, server: Socket, link: Link) {
    this.client = client
    this.server = server
    this.#link = link
    this.#read(client, 'there')
    this.#read(server, 'back')
  }

  #read(socket: Socket, way: Way): void {
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => {
      this.#waiting[way].push({ dueAt: performance.now() + this.#link.delayMs, bytes })
      if (this.#link.delayMs > 0) setTimeout(() => this.flush(way), this.#link.delayMs + 1)
      else this.flush(way)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      // nobody learns of it while the cable is cut
      if (this.#isStranded || this.#link.isHeld(way)) return
      setTimeout(() => this.#finish(), this.#link.delayMs + 5)
    })
  }

  flush(way: Way): void {
    if (this.#isStranded || this.#link.isHeld(way)) return
    const target = way === 'there' ? this.server : this.client
    const waiting = this.#waiting[way]
    while (waiting[0] && waiting[0].dueAt <= performance.now()) {
      const { bytes } = waiting.shift() as Piece
      if (!target.destroyed) target.write(bytes)
    }
  }

  /** The cable is whole again: what was held arrives, and what was closed is closed for both. */
  resume(): void {
    this.flush('there')
    this.flush('back')
    if (this.client.destroyed || this.server.destroyed) this.destroy()
  }

  /** One side has closed: what it sent before arrives first. */
  #finish(): void {
    this.flush('there')
    this.flush('back')
    this.client.end()
    this.server.end()
    setTimeout(() => this.destroy(), 100)
  }

  strand(): void {
    this.#isStranded = true
    this.client.destroy()
  }

  destroy(): void {
    this.client.destroy()
    this.server.destroy()
  }
}

/** The way from one computer to the port of another. */
class Link {
  delayMs = 0
  isCut = false
  readonly #held = new Set<Way>()
  readonly #passages = new Set<Passage>()
  #server: Server | undefined
  port = 0

  async open(targetPort: number): Promise<void> {
    const server = createServer((client) => {
      if (this.isCut) {
        client.destroy()
        return
      }
      const passage = new Passage(client, connect(targetPort, '127.0.0.1'), this)
      this.#passages.add(passage)
      client.once('close', () => passage.server.destroyed && this.#passages.delete(passage))
      passage.server.once('close', () => client.destroyed && this.#passages.delete(passage))
    })
    this.#server = server
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.port = (server.address() as AddressInfo).port
  }

  isHeld(way: Way): boolean {
    return this.#held.has(way)
  }

  hold(ways: readonly Way[]): void {
    for (const way of ways) this.#held.add(way)
  }

  cut(): void {
    this.isCut = true
    for (const passage of this.#passages) passage.destroy()
  }

  strand(): void {
    for (const passage of this.#passages) passage.strand()
  }

  mend(): void {
    this.isCut = false
    this.delayMs = 0
    this.#held.clear()
    for (const passage of this.#passages) passage.resume()
  }

  close(): void {
    this.cut()
    this.#server?.close()
  }
}

/** What a third computer has instead of a port. */
export const thirdKey = 'third'

/** The links of a few computers, each to each. */
export class Network {
  readonly #links = new Map<string, Link>()

  /** Returns what leads the connections of a computer through the links: see points.ts. */
  async routesFrom(port: string, others: readonly string[]): Promise<string> {
    const routes = others.map(async (other) => {
      const link = new Link()
      await link.open(Number(other))
      this.#links.set(`${port} ${other}`, link)
      return `${other}:${link.port}`
    })
    return (await Promise.all(routes)).join(',')
  }

  get #all(): Link[] {
    return [...this.#links.values()]
  }

  /** Those between hub and standby: a third computer has a cable of its own to each of them. */
  get #pair(): Link[] {
    return [...this.#links].filter(([key]) => !key.startsWith(thirdKey)).map(([, link]) => link)
  }

  #between(one: string, other: string): Link[] {
    const keys = new Set([`${one} ${other}`, `${other} ${one}`])
    return [...this.#links].filter(([key]) => keys.has(key)).map(([, link]) => link)
  }

  /** Ends all connections between hub and standby, and refuses new ones. */
  cut(): void {
    for (const link of this.#pair) link.cut()
  }

  /** Cuts one of the three cables: ports of computers, or `third`. */
  cutBetween(one: string, other: string, isSilent = false): void {
    for (const link of this.#between(one, other)) {
      if (isSilent) link.hold(['there', 'back'])
      else link.cut()
    }
  }

  /** Nothing arrives any more, and neither side notices. */
  drop(): void {
    for (const link of this.#pair) link.hold(['there', 'back'])
  }

  /** Nothing of what this computer sends arrives; it hears everything. */
  dropFrom(port: string): void {
    for (const [key, link] of this.#links) {
      if (!key.startsWith(thirdKey)) link.hold([key.startsWith(`${port} `) ? 'there' : 'back'])
    }
  }

  delay(delayMs: number): void {
    for (const link of this.#pair) link.delayMs = delayMs
  }

  /** Those that have connected lose their connections and connect again; the others believe that the old ones live. */
  strand(): void {
    for (const link of this.#pair) link.strand()
  }

  mend(): void {
    for (const link of this.#all) link.mend()
  }

  close(): void {
    for (const link of this.#all) link.close()
  }
}
