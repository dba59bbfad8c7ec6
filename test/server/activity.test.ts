import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { LiveClient } from '../support/live-client.ts'
import { errorCodeOf, type TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const nextHint = (live: LiveClient) => live.next(({ t }) => t === 'activity')
const list = (user: TestUser, kind?: 'mention' | 'reply' | 'reaction' | 'keyword') =>
  user.request('activity.list', kind ? { kind } : {})
/** The items as `kind text unread`, the latest first. */
const items = async (user: TestUser) =>
  (await list(user)).items.map(({ kind, message, unread }) => `${kind} ${message.text}${unread ? ' *' : ''}`)
const reply = (user: TestUser, chatId: string, thread: string, text: string) =>
  user.request('messages.send', { chatId, cid: randomUUID(), text, thread })

test('gathers mentions, replies in followed threads, reactions to own messages and keywords of all chats', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await bo.request('me.update', { settings: { keywords: ['oven', '東京'] } })
  const live = await bo.connect()
  const other = await ann.createGroup('Trips', [bo])
  await ann.sendMessage(kitchen.id, 'nothing')
  await ann.sendMessage(kitchen.id, 'hello @bo')
  await nextHint(live)
  const mine = await bo.sendMessage(kitchen.id, 'my own oven @bo')
  await reply(ann, kitchen.id, mine.id, 'an answer')
  await ann.request('reactions.add', { messageId: mine.id, emoji: '👍' })
  await ann.sendMessage(other.id, '東京都へ')
  await ann.sendMessage(other.id, 'the Oven is on')
  await ann.sendMessage(other.id, 'ovens')
  expect(await items(bo)).toEqual([
    'keyword the Oven is on *',
    'keyword 東京都へ *',
    'reaction my own oven @bo *',
    'reply an answer *',
    // writing in the chat read it
    'mention hello @bo',
  ])
  const { items: all, unread } = await list(bo)
  expect(unread).toBe(4)
  expect(all[2]).toMatchObject({ by: ann.id, emoji: '👍' })
  expect(all[3]).toMatchObject({ by: ann.id, threadNo: mine.no })
  expect((await list(bo, 'keyword')).items).toHaveLength(2)
  expect((await list(bo, 'reaction')).items).toHaveLength(1)
  expect(await items(ann)).toEqual([])
  // a keyword counts as a mention, so it notifies
  const { chat } = await bo.request('chats.get', { chatId: other.id })
  expect(chat).toMatchObject({ unread: 3, mentions: 2 })
})

test('an item is read with its chat or thread, by its id, or with all others, on every device', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'one @bo')
  await ann.sendMessage(kitchen.id, 'two @bo')
  const mine = await bo.request('messages.send', { chatId: direct.id, cid: randomUUID(), text: 'mine' })
  const { id: messageId } = mine.message
  await reply(ann, direct.id, messageId, 'answer')
  await ann.request('reactions.add', { messageId, emoji: '👍' })
  await ann.request('reactions.add', { messageId, emoji: '🎉' })
  expect((await list(bo)).unread).toBe(5)
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  await bo.request('threads.read', { messageId, no: 1 })
  expect(await items(bo)).toEqual([
    'reaction mine *',
    'reaction mine *',
    'reply answer',
    'mention two @bo *',
    'mention one @bo',
  ])
  const [newest] = (await list(bo)).items
  const otherWindow = await bo.connect()
  expect(await bo.request('activity.read', { ids: [newest?.id ?? 0] })).toEqual({ unread: 2 })
  await nextHint(otherWindow)
  expect(await bo.request('activity.read', { upTo: newest?.id ?? 0 })).toEqual({ unread: 0 })
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat.unread).toBe(1)
  // of others, and without a choice
  expect(await ann.request('activity.read', { ids: [newest?.id ?? 0] })).toEqual({ unread: 0 })
  expect(await errorCodeOf(bo.request('activity.read', {}))).toBe('invalid')
})

test('an edit, a deletion and a removed reaction take their items along, and an edit keeps what was read', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const message = await ann.sendMessage(kitchen.id, 'hello @bo')
  const [first] = (await list(bo)).items
  await bo.request('activity.read', { upTo: first?.id ?? 0 })
  const edit = (text: string) => ann.request('messages.edit', { messageId: message.id, text })
  await edit('hello again @bo')
  expect(await items(bo)).toEqual(['mention hello again @bo'])
  await edit('hello')
  expect(await items(bo)).toEqual([])
  await edit('hello @bo')
  expect(await items(bo)).toEqual(['mention hello @bo *'])
  await ann.request('messages.delete', { messageId: message.id, for: 'everyone' })
  expect(await items(bo)).toEqual([])
  await ann.request('messages.undelete', { messageId: message.id })
  expect(await items(bo)).toEqual(['mention hello @bo *'])
  await bo.request('messages.delete', { messageId: message.id, for: 'me' })
  expect(await items(bo)).toEqual([])
  await bo.request('messages.undelete', { messageId: message.id })
  expect(await items(bo)).toEqual(['mention hello @bo *'])
  await bo.request('reactions.add', { messageId: message.id, emoji: '👍' })
  expect(await items(ann)).toEqual(['reaction hello @bo *'])
  await bo.request('reactions.remove', { messageId: message.id, emoji: '👍' })
  expect(await items(ann)).toEqual([])
})

test('a user who left a chat sees nothing of it, nor does anybody else', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'hello @bo and @eve')
  expect(await items(eve)).toEqual([])
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  expect(await list(bo)).toMatchObject({ items: [], unread: 0 })
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  expect(await items(bo)).toEqual([])
})

test('keywords are stored once each, and refused when too long or too many', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const set = (keywords: string[]) => bo.request('me.update', { settings: { keywords } })
  const live = await bo.connect()
  const { settings } = await set(['  Oven ', 'oven', 'release   train'])
  expect(settings.keywords).toEqual(['Oven', 'release train'])
  expect(await live.nextEntry('settings.updated')).toMatchObject({
    changes: { keywords: ['Oven', 'release train'] },
  })
  await expect(set(['x'.repeat(65)])).rejects.toMatchObject({ error: { field: 'settings' } })
  expect(await errorCodeOf(set(Array.from({ length: 31 }, (_, at) => `word${at}`)))).toBe('too_large')
  expect(await errorCodeOf(set(['  ']))).toBe('invalid')
  await set([])
  await ann.sendMessage(kitchen.id, 'the oven')
  expect(await items(bo)).toEqual([])
})

test('pages of activity follow one another without a gap', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  for (let at = 1; at <= 5; at += 1) await ann.sendMessage(kitchen.id, `${at} @bo`)
  const first = await bo.request('activity.list', { limit: 2 })
  const second = await bo.request('activity.list', { limit: 2, before: first.next ?? 0 })
  const third = await bo.request('activity.list', { limit: 2, before: second.next ?? 0 })
  const texts = [first, second, third].flatMap((page) => page.items.map(({ message }) => message.text))
  expect(texts).toEqual(['5 @bo', '4 @bo', '3 @bo', '2 @bo', '1 @bo'])
  expect(third.next).toBeUndefined()
})
