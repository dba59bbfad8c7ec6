import { expect, test } from 'vitest'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

test('an admin creates a bot, which acts with its token and can be added and messaged like any user', async () => {
  const { hub, olga, ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  const { user, token } = await olga.request('admin.bots.create', {
    username: 'helper',
    displayName: 'Helper',
  })
  expect(user).toMatchObject({ username: 'helper', displayName: 'Helper', role: 'member', bot: true })
  expect(await live.nextEntry('user.added')).toMatchObject({ user: { id: user.id, bot: true } })
  const bot = new TestUser(hub.url, token, user)
  await ann.request('members.add', { chatId: kitchen.id, userId: user.id })
  await bot.sendMessage(kitchen.id, 'at your service')
  const direct = await ann.openDirectChat(bot)
  await ann.sendMessage(direct.id, 'hello bot')
  expect((await bot.request('messages.list', { chatId: direct.id })).messages).toMatchObject([
    { author: ann.id },
  ])
  expect((await olga.request('admin.bots.list', {})).bots).toEqual([user])
})

test('a bot owns no group: it neither creates one nor names a chat, and is a member of others', async () => {
  const { hub, olga, ann, bo } = await makeWorld()
  const { user, token } = await olga.request('admin.bots.create', { username: 'helper' })
  const bot = new TestUser(hub.url, token, user)
  const { chat } = await bot.request('chats.withUsers', { userIds: [ann.id, bo.id] })
  for (const attempt of [
    () => bot.request('chats.create', { name: 'Mine', visibility: 'private', members: [ann.id] }),
    () => bot.request('chats.update', { chatId: chat.id, name: 'Mine' }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' })
  await ann.request('chats.update', { chatId: chat.id, name: 'Ours' })
  const { members } = await bot.request('chats.get', { chatId: chat.id })
  expect(members.filter(({ role }) => role === 'owner').map(({ userId }) => userId)).toEqual([ann.id])
})

test('logging in as a bot fails with any password', async () => {
  const { hub, olga } = await makeWorld()
  await olga.request('admin.bots.create', { username: 'helper' })
  for (const secret of [password, 'helper', '\0'.repeat(96)]) {
    const { status, body } = await rawRequest(hub.url, undefined, 'accounts.login', {
      username: 'helper',
      password: secret,
    })
    expect([status, body]).toMatchObject([401, { error: { code: 'unauthenticated' } }])
  }
})

test('a revoked bot loses access at once and keeps its username, and only bots can be revoked', async () => {
  const { hub, olga, ann, kitchen } = await makeWorld()
  const { user, token } = await olga.request('admin.bots.create', { username: 'helper' })
  const bot = new TestUser(hub.url, token, user)
  await ann.request('members.add', { chatId: kitchen.id, userId: user.id })
  const message = await bot.sendMessage(kitchen.id, 'last words')
  const live = await bot.connect()
  const { webhook } = await ann.request('webhooks.create', { chatId: kitchen.id, name: 'Deploys' })
  await olga.request('admin.bots.revoke', { userId: user.id })
  expect((await live.whenClosed()).code).toBe(4401)
  expect((await rawRequest(hub.url, token, 'me.get', {})).status).toBe(401)
  expect((await ann.request('messages.list', { chatId: kitchen.id })).messages).toMatchObject([
    { id: message.id },
  ])
  for (const userId of [user.id, ann.id, webhook.userId, 'nobody-has-it']) {
    await expect(olga.request('admin.bots.revoke', { userId })).rejects.toThrow('not_found')
  }
  expect((await olga.request('admin.bots.list', {})).bots).toEqual([])
})

test('the name of a bot follows the rules for usernames', async () => {
  const { hub, olga } = await makeWorld()
  for (const [input, status, field] of [
    [{ username: 'ANN' }, 409, 'username'],
    [{ username: 'a b' }, 400, 'username'],
    [{ username: 'helper', displayName: ' ' }, 400, 'displayName'],
  ] as const) {
    const response = await rawRequest(hub.url, olga.token, 'admin.bots.create', input)
    expect([response.status, response.body]).toMatchObject([status, { error: { field } }])
  }
})
