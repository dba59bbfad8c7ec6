import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { TestUser, RequestError } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

async function getChat(person: TestUser, chatId: string) {
  const { chats } = await person.request('chats.list', {})
  const chat = chats.find(({ id }) => id === chatId)
  if (!chat) throw new Error('not in the list')
  return chat
}

test('muted, notify and archived for me are mine alone, live in my other windows, and kept', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const window = await ann.connect()
  const other = await bo.connect()
  const { chat } = await ann.request('chats.updatePreferences', {
    chatId: kitchen.id,
    muted: true,
    notify: 'mentions',
  })
  expect(chat).toMatchObject({ muted: true, notify: 'mentions', archivedForMe: false })
  const entry = await window.nextEntry('chat.preferencesUpdated')
  expect(entry).toMatchObject({ chatId: kitchen.id, muted: true, notify: 'mentions' })
  // once more makes no entry
  await ann.request('chats.updatePreferences', { chatId: kitchen.id, muted: true })
  await ann.request('chats.updatePreferences', { chatId: kitchen.id, muted: false, archivedForMe: true })
  const next = await window.next(
    (one) => one.t === 'entry' && one.type === 'chat.preferencesUpdated' && one.archivedForMe,
  )
  expect(next).toMatchObject({ muted: false, archivedForMeNo: 0, notify: 'mentions', seq: entry.seq + 1 })
  expect((await getChat(ann, kitchen.id)).archivedForMe).toBe(true)
  expect(await getChat(bo, kitchen.id)).toMatchObject({
    muted: false,
    notify: 'default',
    archivedForMe: false,
  })
  await bo.sendMessage(kitchen.id, 'back it comes')
  expect((await getChat(ann, kitchen.id)).archivedForMe).toBe(false)
  // a muted one stays where it was put
  await ann.request('chats.updatePreferences', { chatId: kitchen.id, muted: true, archivedForMe: true })
  await bo.sendMessage(kitchen.id, 'and stays')
  expect((await getChat(ann, kitchen.id)).archivedForMe).toBe(true)
  expect(other.entries.filter(({ type }) => type === 'chat.preferencesUpdated')).toEqual([])
  await expect(eve.request('chats.updatePreferences', { chatId: kitchen.id, muted: true })).rejects.toThrow(
    'not_found',
  )
  const again = await hub.restart()
  expect(await getChat(ann.atUrl(again.url), kitchen.id)).toMatchObject({
    muted: true,
    archivedForMe: true,
    notify: 'mentions',
  })
})

test('unread from a message on: by hand only, until I read on, write, or take it back', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  for (let i = 1; i <= 5; i += 1) await bo.sendMessage(kitchen.id, `message ${i}`)
  const chatId = kitchen.id
  await ann.request('chats.read', { chatId, no: 5 })
  const { chat } = await ann.request('chats.updatePreferences', { chatId, unreadFrom: 3 })
  expect(chat).toMatchObject({ unreadFrom: 3, unread: 3, readNo: 5 })
  // a repeat of what was read before is an old one
  await ann.request('chats.read', { chatId, no: 5 })
  expect(await getChat(ann, chatId)).toMatchObject({ unread: 3 })
  await ann.request('chats.updatePreferences', { chatId, unreadFrom: 0 })
  expect((await getChat(ann, chatId)).unread).toBe(0)
  await ann.request('chats.updatePreferences', { chatId, unreadFrom: 4 })
  await bo.sendMessage(chatId, 'message 6')
  expect((await getChat(ann, chatId)).unread).toBe(3)
  await ann.request('chats.read', { chatId, no: 6 })
  expect(await getChat(ann, chatId)).toMatchObject({ unread: 0, readNo: 6 })
  await ann.request('chats.updatePreferences', { chatId, unreadFrom: 1 })
  await ann.sendMessage(chatId, 'I answer')
  expect((await getChat(ann, chatId)).unread).toBe(0)
  await ann.request('chats.updatePreferences', { chatId, unreadFrom: 1 })
  await ann.request('chats.readAll', {})
  expect((await getChat(ann, chatId)).unread).toBe(0)
  // nobody else sees any of it
  const { members } = await bo.request('chats.get', { chatId })
  expect(members.find(({ userId }) => userId === ann.id)?.readNo).toBe(7)
})

