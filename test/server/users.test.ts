import { expect, test } from 'vitest'
import type { Input } from '../../shared/contract.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { TestUser, rawRequest, errorCodeOf } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

async function startHubWithUsers(
  ...names: (string | [string, string])[]
): Promise<{ hub: TestHub; olga: TestUser }> {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'open' })
  for (const name of names) {
    const [username, displayName] = typeof name === 'string' ? [name, name] : name
    await TestUser.register(hub.url, { username, displayName })
  }
  return { hub, olga }
}

async function listUsernames(user: TestUser, input: Input<'users.list'> = {}): Promise<string[]> {
  return (await user.request('users.list', input)).users.map(({ username }) => username)
}

test('users.list sorts by name regardless of case', async () => {
  const { olga } = await startHubWithUsers('bo', 'Ann', 'CY')
  expect(await listUsernames(olga)).toEqual(['Ann', 'bo', 'CY', 'olga'])
})

test('users.list returns each user once over its pages, by the id of the last one', async () => {
  const { olga } = await startHubWithUsers(...Array.from({ length: 12 }, (_, i) => `p${i}`))
  const all = await listUsernames(olga)
  expect(all).toHaveLength(13)
  const paged: string[] = []
  let after: string | undefined
  for (let more = true; more;) {
    const page = await olga.request('users.list', { limit: 5, ...(after === undefined ? {} : { after }) })
    paged.push(...page.users.map(({ username }) => username))
    after = page.users.at(-1)?.id
    more = page.more
    expect(page.users.length).toBe(more ? 5 : 3)
  }
  expect(paged).toEqual(all)
})

test('users.list returns 100 users by default and at most 200', async () => {
  const { olga } = await startHubWithUsers(...Array.from({ length: 204 }, (_, i) => `p${i}`))
  expect((await olga.request('users.list', {})).users).toHaveLength(100)
  const most = await olga.request('users.list', { limit: 1_000_000 })
  expect(most.users).toHaveLength(200)
  expect(most.more).toBe(true)
  const rest = await olga.request('users.list', { limit: 200, after: most.users.at(-1)?.id ?? '' })
  expect(rest).toMatchObject({ more: false })
  expect(rest.users).toHaveLength(5)
})

test('users.list finds a user by part of the username or display name in any case and script', async () => {
  const { olga } = await startHubWithUsers(
    ['ann', 'Ann of the Straße'],
    ['bo', 'Bo'],
    ['Дмитрий', 'Дмитрий К.'],
    ['li', '李雷'],
  )
  expect(await listUsernames(olga, { query: 'NN' })).toEqual(['ann'])
  expect(await listUsernames(olga, { query: 'STRASSE' })).toEqual(['ann'])
  expect(await listUsernames(olga, { query: 'дмит' })).toEqual(['Дмитрий'])
  expect(await listUsernames(olga, { query: '雷' })).toEqual(['li'])
  expect(await listUsernames(olga, { query: ' ＢＯ ' })).toEqual(['bo'])
  expect(await listUsernames(olga, { query: 'nobody' })).toEqual([])
  expect(await listUsernames(olga, { query: '' })).toHaveLength(5)
})

