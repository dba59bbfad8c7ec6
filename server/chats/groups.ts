import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Input } from '../../shared/contract.ts'
import { limits, type Adding, type Posting, type Visibility } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import type { ManagedGroup } from '../access/groups.ts'
import { audit } from '../audit/audit.ts'
import { newIdAt } from '../ids.ts'
import { requireVisibleUsers } from '../access/users.ts'
import { changeRole, requireMemberCapacity, publishGroupListed, publishGroupUnlisted } from './membership.ts'
import { insertChat, isBot } from './queries.ts'
import type { UserOperation } from '../operation.ts'
import { getSummary, initializeChat } from './begin-chat.ts'
import { keepTeamGroup } from './team-group-errors.ts'

export async function createGroup(op: UserOperation, input: Input<'chats.create'>) {
  const name = parseGroupName(input.name)
  const topic = parseGroupTopic(input.topic)
  const others = [...new Set(input.members ?? [])].filter((id) => id !== op.viewer.userId)
  await requireMemberCapacity(op.db, 1, others.length)
  // a thousand members are written in a fifth of a second, in which no other request runs
  op.hub.rateLimiter?.consume(op.viewer.userId, 'chats.create', others.length / 20)
  await requireGroupCapacity(op)
  await requireVisibleUsers(op.db, op.viewer, others)
  // the page deals the colours of groups in the order of their ids
  const chatId = newIdAt(op.now)
  await insertChat(op.db, {
    id: chatId,
    kind: 'group',
    name,
    visibility: input.visibility,
    topic,
    posting: input.posting ?? 'all',
    adding: input.adding ?? defaultAdding(input.visibility),
    directKey: null,
    createdBy: op.viewer.userId,
    at: op.now,
  })
  const members = [
    { userId: op.viewer.userId, role: 'owner' as const },
    ...others.map((userId) => ({ userId, role: 'member' as const })),
  ]
  await initializeChat(op, chatId, op.viewer.userId, members, { isUnreadOnce: true })
  if (input.visibility === 'public') await publishGroupListed(op, chatId, op.viewer.userId)
  audit(op, {
    action: 'group.created',
    by: op.viewer.userId,
    target: chatId,
    detail: { visibility: input.visibility, posting: input.posting ?? 'all' },
  })
  return { chat: await getSummary(op.db, op.viewer, chatId) }
}

/** Everybody may join a public group, so its members may bring their colleagues. */
function defaultAdding(visibility: Visibility): Adding {
  return visibility === 'public' ? 'all' : 'admins'
}

/** Groups that a user has created and that are not deleted; far more than a team needs. */
const maxGroupsPerUser = 500

/** Requires a user who may own one more group. @throws HubError `rate_limited`, `conflict`, `forbidden` for a bot */
async function requireGroupCapacity({ db, hub, viewer: { userId } }: UserOperation): Promise<void> {
  hub.rateLimiter?.consume(userId, 'groups')
  // once it is revoked, nobody could manage the group
  if (await isBot(db, userId))
    throw new HubError('forbidden', 'A bot cannot own a group. Create it as a user, and add the bot.')
  const { count } = await db
    .selectFrom('chat')
    .where('createdBy', '=', userId)
    .where('kind', '=', 'group')
    .where('name', 'is not', null)
    .where('deletedAt', 'is', null)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count >= maxGroupsPerUser) {
    throw new HubError(
      'conflict',
      `You have created ${maxGroupsPerUser} groups, which is the maximum. Delete groups that are not needed any more.`,
    )
  }
}

export interface GroupChanges {
  name?: string
  topic?: string
  visibility?: Visibility
  posting?: Posting
  adding?: Adding
  everyone?: boolean
  archived?: boolean
  picture?: string
}

/** Returns the group as its manager sees it: their own view, if they are a member. */
export async function summaryIfMember(
  op: UserOperation,
  group: ManagedGroup,
): Promise<{ chat?: ChatSummary }> {
  return group.role === undefined ? {} : { chat: await getSummary(op.db, op.viewer, group.id) }
}

export async function updateGroup(op: UserOperation, group: ManagedGroup, input: Input<'chats.update'>) {
  if (group.name === null) return nameChat(op, group, input)
  const changes = findGroupChanges(group, input)
  if (Object.keys(changes).length > 0) {
    await applyGroupChanges(op, group, changes)
    const { visibility, posting, adding } = changes
    audit(op, {
      action: 'group.updated',
      by: op.viewer.userId,
      target: group.id,
      // the names of the changed settings; values only of those that no user wrote
      detail: {
        changed: Object.keys(changes).sort().join(' '),
        ...(visibility === undefined ? {} : { visibility }),
        ...(posting === undefined ? {} : { posting }),
        ...(adding === undefined ? {} : { adding }),
      },
    })
  }
  return summaryIfMember(op, group)
}

