import type { User } from '../../shared/contract/users.ts'
import type { Db } from '../db/schema.ts'
import type { Operation } from '../operation.ts'
import { toUser, userColumns } from './user-view.ts'

/** @throws Error if the user does not exist */
export async function getUser(db: Db, userId: string): Promise<User> {
  const row = await db
    .selectFrom('user')
    .where('id', '=', userId)
    .select(userColumns)
    .executeTakeFirstOrThrow()
  return toUser(row)
}

/**
 * Publishes the stored profile to every user. Call it after the change of the row. Returns the user.
 * @param by undefined if the hub itself made the change
 */
export async function publishUserUpdated(op: Operation, userId: string, by?: string): Promise<User> {
  const user = await getUser(op.db, userId)
  await op.append('hub', { type: 'user.updated', by, target: userId, content: { user } })
  return user
}

/** The number of the next account in the order of joining. */
export async function nextJoinedNo(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('user')
    .select((eb) => eb.fn.max('joinedNo').as('last'))
    .executeTakeFirstOrThrow()
  return ((last as number | null) ?? -1) + 1
}
