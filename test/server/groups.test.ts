import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { limits } from '../../shared/contract/values.ts'
import type { TestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'
import { png as picture } from '../support/images.ts'
import { makeWorld } from '../support/world.ts'

const png = (blue = false) => picture(2, 2, blue ? [20, 40, 200] : [200, 40, 20])

const putPicture = (user: TestUser, chatId: string, body: Buffer = png(), type = 'image/png') =>
  fetch(`${user.url}/api/chats/${chatId}/picture`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${user.token}`, 'content-type': type },
    body: new Uint8Array(body),
  })

const getPicture = (user: TestUser, chatId: string, pictureId = 'none') =>
  fetch(`${user.url}/api/chats/${chatId}/picture/${pictureId}`, {
    headers: { authorization: `Bearer ${user.token}` },
  })

const chatNames = async (user: TestUser) =>
  (await user.request('chats.list', {})).chats.map((chat) => chat.name)
const discoveredGroupNames = async (user: TestUser) =>
  (await user.request('chats.discover', {})).chats.map((chat) => chat.name)

async function auditEntries(hub: TestHub, target: string) {
  const rows = await hub.hub.store.read((db) =>
    db
      .selectFrom('audit')
      .where('target', '=', target)
      .where((eb) => eb.or([eb('action', 'like', 'group.%'), eb('action', 'like', 'member.%')]))
      .select(['action', 'byId', 'detail'])
      .orderBy('id')
      .execute(),
  )
  return rows.map(({ action, byId, detail }) => [action, byId, detail === null ? null : JSON.parse(detail)])
}

test('in an announcement group the owner and admins can write, and members can read and mark as read', async () => {
  const { ann, bo, eve } = await makeWorld()
  const { chat } = await ann.request('chats.create', {
    name: 'News',
    visibility: 'private',
    posting: 'admins',
    members: [bo.id, eve.id],
  })
  expect(chat.posting).toBe('admins')
  await ann.request('members.update', { chatId: chat.id, userId: eve.id, role: 'admin' })
  await ann.sendMessage(chat.id, 'first')
  await eve.sendMessage(chat.id, 'second')
  await expect(bo.sendMessage(chat.id, 'third')).rejects.toMatchObject({
    code: 'forbidden',
    error: { message: expect.stringContaining('owner and admins') as string },
  })
  const { messages } = await bo.request('messages.list', { chatId: chat.id })
  expect(messages).toHaveLength(2)
  expect(await bo.request('chats.read', { chatId: chat.id, no: 2 })).toEqual({ readNo: 2 })
})

test('a change of who may write applies at once and is published live', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.request('chats.update', { chatId: kitchen.id, posting: 'admins' })
  expect(await live.nextEntry('chat.updated')).toMatchObject({ by: ann.id, changes: { posting: 'admins' } })
  await expect(bo.sendMessage(kitchen.id, 'no')).rejects.toMatchObject({ code: 'forbidden' })
  await ann.request('chats.update', { chatId: kitchen.id, posting: 'all' })
  await bo.sendMessage(kitchen.id, 'yes')
})

test('a retry of an earlier send returns its message even if the group is now closed for the sender', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const cid = randomUUID()
  const sent = await bo.sendMessage(kitchen.id, 'before', cid)
  await ann.request('chats.update', { chatId: kitchen.id, posting: 'admins' })
  expect(await bo.sendMessage(kitchen.id, 'before', cid)).toEqual(sent)
  await ann.request('chats.archive', { chatId: kitchen.id })
  expect(await bo.sendMessage(kitchen.id, 'before', cid)).toEqual(sent)
})

test('an archived group can be read but not written to, is unlisted, and can be unarchived', async () => {
  const { ann, bo, eve } = await makeWorld()
  const garden = await ann.createGroup('Garden', [bo], 'public')
  await bo.sendMessage(garden.id, 'roses')
  const [boLive, eveLive] = await Promise.all([bo.connect(), eve.connect()])
  const { chat } = await ann.request('chats.archive', { chatId: garden.id })
  expect(chat).toMatchObject({ archived: true, visibility: 'public' })
  expect(await boLive.nextEntry('chat.updated')).toMatchObject({ changes: { archived: true } })
  expect(await eveLive.nextEntry('group.unlisted')).toMatchObject({ group: { id: garden.id } })
  expect(await discoveredGroupNames(eve)).toEqual([])
  await expect(eve.request('chats.join', { chatId: garden.id })).rejects.toMatchObject({ code: 'not_found' })
  for (const user of [ann, bo]) {
    await expect(user.sendMessage(garden.id, 'tulips')).rejects.toMatchObject({
      code: 'forbidden',
      error: { message: expect.stringContaining('archived') as string },
    })
  }
  expect((await bo.request('messages.list', { chatId: garden.id })).messages).toHaveLength(1)
  // renaming an archived group does not list it again
  await ann.request('chats.update', { chatId: garden.id, name: 'Yard' })
  expect(await discoveredGroupNames(eve)).toEqual([])
  await ann.request('chats.unarchive', { chatId: garden.id })
  expect(await eveLive.nextEntry('group.listed')).toMatchObject({ group: { name: 'Yard' } })
  await bo.sendMessage(garden.id, 'tulips')
  await eve.request('chats.join', { chatId: garden.id })
})

test('archiving twice appends one entry and one audit record', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.request('chats.archive', { chatId: kitchen.id })
  const { chat } = await ann.request('chats.archive', { chatId: kitchen.id })
  const { head } = await ann.request('streams.read', { stream: `chat:${kitchen.id}`, after: 0 })
  expect(chat?.head).toBe(head)
  expect(
    (await auditEntries(hub, kitchen.id)).filter(([action]) => action === 'group.archived'),
  ).toHaveLength(1)
})

test('a restored group has its members, roles, read numbers and messages', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await ann.request('members.update', { chatId: kitchen.id, userId: eve.id, role: 'admin' })
  await ann.sendMessage(kitchen.id, 'soup')
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  const before = await bo.request('chats.get', { chatId: kitchen.id })
  const live = await bo.connect()
  await ann.request('chats.delete', { chatId: kitchen.id })
  expect(await live.nextEntry('chat.removed')).toMatchObject({ reason: 'deleted' })
  expect(await chatNames(bo)).not.toContain('Kitchen')

  const { chats } = await ann.request('chats.listDeleted', {})
  expect(chats).toMatchObject([{ id: kitchen.id, name: 'Kitchen', memberCount: 3 }])
  for (const other of [bo, eve]) {
    expect((await other.request('chats.listDeleted', {})).chats).toEqual([])
    await expect(other.request('chats.undelete', { chatId: kitchen.id })).rejects.toMatchObject({
      code: 'not_found',
    })
  }
  const next = await hub.restart()
  expect(await next.findProblems()).toEqual([])
  const back = await bo.atUrl(next.url).connect()
  await ann.atUrl(next.url).request('chats.undelete', { chatId: kitchen.id })
  expect(await back.nextEntry('chat.added')).toMatchObject({ chat: { id: kitchen.id, role: 'member' } })
  expect(await bo.atUrl(next.url).request('chats.get', { chatId: kitchen.id })).toEqual(before)
  await ann.atUrl(next.url).sendMessage(kitchen.id, 'salad')
  expect(await back.nextEntry('message.sent')).toMatchObject({ message: { text: 'salad', no: 2 } })
})

test('a deleted group cannot be restored after a week', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.request('chats.delete', { chatId: kitchen.id })
  const inAWeek = Date.now() + limits.undeleteDays * 86_400_000
  const later = await hub.restart({ clock: () => inAWeek })
  const again = ann.atUrl(later.url)
  expect((await again.request('chats.listDeleted', {})).chats).toEqual([])
  await expect(again.request('chats.undelete', { chatId: kitchen.id })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('a restored public group is listed again', async () => {
  const { ann, eve } = await makeWorld()
  const garden = await ann.createGroup('Garden', [], 'public')
  await ann.request('chats.delete', { chatId: garden.id })
  expect(await discoveredGroupNames(eve)).toEqual([])
  await ann.request('chats.undelete', { chatId: garden.id })
  expect(await discoveredGroupNames(eve)).toEqual(['Garden'])
})

test('a hub admin can moderate a public group without reading it, and the audit log records it', async () => {
  const { hub, olga, ann, bo } = await makeWorld()
  const garden = await ann.createGroup('Garden', [bo], 'public')
  const live = await bo.connect()
  const chatId = garden.id
  expect(await olga.request('chats.update', { chatId, name: 'Yard' })).toEqual({})
  expect(await live.nextEntry('chat.updated')).toMatchObject({ by: olga.id, changes: { name: 'Yard' } })
  await olga.request('members.update', { chatId, userId: bo.id, role: 'owner' })
  const { members } = await bo.request('chats.get', { chatId })
  expect(members.map(({ userId, role }) => [userId, role])).toEqual([
    [ann.id, 'admin'],
    [bo.id, 'owner'],
  ])
  await olga.request('chats.archive', { chatId })
  await olga.request('chats.unarchive', { chatId })
  await olga.request('chats.delete', { chatId })
  await olga.request('chats.undelete', { chatId })
  await expect(olga.request('messages.list', { chatId })).rejects.toMatchObject({ code: 'not_found' })
  expect((await auditEntries(hub, chatId)).map(([action, by]) => [action, by])).toEqual([
    ['group.created', ann.id],
    ...['group.updated', 'group.archived', 'group.unarchived', 'group.deleted', 'group.undeleted'].map(
      (action) => [action, olga.id],
    ),
  ])
  // the audit log contains neither messages nor names of groups
  expect(JSON.stringify(await auditEntries(hub, chatId))).not.toContain('Yard')
})

test('the audit log records members who were added, removed or given a role by another user', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await ann.request('members.update', { chatId: kitchen.id, userId: eve.id, role: 'admin' })
  await eve.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  const group = kitchen.id
  expect(await auditEntries(hub, eve.id)).toEqual([
    ['member.added', ann.id, { group }],
    ['member.role-changed', ann.id, { group, role: 'admin' }],
  ])
  expect(await auditEntries(hub, bo.id)).toEqual([['member.removed', eve.id, { group, role: 'member' }]])
})

test('a group picture is published live and returned to users who can see the group', async () => {
  const { olga, ann, bo, eve, kitchen } = await makeWorld()
  const live = await bo.connect()
  expect((await putPicture(bo, kitchen.id)).status).toBe(403)
  expect((await putPicture(eve, kitchen.id)).status).toBe(404)
  const response = await putPicture(ann, kitchen.id)
  expect(response.status).toBe(200)
  const { chat } = (await response.json()) as { chat: { picture: string } }
  const { picture } = chat
  expect(await live.nextEntry('chat.updated')).toMatchObject({ by: ann.id, changes: { picture } })
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat.picture).toBe(picture)

  const shown = await getPicture(bo, kitchen.id, picture)
  expect(shown.headers.get('content-type')).toBe('image/webp')
  expect(shown.headers.get('content-security-policy')).toContain('sandbox')
  expect(Buffer.from(await shown.arrayBuffer()).toString('latin1', 8, 12)).toBe('WEBP')
  for (const outsider of [eve, olga]) {
    expect((await getPicture(outsider, kitchen.id, picture)).status).toBe(404)
  }
  // the same picture again keeps its id; another one gets a new id, and the old one returns not_found
  expect(await (await putPicture(ann, kitchen.id)).json()).toMatchObject({ chat: { picture } })
  const other = (await (await putPicture(ann, kitchen.id, png(true))).json()) as { chat: { picture: string } }
  expect(other.chat.picture).not.toBe(picture)
  expect((await getPicture(bo, kitchen.id, picture)).status).toBe(404)
  const { chat: without } = await ann.request('chats.picture.remove', { chatId: kitchen.id })
  expect(without).not.toHaveProperty('picture')
  expect((await getPicture(bo, kitchen.id, other.chat.picture)).status).toBe(404)
})

test('every user can see the picture of a public group until it is archived', async () => {
  const { ann, eve } = await makeWorld()
  const garden = await ann.createGroup('Garden', [], 'public')
  const live = await eve.connect()
  await putPicture(ann, garden.id)
  const listed = await live.nextEntry('group.listed')
  if (listed.type !== 'group.listed') throw new Error('no')
  const { picture } = listed.group
  expect((await eve.request('chats.discover', {})).chats).toMatchObject([{ picture }])
  expect((await getPicture(eve, garden.id, picture)).status).toBe(200)
  await ann.request('chats.archive', { chatId: garden.id })
  expect((await getPicture(eve, garden.id, picture)).status).toBe(404)
})

test('a group picture survives a restart', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await putPicture(ann, kitchen.id)
  const again = ann.atUrl((await hub.restart()).url)
  const { chat } = await again.request('chats.get', { chatId: kitchen.id })
  expect((await getPicture(again, kitchen.id, chat.picture)).status).toBe(200)
})

test.each([
  ['a page', Buffer.from('<script>alert(1)</script>'), 'image/png', 400],
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml', 400],
  ['an empty body', Buffer.alloc(0), 'image/png', 400],
  ['a body above the limit', Buffer.alloc(limits.picture.bytes + 1, png()), 'image/png', 413],
])('%s is rejected as a group picture', async (_what, body, type, status) => {
  const { ann, kitchen } = await makeWorld()
  expect((await putPicture(ann, kitchen.id, body, type)).status).toBe(status)
  expect((await ann.request('chats.get', { chatId: kitchen.id })).chat.picture).toBeUndefined()
})

test('a webhook can post to an announcement group but not to an archived one', async () => {
  const { ann, kitchen } = await makeWorld()
  const { url } = await ann.request('webhooks.create', { chatId: kitchen.id, name: 'Oven' })
  const post = async (text: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    })
    return response.status
  }
  await ann.request('chats.update', { chatId: kitchen.id, posting: 'admins' })
  expect(await post('hot')).toBeLessThan(300)
  await ann.request('chats.archive', { chatId: kitchen.id })
  expect(await post('cold')).toBe(403)
})

test('a deleted group with a webhook is purged too', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.request('webhooks.create', { chatId: kitchen.id, name: 'Oven' })
  await ann.request('chats.delete', { chatId: kitchen.id })
  const inAWeek = Date.now() + limits.undeleteDays * 86_400_000
  const later = await hub.restart({ clock: () => inAWeek })
  const left = () =>
    later.hub.store.read((db) =>
      db.selectFrom('chat').where('id', '=', kitchen.id).select('id').executeTakeFirst(),
    )
  await expect.poll(left).toBeUndefined()
})
