import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Input } from '../../shared/contract.ts'
import type { Webhook } from '../../shared/contract/webhooks.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { dropControls } from '../../shared/text/message.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import type { ManagedGroup } from '../access/groups.ts'
import { requireChatToSend } from '../access/chats.ts'
import { audit } from '../audit/audit.ts'
import { deactivateBot, insertBot } from '../bots/bots.ts'
import type { Caller, AuthenticatedCaller } from '../caller.ts'
import { publishChatAdded, requireMemberCapacity, removeMember, insertMember } from '../chats/membership.ts'
import type { Db } from '../db/schema.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import { sendMessage } from '../messages/send.ts'
import { type UserOperation, type RequestOperation, actAs } from '../operation.ts'
import type { FindLocks } from '../define-handlers.ts'
import { chatLock, userLock } from '../locks.ts'

/*
 * An address at which a program posts into a group. Each has a bot that is a member of the group. Its messages are
 * like any other, and removing the bot from the group silences the address.
 */

const maxWebhooksPerGroup = 20

export async function listWebhooks(db: Db, chatId: string): Promise<Webhook[]> {
  const rows = await db
    .selectFrom('webhook')
    .where('chatId', '=', chatId)
    .selectAll()
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(({ id, name, userId, createdBy, createdAt, usedAt }) => ({
    id,
    name,
    userId,
    createdBy,
    createdAt,
    ...(usedAt === null ? {} : { usedAt }),
  }))
}

export async function createWebhook(
  op: UserOperation,
  chat: ManagedGroup,
  typed: string,
): Promise<{ webhook: Webhook; url: string }> {
  const name = normalizeLine(typed)
  const problem = checkLine(name, 'The name', limits.displayName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'name' })
  op.hub.rateLimiter?.consume(op.viewer.userId, 'webhooks')
  const others = await listWebhooks(op.db, chat.id)
  if (others.length >= maxWebhooksPerGroup) {
    throw new HubError(
      'conflict',
      `A group can have at most ${maxWebhooksPerGroup} webhooks. Revoke one first.`,
    )
  }
  await requireMemberCapacity(op.db, chat.memberCount, 1)
  const by = op.caller.viewer.userId
  const bot = await insertBot(op, {
    username: botUsernameFor(name),
    displayName: name,
    by,
    isPrivate: chat.visibility !== 'public',
  })
  const membership = { chatId: chat.id, userId: bot.id, role: 'member' as const, by, readNo: chat.lastNo }
  await insertMember(op, membership)
  await publishChatAdded(op, chat.id, bot.id, by)
  const webhook: Webhook = { id: newId(), name, userId: bot.id, createdBy: by, createdAt: op.now }
  const secret = newSecret()
  await op.db
    .insertInto('webhook')
    .values({ ...webhook, chatId: chat.id, secretHash: sha256(secret), usedAt: null })
    .execute()
  audit(op, { action: 'webhook.created', by, target: webhook.id, detail: { chat: chat.id, bot: bot.id } })
  return { webhook, url: `${op.caller.origin}/api/webhooks/${webhook.id}/${secret}` }
}

/** A name of its own, since names are unique and two groups may both have a "Deploys". */
function botUsernameFor(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20)
  return `${plain === '' ? 'webhook' : plain}-${randomBytes(4).toString('hex')}`
}

export async function revokeWebhook(op: UserOperation, chat: ManagedGroup, webhookId: string): Promise<void> {
  const webhook = await op.db
    .selectFrom('webhook')
    .leftJoin('membership', (join) =>
      join
        .onRef('membership.userId', '=', 'webhook.userId')
        .onRef('membership.chatId', '=', 'webhook.chatId'),
    )
    .where('webhook.id', '=', webhookId)
    .where('webhook.chatId', '=', chat.id)
    .select(['webhook.userId', 'membership.role'])
    .executeTakeFirst()
  if (!webhook) throw notFound('This webhook')
  const by = op.caller.viewer.userId
  const { userId, role } = webhook
  await op.db.deleteFrom('webhook').where('id', '=', webhookId).execute()
  if (role !== null) await removeMember(op, { chatId: chat.id, userId, role, by, reason: 'removed' })
  await deactivateBot(op, userId, by, { isPrivate: chat.visibility !== 'public' })
  audit(op, { action: 'webhook.revoked', by, target: webhookId, detail: { chat: chat.id } })
}

/** Finds the group that a webhook posts into, and its bot. */
export const webhookLocks: FindLocks =
  ({ webhookId }) =>
  async (db) => {
    const row =
      webhookId === undefined
        ? undefined
        : await db
            .selectFrom('webhook')
            .where('id', '=', webhookId)
            .select(['chatId', 'userId'])
            .executeTakeFirst()
    return row ? [chatLock(row.chatId), userLock(row.userId)] : []
  }

/**
 * Posts for any caller who has the address. Every problem with the address is reported as `not_found`, without a
 * reason.
 */
export async function postWebhookMessage(op: RequestOperation<Caller>, input: Input<'webhooks.post'>) {
  const { caller } = op
  const { webhookId, secret } = input
  // an alarm is worth more than the one character in it that cannot be shown
  const text = dropControls(input.text)
  const webhook = await op.db
    .selectFrom('webhook')
    .where('id', '=', webhookId)
    .select(['chatId', 'userId', 'secretHash'])
    .executeTakeFirst()
  // the same comparison for an address that never existed
  const isRight = timingSafeEqual(sha256(secret), webhook?.secretHash ?? Buffer.alloc(32))
  if (!webhook || !isRight) throw notFound('This webhook')
  const { userId, chatId } = webhook
  const viewer = {
    userId,
    role: 'member',
    sessionId: webhookId,
    kind: 'token',
    scope: 'write',
    pending: false,
  } as const
  const cid = input.cid ?? randomUUID()
  const chat = await requireChatToSend(op.db, viewer, { chatId, cid }).catch(() => {
    throw notFound('This webhook')
  })
  op.hub.rateLimiter?.consumeWebhook(webhookId)
  const bot: AuthenticatedCaller = {
    viewer,
    address: caller.address,
    origin: caller.origin,
    wantsToken: true,
  }
  // an admin of the group created the address, so it may post where only admins do
  const { message } = await sendMessage(actAs(op, bot), { chatId, cid, text }, { ...chat, role: 'admin' })
  if (bot.isRepeat) caller.isRepeat = true
  // a retry stores nothing
  if (bot.isRepeat) return { messageId: message.id, no: message.no }
  await op.db.updateTable('webhook').set({ usedAt: op.now }).where('id', '=', webhookId).execute()
  op.hub.textBudget?.charge(op, userId)
  return { messageId: message.id, no: message.no }
}
