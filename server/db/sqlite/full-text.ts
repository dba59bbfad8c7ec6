import type { Db } from '../schema.ts'
import { connectionOf, type SqliteConnection } from './connection.ts'

/*
 * The full-text index as SQLite has it (FTS5, without content). Another database has a file of the same name.
 *
 * A document is two texts of words: `body`, what the message says, and `scope`, what it can be narrowed by (its chat, its
 * author, whether it holds a link), so that a search in a quiet chat does not walk through what everybody else says.
 */

export interface IndexDocument {
  n: number
  body: string
  scope: string
}

/** Adds it once, however often it is asked. Called before COMMIT, see Transaction.beforeCommit. */
export function addDocument(db: Db, { n, body, scope }: IndexDocument): boolean {
  const connection = connectionOf(db)
  if (isIndexed(connection, n)) return false
  connection.all('insert into search (rowid, body, scope) values (?, ?, ?)', [n, body, scope])
  return true
}

/** Takes it out, given exactly as it was added: the index would be wrong otherwise. Nothing when it is not there. */
export function removeDocument(db: Db, { n, body, scope }: IndexDocument): boolean {
  const connection = connectionOf(db)
  if (!isIndexed(connection, n)) return false
  connection.all(`insert into search (search, rowid, body, scope) values ('delete', ?, ?, ?)`, [
    n,
    body,
    scope,
  ])
  return true
}

function isIndexed(connection: SqliteConnection, n: number): boolean {
  return connection.all('select 1 as found from search_docsize where id = ?', [n]).length > 0
}

export function addTerm(db: Db, word: string): void {
  connectionOf(db).all('insert into search_term (term) values (?) on conflict do nothing', [word])
}

/** Forgets a word that no document has any more. */
export function removeTermIfUnused(db: Db, word: string): boolean {
  const connection = connectionOf(db)
  const left = connection.all('select rowid from search where search match ? limit 1', [
    `body : ${quoteTerm(word)}`,
  ])
  if (left.length > 0) return false
  connection.all('delete from search_term where term = ?', [word])
  return true
}

export function clearIndex(db: Db): void {
  const connection = connectionOf(db)
  connection.all(`insert into search (search) values ('delete-all')`, [])
  connection.all('delete from search_term', [])
}

/** A bounded piece of the work that keeps the index small and fast to read; nothing when there is none to do. */
export function mergeIndex(db: Db, pages: number): void {
  connectionOf(db).all(`insert into search (search, rank) values ('merge', ?)`, [pages])
}

/** As FTS5 takes it, whatever it is: a text in quotes has no syntax. */
export function quoteTerm(word: string): string {
  return `"${word.replaceAll('"', '""')}"`
}

/**
 * Numbers of documents between two bounds (neither included), the newest first, one at a time: whoever asks stops when
 * they have enough. Without an expression those of all messages.
 */
export function matchingMessages(
  { raw }: SqliteConnection,
  expression: string | undefined,
  above: number,
  below: number,
): Iterable<number> {
  if (expression === undefined) {
    return raw
      .prepare<[number, number], number>('select n from message where n > ? and n < ? order by n desc')
      .pluck()
      .iterate(above, below)
  }
  return raw
    .prepare<[string, number, number], number>(
      'select rowid from search where search match ? and rowid > ? and rowid < ? order by rowid desc',
    )
    .pluck()
    .iterate(expression, above, below)
}
