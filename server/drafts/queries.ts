import { sql } from 'kysely'
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
    .where('text', '<>', sql.lit(''))
    .select((eb) => eb.fn.countAll<number>().as('count')),
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

export const deleteClearedDrafts = prepared((db, p: { before: number }) =>
  db.deleteFrom('draft').where('text', '=', sql.lit('')).where('at', '<', p.before),
)
