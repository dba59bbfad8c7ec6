import { expect, test } from 'vitest'
import { limits } from '../../shared/contract/values.ts'
import { errorCodeOf, type TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const open = async (user: TestUser, others: TestUser[]) =>
  (await user.request('chats.withUsers', { userIds: others.map(({ id }) => id) })).chat

test('the same users get the same chat without a name, for each of them and in any order', async () => {
  const { ann, bo, eve, olga } = await makeWorld()
  const live = await eve.connect()
  const chat = await open(ann, [bo, eve])
  expect(chat).toMatchObject({ kind: 'group', visibility: 'private', role: 'member', memberCount: 3 })
  expect(chat).not.toHaveProperty('name')
  expect(chat.memberIds).toEqual([bo.id, eve.id].sort())
  expect(await live.nextEntry('chat.added')).toMatchObject({
    chat: { id: chat.id, memberIds: [ann.id, bo.id].sort() },
  })
  expect((await open(eve, [ann, bo, ann, eve])).id).toBe(chat.id)
  expect((await open(ann, [bo, olga])).id).not.toBe(chat.id)
  await eve.sendMessage(chat.id, 'hello @ann')
  expect((await ann.request('chats.get', { chatId: chat.id })).chat).toMatchObject({ unread: 1, mentions: 1 })
})

test('with one other user it is the direct chat, with nobody else the notes', async () => {
  const { ann, bo, direct } = await makeWorld()
  expect((await open(ann, [bo])).id).toBe(direct.id)
  const notes = await open(ann, [ann])
  expect(notes).toMatchObject({ kind: 'direct', peer: ann.id, memberCount: 1 })
  expect(notes.id).toBe((await ann.request('chats.direct', { username: 'ANN' })).chat.id)
  expect(notes.id).toBe((await ann.request('chats.direct', { userId: ann.id })).chat.id)
  const note = await ann.sendMessage(notes.id, 'buy figs @ann')
  await ann.request('messages.edit', { messageId: note.id, text: 'buy more figs' })
  await ann.request('reactions.add', { messageId: note.id, emoji: '👍' })
  await ann.request('pins.add', { messageId: note.id })
  const { chat } = await ann.request('chats.get', { chatId: notes.id })
  expect(chat).toMatchObject({ unread: 0, mentions: 0, lastNo: 1 })
  expect(chat).not.toHaveProperty('peerReadNo')
  const { hits } = await ann.request('search.messages', { q: 'figs in:ann' })
  expect(hits.map(({ chatId }) => chatId)).toEqual([notes.id])
  expect(await errorCodeOf(bo.request('chats.get', { chatId: notes.id }))).toBe('not_found')
})

test('a chat without a name takes ten others, who must exist and be active', async () => {
  const { hub, ann, bo, eve, olga } = await makeWorld()
  const ids = Array.from({ length: limits.unnamedChatUsers + 1 }, (_, at) => `nobody-${at}`)
  expect(await errorCodeOf(ann.request('chats.withUsers', { userIds: ids }))).toBe('too_large')
  expect(await errorCodeOf(ann.request('chats.withUsers', { userIds: [] }))).toBe('invalid')
  expect(await errorCodeOf(ann.request('chats.withUsers', { userIds: [bo.id, 'nobody'] }))).toBe('not_found')
  await olga.request('admin.users.update', { userId: eve.id, deactivated: true })
  expect(await errorCodeOf(open(ann, [bo, eve]))).toBe('not_found')
  const team: TestUser[] = []
  for (let at = 0; at < limits.unnamedChatUsers; at += 1) team.push(await hub.registerUser(`user${at}`))
  expect(await open(ann, team)).toMatchObject({ memberCount: 11 })
})

test('its members stay the same, and each may pin; to others and to admins it does not exist', async () => {
  const { ann, bo, eve, olga } = await makeWorld()
  const { id: chatId } = await open(ann, [bo, eve])
  const refused = await Promise.all([
    errorCodeOf(ann.request('chats.leave', { chatId })),
    errorCodeOf(ann.request('members.add', { chatId, userId: olga.id })),
    errorCodeOf(ann.request('members.remove', { chatId, userId: bo.id })),
    errorCodeOf(ann.request('chats.delete', { chatId })),
    errorCodeOf(ann.request('chats.archive', { chatId })),
    errorCodeOf(ann.request('webhooks.create', { chatId, name: 'News' })),
  ])
  expect(new Set(refused)).toEqual(new Set(['forbidden']))
  const message = await ann.sendMessage(chatId, 'keep this')
  await eve.request('pins.add', { messageId: message.id })
  expect(await errorCodeOf(bo.request('messages.delete', { messageId: message.id, for: 'everyone' }))).toBe(
    'forbidden',
  )
  expect((await olga.request('admin.groups.list', {})).groups.map(({ id }) => id)).not.toContain(chatId)
  expect(await errorCodeOf(olga.request('admin.groups.delete', { chatId }))).toBe('not_found')
  expect(await errorCodeOf(olga.request('chats.update', { chatId, name: 'Mine' }))).toBe('not_found')
})

test('a name by any member turns it into a private group of theirs', async () => {
  const { ann, bo, eve, olga } = await makeWorld()
  const { id: chatId } = await open(ann, [bo, eve])
  await ann.sendMessage(chatId, 'first')
  expect(await errorCodeOf(bo.request('chats.update', { chatId, topic: 'Soup' }))).toBe('invalid')
  const live = await ann.connect()
  const { chat } = await bo.request('chats.update', { chatId, name: 'Soup club' })
  expect(chat).toMatchObject({ name: 'Soup club', role: 'owner', visibility: 'private', lastNo: 1 })
  expect(chat).not.toHaveProperty('memberIds')
  expect(await live.nextEntry('chat.updated')).toMatchObject({ changes: { name: 'Soup club' } })
  expect(await live.nextEntry('member.updated')).toMatchObject({ userId: bo.id, role: 'owner' })
  await bo.request('members.add', { chatId, userId: olga.id })
  await eve.request('chats.leave', { chatId })
  expect(await errorCodeOf(ann.request('chats.update', { chatId, name: 'Mine' }))).toBe('forbidden')
  // the same users may begin another one
  expect((await open(ann, [bo, eve])).id).not.toBe(chatId)
})
