import { randomBytes } from 'node:crypto'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkLine, checkUsername, foldCase, normalizeLine } from '../../shared/text/names.ts'
import { isNameTaken, nameTaken } from '../accounts/create-account.ts'
import type { Db } from '../db/schema.ts'
import { newId, sha256 } from '../ids.ts'
import { endUserTokens } from '../tokens/tokens.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { getUser, nextJoinedNo, publishUserUpdated } from '../users/users.ts'
import type { Operation } from '../operation.ts'

/*
 * A bot is a row of the user table, so that it can be added, written to, mentioned and shown like any user. It
 * cannot log in: it has neither password nor recovery, and no session is opened for it
 * (server/sessions/sessions.ts).
 */

/** @throws invalid, too_large, or conflict when the name is taken */
export async function insertBot(
  op: Operation,
  bot: {
    username: string
    displayName?: string | undefined
    by: string
    /** Only the members of its group learn of it, by the entry that adds it there. */
    isPrivate?: boolean
  },
): Promise<User> {
  throwIfInvalid('username', checkUsername(bot.username))
  const username = bot.username.normalize('NFC')
  const displayName = normalizeLine(bot.displayName ?? username)
  throwIfInvalid('displayName', checkLine(displayName, 'The display name', limits.displayName))
  if (await isNameTaken(op.db, username)) throw nameTaken()
  const id = newId()
  await op.db
    .insertInto('user')
    .values({
      id,
      username,
      usernameKey: foldCase(username),
      displayName,
      displayKey: foldCase(displayName),
      role: 'member',
      kind: 'bot',
      // no password and no recovery key has this hash
      password: randomBytes(96),
      recoveryKey: sha256(randomBytes(32)),
      question: null,
      answer: null,
      bio: null,
      createdAt: op.now,
      joinedNo: await nextJoinedNo(op.db),
      lastSeenAt: null,
      deactivatedAt: null,
      pendingSince: null,
      inviteId: null,
    })
    .execute()
  const user = await getUser(op.db, id)
  if (!bot.isPrivate)
    await op.append('hub', { type: 'user.added', by: bot.by, target: id, content: { user } })
  return user
}

function throwIfInvalid(field: string, problem: ReturnType<typeof checkUsername>): void {
  if (problem) throw new HubError(problem.code, problem.message, { field })
}

/** Lists the active bots that admins created. Bots of webhooks belong to their groups. */
export async function listBots(db: Db): Promise<User[]> {
  const rows = await activeBots(db).orderBy('usernameKey').execute()
  return rows.map(toUser)
}

function activeBots(db: Db) {
  return db
    .selectFrom('user')
    .leftJoin('webhook', 'webhook.userId', 'user.id')
    .where('user.kind', '=', 'bot')
    .where('user.deactivatedAt', 'is', null)
    .where('webhook.id', 'is', null)
    .select(userColumns)
}

/** @throws not_found if the user is not a bot, is deactivated, or belongs to a webhook */
export async function requireBot(db: Db, userId: string): Promise<void> {
  const row = await activeBots(db).where('user.id', '=', userId).executeTakeFirst()
  if (!row) throw notFound('This bot')
}

/** Revokes its tokens. Its name stays on its messages. */
export async function deactivateBot(
  op: Operation,
  userId: string,
  by: string,
  { isPrivate = false } = {},
): Promise<void> {
  await op.db.updateTable('user').set({ deactivatedAt: op.now }).where('id', '=', userId).execute()
  await endUserTokens(op, userId)
  if (!isPrivate) await publishUserUpdated(op, userId, by)
}
