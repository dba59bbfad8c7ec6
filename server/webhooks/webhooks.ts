import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Input } from '../../shared/contract.ts'
import type { Webhook } from '../../shared/contract/webhooks.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { type ManagedGroup, requireChat } from '../access.ts'
import { audit } from '../audit/audit.ts'
import { deactivateBot, insertBot } from '../bots/bots.ts'
import type { Caller, AuthenticatedCaller } from '../dispatch.ts'
import { publishChatAdded, requireMemberCapacity, removeMember, insertMember } from '../chats/membership.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import { sendMessage } from '../messages/messages.ts'

/*
 * An address at which a program posts into one group. Behind each stands a bot that is a member of the group: what it
 * writes is a message like any other, and who removes the bot from the group has silenced the address.
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
  tx: Tx,
  hub: HubContext,
  caller: AuthenticatedCaller,
  chat: ManagedGroup,
  typed: string,
): Promise<{ hook: Webhook; url: string }> {
  const name = normalizeLine(typed)
  const problem = checkLine(name, 'The name', limits.displayName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'name' })
  const others = await listWebhooks(tx.db, chat.id)
  if (others.length >= maxWebhooksPerGroup) {
    throw new HubError(
      'conflict',
      `A group has at most ${maxWebhooksPerGroup} webhooks. End one of them first.`,
    )
  }
  await requireMemberCapacity(tx.db, chat.memberCount, 1)
  const by = caller.viewer.userId
  const bot = await insertBot(tx, hub.live, { username: botUsernameFor(name), displayName: name, by })
  const membership = { chatId: chat.id, userId: bot.id, role: 'member' as const, by, readNo: chat.lastNo }
  await insertMember(tx, hub.live, membership)
  await publishChatAdded(tx, hub.live, chat.id, bot.id, by)
  const hook: Webhook = { id: newId(), name, userId: bot.id, createdBy: by, createdAt: tx.now }
  const secret = newSecret()
  await tx.db
    .insertInto('webhook')
    .values({ ...hook, chatId: chat.id, secretHash: sha256(secret), usedAt: null })
    .execute()
  await audit(tx, { action: 'webhook.created', by, target: hook.id, detail: { chat: chat.id, bot: bot.id } })
  return { hook, url: `${caller.origin}/api/webhooks/${hook.id}/${secret}` }
}

/** A name of its own, since names are unique and two groups may both have a "Deploys". */
function botUsernameFor(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20)
  return `${plain === '' ? 'hook' : plain}-${randomBytes(4).toString('hex')}`
}

export async function revokeWebhook(
  tx: Tx,
  hub: HubContext,
  caller: AuthenticatedCaller,
  chat: ManagedGroup,
  webhookId: string,
): Promise<void> {
  const hook = await tx.db
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
  if (!hook) throw notFound('This webhook')
  const by = caller.viewer.userId
  const { userId, role } = hook
  await tx.db.deleteFrom('webhook').where('id', '=', webhookId).execute()
  if (role !== null)
    await removeMember(tx, hub.live, { chatId: chat.id, userId, role, by, reason: 'removed' })
  await deactivateBot(tx, hub, userId, by)
  await audit(tx, { action: 'webhook.revoked', by, target: webhookId, detail: { chat: chat.id } })
}

/** Whoever has the address may. What is wrong with it is not said: all of it is not_found. */
export async function postWebhookMessage(
  tx: Tx,
  hub: HubContext,
  caller: Caller,
  input: Input<'webhooks.post'>,
) {
  const { webhookId, secret, text } = input
  const hook = await tx.db
    .selectFrom('webhook')
    .where('id', '=', webhookId)
    .select(['chatId', 'userId', 'secretHash'])
    .executeTakeFirst()
  // the same comparison for an address that was never made
  const isRight = timingSafeEqual(sha256(secret), hook?.secretHash ?? Buffer.alloc(32))
  if (!hook || !isRight) throw notFound('This webhook')
  const { userId, chatId } = hook
  const viewer = {
    userId,
    role: 'member',
    sessionId: webhookId,
    kind: 'token',
    scope: 'write',
    pending: false,
  } as const
  const chat = await requireChat(tx.db, viewer, chatId).catch(() => {
    throw notFound('This webhook')
  })
  hub.rateLimiter?.consumeWebhook(webhookId)
  const bot: AuthenticatedCaller = {
    viewer,
    address: caller.address,
    origin: caller.origin,
    wantsToken: true,
  }
  const cid = input.cid ?? randomUUID()
  // an admin of the group has made the address, so it speaks where only admins do
  const { message } = await sendMessage(tx, hub, bot, { chatId, cid, text }, { ...chat, role: 'admin' })
  if (bot.isRepeat) caller.isRepeat = true
  await tx.db.updateTable('webhook').set({ usedAt: tx.now }).where('id', '=', webhookId).execute()
  return { messageId: message.id, no: message.no }
}
