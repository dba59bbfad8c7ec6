import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { password, TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld, type World } from '../support/world.ts'

const dayMs = 24 * 60 * 60 * 1000

async function createWorldWithClock() {
  const clock = { now: 1_800_000_000_000 }
  const world = await makeWorld({ clock: () => clock.now })
  return { ...world, clock, later: (days: number) => (clock.now += days * dayMs) }
}

async function setRetention(olga: TestUser, retentionDays: number | null) {
  await olga.request('sessions.reauthenticate', { current: password })
  return olga.request('admin.settings.update', { retentionDays })
}

async function invariantProblems({ hub }: World): Promise<string[]> {
  await hub.close()
  return hub.findProblems()
}

test('messages older than the retention are deleted with everything attached to them and leave tombstones', async () => {
  const world = await createWorldWithClock()
  const { hub, olga, ann, bo, kitchen, direct, later } = world
  const fileId = await uploadFile(hub.url, ann.token, { name: 'soup.bin', bytes: randomBytes(5000) })
  const send = async (text: string, more: object = {}) =>
    (await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text, ...more })).message
  const old = await send('old porridge @bo', { attachments: [fileId] })
  await bo.request('reactions.add', { messageId: old.id, emoji: '👍' })
  const reply = await send('old reply', { thread: old.id })
  await ann.sendMessage(direct.id, 'old words between two')
  later(3)
  const fresh = await send('fresh reply', { thread: old.id })
  const stored = await send('fresh porridge')
  const live = await bo.connect()
  const before = (await bo.request('chats.get', { chatId: kitchen.id })).chat
  expect(before).toMatchObject({ mentions: 1 })

  expect(await olga.request('admin.retention', { days: 2 })).toEqual({ messages: 3 })
  const owner = await olga.connect()
  await olga.request('sessions.reauthenticate', { current: password })
  await owner.request('admin.settings.update', { retentionDays: 2 })
  await hub.hub.jobs.run('messages.expire')

  const published = await live.next(
    (one) => one.t === 'entry' && one.type === 'message.deleted' && one.stream === `chat:${kitchen.id}`,
  )
  expect(published).toMatchObject({ message: { id: old.id, no: 1, deleted: true } })
  expect(published).not.toHaveProperty('by')
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect(messages).toMatchObject([
    { id: old.id, no: 1, deleted: true, replies: { count: 1 } },
    { id: stored.id, no: 2, text: 'fresh porridge' },
  ])
  const thread = await bo.request('messages.list', { chatId: kitchen.id, thread: old.id })
  expect(thread.messages).toMatchObject([
    { id: reply.id, deleted: true },
    { id: fresh.id, text: 'fresh reply' },
  ])
  const found = await bo.request('search.messages', { q: 'porridge' })
  expect(JSON.stringify(found)).toContain(stored.id)
  expect(JSON.stringify(found)).not.toContain(old.id)
  const file = await fetch(`${hub.url}/api/files/${fileId}`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  expect(file.status).toBe(404)
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat).toMatchObject({ mentions: 0 })
  const { entries } = await bo.request('streams.read', { stream: `chat:${kitchen.id}`, after: 0 })
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1))
  expect(JSON.stringify(entries)).not.toContain('old ')
  for (const table of ['file', 'reaction', 'mention', 'pendingDeletion'] as const) {
    expect(await hub.hub.store.read((db) => db.selectFrom(table).selectAll().execute())).toEqual([])
  }
  const { rows } = await olga.request('admin.audit', { action: 'messages.expired' })
  expect(rows).toMatchObject([{ detail: { messages: 3 } }])
  expect(await invariantProblems(world)).toEqual([])
})

test('retention is off by default, and each message is deleted when its age exceeds the setting', async () => {
  const world = await createWorldWithClock()
  const { hub, olga, ann, kitchen, later } = world
  const texts = async () =>
    (await ann.request('messages.list', { chatId: kitchen.id })).messages.map((one) =>
      'text' in one ? one.text : '',
    )
  await ann.sendMessage(kitchen.id, 'one')
  later(1)
  await ann.sendMessage(kitchen.id, 'two')
  later(20)
  await hub.hub.jobs.run('messages.expire')
  expect(await texts()).toEqual(['one', 'two'])
  expect((await setRetention(olga, 22)).retentionDays).toBe(22)
  await hub.hub.jobs.run('messages.expire')
  expect(await texts()).toEqual(['one', 'two'])
  later(1)
  await hub.hub.jobs.run('messages.expire')
  expect(await texts()).toEqual(['one', 'two'])
  world.clock.now += 1
  await hub.hub.jobs.run('messages.expire')
  expect(await texts()).toEqual(['', 'two'])
  await setRetention(olga, null)
  later(5)
  await hub.hub.jobs.run('messages.expire')
  expect(await texts()).toEqual(['', 'two'])
})

test('many expired messages are deleted in small batches between other writes, and a deleted group keeps its own', async () => {
  const world = await createWorldWithClock()
  const { hub, olga, ann, bo, kitchen, later } = world
  const plans = await ann.createGroup('Plans')
  await ann.sendMessage(plans.id, 'a plan')
  await ann.request('chats.delete', { chatId: plans.id })
  for (let count = 0; count < 120; count += 1) await ann.sendMessage(kitchen.id, `number ${count}`)
  later(3)
  await ann.request('sessions.reauthenticate', { current: password })
  await setRetention(olga, 2)
  const [, , ...said] = await Promise.all([
    hub.hub.jobs.run('messages.expire'),
    hub.hub.jobs.run('messages.expire'),
    ...Array.from({ length: 10 }, (_, count) => bo.sendMessage(kitchen.id, `meanwhile ${count}`)),
  ])
  const there = await hub.hub.store.read((db) =>
    db.selectFrom('message').where('deletedAt', 'is', null).select('id').execute(),
  )
  expect(there).toHaveLength(said.length + 1)
  const { rows } = await olga.request('admin.audit', { action: 'messages.expired' })
  expect(rows.map(({ detail }) => detail)).toEqual([{ messages: 120 }])
  await ann.request('chats.undelete', { chatId: plans.id })
  await hub.hub.jobs.run('messages.expire')
  const { messages } = await ann.request('messages.list', { chatId: plans.id })
  expect(messages).toMatchObject([{ no: 1, deleted: true }])
  expect(await invariantProblems(world)).toEqual([])
})

test('only the owner can set the retention', async () => {
  const { hub, olga } = await createWorldWithClock()
  const { invite } = await olga.request('admin.invites.create', { role: 'admin' })
  const ada = await TestUser.register(hub.url, { username: 'ada', invite })
  await expect(ada.request('admin.settings.update', { retentionDays: 1 })).rejects.toMatchObject({
    code: 'forbidden',
    error: { field: 'retentionDays' },
  })
  expect(await ada.request('admin.retention', { days: 1 })).toEqual({ messages: 0 })
})
