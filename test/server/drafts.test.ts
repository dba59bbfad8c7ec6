// Drafts on the hub: private, one for each chat and thread, never overwritten unseen, cleared with their message.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { limits } from '../../shared/contract/values.ts'
import { rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

test('a draft is private, reaches my other devices, and a retry changes nothing', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  const [mine, his] = await Promise.all([ann.connect(), bo.connect()])
  const set = { chatId: kitchen.id, text: 'half a', version: 'v1' }
  const { draft } = await ann.request('drafts.set', set)
  expect(draft).toMatchObject({ chatId: kitchen.id, text: 'half a', version: 'v1' })
  expect(await ann.request('drafts.set', set)).toEqual({ draft })
  await Promise.all([mine.settle(), his.settle()])
  expect(mine.received.filter(({ t }) => t === 'draft')).toEqual([{ t: 'draft', draft }])
  expect(his.received.filter(({ t }) => t === 'draft')).toEqual([])
  expect(await ann.request('drafts.list', {})).toEqual({ drafts: [draft] })
  expect(await bo.request('drafts.list', {})).toEqual({ drafts: [] })
  await expect(eve.request('drafts.set', set)).rejects.toThrow('not_found')
  // No log holds the text.
  const { entries } = await ann.request('streams.read', { stream: `user:${ann.id}`, after: 0 })
  expect(JSON.stringify(entries)).not.toContain('half a')
})

test('a write that is based on another version is a conflict and changes nothing', async () => {
  const { ann, kitchen } = await makeWorld()
  const chatId = kitchen.id
  await ann.request('drafts.set', { chatId, text: 'one', version: 'v1' })
  await ann.request('drafts.set', { chatId, text: 'one two', version: 'v2', base: 'v1' })
  for (const base of [{}, { base: 'v1' }, { base: 'v9' }])
    await expect(ann.request('drafts.set', { chatId, text: 'x', version: 'v3', ...base })).rejects.toThrow(
      'conflict',
    )
  expect((await ann.request('drafts.list', {})).drafts).toMatchObject([{ text: 'one two', version: 'v2' }])
  await expect(
    ann.request('drafts.set', { chatId, text: 'é'.repeat(8193), version: 'v3', base: 'v2' }),
  ).rejects.toThrow('too_large')
})

test('sending clears the draft it was written from, in the chat or in the thread, and no late write brings it back', async () => {
  const { ann, kitchen } = await makeWorld()
  const chatId = kitchen.id
  const { id: thread } = await ann.sendMessage(chatId, 'parent')
  await ann.request('drafts.set', { chatId, text: 'in the chat', version: 'c1' })
  await ann.request('drafts.set', { chatId, thread, text: 'in the thread', version: 't1' })
  const message = { chatId, cid: randomUUID(), text: 'in the thread!', thread }
  const send = {
    ...message,
    draft: { from: ['t1', 't2'], version: 't3' },
  }
  const window = await ann.connect()
  const first = await ann.request('messages.send', send)
  await window.settle()
  expect(window.received.filter(({ t }) => t === 'draft')).toMatchObject([
    { draft: { thread, text: '', version: 't3' } },
  ])
  // A retry, also one that says less of the draft, is the same message.
  expect(await ann.request('messages.send', message)).toEqual(first)
  const { drafts } = await ann.request('drafts.list', {})
  expect(drafts).toMatchObject([
    { text: 'in the chat', version: 'c1' },
    { thread, text: '', version: 't3' },
  ])
  // The write was on its way when Enter was pressed.
  await expect(
    ann.request('drafts.set', { chatId, thread, text: 'in the thread!', version: 't2', base: 't1' }),
  ).rejects.toThrow('conflict')
})

test('sending leaves a draft that another device has changed since', async () => {
  const { ann, kitchen } = await makeWorld()
  const chatId = kitchen.id
  await ann.request('drafts.set', { chatId, text: 'one', version: 'v1' })
  await ann.request('drafts.set', { chatId, text: 'one and more', version: 'v2', base: 'v1' })
  await ann.request('messages.send', {
    ...{ chatId, cid: randomUUID(), text: 'one' },
    draft: { from: ['v1'], version: 'v3' },
  })
  expect((await ann.request('drafts.list', {})).drafts).toMatchObject([{ text: 'one and more' }])
})

