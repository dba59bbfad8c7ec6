import type { Db } from './schema.ts'

/*
 * The full-text index of messages. `sqlite/` and `postgres/` implement it; nouns call the
 * functions of full-text.ts.
 *
 * A document has two texts of terms. `body` is the content of the message. `scope` holds the terms that narrow a
 * search: its chat, its author, whether it has a link. So a search in a quiet chat does not scan the messages of
 * all others.
 */

export interface IndexDocument {
  n: number
  body: string
  scope: string
}

export interface FullText {
  addDocument(db: Db, document: IndexDocument, terms: readonly string[]): boolean | Promise<boolean>
  removeDocument(db: Db, document: IndexDocument): boolean | Promise<boolean>
  removeUnusedTerms(db: Db, words: readonly string[]): string[] | Promise<string[]>
  clearIndex(db: Db): void | Promise<void>
  resetIndex(db: Db, state: { version: string }): void | Promise<void>
  mergeIndex(db: Db, pages: number): void | Promise<void>
  analyzeIndex(db: Db): void | Promise<void>
}
