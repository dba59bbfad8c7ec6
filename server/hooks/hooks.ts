import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Input } from '../../shared/contract.ts'
import type { Hook } from '../../shared/contract/hooks.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { checkLine, tidyLine } from '../../shared/text/names.ts'
import { type ManagedGroup, requireChat } from '../access.ts'
import { audit } from '../audit/audit.ts'
import { closeBot, insertBot } from '../bots/bots.ts'
import type { Caller, Known } from '../call.ts'
import { announce, checkRoom, depart, enter } from '../chats/membership.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { newId, newSecret, sha256 } from '../ids.ts'
import { sendMessage } from '../messages/messages.ts'

/*
 * An address at which a program posts into one group. Behind each stands a bot that is a member of the group: what it
 * writes is a message like any other, and who removes the bot from the group has silenced the address.
 */

const hooksPerGroup = 20

export async function listHooks(db: Db, chatId: string): Promise<Hook[]> {
  const rows = await db
    .selectFrom('hook')
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

export async function createHook(
  tx: Tx,
  hub: Hub,
  caller: Known,
  chat: ManagedGroup,
  typed: string,
): Promise<{ hook: Hook; url: string }> {
  const name = tidyLine(typed)
  const problem = checkLine(name, 'The name', limits.displayName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'name' })
  const others = await listHooks(tx.db, chat.id)
  if (others.length >= hooksPerGroup) {
    throw new HubError('conflict', `A group has at most ${hooksPerGroup} webhooks. End one of them first.`)
  }
  await checkRoom(tx.db, chat.memberCount, 1)
  const by = caller.viewer.userId
  const bot = await insertBot(tx, hub.live, { username: usernameFor(name), displayName: name, by })
  const membership = { chatId: chat.id, userId: bot.id, role: 'member' as const, by, readNo: chat.lastNo }
  await enter(tx, hub.live, membership)
  await announce(tx, hub.live, chat.id, bot.id, by)
  const hook: Hook = { id: newId(), name, userId: bot.id, createdBy: by, createdAt: tx.now }
  const secret = newSecret()
  await tx.db
    .insertInto('hook')
    .values({ ...hook, chatId: chat.id, secretHash: sha256(secret), usedAt: null })
    .execute()
  await audit(tx, { action: 'webhook.created', by, target: hook.id, detail: { chat: chat.id, bot: bot.id } })
  return { hook, url: `${caller.origin}/api/hooks/${hook.id}/${secret}` }
}

/** A name of its own, since names are unique and two groups may both have a "Deploys". */
function usernameFor(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 20)
  return `${plain === '' ? 'hook' : plain}-${randomBytes(4).toString('hex')}`
}

export async function revokeHook(
  tx: Tx,
  hub: Hub,
  caller: Known,
  chat: ManagedGroup,
  hookId: string,
): Promise<void> {
  const hook = await tx.db
    .selectFrom('hook')
    .leftJoin('membership', (join) =>
      join.onRef('membership.userId', '=', 'hook.userId').onRef('membership.chatId', '=', 'hook.chatId'),
    )
    .where('hook.id', '=', hookId)
    .where('hook.chatId', '=', chat.id)
    .select(['hook.userId', 'membership.role'])
    .executeTakeFirst()
  if (!hook) throw notFound('This webhook')
  const by = caller.viewer.userId
  const { userId, role } = hook
  await tx.db.deleteFrom('hook').where('id', '=', hookId).execute()
  if (role !== null) await depart(tx, hub.live, { chatId: chat.id, userId, role, by, reason: 'removed' })
  await closeBot(tx, hub, userId, by)
  await audit(tx, { action: 'webhook.revoked', by, target: hookId, detail: { chat: chat.id } })
}

/** Whoever has the address may. What is wrong with it is not said: all of it is not_found. */
export async function postByHook(tx: Tx, hub: Hub, caller: Caller, input: Input<'hooks.post'>) {
  const { hookId, secret, text } = input
  const hook = await tx.db
    .selectFrom('hook')
    .where('id', '=', hookId)
    .select(['chatId', 'userId', 'secretHash'])
    .executeTakeFirst()
  // the same comparison for an address that was never made
  const isRight = timingSafeEqual(sha256(secret), hook?.secretHash ?? Buffer.alloc(32))
  if (!hook || !isRight) throw notFound('This webhook')
  const { userId, chatId } = hook
  const viewer = {
    userId,
    role: 'member',
    sessionId: hookId,
    kind: 'token',
    scope: 'write',
    pending: false,
  } as const
  const chat = await requireChat(tx.db, viewer, chatId).catch(() => {
    throw notFound('This webhook')
  })
  hub.rate?.takeHook(hookId)
  const bot: Known = { viewer, address: caller.address, origin: caller.origin, wantsToken: true }
  const cid = input.cid ?? randomUUID()
  // an admin of the group has made the address, so it speaks where only admins do
  const { message } = await sendMessage(tx, hub, bot, { chatId, cid, text }, { ...chat, role: 'admin' })
  if (bot.repeated) caller.repeated = true
  await tx.db.updateTable('hook').set({ usedAt: tx.now }).where('id', '=', hookId).execute()
  return { messageId: message.id, no: message.no }
}
