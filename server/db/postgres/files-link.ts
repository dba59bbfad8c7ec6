import pg from 'pg'
import type { FilesLink } from '../cluster-link.ts'
import type { KnownPlace } from '../files-mark.ts'
import { queryConnectionOf } from '../query-connection.ts'
import { clientConfig } from './connection.ts'
import { LockKeys } from './locks.ts'
import { toStartError } from './start-error.ts'

/*
 * Files that several processes share. Times are those of the server, since the clocks of the processes differ. A backup that
 * reads the files shares a lock that the removal needs alone.
 */

const nowSql = '(extract(epoch from clock_timestamp()) * 1000)::bigint'
/** A content is not removed for this long after it was noted: much longer than a write takes to get its row. */
const minKeptMs = 60 * 60_000
/** The administrator may have it kept for longer, as long as a dump is kept that names it. */
const keptSql = `greatest(${minKeptMs}, (select kept_ms from store_state))`

export function createFilesLink(client: () => pg.Client | undefined, keys: LockKeys): FilesLink {
  return {
    expect: async (db, digest) => {
      await queryConnectionOf(db).all(
        `insert into released_file (digest, at) values ($1, ${nowSql})
          on conflict (digest) do update set at = excluded.at`,
        [digest],
      )
    },
    findDue: async (db, count) => {
      const rows = await queryConnectionOf(db).all<{ digest: string }>(
        `select digest from released_file where at <= ${nowSql} - ${keptSql} limit $1`,
        [count],
      )
      return rows.map(({ digest }) => digest)
    },
    readKept: async (db) => {
      const [row] = await queryConnectionOf(db).all<{ ms: number }>(`select ${keptSql} as ms`, [])
      return row?.ms ?? minKeptMs
    },
    tryLock: async () => {
      const session = client()
      const got = await session?.query<{ got: number }>(`select pg_try_advisory_lock(${keys.files}) as got`)
      if (!session || got?.rows[0]?.got !== 1) return undefined
      // a session that was lost has lost its locks
      const unlock = `select pg_advisory_unlock(${keys.files})`
      return () =>
        session.query(unlock).then(
          () => undefined,
          () => undefined,
        )
    },
  }
}

/** Keeps contents for this long after their last row, at all processes and until it is set again. */
export async function keepRemoved(client: pg.ClientBase, ms: number): Promise<void> {
  await client.query({ text: 'update store_state set kept_ms = $1', values: [ms] })
}

/** Keeps the processes of a hub from removing files until the returned function is called. @throws StartError */
export async function holdFiles(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client(clientConfig(url))
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ schema: string }>('select current_schema() as schema')
    await client.query(`select pg_advisory_lock_shared(${new LockKeys(rows[0]?.schema ?? '').files})`)
    return () => client.end()
  } catch (error) {
    await client.end().catch(() => undefined)
    throw toStartError(error)
  }
}

/** What the database knows of the place that has the files. */
export async function readKnownPlace(client: pg.Client): Promise<KnownPlace> {
  const readNonce = async (): Promise<string> => {
    const { rows } = await client.query<{ files: string }>('select files from store_state')
    return rows[0]?.files ?? ''
  }
  return {
    nonce: await readNonce(),
    claim: async (nonce) => {
      await client.query({ text: `update store_state set files = $1 where files = ''`, values: [nonce] })
      return readNonce()
    },
    hasFiles: async () => {
      const { rows } = await client.query(
        `select 1 from file where digest is not null
          union all select 1 from "user" where avatar_digest is not null
          union all select 1 from chat where picture_digest is not null limit 1`,
      )
      return rows.length > 0
    },
  }
}
