import { expect, test } from 'vitest'
import type { Input } from '../../shared/contract.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { TestUser, rawRequest } from '../support/test-user.ts'

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

async function listUsernames(person: TestUser, input: Input<'users.list'> = {}): Promise<string[]> {
  return (await person.request('users.list', input)).users.map(({ username }) => username)
}

test('people are listed by name, whatever the case', async () => {
  const { olga } = await startHubWithUsers('bo', 'Ann', 'CY')
  expect(await listUsernames(olga)).toEqual(['Ann', 'bo', 'CY', 'olga'])
})

test('page by page everybody comes once, by the id that came last', async () => {
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

test('a hundred come without a limit, at most two hundred with one', async () => {
  const { olga } = await startHubWithUsers(...Array.from({ length: 204 }, (_, i) => `p${i}`))
  expect((await olga.request('users.list', {})).users).toHaveLength(100)
  const most = await olga.request('users.list', { limit: 1_000_000 })
  expect(most.users).toHaveLength(200)
  expect(most.more).toBe(true)
  const rest = await olga.request('users.list', { limit: 200, after: most.users.at(-1)?.id ?? '' })
  expect(rest).toMatchObject({ more: false })
  expect(rest.users).toHaveLength(5)
})

test('a part of the name or the display name finds a person, in any case and script', async () => {
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

test('wildcards and quotes in a search are letters like others', async () => {
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
  'listing people with %j is refused',
  async ([input, code, field]) => {
    const { hub, olga } = await startHubWithUsers()
    const { body } = await rawRequest(hub.url, olga.token, 'users.list', input)
    expect(body).toMatchObject({ error: { code, field } })
  },
)

test('what others see of a person is their name, role and time, and nothing else', async () => {
  const { hub, olga } = await startHubWithUsers()
  const { invite } = await olga.request('admin.invites.create', {})
  const ann = await TestUser.register(hub.url, {
    username: 'ann',
    securityQuestion: 'first-pet',
    securityAnswer: 'Rex',
    invite,
  })
  const { user } = await olga.request('users.get', { userId: ann.id })
  expect(Object.keys(user).sort()).toEqual(['createdAt', 'displayName', 'id', 'role', 'username'])
  expect((await olga.request('users.list', { query: 'ann' })).users).toEqual([user])
})

test('a person who is not there is not found', async () => {
  const { olga } = await startHubWithUsers()
  await expect(olga.request('users.get', { userId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' })
})

test('who was deactivated is still there by name, and marked', async () => {
  const { hub, olga } = await startHubWithUsers('ann')
  await hub.hub.store.writer.write(({ db, now }) =>
    db.updateTable('user').set({ deactivatedAt: now }).where('username', '=', 'ann').execute(),
  )
  const { users } = await olga.request('users.list', { query: 'ann' })
  expect(users).toMatchObject([{ username: 'ann', deactivated: true }])
})

test('presence follows the sockets, and last seen is told of who is away, also after a restart', async () => {
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
