import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'
import { StartError } from '../../start-error.ts'
import type { ClusterLink, FilesLink } from '../cluster-link.ts'
import type { KnownPlace } from '../files-mark.ts'
import type { Store, WriterOptions } from '../store.ts'
import { readTerm, supersededHub, type TermLink } from '../terms.ts'
import { clientConfig, requireSafeSettings } from './connection.ts'
import { channelOf, LockKeys } from './locks.ts'
import { createFilesLink, keepRemoved, readKnownPlace } from './files-link.ts'
import { findMoved } from './find-moved.ts'
import { migrate, servingProcess } from './migrate.ts'
import { notifyWire } from './notify-wire.ts'
import { toStartError } from './start-error.ts'
import { PostgresStore } from './store.ts'
import { PostgresTerms, supersededMark, termIsDueSql } from './terms.ts'
import { SupersededError } from './writer.ts'

/*
 * Opens a database for a process. Two processes that do not know of each other would not see each other's changes, so the
 * process holds a lock on a session of its own: alone, or shared with the others of a cluster. A server that restarts drops
 * the lock; the name in `store_state`, which each transaction checks, keeps a process that was replaced meanwhile from
 * writing. The processes of a cluster share a name there.
 */

/** A process that was killed keeps its lock until the server notices it. */
const maxLockWaitMs = 5_000
const lockRetryMs = 250
const reconnectDelayMs = 1_000
const clusterName = 'a cluster'
/** Who runs the periodic jobs, and if another computer is the hub. */
const checkIntervalMs = 1_000

export interface PostgresOptions {
  url: string
  /** Names this process. */
  processName: string
  /** Other processes serve the same hub. */
  isCluster?: boolean
  log?: FastifyBaseLogger
  /** It is opened although another computer is the hub, to become the hub again. */
  maySupersede?: boolean
  /** This process must no longer serve the hub. */
  onFatal: (error: unknown) => void
}

export interface OpenedPostgres {
  /** False for a database that no hub has used. */
  hasHub: boolean
  /** Until then the others of a cluster wait: this one may be making the hub, or marking its folder. */
  admitOthers(): Promise<void>
  /** The folder that processes share for files. */
  readKnownPlace(): Promise<KnownPlace>
  /** See files-link.ts. */
  keepRemoved(ms: number): Promise<void>
  latestStoredTime(): Promise<number | undefined>
  /** Notes whose rows these are. Returns false if they are those of another hub. */
  claim(hubId: string): Promise<boolean>
  createStore(options: WriterOptions): Store
  /** In a cluster. */
  readonly link: ClusterLink | undefined
  readonly filesLink: FilesLink
  readonly terms: TermLink
  close(): Promise<void>
}

/** @throws StartError if the database cannot be used, or another process serves its hub */
export async function openPostgres(options: PostgresOptions): Promise<OpenedPostgres> {
  const guard = new ProcessGuard(options)
  const { url, processName, isCluster = false } = options
  try {
    const { client, keys, terms } = await guard.open()
    if (isCluster) await client.query(`select pg_advisory_lock(${keys.start})`)
    const { rows: hubs } = await client.query('select 1 from hub')
    return {
      hasHub: hubs.length > 0,
      admitOthers: async () => {
        if (isCluster) await client.query(`select pg_advisory_unlock(${keys.start})`)
      },
      readKnownPlace: () => readKnownPlace(client),
      keepRemoved: (ms) => keepRemoved(client, ms),
      latestStoredTime: async () => {
        const { rows } = await client.query<{ at: number | null }>(latestTimeSql)
        return rows[0]?.at ?? undefined
      },
      claim: async (hubId) => {
        const { rows } = await client.query({
          text: `update store_state set hub = $1
            where hub in ('', $1) or not exists (select 1 from hub) returning 1`,
          values: [hubId],
        })
        return rows.length > 0
      },
      createStore: (writerOptions) =>
        new PostgresStore(url, keys, { ...writerOptions, processName: guard.nameInState }),
      link: isCluster
        ? {
            processName,
            wire: notifyWire(url, channelOf(keys)),
            findMoved,
            isLeader: () => guard.isLeader,
          }
        : undefined,
      filesLink: createFilesLink(() => guard.client, keys),
      terms,
      close: () => guard.close(),
    }
  } catch (error) {
    await guard.close()
    throw toStartError(error)
  }
}

const latestTimeSql = `select max(at) as at from (
  (select at from message order by n desc limit 1)
  union all select max(used_at) from session
  union all (select at from audit order by id desc limit 1)
) as latest`

/**
 * Changes when the database is restored or a standby takes over: then acknowledged entries may be missing, and clients
 * must fetch everything again. A restored dump creates its tables, so they get another number.
 */
const stampSql = `select system_identifier::text || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' '
  || 'hub'::regclass::oid::text as stamp from pg_control_system()`

class ProcessGuard {
  readonly #options: PostgresOptions
  #client: pg.Client | undefined
  #keys: LockKeys | undefined
  #stamp = ''
  #isClosing = false
  /** It holds the lock of the periodic jobs. */
  isLeader = false
  #terms: PostgresTerms | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  /** The session that holds the lock. */
  get client(): pg.Client | undefined {
    return this.#client
  }

