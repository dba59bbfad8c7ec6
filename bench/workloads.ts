import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ms, Report, Sample } from './load.ts'
import type { Results } from './results.ts'
import {
  groupSizes,
  longHistory,
  membersOfGroup,
  membersOfPairs,
  owner,
  pairs,
  reader,
  type ServerKind,
  shortHistory,
  tokenOf,
} from './seed.ts'
import { type Load, type Server, startBare, startHub } from './servers.ts'
import { busySeconds } from './stats.ts'

/*
 * W1 to W5 of the performance anchors. Always the bare loop, the hub, the bare loop, the hub…: what else the machine
 * does meets both alike, and only their ratio is trusted.
 */

export interface Bench {
  /** Has `hub/`, `bare/`, both with everything, and `empty-bare/`. */
  dir: string
  load: Load
  results: Results
  repeats: number
  /** Of each measured window. */
  seconds: number
}

const kinds = ['bare', 'hub'] as const
const ackOf = { bare: 'echo', hub: 'answer' } as const
const senders = 5
const inFlight = 8
const warmUpMs = 700

type Servers = Record<ServerKind, Server>

function startOne(bench: Bench, kind: ServerKind): Promise<Server> {
  return kind === 'hub' ? startHub(join(bench.dir, 'hub')) : startBare(join(bench.dir, 'bare'))
}

async function withServers(bench: Bench, work: (servers: Servers) => Promise<void>): Promise<void> {
  const servers: Servers = { bare: await startOne(bench, 'bare'), hub: await startOne(bench, 'hub') }
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
        await load.call('open', { room: kind, port: servers[kind].port, ack: ackOf[kind], members })
      }
      await alternate(repeats, async (kind) => {
        await closedLoop(bench, servers[kind], kind, `${at} closed loop`, senders, inFlight)
      })
      if (size === 200 || size === 1_000) {
        const perSecond = size === 200 ? 50 : 20
        await alternate(repeats, async (kind) => {
          const name = `${at} at ${perSecond}/s`
          await openLoop(bench, servers[kind], kind, name, perSecond, Math.max(2, seconds * 2))
        })
      }
      if (size === 200) {
        await alternate(repeats, async (kind) => lone(bench, servers[kind], kind))
        await highestRate(bench)
        await slowReader(bench, servers.hub)
      }
      for (const kind of kinds) await load.call('close', { room: kind })
    }
  })
  if (repeats > 0) results.note('W1', 'every delivery was counted and in order')
}

/** 250 pairs, one message in flight each. */
export async function w2(bench: Bench): Promise<void> {
  await withServers(bench, async (servers) => {
    for (const kind of kinds) {
      const members = membersOfPairs(kind)
      await bench.load.call('open', { room: kind, port: servers[kind].port, ack: ackOf[kind], members })
    }
    await alternate(bench.repeats, async (kind) => {
      await closedLoop(bench, servers[kind], kind, 'W2 250 pairs', pairs, 1)
    })
    for (const kind of kinds) await bench.load.call('close', { room: kind })
  })
}

/** History. */
export async function w3(bench: Bench): Promise<void> {
  const { load, results } = bench
  await withServers(bench, async (servers) => {
    for (const kind of kinds) {
      await load.call('open', {
        room: kind,
        port: servers[kind].port,
        ack: ackOf[kind],
        members: [reader(kind)],
      })
    }
    const pages = async (kind: ServerKind, messages: number, all: boolean): Promise<Ms> => {
      const chat = `history-${messages}`
      return (await load.call('pages', { room: kind, chat, limit: 50, all, times: all ? 1 : 200 })) as Ms
    }
    // both have run through it once before anything counts
    for (const kind of kinds) await pages(kind, shortHistory, true)
    await alternate(bench.repeats, async (kind) => {
      const long = await pages(kind, longHistory, false)
      const short = await pages(kind, shortHistory, false)
      results.add('W3 latest 50 of 100,000, p50 ms', kind, long.p50)
      results.add('W3 latest 50 of 1,000, p50 ms', kind, short.p50)
      const all = await pages(kind, longHistory, true)
      results.add('W3 every page backwards, p50 ms', kind, all.p50)
      results.add('W3 every page backwards, p99 ms', kind, all.p99)
      results.add('W3 every page backwards, p99 : p50', kind, all.p99 / all.p50)
      if (kind === 'hub') {
        results.add(
          'W3 latest 50 of 100,000 over HTTP, p50 ms',
          kind,
          await overHttp(servers.hub, longHistory),
        )
        results.add(
          'W3 latest 50 of 1,000 over HTTP, p50 ms',
          kind,
          await overHttp(servers.hub, shortHistory),
        )
      }
    })
    for (const kind of kinds) await load.call('close', { room: kind })
  })
}