test('two devices that send the same version of a draft send one message', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const chatId = kitchen.id
  const { id: thread } = await bo.sendMessage(chatId, 'parent')
  const send = (more: object, user = ann) =>
    user.request('messages.send', {
      ...{ chatId, cid: randomUUID(), text: 'hello' },
      ...{ draft: { from: ['v1'], version: randomUUID() } },
      ...more,
    })
  await ann.request('drafts.set', { chatId, text: 'hello', version: 'v1' })
  const { message: first } = await send({})
  const cid = randomUUID()
  const draft = { from: ['v0', 'v1', 'v2'], version: 'w1' }
  const again = await rawRequest(hub.url, ann.token, 'messages.send', { chatId, cid, text: 'hello', draft })
  expect([again.status, again.body]).toEqual([200, { message: first }])
  // a retry of the second one too, and over the socket at the same moment
  const live = await ann.connect()
  const [one, two] = await Promise.all([
    send({ cid, draft }),
    live.request('messages.send', { chatId, cid, text: 'hello', draft }),
  ])
  expect([one.message, two.message]).toEqual([first, first])
  // all else is another message: other words, another place, another user, another version, no version
  const others = await Promise.all([
    send({ text: 'hello!' }),
    send({ thread }),
    send({ replyTo: thread }),
    send({ chatId: direct.id }),
    send({}, bo),
    send({ draft: { from: ['v9'], version: 'v10' } }),
    send({ draft: undefined }),
  ])
  expect(new Set([first, ...others.map(({ message }) => message)].map(({ id }) => id)).size).toBe(8)
  // it is the message as it is now, also after a restart and for a month
  await ann.request('messages.edit', { messageId: first.id, text: 'hello there' })
  const restarted = await hub.restart()
  const there = ann.atUrl(restarted.url)
  expect((await send({}, there)).message).toMatchObject({ id: first.id, text: 'hello there' })
  await there.request('messages.delete', { messageId: first.id, for: 'everyone' })
  expect((await send({}, there)).message).toMatchObject({ id: first.id, deleted: true })
})

test('the hub forgets after a month which drafts were sent, and is not fooled by a clock in doubt', async () => {
  const clock = { now: Date.now() }
  const { hub, ann, kitchen } = await makeWorld({ clock: () => clock.now, steady: () => clock.now })
  const send = async () =>
    (
      await ann.request('messages.send', {
        ...{ chatId: kitchen.id, cid: randomUUID(), text: 'hello' },
        draft: { from: ['v1'], version: 'v2' },
      })
    ).message.id
  const first = await send()
  clock.now += 29 * 24 * 60 * 60_000
  await hub.hub.jobs.run('drafts.purge')
  expect(await send()).toBe(first)
  clock.now += 2 * 24 * 60 * 60_000
  await hub.hub.jobs.run('drafts.purge')
  expect(await send()).not.toBe(first)
})

test('drafts go with the membership and with the account, and survive a restart', async () => {
  const { hub, olga, ann, bo, kitchen, direct } = await makeWorld()
  await bo.request('drafts.set', { chatId: kitchen.id, text: 'group', version: 'v1' })
  await bo.request('drafts.set', { chatId: direct.id, text: 'direct', version: 'v1' })
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  const rows = () => hub.hub.store.read((db) => db.selectFrom('draft').select(['text', 'userId']).execute())
  expect(await rows()).toEqual([{ text: 'direct', userId: bo.id }])
  await ann.request('drafts.set', { chatId: direct.id, text: 'mine', version: 'v1' })
  await olga.request('admin.users.update', { userId: bo.id, deactivated: true })
  expect(await rows()).toEqual([{ text: 'mine', userId: ann.id }])
  const again = await hub.restart()
  const { drafts } = await ann.atUrl(again.url).request('drafts.list', {})
  expect(drafts).toMatchObject([{ chatId: direct.id, text: 'mine' }])
})

test('cleared drafts are no way around the limit of drafts', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const chatId = kitchen.id
  const { writer } = hub.hub.store
  const { id: thread } = await ann.sendMessage(chatId, 'parent')
  await ann.request('drafts.set', { chatId, thread, text: '', version: 'empty' })
  const add = (count: number, name: string, text: string) =>
    writer.write(async ({ db }) => {
      const rows = Array.from({ length: count }, (_, i) => ({
        ...{ userId: ann.id, chatId, thread: `${name}${i}`, text, version: 'v', at: 1 },
      }))
      await db.insertInto('draft').values(rows).execute()
    })
  await add(limits.drafts, 't', 'text')
  const fill = { chatId, thread, text: 'one more', version: 'full', base: 'empty' }
  await expect(ann.request('drafts.set', fill)).rejects.toThrow('You already have 200 drafts')
  await writer.write(({ db }) =>
    db.updateTable('draft').set({ text: '' }).where('thread', '=', 't1').execute(),
  )
  await ann.request('drafts.set', fill)
  await add(9 * limits.drafts, 'e', '')
  // a draft that is there can always be changed and cleared
  await ann.request('drafts.set', { ...fill, text: '', version: 'gone', base: 'full' })
  await expect(ann.request('drafts.set', { chatId, text: '', version: 'x' })).rejects.toThrow('conflict')
})

test('a draft in the thread of a deleted message goes with the message', async () => {
  const clock = { now: Date.now() }
  const { hub, ann, kitchen } = await makeWorld({ clock: () => clock.now })
  const chatId = kitchen.id
  const [deleted, kept] = [await ann.sendMessage(chatId, 'one'), await ann.sendMessage(chatId, 'two')]
  await ann.request('messages.send', { chatId, thread: kept.id, cid: randomUUID(), text: 'a reply' })
  for (const { id: thread } of [deleted, kept]) {
    await ann.request('drafts.set', { chatId, thread, text: 'to say', version: 'v1' })
    await ann.request('messages.delete', { messageId: thread, for: 'everyone' })
  }
  // it can be undone until then
  expect((await ann.request('drafts.list', {})).drafts).toHaveLength(2)
  clock.now += 11_000
  await hub.hub.jobs.run('messages.purge')
  expect((await ann.request('drafts.list', {})).drafts).toMatchObject([{ thread: kept.id }])
})
