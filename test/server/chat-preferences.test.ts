import { expect, test } from 'vitest'
import type { TestUser, RequestError } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

async function getChat(user: TestUser, chatId: string) {
  const { chats } = await user.request('chats.list', {})
  const chat = chats.find(({ id }) => id === chatId)
  if (!chat) throw new Error('not in the list')
  return chat
}

test('mute, notification level and archive for me are private, reach my other windows live and survive a restart', async () => {
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
  // an unchanged update appends no entry
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
  // a new message does not unarchive a muted chat
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

test('unread from a message is set by hand only, and ends when I read on, write or clear it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  for (let i = 1; i <= 5; i += 1) await bo.sendMessage(kitchen.id, `message ${i}`)
  const chatId = kitchen.id
  await ann.request('chats.read', { chatId, no: 5 })
  const { chat } = await ann.request('chats.updatePreferences', { chatId, unreadFrom: 3 })
  expect(chat).toMatchObject({ unreadFrom: 3, unread: 3, readNo: 5 })
  // a retry of an earlier chats.read does not clear it
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
  // other members see only the real read number
  const { members } = await bo.request('chats.get', { chatId })
  expect(members.find(({ userId }) => userId === ann.id)?.readNo).toBe(7)
})

test('favourites and sections reach all my windows and are limited in size and rate', async () => {
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
  // Each change stays in the log. A huge one is rejected, and many large ones are rate limited.
  const chatListOfSize = (chats: number) => ({
    ...chatList,
    sections: Array.from({ length: 3 }, (_, i) => ({
      ...{ id: `s${i}`, name: '👩‍👩‍👧 __proto__' },
      chats: Array.from({ length: chats }, (_one, at) => `${i}-${at}`.padStart(60, 'x')),
    })),
  })
  const { error } = (await ann
    .request('me.update', { settings: { chatList: chatListOfSize(400) } })
    .catch((rejected: unknown) => rejected)) as RequestError
  expect(error).toMatchObject({ code: 'too_large', field: 'settings' })
  expect((await ann.request('me.get', {})).settings).toMatchObject({ chatList })
  const many = Array.from({ length: 80 }, (_, i) =>
    bo.request('me.update', { settings: { chatList: chatListOfSize(240 - (i % 2)) } }),
  )
  const results = await Promise.allSettled(many)
  const refusals = results
    .filter((one) => one.status === 'rejected')
    .map(({ reason }) => reason as RequestError)
  expect(refusals.length).toBeGreaterThan(0)
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['rate_limited']))
  const nameless = { ...chatList, sections: [{ id: 's1', name: ' \n', chats: [] }] }
  await expect(ann.request('me.update', { settings: { chatList: nameless } })).rejects.toThrow('invalid')
})
