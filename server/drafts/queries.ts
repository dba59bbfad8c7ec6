import { sql } from 'kysely'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'

interface DraftKey {
  userId: string
  chatId: string
  thread: string
}

export const findDraft = prepared((db, p: DraftKey) =>
  db
    .selectFrom('draft')
    .where('userId', '=', p.userId)
    .where('chatId', '=', p.chatId)
    .where('thread', '=', p.thread)
    .select(['chatId', 'thread', 'text', 'version', 'at']),
)

export const upsertDraft = prepared((db, p: DraftKey & { text: string; version: string; at: number }) =>
  db
    .insertInto('draft')
    .values({
      ...{ userId: p.userId, chatId: p.chatId, thread: p.thread },
      ...{ text: p.text, version: p.version, at: p.at },
    })
    .onConflict((conflict) =>
      conflict.columns(['userId', 'chatId', 'thread']).doUpdateSet((eb) => ({
        text: eb.ref('excluded.text'),
        version: eb.ref('excluded.version'),
        at: eb.ref('excluded.at'),
      })),
    ),
)

export const countDrafts = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('draft')
    .where('userId', '=', p.userId)
    .select((eb) => [
      eb.fn.countAll<number>().as('total'),
      eb.fn.countAll<number>().filterWhere('text', '<>', sql.lit('')).as('texts'),
    ]),
)

/** The drafts of chats that are there: a deleted group may come back, and then so does its draft. */
export const listDrafts = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('draft')
    .innerJoin('chat', 'chat.id', 'draft.chatId')
    .where('draft.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
    .select(['draft.chatId', 'draft.thread', 'draft.text', 'draft.version', 'draft.at'])
    .orderBy('draft.at'),
)

export const deleteDraftsOf = prepared((db, p: { userId: string }) =>
  db.deleteFrom('draft').where('userId', '=', p.userId),
)

/** The drafts of a thread, once its first message is deleted and has no replies. */
export const deleteThreadDrafts = prepared((db, p: { thread: string }) =>
  db
    .deleteFrom('draft')
    .where('thread', '=', p.thread)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('message')
          .where('id', '=', p.thread)
          .where('deletedAt', 'is not', null)
          .where('threadLastNo', '=', 0)
          .select('id'),
      ),
    ),
)

/** Finds the messages that these versions of a draft became. */
export const findSentFrom = prepared((db, p: DraftKey & { versions: string }) =>
  db
    .selectFrom('sentDraft')
    .innerJoin('message', 'message.id', 'sentDraft.messageId')
    .where('sentDraft.userId', '=', p.userId)
    .where('sentDraft.chatId', '=', p.chatId)
    .where('sentDraft.thread', '=', p.thread)
    .where((eb) => inJsonArray(eb.ref('sentDraft.version'), p.versions))
    .select(['message.id', 'message.digest']),
)

/** A version that became two messages, of different texts, belongs to the first. */
export const insertSentDraft = prepared(
  (db, p: DraftKey & { version: string; messageId: string; at: number }) =>
    db
      .insertInto('sentDraft')
      .values({
        ...{ userId: p.userId, chatId: p.chatId, thread: p.thread },
        ...{ version: p.version, messageId: p.messageId, at: p.at },
      })
      .onConflict((conflict) => conflict.doNothing()),
)

export const deleteOldSentDrafts = prepared((db, p: { before: number }) =>
  db.deleteFrom('sentDraft').where('at', '<', p.before),
)

export const deleteClearedDrafts = prepared((db, p: { before: number }) =>
  db.deleteFrom('draft').where('text', '=', sql.lit('')).where('at', '<', p.before),
)
