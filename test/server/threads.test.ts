import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { type TestUser, errorCodeOf } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const sendReply = async (
  user: TestUser,
  parent: Message,
  text: string,
  cid: string = randomUUID(),
): Promise<Message> => {
  const input = { chatId: parent.chatId, cid, text, thread: parent.id }
  return (await user.request('messages.send', input)).message as Message
}
const getThread = async (user: TestUser, { id }: { id: string }) =>
  (await user.request('threads.get', { messageId: id })).thread

test('replies count in their thread only, and the parent message is published with its reply count', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const live = await bo.connect()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  const cid = randomUUID()
  const first = await sendReply(bo, parent, 'I do', cid)
  expect(await sendReply(bo, parent, 'I do', cid)).toEqual(first)
  expect(await errorCodeOf(bo.sendMessage(kitchen.id, 'I do', cid))).toBe('conflict')
  const second = await sendReply(ann, parent, 'Thanks')
  expect([first, second]).toMatchObject([
    { no: 1, thread: parent.id },
    { no: 2, thread: parent.id },
  ])
  const { chat } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(chat).toMatchObject({ lastNo: 1, unread: 0, lastMessage: { id: parent.id } })
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  const replies = { count: 2, lastNo: 2, at: second.at, users: [ann.id, bo.id] }
  expect(messages).toMatchObject([{ id: parent.id, replies }])
  const inThread = await bo.request('messages.list', { chatId: kitchen.id, thread: parent.id })
  expect(inThread.messages).toEqual([first, second])
  const published = await live.next(
    (one) => one.t === 'entry' && one.type === 'thread.updated' && one.seq === (messages[0]?.rev ?? 0),
  )
  expect(published).toMatchObject({ message: messages[0] })
  expect((await ann.sendMessage(kitchen.id, 'Lunch')).no).toBe(2)
  expect(await errorCodeOf(sendReply(eve, parent, 'me too'))).toBe('not_found')
  expect(await errorCodeOf(eve.request('threads.get', { messageId: parent.id }))).toBe('not_found')
  expect(await errorCodeOf(sendReply(ann, first, 'a thread in a thread'))).toBe('not_found')
  await hub.close()
  expect(await hub.findProblems()).toEqual([])
})

test('users who reply or are mentioned follow the thread and have an unread count until they unfollow', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(bo, parent, 'I do')
  expect(await getThread(ann, parent)).toMatchObject({ following: true, unread: 1, readNo: 0 })
  expect(await getThread(bo, parent)).toMatchObject({ following: true, unread: 0, readNo: 1 })
  const windows = await ann.connect()
  await ann.request('threads.read', { messageId: parent.id, no: 99 })
  expect(await getThread(ann, parent)).toMatchObject({ unread: 0, readNo: 1 })
  const published = await windows.next((one) => one.t === 'threadRead')
  expect(published).toEqual({ t: 'threadRead', chat: kitchen.id, thread: parent.id, no: 1 })
  await ann.request('threads.unfollow', { messageId: parent.id })
  await sendReply(bo, parent, 'anyone there?')
  expect((await ann.request('threads.list', {})).threads).toEqual([])
  expect((await bo.request('threads.list', {})).threads).toMatchObject([
    { message: { id: parent.id }, unread: 0 },
  ])
  await sendReply(ann, parent, 'yes')
  expect((await ann.request('threads.list', {})).threads).toMatchObject([{ following: true, unread: 0 }])
  const mine = await ann.request('streams.read', { stream: `user:${ann.id}` })
  expect(mine.entries.map(({ type }) => type).filter((type) => type.startsWith('thread.'))).toEqual([
    ...['thread.followed', 'thread.unfollowed', 'thread.followed'],
  ])
})

