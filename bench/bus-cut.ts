/*
 * node bench/bus-cut.ts [cuts]: two processes of a hub, one sender at the first and one reader at the second. The bus goes away
 * again and again: its server is stopped for some seconds, or the connections of LISTEN and NOTIFY are ended. Measures from
 * each acknowledgement to its arrival, while the bus is there and while it is not. The hub has to be built: npm run build.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { LiveClient } from '../test/support/live-client.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import { type BusName, startBus } from './cluster-bus.ts'
import { startTeam } from './cluster-team.ts'
import { percentile } from './stats.ts'

const cuts = Number(process.argv[2] ?? 5)
const sendIntervalMs = 50
const awayMs = 3_000
const thereMs = 3_000
const endEveryMs = 200

interface Arrival {
  ms: number
  /** It was acknowledged while the bus was away. */
  isAway: boolean
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const postgres = await startPostgres({}, tmpdir())

async function measure(name: BusName | 'NOTIFY'): Promise<string> {
  const server = name === 'NOTIFY' ? undefined : await startBus(name)
  if (server === 'missing') return `| ${name} | not installed | | | | |`
  const team = await startTeam(join(dir, name), {
    ...{ count: 2, userCount: 2, postgresUrl: postgres.url },
    ...(server ? { bus: server.url } : {}),
  })
  const [member] = await team.group(2)
  const [one, other] = team.users as [(typeof team.users)[0], (typeof team.users)[0]]
  const chatId = member?.chat ?? ''
  const stream = `chat:${chatId}`
  const reader = await other.atUrl(team.processes[1]?.url ?? '').connect()
  const ackedAt = new Map<number, { at: number; isAway: boolean }>()
  const arrivedAt = new Map<number, number>()
  const state = {
    isAway: false,
    hasSent: false,
    isEnding: false,
    failed: 0,
    twice: 0,
    backAt: [] as number[],
  }
  const note = (seq: number): void => {
    if (!arrivedAt.has(seq)) arrivedAt.set(seq, performance.now())
  }
  const watching = (async () => {
    for (let index = 0; !state.isEnding || index < reader.received.length;) {
      const message = reader.received[index]
      if (!message) {
        await sleep(2)
        continue
      }
      index += 1
      if (message.t === 'entry' && message.stream === stream) {
        if (arrivedAt.has(message.seq)) state.twice += 1
        note(message.seq)
      }
      if (message.t === 'behind') {
        const head = message.heads[stream] ?? 0
        const seqs = await readLog(reader, stream, Math.max(0, ...arrivedAt.keys()))
        seqs.filter((seq) => seq <= head).forEach(note)
      }
    }
  })()
  const sending = (async () => {
    while (!state.hasSent) {
      try {
        const { seq } = await one.sendMessage(chatId, 'a message while the bus comes and goes')
        ackedAt.set(seq, { at: performance.now(), isAway: state.isAway })
      } catch {
        state.failed += 1
      }
      await sleep(sendIntervalMs)
    }
  })()
  for (let cut = 0; cut < cuts; cut += 1) {
    await sleep(thereMs)
    state.isAway = true
    if (server) {
      await server.stop()
      await sleep(awayMs)
      await server.start()
    } else {
      const until = performance.now() + awayMs
      while (performance.now() < until) {
        await endListeners()
        await sleep(endEveryMs)
      }
    }
    state.backAt.push(performance.now())
    state.isAway = false
  }
  await sleep(thereMs)
  state.hasSent = true
  await sending
  await sleep(thereMs)
  state.isEnding = true
  await watching
  await team.stop()
  if (server) await server.stop()
  const arrivals: Arrival[] = []
  let missing = 0
  for (const [seq, { at, isAway }] of ackedAt) {
    const arrived = arrivedAt.get(seq)
    if (arrived === undefined) missing += 1
    else arrivals.push({ ms: arrived - at, isAway })
  }
  const of = (isAway: boolean): number[] =>
    arrivals.filter((one) => one.isAway === isAway).map(({ ms }) => ms)
  // what was acknowledged before the bus came back
  const completeMs = state.backAt.map((backAt) => {
    const before = [...ackedAt]
      .filter(([, { at }]) => at <= backAt)
      .map(([seq]) => arrivedAt.get(seq) ?? Infinity)
    return Math.max(0, Math.max(...before) - backAt)
  })
  const cells = [
    `${ackedAt.size} / ${state.failed} / ${missing} / ${state.twice}`,
    `${Math.max(0, percentile(of(false), 50)).toFixed(1)} / ${percentile(of(false), 99).toFixed(0)}`,
    `${percentile(of(true), 50).toFixed(0)} / ${percentile(of(true), 99).toFixed(0)} / ${Math.max(...of(true)).toFixed(0)}`,
    Math.max(...completeMs).toFixed(0),
  ]
  return `| ${name} | ${cells.join(' | ')} |`
}

async function readLog(reader: LiveClient, stream: string, after: number): Promise<number[]> {
  const { entries } = await reader.request('streams.read', { stream, after, limit: 100 })
  return entries.map(({ seq }) => seq)
}

async function endListeners(): Promise<void> {
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
      and (query like 'listen %' or query like 'select pg_notify%')`,
  )
  await client.end()
}

const lines: string[] = []
for (const name of ['NOTIFY', 'Redis', 'NATS'] as const) lines.push(await measure(name))
await postgres.stop()
process.stdout.write(
  [
    `${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}; ${cuts} cuts of ${awayMs / 1_000} s each.`,
    '',
    '| bus | acknowledged / failed / missing / twice | there: p50 / p99 ms | away: p50 / p99 / longest ms | complete after its return, longest ms |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n'),
)
process.exit(0)
