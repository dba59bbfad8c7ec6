import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LatencyMs, LoadReport, LoadSample } from './load.ts'
import type { Results } from './results.ts'
import {
  groupSizes,
  longHistoryLength,
  membersOfGroup,
  membersOfPairs,
  owner,
  pairCount,
  historyReader,
  type ServerKind,
  shortHistoryLength,
  tokenOf,
} from './seed.ts'
import { type LoadProcess, type BenchServer, startBaseline, startHub } from './servers.ts'
import { busySeconds } from './stats.ts'

/*
 * W1 to W5 of the performance anchors. The bare loop and the hub always alternate: other work of the machine affects
 * both alike, and only their ratio is trusted.
 */

export interface Bench {
  /** Contains `hub/` and `bare/`, both with all data, and `empty-bare/`. */
  dir: string
  load: LoadProcess
  results: Results
  repeats: number
  /** Of each measured window. */
  seconds: number
}

const kinds = ['bare', 'hub'] as const
const ackModes = { bare: 'echo', hub: 'answer' } as const
const senderCount = 5
const inFlightPerSender = 8
const warmUpMs = 700

type Servers = Record<ServerKind, BenchServer>

function startServer(bench: Bench, kind: ServerKind): Promise<BenchServer> {
  return kind === 'hub' ? startHub(join(bench.dir, 'hub')) : startBaseline(join(bench.dir, 'bare'))
}

async function withServers(bench: Bench, work: (servers: Servers) => Promise<void>): Promise<void> {
  const servers: Servers = { bare: await startServer(bench, 'bare'), hub: await startServer(bench, 'hub') }
  await work(servers)
  for (const kind of kinds) await servers[kind].stop()
}

async function alternate(
  times: number,
  work: (kind: ServerKind, repeat: number) => Promise<void>,
): Promise<void> {
  for (let repeat = 0; repeat < times; repeat++) for (const kind of kinds) await work(kind, repeat)
}

/** Fan-out in one group. */
export async function w1(bench: Bench): Promise<void> {
  const { load, results, repeats, seconds } = bench
  await withServers(bench, async (servers) => {
    for (const size of groupSizes) {
      const at = `W1 R=${size}`
      for (const kind of kinds) {
        const members = membersOfGroup(kind, size)
        await load.request('open', { group: kind, port: servers[kind].port, ack: ackModes[kind], members })
      }
      await alternate(repeats, async (kind) => {
        await runClosedLoop(bench, servers[kind], kind, `${at} closed loop`, senderCount, inFlightPerSender)
      })
      if (size === 200 || size === 1_000) {
        const perSecond = size === 200 ? 50 : 20
        await alternate(repeats, async (kind) => {
          const name = `${at} at ${perSecond}/s`
          await runOpenLoop(bench, servers[kind], kind, name, perSecond, Math.max(2, seconds * 2))
        })
      }
      if (size === 200) {
        await alternate(repeats, async (kind) => measureLoneMessage(bench, servers[kind], kind))
        await measureHighestRate(bench)
        await measureSlowReader(bench, servers.hub)
      }
      for (const kind of kinds) await load.request('close', { group: kind })
    }
  })
  if (repeats > 0) results.note('W1', 'every delivery was counted and in order')
}

/** 250 pairs, one message in flight each. */
export async function w2(bench: Bench): Promise<void> {
  await withServers(bench, async (servers) => {
    for (const kind of kinds) {
      const members = membersOfPairs(kind)
      await bench.load.request('open', {
        group: kind,
        port: servers[kind].port,
        ack: ackModes[kind],
        members,
      })
    }
    await alternate(bench.repeats, async (kind) => {
      await runClosedLoop(bench, servers[kind], kind, 'W2 250 pairs', pairCount, 1)
    })
    for (const kind of kinds) await bench.load.request('close', { group: kind })
  })
}

/** History. */
export async function w3(bench: Bench): Promise<void> {
  const { load, results } = bench
  await withServers(bench, async (servers) => {
    for (const kind of kinds) {
      await load.request('open', {
        group: kind,
        port: servers[kind].port,
        ack: ackModes[kind],
        members: [historyReader(kind)],
      })
    }
    const pages = async (kind: ServerKind, messages: number, all: boolean): Promise<LatencyMs> => {
      const chat = `history-${messages}`
      return (await load.request('pages', {
        group: kind,
        chat,
        limit: 50,
        all,
        times: all ? 1 : 200,
      })) as LatencyMs
    }
    // both run through it once before anything is measured
    for (const kind of kinds) await pages(kind, shortHistoryLength, true)
    await alternate(bench.repeats, async (kind) => {
      const long = await pages(kind, longHistoryLength, false)
      const short = await pages(kind, shortHistoryLength, false)
      results.add('W3 latest 50 of 100,000, p50 ms', kind, long.p50)
      results.add('W3 latest 50 of 1,000, p50 ms', kind, short.p50)
      const all = await pages(kind, longHistoryLength, true)
      results.add('W3 every page backwards, p50 ms', kind, all.p50)
      results.add('W3 every page backwards, p99 ms', kind, all.p99)
      results.add('W3 every page backwards, p99 : p50', kind, all.p99 / all.p50)
      if (kind === 'hub') {
        results.add(
          'W3 latest 50 of 100,000 over HTTP, p50 ms',
          kind,
          await measureHistoryOverHttp(servers.hub, longHistoryLength),
        )
        results.add(
          'W3 latest 50 of 1,000 over HTTP, p50 ms',
          kind,
          await measureHistoryOverHttp(servers.hub, shortHistoryLength),
        )
      }
    })
    for (const kind of kinds) await load.request('close', { group: kind })
  })
}

