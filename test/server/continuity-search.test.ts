import { expect, test } from 'vitest'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { databaseFile } from '../../server/db/sqlite/store.ts'
import { examineIndex } from '../../server/ops/doctor-index.ts'
import { inStep, startPair, urlOf } from '../support/computers.ts'
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

test('a hub that gets its role back finds what was edited meanwhile, and keeps no word of what was deleted', async () => {
  const { hub, standby, dirs, owner } = await startPair()
  const there = owner.atUrl(urlOf(standby))
  const find = async (query: string): Promise<number> =>
    (await owner.request('search.messages', { q: query })).hits.length
  const chat = await owner.createGroup('Team', [])
  const { id: edited } = await owner.sendMessage(chat.id, 'walnut')
  const { id: deleted } = await owner.sendMessage(chat.id, 'chestnut')
  expect(await find('walnut')).toBe(1)
  await owner.request('continuity.handover', {})
  await waitFor(() => there.request('messages.edit', { messageId: edited, text: 'almond' }))
  await there.request('messages.delete', { messageId: deleted, for: 'everyone' })
  await waitFor(() => inStep(there))
  await there.request('continuity.handover', {})
  await waitFor(() => expect(hub.hub).toBeDefined())
  await waitFor(async () => expect(await find('almond')).toBe(1))
  expect([await find('walnut'), await find('chestnut')]).toEqual([0, 0])
  const { raw } = openReader(databaseFile(dirs.hub))
  expect(examineIndex(raw).text).toContain('agrees with the messages')
  expect(raw.prepare('select term from search_term').pluck().all()).toEqual(['almond'])
  raw.close()
})
