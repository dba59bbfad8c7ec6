/*
 * node bench/postgres.ts [seconds] [repeats]: a hub with PostgreSQL and one with its file, measured in turn. The server
 * comes with the development packages, and has its data on the same disk as the file, with the settings that the hub
 * requires. Hubs, server and load share the cores of one machine: read the ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startPostgres } from '../test/support/postgres-server.ts'
import { TestUser } from '../test/support/test-user.ts'
import type { GroupMember } from './client-group.ts'
import { postgresSeconds } from './processes.ts'
import type { LoadReport, LoadSample } from './load.ts'
import { type BenchServer, startHub, startLoad } from './servers.ts'
import { median, probeDisk } from './stats.ts'

const seconds = Number(process.argv[2] ?? 5)
const repeats = Number(process.argv[3] ?? 3)
const userCount = 50
const warmUpMs = 700

const kinds = ['file', 'server'] as const
type Kind = (typeof kinds)[number]

/** Each: who sends, and how many messages each has in flight. */
const loads = [
  { name: 'one sender, one in flight', place: 'group', senders: 1, inFlight: 1 },
  { name: 'one group, 5 senders, 8 in flight', place: 'group', senders: 5, inFlight: 8 },
  { name: '25 direct chats, one in flight', place: 'pairs', senders: 25, inFlight: 1 },
] as const

interface Figures {
  perSecond: number
  p50: number
  p99: number
  /** CPU of the hub, and of its server, in ms for each message. */
  hubCpu: number
  serverCpu: number
}

interface Measured {
  hub: BenchServer
  members: Record<'group' | 'pairs', GroupMember[]>
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})
const postgres = await startPostgres({ autovacuum: 'on', wal_level: 'replica' }, tmpdir())
const measured: Record<Kind, Measured> = {
  file: await prepare(await startHub(join(dir, 'file'))),
  server: await prepare(await startHub(join(dir, 'server'), { env: { HUBBUB_DATABASE: postgres.url } })),
}
for (const kind of kinds)
  for (const place of ['group', 'pairs'] as const)
    await load.request('open', {
      ...{ group: `${kind} ${place}`, port: measured[kind].hub.port, ack: 'answer' },
      members: measured[kind].members[place],
    })

/** Users over the API, in one group and in pairs; of each pair the first sends. */
async function prepare(hub: BenchServer): Promise<Measured> {
  const owner = await TestUser.setUp(hub.url, {
    ...{ code: 'bench-code', username: 'owner', registration: 'open' },
  })
  const users: TestUser[] = []
  for (let i = 0; i < userCount; i += 1)
    users.push(await TestUser.register(hub.url, { username: `user-${i}` }))
  const group = await owner.createGroup('Bench', users)
  const at = (user: TestUser, chat: string): GroupMember => ({ user: user.id, token: user.token, chat })
  const first: GroupMember[] = []
  const second: GroupMember[] = []
  for (let i = 0; i < userCount; i += 2) {
    const [one, other] = users.slice(i, i + 2) as [TestUser, TestUser]
    const chat = await one.openDirectChat(other)
    first.push(at(one, chat.id))
    second.push(at(other, chat.id))
  }
  return { hub, members: { group: users.map((user) => at(user, group.id)), pairs: [...first, ...second] } }
}

async function run(kind: Kind, { place, senders, inFlight }: (typeof loads)[number]): Promise<Figures> {
  const group = `${kind} ${place}`
  const snapshot = async () => ({
    load: (await load.request('sample', { group })) as LoadSample,
    hub: (await measured[kind].hub.usage()).cpuSeconds,
    server: postgresSeconds(postgres.url),
  })
  await load.request('closedLoop', { group, senders, inFlight })
  await wait(warmUpMs)
  const from = await snapshot()
  await wait(seconds * 1_000)
  const to = await snapshot()
  const { ack } = (await load.request('stop', { group })) as LoadReport
  const sent = to.load.acked - from.load.acked
  return {
    perSecond: (sent * 1_000) / (to.load.at - from.load.at),
    p50: ack.p50,
    p99: ack.p99,
    hubCpu: ((to.hub - from.hub) * 1_000) / sent,
    serverCpu: ((to.server - from.server) * 1_000) / sent,
  }
}

const disk = probeDisk(dir)
const lines: string[] = []
for (const one of loads) {
  const runs: Record<Kind, Figures[]> = { file: [], server: [] }
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (const kind of kinds) runs[kind].push(await run(kind, one))
  const of = (kind: Kind, name: keyof Figures): number => median(runs[kind].map((figures) => figures[name]))
  for (const [name, title] of [
    ['perSecond', 'messages/s'],
    ['p50', 'ack p50 ms'],
    ['p99', 'ack p99 ms'],
    ['hubCpu', 'CPU of the hub, ms per message'],
    ['serverCpu', 'CPU of the server, ms per message'],
  ] as const) {
    const [file, server] = [of('file', name), of('server', name)]
    const ratio = name === 'serverCpu' ? '' : `×${(server / file).toFixed(2)}`
    const text = name === 'serverCpu' ? '–' : file.toFixed(2)
    lines.push(`| ${one.name} | ${title} | ${text} | ${server.toFixed(2)} | ${ratio} |`)
  }
}
process.stdout.write(
  [
    `${cpus().length} cores, Node ${process.versions.node}, load average ${loadavg()[0]?.toFixed(1)}; medians of ${repeats} runs of ${seconds} s, in turn.`,
    `4 KiB write and fdatasync: p50 ${disk.p50.toFixed(2)}, p99 ${disk.p99.toFixed(2)} ms.`,
    '',
    '| load | | file | server | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n'),
)
for (const kind of kinds) {
  for (const place of ['group', 'pairs'] as const) await load.request('close', { group: `${kind} ${place}` })
  await measured[kind].hub.stop()
}
await postgres.stop()
process.exit(0)
