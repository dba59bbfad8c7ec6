/* What it costs to announce commits to other processes, on a disk that takes 3 ms to sync. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startPostgres } from '../test/support/postgres-server.ts'
import { startTeam } from './cluster-team.ts'
import type { LoadSample } from './load.ts'
import type { LoadProcess } from './servers.ts'
import { median } from './stats.ts'

const syncUs = 3_000
const pairCount = 25
const warmUpMs = 1_500
const kinds = ['announced', 'silent'] as const

/** Messages per second, with and without announcements, and their ratio: medians of runs in turn. */
export async function measureAnnounce(
  load: LoadProcess,
  { dir, seconds, repeats }: { dir: string; seconds: number; repeats: number },
): Promise<{ announced: number; silent: number; ratio: number }> {
  const settings = { autovacuum: 'on', wal_level: 'replica', commit_delay: `${syncUs}`, commit_siblings: '0' }
  const postgres = await startPostgres(settings, tmpdir())
  const options = { count: 1, userCount: 2 * pairCount, postgresUrl: postgres.url }
  const teams = {
    announced: await startTeam(join(dir, 'announced'), options),
    silent: await startTeam(join(dir, 'silent'), { ...options, isCluster: false }),
  }
  for (const kind of kinds) {
    const members = await teams[kind].pairs(pairCount)
    await load.request('open', { group: kind, port: 0, ack: 'answer', members })
  }
  const rates = { announced: [] as number[], silent: [] as number[] }
  for (let repeat = 0; repeat < repeats; repeat += 1)
    for (const kind of kinds) rates[kind].push(await messagesPerSecond(load, kind, seconds))
  for (const kind of kinds) {
    await load.request('close', { group: kind })
    await teams[kind].stop()
  }
  await postgres.stop()
  const [announced, silent] = [median(rates.announced), median(rates.silent)]
  return { announced, silent, ratio: announced / silent }
}

async function messagesPerSecond(load: LoadProcess, group: string, seconds: number): Promise<number> {
  const sample = async () => (await load.request('sample', { group })) as LoadSample
  await load.request('closedLoop', { group, senders: pairCount, inFlight: 2 })
  await wait(warmUpMs)
  const from = await sample()
  await wait(seconds * 1_000)
  const to = await sample()
  await load.request('stop', { group })
  return ((to.acked - from.acked) * 1_000) / (to.at - from.at)
}
