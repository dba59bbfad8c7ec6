import { sql } from 'kysely'
import type { ActivityItem, ActivityKind } from '../../shared/contract/activity.ts'
import type { Input } from '../../shared/contract.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { notHidden } from '../access/hidden.ts'
import type { HubContext } from '../context.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { messageRows, toMessage } from '../messages/message-view.ts'
import { type Operation, type UserOperation, runOperation } from '../operation.ts'

/*
 * What concerns a user in all chats. A row says that a message or a reaction did; its text is read from the message. Rows
 * are written by the operation that sends, edits or deletes. Whether one is unread is derived: from the read numbers of its
 * chat or thread, or from what activity.read has marked.
 */

/** Rows of one insert: SQLite binds a limited number of values. */
const rowsPerInsert = 500

export interface ActiveMessage {
  id: string
  chatId: string
  authorId: string
}

/** Stores whom a message concerns, and why. An edit keeps what is there, so that it does not become unread again. */
export async function setMessageActivity(
  op: Operation,
  message: ActiveMessage,
  concerned: ReadonlyMap<string, Exclude<ActivityKind, 'reaction'>>,
  onlyUserId?: string,
): Promise<void> {
  const known = await op.db
    .selectFrom('activity')
    .where('messageId', '=', message.id)
    .where('kind', '!=', 'reaction')
    .select(['n', 'userId'])
    .execute()
  const mine = known.filter(({ userId }) => onlyUserId === undefined || userId === onlyUserId)
  const gone = mine.filter(({ userId }) => !concerned.has(userId)).map(({ n }) => n)
  if (gone.length > 0) await op.db.deleteFrom('activity').where('n', 'in', gone).execute()
  const there = new Set(known.map(({ userId }) => userId))
  const added = [...concerned].filter(
    ([userId]) => !there.has(userId) && (onlyUserId === undefined || userId === onlyUserId),
  )
  await insertActivity(
    op,
    added.map(([userId, kind]) => ({ userId, kind, ...rowOf(message, message.authorId, op.now) })),
  )
}

/** Nobody hears of their own reaction, nor of one to a message in a chat they have left. */
export async function addReactionActivity(
  op: Operation,
  message: ActiveMessage,
  reaction: { by: string; emoji: string },
): Promise<void> {
  if (message.authorId === reaction.by) return
  const member = await op.db
    .selectFrom('membership')
    .where('chatId', '=', message.chatId)
    .where('userId', '=', message.authorId)
    .select('userId')
    .executeTakeFirst()
  if (!member) return
  const row = { ...rowOf(message, reaction.by, op.now), emoji: reaction.emoji }
  await insertActivity(op, [{ userId: message.authorId, kind: 'reaction', ...row }])
}

export async function removeReactionActivity(
  op: Operation,
  messageId: string,
  { by, emoji }: { by: string; emoji: string },
): Promise<void> {
  await op.db
    .deleteFrom('activity')
    .where('messageId', '=', messageId)
    .where('byId', '=', by)
    .where('emoji', '=', emoji)
    .execute()
}

/** The message was deleted, for all or for one user. */
export async function removeMessageActivity(
  op: Operation,
  messageId: string,
  userId?: string,
): Promise<void> {
  let gone = op.db.deleteFrom('activity').where('messageId', '=', messageId)
  if (userId !== undefined) gone = gone.where('userId', '=', userId)
  await gone.execute()
}

interface NewActivity {
  userId: string
  kind: ActivityKind
  chatId: string
  messageId: string
  byId: string
  emoji: string
  at: number
}

function rowOf(
  { id, chatId }: ActiveMessage,
  byId: string,
  at: number,
): Omit<NewActivity, 'userId' | 'kind'> {
  return { chatId, messageId: id, byId, emoji: '', at }
}

async function insertActivity(op: Operation, rows: readonly NewActivity[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerInsert)
    await op.db
      .insertInto('activity')
      .values(rows.slice(at, at + rowsPerInsert))
      .execute()
  for (const { userId } of rows) op.tell({ f: 'tell', user: userId, message: { t: 'activity' } })
}

/** True for a row that neither its user nor their reading has marked. */
const isUnread = sql<boolean>`(a.read_at is null and case
  when a.kind = 'reaction' then true
  when message.thread = '' then message.no > coalesce(m.unread_from - 1, m.read_no)
  else message.no > coalesce(f.read_no, 0) end)`

