/*
 * node bench/compare.ts WORKLOAD [seconds] [repeats] NAME=DIR… [limit]: CPU per message of several builds of the hub, in turn,
 * on the same data. DIR is a copy of dist/ within the repository, such as dist/before. CPU holds better than times on a busy machine, and
 * builds that take turns share what else the machine does.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoadReport, LoadSample } from './load.ts'
import { membersOfGroup, membersOfPairs, pairCount, seedBaseline, seedHub } from './seed.ts'
import { type BenchServer, startBaseline, startHub, startLoad } from './servers.ts'
import { percentile } from './stats.ts'

/** Without `perSecond` each sender has `inFlight` messages in flight. */
interface Workload {
  members: number
  senders: number
  inFlight: number
  perSecond?: number
}

const workloads: Record<string, Workload> = {
  pairs: { members: 0, senders: pairCount, inFlight: 1 },
  'group-50': { members: 50, senders: 5, inFlight: 8 },
  'group-200': { members: 200, senders: 5, inFlight: 8 },
  'group-1000': { members: 1_000, senders: 5, inFlight: 8 },
  'group-200-at-50': { members: 200, senders: 5, inFlight: 0, perSecond: 50 },
  'group-1000-at-20': { members: 1_000, senders: 5, inFlight: 0, perSecond: 20 },
}
const warmUpMs = 500

const [name = '', ...words] = process.argv.slice(2)
const workload = workloads[name]
const [seconds = 1, repeats = 8] = words.filter((word) => /^\d+$/.test(word)).map(Number)
const builds = words.filter((word) => word === 'limit' || word.includes('='))
if (!workload || builds.length === 0) {
  process.stderr.write(`Name one of ${Object.keys(workloads).join(', ')}, and builds as NAME=DIR.\n`)
  process.exit(1)
}

const dir = mkdtempSync(join(tmpdir(), 'hubbub-compare-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})

const servers = new Map<string, BenchServer>()
const seed = join(dir, 'seed')
mkdirSync(seed)
await seedHub(join(seed, 'hub'))
for (const build of builds) {
  const [label = '', program = ''] = build.split('=')
  const data = join(dir, label)
  if (label === 'limit') seedBaseline(data)
  else cpSync(join(seed, 'hub'), data, { recursive: true })
  const server = label === 'limit' ? startBaseline(data) : startHub(data, { build: program })
  servers.set(label, await server)
}
for (const [label, { port }] of servers) {
  const kind = label === 'limit' ? 'bare' : 'hub'
  const members = workload.members === 0 ? membersOfPairs(kind) : membersOfGroup(kind, workload.members)
  await load.request('open', { group: label, port, ack: kind === 'bare' ? 'echo' : 'answer', members })
}

const microseconds = new Map<string, number[]>([...servers.keys()].map((label) => [label, []]))
// the first round warms up, and each changes the order
for (let round = 0; round <= repeats; round++) {
  const order = round % 2 === 0 ? [...servers] : [...servers].reverse()
  for (const [label, server] of order) {
    const used = await measure(workload, label, server)
    if (round > 0) microseconds.get(label)?.push(used)
  }
}
for (const [label, values] of microseconds) {
  const [least, middle, most] = [0, 50, 100].map((percent) => percentile(values, percent).toFixed(0))
  process.stdout.write(`${name} ${label}: ${middle} µs of CPU per message (${least} to ${most})\n`)
}
for (const [label, server] of servers) {
  await load.request('close', { group: label })
  await server.stop()
}
process.exit(0)

/** Returns the CPU per message in µs. */
async function measure(
  { senders, inFlight, perSecond }: Workload,
  group: string,
  server: BenchServer,
): Promise<number> {
  if (perSecond !== undefined) {
    const before = await server.usage()
    const { sent } = (await load.request('openLoop', { group, senders, perSecond, seconds })) as LoadReport
    return (((await server.usage()).cpuSeconds - before.cpuSeconds) / sent) * 1e6
  }
  await load.request('closedLoop', { group, senders, inFlight })
  await wait(warmUpMs)
  const from = {
    sample: (await load.request('sample', { group })) as LoadSample,
    usage: await server.usage(),
  }
  await wait(seconds * 1_000)
  const to = { sample: (await load.request('sample', { group })) as LoadSample, usage: await server.usage() }
  await load.request('stop', { group })
  return (
    ((to.usage.cpuSeconds - from.usage.cpuSeconds) / Math.max(1, to.sample.acked - from.sample.acked)) * 1e6
  )
}
