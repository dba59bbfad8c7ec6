import { prepared } from '../db/prepared.ts'
import { addDocument, addWord, type Document, dropWord, removeDocument } from '../db/full-text.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import { isSingle, wordsOf } from './words.ts'

/*
 * What messages say, in the index. Whoever changes or deletes a message says `withdraw` before and `put` after (or nothing),
 * in the transaction that does it: the index never has what is no longer said. New messages are put by the intake (intake.ts).
 * The work is done once for a whole batch, just before its commit, since FTS5 writes its terms out at each savepoint.
 *
 * Beside the index stands the list of its words, so that a word can be found by a part of it. A word goes with the last
 * message that has it: what was deleted is nowhere.
 */

/** What the index is told of a message. */
export interface Indexed {
  n: number
  chatId: string
  authorId: string
  text: string
  files?: readonly { name: string; type: string }[]
}

const remembered = 100_000
const shortestWord = 3

export class MessageIndex {
  /** Words that are in the list for sure, so that most messages need not look. */
  readonly #known = new Set<string>()

  /** A message as it is from now on; one that is in the index already stays as it is. */
  put(tx: Tx, message: Indexed): void {
    const fresh: string[] = []
    tx.beforeCommit((db) => {
      const words = addDocument(db, documentOf(message)) ? bodyOf(message) : []
      for (const word of words) {
        if (this.#known.has(word) || !isListed(word)) continue
        addWord(db, word)
        fresh.push(word)
      }
    })
    tx.after(() => {
      if (this.#known.size > remembered) this.#known.clear()
      for (const word of fresh) this.#known.add(word)
    })
  }

  /** A message as it was until now: before its row is changed or goes. */
  withdraw(tx: Tx, message: Indexed): void {
    const dropped: string[] = []
    tx.beforeCommit((db) => {
      if (!removeDocument(db, documentOf(message))) return
      for (const word of new Set(bodyOf(message))) {
        if (!isListed(word) || !dropWord(db, word)) continue
        // at once for what follows in this batch, and after it for what came before
        this.#known.delete(word)
        dropped.push(word)
      }
    })
    tx.after(() => {
      for (const word of dropped) this.#known.delete(word)
    })
  }

  forget(): void {
    this.#known.clear()
  }
}

/** What the index is to be told of a message that is there; nothing when it was deleted. */
export async function findIndexed(db: Db, messageId: string): Promise<Indexed | undefined> {
  const [row] = await indexedById(db, { messageId })
  return row && { ...row, files: await filesOf(db, { messageId }) }
}

const indexedById = prepared((db, p: { messageId: string }) =>
  db
    .selectFrom('message')
    .where('id', '=', p.messageId)
    .where('deletedAt', 'is', null)
    .select(['n', 'chatId', 'authorId', 'text']),
)

/** Names and types of the files of a message, in their order. */
export const filesOf = prepared((db, p: { messageId: string }) =>
  db.selectFrom('file').where('messageId', '=', p.messageId).select(['name', 'type']).orderBy('place'),
)

function documentOf(message: Indexed): Document {
  const { n, chatId, authorId, text, files = [] } = message
  const scope = [chatScope(chatId), authorScope(authorId)]
  if (hasLink(text)) scope.push(linkScope)
  if (files.length > 0) scope.push('hfile')
  if (files.some(({ type }) => type.startsWith('image/'))) scope.push('himage')
  return { n, body: bodyOf(message).join(' '), scope: scope.join(' ') }
}

/** A message is found by the names of its files too. The dash is no word that is looked for: no phrase goes across it. */
function bodyOf({ text, files = [] }: Indexed): string[] {
  return [...wordsOf(text), ...files.flatMap(({ name }) => ['-', ...wordsOf(name)])]
}

export const linkScope = 'hlink'
export const chatScope = (chatId: string): string => `c${chatId}`
export const authorScope = (userId: string): string => `a${userId}`

const link = /\bhttps?:\/\/[^\s/]/iu
function hasLink(text: string): boolean {
  return text.includes('://') && link.test(text)
}

/** Short ones are only ever looked for whole. */
export function isListed(word: string): boolean {
  return word.length >= shortestWord && !isSingle(word)
}
