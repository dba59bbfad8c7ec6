import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { normalizeEmoji } from '../../server/emoji.ts'
import { type TestUser, errorCodeOf } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const addReaction = async (user: TestUser, messageId: string, emoji: string): Promise<Message> =>
  (await user.request('reactions.add', { messageId, emoji })).message as Message

test('a reaction is published live, counts once per user in the order of arrival, and can be removed', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const live = await bo.connect()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'Cake in the kitchen')
  await addReaction(ann, messageId, '🎉')
  await addReaction(bo, messageId, '👍')
  await addReaction(bo, messageId, '🎉')
  const message = await addReaction(bo, messageId, '🎉')
  expect(message.reactions).toEqual([
    { emoji: '🎉', users: [ann.id, bo.id] },
    { emoji: '👍', users: [bo.id] },
  ])
  const published = await live.next(
    (one) => one.t === 'entry' && one.type === 'reaction.added' && one.seq === message.rev,
  )
  expect(published).toMatchObject({ by: bo.id, message })
  const { entries } = await bo.request('streams.read', { stream: `chat:${kitchen.id}` })
  expect(entries.filter(({ type }) => type === 'reaction.added')).toHaveLength(3)
  await bo.request('reactions.remove', { messageId, emoji: '🎉' })
  await bo.request('reactions.remove', { messageId, emoji: '🎉' })
  const { messages } = await ann.request('messages.list', { chatId: kitchen.id })
  expect(messages).toMatchObject([
    {
      reactions: [
        { emoji: '🎉', users: [ann.id] },
        { emoji: '👍', users: [bo.id] },
      ],
    },
  ])
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat.unread).toBe(1)
  expect(await errorCodeOf(addReaction(eve, messageId, '👍'))).toBe('not_found')
})

test('a message has at most twenty different reactions, each by any number of users', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'hello')
  const emojis = [...'😀😃😄😁😆😅🤣😂🙂🙃🫠😉😊😇🥰😍🤩😘😗😚😙'].slice(0, 21)
  for (const emoji of emojis.slice(0, 20)) await addReaction(ann, messageId, emoji)
  expect(await errorCodeOf(addReaction(ann, messageId, emojis[20] as string))).toBe('conflict')
  expect((await addReaction(bo, messageId, emojis[0] as string)).reactions[0]?.users).toEqual([ann.id, bo.id])
})

test('a reaction is one emoji in any spelling and nothing else, over HTTP and the socket', async () => {
  const { ann, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'hello')
  const live = await ann.connect()
  const good = ['👍🏽', '🏳️‍🌈', '👩🏿‍❤️‍💋‍👩🏾', '🇩🇪', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️']
  for (const emoji of good) {
    await addReaction(ann, messageId, emoji)
    await live.request('reactions.add', { messageId, emoji })
  }
  const message = await addReaction(ann, messageId, '❤')
  expect(message.reactions.map(({ emoji }) => emoji)).toEqual(good)
  for (const emoji of ['a', '1', '👍👍', '<b>', '__proto__', ' ', '👍 ', ':+1:', '‍', '🇩']) {
    expect(await errorCodeOf(addReaction(ann, messageId, emoji)), emoji).toBe('invalid')
    expect(await errorCodeOf(live.request('reactions.add', { messageId, emoji })), emoji).toBe('invalid')
  }
  expect(await errorCodeOf(live.request('reactions.add', { messageId, emoji: '👍'.repeat(100) }))).toBe(
    'too_large',
  )
})

test('an emoji is stored with its variation selector as in the Unicode standard', () => {
  expect(normalizeEmoji('❤')).toBe('❤️')
  expect(normalizeEmoji('🏳‍🌈')).toBe('🏳️‍🌈')
  expect(normalizeEmoji('👍️')).toBe('👍')
  expect(normalizeEmoji('☝🏽')).toBe('☝🏽')
})
