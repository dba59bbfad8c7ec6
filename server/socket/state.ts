import type { FromHub } from '../../shared/contract/live.ts'
import { listSummaries } from '../chats/summaries.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { parseSettings } from '../users/settings.ts'

export type StateMessage = Omit<Extract<FromHub, { t: 'state' }>, 'presence'>

/** Deactivated users count too. */
export async function readHello(db: Db): Promise<{ epoch: string; userCount: number }> {
  const [row] = await hubRow(db, {})
  if (!row) throw new Error('a hub without its row')
  const [last] = await lastJoined(db, {})
  return { epoch: row.epoch, userCount: (last?.joinedNo ?? 0) + 1 }
}

/** Reads everything that a client needs to continue, except presence, from one snapshot (see SqliteConnection). */
export async function readState(db: Db, userId: string): Promise<StateMessage> {
  const [me] = await userRow(db, { userId })
  const [row] = await hubRow(db, {})
  if (!me || !row) throw new Error('a session without a user')
  const settings = parseSettings(me.settings)
  return {
    t: 'state',
    epoch: row.epoch,
    me: { ...toUser(me), settings },
    chats: await listSummaries(db, userId),
    heads: { [`user:${userId}`]: me.head, hub: row.head },
  }
}

/** Reads the head of every stream that the user may read. */
export async function readHeads(db: Db, userId: string): Promise<Record<string, number>> {
  const [me] = await userRow(db, { userId })
  const [hub] = await hubRow(db, {})
  const chats = await chatHeads(db, { userId })
  const heads: Record<string, number> = { [`user:${userId}`]: me?.head ?? 0, hub: hub?.head ?? 0 }
  for (const { id, head } of chats) heads[`chat:${id}`] = head
  return heads
}

const userRow = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('user')
    .where('id', '=', p.userId)
    .select([...userColumns, 'user.settings', 'user.head']),
)
const hubRow = prepared((db, _: object) => db.selectFrom('hub').select(['epoch', 'head']))
const lastJoined = prepared((db, _: object) =>
  db.selectFrom('user').select('joinedNo').orderBy('joinedNo', 'desc').limit(1),
)
const chatHeads = prepared((db, p: { userId: string }) =>
  db
    .selectFrom('membership')
    .innerJoin('chat', 'chat.id', 'membership.chatId')
    .where('membership.userId', '=', p.userId)
    .where('chat.deletedAt', 'is', null)
    .select(['chat.id', 'chat.head']),
)
