import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FromHub } from '../../shared/contract/live.ts'
import { limits } from '../../shared/contract/values.ts'
import type { LiveClient } from '../support/live-client.ts'
import { makeWorld } from '../support/world.ts'
import { errorCodeOf } from '../support/test-user.ts'

/** The stream and type of each entry received, without the frames. */
const receivedEntryTypes = (live: LiveClient) =>
  live.entries.map((entry) => `${entry.stream.split(':')[0]} ${entry.type}`)

test('both users get the same direct chat, by id and by username in any case', async () => {
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

test('two users who open the same direct chat concurrently get one chat', async () => {
  const { ann, eve } = await makeWorld()
  const chats = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? ann.openDirectChat(eve) : eve.openDirectChat(ann))),
  )
  expect(new Set(chats.map((chat) => chat.id)).size).toBe(1)
})

test('the other user receives a new direct chat live', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const chat = await ann.openDirectChat(eve)
  expect(await live.nextEntry('chat.added')).toMatchObject({
    stream: `user:${eve.id}`,
    chat: { id: chat.id, peer: ann.id },
  })
})

test('a direct chat with an unknown user or no user is rejected', async () => {
  const { ann } = await makeWorld()
  await expect(ann.request('chats.direct', { username: 'nobody' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(ann.request('chats.direct', {})).rejects.toMatchObject({ code: 'invalid' })
})

test('a direct chat cannot be renamed, left or deleted, and takes no more members', async () => {
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
])('a group named %s can be created and used', async (name) => {
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
])('a group name %j is rejected', async (name, code) => {
  const { ann } = await makeWorld()
  await expect(ann.createGroup(name)).rejects.toMatchObject({ code, error: { field: 'name' } })
})

test('the first members receive their new group live, and its stream replays to its members', async () => {
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

test('an unknown first member fails the creation of a group and leaves nothing behind', async () => {
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

test('public groups can be found and joined; private ones return not_found', async () => {
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

test('creating, renaming, hiding and deleting a public group is published to all users', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const garden = await ann.createGroup('Garden', [], 'public')
  await ann.request('chats.update', { chatId: garden.id, name: 'Yard' })
  await ann.request('chats.update', { chatId: garden.id, visibility: 'private' })
  await ann.request('chats.update', { chatId: garden.id, visibility: 'public' })
  await ann.request('chats.delete', { chatId: garden.id })
  await live.next((message: FromHub) => message.t === 'entry' && live.entries.length === 5)
  expect(receivedEntryTypes(live)).toEqual([
    'hub group.listed',
    'hub group.listed',
    'hub group.unlisted',
    'hub group.listed',
    'hub group.unlisted',
  ])
  // the log has only the current state: a user who reads it later does not learn a removed name
  const { entries } = await eve.request('streams.read', { stream: 'hub' })
  expect(JSON.stringify(entries)).not.toContain('Yard')
})

test('renaming a group updates it live for its members', async () => {
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

test('a removed member receives the removal and nothing that follows in the chat', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const [boLive, annLive] = await Promise.all([bo.connect(), ann.connect()])
  // One frame: the hub commits the removal and the message after it in one batch.
  const removal = annLive.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  const after = annLive.request('messages.send', {
    chatId: kitchen.id,
    cid: '018f3a2e-0000-7000-8000-000000000001',
    text: 'Now that bo is gone',
  })
  await Promise.all([removal, after])
  expect(await boLive.nextEntry('chat.removed')).toMatchObject({ chatId: kitchen.id, reason: 'removed' })
  await boLive.settle()
  expect(receivedEntryTypes(boLive)).toEqual(['user chat.removed'])
  for (const attempt of [
    () => boLive.request('messages.list', { chatId: kitchen.id }),
    () => boLive.request('streams.read', { stream: `chat:${kitchen.id}` }),
    () => boLive.request('chats.get', { chatId: kitchen.id }),
    () => bo.sendMessage(kitchen.id, 'still here?'),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
  }
  // reading the log later returns no summary of a chat that the user has left
  const { entries } = await bo.request('streams.read', { stream: `user:${bo.id}` })
  expect(JSON.stringify(entries)).not.toContain('Kitchen')
  expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, i) => i + 1))
})

test('a user added again sees the chat and receives its new entries', async () => {
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

test('when the owner leaves, the longest-standing admin becomes owner, or else the longest-standing member', async () => {
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

test('the owner can transfer the group and becomes an admin', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.request('members.update', { chatId: kitchen.id, userId: bo.id, role: 'owner' })
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.map((member) => [member.user.username, member.role])).toEqual([
    ['ann', 'admin'],
    ['bo', 'owner'],
  ])
})

test('a deleted group disappears for all members at once, and its messages are purged after a week', async () => {
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

test('adding the same user twice creates one membership', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  const { chat, members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect([chat.memberCount, members.length]).toEqual([2, 2])
})

// bug 2 of the original app
test('chat.added has everything that chats.list returns, and the new chat can be used at once', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const made = await ann.createGroup('Fresh', [eve], 'public')
  const added = await live.nextEntry('chat.added')
  const { chats } = await eve.request('chats.list', {})
  expect(added).toMatchObject({ chat: chats[0] })
  expect(await errorCodeOf(live.request('chats.get', { chatId: made.id }))).toBe('ok')
  const input = { chatId: made.id, cid: randomUUID(), text: 'hello' }
  expect(await errorCodeOf(live.request('messages.send', input))).toBe('ok')
})

// bug 3 of the original app
test.for([
  'two words',
  'Küche/Bad #1',
  'مجموعة',
  '会議室',
  '👩‍👩‍👧',
  'x'.repeat(200),
  "o'; drop table chat;--",
  '..',
  '%2F',
  '?q=1',
])('a group named %s can be written to, read and followed live', async (name) => {
  const { ann, bo } = await makeWorld()
  const group = await ann.createGroup(name, [bo])
  const live = await bo.connect()
  await ann.sendMessage(group.id, 'hello')
  expect(await live.nextEntry('message.sent')).toMatchObject({
    stream: `chat:${group.id}`,
    message: { no: 1 },
  })
  const { entries } = await bo.request('streams.read', { stream: `chat:${group.id}` })
  expect(entries.at(-1)).toMatchObject({ type: 'message.sent' })
  expect((await bo.request('chats.get', { chatId: group.id })).chat.name).toBe(name)
})

// bug 4 of the original app
test('a group named like an internal id collides with no direct chat and no stream', async () => {
  const { ann, bo, eve } = await makeWorld()
  const names = ['global', `private_1_2`, `private_${ann.id}_${eve.id}`, [ann.id, eve.id].sort().join(':')]
  names.push('hub', `user:${eve.id}`, `chat:${ann.id}`, 'discover', 'direct', 'read')
  const groups = await Promise.all(names.map((name) => bo.createGroup(name, [], 'public')))
  const direct = await ann.openDirectChat(eve)
  expect(groups.map(({ id }) => id)).not.toContain(direct.id)
  expect((await eve.openDirectChat(ann)).id).toBe(direct.id)
  // the same name again creates another group
  expect((await ann.createGroup('global')).id).not.toBe(groups[0]?.id)
  const live = await eve.connect()
  await bo.sendMessage(groups[0]?.id ?? '', 'not for everybody')
  await live.settle()
  expect(live.entries).toEqual([])
})

// bug 6 of the original app
test('chats that are not open are updated live: new direct chats, messages and deleted groups', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const [boLive, eveLive] = await Promise.all([bo.connect(), eve.connect()])
  const direct = await ann.openDirectChat(eve)
  expect(await eveLive.nextEntry('chat.added')).toMatchObject({ chat: { id: direct.id, peer: ann.id } })
  await ann.sendMessage(direct.id, 'psst')
  expect(await eveLive.nextEntry('message.sent')).toMatchObject({ message: { text: 'psst' } })
  expect((await eve.request('chats.list', {})).chats[0]).toMatchObject({
    unread: 1,
    lastMessage: { text: 'psst', author: ann.id },
  })
  await ann.request('chats.delete', { chatId: kitchen.id })
  expect(await boLive.nextEntry('chat.removed')).toMatchObject({ chatId: kitchen.id, reason: 'deleted' })
})

test('public groups are found in pages by name, and a change appears at once', async () => {
  const { ann, bo, eve } = await makeWorld()
  for (const name of ['delta', 'Alpha', 'charlie', 'Bravo', 'älpha'])
    await ann.createGroup(name, [], 'public')
  const mine = await eve.createGroup('Aaa', [], 'public')
  const page = (input: { after?: string; limit?: number; query?: string }) =>
    eve.request('chats.discover', input)
  const names = ({ chats }: Awaited<ReturnType<typeof page>>) => chats.map(({ name }) => name)
  const first = await page({ limit: 2 })
  expect([names(first), first.more]).toEqual([['Alpha', 'Bravo'], true])
  const second = await page({ limit: 2, after: first.chats[1]?.id ?? '' })
  expect([names(second), second.more]).toEqual([['charlie', 'delta'], true])
  const third = await page({ limit: 2, after: second.chats[1]?.id ?? '' })
  expect([names(third), third.more]).toEqual([['älpha'], false])
  // accents make no difference, as in every search for a name
  expect(names(await page({ query: 'ALPHA' }))).toEqual(['Alpha', 'älpha'])
  await ann.request('chats.update', { chatId: first.chats[0]?.id ?? '', name: 'Zulu' })
  expect(names(await page({ limit: 1 }))).toEqual(['Bravo'])
  await eve.request('chats.leave', { chatId: mine.id }).catch(() => undefined)
  await expect(page({ after: 'nothing' })).rejects.toMatchObject({ code: 'invalid' })
  expect((await bo.request('chats.discover', {})).more).toBe(false)
})

test('a user creates 120 groups at once and then one from time to time, and others are not limited by it', async () => {
  const { ann, bo } = await makeWorld()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  let made = 0
  const attempt = async () => {
    for (; made < 200; made += 1) await ann.createGroup(`g${made}`, [], 'public')
  }
  await expect(attempt()).rejects.toMatchObject({ code: 'rate_limited' })
  // one of the world was made before
  expect(made).toBe(119)
  await bo.createGroup('Mine', [], 'public')
  vi.advanceTimersByTime(21_000)
  await ann.createGroup('later', [], 'public')
})

test('a user who has created 500 groups deletes one before the next', async () => {
  const { hub, ann, bo } = await makeWorld({ loadTest: true })
  const last = await ann.createGroup('Last', [], 'public')
  await hub.hub.store.writer.write(async ({ db }) => {
    const like = await db.selectFrom('chat').where('id', '=', last.id).selectAll().executeTakeFirstOrThrow()
    for (let i = 0; i < 498; i += 1)
      await db
        .insertInto('chat')
        .values({ ...like, id: `copy${i}` })
        .execute()
  })
  await expect(ann.createGroup('More')).rejects.toMatchObject({ code: 'conflict' })
  await bo.createGroup('Mine')
  await ann.request('chats.delete', { chatId: last.id })
  await ann.createGroup('More')
})
