import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { markReadByAuthor } from '../../server/chats/receipts.ts'
import { runOperation } from '../../server/operation.ts'
import { makeWorld } from '../support/world.ts'

test('a write with a lower number does not lower a receipt', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const text of ['one', 'two', 'three']) await ann.sendMessage(kitchen.id, text)
  // as a second process would write it, with a number it read earlier
  await runOperation(hub.hub, { locks: [] }, async (op) => markReadByAuthor(op, kitchen.id, ann.id, 1))
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.find(({ user }) => user.id === ann.id)).toMatchObject({ readNo: 3, deliveredNo: 3 })
})

test('read receipts that come together are stored by few operations, and each user gets the own answer and the hints', async () => {
  const { hub, ann, bo, eve, kitchen, direct } = await makeWorld()
  for (let i = 1; i <= 30; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
  await ann.sendMessage(direct.id, 'hello')
  const [mine, elsewhere, other, stranger] = [
    await bo.connect(),
    await bo.connect(),
    await ann.connect(),
    await eve.connect(),
  ]
  const before = hub.hub.measurements.operations
  const numbers = Array.from({ length: 30 }, (_, i) => i + 1)
  const answers = numbers.map((no) => mine.request('chats.read', { chatId: kitchen.id, no: 31 - no }))
  const direct1 = mine.request('chats.read', { chatId: direct.id, no: 99 })
  const refused = stranger.request('chats.read', { chatId: kitchen.id, no: 1 })
  await expect(refused).rejects.toMatchObject({ code: 'not_found' })
  expect(await direct1).toEqual({ readNo: 1 })
  // what was stored before is never lowered, whatever the order
  for (const { readNo } of await Promise.all(answers)) expect(readNo).toBe(30)
  expect(hub.hub.measurements.operations - before).toBeLessThan(10)
  for (const client of [mine, elsewhere, other])
    expect(
      await client.next((one) => one.t === 'read' && one.chat === kitchen.id && one.no === 30),
    ).toMatchObject({ user: bo.id })
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.find(({ user }) => user.id === bo.id)).toMatchObject({ readNo: 30, deliveredNo: 30 })
})

test('a read receipt keeps its place among the other writes of its user, and a read sees it', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  for (const text of ['one', 'two', 'three']) await ann.sendMessage(kitchen.id, text)
  const client = await bo.connect()
  const chatId = kitchen.id
  const summary = async () => (await client.request('chats.get', { chatId })).chat
  const read = client.request('chats.read', { chatId, no: 3 })
  const unread = client.request('chats.updatePreferences', { chatId, unreadFrom: 2 })
  expect(await summary()).toMatchObject({ readNo: 3, unreadFrom: 2, unread: 2 })
  await Promise.all([read, unread])
  await ann.sendMessage(chatId, 'four')
  // more than one batch of the writer, so that the next operation of nobody in particular could overtake them
  const text = 'word '.repeat(3_000)
  for (let i = 0; i < 40; i += 1)
    void client.request('messages.send', { chatId: direct.id, cid: randomUUID(), text })
  void client.request('chats.updatePreferences', { chatId, unreadFrom: 1 })
  void client.request('chats.read', { chatId, no: 4 })
  const after = await summary()
  expect(after).toMatchObject({ readNo: 4, unread: 0 })
  expect(after.unreadFrom).toBeUndefined()
})

test('many read receipts in a short time wait for each other, and none is answered before its commit', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  for (let i = 1; i <= 60; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
  const client = await bo.connect()
  const before = hub.hub.measurements.operations
  for (let no = 1; no <= 60; no += 5) {
    const answers = [0, 1, 2, 3, 4].map((more) =>
      client.request('chats.read', { chatId: kitchen.id, no: no + more }),
    )
    if (no % 20 === 1) {
      const { readNo } = (await Promise.all(answers))[0] as { readNo: number }
      expect(readNo).toBeGreaterThanOrEqual(no)
      const { chat } = await bo.request('chats.get', { chatId: kitchen.id })
      expect(chat.readNo).toBeGreaterThanOrEqual(readNo)
    }
  }
  await client.settle()
  const { chat } = await client.request('chats.get', { chatId: kitchen.id })
  expect(chat.readNo).toBe(60)
  expect(hub.hub.measurements.operations - before).toBeLessThan(20)
})
