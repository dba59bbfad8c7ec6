import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { type TestUser, errorCodeOf } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const hourMs = 60 * 60 * 1000

const editMessage = async (
  user: TestUser,
  message: Message,
  text: string,
  rev?: number,
): Promise<Message> => {
  const input = { messageId: message.id, text, ...(rev === undefined ? {} : { rev }) }
  return (await user.request('messages.edit', input)).message as Message
}
const deleteMessage = (user: TestUser, { id }: { id: string }, how: 'everyone' | 'me' = 'everyone') =>
  user.request('messages.delete', { messageId: id, for: how })
const getChat = async (user: TestUser, chatId: string) => (await user.request('chats.get', { chatId })).chat
const listMessages = async (user: TestUser, chatId: string) =>
  (await user.request('messages.list', { chatId })).messages as Message[]

test('an edit reaches all members live, no other user, and has a time', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const live = await bo.connect()
  const sent = await ann.sendMessage(kitchen.id, 'Soop is ready')
  const edited = await editMessage(ann, sent, 'Soup is ready')
  expect(edited).toMatchObject({ id: sent.id, no: sent.no, text: 'Soup is ready', cid: sent.cid })
  expect(edited.editedAt).toBeGreaterThanOrEqual(sent.at)
  expect(edited.rev).toBeGreaterThan(sent.rev)
  const published = await live.next((one) => one.t === 'entry' && one.type === 'message.edited')
  expect(published).toMatchObject({ by: ann.id, message: edited })
  expect((await getChat(bo, kitchen.id)).lastMessage?.text).toBe('Soup is ready')
  expect(await errorCodeOf(editMessage(eve, sent, 'x'))).toBe('not_found')
  expect(await errorCodeOf(editMessage(bo, sent, 'x'))).toBe('forbidden')
  expect(await errorCodeOf(editMessage(ann, sent, ' '))).toBe('invalid')
  expect(await errorCodeOf(editMessage(ann, sent, 'x'.repeat(17_000)))).toBe('too_large')
})

test('an edit based on an outdated rev is a conflict, but a repeated edit or a reaction in between is not', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const sent = await ann.sendMessage(kitchen.id, 'one')
  await bo.request('reactions.add', { messageId: sent.id, emoji: '👍' })
  const second = await editMessage(ann, sent, 'two', sent.rev)
  expect(await errorCodeOf(editMessage(ann, sent, 'three', sent.rev))).toBe('conflict')
  expect((await editMessage(ann, sent, 'two', sent.rev)).rev).toBe(second.rev)
  expect((await editMessage(ann, sent, 'three', second.rev)).text).toBe('three')
})

test('a late retry of a send returns the message in its current state', async () => {
  const { ann, kitchen } = await makeWorld()
  const cid = randomUUID()
  const sent = await ann.sendMessage(kitchen.id, 'one', cid)
  await editMessage(ann, sent, 'two')
  expect((await ann.sendMessage(kitchen.id, 'one', cid)).text).toBe('two')
  expect(await errorCodeOf(ann.sendMessage(kitchen.id, 'two', cid))).toBe('conflict')
})

test('a message can be edited for a day', async () => {
  let now = 1_800_000_000_000
  const { ann, kitchen } = await makeWorld({ clock: () => now })
  const sent = await ann.sendMessage(kitchen.id, 'one')
  now += 24 * hourMs
  expect((await editMessage(ann, sent, 'two')).text).toBe('two')
  now += 1
  expect(await errorCodeOf(editMessage(ann, sent, 'three'))).toBe('forbidden')
})

test('editing the text updates the mentions', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const sent = await ann.sendMessage(kitchen.id, 'hello @bo')
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 1, mentions: 1 })
  await editMessage(ann, sent, 'hello all')
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 1, mentions: 0 })
  await editMessage(ann, sent, 'hello @Bo')
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 1, mentions: 1 })
  await deleteMessage(ann, sent)
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 0, mentions: 0 })
  await ann.request('messages.undelete', { messageId: sent.id })
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 1, mentions: 1 })
})

test('a deletion for me can be undone as long as one for everyone, by the clock of the hub', async () => {
  let now = 1_800_000_000_000
  const { ann, bo, kitchen } = await makeWorld({ clock: () => now })
  const [first, second] = [await ann.sendMessage(kitchen.id, 'one'), await ann.sendMessage(kitchen.id, 'two')]
  for (const { id } of [first, second]) await bo.request('messages.delete', { messageId: id, for: 'me' })
  now += limits.undeleteSeconds * 1000
  await bo.request('messages.undelete', { messageId: first.id })
  now += 1
  expect(await errorCodeOf(bo.request('messages.undelete', { messageId: second.id }))).toBe('not_found')
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect(messages.map(({ id }) => id)).toEqual([first.id])
})