/** Drops all clients, sends 20 messages, reconnects everybody and reads the messages. */
export async function w4(bench: Bench): Promise<void> {
  const { load, results } = bench
  await withServers(bench, async (servers) => {
    for (const size of [200, 1_000] as const) {
      for (const kind of kinds) {
        const members = membersOfGroup(kind, size)
        await load.request('open', { group: kind, port: servers[kind].port, ack: ackModes[kind], members })
      }
      await alternate(bench.repeats, async (kind) => {
        const { ms } = (await load.request('storm', { group: kind, missed: 20 })) as { ms: number }
        results.add(`W4 ${size} clients reconnected, ms`, kind, ms)
      })
      for (const kind of kinds) await load.request('close', { group: kind })
    }
  })
}

/** Memory and start. */
export async function w5(bench: Bench): Promise<void> {
  const { dir, load, results, repeats } = bench
  await alternate(repeats, async (kind, repeat) => {
    const empty =
      kind === 'hub'
        ? await startHub(join(dir, `empty-${repeat}`))
        : await startBaseline(join(dir, 'empty-bare'))
    await wait(2_000)
    results.add('W5 empty server, MB', kind, (await empty.usage()).rssBytes / 1e6)
    await empty.stop()
  })
  await alternate(repeats, async (kind) => {
    const server = await startServer(bench, kind)
    const members = membersOfGroup(kind, 1_000)
    // the first client causes everything that is created once
    await load.request('open', {
      group: 'first',
      port: server.port,
      ack: ackModes[kind],
      members: [historyReader(kind)],
    })
    await wait(1_000)
    const before = (await server.usage()).rssBytes
    await load.request('open', { group: 'all', port: server.port, ack: ackModes[kind], members })
    await wait(5_000)
    results.add(
      'W5 idle connection at 1,000, KB',
      kind,
      ((await server.usage()).rssBytes - before) / 1_000 / 1_000,
    )
    for (const group of ['first', 'all']) await load.request('close', { group })
    await server.stop()
  })
  await alternate(repeats, async (kind) => {
    const started = performance.now()
    const server = await startServer(bench, kind)
    if (kind === 'hub') await logIn(server)
    else
      await load.request('open', {
        group: 'in',
        port: server.port,
        ack: 'echo',
        members: [historyReader(kind)],
      })
    results.add('W5 start to first login, 100,000 messages, ms', kind, performance.now() - started)
    if (kind === 'bare') await load.request('close', { group: 'in' })
    await server.stop()
  })
}

interface UsageSnapshot {
  server: Awaited<ReturnType<BenchServer['usage']>>
  sample: LoadSample
  busySeconds: number
}

async function takeSnapshot(load: LoadProcess, server: BenchServer, group: string): Promise<UsageSnapshot> {
  const sample = (await load.request('sample', { group })) as LoadSample
  return { sample, server: await server.usage(), busySeconds: busySeconds() }
}

async function runClosedLoop(
  { load, results, seconds }: Bench,
  server: BenchServer,
  kind: ServerKind,
  name: string,
  sending: number,
  inFlight: number,
): Promise<void> {
  await load.request('closedLoop', { group: kind, senders: sending, inFlight })
  await wait(warmUpMs)
  const from = await takeSnapshot(load, server, kind)
  await wait(seconds * 1000)
  const to = await takeSnapshot(load, server, kind)
  const { ack, pulled } = (await load.request('stop', { group: kind })) as LoadReport
  const elapsedSeconds = (to.sample.at - from.sample.at) / 1000
  results.add(`${name}, messages/s`, kind, (to.sample.acked - from.sample.acked) / elapsedSeconds)
  results.add(`${name}, deliveries/s`, kind, (to.sample.deliveries - from.sample.deliveries) / elapsedSeconds)
  addUsageResults(results, kind, name, from, to)
  results.add(`${name}, ack p50 ms`, kind, ack.p50)
  results.add(`${name}, ack p99 ms`, kind, ack.p99)
  if (pulled > 0) results.note(name, `${kind}: ${pulled} deliveries by reading the log`)
}

