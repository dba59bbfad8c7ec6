import type { Selectable } from 'kysely'
import type { User, UserStatus } from '../../shared/contract/users.ts'
import type { UserTable } from '../db/schema.ts'

/** Every query that returns users selects these columns, so a new field of `User` needs a line here and one in `toUser`. */
export const userColumns = [
  'user.id',
  'user.username',
  'user.displayName',
  'user.role',
  'user.bio',
  'user.avatar',
  'user.statusText',
  'user.statusEmoji',
  'user.statusUntil',
  'user.createdAt',
  'user.joinedNo',
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
    joined: row.joinedNo,
  }
  if (row.bio !== null) user.bio = row.bio
  if (row.avatar !== null) user.avatar = row.avatar
  if (row.deactivatedAt !== null) user.deactivated = true
  else if (row.statusText !== null || row.statusEmoji !== null) user.status = toStatus(row)
  if (row.kind === 'bot') user.bot = true
  return user
}

/** An ended status is sent as stored: clients compare `until` with their own clock. */
function toStatus({ statusText, statusEmoji, statusUntil }: UserRow): UserStatus {
  const status: UserStatus = {}
  if (statusText !== null) status.text = statusText
  if (statusEmoji !== null) status.emoji = statusEmoji
  if (statusUntil !== null) status.until = statusUntil
  return status
}
