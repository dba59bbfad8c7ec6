import type { FullText } from './index-document.ts'
import { queryConnectionOf } from './query-connection.ts'

/* The full-text index of a handle's database: see index-document.ts. */

/**
 * Adds a document, unless it is there already, and those of its terms that are not in the list. Called before COMMIT, see
 * Transaction.updateDerived. Returns false if it is known to have been there.
 */
export const addDocument: FullText['addDocument'] = (db, document, terms) =>
  queryConnectionOf(db).fullText.addDocument(db, document, terms)

/**
 * Removes a document, which must be equal to the one that was added: the index would become wrong otherwise. Does
 * nothing if it is not there.
 */
export const removeDocument: FullText['removeDocument'] = (db, document) =>
  queryConnectionOf(db).fullText.removeDocument(db, document)

/** Removes those of the terms that no document contains any more, and returns them. */
export const removeUnusedTerms: FullText['removeUnusedTerms'] = (db, words) =>
  queryConnectionOf(db).fullText.removeUnusedTerms(db, words)

export const clearIndex: FullText['clearIndex'] = (db) => queryConnectionOf(db).fullText.clearIndex(db)

/** Drops a damaged index with its list of terms, and creates it empty: its state says that all is to be built. */
export const resetIndex: FullText['resetIndex'] = (db, state) =>
  queryConnectionOf(db).fullText.resetIndex(db, state)

/** Does a bounded part of the merging that keeps the index small and fast to read; does nothing if none is due. */
export const mergeIndex: FullText['mergeIndex'] = (db, pages) =>
  queryConnectionOf(db).fullText.mergeIndex(db, pages)

/** Tells the planner of queries about an index that was filled at once. */
export const analyzeIndex: FullText['analyzeIndex'] = (db) => queryConnectionOf(db).fullText.analyzeIndex(db)