test('users.list, admin.users.list and the filter from: find a name without its accents, over pages too', async () => {
  const { hub, olga } = await startHubWithUsers(
    ['jonas', 'Jonas Müller-Lüdenscheidt'],
    ['mueller', 'Pia Muller'],
    ['huong', 'Đặng Thị Hương'],
    ['ahmad', 'أحمد'],
  )
  const adminNames = async (input: object) => {
    const { users, total } = await olga.request('admin.users.list', input)
    return [total, ...users.map(({ user }) => user.username)]
  }
  for (const [query, found] of [
    ['mul lud', ['jonas']],
    ['muller', ['jonas', 'mueller']],
    ['mueller', ['jonas', 'mueller']],
    ['dang', ['huong']],
    ['أَحْ', ['ahmad']],
    ['ＭＵＬ', ['jonas', 'mueller']],
  ] as const) {
    expect(await listUsernames(olga, { query })).toEqual(found)
    expect(await adminNames({ query })).toEqual([found.length, ...found])
  }
  const first = await olga.request('users.list', { query: 'mul', limit: 1 })
  expect([first.more, first.users.map(({ username }) => username)]).toEqual([true, ['jonas']])
  const after = first.users[0]?.id ?? ''
  expect(await listUsernames(olga, { query: 'mul', after })).toEqual(['mueller'])
  expect(await adminNames({ query: 'mul', after })).toEqual([2, 'mueller'])
  // A user who does not fit the query can begin a page as well.
  const ahmad = (await olga.request('users.list', { query: 'ahmad' })).users[0]?.id ?? ''
  expect(await adminNames({ query: 'mul', after: ahmad, limit: 1 })).toEqual([2, 'jonas'])

  const jonas = await TestUser.login(hub.url, 'jonas')
  const group = await jonas.createGroup('Küche', [], 'public')
  await jonas.sendMessage(group.id, 'a pot of soup')
  const { hits } = await jonas.request('search.messages', { q: 'soup from:"jonas muller" in:kuche' })
  expect(hits).toHaveLength(1)
  const { chats } = await olga.request('chats.discover', { query: 'kuc' })
  expect(chats.map(({ name }) => name)).toEqual(['Küche'])
  expect((await olga.request('admin.groups.list', { query: 'kuec' })).total).toBe(1)
})

test('wildcards and quotes in a user search are literal', async () => {
  const { olga } = await startHubWithUsers(['a_b', '100% Ann'], ['axb', "O'Brien \\ Co"])
  expect(await listUsernames(olga, { query: '_' })).toEqual(['a_b'])
  expect(await listUsernames(olga, { query: '%' })).toEqual(['a_b'])
  expect(await listUsernames(olga, { query: '\\' })).toEqual(['axb'])
  expect(await listUsernames(olga, { query: "o'b" })).toEqual(['axb'])
  expect(await listUsernames(olga, { query: "' or 1=1 --" })).toEqual([])
})

test.for([
  [{ after: 'nobody' }, 'invalid', 'after'],
  [{ limit: 0 }, 'invalid', 'limit'],
  [{ limit: 'ten' }, 'invalid', 'limit'],
  [{ query: 'q'.repeat(101) }, 'too_large', 'query'],
  [{ role: 'owner' }, 'invalid', 'role'],
] as [Record<string, unknown>, string, string][])(
  'listing users with %j is rejected',
  async ([input, code, field]) => {
    const { hub, olga } = await startHubWithUsers()
    const { body } = await rawRequest(hub.url, olga.token, 'users.list', input)
    expect(body).toMatchObject({ error: { code, field } })
  },
)

test('a user sees only name, role, creation time and order of joining of another user', async () => {
  const { hub, olga } = await startHubWithUsers()
  const { invite } = await olga.request('admin.invites.create', {})
  const ann = await TestUser.register(hub.url, {
    username: 'ann',
    securityQuestion: 'first-pet',
    securityAnswer: 'Rex',
    invite,
  })
  const { user } = await olga.request('users.get', { userId: ann.id })
  expect(Object.keys(user).sort()).toEqual(['createdAt', 'displayName', 'id', 'joined', 'role', 'username'])
  expect((await olga.request('users.list', { query: 'ann' })).users).toEqual([user])
})