  get nameInState(): string {
    return this.#options.isCluster ? clusterName : this.#options.processName
  }

  /** Takes the hub over for this process. */
  async open(): Promise<{ client: pg.Client; keys: LockKeys; terms: TermLink }> {
    const client = await this.#connect()
    this.#client = client
    await requireSafeSettings(client)
    const { rows } = await client.query<{ schema: string | null }>('select current_schema() as schema')
    const schema = rows[0]?.schema
    if (schema == null) throw new StartError('The database has no schema for the tables of the hub.')
    const keys = new LockKeys(schema)
    this.#keys = keys
    await this.#takeLock(client, keys)
    await migrate(client, keys)
    // the lock waits for the last transactions of a process that lost its session
    await client.query(`begin; select pg_advisory_xact_lock(${keys.hub})`)
    const stamp = await readStamp(client)
    const { rows: states } = await client.query<{ timeline: string; superseded: string }>(
      'select timeline, superseded from store_state',
    )
    const superseded = states[0]?.superseded ?? ''
    if (superseded !== '' && this.#options.maySupersede !== true) throw supersededHub(readTerm(superseded))
    await client.query({
      text: 'update store_state set process = $1, timeline = $2',
      values: [this.nameInState, stamp],
    })
    const before = states[0]?.timeline ?? ''
    if (before !== '' && before !== stamp) {
      const epoch = randomBytes(16).toString('base64url')
      await client.query({ text: 'update hub set epoch = $1', values: [epoch] })
      await client.query(termIsDueSql)
      this.#options.log?.warn('the database was restored or replaced: clients fetch everything again')
    }
    await client.query('commit')
    this.#stamp = stamp
    const terms = new PostgresTerms(() => this.#client, keys)
    this.#terms = terms
    this.#watch(client)
    return { client, keys, terms }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    clearInterval(this.#timer)
    await this.#client?.end().catch(() => undefined)
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(clientConfig(this.#options.url))
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async #takeLock(client: pg.Client, keys: LockKeys): Promise<void> {
    const until = performance.now() + maxLockWaitMs
    while (!(await this.#tryLock(client, keys))) {
      if (performance.now() > until) {
        throw new StartError(
          'Another process serves the hub of this database: end it first. Several can serve a hub if each of them is started with --cluster.',
        )
      }
      await sleep(lockRetryMs)
    }
  }

  #watch(client: pg.Client): void {
    client.once('end', () => {
      this.isLeader = false
      void this.#reconnect()
    })
    void this.#lead(client)
    this.#timer ??= setInterval(() => {
      if (this.#client && !this.isLeader) void this.#lead(this.#client)
      // a session that is lost is opened again, and then it is looked at
      this.#terms?.check().catch(() => undefined)
    }, checkIntervalMs).unref()
  }

  /** Runs the periodic jobs of the hub as long as the session lasts, if no other process does. */
  async #lead(client: pg.Client): Promise<void> {
    if (!this.#keys) return
    const { rows } = await client
      .query<{ got: number }>(`select pg_try_advisory_lock(${this.#keys.jobs}) as got`)
      .catch(() => ({ rows: [] }))
    if (rows[0]?.got === 1 && client === this.#client && !this.isLeader) this.isLeader = true
  }

  async #tryLock(client: pg.Client, keys: LockKeys): Promise<boolean> {
    const mode = this.#options.isCluster ? '_shared' : ''
    const { rows } = await client.query<{ got: number }>(
      `select pg_try_advisory_lock${mode}(${keys.process}) as got`,
    )
    return rows[0]?.got === 1
  }

  /** The server restarted, or the network failed. Requests fail meanwhile; the lock decides if this process goes on. */
  async #reconnect(): Promise<void> {
    let hasFailed = false
    while (!this.#isClosing) {
      try {
        const client = await this.#connect()
        const isOurs = await this.#isStillOurs(client)
        this.#client = client
        if (isOurs) {
          if (hasFailed) this.#options.log?.info('the database can be reached again')
          return this.#watch(client)
        }
        await client.end()
        this.#options.onFatal(new SupersededError('the database was taken over or replaced'))
        return
      } catch (error) {
        // once: it may be away for hours
        if (!hasFailed) this.#options.log?.warn({ err: error }, 'the database cannot be reached')
        hasFailed = true
        await sleep(reconnectDelayMs, undefined, { ref: false })
      }
    }
  }

  async #isStillOurs(client: pg.Client): Promise<boolean> {
    if (!this.#keys || !(await this.#tryLock(client, this.#keys))) return false
    const { rows } = await client.query<{ process: string | null }>(`select ${servingProcess} as process`)
    // a standby that took over may lack what memory has
    const name = rows[0]?.process ?? ''
    return [this.nameInState, supersededMark].includes(name) && (await readStamp(client)) === this.#stamp
  }
}

async function readStamp(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ stamp: string }>(stampSql)
  return rows[0]?.stamp ?? ''
}
