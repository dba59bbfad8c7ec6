import type { FullText, IndexDocument } from '../index-document.ts'
import { queryConnectionOf } from '../query-connection.ts'
import type { Db } from '../schema.ts'
import type { LockKeys } from './locks.ts'

/*
 * The full-text index of PostgreSQL: a tsvector for each message, built from our terms with their places. No dictionary
 * and no stemming, so a search finds what it finds with SQLite. A scope has a mark that no term of a text can have.
 *
 * A tsvector has limits of its own: beyond 16,383 terms, and beyond 256 places of one term, a text is found by its words
 * but not by its phrases.
 */

const scopeMark = '#'
/** Separates parts of a document, so that no phrase spans them. */
const gap = '-'
const maxPosition = 16_383

const termsKeyOf = (db: Db): bigint => (queryConnectionOf(db) as unknown as { keys: LockKeys }).keys.terms

function all<R>(db: Db, sql: string, values: readonly unknown[]): Promise<R[]> {
  return Promise.resolve(queryConnectionOf(db).all<R>(sql, values))
}

/**
 * Shares a lock with other operations that add terms. In the order of the terms: two operations wait, none forever. Needs no
 * response before the next statement leaves.
 */
async function addDocument(db: Db, document: IndexDocument, terms: readonly string[]): Promise<boolean> {
  await all(
    db,
    `with locked as materialized (select pg_advisory_xact_lock_shared(${termsKeyOf(db)})),
      added as (
        insert into search_doc (n, doc) select $1, $2::tsvector from locked on conflict do nothing returning n
      )
      insert into search_term (term)
      select term from added, unnest($3::text[]) as term order by term collate "C"
      on conflict do nothing`,
    [document.n, toVector(document), terms],
  )
  return true
}

async function removeDocument(db: Db, { n }: IndexDocument): Promise<boolean> {
  return (await all(db, 'delete from search_doc where n = $1 returning n', [n])).length > 0
}

/** Alone: an operation that adds a document with one of these terms must not take it for listed. */
async function removeUnusedTerms(db: Db, words: readonly string[]): Promise<string[]> {
  await all(db, `select pg_advisory_xact_lock(${termsKeyOf(db)})`, [])
  const removed = await all<{ term: string }>(
    db,
    `delete from search_term where term in (
      select word from jsonb_array_elements_text($1::jsonb) as wanted (word)
      where not exists (select 1 from search_doc where doc @@ quote_literal(word)::tsquery)
    ) returning term`,
    [JSON.stringify(words)],
  )
  return removed.map(({ term }) => term)
}

async function clearIndex(db: Db): Promise<void> {
  await all(db, `select pg_advisory_xact_lock(${termsKeyOf(db)})`, [])
  await all(db, 'delete from search_doc', [])
  await all(db, 'delete from search_term', [])
}

async function resetIndex(db: Db, { version }: { version: string }): Promise<void> {
  await clearIndex(db)
  await all(
    db,
    `update search_state set version = $1, below = newest + 1, through = newest
      from (select coalesce(max(n), 0) as newest from message) as last`,
    [version],
  )
}

/** Without it the planner takes the index for empty, and reads the document of each message instead. */
async function analyzeIndex(db: Db): Promise<void> {
  await all(db, 'analyze search_doc, search_term', [])
}

export const fullText: FullText = {
  addDocument,
  removeDocument,
  removeUnusedTerms,
  clearIndex,
  resetIndex,
  // the server merges what is pending by itself
  mergeIndex: () => undefined,
  analyzeIndex,
}

function toVector({ body, scope }: IndexDocument): string {
  const places = new Map<string, number[]>()
  let position = 0
  for (const word of body === '' ? [] : body.split(' ')) {
    position += 1
    if (word === gap) continue
    const known = places.get(word)
    if (known) known.push(position)
    else places.set(word, [position])
  }
  const words = [...places].map(([word, at]) => {
    const within = at.filter((one) => one <= maxPosition)
    return quoteTerm(word) + (within.length > 0 ? `:${within.join(',')}` : '')
  })
  return [...words, ...scope.split(' ').map((one) => quoteTerm(scopeMark + one))].join(' ')
}

/** Quotes a term for a tsvector or a tsquery: a quoted text has no syntax. */
export function quoteTerm(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

export const quoteScope = (scope: string): string => quoteTerm(scopeMark + scope)