test('pins: by both in a direct chat, by who runs a group, told live, gone with the message', async () => {
  const { ann, bo, eve, kitchen, direct } = await makeWorld()
  const soup = await bo.sendMessage(kitchen.id, 'the soup list')
  const window = await bo.connect()
  await expect(bo.request('pins.add', { messageId: soup.id })).rejects.toThrow('forbidden')
  await expect(eve.request('pins.add', { messageId: soup.id })).rejects.toThrow('not_found')
  await expect(eve.request('pins.list', { chatId: kitchen.id })).rejects.toThrow('not_found')
  await ann.request('pins.add', { messageId: soup.id })
  await ann.request('pins.add', { messageId: soup.id })
  expect(await window.nextEntry('pin.added')).toMatchObject({
    by: ann.id,
    message: { id: soup.id, pinned: true },
  })
  const { pins } = await bo.request('pins.list', { chatId: kitchen.id })
  expect(pins).toMatchObject([{ by: ann.id, message: { text: 'the soup list', pinned: true } }])
  await ann.request('pins.remove', { messageId: soup.id })
  expect((await bo.request('pins.list', { chatId: kitchen.id })).pins).toEqual([])
  const ours = await ann.sendMessage(direct.id, 'our place')
  await bo.request('pins.add', { messageId: ours.id })
  await ann.request('messages.delete', { messageId: ours.id, for: 'everyone' })
  expect((await ann.request('pins.list', { chatId: direct.id })).pins).toEqual([])
  await expect(bo.request('pins.add', { messageId: ours.id })).rejects.toThrow('deleted')
})

test('what I saved is mine alone, and only what I still see', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const one = await ann.sendMessage(kitchen.id, 'keep this')
  const two = await ann.sendMessage(kitchen.id, 'and this')
  const window = await bo.connect()
  for (const { id } of [one, two, one]) await bo.request('saved.add', { messageId: id })
  await window.settle()
  expect(window.entries).toMatchObject([
    { type: 'saved.added', messageId: one.id, chatId: kitchen.id },
    { type: 'saved.added', messageId: two.id },
  ])
  const { saved, next } = await bo.request('saved.list', { limit: 1 })
  expect(saved.map(({ message }) => message.text)).toEqual(['and this'])
  const rest = await bo.request('saved.list', { before: next ?? 0 })
  expect(rest.saved.map(({ message }) => message.text)).toEqual(['keep this'])
  expect((await ann.request('saved.list', {})).saved).toEqual([])
  await expect(eve.request('saved.add', { messageId: one.id })).rejects.toThrow('not_found')
  await ann.request('messages.delete', { messageId: two.id, for: 'everyone' })
  expect((await bo.request('saved.list', {})).saved).toHaveLength(1)
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  expect((await bo.request('saved.list', {})).saved).toEqual([])
  await bo.request('saved.remove', { messageId: one.id })
  expect((await bo.request('saved.ids', {})).ids).toEqual([two.id])
})

test('favourites and sections are the same in all my windows', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  const window = await ann.connect()
  const chatList = {
    favourites: [direct.id],
    sections: [{ id: 's1', name: 'Food', chats: [kitchen.id] }],
    folded: ['s1'],
  }
  await ann.request('me.update', { settings: { chatList } })
  expect(await window.nextEntry('settings.updated')).toMatchObject({ changes: { chatList } })
  expect((await ann.request('me.get', {})).settings).toMatchObject({ chatList })
  // each change stays in the log: neither huge ones, nor many large ones
  const filled = (chats: number) => ({
    ...chatList,
    sections: Array.from({ length: 3 }, (_, i) => ({
      ...{ id: `s${i}`, name: '👩‍👩‍👧 __proto__' },
      chats: Array.from({ length: chats }, (_one, at) => `${i}-${at}`.padStart(60, 'x')),
    })),
  })
  const { error } = (await ann
    .request('me.update', { settings: { chatList: filled(400) } })
    .catch((refused: unknown) => refused)) as RequestError
  expect(error).toMatchObject({ code: 'too_large', field: 'settings' })
  expect((await ann.request('me.get', {})).settings).toMatchObject({ chatList })
  const many = Array.from({ length: 80 }, (_, i) =>
    bo.request('me.update', { settings: { chatList: filled(240 - (i % 2)) } }),
  )
  const answers = await Promise.allSettled(many)
  const refusals = answers
    .filter((one) => one.status === 'rejected')
    .map(({ reason }) => reason as RequestError)
  expect(refusals.length).toBeGreaterThan(0)
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['rate_limited']))
  const nameless = { ...chatList, sections: [{ id: 's1', name: ' \n', chats: [] }] }
  await expect(ann.request('me.update', { settings: { chatList: nameless } })).rejects.toThrow('invalid')
})

test('a reply in a thread that was pinned or saved tells where its thread hangs', async () => {
  const { ann, bo, direct } = await makeWorld()
  await bo.sendMessage(direct.id, 'before')
  const root = await bo.sendMessage(direct.id, 'lunch?')
  const { message } = await ann.request('messages.send', {
    ...{ chatId: direct.id, cid: randomUUID(), text: 'at noon', thread: root.id },
  })
  await ann.request('pins.add', { messageId: message.id })
  await ann.request('pins.add', { messageId: root.id })
  const { pins } = await bo.request('pins.list', { chatId: direct.id })
  expect(pins.map(({ message: { no }, threadNo }) => [no, threadNo])).toEqual([
    [2, undefined],
    [1, 2],
  ])
  await ann.request('saved.add', { messageId: message.id })
  const { saved } = await ann.request('saved.list', {})
  expect(saved).toMatchObject([{ threadNo: 2, message: { chatId: direct.id, text: 'at noon' } }])
})
