import { resetIndex } from '../db/full-text.ts'
import { createKysely, openWriter, type SqliteConnection } from '../db/sqlite/connection.ts'
import { tokenizerVersion } from '../search-index/tokenize.ts'
import type { Finding } from './findings.ts'

type Raw = SqliteConnection['raw']

/** The search index is all tables with this beginning: they are made from the messages. */
export const isIndexTable = (table: string): boolean => /^search(_|$)/.test(table)

export interface DamagedTable {
  table: string
  problem: string
}

/** SQLite's own check of all pages, table by table, so that damage of the index is known from damage of data. */
export function findDamagedTables(raw: Raw): DamagedTable[] {
  const found: DamagedTable[] = []
  for (const table of listTables(raw)) {
    const [problem] = checkTable(raw, table)
    if (problem !== undefined) found.push({ table, problem })
  }
  if (found.length > 0) return found
  // what belongs to no table, such as the list of free pages
  const [problem] = lines(raw, 'pragma integrity_check')
  return problem === undefined ? [] : [{ table: 'of free pages', problem }]
}

function listTables(raw: Raw): string[] {
  return raw.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all() as string[]
}

function checkTable(raw: Raw, table: string): string[] {
  return lines(raw, `pragma integrity_check("${table.replaceAll('"', '""')}")`)
}

function lines(raw: Raw, sql: string): string[] {
  try {
    return (raw.prepare(sql).pluck().all() as string[]).filter((line) => line !== 'ok')
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/** Compares the index with the messages. */
export function examineIndex(raw: Raw): Finding {
  const count = (sql: string, ...values: number[]): number =>
    raw
      .prepare(sql)
      .pluck()
      .get(...values) as number
  const state = raw.prepare('select version, below, through from search_state').get() as
    { version: string; below: number; through: number } | undefined
  if (!state) return judgeIndex(undefined)
  const withdrawn = count(
    `select count(*) from search_docsize left join message on n = search_docsize.id
     where n is null or deleted_at is not null`,
  )
  const lacking = count(
    `select count(*) from message where deleted_at is null and n >= ? and n <= ?
     and n not in (select id from search_docsize)`,
    state.below,
    state.through,
  )
  return judgeIndex({ ...state, withdrawn, lacking })
}

interface IndexCounts {
  version: string
  below: number
  withdrawn: number
  lacking: number
}

/** The finding about an index, of whatever database. */
export function judgeIndex(counts: IndexCounts | undefined): Finding {
  const part = 'index'
  const bad = (text: string): Finding => ({ part, state: 'bad', text: `${text}: use "--repair".` })
  if (!counts) return bad('The state of the search index is missing')
  const { version, below, withdrawn, lacking } = counts
  const unfinished: Finding = {
    ...{ part, state: 'good' },
    text: 'The search index is not complete; the hub goes on building it.',
  }
  // the next start empties it first
  if (version !== tokenizerVersion) return unfinished
  if (withdrawn > 0) return bad(`The search index has ${withdrawn} messages that were deleted`)
  if (lacking > 0) return bad(`The search index lacks ${lacking} messages`)
  if (below > 1) return unfinished
  return { part, state: 'good', text: 'The search index agrees with the messages.' }
}

/** Drops the index, and what it holds of deleted messages. The next start of the hub builds it again. */
export async function repairIndex(file: string): Promise<void> {
  const connection = openWriter(file)
  try {
    connection.raw.exec('begin immediate')
    await resetIndex(createKysely(connection), { version: tokenizerVersion })
    connection.raw.exec('commit')
    connection.raw.exec('vacuum')
  } finally {
    connection.raw.close()
  }
}

/** The same in a server. */
export async function repairServerIndex(database: string): Promise<void> {
  const { withStore } = await import('../db/postgres/with-store.ts')
  await withStore(database, Date.now, ({ writer }) =>
    writer.write(async ({ db }) => resetIndex(db, { version: tokenizerVersion }), { locks: 'hub' }),
  )
}
