/*
 * node bench/cluster.ts [seconds] [repeats] [sockets] [bus address]: a hub with its file, a cluster of one process and one of
 * four, measured in turn in the same run. All share the cores of one machine with the database and the load: read the
 * ratios. The hub has to be built: npm run build.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startPostgres } from '../test/support/postgres-server.ts'
import { measureAnnounce } from './cluster-announce.ts'
import { measureBus } from './cluster-bus.ts'
import { startTeam, type Team } from './cluster-team.ts'
import type { LoadReport, LoadSample } from './load.ts'
import { postgresSeconds } from './processes.ts'
import { startLoad } from './servers.ts'
import { median, probeDisk } from './stats.ts'
import { needs } from './cluster-sizes.ts'

const seconds = Number(process.argv[2] ?? 4)
const repeats = Number(process.argv[3] ?? 3)
const sockets = Number(process.argv[4] ?? 1_000)
const bus = process.argv[5]
const userCount = 50
const warmUpMs = 700
/** Until a quarter of the messages has compiled the program of each of four processes. */
const compileMs = 8_000
const announcedPerSecond = 800
const deliveredPerSecond = 200

const kinds = ['file', 'one', 'four'] as const
type Kind = (typeof kinds)[number]
type Place = 'pair' | 'group' | 'pairs'

interface Figures {
  perSecond: number
  p50: number
  p99: number
  /** CPU of the hub and of its database, in ms for each message. */
  cpu: number
  /** That of the hub alone. */
  hubCpu: number
  /** Of 10,000 deliveries. */
  pulled: number
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})
const postgres = await startPostgres({ autovacuum: 'on', wal_level: 'replica' }, tmpdir())
const options = { userCount, postgresUrl: postgres.url, ...(bus === undefined ? {} : { bus }) }
const teams: Record<Kind, Team> = {
  file: await startTeam(join(dir, 'file'), { count: 1, userCount }),
  one: await startTeam(join(dir, 'one'), { ...options, count: 1 }),
  four: await startTeam(join(dir, 'four'), { ...options, count: 4 }),
}
for (const kind of kinds) {
  const team = teams[kind]
  const places = {
    pair: await team.group(2),
    group: await team.group(userCount),
    pairs: await team.pairs(userCount / 2),
  }
  for (const [place, members] of Object.entries(places))
    await load.request('open', { group: `${kind} ${place}`, port: 0, ack: 'answer', members })
}

/** Of the hub and of its database, in seconds. */
async function cpuOf(kind: Kind): Promise<number> {
  return (await teams[kind].cpuSeconds()) + (kind === 'file' ? 0 : postgresSeconds(postgres.url))
}

async function run(kind: Kind, place: Place, senders: number, inFlight: number): Promise<Figures> {
  const group = `${kind} ${place}`
  const snapshot = async () => ({
    load: (await load.request('sample', { group })) as LoadSample,
    cpu: await cpuOf(kind),
    hubCpu: await teams[kind].cpuSeconds(),
  })
  await load.request('closedLoop', { group, senders, inFlight })
  await wait(warmUpMs)
  const from = await snapshot()
  await wait(seconds * 1_000)
  const to = await snapshot()
  const { ack, pulled, deliveries } = (await load.request('stop', { group })) as LoadReport
  const sent = to.load.acked - from.load.acked
  return {
    perSecond: (sent * 1_000) / (to.load.at - from.load.at),
    p50: ack.p50,
    p99: ack.p99,
    cpu: ((to.cpu - from.cpu) * 1_000) / sent,
    hubCpu: ((to.hubCpu - from.hubCpu) * 1_000) / sent,
    pulled: (pulled * 10_000) / Math.max(1, deliveries),
  }
}

/** CPU of a message at a fixed rate, in ms. */
async function messageCost(kind: Kind, place: Place): Promise<number> {
  const from = await cpuOf(kind)
  const report = (await load.request('openLoop', {
    ...{ group: `${kind} ${place}`, senders: 2, perSecond: deliveredPerSecond, seconds },
  })) as LoadReport
  return (((await cpuOf(kind)) - from) * 1_000) / report.sent
}

/** In µs: a group of 50 and one of 2 write the same, and differ by 48 readers. */
async function deliveryCosts(): Promise<number[]> {
  const costs: Record<Kind, number[]> = { file: [], one: [], four: [] }
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (const kind of kinds) {
      const more = (await messageCost(kind, 'group')) - (await messageCost(kind, 'pair'))
      costs[kind].push((more * 1_000) / (userCount - 2))
    }
  return kinds.map((kind) => median(costs[kind]))
}

async function inTurn(place: Place, senders: number, inFlight: number): Promise<Record<Kind, Figures>> {
  const runs: Record<Kind, Figures[]> = { file: [], one: [], four: [] }
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (const kind of kinds) runs[kind].push(await run(kind, place, senders, inFlight))
  const names = ['perSecond', 'p50', 'p99', 'cpu', 'hubCpu', 'pulled'] as const
  const of = (kind: Kind): Figures =>
    Object.fromEntries(
      names.map((name) => [name, median(runs[kind].map((one) => one[name]))]),
    ) as unknown as Figures
  return { file: of('file'), one: of('one'), four: of('four') }
}

