import type { Input } from '../../shared/contract.ts'
import { chatLocks } from '../request-locks.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { type ManagedGroup, requireGroupToAddTo, requireManagedGroup } from '../access/groups.ts'
import { audit } from '../audit/audit.ts'
import { requireChat } from '../access/chats.ts'
import { type AccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { pageOfMembers } from '../chats/list-members.ts'
import { addMember } from '../chats/members.ts'
import { changeRole, removeMember } from '../chats/membership.ts'
import { isBot } from '../chats/queries.ts'
import { stayInTeamGroup } from '../chats/team-group-errors.ts'
import type { Db } from '../db/schema.ts'
import type { UserOperation } from '../operation.ts'

const groupAdmin: AccessCheck<ManagedGroup> = (db, viewer, ids) =>
  requireManagedGroup(db, viewer, ids['chatId'])

export const memberHandlers = defineHandlers({
  'members.list': read({
    access: (db, viewer, ids) => requireChat(db, viewer, ids['chatId']),
    run: ({ db }, input) => pageOfMembers(db, input),
  }),
  'members.add': write({
    access: (db, viewer, ids) => requireGroupToAddTo(db, viewer, ids['chatId']),
    locks: chatLocks,
    run: async (op, { userId }, chat) => {
      const came = await addMember(op, chat.id, userId)
      if (came)
        audit(op, {
          action: 'member.added',
          by: op.viewer.userId,
          target: userId,
          detail: { group: chat.id },
        })
    },
  }),
  'members.update': write({
    access: groupAdmin,
    locks: chatLocks,
    run: (op, input, chat) => updateGroupMember(op, chat, input),
  }),
  'members.remove': write({
    access: groupAdmin,
    locks: chatLocks,
    run: (op, { userId }, chat) => removeGroupMember(op, chat, userId),
  }),
})

async function updateGroupMember(
  op: UserOperation,
  chat: ManagedGroup,
  { userId, role }: Input<'members.update'>,
): Promise<void> {
  const present = await requireMember(op.db, chat.id, userId)
  if (role === present) return
  if (present === 'owner') {
    throw new HubError(
      'forbidden',
      'The owner keeps this role until they transfer the group to another member.',
    )
  }
  if (role === 'owner') {
    if (await isBot(op.db, userId))
      throw new HubError('invalid', 'A bot cannot own a group.', { field: 'userId' })
    if (chat.effectiveRole !== 'owner')
      throw new HubError('forbidden', 'Only the owner can transfer the group to another member.')
    await demoteOwner(op, chat.id)
  }
  await changeRole(op, chat.id, userId, role, op.viewer.userId)
  audit(op, {
    action: 'member.role-changed',
    by: op.viewer.userId,
    target: userId,
    detail: { group: chat.id, role },
  })
}

/**
 * A group has one owner: demotes the current owner, who is not the viewer when an admin of the hub transfers the
 * group.
 */
async function demoteOwner(op: UserOperation, chatId: string): Promise<void> {
  const owner = await op.db
    .selectFrom('membership')
    .where('chatId', '=', chatId)
    .where('role', '=', 'owner')
    .select('userId')
    .executeTakeFirst()
  if (owner) await changeRole(op, chatId, owner.userId, 'admin', op.viewer.userId)
}

async function removeGroupMember(op: UserOperation, chat: ManagedGroup, userId: string): Promise<void> {
  const role = await requireMember(op.db, chat.id, userId)
  if (role === 'owner') throw new HubError('forbidden', 'The owner of the group cannot be removed.')
  if (chat.forEveryone === 1 && !(await isBot(op.db, userId))) throw stayInTeamGroup()
  const reason = userId === op.viewer.userId ? 'left' : 'removed'
  await removeMember(op, { chatId: chat.id, userId, role, by: op.viewer.userId, reason })
  if (reason === 'left') return
  audit(op, {
    action: 'member.removed',
    by: op.viewer.userId,
    target: userId,
    detail: { group: chat.id, role },
  })
}

async function requireMember(db: Db, chatId: string, userId: string) {
  const row = await db
    .selectFrom('membership')
    .where('chatId', '=', chatId)
    .where('userId', '=', userId)
    .select('role')
    .executeTakeFirst()
  if (!row) throw notFound('This member')
  return row.role
}
