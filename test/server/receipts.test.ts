import { expect, test } from 'vitest'
import { markReadByAuthor } from '../../server/chats/receipts.ts'
import { runOperation } from '../../server/operation.ts'
import { makeWorld } from '../support/world.ts'

test('a write with a lower number does not lower a receipt', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const text of ['one', 'two', 'three']) await ann.sendMessage(kitchen.id, text)
  // as a second process would write it, with a number it read earlier
  await runOperation(hub.hub, { locks: [] }, (op) => markReadByAuthor(op, kitchen.id, ann.id, 1))
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.find(({ user }) => user.id === ann.id)).toMatchObject({ readNo: 3, deliveredNo: 3 })
})
