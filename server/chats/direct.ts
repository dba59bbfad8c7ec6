import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Db } from '../db/schema.ts'
import { directLock, unnamedChatKey } from '../locks.ts'
import { newId } from '../ids.ts'
import { requireActiveUser } from './membership.ts'
import { findDirectChatId, insertChat } from './queries.ts'
import type { UserOperation } from '../operation.ts'
import type { FindLocks } from '../define-handlers.ts'
import { getSummary, initializeChat } from './begin-chat.ts'

export async function openDirectChat(op: UserOperation, input: Input<'chats.direct'>) {
  const peer = await findPeer(op.db, input)
  return openUnnamedChat(op, 'direct', [op.viewer.userId, peer])
}

/** Opens the chat without a name of these users and the viewer; the direct chat, if there is only one of them. */
export async function openChatWithUsers(op: UserOperation, { userIds }: Input<'chats.withUsers'>) {
  const me = op.viewer.userId
  const others = [...new Set(userIds)].filter((userId) => userId !== me)
  for (const userId of others) await findPeer(op.db, { userId })
  if (others.length < 2) return openUnnamedChat(op, 'direct', [me, others[0] ?? me])
  return openUnnamedChat(op, 'group', [me, ...others])
}

/** @param userIds the viewer first; twice the same for their notes */
async function openUnnamedChat(op: UserOperation, kind: 'direct' | 'group', userIds: string[]) {
  const directKey = unnamedChatKey(userIds)
  const existing = await findDirectChatId(op.db, directKey)
  if (existing !== undefined) return { chat: await getSummary(op.db, op.viewer, existing) }
  for (const userId of userIds) await requireActiveUser(op.db, userId, op.viewer)
  if (kind === 'group') op.hub.rateLimiter?.consume(op.viewer.userId, 'groups')
  const chatId = newId()
  await insertChat(op.db, {
    id: chatId,
    kind,
    name: null,
    visibility: 'private',
    topic: null,
    directKey,
    createdBy: op.viewer.userId,
    at: op.now,
  })
  const members = [...new Set(userIds)].map((userId) => ({ userId, role: 'member' as const }))
  await initializeChat(op, chatId, op.viewer.userId, members)
  return { chat: await getSummary(op.db, op.viewer, chatId) }
}

/** The pair of users; the other user is found by id or username. */
export const directChatLocks: FindLocks = ({ userId, username }, viewer) => {
  if (!viewer || (userId === undefined) === (username === undefined)) return []
  return async (db) => [directLock([viewer.userId, await findPeer(db, { userId, username })])]
}

async function findPeer(
  db: Db,
  input: { userId?: string | undefined; username?: string | undefined },
): Promise<string> {
  if ((input.userId === undefined) === (input.username === undefined)) {
    throw new HubError('invalid', 'Give either “userId” or “username”.')
  }
  const query = db.selectFrom('user').select('id').where('pendingSince', 'is', null)
  const row = await (
    input.userId !== undefined
      ? query.where('id', '=', input.userId)
      : query.where('usernameKey', '=', foldCase(input.username ?? ''))
  ).executeTakeFirst()
  if (!row) throw notFound('This user')
  return row.id
}
