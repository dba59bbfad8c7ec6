import type { Input } from '../../shared/contract.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { foldCase } from '../../shared/text/names.ts'
import type { Db } from '../db/schema.ts'
import { directLock } from '../locks.ts'
import { newId } from '../ids.ts'
import { requireActiveUser } from './membership.ts'
import { findDirectChatId, insertChat } from './queries.ts'
import type { UserOperation } from '../operation.ts'
import type { FindLocks } from '../define-handlers.ts'
import { getSummary, initializeChat } from './begin-chat.ts'

export async function openDirectChat(op: UserOperation, input: Input<'chats.direct'>) {
  const peer = await findPeer(op.db, input)
  if (peer === op.viewer.userId) {
    throw new HubError('invalid', 'You cannot open a direct chat with yourself. Choose another user.', {
      field: input.userId === undefined ? 'username' : 'userId',
    })
  }
  const directKey = [op.viewer.userId, peer].sort().join(':')
  const existing = await findDirectChatId(op.db, directKey)
  if (existing !== undefined) return { chat: await getSummary(op.db, op.viewer, existing) }
  await requireActiveUser(op.db, peer, op.viewer)
  const chatId = newId()
  await insertChat(op.db, {
    id: chatId,
    kind: 'direct',
    name: null,
    visibility: 'private',
    topic: null,
    directKey,
    createdBy: op.viewer.userId,
    at: op.now,
  })
  await initializeChat(op, chatId, [
    { userId: op.viewer.userId, role: 'member' },
    { userId: peer, role: 'member' },
  ])
  return { chat: await getSummary(op.db, op.viewer, chatId) }
}

/** The pair of users; the other user is found by id or username. */
export const directChatLocks: FindLocks = async ({ userId, username }, viewer, db) => {
  if (!viewer || (userId === undefined) === (username === undefined)) return []
  return [directLock([viewer.userId, await findPeer(db, { userId, username })])]
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
