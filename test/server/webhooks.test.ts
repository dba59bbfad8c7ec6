import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { makeWorld, type World } from '../support/world.ts'

async function createWebhook({ ann, kitchen }: World, name = 'Deploys') {
  return ann.request('webhooks.create', { chatId: kitchen.id, name })
}

async function postJson(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}

test('a webhook post becomes a message of its bot, live and in the history', async () => {
  const world = await makeWorld()
  const { bo, kitchen } = world
  const live = await bo.connect()
  const { webhook, url } = await createWebhook(world)
  const added = await live.nextEntry('member.added')
  expect(added).toMatchObject({
    user: { id: webhook.userId, displayName: 'Deploys', bot: true },
    role: 'member',
  })
  const posted = await postJson(url, { text: '**v2** is out' })
  expect([posted.status, posted.body]).toEqual([201, { messageId: expect.any(String), no: 1 }])
  const message = await live.nextEntry('message.sent')
  expect(message).toMatchObject({ message: { author: webhook.userId, text: '**v2** is out' } })
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect((messages as Message[]).map(({ id }) => id)).toEqual([posted.body['messageId']])
})

test('a repeated post with the same cid returns one message, and another text is a conflict', async () => {
  const world = await makeWorld()
  const { url } = await createWebhook(world)
  const cid = randomUUID()
  const [first, again] = [
    await postJson(url, { text: 'once', cid }),
    await postJson(url, { text: 'once', cid }),
  ]
  expect([first.status, again.status, again.body]).toEqual([201, 200, first.body])
  expect((await postJson(url, { text: 'twice', cid })).status).toBe(409)
  expect((await world.bo.request('messages.list', { chatId: world.kitchen.id })).messages).toHaveLength(1)
})

test('every error in a webhook address returns the same not_found', async () => {
  const world = await makeWorld()
  const { ann, kitchen } = world
  const other = await createWebhook(world, 'Other')
  const { url, webhook } = await createWebhook(world)
  const gone = await createWebhook(world, 'Gone')
  await ann.request('webhooks.revoke', { chatId: kitchen.id, webhookId: gone.webhook.id })
  const silenced = await createWebhook(world, 'Silenced')
  await ann.request('members.remove', { chatId: kitchen.id, userId: silenced.webhook.userId })
  const deletedGroup = await ann.createGroup('Soon gone')
  const deleted = await ann.request('webhooks.create', { chatId: deletedGroup.id, name: 'Deleted' })
  await ann.request('chats.delete', { chatId: deletedGroup.id })
  const base = url.slice(0, url.lastIndexOf('/'))
  const responses = await Promise.all(
    [
      `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`,
      `${base}/x`,
      `${base}/${other.url.split('/').at(-1)}`,
      url.replace(webhook.id, 'nobody-has-it'),
      gone.url,
      silenced.url,
      deleted.url,
    ].map((address) => postJson(address, { text: 'knock' })),
  )
  const [first] = responses
  expect(first?.body).toMatchObject({ error: { code: 'not_found' } })
  for (const response of responses) expect([response.status, response.body]).toEqual([404, first?.body])
  expect((await postJson(url, { text: 'here' })).status).toBe(201)
})

test('a webhook post follows the limits of message texts', async () => {
  const { url } = await createWebhook(await makeWorld())
  for (const [text, status] of [
    ['', 400],
    [' \n ', 400],
    ['x'.repeat(16 * 1024), 201],
    ['x'.repeat(16 * 1024 + 1), 413],
    [5, 400],
  ]) {
    expect([status, (await postJson(url, { text })).status]).toEqual([status, status])
  }
  expect((await postJson(url, { text: 'x', chatId: 'another' })).status).toBe(400)
})

test('a webhook post with line breaks, colours and other controls arrives as text', async () => {
  const world = await makeWorld()
  const { url } = await createWebhook(world)
  const texts: [string, string][] = [
    ['disk full\r\non /srv\r\n', 'disk full\non /srv\n'],
    ['\u001b[31;1mCRITICAL\u001b[0m: fire', 'CRITICAL: fire'],
    ['\u0007bell \u0000 and \f page', 'bell  and  page'],
    ['half \ud83d an emoji', 'half \ufffd an emoji'],
  ]
  for (const [text] of texts) expect((await postJson(url, { text })).status, JSON.stringify(text)).toBe(201)
  const { messages } = await world.ann.request('messages.list', { chatId: world.kitchen.id })
  expect(messages.map((message) => 'text' in message && message.text)).toEqual(texts.map(([, text]) => text))
  expect((await postJson(url, { text: '\u001b[0m\u0007' })).status).toBe(400)
})

