import { expect, test } from 'vitest'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { setupCode, startTestHub, type TestHub } from '../support/hub.ts'
import type { LiveClient } from '../support/live-client.ts'
import { errorCodeOf, TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const names = (chats: readonly ChatSummary[]) => chats.map(({ name }) => name)
const chatsOf = async (user: TestUser) => (await user.request('chats.list', {})).chats

const nextRead = (live: LiveClient) => live.next(({ t }) => t === 'read')

/** A hub whose set-up made a group for everyone. */
async function startTeam(): Promise<{ hub: TestHub; olga: TestUser; group: ChatSummary }> {
  const hub = await startTestHub()
  const olga = await TestUser.setUp(hub.url, {
    ...{ code: setupCode, username: 'olga', teamGroup: 'Figs and friends', teamGroupPosting: 'admins' },
  })
  const [group] = await chatsOf(olga)
  return { hub, olga, group: group as ChatSummary }
}

async function registerIn(hub: TestHub, owner: TestUser, username: string): Promise<TestUser> {
  const { invite } = await owner.request('admin.invites.create', {})
  return TestUser.register(hub.url, { username, invite })
}

test('a set-up makes a group for everyone of the given name, and all who join are in it', async () => {
  const { hub, olga, group } = await startTeam()
  expect(group).toMatchObject({
    ...{ name: 'Figs and friends', everyone: true, role: 'owner', posting: 'admins', visibility: 'public' },
  })
  const live = await olga.connect()
  const ann = await registerIn(hub, olga, 'ann')
  expect(await live.nextEntry('member.added')).toMatchObject({ userId: ann.id, by: ann.id })
  expect(await chatsOf(ann)).toMatchObject([{ id: group.id, everyone: true, role: 'member', memberCount: 2 }])
  expect(await errorCodeOf(ann.sendMessage(group.id, 'no'))).toBe('forbidden')
})

test('a set-up without a name makes no group, and a name that is too long is refused with its field', async () => {
  const hub = await startTestHub()
  const setUp = (teamGroup: string) =>
    TestUser.setUp(hub.url, { code: setupCode, username: 'olga', teamGroup })
  await expect(setUp('x'.repeat(300))).rejects.toMatchObject({ error: { field: 'teamGroup' } })
  await expect(setUp('  ')).rejects.toMatchObject({ error: { field: 'teamGroup' } })
  const olga = await hub.setUp()
  expect(await chatsOf(olga)).toEqual([])
})

test('nobody leaves the group for everyone or is removed from it, but each may mute it', async () => {
  const { hub, olga, group } = await startTeam()
  const ann = await registerIn(hub, olga, 'ann')
  const { id: chatId } = group
  expect(await errorCodeOf(ann.request('chats.leave', { chatId }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('chats.leave', { chatId }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('members.remove', { chatId, userId: ann.id }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('chats.delete', { chatId }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('admin.groups.delete', { chatId }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('chats.archive', { chatId }))).toBe('forbidden')
  expect(await errorCodeOf(olga.request('chats.update', { chatId, visibility: 'private' }))).toBe('forbidden')
  const { chat } = await ann.request('chats.updatePreferences', { chatId, muted: true })
  expect(chat.muted).toBe(true)
  await olga.request('chats.update', { chatId, posting: 'all', name: 'All of us' })
  await ann.sendMessage(chatId, 'yes')
})

test('a bot is in the group for everyone only if it was added, and can be removed', async () => {
  const { olga, group } = await startTeam()
  const { user: bot } = await olga.request('admin.bots.create', { username: 'deploys' })
  expect((await olga.request('chats.get', { chatId: group.id })).members).toHaveLength(1)
  await olga.request('members.add', { chatId: group.id, userId: bot.id })
  await olga.request('members.remove', { chatId: group.id, userId: bot.id })
  expect((await olga.request('chats.get', { chatId: group.id })).members).toHaveLength(1)
})

test('a pending user joins the group for everyone when approved, a reactivated one when back', async () => {
  const { hub, olga, group } = await startTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const ann = await TestUser.register(hub.url, { username: 'ann' })
  const memberIds = async () =>
    (await olga.request('chats.get', { chatId: group.id })).members.map(({ userId }) => userId)
  expect(await memberIds()).not.toContain(ann.id)
  await olga.request('admin.requests.accept', { userId: ann.id })
  expect(names(await chatsOf(ann))).toEqual(['Figs and friends'])

  await olga.request('admin.settings.update', { teamGroup: null })
  await ann.request('chats.leave', { chatId: group.id })
  await olga.request('admin.users.update', { userId: ann.id, deactivated: true })
  await olga.request('admin.settings.update', { teamGroup: group.id })
  expect(await memberIds()).not.toContain(ann.id)
  await olga.request('admin.users.update', { userId: ann.id, deactivated: false })
  expect(await memberIds()).toContain(ann.id)
})

test('an admin makes a public group the one for everyone, who see it as unread once', async () => {
  const { hub, olga, ann, bo, eve } = await makeWorld()
  const group = await ann.createGroup('Lobby', [bo], 'public')
  await ann.sendMessage(group.id, 'before')
  const live = await eve.connect()
  const changed = await olga.request('admin.settings.update', { teamGroup: group.id })
  expect(changed.teamGroup).toBe(group.id)
  expect(await live.nextEntry('chat.added')).toMatchObject({
    chat: { id: group.id, everyone: true, addedBy: olga.id, unread: 0, memberCount: 4 },
  })
  expect((await chatsOf(bo)).find(({ id }) => id === group.id)).toMatchObject({ everyone: true })

  await eve.request('chats.read', { chatId: group.id, no: 1 })
  expect(await nextRead(live)).toMatchObject({ chat: group.id, user: eve.id })
  expect((await chatsOf(eve))[0]).not.toHaveProperty('addedBy')

  const kitchen = await ann.createGroup('Private kitchen', [])
  await expect(olga.request('admin.settings.update', { teamGroup: kitchen.id })).rejects.toMatchObject({
    error: { code: 'invalid', field: 'teamGroup' },
  })
  const other = await ann.createGroup('Atrium', [], 'public')
  await olga.request('admin.settings.update', { teamGroup: other.id })
  const later = await registerIn(hub, olga, 'zoe')
  expect(names(await chatsOf(later))).toEqual(['Atrium'])
  await eve.request('chats.leave', { chatId: group.id })
})

test('a user who was added sees the group as unread until they have read it, also without a message', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const added = async () => (await chatsOf(eve)).find(({ id }) => id === kitchen.id)?.addedBy
  const [live, otherWindow] = [await eve.connect(), await eve.connect()]
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  expect(await live.nextEntry('chat.added')).toMatchObject({ chat: { addedBy: ann.id, unread: 0 } })
  expect(await added()).toBe(ann.id)
  await eve.request('chats.read', { chatId: kitchen.id, no: 0 })
  expect(await nextRead(otherWindow)).toMatchObject({ chat: kitchen.id, user: eve.id, no: 0 })
  expect(await added()).toBeUndefined()

  // nobody added those who join or create by themselves
  const lobby = await ann.createGroup('Lobby', [bo], 'public')
  expect(lobby.addedBy).toBeUndefined()
  expect((await chatsOf(bo)).find(({ id }) => id === lobby.id)?.addedBy).toBe(ann.id)
  expect((await eve.request('chats.join', { chatId: lobby.id })).chat.addedBy).toBeUndefined()
  await bo.request('chats.readAll', {})
  expect((await chatsOf(bo)).every(({ addedBy }) => addedBy === undefined)).toBe(true)
})

test('members of an open group add colleagues unless the group says otherwise', async () => {
  const { ann, bo, eve, kitchen, olga } = await makeWorld()
  const lobby = await ann.createGroup('Lobby', [bo], 'public')
  expect(lobby.adding).toBe('all')
  expect(kitchen.adding).toBe('admins')
  await bo.request('members.add', { chatId: lobby.id, userId: eve.id })
  expect((await chatsOf(eve))[0]).toMatchObject({ id: lobby.id, addedBy: bo.id })

  const live = await bo.connect()
  await ann.request('chats.update', { chatId: lobby.id, adding: 'admins' })
  expect(await live.nextEntry('chat.updated')).toMatchObject({ changes: { adding: 'admins' } })
  const add = (chatId: string) => errorCodeOf(bo.request('members.add', { chatId, userId: olga.id }))
  expect(await add(lobby.id)).toBe('forbidden')
  expect(await add(kitchen.id)).toBe('forbidden')
  await ann.request('chats.update', { chatId: kitchen.id, adding: 'all' })
  expect(await add(kitchen.id)).toBe('ok')
  // to an outsider the group does not exist, and its other rights stay with the admins
  expect(await errorCodeOf(eve.request('members.add', { chatId: kitchen.id, userId: eve.id }))).toBe(
    'not_found',
  )
  expect(await errorCodeOf(bo.request('members.remove', { chatId: kitchen.id, userId: olga.id }))).toBe(
    'forbidden',
  )
})

test('the events of a chat are its changes of members, name, topic and picture within a range', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const first = await ann.sendMessage(kitchen.id, 'one')
  await ann.request('chats.update', { chatId: kitchen.id, name: 'Galley', topic: 'Soup' })
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const second = await bo.sendMessage(kitchen.id, 'two')
  await ann.request('members.remove', { chatId: kitchen.id, userId: eve.id })
  const events = async (range: { after?: number; before?: number }) => {
    const { entries } = await bo.request('chats.events', { chatId: kitchen.id, ...range })
    return entries.map((entry) => [entry.type, entry.by])
  }
  expect(await events({ before: first.seq })).toEqual([
    ['chat.created', ann.id],
    ['member.added', ann.id],
    ['member.added', ann.id],
  ])
  expect(await events({ after: first.seq, before: second.seq })).toEqual([
    ['chat.updated', ann.id],
    ['member.added', ann.id],
  ])
  expect(await events({ after: second.seq })).toEqual([['member.removed', ann.id]])
  expect(await errorCodeOf(eve.request('chats.events', { chatId: kitchen.id }))).toBe('not_found')
})