test('a mention in a thread makes the user follow it, even after unfollowing, and counts until it is read', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  const counts = async (user: TestUser) => {
    const { chat } = await user.request('chats.get', { chatId: kitchen.id })
    const { unread, mentions, following } = await getThread(user, parent)
    return { chat: chat.mentions, threads: chat.threadMentions ?? 0, mentions, unread, following }
  }
  await sendReply(ann, parent, 'Hello?')
  expect(await getThread(bo, parent)).toMatchObject({ following: false })
  const named = await sendReply(ann, parent, '@bo? @ann!')
  expect(await getThread(bo, parent)).toMatchObject({ following: true, readNo: 1, unread: 1, mentions: 1 })
  const once = { chat: 0, threads: 1, mentions: 1, unread: 1, following: true }
  expect(await counts(bo)).toEqual(once)
  // a mention of the author does not count
  expect(await counts(ann)).toMatchObject({ threads: 0, mentions: 0 })
  // every summary of the chat has the same count
  const { chat } = await bo.request('chats.updatePreferences', { chatId: kitchen.id, notify: 'mentions' })
  expect(chat.threadMentions).toBe(1)
  expect((await bo.connect()).state?.chats.find(({ id }) => id === kitchen.id)?.threadMentions).toBe(1)
  // reading the chat does not read the thread
  await bo.request('chats.read', { chatId: kitchen.id, no: 99 })
  expect(await counts(bo)).toEqual(once)

  // edit, delete and undelete
  const edit = (text: string) => ann.request('messages.edit', { messageId: named.id, text })
  await edit('nobody')
  expect(await counts(bo)).toMatchObject({ threads: 0, mentions: 0, unread: 1 })
  await edit('you, @bo')
  expect(await counts(bo)).toEqual(once)
  await ann.request('messages.delete', { messageId: named.id, for: 'everyone' })
  expect(await counts(bo)).toMatchObject({ threads: 0, mentions: 0, unread: 0 })
  await ann.request('messages.undelete', { messageId: named.id })
  expect(await counts(bo)).toEqual(once)
  await bo.request('messages.delete', { messageId: named.id, for: 'me' })
  expect(await counts(bo)).toMatchObject({ threads: 0 })
  await bo.request('messages.undelete', { messageId: named.id })
  expect(await counts(bo)).toEqual(once)
  await bo.request('threads.read', { messageId: parent.id, no: 2 })
  expect(await counts(bo)).toMatchObject({ threads: 0, mentions: 0, unread: 0 })
  // an edit after the message was read mentions nobody again
  await edit('@bo, you')
  expect(await counts(bo)).toMatchObject({ threads: 0, unread: 0 })

  // after unfollowing, a mention still counts; replying marks the earlier replies as read
  await bo.request('threads.unfollow', { messageId: parent.id })
  await sendReply(ann, parent, 'and now?')
  expect(await counts(bo)).toMatchObject({ threads: 0, following: false })
  await sendReply(ann, parent, '@bo!')
  expect(await counts(bo)).toEqual(once)
  await sendReply(bo, parent, 'here I am')
  expect(await counts(bo)).toMatchObject({ threads: 0, unread: 0 })
  await sendReply(ann, parent, '@bo')
  await bo.request('chats.readAll', {})
  expect(await counts(bo)).toMatchObject({ threads: 0, unread: 0 })
  await sendReply(ann, parent, '@bo')
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  expect(await counts(bo)).toMatchObject({ threads: 0 })
  await hub.close()
  expect(await hub.findProblems()).toEqual([])
})

test('a broadcast mention in a thread mentions its followers only', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const dan = await hub.registerUser('dan')
  for (const { id } of [eve, dan]) await ann.request('members.add', { chatId: kitchen.id, userId: id })
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(bo, parent, 'I do')
  await sendReply(eve, parent, 'me too')
  const mentions = async () => {
    const all = await Promise.all([ann, bo, eve, dan].map((user) => getThread(user, parent)))
    return all.map((one) => one.mentions)
  }
  await sendReply(ann, parent, '@everyone: Friday')
  expect(await mentions()).toEqual([0, 1, 1, 0])
  expect(await getThread(dan, parent)).toMatchObject({ following: false })
  await bo.connect()
  await hub.whenPresenceTold()
  await sendReply(ann, parent, '@here: now')
  expect(await mentions()).toEqual([0, 2, 1, 0])
})

test('a broadcast mention in the first reply mentions the author of the parent', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await bo.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(ann, parent, '@everyone: Friday')
  expect(await getThread(bo, parent)).toMatchObject({ following: true, unread: 1, mentions: 1 })
})

test('mentions in a thread count only while I follow it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(ann, parent, '@bo?')
  const count = async () => (await bo.request('chats.get', { chatId: kitchen.id })).chat.threadMentions ?? 0
  expect(await count()).toBe(1)
  await bo.request('threads.unfollow', { messageId: parent.id })
  // the thread is in no list any more, and “mark all as read” does not reach it
  expect(await count()).toBe(0)
  await bo.request('threads.follow', { messageId: parent.id })
  expect(await count()).toBe(1)
  await bo.request('chats.readAll', {})
  expect(await count()).toBe(0)
})