/** A name turns a chat without one into a private group: of the user who gives it, since each group has an owner. */
async function nameChat(op: UserOperation, chat: ManagedGroup, input: Input<'chats.update'>) {
  if (input.name === undefined)
    throw new HubError('invalid', 'Give this chat a name first.', { field: 'name' })
  await requireGroupCapacity(op)
  const changes = findGroupChanges(chat, input)
  await op.db
    .updateTable('chat')
    .set({ directKey: null, name: changes.name ?? null, createdBy: op.viewer.userId })
    .where('id', '=', chat.id)
    .execute()
  await applyGroupChanges(op, chat, changes)
  await changeRole(op, chat.id, op.viewer.userId, 'owner', op.viewer.userId)
  audit(op, {
    action: 'group.created',
    by: op.viewer.userId,
    target: chat.id,
    detail: { visibility: changes.visibility ?? chat.visibility, posting: changes.posting ?? chat.posting },
  })
  return summaryIfMember(op, chat)
}

async function applyGroupChanges(op: UserOperation, group: ManagedGroup, changes: GroupChanges) {
  const { topic, everyone: _, archived: _archived, picture: _picture, ...rest } = changes
  await op.db
    .updateTable('chat')
    .set({ ...rest, ...(topic === undefined ? {} : { topic: topic === '' ? null : topic }) })
    .where('id', '=', group.id)
    .execute()
  await publishGroupChanges(op, group, changes)
}

function findGroupChanges(group: ManagedGroup, input: Input<'chats.update'>): GroupChanges {
  const changes: GroupChanges = {}
  if (input.name !== undefined) {
    const name = parseGroupName(input.name)
    if (name !== group.name) changes.name = name
  }
  if (input.topic !== undefined) {
    const topic = parseGroupTopic(input.topic) ?? ''
    if (topic !== (group.topic ?? '')) changes.topic = topic
  }
  if (input.visibility !== undefined && input.visibility !== group.visibility) {
    if (group.forEveryone === 1) throw keepTeamGroup('visibility')
    changes.visibility = input.visibility
  }
  if (input.posting !== undefined && input.posting !== group.posting) changes.posting = input.posting
  if (input.adding !== undefined && input.adding !== group.adding) changes.adding = input.adding
  return changes
}

/** Archives or unarchives the group. A repeat changes nothing. */
export async function archiveGroup(op: UserOperation, group: ManagedGroup, archived: boolean) {
  if (archived !== (group.archivedAt !== null)) {
    if (group.forEveryone === 1) throw keepTeamGroup()
    await op.db
      .updateTable('chat')
      .set({ archivedAt: archived ? op.now : null })
      .where('id', '=', group.id)
      .execute()
    await publishGroupChanges(op, group, { archived })
    audit(op, {
      action: archived ? 'group.archived' : 'group.unarchived',
      by: op.viewer.userId,
      target: group.id,
    })
  }
  return summaryIfMember(op, group)
}

/** Publishes to the members, and to all users if the group is or was public. */
export async function publishGroupChanges(
  op: UserOperation,
  group: ManagedGroup,
  changes: GroupChanges,
): Promise<void> {
  const by = op.viewer.userId
  await op.append(`chat:${group.id}`, {
    type: 'chat.updated',
    by,
    target: group.id,
    data: { ...changes },
    content: { changes },
  })
  const wasListed = group.visibility === 'public' && group.archivedAt === null
  const isListed = await publishGroupListed(op, group.id, by)
  if (wasListed && !isListed) await publishGroupUnlisted(op, group.id, by)
}

export function parseGroupName(typed: string, field = 'name'): string {
  const name = normalizeLine(typed)
  const problem = checkLine(name, 'The name of a group', limits.groupName)
  if (problem) throw new HubError(problem.code, problem.message, { field })
  return name
}

function parseGroupTopic(typed: string | undefined): string | null {
  const topic = normalizeLine(typed ?? '')
  if (topic === '') return null
  const problem = checkLine(topic, 'The topic', limits.topic)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'topic' })
  return topic
}