/** Everybody drops, 20 messages are sent meanwhile, everybody comes back and reads them. */
export async function w4(bench: Bench): Promise<void> {
  const { load, results } = bench
  await withServers(bench, async (servers) => {
    for (const size of [200, 1_000] as const) {
      for (const kind of kinds) {
        const members = membersOfGroup(kind, size)
        await load.call('open', { room: kind, port: servers[kind].port, ack: ackOf[kind], members })
      }
      await alternate(bench.repeats, async (kind) => {
        const { ms } = (await load.call('storm', { room: kind, missed: 20 })) as { ms: number }
        results.add(`W4 ${size} clients back, ms`, kind, ms)
      })
      for (const kind of kinds) await load.call('close', { room: kind })
    }
  })
}

/** Memory and start. */
export async function w5(bench: Bench): Promise<void> {
  const { dir, load, results, repeats } = bench
  await alternate(repeats, async (kind, repeat) => {
    const empty =
      kind === 'hub' ? await startHub(join(dir, `empty-${repeat}`)) : await startBare(join(dir, 'empty-bare'))
    await wait(2_000)
    results.add('W5 empty server, MB', kind, (await empty.usage()).rss / 1e6)
    await empty.stop()
  })
  await alternate(repeats, async (kind) => {
    const server = await startOne(bench, kind)
    const members = membersOfGroup(kind, 1_000)
    // the first client brings in what is made once
    await load.call('open', { room: 'first', port: server.port, ack: ackOf[kind], members: [reader(kind)] })
    await wait(1_000)
    const before = (await server.usage()).rss
    await load.call('open', { room: 'all', port: server.port, ack: ackOf[kind], members })
    await wait(5_000)
    results.add(
      'W5 idle connection at 1,000, KB',
      kind,
      ((await server.usage()).rss - before) / 1_000 / 1_000,
    )
    for (const room of ['first', 'all']) await load.call('close', { room })
    await server.stop()
  })
  await alternate(repeats, async (kind) => {
    const started = performance.now()
    const server = await startOne(bench, kind)
    if (kind === 'hub') await logIn(server)
    else await load.call('open', { room: 'in', port: server.port, ack: 'echo', members: [reader(kind)] })
    results.add('W5 start to first login, 100,000 messages, ms', kind, performance.now() - started)
    if (kind === 'bare') await load.call('close', { room: 'in' })
    await server.stop()
  })
}

interface Moment {
  server: Awaited<ReturnType<Server['usage']>>
  sample: Sample
  busy: number
}

async function moment(load: Load, server: Server, room: string): Promise<Moment> {
  const sample = (await load.call('sample', { room })) as Sample
  return { sample, server: await server.usage(), busy: busySeconds() }
}

async function closedLoop(
  { load, results, seconds }: Bench,
  server: Server,
  kind: ServerKind,
  name: string,
  sending: number,
  each: number,
): Promise<void> {
  await load.call('closedLoop', { room: kind, senders: sending, inFlight: each })
  await wait(warmUpMs)
  const from = await moment(load, server, kind)
  await wait(seconds * 1000)
  const to = await moment(load, server, kind)
  const { ack, pulled } = (await load.call('stop', { room: kind })) as Report
  const lasted = (to.sample.at - from.sample.at) / 1000
  results.add(`${name}, messages/s`, kind, (to.sample.acked - from.sample.acked) / lasted)
  results.add(`${name}, deliveries/s`, kind, (to.sample.deliveries - from.sample.deliveries) / lasted)
  compare(results, kind, name, from, to)
  results.add(`${name}, ack p50 ms`, kind, ack.p50)
  results.add(`${name}, ack p99 ms`, kind, ack.p99)
  if (pulled > 0) results.note(name, `${kind}: ${pulled} deliveries by reading the log`)
}

