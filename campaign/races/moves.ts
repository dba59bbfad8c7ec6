import { randomUUID } from 'node:crypto'
import type { Input, RequestName } from '../../shared/contract.ts'
import { password, type TestUser } from '../../test/support/test-user.ts'
import { account, changedPassword, newName, resetPassword, type Scene } from './scene.ts'

/** A write request that can meet another: who sends it, and with what. */
export interface Move {
  /** Of the request, with what tells it from others of the same one. */
  name: string
  request: RequestName
  prepare: (scene: Scene) => Promise<{ by: TestUser; input: object }>
}

type Who = 'olga' | 'ann' | 'bo' | 'eve' | 'target' | 'member' | 'second session'

async function userOf(scene: Scene, who: Who): Promise<TestUser> {
  if (who === 'target') return scene.target()
  if (who === 'member') return scene.member()
  if (who === 'second session') return (await scene.secondSession()).user
  return scene.team[who]
}

function move<N extends RequestName>(
  request: N,
  who: Who,
  input: (scene: Scene) => Promise<Input<N>>,
  variant = '',
): Move {
  return {
    name: variant === '' ? request : `${request} (${variant})`,
    request,
    prepare: async (scene) => ({ input: await input(scene), by: await userOf(scene, who) }),
  }
}

/** Made with a type of its own for each request; a list of them has one for all. */
const nothing = async (): Promise<Record<never, never>> => ({})
const inGroup = async (scene: Scene): Promise<{ chatId: string }> => ({ chatId: await scene.group() })
const ofMessage = async (scene: Scene): Promise<{ messageId: string }> => ({
  messageId: await scene.message(),
})
const ofTarget = async (scene: Scene): Promise<{ userId: string }> => ({ userId: (await scene.target()).id })
const ofMember = async (scene: Scene): Promise<{ chatId: string; userId: string }> => ({
  ...(await inGroup(scene)),
  userId: (await scene.member()).id,
})

