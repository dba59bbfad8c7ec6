import { prepared } from '../db/prepared.ts'
import { addDocument, removeUnusedTerms, removeDocument } from '../db/full-text.ts'
import type { IndexDocument } from '../db/index-document.ts'
import type { Db } from '../db/schema.ts'
import type { Transaction } from '../db/store.ts'
import { isSingleCharTerm, tokenize, tokenizeFormatted } from './tokenize.ts'

/*
 * The content of messages in the search index. An operation that edits or deletes a message calls `removeMessage`
 * before the change, and `addMessage` after an edit, in its own transaction. So the index never has content that no
 * longer exists. The index queue (index-queue.ts) adds new messages. The work is done once per batch, just before
 * its commit, since FTS5 writes its terms out at each savepoint.
 *
 * The list of terms next to the index lets a search find a term by a part of it. A term is deleted with the last
 * message that has it: deleted content is nowhere.
 */

/** The content of a message for the index. */
export interface IndexedMessage {
  n: number
  chatId: string
  authorId: string
  text: string
  files?: readonly { name: string; type: string }[]
}

/** Of the messages that one step of a job adds or removes: a new word costs some 10 µs, a removed one 40 µs. */
const charactersPerStep = 16 * 1024
const maxKnownTerms = 100_000
const minListedLength = 3

export class MessageIndex {
  /** Terms that are known to be in the list, so that most messages need no lookup. */
  readonly #knownTerms = new Set<string>()
  /**
   * Set when the index turned out to be damaged, until it is cleared and built again (repair.ts). Nothing reads or
   * writes it meanwhile; messages do not need it.
   */
  isDamaged = false
  readonly #remembersTerms: boolean

  /** @param options.remembersTerms false if another operation may remove a term while one adds it */
  constructor({ remembersTerms = true } = {}) {
    this.#remembersTerms = remembersTerms
  }

  /** Adds a message to the index; a message that is in the index already stays as it is. */
  addMessage(tx: Transaction, message: IndexedMessage): void {
    if (this.isDamaged) return
    let fresh: string[] = []
    tx.updateDerived(async (db) => {
      const words = bodyTerms(message)
      fresh = [...new Set(words)].filter((word) => !this.#knownTerms.has(word) && isListedTerm(word))
      const isAdded = await addDocument(db, toDocument(message, words), fresh)
      if (!isAdded) fresh = []
    }, message.text.length)
    if (this.#remembersTerms)
      tx.after(() => {
        if (this.#knownTerms.size > maxKnownTerms) this.#knownTerms.clear()
        for (const word of fresh) this.#knownTerms.add(word)
      })
  }

  /** Removes a message with its content so far: call it before its row is changed or deleted. */
  removeMessage(tx: Transaction, message: IndexedMessage): void {
    if (this.isDamaged) return
    let dropped: string[] = []
    tx.updateDerived(async (db) => {
      if (!(await removeDocument(db, toDocument(message)))) return
      dropped = await removeUnusedTerms(db, [...new Set(bodyTerms(message))].filter(isListedTerm))
      // now, for later operations of this batch, and once more after the commit, for what earlier ones noted
      for (const word of dropped) this.#knownTerms.delete(word)
    }, message.text.length)
    tx.after(() => {
      for (const word of dropped) this.#knownTerms.delete(word)
    })
  }

  clearKnownTerms(): void {
    this.#knownTerms.clear()
  }
}

/**
 * Returns the first of these messages, as many as one step of a job may add to the index or remove from it: every
 * request waits while the step runs. At least one.
 */
export function takeStep<M extends { text: string }>(messages: readonly M[]): M[] {
  let characters = 0
  const end = messages.findIndex(({ text }) => (characters += text.length) > charactersPerStep)
  return end === -1 ? [...messages] : messages.slice(0, Math.max(1, end))
}

/** Returns the indexed content of a message; undefined if it was deleted. */
export async function findIndexedMessage(db: Db, messageId: string): Promise<IndexedMessage | undefined> {
  const [row] = await indexedById(db, { messageId })
  return row && { ...row, files: await findFileNames(db, { messageId }) }
}

const indexedById = prepared((db, p: { messageId: string }) =>
  db
    .selectFrom('message')
    .where('id', '=', p.messageId)
    .where('deletedAt', 'is', null)
    .select(['n', 'chatId', 'authorId', 'text']),
)

/** Names and types of the files of a message, in their order. */
export const findFileNames = prepared((db, p: { messageId: string }) =>
  db.selectFrom('file').where('messageId', '=', p.messageId).select(['name', 'type']).orderBy('position'),
)

function toDocument(message: IndexedMessage, words = bodyTerms(message)): IndexDocument {
  const { n, chatId, authorId, text, files = [] } = message
  const scope = [chatScope(chatId), authorScope(authorId)]
  if (hasLink(text)) scope.push(linkScope)
  if (files.length > 0) scope.push('hfile')
  if (files.some(({ type }) => type.startsWith('image/'))) scope.push('himage')
  return { n, body: words.join(' '), scope: scope.join(' ') }
}

/**
 * A message is found by its words as shown and by the names of its files too. The dash is not a term, so no phrase spans
 * it.
 */
function bodyTerms({ text, files = [] }: IndexedMessage): string[] {
  const formatted = tokenizeFormatted(text).flatMap(({ word }) => ['-', word])
  return [...tokenize(text), ...formatted, ...files.flatMap(({ name }) => ['-', ...tokenize(name)])]
}

export const linkScope = 'hlink'
export const chatScope = (chatId: string): string => `c${chatId}`
export const authorScope = (userId: string): string => `a${userId}`

const linkPattern = /\bhttps?:\/\/[^\s/]/iu
function hasLink(text: string): boolean {
  return text.includes('://') && linkPattern.test(text)
}

/** Short terms are only searched as a whole. */
export function isListedTerm(word: string): boolean {
  return word.length >= minListedLength && !isSingleCharTerm(word)
}
