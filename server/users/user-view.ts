import type { Selectable } from 'kysely'
import type { User } from '../../shared/contract/users.ts'
import type { UserTable } from '../db/schema.ts'

/** Every query that returns users selects these columns, so a new field of `User` needs a line here and one in `toUser`. */
export const userColumns = [
  'user.id',
  'user.username',
  'user.displayName',
  'user.role',
  'user.bio',
  'user.avatar',
  'user.createdAt',
  'user.deactivatedAt',
  'user.kind',
] as const

type ColumnName<Column> = Column extends `user.${infer Name extends keyof UserTable}` ? Name : never

export type UserRow = Pick<Selectable<UserTable>, ColumnName<(typeof userColumns)[number]>>

/** The public fields of a user, listed by name, so that no new column is exposed by accident. */
export function toUser(row: UserRow): User {
  const user: User = {
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    role: row.role,
    createdAt: row.createdAt,
  }
  if (row.bio !== null) user.bio = row.bio
  if (row.avatar !== null) user.avatar = row.avatar
  if (row.deactivatedAt !== null) user.deactivated = true
  if (row.kind === 'bot') user.bot = true
  return user
}
