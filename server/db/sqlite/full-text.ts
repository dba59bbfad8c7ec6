import type Database from 'better-sqlite3'
import type { FullText, IndexDocument } from '../index-document.ts'
import { queryConnectionOf } from '../query-connection.ts'
import type { PhraseTerm, SearchExpression } from '../search-expression.ts'
import type { Db } from '../schema.ts'

/** The full-text index of SQLite: FTS5, without content. */

/** The part of a connection that the index uses. */
interface IndexConnection {
  readonly raw: Database.Database
  writeCount: number
  all<R>(sql: string, values: readonly unknown[]): R[]
}

const connectionOf = (db: Db): IndexConnection => queryConnectionOf(db) as unknown as IndexConnection

/**
 * One row of terms per statement: for several, SQLite opens a savepoint around the statement, and at a savepoint FTS5 writes
 * its terms out, which makes a segment of each message.
 */
function addDocument(db: Db, { n, body, scope }: IndexDocument, terms: readonly string[]): boolean {
  const connection = connectionOf(db)
  if (isIndexed(connection, n)) return false
  connection.all('insert into search (rowid, body, scope) values (?, ?, ?)', [n, body, scope])
  for (const term of terms)
    connection.all('insert into search_term (term) values (?) on conflict do nothing', [term])
  return true
}

function removeDocument(db: Db, { n, body, scope }: IndexDocument): boolean {
  const connection = connectionOf(db)
  if (!isIndexed(connection, n)) return false
  connection.all(`insert into search (search, rowid, body, scope) values ('delete', ?, ?, ?)`, [
    n,
    body,
    scope,
  ])
  return true
}

function isIndexed(connection: IndexConnection, n: number): boolean {
  return connection.all('select 1 as found from search_docsize where id = ?', [n]).length > 0
}

function removeUnusedTerms(db: Db, words: readonly string[]): string[] {
  const connection = connectionOf(db)
  const unused = words.filter((word) => {
    const query = `body : ${quoteTerm(word)}`
    return connection.all('select rowid from search where search match ? limit 1', [query]).length === 0
  })
  connection.all('delete from search_term where term in (select value from json_each(?))', [
    JSON.stringify(unused),
  ])
  return unused
}

function clearIndex(db: Db): void {
  const connection = connectionOf(db)
  connection.all(`insert into search (search) values ('delete-all')`, [])
  connection.all('delete from search_term', [])
}

/**
 * Empties the index of a computer that follows a hub: it would keep what the hub deletes. Does nothing if it is empty. As a
 * hub the computer builds its own.
 */
export function forgetIndex(raw: Database.Database): void {
  if (raw.prepare('select version from search_state').pluck().get() === '') return
  raw.transaction(() => {
    raw.exec(`insert into search (search) values ('delete-all'); delete from search_term`)
    raw.exec(`update search_state set version = '', through = coalesce((select max(n) from message), 0)`)
  })()
}

/**
 * Drops a damaged index with its list of terms and its state, and creates it empty: the state says that everything is
 * to be built. Dropping a table reads its pages, which may be the damaged ones, so the tables are taken out of the
 * schema instead. Their pages stay unused in the file until Store.compact.
 */
function resetIndex(db: Db, { version }: { version: string }): void {
  const connection = connectionOf(db)
  const { raw } = connection
  connection.writeCount += 1
  raw.unsafeMode(true)
  try {
    raw.pragma('writable_schema = on')
    raw.exec(`delete from sqlite_schema where tbl_name in (
      'search', 'search_data', 'search_idx', 'search_content', 'search_docsize', 'search_config',
      'search_term', 'search_state'
    )`)
    raw.pragma('writable_schema = reset')
  } finally {
    raw.unsafeMode(false)
  }
  for (const statement of createIndex) raw.exec(statement)
  raw
    .prepare(
      `insert into search_state (id, version, below, through)
        select 1, ?, newest + 1, newest from (select coalesce(max(n), 0) as newest from message)`,
    )
    .run(version)
}

/** As the migrations have created it. */
const createIndex = [
  `create virtual table search using fts5(body, scope, content='', tokenize="ascii tokenchars '-_'")`,
  `insert into search (search, rank) values
    ('secure-delete', 1), ('automerge', 0), ('crisismerge', 64), ('usermerge', 8)`,
  `create table search_term (id integer primary key autoincrement, term text not null unique) strict`,
  `create table search_state (
    id integer primary key check (id = 1), version text not null, below integer not null,
    through integer not null default 0
  ) strict`,
]

function mergeIndex(db: Db, pages: number): void {
  connectionOf(db).all(`insert into search (search, rank) values ('merge', ?)`, [pages])
}

export const fullText: FullText = {
  addDocument,
  removeDocument,
  removeUnusedTerms,
  clearIndex,
  resetIndex,
  mergeIndex,
  // nothing else could be chosen
  analyzeIndex: () => undefined,
}

/** Quotes a term for FTS5: a quoted text has no syntax. */
function quoteTerm(word: string): string {
  return `"${word.replaceAll('"', '""')}"`
}

/** Writes the condition of a search in the syntax of FTS5. */
function toFts5({ scopes, phrases, without }: SearchExpression): string {
  const wanted = [...scopes.map(scopePart), ...phrases.map(bodyPart)].join(' AND ')
  const excluded = [
    ...(without && without.scopes.length > 0 ? [scopePart(without.scopes)] : []),
    ...(without && without.phrases.length > 0 ? [bodyPart(without.phrases)] : []),
  ]
  return excluded.length === 0 ? wanted : `(${wanted}) NOT (${excluded.join(' OR ')})`
}

function scopePart(any: readonly string[]): string {
  return `scope : (${any.map(quoteTerm).join(' OR ')})`
}

function bodyPart(any: readonly PhraseTerm[]): string {
  const written = any.map(({ words, isOpen }) => {
    const phrase = `${words.map(quoteTerm).join(' + ')}${isOpen ? ' *' : ''}`
    return words.length > 1 ? `(${phrase})` : phrase
  })
  return `body : (${written.join(' OR ')})`
}

/**
 * Yields document numbers between two exclusive bounds, newest first, so that the caller can stop when it has
 * enough. Without an expression, yields those of all messages; with `isPinned` only those of pinned ones, which are few.
 */
export function matchingMessages(
  { raw }: Pick<IndexConnection, 'raw'>,
  expression: SearchExpression | undefined,
  { above, below, isPinned }: { above: number; below: number; isPinned: boolean },
): Iterable<number> {
  const pinned = isPinned ? 'and rowid in (select n from message where pinned_at is not null)' : ''
  if (expression === undefined) {
    return raw
      .prepare<[number, number], number>(
        `select n from message where n > ? and n < ? ${pinned} order by n desc`,
      )
      .pluck()
      .iterate(above, below)
  }
  return raw
    .prepare<[string, number, number], number>(
      `select rowid from search where search match ? and rowid > ? and rowid < ? ${pinned} order by rowid desc`,
    )
    .pluck()
    .iterate(toFts5(expression), above, below)
}
