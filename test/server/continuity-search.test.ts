import { expect, test } from 'vitest'
import { startPair, urlOf } from '../support/computers.ts'
import { waitFor } from '../support/wait-for.ts'

test('a promoted standby finds the messages of before, edited and deleted ones too, and new ones', async () => {
  const { standby, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  const { id: edited } = await owner.sendMessage(chat.id, 'walnut')
  const { id: deleted } = await owner.sendMessage(chat.id, 'chestnut')
  await owner.sendMessage(chat.id, 'hazelnut')
  await owner.request('messages.edit', { messageId: edited, text: 'almond' })
  await owner.request('messages.delete', { messageId: deleted, for: 'everyone' })
  await owner.request('continuity.handover', {})
  await waitFor(() => expect(standby.hub).toBeDefined())
  const there = owner.atUrl(urlOf(standby))
  await waitFor(() => there.sendMessage(chat.id, 'pecan'))
  const find = async (query: string): Promise<number> =>
    (await there.request('search.messages', { q: query })).hits.length
  for (const word of ['almond', 'hazelnut', 'pecan'])
    await waitFor(async () => expect(await find(word)).toBe(1))
  for (const word of ['walnut', 'chestnut']) expect(await find(word)).toBe(0)
  await there.request('messages.edit', { messageId: edited, text: 'cashew' })
  await waitFor(async () => expect(await find('cashew')).toBe(1))
  expect(await find('almond')).toBe(0)
})
