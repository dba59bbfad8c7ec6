import { expect, test } from 'vitest'
import type { FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { LiveClient } from '../support/live-client.ts'
import { makeWorld } from '../support/world.ts'

/** What was told of the streams, without the frames around it. */
const receivedEntryTypes = (live: LiveClient) =>
  live.entries.map((entry) => `${entry.stream.split(':')[0]} ${entry.type}`)

test('a direct chat is the same one from both sides, by id and by name in any case', async () => {
  const { ann, bo, direct } = await makeWorld()
  const chats = await Promise.all([
    bo.request('chats.direct', { userId: ann.id }),
    bo.request('chats.direct', { username: 'ANN' }),
    ann.request('chats.direct', { username: 'Bo' }),
  ])
  expect(chats.map(({ chat }) => chat.id)).toEqual([direct.id, direct.id, direct.id])
  expect(chats[0]?.chat).toMatchObject({
    kind: 'direct',
    peer: ann.id,
    visibility: 'private',
    memberCount: 2,
  })
})

test('two who open the same direct chat at the same moment get one', async () => {
  const { ann, eve } = await makeWorld()
  const chats = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? ann.openDirectChat(eve) : eve.openDirectChat(ann))),
  )
  expect(new Set(chats.map((chat) => chat.id)).size).toBe(1)
})

test('the other one hears of a new direct chat live', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const chat = await ann.openDirectChat(eve)
  expect(await live.nextEntry('chat.added')).toMatchObject({
    stream: `user:${eve.id}`,
    chat: { id: chat.id, peer: ann.id },
  })
})

