import pg from 'pg'
import { clientConfig } from './connection.ts'
import { toStartError } from './start-error.ts'

/** How the search index of a server agrees with its messages. */
export interface IndexCounts {
  version: string
  /** Messages from this number on are in the index. */
  below: number
  /** Documents of messages that are deleted, or gone. */
  withdrawn: number
  /** Messages without a document. */
  lacking: number
}

const countSql = `select version, below,
  (select count(*) from search_doc d left join message m on m.n = d.n
    where m.n is null or m.deleted_at is not null) as withdrawn,
  (select count(*) from message m where m.deleted_at is null and m.n >= state.below
    and not exists (select 1 from search_doc d where d.n = m.n)) as lacking
  from search_state state`

/** Compares them in one state of all rows; the hub may run. Undefined: the state of the index is missing. */
export async function countIndex(url: string): Promise<IndexCounts | undefined> {
  const client = new pg.Client(clientConfig(url))
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<IndexCounts>(countSql)
    return rows[0]
  } catch (error) {
    throw toStartError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
