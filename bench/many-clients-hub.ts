/* The hub of bench/many-clients.ts: processes on one database, and the processes that hold their clients. */
import { join } from 'node:path'
import pg from 'pg'
import type { PostgresServer } from '../test/support/postgres-server.ts'
import type { Counters } from './many-clients-client.ts'
import type { CheckReport, ManyLoadRequests, SendReport, Timings } from './many-clients-load.ts'
import { cpuSecondsOf, memoryOf, postgresMemory, postgresSeconds } from './processes.ts'
import { type BenchServer, startHelper, startHub } from './servers.ts'

const drainSeconds = 30
const publicUrl = 'https://chat.example.com'

export class ClusterUnderLoad {
  readonly #dir: string
  readonly #postgres: PostgresServer
  #started = 0
  processes: BenchServer[] = []
  loads: ReturnType<typeof startHelper>[] = []

  constructor(dir: string, postgres: PostgresServer) {
    this.#dir = dir
    this.#postgres = postgres
  }

  /** With the limits of a hub behind a proxy that reports the address of each client. */
  async startProcess(connections: number): Promise<BenchServer> {
    const one = await startHub(join(this.#dir, `hub-${this.#started++}`), {
      limits: true,
      args: [
        ...['--cluster', '--identity', join(this.#dir, 'identity'), '--public-url', publicUrl],
        ...['--connections', `${connections}`, '--drain', `${drainSeconds}`],
      ],
      env: { HUBBUB_DATABASE: this.#postgres.url },
    })
    this.processes.push(one)
    return one
  }

  startLoads(count: number): void {
    this.loads = Array.from({ length: count }, () => startHelper('many-clients-load.ts'))
  }

  get ports(): number[] {
    return this.processes.map(({ port }) => port)
  }

  /** The process no longer counts, and gets no clients any more. */
  async leaveOut(one: BenchServer): Promise<void> {
    this.processes = this.processes.filter((each) => each !== one)
    await this.ask('ports', () => ({ ports: this.ports }))
  }

  /** Asks all processes that hold clients. */
  ask<N extends keyof ManyLoadRequests>(
    name: N,
    inputOf: (index: number) => ManyLoadRequests[N],
  ): Promise<unknown[]> {
    return Promise.all(this.loads.map((load, index) => load.send({ name, input: inputOf(index) })))
  }

  async counters(): Promise<Counters> {
    return sum((await this.ask('counters', () => ({}))) as Counters[])
  }

  async send(
    kind: ManyLoadRequests['send']['kind'],
    perSecond: number,
    seconds: number,
  ): Promise<SendReport> {
    const offset = Math.floor(Math.random() * 10_000)
    const rate = perSecond / this.loads.length
    const reports = (await this.ask('send', () => ({
      ...{ kind, perSecond: rate, seconds, offset },
    }))) as SendReport[]
    return {
      sent: reports.reduce((total, { sent }) => total + sent, 0),
      acked: reports.reduce((total, { acked }) => total + acked, 0),
      ack: worst(reports.map(({ ack }) => ack)),
      errors: sum(reports.map(({ errors }) => errors)),
    }
  }

  async check(): Promise<CheckReport> {
    const heads = await this.#heads()
    const reports = (await this.ask('check', () => ({ heads, timeoutMs: 60_000 }))) as CheckReport[]
    return {
      streams: reports.reduce((total, { streams }) => total + streams, 0),
      missing: reports.reduce((total, { missing }) => total + missing, 0),
      example: reports.find(({ example }) => example !== undefined)?.example,
    }
  }

  async messageCount(): Promise<number> {
    const [row] = await this.#query<{ count: string }>('select count(*) as count from message')
    return Number(row?.count)
  }

  async #heads(): Promise<Record<string, number>> {
    const rows = await this.#query<{ stream: string; head: string }>(
      `select 'chat:' || id as stream, head from chat where head <> 2 union all select 'hub', head from hub`,
    )
    return Object.fromEntries(rows.map(({ stream, head }) => [stream, Number(head)]))
  }

  async #query<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    const client = new pg.Client(this.#postgres.url)
    await client.connect()
    const { rows } = await client.query<T>(sql)
    await client.end()
    return rows
  }

  /** CPU of each of these processes, and of the database, in seconds. */
  cpu(): { hub: number; database: number } {
    return {
      hub: this.processes.reduce((total, { pid }) => total + cpuSecondsOf(pid), 0),
      database: postgresSeconds(this.#postgres.url),
    }
  }

  /** In bytes. */
  memory(): { hubRss: number; hubPss: number; loads: number; database: number } {
    const hubs = this.processes.map(({ pid }) => memoryOf(pid))
    return {
      hubRss: hubs.reduce((total, { rss }) => total + rss, 0),
      hubPss: hubs.reduce((total, { pss }) => total + pss, 0),
      loads: this.loads.reduce((total, { pid }) => total + memoryOf(pid).pss, 0),
      database: postgresMemory(this.#postgres.url),
    }
  }

  async stop(): Promise<void> {
    await this.ask('stop', () => ({}))
    for (const load of this.loads) load.stop()
    this.loads = []
    // all at once: none has a client any more
    await Promise.all(this.processes.map((one) => one.stop()))
    this.processes = []
  }
}

/** Sets the hub up, as its first user does. */
export async function setUp(url: string): Promise<void> {
  const response = await fetch(`${url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify({
      ...{ code: 'bench-code', hubName: 'Bench', username: 'owner', password: 'correct horse battery' },
      ...{ teamGroup: 'Everyone', teamGroupPosting: 'all' },
    }),
  })
  if (!response.ok) throw new Error(`the hub was not set up: ${await response.text()}`)
}

export function worst(timings: readonly Timings[]): Timings {
  const most = (name: keyof Timings): number => Math.max(...timings.map((one) => one[name] || 0))
  return {
    count: timings.reduce((total, { count }) => total + count, 0),
    ...{ p50: most('p50'), p99: most('p99'), longest: most('longest') },
  }
}

function sum<T extends object>(all: readonly T[]): T {
  const total: Record<string, number> = {}
  for (const one of all)
    for (const [name, value] of Object.entries(one) as [string, number][])
      total[name] = (total[name] ?? 0) + value
  return total as T
}