async function runOpenLoop(
  { load, results }: Bench,
  server: BenchServer,
  kind: ServerKind,
  name: string,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const from = await takeSnapshot(load, server, kind)
  const report = (await load.request('openLoop', {
    group: kind,
    senders: senderCount,
    perSecond,
    seconds,
  })) as LoadReport
  const to = await takeSnapshot(load, server, kind)
  // the count began again with the run
  from.sample.deliveries = 0
  addUsageResults(results, kind, name, from, to)
  results.add(`${name}, ack p50 ms`, kind, report.ack.p50)
  results.add(`${name}, ack p99 ms`, kind, report.ack.p99)
  results.add(`${name}, deliver p50 ms`, kind, report.deliver.p50)
  results.add(`${name}, deliver p99 ms`, kind, report.deliver.p99)
}

function addUsageResults(
  results: Results,
  kind: ServerKind,
  name: string,
  from: UsageSnapshot,
  to: UsageSnapshot,
): void {
  const elapsedSeconds = (to.sample.at - from.sample.at) / 1000
  const server = to.server.cpuSeconds - from.server.cpuSeconds
  const load = to.sample.cpuSeconds - from.sample.cpuSeconds
  const deliveries = to.sample.deliveries - from.sample.deliveries
  const commits = to.server.commits - from.server.commits
  results.add(`${name}, CPU s per 1,000 deliveries`, kind, (server / deliveries) * 1000)
  results.add(`${name}, messages per commit`, kind, (to.server.operations - from.server.operations) / commits)
  results.add(`${name}, server cores`, kind, server / elapsedSeconds)
  results.add(`${name}, load cores`, kind, load / elapsedSeconds)
  results.add(
    `${name}, other cores`,
    kind,
    Math.max(0, to.busySeconds - from.busySeconds - server - load) / elapsedSeconds,
  )
}

/** Sends one message at a time: no timer delays it to wait for others. */
async function measureLoneMessage(bench: Bench, server: BenchServer, kind: ServerKind): Promise<void> {
  const { load, results } = bench
  const from = await server.usage()
  const input = { group: kind, senders: 1, perSecond: 10, seconds: 2 }
  const { ack, sent } = (await load.request('openLoop', input)) as LoadReport
  const to = await server.usage()
  results.add('W1 lone message, ack p50 ms', kind, ack.p50)
  results.add('W1 lone message, commits per message', kind, (to.commits - from.commits) / sent)
}

/** Measures the highest rate at which the hub delivers 99 of 100 within 100 ms. */
async function measureHighestRate({ load, results }: Bench): Promise<void> {
  let sustainedRate = 0
  for (const perSecond of [100, 250, 500, 1_000, 2_000]) {
    const input = { group: 'hub', senders: senderCount, perSecond, seconds: 2 }
    // other work of the machine may spoil one try, hardly two
    const isSustained = async (): Promise<boolean> =>
      ((await load.request('openLoop', input)) as LoadReport).deliver.p99 < 100
    if (!(await isSustained()) && !(await isSustained())) break
    sustainedRate = perSecond
  }
  results.add('W1 R=200 highest sustained rate, messages/s', 'hub', sustainedRate)
}

/** One member stops reading while the others go on. Afterwards it receives everything it missed. */
async function measureSlowReader({ load, results }: Bench, hub: BenchServer): Promise<void> {
  const slow = membersOfGroup('hub', 200).at(-1)
  if (!slow) throw new Error('the group has no client to pause')
  const before = (await hub.usage()).rssBytes
  await load.request('pause', { group: 'hub', user: slow.user, paused: true })
  await load.request('closedLoop', { group: 'hub', senders: senderCount, inFlight: inFlightPerSender })
  // some 15 MB: more than the system's buffers hold before the hub's own buffer fills. The hub closes a socket that takes
  // nothing for 30 s.
  let sent = 0
  for (let second = 0; sent < 30_000 && second < 20; second++) {
    await wait(1_000)
    sent = ((await load.request('sample', { group: 'hub' })) as LoadSample).sent
  }
  const after = (await hub.usage()).rssBytes
  await load.request('pause', { group: 'hub', user: slow.user, paused: false })
  const { pulled } = (await load.request('stop', { group: 'hub' })) as LoadReport
  results.add('W1 R=200 slow consumer, growth of the hub in MB', 'hub', (after - before) / 1e6)
  results.note(
    'W1 slow consumer',
    `${sent} messages were sent meanwhile, it read ${pulled} of them from the log`,
  )
}

async function logIn(server: BenchServer): Promise<void> {
  const response = await fetch(`${server.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify(owner),
  })
  if (!response.ok) throw new Error(`no login: ${await response.text()}`)
}

async function measureHistoryOverHttp(server: BenchServer, messages: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const url = `${server.url}/api/chats/history-${messages}/messages?limit=50`
  const headers = { authorization: `Bearer ${tokenOf(0)}` }
  const times: number[] = []
  for (let i = 0; i < 200; i++) {
    const start = performance.now()
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`history over HTTP: ${response.statusCode ?? 0}`))
        response.resume().on('end', resolve)
      }).on('error', reject)
    })
    times.push(performance.now() - start)
  }
  agent.destroy()
  return times.sort((a, b) => a - b)[100] as number
}