test('a deleted reply is not counted, and a thread stays open after its parent is deleted', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  const bare = await ann.sendMessage(kitchen.id, 'nobody answers this')
  const first = await sendReply(bo, parent, 'I do')
  await sendReply(ann, parent, 'Thanks')
  await bo.request('messages.delete', { messageId: first.id, for: 'everyone' })
  const after = await getThread(ann, parent)
  expect(after).toMatchObject({ unread: 0, message: { replies: { count: 1, lastNo: 2, users: [ann.id] } } })
  await bo.request('messages.undelete', { messageId: first.id })
  expect((await getThread(ann, parent)).message.replies).toMatchObject({ count: 2, users: [ann.id, bo.id] })
  for (const { id } of [parent, bare])
    await ann.request('messages.delete', { messageId: id, for: 'everyone' })
  expect((await getThread(bo, parent)).message).toMatchObject({ deleted: true, replies: { count: 2 } })
  expect((await sendReply(bo, parent, 'still cooking')).no).toBe(3)
  expect(await errorCodeOf(sendReply(bo, bare, 'too late'))).toBe('not_found')
  await hub.close()
  expect(await hub.findProblems()).toEqual([])
})

test('a thread whose parent I deleted for me leaves my list, and comes back with it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(bo, parent, 'I do')
  const listOf = async (user: TestUser) =>
    (await user.request('threads.list', { limit: 10 })).threads.map(({ message }) => message.id)
  expect(await listOf(bo)).toEqual([parent.id])
  await bo.request('messages.delete', { messageId: parent.id, for: 'me' })
  expect([await listOf(bo), await listOf(ann)]).toEqual([[], [parent.id]])
  await bo.request('messages.undelete', { messageId: parent.id })
  expect(await listOf(bo)).toEqual([parent.id])
})

test('leaving a chat removes its threads, and rejoining does not follow them again', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await ann.sendMessage(kitchen.id, 'Who cooks?')
  await sendReply(bo, parent, 'I do')
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  expect((await bo.request('threads.list', {})).threads).toEqual([])
  expect(await errorCodeOf(getThread(bo, parent))).toBe('not_found')
  await sendReply(ann, parent, 'and you, @bo?')
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  expect((await bo.request('threads.list', {})).threads).toEqual([])
  const again = await sendReply(ann, parent, 'there you are, @bo')
  expect((await bo.request('threads.list', {})).threads).toMatchObject([{ unread: 1, mentions: 1 }])
  await sendReply(bo, parent, 'here')
  expect((await getThread(bo, parent)).message.replies?.users).toEqual([bo.id, ann.id])
  expect(await bo.request('threads.read', { messageId: parent.id, no: again.no })).toMatchObject({
    readNo: 4,
  })
})

test('the receipts of a reply come from its thread, not from the chat', async () => {
  const clock = { now: Date.now() }
  const { ann, bo, eve, kitchen } = await makeWorld({ clock: () => clock.now })
  const parent = await bo.sendMessage(kitchen.id, 'Who cooks?')
  const sent = await sendReply(ann, parent, 'I do')
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  const status = () => ann.request('messages.status', { messageId: sent.id })
  expect(await status()).toEqual({ deliveredTo: [], readBy: [], times: [] })
  await bo.request('threads.read', { messageId: parent.id, no: 1 })
  const both = { deliveredTo: [bo.id], readBy: [bo.id] }
  expect(await status()).toEqual({ ...both, times: [{ userId: bo.id, readAt: clock.now }] })
  // the receipts of a message in the chat do not change
  expect(await bo.request('messages.status', { messageId: parent.id })).toEqual({
    deliveredTo: [],
    readBy: [],
    times: [],
  })
  await ann.request('chats.read', { chatId: kitchen.id, no: 1 })
  expect(await bo.request('messages.status', { messageId: parent.id })).toMatchObject({ readBy: [ann.id] })
  // a reply has been read by who answers it; the time of the earlier one is unknown then
  clock.now += 60_000
  const later = await sendReply(ann, parent, 'with beans')
  await sendReply(bo, parent, 'good')
  const timesOf = async (messageId: string) => (await ann.request('messages.status', { messageId })).times
  expect(await timesOf(later.id)).toEqual([{ userId: bo.id, readAt: clock.now }])
  expect(await timesOf(sent.id)).toEqual([])
  // who is mentioned later has never opened the earlier replies
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await sendReply(ann, parent, '@eve too')
  expect(await timesOf(later.id)).toEqual([{ userId: bo.id, readAt: clock.now }])
  await bo.request('me.update', { settings: { hideLastSeen: true } })
  expect(await timesOf(later.id)).toEqual([])
})