test('a webhook allows a burst of twenty messages and then one a second, without slowing other webhooks or the group', async () => {
  const world = await makeWorld()
  const [loud, calm] = [await createWebhook(world, 'Loud'), await createWebhook(world, 'Calm')]
  const responses = await Promise.all(
    Array.from({ length: 60 }, (_, i) => postJson(loud.url, { text: `${i}` })),
  )
  const rejected = responses.filter(({ status }) => status === 429)
  expect(responses.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(20)
  expect(rejected.length).toBeGreaterThan(20)
  expect(rejected[0]?.headers.get('retry-after')).toBe('1')
  expect((await postJson(calm.url, { text: 'still here' })).status).toBe(201)
  await world.bo.sendMessage(world.kitchen.id, 'me too')
})

test('a webhook ignores cookies, tokens and origins', async () => {
  const world = await makeWorld()
  const { webhook, url } = await createWebhook(world)
  const from = { origin: 'https://elsewhere.example', authorization: `Bearer ${world.eve.token}` }
  expect((await postJson(url, { text: 'hello' }, from)).status).toBe(201)
  const { messages } = await world.bo.request('messages.list', { chatId: world.kitchen.id })
  expect(messages).toMatchObject([{ author: webhook.userId }])
})

test('webhooks.list has no secret, and revoking a webhook deactivates its bot and keeps its messages', async () => {
  const world = await makeWorld()
  const { ann, bo, kitchen } = world
  const { webhook, url } = await createWebhook(world)
  await postJson(url, { text: 'once' })
  const { webhooks } = await ann.request('webhooks.list', { chatId: kitchen.id })
  expect(webhooks).toEqual([{ ...webhook, usedAt: expect.any(Number) }])
  await ann.request('webhooks.revoke', { chatId: kitchen.id, webhookId: webhook.id })
  const { chat, members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect([chat.memberCount, members.length]).toEqual([2, 2])
  const { user } = await bo.request('users.get', { userId: webhook.userId })
  expect(user).toMatchObject({ displayName: 'Deploys', bot: true, deactivated: true })
  expect((await ann.request('webhooks.list', { chatId: kitchen.id })).webhooks).toEqual([])
})

test('a bot never becomes owner: a group is deleted when its last user leaves', async () => {
  const world = await makeWorld()
  const { ann, bo, kitchen } = world
  const { webhook } = await createWebhook(world)
  await expect(
    ann.request('members.update', { chatId: kitchen.id, userId: webhook.userId, role: 'owner' }),
  ).rejects.toThrow('invalid')
  await ann.request('chats.leave', { chatId: kitchen.id })
  const { members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(members.find(({ userId }) => userId === bo.id)?.role).toBe('owner')
  await bo.request('chats.leave', { chatId: kitchen.id })
  const row = await world.hub.hub.store.read((db) =>
    db.selectFrom('membership').where('chatId', '=', kitchen.id).selectAll().executeTakeFirst(),
  )
  expect(row).toBe(undefined)
})

test('the bot of a webhook in a private group is known to its members and hub admins only, also after it is revoked', async () => {
  const world = await makeWorld()
  const { ann, bo, eve, olga, kitchen } = world
  const live = await eve.connect()
  const { webhook, url } = await createWebhook(world, 'Layoffs')
  await postJson(url, { text: 'hello' })
  const bot = webhook.userId
  const names = async (user: typeof ann) =>
    (await user.request('users.list', { query: 'layoffs' })).users.map(({ displayName }) => displayName)
  const check = async () => {
    expect(await Promise.all([ann, bo, olga].map(names))).toEqual([['Layoffs'], ['Layoffs'], ['Layoffs']])
    expect(await names(eve)).toEqual([])
    expect((await bo.request('users.get', { userId: bot })).user.displayName).toBe('Layoffs')
    const attempts = [
      () => eve.request('users.get', { userId: bot }),
      () => eve.request('chats.direct', { userId: bot }),
      () => eve.request('chats.create', { name: 'Mine', visibility: 'private', members: [bot] }),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
    const own = await eve.createGroup('Own')
    await expect(eve.request('members.add', { chatId: own.id, userId: bot })).rejects.toMatchObject({
      code: 'not_found',
    })
    const { entries } = await eve.request('streams.read', { stream: 'hub', after: 0 })
    expect(JSON.stringify(entries)).not.toContain('ayoffs')
  }
  await check()
  await ann.request('webhooks.revoke', { chatId: kitchen.id, webhookId: webhook.id })
  await check()
  await live.settle()
  expect(JSON.stringify(live.received)).not.toContain('ayoffs')
})

test('the bot of a webhook in a public group is known to everybody', async () => {
  const { ann, eve } = await makeWorld()
  const live = await eve.connect()
  const garden = await ann.createGroup('Garden', [], 'public')
  await ann.request('webhooks.create', { chatId: garden.id, name: 'Weather' })
  expect(await live.nextEntry('user.added')).toMatchObject({ user: { displayName: 'Weather' } })
  expect((await eve.request('users.list', { query: 'weather' })).users).toHaveLength(1)
})

test('a search by author does not tell which bots private groups have', async () => {
  const world = await makeWorld()
  const { bo, eve } = world
  const { url } = await createWebhook(world, 'Layoffs')
  await postJson(url, { text: 'hello' })
  for (const name of ['layoffs', 'l', 'nobody'])
    await expect(eve.request('search.messages', { q: `from:${name}` })).rejects.toMatchObject({
      error: { code: 'invalid', message: expect.stringContaining('No user is called') },
    })
  expect((await bo.request('search.messages', { q: 'from:layoffs' })).hits).toHaveLength(1)
})

test('an open socket shows the bots of private groups only as long as its user is an admin of the hub', async () => {
  const world = await makeWorld()
  const { olga, eve } = world
  await createWebhook(world, 'Layoffs')
  const live = await eve.connect()
  const found = async () => (await live.request('users.list', { query: 'layoffs' })).users.length
  const counts = [await found()]
  for (const role of ['admin', 'member'] as const) {
    await olga.request('admin.users.update', { userId: eve.id, role })
    counts.push(await found())
  }
  expect(counts).toEqual([0, 1, 0])
})
