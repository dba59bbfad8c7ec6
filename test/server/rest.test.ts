import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { password } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Everything the original app's REST did (docs/rest.md has the same list with curl), by a program with a token that may
 * write: plain HTTP, nothing of our clients.
 */
test('what the original app’s REST could do, a program with a token can do', async () => {
  const { hub, olga, ann, bo, kitchen, direct } = await makeWorld()
  const { token } = await ann.request('tokens.create', { name: 'REST', scope: 'write' })
  const rest = async (method: string, path: string, body?: unknown, bearer = token) => {
    const response = await fetch(`${hub.url}/api${path}`, {
      method,
      headers: {
        ...(bearer === '' ? { 'x-hubbub-client': 'token' } : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  // api/users/, one and all
  const users = await rest('GET', '/users')
  expect(users.body.users.map((one: { username: string }) => one.username)).toEqual([
    'ann',
    'bo',
    'eve',
    'olga',
  ])
  expect((await rest('GET', `/users/${bo.id}`)).body.user).toMatchObject({ username: 'bo' })

  // api/user-status/<username>/
  const found = (await rest('GET', '/users?query=bo')).body.users[0]
  expect((await rest('GET', `/users/${found.id}`)).body.presence).toBe('offline')
  const live = await bo.connect()
  await hub.whenPresenceTold()
  expect((await rest('GET', `/users/${found.id}`)).body.presence).toBe('active')

  // api/profiles/: each user changes their own profile
  expect((await rest('PATCH', '/me', { displayName: 'Ann A.', bio: 'Cooks.' })).status).toBe(200)
  expect((await rest('GET', `/users/${ann.id}`)).body.user).toMatchObject({
    displayName: 'Ann A.',
    bio: 'Cooks.',
  })

  // api/rooms/: list, make, read, change, delete
  expect((await rest('GET', '/chats')).body.chats.map((one: { id: string }) => one.id).sort()).toEqual(
    [kitchen.id, direct.id].sort(),
  )
  expect((await rest('POST', '/chats/direct', { username: 'BO' })).body.chat.id).toBe(direct.id)
  const made = await rest('POST', '/chats', { name: 'Garden', visibility: 'public', members: [bo.id] })
  expect(made.status).toBe(201)
  const room = `/chats/${made.body.chat.id}`
  expect((await rest('GET', room)).body.members).toHaveLength(2)
  expect((await rest('PATCH', room, { name: 'Orchard' })).body.chat.name).toBe('Orchard')

  // api/messages/: write, and chat/api/messages/<room>/: the history
  const cid = randomUUID()
  const sent = await rest('POST', `${room}/messages`, { cid, text: 'Apples are ripe' })
  expect([sent.status, sent.body.message.text]).toEqual([201, 'Apples are ripe'])
  expect((await rest('POST', `${room}/messages`, { cid, text: 'Apples are ripe' })).status).toBe(200)
  const history = await rest('GET', `${room}/messages?limit=50`)
  expect(history.body.messages).toMatchObject([{ id: sent.body.message.id, author: ann.id }])

  // api/message-status/<id>/
  const status = `/messages/${sent.body.message.id}/status`
  expect((await rest('GET', status)).body).toMatchObject({ readBy: [] })
  await live.request('chats.read', { chatId: made.body.chat.id, no: 1 })
  expect((await rest('GET', status)).body).toMatchObject({
    ...{ deliveredTo: [bo.id], readBy: [bo.id] },
    times: [{ userId: bo.id, readAt: expect.any(Number) as number }],
  })

  // mark all as read
  await bo.sendMessage(kitchen.id, 'Soup is ready')
  expect((await rest('POST', '/chats/read', {})).body.chats).toEqual([{ id: kitchen.id, readNo: 1 }])
  expect((await rest('DELETE', room)).status).toBe(204)

  // api/register/, api/token/ and api/token/refresh/: an account, and a token for it that lasts
  const { invite } = await olga.request('admin.invites.create', {})
  expect((await rest('POST', '/register', { username: 'dora', password, invite }, '')).status).toBe(201)
  const login = await rest('POST', '/login', { username: 'dora', password }, '')
  expect((await rest('GET', '/me', undefined, login.body.token)).body.user.username).toBe('dora')
  const lasting = await rest(
    'POST',
    '/me/tokens',
    { name: 'Lasting', scope: 'read', days: 90 },
    login.body.token,
  )
  expect((await rest('GET', '/me', undefined, lasting.body.token)).body.user.username).toBe('dora')
  expect((await rest('PATCH', '/me', { bio: 'x' }, lasting.body.token)).status).toBe(403)
})
