import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeWorld } from '../support/world.ts'

test('pins are managed by both users of a direct chat and the admins of a group, published live, and removed with the message', async () => {
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

test('a pinned reply of a thread has the number of its parent', async () => {
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
})