export const moves: readonly Move[] = [
  move('messages.send', 'ann', async (s) => ({ ...(await inGroup(s)), cid: randomUUID(), text: 'hi @bo' })),
  move(
    'messages.send',
    'member',
    async (s) => ({ ...(await inGroup(s)), cid: randomUUID(), text: 'hi all' }),
    'member',
  ),
  move(
    'messages.send',
    'ann',
    async (s) => ({ ...(await inGroup(s)), cid: await s.cid(), text: 'again' }),
    'one cid',
  ),
  move(
    'messages.send',
    'bo',
    async (s) => ({
      ...(await inGroup(s)),
      ...{ cid: randomUUID(), text: 'a reply', thread: await s.message() },
    }),
    'in a thread',
  ),
  move('messages.edit', 'ann', async (s) => ({ ...(await ofMessage(s)), text: 'edited @bo' })),
  move('messages.delete', 'ann', async (s) => ({ ...(await ofMessage(s)), for: 'everyone' as const })),
  move('messages.delete', 'bo', async (s) => ({ ...(await ofMessage(s)), for: 'me' as const }), 'for me'),
  move('messages.undelete', 'ann', async (s) => ({ messageId: await s.deleted() })),
  move('reactions.add', 'bo', async (s) => ({ ...(await ofMessage(s)), emoji: '👍' })),
  move('reactions.remove', 'bo', async (s) => ({ messageId: await s.reacted(), emoji: '👍' })),
  move('threads.read', 'ann', async (s) => ({ ...(await ofMessage(s)), no: 1 })),
  move('threads.follow', 'bo', ofMessage),
  move('threads.unfollow', 'bo', ofMessage),
  move('pins.add', 'ann', ofMessage),
  move('pins.remove', 'bo', async (s) => ({ messageId: await s.pinned() })),
  move('saved.add', 'bo', ofMessage),
  move('saved.remove', 'bo', async (s) => ({ messageId: await s.saved() })),
  move('activity.read', 'bo', async (s) => {
    await s.message()
    return { upTo: 1_000_000_000 }
  }),
  move('drafts.set', 'ann', async (s) => ({ ...(await inGroup(s)), text: newName(), version: newName() })),
  move('chats.direct', 'ann', ofTarget),
  move('chats.direct', 'target', async (s) => ({ userId: s.team.ann.id }), 'the other way'),
  move('chats.withUsers', 'ann', async (s) => ({ userIds: [s.team.bo.id, (await s.target()).id] })),
  move('chats.create', 'ann', async (s) => ({
    ...{ name: await s.name(), visibility: 'public' as const, members: [(await s.target()).id] },
  })),
  move('chats.join', 'target', inGroup),
  move('chats.leave', 'member', inGroup),
  move('chats.leave', 'ann', inGroup, 'owner'),
  move('chats.update', 'ann', async (s) => ({ ...(await inGroup(s)), name: newName() })),
  move(
    'chats.update',
    'ann',
    async (s) => ({ ...(await inGroup(s)), visibility: 'private' as const }),
    'hide',
  ),
  move('chats.archive', 'ann', inGroup),
  move('chats.unarchive', 'ann', async (s) => ({ chatId: await s.archived() })),
  move('chats.delete', 'ann', inGroup),
  move('chats.undelete', 'ann', async (s) => ({ chatId: await s.gone() })),
  move('chats.picture.remove', 'ann', inGroup),
  move('chats.updatePreferences', 'bo', async (s) => ({ ...(await inGroup(s)), muted: true })),
  move('chats.updatePreferences', 'bo', async (s) => ({ ...(await inGroup(s)), unreadFrom: 1 }), 'unread'),
  move('chats.read', 'bo', async (s) => ({ ...(await inGroup(s)), no: 1 })),
  move('chats.readAll', 'bo', nothing),
  move('members.add', 'ann', async (s) => ({ ...(await inGroup(s)), ...(await ofTarget(s)) })),
  move('members.update', 'ann', async (s) => ({ ...(await ofMember(s)), role: 'admin' as const })),
  move('members.update', 'ann', async (s) => ({ ...(await ofMember(s)), role: 'owner' as const }), 'owner'),
  move('members.remove', 'ann', ofMember),
  move('webhooks.create', 'ann', async (s) => ({ ...(await inGroup(s)), name: 'Alarm' })),
  move('webhooks.revoke', 'ann', async (s) => {
    const { chatId, webhookId } = await s.webhook()
    return { chatId, webhookId }
  }),
  move('webhooks.post', 'eve', async (s) => {
    const { webhookId, secret } = await s.webhook()
    return { webhookId, secret, text: 'from a program' }
  }),
  move('me.update', 'target', async (s) => ({ displayName: await s.name() })),
  move('me.avatar.remove', 'target', nothing),
  move('me.password', 'target', async () => ({ current: password, password: changedPassword })),
  move('me.dismissRecoveryNotice', 'target', nothing),
  move('status.set', 'target', async () => ({ text: newName(), emoji: '🏖️' })),
  move('status.clear', 'target', nothing),
  move('tokens.create', 'target', async () => ({ name: newName(), scope: 'read' as const })),
  move('tokens.revoke', 'target', async (s) => ({ tokenId: await s.token() })),
  move('sessions.end', 'target', async (s) => ({ sessionId: (await s.secondSession()).sessionId })),
  move('sessions.endOthers', 'target', nothing),
  move('accounts.logout', 'second session', nothing),
  move('accounts.login', 'eve', async (s) => ({ username: (await s.target()).user.username, password })),
  move('accounts.register', 'eve', async (s) => ({
    ...account(),
    invite: (await s.invite()).invite,
  })),
  move('accounts.register', 'eve', async (s) => account(await s.name()), 'one name'),
  move('recovery.reset', 'eve', async (s) => ({
    resetToken: await s.resetToken(),
    password: resetPassword,
  })),
  move('admin.invites.create', 'olga', async () => ({ uses: 2 })),
  move('admin.invites.revoke', 'olga', async (s) => ({ inviteId: (await s.invite()).inviteId })),
  move('admin.bots.create', 'olga', async (s) => ({ username: await s.name() })),
  move('admin.bots.revoke', 'olga', async (s) => ({ userId: await s.bot() })),
  move('admin.requests.accept', 'olga', async (s) => ({ userId: await s.pending() })),
  move('admin.requests.decline', 'olga', async (s) => ({ userId: await s.pending() })),
  move('admin.users.update', 'olga', async (s) => ({ ...(await ofTarget(s)), role: 'admin' as const })),
  move(
    'admin.users.update',
    'olga',
    async (s) => ({ userId: (await s.member()).id, deactivated: true }),
    'deactivate',
  ),
  move('admin.users.sessions.end', 'olga', ofTarget),
  move('admin.users.createResetLink', 'olga', ofTarget),
  move('admin.groups.delete', 'olga', inGroup),
  move('admin.groups.undelete', 'olga', async (s) => ({ chatId: await s.gone() })),
  move('admin.settings.update', 'olga', async () => ({ hubName: newName() })),
  move('admin.ownership.transfer', 'olga', async (s) => ({ ...(await ofTarget(s)), password })),
]
