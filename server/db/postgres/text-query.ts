import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../schema.ts'
import type { PhraseTerm, SearchExpression } from '../search-expression.ts'
import { quoteScope, quoteTerm } from './full-text.ts'

/* The SQL of a search in the index of PostgreSQL: see full-text.ts. */

/** Writes the condition of a search in the syntax of PostgreSQL. */
export function toTsquery({ scopes, phrases, without }: SearchExpression): string {
  const excluded = without && [...without.scopes.map(quoteScope), ...without.phrases.map(quotePhrase)]
  return [
    ...[...scopes.map((any) => any.map(quoteScope)), ...phrases.map((any) => any.map(quotePhrase))].map(
      (any) => `(${any.join(' | ')})`,
    ),
    ...(excluded ? [`!(${excluded.join(' | ')})`] : []),
  ].join(' & ')
}

function quotePhrase({ words, isOpen }: PhraseTerm): string {
  return `(${words.map(quoteTerm).join(' <-> ')}${isOpen ? ':*' : ''})`
}

/** True if the document of a message matches. @param n the column with the number of its row */
export function matchesQuery(n: string, query: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from search_doc d where d.n = ${sql.ref(n)} and d.doc @@ ${query}::tsquery)`
}

/** Each statement that follows in this transaction fails after this time: see isTimeout. */
export async function limitStatementTime(db: Db, ms: number): Promise<void> {
  await sql`set local statement_timeout = ${sql.lit(ms)}`.execute(db)
}
