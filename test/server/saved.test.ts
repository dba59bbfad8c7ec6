import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeWorld } from '../support/world.ts'

test('saved messages are private, and only those the user can still read are listed', async () => {
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

test('a saved reply of a thread has the number of its parent', async () => {
  const { ann, bo, direct } = await makeWorld()
  await bo.sendMessage(direct.id, 'before')
  const root = await bo.sendMessage(direct.id, 'lunch?')
  const { message } = await ann.request('messages.send', {
    ...{ chatId: direct.id, cid: randomUUID(), text: 'at noon', thread: root.id },
  })
  await ann.request('saved.add', { messageId: message.id })
  const { saved } = await ann.request('saved.list', {})
  expect(saved).toMatchObject([{ threadNo: 2, message: { chatId: direct.id, text: 'at noon' } }])
})