test('a message hidden for me counts no mention through edits and undeletes, and counts once when it is back', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const parent = await bo.sendMessage(kitchen.id, 'Who cooks?')
  const first = await ann.sendMessage(kitchen.id, 'hello @bo')
  const input = { chatId: kitchen.id, cid: randomUUID(), text: '@bo you', thread: parent.id }
  const inThread = (await ann.request('messages.send', input)).message as Message
  const counts = async () => {
    const { unread, mentions, threadMentions = 0 } = await getChat(bo, kitchen.id)
    return [unread, mentions, threadMentions]
  }
  expect(await counts()).toEqual([1, 1, 1])
  for (const { id } of [first, inThread]) await bo.request('messages.delete', { messageId: id, for: 'me' })
  expect(await counts()).toEqual([0, 0, 0])
  for (const sent of [first, inThread]) await editMessage(ann, sent, 'hello again @bo')
  expect(await counts()).toEqual([0, 0, 0])
  for (const sent of [first, inThread]) {
    await deleteMessage(ann, sent)
    await ann.request('messages.undelete', { messageId: sent.id })
  }
  expect(await counts()).toEqual([0, 0, 0])
  for (const { id } of [first, inThread]) await bo.request('messages.undelete', { messageId: id })
  expect(await counts()).toEqual([1, 1, 1])
})

test('a mention of the author never counts, even after they mark their own message as unread', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'what is on?')
  const own = await ann.sendMessage(kitchen.id, 'note to @ann')
  await editMessage(ann, own, 'a note to @ann')
  const { chat } = await ann.request('chats.updatePreferences', { chatId: kitchen.id, unreadFrom: 1 })
  expect(chat).toMatchObject({ unread: 1, mentions: 0 })
})

test('a message deleted for everyone becomes a tombstone without text everywhere it was shown', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  const sent = await ann.sendMessage(kitchen.id, 'the secret word')
  const { message: reply } = await bo.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'which?', replyTo: sent.id },
  })
  expect(reply).toMatchObject({ replyTo: { id: sent.id, text: 'the secret word' } })
  await deleteMessage(ann, sent)
  await deleteMessage(ann, sent)
  const published = await live.next((one) => one.t === 'entry' && one.type === 'message.deleted')
  expect(published).toMatchObject({ message: { id: sent.id, no: sent.no, deleted: true } })
  expect(JSON.stringify(published)).not.toContain('secret')
  const everything = [
    await bo.request('messages.list', { chatId: kitchen.id }),
    await bo.request('streams.read', { stream: `chat:${kitchen.id}` }),
    await bo.request('chats.list', {}),
    await bo.request('messages.status', { messageId: sent.id }),
  ]
  expect(JSON.stringify(everything)).not.toContain('secret')
  expect(await errorCodeOf(editMessage(ann, sent, 'again'))).toBe('not_found')
  expect(await errorCodeOf(bo.request('reactions.add', { messageId: sent.id, emoji: '👍' }))).toBe(
    'not_found',
  )
  const entries = (await bo.request('streams.read', { stream: `chat:${kitchen.id}` })).entries
  expect(entries.filter(({ type }) => type === 'message.deleted')).toHaveLength(1)
})

test('a group admin can delete others’ messages, and the audit log records it without the text', async () => {
  const { olga, ann, bo, kitchen, direct } = await makeWorld()
  const rude = await bo.sendMessage(kitchen.id, 'rude')
  const own = await ann.sendMessage(kitchen.id, 'mine')
  expect(await errorCodeOf(deleteMessage(bo, own))).toBe('forbidden')
  await deleteMessage(ann, rude)
  expect((await listMessages(bo, kitchen.id))[0]).toMatchObject({ id: rude.id, deleted: true })
  const { rows } = await olga.request('admin.audit', { action: 'message.deleted' })
  expect(rows).toMatchObject([{ by: ann.id, target: rude.id }])
  expect(JSON.stringify(rows)).not.toContain('rude')
  const said = await bo.sendMessage(direct.id, 'between us')
  expect(await errorCodeOf(deleteMessage(ann, said))).toBe('forbidden')
})

