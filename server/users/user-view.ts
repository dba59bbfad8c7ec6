import type { Selectable } from 'kysely'
import type { User } from '../../shared/contract/users.ts'
import type { UserTable } from '../db/schema.ts'

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

export type UserRow = Pick<
  Selectable<UserTable>,
  'id' | 'username' | 'displayName' | 'role' | 'bio' | 'avatar' | 'createdAt' | 'deactivatedAt'
> & { kind?: 'user' | 'bot' }

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
