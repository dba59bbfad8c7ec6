import { cpSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { channelOf, LockKeys } from '../../server/db/postgres/locks.ts'
import type { StartOptions } from '../../server/start.ts'
import { newDataDir } from './data-dir.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { databaseFor } from './test-database.ts'
import { makeWorld, type World } from './world.ts'

export interface ClusterWorld extends World {
  /** Two processes of the same hub. */
  one: TestHub
  other: TestHub
}

/** A small team on a hub of two processes. Its users talk to the first of them. */
export async function makeClusterWorld(options: Partial<StartOptions> = {}): Promise<ClusterWorld> {
  const world = await makeWorld()
  const one = await world.hub.restart({ isCluster: true, ...options })
  const other = await joinCluster(one, options)
  const { olga, ann, bo, eve } = world
  return {
    ...{ ...world, hub: one, one, other },
    ...{ olga: olga.atUrl(one.url), ann: ann.atUrl(one.url), bo: bo.atUrl(one.url), eve: eve.atUrl(one.url) },
  }
}

/** Starts all processes of a new hub at once: none of them was there before. */
export async function startCluster(
  count: number,
  options: Partial<StartOptions> = {},
): Promise<{ hubs: TestHub[]; identity: string; database: string | undefined }> {
  const shared = newDataDir()
  const database = await databaseFor(shared)
  const identity = path.join(shared, 'identity')
  const start = (): Promise<TestHub> =>
    startTestHub({ dataDir: newDataDir(), database, identity, isCluster: true, ...options })
  return { hubs: await Promise.all(Array.from({ length: count }, start)), identity, database }
}

/** Starts another process of the hub, with a directory of its own. */
export async function joinCluster(hub: TestHub, options: Partial<StartOptions> = {}): Promise<TestHub> {
  const dataDir = newDataDir()
  cpSync(path.join(hub.dataDir, 'identity'), path.join(dataDir, 'identity'), { recursive: true })
  return startTestHub({ dataDir, database: hub.database, isCluster: true, ...options })
}

/** Ends the connections by which the processes of a hub tell each other. */
export async function endBus(url = ''): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ schema: string }>('select current_schema() as schema')
  const channel = channelOf(new LockKeys(rows[0]?.schema ?? ''))
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    channel,
  ])
  await client.end()
}