test('a direct chat is with somebody else, who exists', async () => {
  const { ann } = await makeWorld()
  await expect(ann.request('chats.direct', { userId: ann.id })).rejects.toMatchObject({ code: 'invalid' })
  await expect(ann.request('chats.direct', { username: 'Ann' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(ann.request('chats.direct', { username: 'nobody' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(ann.request('chats.direct', {})).rejects.toMatchObject({ code: 'invalid' })
})

test('a direct chat has no name, no door and no way out', async () => {
  const { ann, direct, eve } = await makeWorld()
  const { id: chatId } = direct
  for (const attempt of [
    () => ann.request('chats.update', { chatId, name: 'x' }),
    () => ann.request('chats.leave', { chatId }),
    () => ann.request('chats.delete', { chatId }),
    () => ann.request('members.add', { chatId, userId: eve.id }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' })
  }
})

test.each([
  'global',
  'private_1_2',
  'Kaffee & Küche / 2',
  'مجموعة العائلة',
  '日本語の部屋',
  '🎉',
  '__proto__',
  'x'.repeat(255),
])('a group may be called %s, and its chat works', async (name) => {
  const { ann, bo } = await makeWorld()
  const live = await bo.connect()
  const group = await ann.createGroup(name, [bo])
  expect(group.name).toBe(name)
  await ann.sendMessage(group.id, 'hello')
  expect(await live.nextEntry('message.sent')).toMatchObject({ stream: `chat:${group.id}` })
})

test.each([
  ['   ', 'invalid'],
  ['a\u0000b', 'invalid'],
  ['\u202Eevil', 'invalid'],
  ['x'.repeat(256), 'too_large'],
])('a group cannot be called %j', async (name, code) => {
  const { ann } = await makeWorld()
  await expect(ann.createGroup(name)).rejects.toMatchObject({ code, error: { field: 'name' } })
})

test('first members hear of their group live, and its stream folds to its members', async () => {
  const { ann, bo, eve } = await makeWorld()
  const live = await eve.connect()
  const group = await ann.createGroup('Garden', [bo, eve])
  expect(await live.nextEntry('chat.added')).toMatchObject({
    chat: { id: group.id, name: 'Garden', head: 4, memberCount: 3 },
  })
  const { entries } = await ann.request('streams.read', { stream: `chat:${group.id}` })
  expect(entries.map((entry) => [entry.seq, entry.type])).toEqual([
    [1, 'chat.created'],
    [2, 'member.added'],
    [3, 'member.added'],
    [4, 'member.added'],
  ])
})

test('somebody who does not exist cannot be a first member, and nothing is left of the attempt', async () => {
  const { ann, bo } = await makeWorld()
  const before = await ann.request('chats.list', {})
  const attempt = ann.request('chats.create', {
    name: 'Ghosts',
    visibility: 'public',
    members: [bo.id, 'nobody'],
  })
  await expect(attempt).rejects.toMatchObject({ code: 'not_found' })
  expect(await ann.request('chats.list', {})).toEqual(before)
})

test('public groups are found and joined; private ones are not there', async () => {
  const { ann, eve, bo } = await makeWorld()
  const garden = await ann.createGroup('Garten und Hof', [], 'public')
  await ann.createGroup('Secret', [], 'private')
  const found = async (query?: string) =>
    (await eve.request('chats.discover', query === undefined ? {} : { query })).chats.map((chat) => chat.name)
  expect(await found()).toEqual(['Garten und Hof'])
  expect(await found('HOF')).toEqual(['Garten und Hof'])
  expect(await found('kitchen')).toEqual([])
  const live = await ann.connect()
  await ann.sendMessage(garden.id, 'before eve')
  const { chat } = await eve.request('chats.join', { chatId: garden.id })
  expect(chat).toMatchObject({ role: 'member', memberCount: 2, unread: 0, readNo: 1 })
  expect(await live.nextEntry('member.added')).toMatchObject({
    user: { id: eve.id },
    role: 'member',
    by: eve.id,
  })
  expect(await found()).toEqual([])
  expect((await eve.request('messages.list', { chatId: garden.id })).messages).toHaveLength(1)
  expect((await eve.request('chats.join', { chatId: garden.id })).chat).toEqual(chat)
  await expect(bo.request('chats.leave', { chatId: garden.id })).rejects.toMatchObject({ code: 'not_found' })
})

test('groups that appear, are renamed, hidden or deleted are told to everybody who may find them', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const garden = await ann.createGroup('Garden', [], 'public')
  await ann.request('chats.update', { chatId: garden.id, name: 'Yard' })
  await ann.request('chats.update', { chatId: garden.id, visibility: 'private' })
  await ann.request('chats.update', { chatId: garden.id, visibility: 'public' })
  await ann.request('chats.delete', { chatId: garden.id })
  await live.next((heard: FromHub) => heard.t === 'entry' && live.entries.length === 5)
  expect(receivedEntryTypes(live)).toEqual([
    'hub group.listed',
    'hub group.listed',
    'hub group.unlisted',
    'hub group.listed',
    'hub group.unlisted',
  ])
  // the log tells what is true now: nobody learns the name of what is gone
  const { entries } = await eve.request('streams.read', { stream: 'hub' })
  expect(JSON.stringify(entries)).not.toContain('Yard')
})

test('a renamed group is renamed for its members without a reload', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.request('chats.update', { chatId: kitchen.id, name: 'Canteen', topic: 'Lunch at noon' })
  expect(await live.nextEntry('chat.updated')).toMatchObject({
    changes: { name: 'Canteen', topic: 'Lunch at noon' },
  })
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat).toMatchObject({
    name: 'Canteen',
    topic: 'Lunch at noon',
  })
  await ann.request('chats.update', { chatId: kitchen.id, topic: '' })
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat.topic).toBeUndefined()
})

test('a removed member hears that, and nothing of the chat that came after', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const [bos, anns] = await Promise.all([bo.connect(), ann.connect()])
  // one frame: the hub takes the removal and the message that follows in one batch
  const removal = anns.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  const after = anns.request('messages.send', {
    chatId: kitchen.id,
    cid: '018f3a2e-0000-7000-8000-000000000001',
    text: 'Now that bo is gone',
  })
  await Promise.all([removal, after])
  expect(await bos.nextEntry('chat.removed')).toMatchObject({ chatId: kitchen.id, reason: 'removed' })
  await bos.settle()
  expect(receivedEntryTypes(bos)).toEqual(['user chat.removed'])
  for (const attempt of [
    () => bos.request('messages.list', { chatId: kitchen.id }),
    () => bos.request('streams.read', { stream: `chat:${kitchen.id}` }),
    () => bos.request('chats.get', { chatId: kitchen.id }),
    () => bo.sendMessage(kitchen.id, 'still here?'),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
  }
  // reading the log later shows no summary of a chat that is no longer mine
  const { entries } = await bo.request('streams.read', { stream: `user:${bo.id}` })
  expect(JSON.stringify(entries)).not.toContain('Kitchen')
  expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, i) => i + 1))
})

test('somebody who comes back sees the chat again and hears what comes next', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  const added = await live.nextEntry('chat.added')
  const message = await ann.sendMessage(kitchen.id, 'Welcome back')
  const sent = await live.nextEntry('message.sent')
  if (added.type !== 'chat.added') throw new Error('no')
  expect(sent.seq).toBe(added.chat.head + 1)
  expect(sent).toMatchObject({ message })
})