test('a deletion can be undone for ten seconds, only by the user who deleted, and the database stays consistent', async () => {
  let now = 1_800_000_000_000
  const { hub, ann, bo, kitchen } = await makeWorld({ clock: () => now })
  const sent = await ann.sendMessage(kitchen.id, 'hello')
  await bo.request('reactions.add', { messageId: sent.id, emoji: '👍' })
  await deleteMessage(ann, sent)
  expect(await errorCodeOf(bo.request('messages.undelete', { messageId: sent.id }))).toBe('not_found')
  now += 9_000
  const { message } = await ann.request('messages.undelete', { messageId: sent.id })
  expect(message).toMatchObject({ text: 'hello', reactions: [{ emoji: '👍', users: [bo.id] }] })
  expect(await listMessages(bo, kitchen.id)).toEqual([message])
  await deleteMessage(ann, sent)
  now += 11_000
  expect(await errorCodeOf(ann.request('messages.undelete', { messageId: sent.id }))).toBe('not_found')
  await hub.close()
  expect(await hub.findProblems()).toEqual([])
})

/** Lists the files of the hub that contain these bytes. */
function filesContaining(dataDir: string, text: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && !each.name.endsWith('.lock'))
    .map((each) => join(each.parentPath, each.name))
    .filter((path) => readFileSync(path).includes(text))
}

test('the text of a deleted message is gone from all files of the hub once it cannot be undeleted', async () => {
  let now = 1_800_000_000_000
  const { hub, ann, bo, kitchen } = await makeWorld({ clock: () => now })
  const word = `zanzibar-${randomUUID()}`
  const sent = await ann.sendMessage(kitchen.id, `the word is ${word}`)
  const edited = await ann.sendMessage(kitchen.id, `${word} once more`)
  await editMessage(ann, edited, 'never mind')
  await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'ok', replyTo: sent.id })
  expect(filesContaining(hub.dataDir, word)).not.toEqual([])
  await deleteMessage(ann, sent)
  await hub.hub.store.read((db) => db.selectFrom('message').select('id').execute())
  now += 11_000
  const again = await hub.restart()
  // with the hub still running: neither the database nor its WAL has it
  expect(filesContaining(hub.dataDir, word)).toEqual([])
  expect(await listMessages(bo.atUrl(again.url), kitchen.id)).toHaveLength(3)
})

test('a message deleted for me is missing from every read of mine, and from nobody else’s', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  const first = await ann.sendMessage(kitchen.id, 'first')
  const noise = await ann.sendMessage(kitchen.id, 'noise @bo')
  await deleteMessage(bo, noise, 'me')
  await deleteMessage(bo, noise, 'me')
  const published = await live.next((one) => one.t === 'entry' && one.type === 'message.hidden')
  expect(published).toMatchObject({ stream: `user:${bo.id}`, chatId: kitchen.id, messageId: noise.id })
  expect(await listMessages(bo, kitchen.id)).toEqual([first])
  expect(await getChat(bo, kitchen.id)).toMatchObject({
    ...{ unread: 1, mentions: 0, lastNo: 2, lastMessage: { id: first.id } },
  })
  const read = await bo.request('streams.read', { stream: `chat:${kitchen.id}` })
  expect(JSON.stringify(read)).not.toContain('noise')
  expect(read.entries.at(-1)).toMatchObject({ message: { id: noise.id, deleted: true, hidden: true } })
  expect(await listMessages(ann, kitchen.id)).toHaveLength(2)
  const mine = await bo.request('streams.read', { stream: `user:${bo.id}` })
  expect(mine.entries.filter(({ type }) => type === 'message.hidden')).toHaveLength(1)
  await bo.request('messages.undelete', { messageId: noise.id })
  expect(await listMessages(bo, kitchen.id)).toHaveLength(2)
  expect(await getChat(bo, kitchen.id)).toMatchObject({ unread: 2, mentions: 1 })
})

test('in a direct chat with a deactivated user edits and reactions are rejected, and own messages can be deleted', async () => {
  const { olga, ann, bo, direct } = await makeWorld()
  const sent = await ann.sendMessage(direct.id, 'hello')
  await olga.request('admin.users.update', { userId: bo.id, deactivated: true })
  expect(await errorCodeOf(editMessage(ann, sent, 'x'))).toBe('forbidden')
  expect(await errorCodeOf(ann.request('reactions.add', { messageId: sent.id, emoji: '👍' }))).toBe(
    'forbidden',
  )
  expect(await errorCodeOf(deleteMessage(ann, sent))).toBe('ok')
})
