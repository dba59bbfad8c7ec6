/*
 * node bench/continuity-off.ts [seconds] [repeats]: what continuity costs a hub that has no standby. Two hubs on the same data:
 * one as shipped, whose row log is off, and one without any (hub-without-log.ts). They are measured in turn, each pair in
 * the other order than the one before: how many messages per second both take, and CPU and acknowledgements at a fixed rate.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoadReport, LoadSample } from './load.ts'
import { membersOfGroup, seedHub } from './seed.ts'
import { startLoad, startServer } from './servers.ts'
import { median, probeDisk } from './stats.ts'

const seconds = Number(process.argv[2] ?? 6)
const repeats = Number(process.argv[3] ?? 8)
const perSecond = 300
const groupSize = 50
const senders = 5
const inFlight = 8
const permittedPercent = 3
/** As `npm run hub` starts it. */
const flags = ['--max-semi-space-size=4']

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})

process.stderr.write('bench: seeding\n')
await seedHub(join(dir, 'absent'))
await cp(join(dir, 'absent'), join(dir, 'off'), { recursive: true })
const hubs = {
  absent: await startServer('bench/hub-without-log.ts', ['--data', join(dir, 'absent')], flags),
  off: await startServer('bench/continuity-hub.ts', ['--data', join(dir, 'off')], flags),
}
type Kind = keyof typeof hubs
for (const kind of ['absent', 'off'] as const) {
  const members = membersOfGroup('hub', groupSize)
  await load.request('open', { group: kind, port: hubs[kind].port, ack: 'answer', members })
}

interface Run {
  throughput: number
  /** Seconds of CPU per 1,000 messages, without a pause between them. */
  fullCpu: number
  /** … at a fixed rate. */
  cpu: number
  p50: number
  p99: number
}

async function run(kind: Kind): Promise<Run> {
  const cpuSeconds = async (): Promise<number> => (await hubs[kind].usage()).cpuSeconds
  const sample = async (): Promise<LoadSample> =>
    (await load.request('sample', { group: kind })) as LoadSample
  await load.request('closedLoop', { group: kind, senders, inFlight })
  const [from, cpuFrom] = [await sample(), await cpuSeconds()]
  await wait(seconds * 1_000)
  const [to, cpuTo] = [await sample(), await cpuSeconds()]
  await load.request('stop', { group: kind })
  const acked = to.acked - from.acked
  const cpuBefore = await cpuSeconds()
  const report = (await load.request('openLoop', { group: kind, senders, perSecond, seconds })) as LoadReport
  const cpuAfter = await cpuSeconds()
  return {
    throughput: acked / ((to.at - from.at) / 1_000),
    fullCpu: ((cpuTo - cpuFrom) / acked) * 1_000,
    cpu: ((cpuAfter - cpuBefore) / report.sent) * 1_000,
    p50: report.ack.p50,
    p99: report.ack.p99,
  }
}

const diskBefore = probeDisk(dir)
// the first messages compile and fill what the rest finds there
for (const kind of ['absent', 'off'] as const) await run(kind)
const runs: Record<Kind, Run[]> = { absent: [], off: [] }
for (let repeat = 0; repeat < repeats; repeat += 1) {
  const order: readonly Kind[] = repeat % 2 === 0 ? ['absent', 'off'] : ['off', 'absent']
  for (const kind of order) runs[kind].push(await run(kind))
  process.stderr.write(`bench: ${repeat + 1} of ${repeats}\n`)
}
const diskAfter = probeDisk(dir)

function row(words: string, name: keyof Run): string {
  const of = (kind: Kind): number => median(runs[kind].map((one) => one[name]))
  // neighbours in time: what else the machine did weighs on both
  const ratios = runs.off.map((one, at) => one[name] / (runs.absent[at] as Run)[name])
  const range = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(3))
  return `| ${words} | ${of('absent').toFixed(3)} | ${of('off').toFixed(3)} | ×${range[1]} | ×${range[0]} to ×${range[2]} |`
}

process.stdout.write(
  [
    `${cpus().length} cores, Node ${process.versions.node}; ${repeats} pairs of runs of ${seconds} s, in turn; ${groupSize} members, ${senders} senders.`,
    `4 KiB write and fdatasync: p50 ${diskBefore.p50.toFixed(2)}, p99 ${diskBefore.p99.toFixed(2)} ms before; p50 ${diskAfter.p50.toFixed(2)}, p99 ${diskAfter.p99.toFixed(2)} ms after.`,
    `The median of a row should be within ${permittedPercent} % of ×1. If the range is wider than that, the machine is too busy to say.`,
    '',
    '| | no log | log off | median of the pairs | range of the pairs |',
    '| --- | --- | --- | --- | --- |',
    row('messages per second', 'throughput'),
    row('CPU s per 1,000, without a pause', 'fullCpu'),
    row(`CPU s per 1,000, at ${perSecond}/s`, 'cpu'),
    row(`ack p50 ms, at ${perSecond}/s`, 'p50'),
    row(`ack p99 ms, at ${perSecond}/s`, 'p99'),
    '',
  ].join('\n'),
)
process.exit(0)