test('when the owner leaves, the oldest admin, else the oldest member, becomes owner', async () => {
  const { ann, bo, eve, olga, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await ann.request('members.add', { chatId: kitchen.id, userId: olga.id })
  await ann.request('members.update', { chatId: kitchen.id, userId: olga.id, role: 'admin' })
  const live = await bo.connect()
  await ann.request('chats.leave', { chatId: kitchen.id })
  expect(await live.nextEntry('member.updated')).toMatchObject({ user: { id: olga.id }, role: 'owner' })
  await olga.request('chats.leave', { chatId: kitchen.id })
  const { members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(members.map((member) => [member.user.username, member.role])).toEqual([
    ['bo', 'owner'],
    ['eve', 'member'],
  ])
  await bo.request('chats.leave', { chatId: kitchen.id })
  await eve.request('chats.leave', { chatId: kitchen.id })
  await expect(eve.request('chats.get', { chatId: kitchen.id })).rejects.toMatchObject({ code: 'not_found' })
})

test('the owner hands the group over and becomes an admin', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.request('members.update', { chatId: kitchen.id, userId: bo.id, role: 'owner' })
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.map((member) => [member.user.username, member.role])).toEqual([
    ['ann', 'admin'],
    ['bo', 'owner'],
  ])
})

test('a deleted group is gone for everybody at once, and a week later its messages from the file', async () => {
  const world = await makeWorld()
  const { ann, bo, kitchen } = world
  for (let i = 0; i < 5; i += 1) await ann.sendMessage(kitchen.id, `secret ${i}`)
  const live = await bo.connect()
  await ann.request('chats.delete', { chatId: kitchen.id })
  expect(await live.nextEntry('chat.removed')).toMatchObject({ chatId: kitchen.id, reason: 'deleted' })
  await expect(bo.sendMessage(kitchen.id, 'hello?')).rejects.toMatchObject({ code: 'not_found' })
  const inAWeek = Date.now() + limits.undeleteDays * 86_400_000
  const hub = await world.hub.restart({ clock: () => inAWeek })
  const left = () =>
    hub.hub.store.read(async (db) => {
      const messages = await db.selectFrom('message').where('chatId', '=', kitchen.id).select('id').execute()
      const entries = await db
        .selectFrom('entry')
        .where('stream', '=', `chat:${kitchen.id}`)
        .select('seq')
        .execute()
      const chats = await db.selectFrom('chat').where('id', '=', kitchen.id).select('id').execute()
      return messages.length + entries.length + chats.length
    })
  // in small steps, so that nobody waits for it
  await expect.poll(left).toBe(0)
})

test('adding somebody twice is once', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  const { chat, members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect([chat.memberCount, members.length]).toEqual([2, 2])
})