/** Items of chats that the user is in, of messages that are there for them. */
function visibleActivity<T extends ReturnType<typeof messageRows>>(query: T, userId: string) {
  return query
    .innerJoin('activity as a', 'a.messageId', 'message.id')
    .innerJoin('membership as m', (join) =>
      join.onRef('m.chatId', '=', 'message.chatId').on('m.userId', '=', userId),
    )
    .innerJoin('chat as c', 'c.id', 'message.chatId')
    .leftJoin('threadFollower as f', (join) =>
      join.onRef('f.thread', '=', 'message.thread').on('f.userId', '=', userId),
    )
    .where('a.userId', '=', userId)
    .where('c.deletedAt', 'is', null)
    .where('message.deletedAt', 'is', null)
    .where(notHidden(userId))
}

export async function listActivity(db: Db, userId: string, input: Input<'activity.list'>) {
  const limit = Math.min(input.limit ?? 50, limits.page.activity)
  let query = visibleActivity(messageRows(db), userId).leftJoin(
    'message as root',
    'root.id',
    'message.thread',
  )
  if (input.kind !== undefined) query = query.where('a.kind', '=', input.kind)
  if (input.before !== undefined) query = query.where('a.n', '<', input.before)
  const rows = await query
    .select(['a.n', 'a.kind', 'a.byId', 'a.emoji', 'a.at as activityAt', 'root.no as threadNo'])
    .select(sql<number>`case when ${isUnread} then 1 else 0 end`.as('isUnread'))
    .orderBy('a.n', 'desc')
    .limit(limit + 1)
    .execute()
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.flatMap((row): ActivityItem[] => {
      const message = toMessage(row)
      if (message.deleted === true) return []
      return [
        {
          ...{ id: row.n, kind: row.kind, message, by: row.byId, at: row.activityAt },
          unread: row.isUnread === 1,
          ...(row.threadNo === null ? {} : { threadNo: row.threadNo }),
          ...(row.emoji === '' ? {} : { emoji: row.emoji }),
        },
      ]
    }),
    ...(rows.length > limit && last ? { next: last.n } : {}),
    unread: await countUnread(db, userId),
  }
}

async function countUnread(db: Db, userId: string): Promise<number> {
  const [row] = await unreadCount(db, { userId })
  return row?.count ?? 0
}

const unreadCount = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('activity as a')
    .innerJoin('message', 'message.id', 'a.messageId')
    .innerJoin('membership as m', (join) =>
      join.onRef('m.chatId', '=', 'message.chatId').on('m.userId', '=', p.userId),
    )
    .innerJoin('chat as c', 'c.id', 'message.chatId')
    .leftJoin('threadFollower as f', (join) =>
      join.onRef('f.thread', '=', 'message.thread').on('f.userId', '=', p.userId),
    )
    .where('a.userId', '=', p.userId)
    .where('a.readAt', 'is', null)
    .where('c.deletedAt', 'is', null)
    .where('message.deletedAt', 'is', null)
    .where(notHidden(p.userId))
    .where(isUnread)
    .select((eb) => eb.fn.countAll<number>().as('count')),
)

/** The user's other windows fetch the items again. */
export async function markActivityRead(op: UserOperation, { ids, upTo }: Input<'activity.read'>) {
  const { userId } = op.viewer
  if ((ids === undefined) === (upTo === undefined))
    throw new HubError('invalid', 'Give either “ids” or “upTo”.')
  let marked = op.db
    .updateTable('activity')
    .set({ readAt: op.now })
    .where('userId', '=', userId)
    .where('readAt', 'is', null)
  marked = ids === undefined ? marked.where('n', '<=', upTo ?? 0) : marked.where('n', 'in', ids)
  const changed = await marked.returning('n').execute()
  if (changed.length > 0) op.tell({ f: 'tell', user: userId, message: { t: 'activity' } })
  return { unread: await countUnread(op.db, userId) }
}

const activityDays = 90
const rowsPerPurge = 2_000

/** The job `activity.purge`: nobody looks for what was months ago here; search finds it. */
export async function purgeOldActivity(hub: HubContext): Promise<void> {
  if (!hub.time.isTrusted) return
  const before = hub.clock() - activityDays * 24 * 60 * 60_000
  await runOperation(hub, { locks: 'hub' }, async ({ db }) => {
    const old = await db
      .selectFrom('activity')
      .where('at', '<', before)
      .select('n')
      .limit(rowsPerPurge)
      .execute()
    if (old.length === 0) return
    const numbers = old.map(({ n }) => n)
    await db.deleteFrom('activity').where('n', 'in', numbers).execute()
  })
}
