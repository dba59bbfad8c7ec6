/*
 * node bench/many-clients.ts [clients/processes …]: a hub of several processes on PostgreSQL with as many connected clients as
 * the machine carries, in a company of as many users. It measures what a client, a message, a delivery, a change of presence and
 * a return cost, ends one process and kills another, and compares what a sample of clients has with the database. The hub has
 * to be built: npm run build. Without arguments it runs those of the stored results, and writes them: an hour.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from '../test/support/postgres-server.ts'
import { ClusterUnderLoad, setUp, worst } from './many-clients-hub.ts'
import type { SendReport, Timings } from './many-clients-load.ts'
import { type Cost, type Figures, type Return, report } from './many-clients-report.ts'
import { type ChatKind, seedCompany } from './many-clients-seed.ts'
import { maxOpenFiles } from './processes.ts'

const storedRuns = ['5000/1', '5000/2', '5000/4', '20000/4', '50000/4', '100000/8']
const clientsPerLoad = 15_000
/** Of each process, for files, the database and the bus. */
const sparedFiles = 200
const spareMemoryBytes = 2 * 1024 ** 3
const smallRun = 1_000
const connectsAtOnce = 24
/** So many of all clients check the order of what they get. */
const sampleStep = 50

const names = process.argv.slice(2)
/** A smoke test: its figures mean nothing. */
const isSmall = names.length > 0 && names.every((name) => Number.parseInt(name) <= smallRun)
const settleMs = isSmall ? 1_000 : 12_000
const idleSeconds = isSmall ? 3 : 60
const phaseSeconds = isSmall ? 4 : 12