test('users and bots are numbered in the order of joining, also when they register at the same moment', async () => {
  const { hub, olga } = await startHubWithUsers('ann')
  await Promise.all(['bo', 'cy', 'di'].map((username) => TestUser.register(hub.url, { username })))
  await olga.request('admin.bots.create', { username: 'builder' })
  await TestUser.register(hub.url, { username: 'eve' })
  const { users } = await olga.request('users.list', {})
  expect(users.map(({ joined }) => joined).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  const joinedOf = (name: string) => users.find(({ username }) => username === name)?.joined
  expect([joinedOf('olga'), joinedOf('ann'), joinedOf('builder'), joinedOf('eve')]).toEqual([0, 1, 5, 6])
  // A change of the profile keeps it.
  const { user } = await olga.request('me.update', { displayName: 'Olga P.' })
  expect(user.joined).toBe(0)
})

test('users.get names the groups that both are in, and no other of the user', async () => {
  const { ann, bo, eve, kitchen, olga } = await makeWorld()
  const yard = await ann.createGroup('Yard', [bo], 'public')
  await bo.createGroup('Secret of bo')
  const groupsOf = async (viewer: TestUser, user: TestUser) =>
    (await viewer.request('users.get', { userId: user.id })).groups
  expect(await groupsOf(ann, bo)).toEqual([kitchen.id, yard.id])
  expect(await groupsOf(bo, ann)).toEqual([kitchen.id, yard.id])
  // An outsider learns nothing, not even the owner of the hub.
  expect(await groupsOf(eve, bo)).toEqual([])
  expect(await groupsOf(olga, bo)).toEqual([])
  expect(await groupsOf(ann, ann)).toEqual([])
  await bo.request('chats.leave', { chatId: yard.id })
  expect(await groupsOf(ann, bo)).toEqual([kitchen.id])
  await ann.request('chats.delete', { chatId: kitchen.id })
  expect(await groupsOf(ann, bo)).toEqual([])
})

test('users.get returns not_found for an unknown user', async () => {
  const { olga } = await startHubWithUsers()
  await expect(olga.request('users.get', { userId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
})

test('users.get returns a deactivated user by name, marked as deactivated', async () => {
  const { hub, olga } = await startHubWithUsers('ann')
  await hub.hub.store.writer.write(({ db, now }) =>
    db.updateTable('user').set({ deactivatedAt: now }).where('username', '=', 'ann').execute(),
  )
  const { users } = await olga.request('users.list', { query: 'ann' })
  expect(users).toMatchObject([{ username: 'ann', deactivated: true }])
})

test('presence follows the open sockets, and last seen is returned for offline users, also after a restart', async () => {
  const { hub, olga } = await startHubWithUsers()
  const ann = await TestUser.register(hub.url, { username: 'ann' })
  const before = await olga.request('users.get', { userId: ann.id })
  expect(before).toMatchObject({ presence: 'offline' })
  expect(before.lastSeen).toBeUndefined()
  const live = await ann.connect()
  expect(await olga.request('users.get', { userId: ann.id })).toMatchObject({ presence: 'active' })
  live.send({ t: 'presence', state: 'idle' })
  await expect.poll(async () => (await olga.request('users.get', { userId: ann.id })).presence).toBe('idle')
  const leaving = Date.now()
  const again = await hub.restart()
  const after = await olga.atUrl(again.url).request('users.get', { userId: ann.id })
  expect(after.presence).toBe('offline')
  expect(after.lastSeen).toBeGreaterThanOrEqual(leaving)
})

// bug 9 of the original app
test('usernames are unique in any case, and a malformed user id returns not_found', async () => {
  const { hub, ann, eve } = await makeWorld()
  const { invite } = await (await TestUser.login(hub.url, 'olga')).request('admin.invites.create', {})
  expect(await errorCodeOf(TestUser.register(hub.url, { username: 'ANN', invite }))).toBe('conflict')
  expect((await eve.request('chats.direct', { username: 'aNN' })).chat.peer).toBe(ann.id)
  for (const userId of ['1', 'one', '-1', '0', 'null', 'x'.repeat(64), "' or 1=1"]) {
    expect([userId, await errorCodeOf(eve.request('chats.direct', { userId }))]).toEqual([
      userId,
      'not_found',
    ])
    expect([userId, await errorCodeOf(eve.request('users.get', { userId }))]).toEqual([userId, 'not_found'])
    const members = [ann.id, userId]
    const group = eve.request('chats.create', { name: 'x', visibility: 'private', members })
    expect([userId, await errorCodeOf(group)]).toEqual([userId, 'not_found'])
  }
  const numbers = await rawRequest(hub.url, eve.token, 'chats.create', {
    name: 'x',
    visibility: 'private',
    members: [1, 2],
  })
  expect(numbers.status).toBe(400)
})