for (const kind of kinds) {
  const group = `${kind} pairs`
  await load.request('closedLoop', { group, senders: userCount / 2, inFlight: 2 })
  await wait(compileMs)
  await load.request('stop', { group })
}

const disk = probeDisk(dir)
const lines: string[] = []
const row = (what: string, cells: readonly number[], ratio: string): void => {
  lines.push(`| ${what} | ${cells.map((cell) => cell.toFixed(2)).join(' | ')} | ${ratio} |`)
}
const each = (figures: Record<Kind, Figures>, name: keyof Figures): number[] =>
  kinds.map((kind) => figures[kind][name])

const lone = await inTurn('pair', 1, 1)
row(
  'one sender: ack p50 ms',
  each(lone, 'p50'),
  `one : file ${(lone.one.p50 / lone.file.p50).toFixed(2)} (≤ 5)`,
)
const pairs = await inTurn('pairs', userCount / 2, 2)
row('25 direct chats: messages/s', each(pairs, 'perSecond'), '')
row(
  '25 direct chats: CPU ms per message',
  each(pairs, 'cpu'),
  `one : file ${(pairs.one.cpu / pairs.file.cpu).toFixed(2)} (≤ 6), four : one ${(pairs.four.cpu / pairs.one.cpu).toFixed(2)} (≤ 1.3)`,
)
row('25 direct chats: of this the hub', each(pairs, 'hubCpu'), '')
const group = await inTurn('group', 8, 8)
row('group of 50: messages/s', each(group, 'perSecond'), '')
row('group of 50: ack p99 ms', each(group, 'p99'), '')
row('group of 50: CPU ms per message', each(group, 'cpu'), '')
row('group of 50: entries pulled of 10,000', each(group, 'pulled'), 'four ≤ 1')
const perDelivery = await deliveryCosts()
row(
  'CPU µs per delivery',
  perDelivery,
  `one : file ${((perDelivery[1] ?? 0) / (perDelivery[0] ?? 1)).toFixed(2)} (≤ 1.15)`,
)

/* many sockets over four processes */
const many = 'four many'
await load.request('open', { group: many, port: 0, ack: 'answer', members: await teams.four.many(sockets) })
const [before, rss] = [await teams.four.cpuSeconds(), await teams.four.rssBytes()]
const rate = 10
const report = (await load.request('openLoop', {
  ...{ group: many, senders: 20, perSecond: rate, seconds: seconds * 2 },
})) as LoadReport
const manyCpu = await teams.four.cpuSeconds()
await load.request('close', { group: many })
for (const kind of kinds)
  for (const place of ['pair', 'group', 'pairs']) await load.request('close', { group: `${kind} ${place}` })
for (const kind of kinds) await teams[kind].stop()

const wires = await measureBus(postgres.url, { processes: 4, perSecond: announcedPerSecond, seconds })
await postgres.stop()
const announce = await measureAnnounce(load, { dir, seconds, repeats })

const deliveryMs = ((manyCpu - before) * 1_000) / report.deliveries
process.stdout.write(
  [
    `${cpus().length} cores, Node ${process.versions.node}, load average ${loadavg()[0]?.toFixed(1)}; medians of ${repeats} runs of ${seconds} s, in turn; bus ${bus ? new URL(bus).protocol : 'NOTIFY'}.`,
    `4 KiB write and fdatasync: p50 ${disk.p50.toFixed(2)}, p99 ${disk.p99.toFixed(2)} ms.`,
    '',
    '| load | file | cluster of 1 | cluster of 4 | ratios |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    `| bus, 4 processes | 40 entries/s: p50 ms | ${announcedPerSecond} entries/s: p50, p99 ms | CPU µs per entry and process |`,
    '| --- | --- | --- | --- |',
    ...wires.map(
      ({ name, calmP50, p50, p99, cpuUs }) =>
        `| ${name} | ${calmP50.toFixed(2)} (≤ 1) | ${p50.toFixed(2)}, ${p99.toFixed(2)} (≤ 20) | ${cpuUs.toFixed(0)} (≤ 30) |`,
    ),
    '',
    `Announcing with commit_delay 3 ms: ${announce.announced.toFixed(0)} messages/s, without ${announce.silent.toFixed(0)}: ${(announce.ratio * 100).toFixed(0)} % (≥ 80).`,
    '',
    `${sockets} sockets over four processes, ${rate} messages/s: ${report.deliveries} deliveries, ${report.pulled} pulled, p50 ${report.deliver.p50.toFixed(0)} ms, p99 ${report.deliver.p99.toFixed(0)} ms; ${(deliveryMs * 1_000).toFixed(1)} µs CPU per delivery with its share of the message; ${(rss / 4 / 1e6).toFixed(0)} MB per process.`,
    '',
    ...needs({
      messageMs: pairs.one.cpu,
      deliveryMs: Math.max(0, perDelivery[2] ?? 0) / 1_000,
      busMs: (wires[0]?.cpuUs ?? 0) / 1_000,
    }),
    '',
  ].join('\n'),
)
process.exit(0)