async function openLoop(
  { load, results }: Bench,
  server: Server,
  kind: ServerKind,
  name: string,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const from = await moment(load, server, kind)
  const report = (await load.call('openLoop', { room: kind, senders, perSecond, seconds })) as Report
  const to = await moment(load, server, kind)
  // the count began anew with the run
  from.sample.deliveries = 0
  compare(results, kind, name, from, to)
  results.add(`${name}, ack p50 ms`, kind, report.ack.p50)
  results.add(`${name}, ack p99 ms`, kind, report.ack.p99)
  results.add(`${name}, deliver p50 ms`, kind, report.deliver.p50)
  results.add(`${name}, deliver p99 ms`, kind, report.deliver.p99)
}

function compare(results: Results, kind: ServerKind, name: string, from: Moment, to: Moment): void {
  const lasted = (to.sample.at - from.sample.at) / 1000
  const server = to.server.cpu - from.server.cpu
  const load = to.sample.cpu - from.sample.cpu
  const deliveries = to.sample.deliveries - from.sample.deliveries
  const commits = to.server.commits - from.server.commits
  results.add(`${name}, CPU s per 1,000 deliveries`, kind, (server / deliveries) * 1000)
  results.add(`${name}, messages per commit`, kind, (to.server.operations - from.server.operations) / commits)
  results.add(`${name}, server cores`, kind, server / lasted)
  results.add(`${name}, load cores`, kind, load / lasted)
  results.add(`${name}, other cores`, kind, Math.max(0, to.busy - from.busy - server - load) / lasted)
}

/** One message at a time: nothing holds it back to wait for others. */
async function lone(bench: Bench, server: Server, kind: ServerKind): Promise<void> {
  const { load, results } = bench
  const from = await server.usage()
  const input = { room: kind, senders: 1, perSecond: 10, seconds: 2 }
  const { ack, sent } = (await load.call('openLoop', input)) as Report
  const to = await server.usage()
  results.add('W1 lone message, ack p50 ms', kind, ack.p50)
  results.add('W1 lone message, commits per message', kind, (to.commits - from.commits) / sent)
}

/** The highest rate at which the hub has delivered 99 of 100 within 100 ms. */
async function highestRate({ load, results }: Bench): Promise<void> {
  let kept = 0
  for (const perSecond of [100, 250, 500, 1_000, 2_000]) {
    const input = { room: 'hub', senders, perSecond, seconds: 2 }
    // what else the machine does may spoil one try, hardly two
    const isKept = async (): Promise<boolean> =>
      ((await load.call('openLoop', input)) as Report).deliver.p99 < 100
    if (!(await isKept()) && !(await isKept())) break
    kept = perSecond
  }
  results.add('W1 R=200 highest rate kept up with, messages/s', 'hub', kept)
}

/** One member stops reading while the others go on; afterwards it gets everything it missed. */
async function slowReader({ load, results }: Bench, hub: Server): Promise<void> {
  const slow = membersOfGroup('hub', 200).at(-1)
  if (!slow) throw new Error('nobody is slow')
  const before = (await hub.usage()).rss
  await load.call('pause', { room: 'hub', user: slow.user, paused: true })
  await load.call('closedLoop', { room: 'hub', senders, inFlight })
  // some 15 MB: more than the buffers of the system take before the hub's own come into it
  let sent = 0
  for (let second = 0; sent < 30_000 && second < 40; second++) {
    await wait(1_000)
    sent = ((await load.call('sample', { room: 'hub' })) as Sample).sent
  }
  const after = (await hub.usage()).rss
  await load.call('pause', { room: 'hub', user: slow.user, paused: false })
  const { pulled } = (await load.call('stop', { room: 'hub' })) as Report
  results.add('W1 R=200 slow reader, growth of the hub in MB', 'hub', (after - before) / 1e6)
  results.note('W1 slow reader', `${sent} messages passed it by, it read ${pulled} of them from the log`)
}

async function logIn(server: Server): Promise<void> {
  const response = await fetch(`${server.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify(owner),
  })
  if (!response.ok) throw new Error(`no login: ${await response.text()}`)
}

async function overHttp(server: Server, messages: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const url = `${server.url}/api/chats/history-${messages}/messages?limit=50`
  const headers = { authorization: `Bearer ${tokenOf(0)}` }
  const took: number[] = []
  for (let i = 0; i < 200; i++) {
    const start = performance.now()
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`history over HTTP: ${response.statusCode ?? 0}`))
        response.resume().on('end', resolve)
      }).on('error', reject)
    })
    took.push(performance.now() - start)
  }
  agent.destroy()
  return took.sort((a, b) => a - b)[100] as number
}
