import { expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { TestUser, RequestError } from '../support/test-user.ts'

async function startHubWithApproval(): Promise<{ hub: TestHub; olga: TestUser }> {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'approval' })
  return { hub, olga }
}

test('a pending user has an account and a session that can only read their own profile', async () => {
  const { hub, olga } = await startHubWithApproval()
  const chat = await olga.createGroup('Lounge', [], 'public')
  const una = await TestUser.register(hub.url, { username: 'una' })
  expect(await una.request('me.get', {})).toMatchObject({ user: { username: 'una' }, pending: true })
  for (const rejected of [
    () => una.request('users.list', {}),
    () => una.request('chats.list', {}),
    () => una.request('chats.join', { chatId: chat.id }),
    () => una.request('streams.read', { stream: 'hub' }),
    () => una.request('streams.read', { stream: `user:${una.id}` }),
    () => una.request('chats.create', { name: 'Mine', visibility: 'public' }),
    () => una.request('admin.requests.accept', { userId: una.id }),
  ]) {
    await expect(rejected()).rejects.toMatchObject({ status: 403, code: 'forbidden' })
  }
  await expect(LiveClient.open(hub.url, { authorization: `Bearer ${una.token}` })).rejects.toThrow('403')
  await una.request('accounts.logout', {})
  await expect(una.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  const again = await TestUser.login(hub.url, 'una')
  expect(await again.request('me.get', {})).toMatchObject({ pending: true })
})

test('a pending user is not_found for other users and is in no list and no stream', async () => {
  const { hub, olga } = await startHubWithApproval()
  const una = await TestUser.register(hub.url, { username: 'una' })
  const { users } = await olga.request('users.list', {})
  expect(users.map(({ username }) => username)).toEqual(['olga'])
  const group = await olga.createGroup('Lounge')
  for (const rejected of [
    () => olga.request('users.get', { userId: una.id }),
    () => olga.request('chats.direct', { userId: una.id }),
    () => olga.request('chats.direct', { username: 'una' }),
    () => olga.request('members.add', { chatId: group.id, userId: una.id }),
    () => olga.request('chats.create', { name: 'Two', visibility: 'private', members: [una.id] }),
    () => olga.request('admin.users.update', { userId: una.id, role: 'admin' }),
  ]) {
    await expect(rejected()).rejects.toMatchObject({ code: 'not_found' })
  }
  expect((await olga.request('admin.users.list', {})).users).toHaveLength(1)
  const { entries } = await olga.request('streams.read', { stream: 'hub' })
  expect(JSON.stringify(entries)).not.toContain(una.id)
})

test('accepting a request keeps the session of the user and publishes the user', async () => {
  const { hub, olga } = await startHubWithApproval()
  const una = await TestUser.register(hub.url, { username: 'una' })
  const { requests } = await olga.request('admin.requests.list', {})
  expect(requests).toMatchObject([{ user: { id: una.id }, address: '127.0.0.1' }])
  const live = await olga.connect()
  await live.request('admin.requests.accept', { userId: una.id })
  expect(await live.nextEntry('user.added')).toMatchObject({ user: { id: una.id }, by: olga.id })
  const me = await una.request('me.get', {})
  expect(me.pending).toBeUndefined()
  await una.connect()
  expect((await una.openDirectChat(olga)).peer).toBe(olga.id)
  expect((await olga.request('admin.requests.list', {})).requests).toEqual([])
  await expect(olga.request('admin.requests.decline', { userId: una.id })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('declining a request deletes the account and frees the username', async () => {
  const { hub, olga } = await startHubWithApproval()
  const una = await TestUser.register(hub.url, { username: 'una' })
  await expect(TestUser.register(hub.url, { username: 'Una' })).rejects.toMatchObject({ code: 'conflict' })
  await olga.request('admin.requests.decline', { userId: una.id })
  await expect(una.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(TestUser.login(hub.url, 'una')).rejects.toMatchObject({ code: 'unauthenticated' })
  const second = await TestUser.register(hub.url, { username: 'una' })
  expect(second.id).not.toBe(una.id)
})

test('an invite registers without approval', async () => {
  const { hub, olga } = await startHubWithApproval()
  const { invite } = await olga.request('admin.invites.create', {})
  const bo = await TestUser.register(hub.url, { username: 'bo', invite })
  expect((await bo.request('me.get', {})).pending).toBeUndefined()
  await expect(TestUser.register(hub.url, { username: 'cy', invite })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('a hub with closed registration rejects everyone, with or without an invite', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const { invite } = await olga.request('admin.invites.create', {})
  await olga.request('admin.settings.update', { registration: 'closed' })
  for (const more of [{}, { invite }]) {
    const refusal: unknown = await TestUser.register(hub.url, { username: 'bo', ...more }).catch(
      (error: unknown) => error,
    )
    expect(refusal).toBeInstanceOf(RequestError)
    expect((refusal as RequestError).error).toMatchObject({ code: 'forbidden' })
    expect((refusal as RequestError).error.message).toContain('Registration is closed')
  }
  await expect(olga.request('admin.invites.create', {})).rejects.toMatchObject({ code: 'conflict' })
  await olga.request('admin.settings.update', { registration: 'invite' })
  await TestUser.register(hub.url, { username: 'bo', invite })
})
