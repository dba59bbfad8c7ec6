/*
 * node bench/continuity.ts [seconds] [repeats]: what a standby costs its hub. Two hubs on the same data, one with a
 * standby in a process of its own, measured in turn: acknowledgements at 50 and 500 messages per second, CPU of
 * both sides, bytes per message. All share the cores of one machine, so the standby competes with its hub.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadReport } from './load.ts'
import { membersOfGroup, seedHub } from './seed.ts'
import { type BenchServer, startLoad, startServer } from './servers.ts'
import { busySeconds, median, percentile, probeDisk } from './stats.ts'

const seconds = Number(process.argv[2] ?? 6)
const repeats = Number(process.argv[3] ?? 5)
const rates = [50, 500] as const
const groupSize = 50
const senders = 5
/** As `npm run hub` starts it. */
const flags = ['--max-semi-space-size=4']

const dir = mkdtempSync(join(tmpdir(), 'hubbub-bench-'))
const load = startLoad()
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})

process.stderr.write('bench: seeding\n')
await seedHub(join(dir, 'without'))
await cp(join(dir, 'without'), join(dir, 'with'), { recursive: true })
mkdirSync(join(dir, 'standby'))
const standby = await startServer('bench/continuity-standby.ts', ['--data', join(dir, 'standby')])
const hubs = {
  without: await startServer('bench/continuity-hub.ts', ['--data', join(dir, 'without')], flags),
  with: await startServer(
    'bench/continuity-hub.ts',
    [
      ...['--data', join(dir, 'with')],
      ...['--standby-dir', join(dir, 'standby'), '--standby-port', String(standby.port)],
    ],
    flags,
  ),
}
type Kind = keyof typeof hubs
const kinds: readonly Kind[] = ['without', 'with']
for (const kind of kinds) {
  const members = membersOfGroup('hub', groupSize)
  await load.request('open', { group: kind, port: hubs[kind].port, ack: 'answer', members })
}

interface Run {
  p50: number
  p99: number
  /** Seconds of CPU per 1,000 messages. */
  hubCpu: number
  standbyCpu: number
  otherCores: number
}

async function run(kind: Kind, perSecond: number): Promise<Run> {
  const snapshot = async () => ({
    hub: (await hubs[kind].usage()).cpuSeconds,
    standby: (await standby.usage()).cpuSeconds,
    busy: busySeconds(),
    at: performance.now(),
  })
  const from = await snapshot()
  const report = (await load.request('openLoop', {
    ...{ group: kind, senders, perSecond, seconds },
  })) as LoadReport
  const to = await snapshot()
  const cpu = (name: 'hub' | 'standby') => ((to[name] - from[name]) / report.sent) * 1000
  return {
    p50: report.ack.p50,
    p99: report.ack.p99,
    hubCpu: cpu('hub'),
    standbyCpu: cpu('standby'),
    otherCores: (to.busy - from.busy) / ((to.at - from.at) / 1000),
  }
}

interface Shipped {
  bytes: number
  waitsMs: number[]
}

/** Asks the hub with the standby what it has sent since the last time. */
function shipped(hub: BenchServer): Promise<Shipped> {
  return hub.ask({ shipped: true }, (reply) => 'waitsMs' in reply) as Promise<Shipped>
}

const diskBefore = probeDisk(dir)
const lines: string[] = []
// the first messages compile and fill what the rest finds there
for (const kind of kinds) await run(kind, 100)
for (const perSecond of rates) {
  const runs: Record<Kind, Run[]> = { without: [], with: [] }
  const before = await shipped(hubs.with)
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const kind of kinds) runs[kind].push(await run(kind, perSecond))
  }
  const { bytes, waitsMs } = await shipped(hubs.with)
  const of = (kind: Kind, name: keyof Run): number => median(runs[kind].map((one) => one[name]))
  const ratio = (name: keyof Run): string => `×${(of('with', name) / of('without', name)).toFixed(2)}`
  const both = (name: keyof Run): string =>
    `${of('without', name).toFixed(2)} | ${of('with', name).toFixed(2)} | ${ratio(name)}`
  lines.push(
    `| ${perSecond}/s | ack p50 ms | ${both('p50')} |`,
    `| ${perSecond}/s | ack p99 ms | ${both('p99')} |`,
    `| ${perSecond}/s | hub CPU s per 1,000 | ${both('hubCpu')} |`,
    `| ${perSecond}/s | standby CPU s per 1,000 | – | ${of('with', 'standbyCpu').toFixed(2)} | ×${(of('with', 'standbyCpu') / of('with', 'hubCpu')).toFixed(2)} of the hub's |`,
    `| ${perSecond}/s | wait for the standby, ms | – | p50 ${percentile(waitsMs, 50).toFixed(2)} | p99 ${percentile(waitsMs, 99).toFixed(2)} |`,
    `| ${perSecond}/s | bytes per message | – | ${((bytes - before.bytes) / (perSecond * seconds * repeats)).toFixed(0)} | |`,
    `| ${perSecond}/s | busy cores | ${both('otherCores')} |`,
  )
}
const diskAfter = probeDisk(dir)
process.stdout.write(
  [
    `${cpus().length} cores, Node ${process.versions.node}; medians of ${repeats} runs of ${seconds} s, in turn; ${groupSize} members, ${senders} senders.`,
    `4 KiB write and fdatasync: p50 ${diskBefore.p50.toFixed(2)}, p99 ${diskBefore.p99.toFixed(2)} ms before; p50 ${diskAfter.p50.toFixed(2)}, p99 ${diskAfter.p99.toFixed(2)} ms after.`,
    '',
    '| rate | | without | with | |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n'),
)
process.exit(0)