const dir = mkdtempSync(join(tmpdir(), 'hubbub-many-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const say = (text: string): void =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

async function measureRun(clients: number, processes: number): Promise<Figures> {
  const postgres = await startPostgres(
    { autovacuum: 'on', wal_level: 'replica', shared_buffers: '512MB', max_wal_size: '4GB' },
    tmpdir(),
  )
  const folder = join(dir, `${clients}-${processes}`)
  const cluster = new ClusterUnderLoad(folder, postgres)
  try {
    const first = await cluster.startProcess(maxOpenFiles())
    await setUp(first.url)
    await cluster.stop()
    say(`${clients} users: seeding`)
    const everyoneId = await seedCompany(postgres.url, clients)
    return await new Run(cluster, clients, processes, everyoneId).measure()
  } finally {
    await cluster.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Run {
  readonly #cluster: ClusterUnderLoad
  readonly #clients: number
  readonly #processes: number
  readonly #everyoneId: string
  /** CPU per second with all clients idle. */
  #idle = { hub: 0, database: 0 }
  #sent = 0

  constructor(cluster: ClusterUnderLoad, clients: number, processes: number, everyoneId: string) {
    this.#cluster = cluster
    this.#clients = clients
    this.#processes = processes
    this.#everyoneId = everyoneId
  }

  async measure(): Promise<Figures> {
    const cluster = this.#cluster
    const startSeconds: number[] = []
    for (let i = 0; i < this.#processes; i += 1)
      startSeconds.push((await cluster.startProcess(maxOpenFiles())).startupMs / 1_000)
    const seeded = await cluster.messageCount()
    await sleep(settleMs)
    const empty = cluster.memory()
    cluster.startLoads(Math.max(2, Math.ceil(this.#clients / clientsPerLoad)))
    const connect = await this.#connect()
    await sleep(settleMs)
    const full = cluster.memory()
    say(`connected: ${JSON.stringify(full)}`)
    const idle = await this.#measure(async () => sleep(idleSeconds * 1_000))
    this.#idle = { hub: idle.hub / idleSeconds, database: idle.database / idleSeconds }
    const messages: Figures['messages'] = {}
    for (const [kind, perSecond] of [
      ['direct', 50],
      ['group20', 20],
      ['group200', 5],
      ['group2000', 1],
      ['everyone', 0.25],
    ] as const)
      messages[kind] = await this.#measureMessages(kind, perSecond)
    const presence = await this.#measurePresence(100)
    const returns: Figures['returns'] = {}
    if (this.#processes > 1 && this.#clients / (this.#processes - 1) < maxOpenFiles() - sparedFiles) {
      returns.drained = await this.#measureReturn('stop')
      await cluster.startProcess(maxOpenFiles())
      await cluster.ask('ports', () => ({ ports: cluster.ports }))
      await sleep(settleMs)
      returns.killed = await this.#measureReturn('kill')
    }
    const check = await cluster.check()
    const stored = (await cluster.messageCount()) - seeded
    const { doubled, skipped, pulled, behind } = await cluster.counters()
    return {
      ...{ clients: this.#clients, processes: this.#processes, startSeconds: Math.max(...startSeconds) },
      ...{ empty, full, connect, idle, messages, presence, returns },
      ...{ check, sent: this.#sent, stored, doubled, skipped, pulled, behind },
    }
  }

  async #connect(): Promise<Figures['connect']> {
    const cluster = this.#cluster
    const { ports } = cluster
    let timings: Timings[] = []
    const watch = setInterval(() => this.#requireMemory(), 5_000)
    const cost = await this.#measure(async () => {
      timings = (await cluster.ask('connect', (from) => ({
        ...{ clients: this.#clients, from, step: cluster.loads.length, ports, atOnce: connectsAtOnce },
        ...{ everyoneId: this.#everyoneId, sampleStep },
      }))) as Timings[]
    })
    clearInterval(watch)
    return { ...cost, timings: worst(timings) }
  }

  /** @throws if the machine has no memory for more clients: they would be the last thing that it does */
  #requireMemory(): void {
    if (freemem() > spareMemoryBytes) return
    say('too little memory')
    process.exit(1)
  }

  /** Without what the clients cost that do nothing. */
  async #measure(work: () => Promise<unknown>): Promise<Cost> {
    const [from, before, start] = [this.#cluster.cpu(), await this.#cluster.counters(), performance.now()]
    await work()
    const seconds = (performance.now() - start) / 1_000
    const [to, after] = [this.#cluster.cpu(), await this.#cluster.counters()]
    return {
      seconds,
      hub: to.hub - from.hub - this.#idle.hub * seconds,
      database: to.database - from.database - this.#idle.database * seconds,
      bytes: after.bytes - before.bytes,
      entries: after.entries - before.entries,
      presence: after.presence - before.presence,
      states: after.states - before.states,
      stateBytes: after.stateBytes - before.stateBytes,
      behind: after.behind - before.behind,
      failures: after.failures - before.failures,
    }
  }

  async #measureMessages(kind: ChatKind, perSecond: number): Promise<Cost & SendReport> {
    say(`messages: ${kind}`)
    let sent: SendReport | undefined
    const cost = await this.#measure(async () => {
      sent = await this.#cluster.send(kind, perSecond, phaseSeconds)
      await this.#arrive()
    })
    this.#sent += sent?.sent ?? 0
    return { ...cost, ...(sent as SendReport) }
  }

  /** Waits until nothing more arrives at the clients. */
  async #arrive(): Promise<void> {
    let before = -1
    for (let now = 0; now !== before; now = (await this.#cluster.counters()).entries) {
      before = now
      await sleep(1_000)
    }
  }

  async #measurePresence(perSecond: number): Promise<Figures['presence']> {
    say('presence')
    const rate = perSecond / this.#cluster.loads.length
    const cost = await this.#measure(async () => {
      await this.#cluster.ask('presence', () => ({ perSecond: rate, seconds: phaseSeconds }))
      await sleep(2_500)
    })
    return { ...cost, changes: perSecond * phaseSeconds }
  }

  /** Ends the process with the most clients, while messages are sent. */
  async #measureReturn(how: 'stop' | 'kill'): Promise<Return> {
    say(`one process: ${how}`)
    const cluster = this.#cluster
    const [one] = cluster.processes
    if (!one) throw new Error('no process is left')
    const sending = Promise.all([cluster.send('direct', 10, 30), cluster.send('group200', 1, 30)])
    await sleep(2_000)
    await cluster.leaveOut(one)
    const start = performance.now()
    let endedMs = 0
    let away: (Timings & { missing: number })[] = []
    const cost = await this.#measure(async () => {
      await one[how]()
      endedMs = performance.now() - start
      // until its clients have noticed
      await sleep(500)
      away = (await cluster.ask('allBack', () => ({ timeoutMs: 300_000 }))) as typeof away
    })
    const allBackMs = performance.now() - start
    const sent = await sending
    this.#sent += sent.reduce((total, each) => total + each.sent, 0)
    const missing = away.reduce((total, each) => total + each.missing, 0)
    return { ...cost, endedMs, allBackMs, away: worst(away), missing, ack: worst(sent.map(({ ack }) => ack)) }
  }
}

const date = new Date().toISOString().slice(0, 10)
const file =
  names.length > 0
    ? join(tmpdir(), 'many-clients.md')
    : join(import.meta.dirname, 'results', `${date}-many-clients.md`)
const figures: Figures[] = []
for (const name of names.length > 0 ? names : storedRuns) {
  const [clients = 0, processes = 0] = name.split('/').map(Number)
  // the run ends two of them
  if (clients / Math.max(1, processes - 2) > maxOpenFiles() - sparedFiles) {
    say(`${name}: a process may have ${maxOpenFiles()} open files here; raise it, or name more processes`)
    continue
  }
  figures.push(await measureRun(clients, processes))
  // a later run may end for lack of memory
  writeFileSync(file, report(figures))
}
process.stdout.write(report(figures))
process.exit(0)
