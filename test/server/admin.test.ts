import { expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'

async function startHubWithAdmin(): Promise<{ hub: TestHub; olga: TestUser; ada: TestUser; mo: TestUser }> {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const { invite } = await olga.request('admin.invites.create', { role: 'admin' })
  const ada = await TestUser.register(hub.url, { username: 'ada', invite })
  return { hub, olga, ada, mo: await hub.registerUser('mo') }
}

test('an invite link uses the host name of the caller and has the code only in the fragment, which no server sees', async () => {
  const { hub, olga } = await startHubWithAdmin()
  const { invite, url } = await olga.request('admin.invites.create', {})
  expect(url).toBe(`${hub.url}/join#${invite}`)
  expect(invite).toMatch(/^[\w-]{43}$/)
  const byName = hub.url.replace('127.0.0.1', 'localhost')
  const there = await new TestUser(byName, olga.token, olga.user).request('admin.invites.create', {})
  expect(there.url).toBe(`${byName}/join#${there.invite}`)
})

test('the code of an invite is stored hashed', async () => {
  const { hub, olga } = await startHubWithAdmin()
  const { invite } = await olga.request('admin.invites.create', {})
  const rows = await hub.hub.store.read((db) => db.selectFrom('invite').selectAll().execute())
  expect(rows.every(({ codeHash }) => codeHash.length === 32)).toBe(true)
  expect(JSON.stringify(rows.map((row) => Object.values(row).map(String)))).not.toContain(invite)
})

test('an admin can invite members, and only the owner can invite admins', async () => {
  const { hub, ada } = await startHubWithAdmin()
  const { invite } = await ada.request('admin.invites.create', { uses: 3, days: 30 })
  expect((await TestUser.register(hub.url, { username: 'bo', invite })).user.role).toBe('member')
  await expect(ada.request('admin.invites.create', { role: 'admin' })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test.for([
  [{ uses: 0 }, 'invalid', 'uses'],
  [{ uses: 1001 }, 'invalid', 'uses'],
  [{ uses: 1.5 }, 'invalid', 'uses'],
  [{ uses: '3' }, 'invalid', 'uses'],
  [{ days: 366 }, 'invalid', 'days'],
  [{ role: 'owner' }, 'invalid', 'role'],
  [{ groupMembers: 1 }, 'invalid', 'groupMembers'],
  [{ groupMembers: 2001 }, 'invalid', 'groupMembers'],
  [{ groupMembers: '5' }, 'invalid', 'groupMembers'],
] as [Record<string, unknown>, string, string][])(
  'creating an invite with %j is rejected',
  async ([input, code, field]) => {
    const { hub, olga } = await startHubWithAdmin()
    const { body } = await rawRequest(hub.url, olga.token, 'admin.invites.create', input)
    expect(body).toMatchObject({ error: { code, field } })
  },
)

test('a member gets forbidden for every admin request, including reading the settings', async () => {
  const { hub, mo } = await startHubWithAdmin()
  for (const [name, input] of [
    ['admin.settings', {}],
    ['admin.settings.update', { hubName: 'Mine' }],
    ['admin.settings.update', { colour: 'red' }],
    ['admin.invites.create', {}],
    ['admin.invites.create', { uses: 'many' }],
  ] as const) {
    const { status, body } = await rawRequest(hub.url, mo.token, name, input)
    expect(status).toBe(403)
    expect(body).toMatchObject({ error: { code: 'forbidden' } })
  }
})

test('an admin can rename the hub; only the owner can change who may register', async () => {
  const { hub, olga, ada } = await startHubWithAdmin()
  expect(await ada.request('admin.settings.update', { hubName: '  The  Bakery ' })).toEqual({
    hubName: 'The Bakery',
    registration: 'invite',
    recoveryByQuestion: true,
    groupMembers: 2000,
    fileBytes: 2 * 1024 ** 3,
    userBytes: 10 * 1024 ** 3,
    retentionDays: null,
    teamGroup: null,
  })
  await expect(
    ada.request('admin.settings.update', { hubName: 'Open Bakery', registration: 'open' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  expect(await olga.request('admin.settings.update', { registration: 'open' })).toEqual({
    hubName: 'The Bakery',
    registration: 'open',
    recoveryByQuestion: true,
    groupMembers: 2000,
    fileBytes: 2 * 1024 ** 3,
    userBytes: 10 * 1024 ** 3,
    retentionDays: null,
    teamGroup: null,
  })
  expect((await TestUser.register(hub.url, { username: 'ann' })).user.role).toBe('member')
  await olga.request('admin.settings.update', { registration: 'invite' })
  await expect(TestUser.register(hub.url, { username: 'bo' })).rejects.toMatchObject({ code: 'forbidden' })
})

test('a settings change is published with only the changed fields, and an unchanged update publishes nothing', async () => {
  const { olga, mo } = await startHubWithAdmin()
  const live = await mo.connect()
  await olga.request('admin.settings.update', {})
  await olga.request('admin.settings.update', { hubName: 'Test team', registration: 'invite' })
  await olga.request('admin.settings.update', { hubName: 'The Bakery', registration: 'invite' })
  const entry = await live.nextEntry('hub.updated')
  expect(entry).toMatchObject({ stream: 'hub', by: olga.id })
  expect('changes' in entry && entry.changes).toEqual({ hubName: 'The Bakery' })
  const { entries } = await mo.request('streams.read', { stream: 'hub', after: entry.seq - 1 })
  const { t: _, ...rest } = entry
  expect(entries).toEqual([rest])
})

test.for([
  [{ hubName: '' }, 'invalid', 'hubName'],
  [{ hubName: ' \u200b' }, 'invalid', 'hubName'],
  [{ hubName: 'h'.repeat(65) }, 'too_large', 'hubName'],
  [{ hubName: 'H\u202e' }, 'invalid', 'hubName'],
  [{ registration: 'everybody' }, 'invalid', 'registration'],
  [{ epoch: 'x' }, 'invalid', 'epoch'],
  [{ retentionDays: 0 }, 'invalid', 'retentionDays'],
  [{ retentionDays: 3651 }, 'invalid', 'retentionDays'],
  [{ retentionDays: 'never' }, 'invalid', 'retentionDays'],
] as [Record<string, unknown>, string, string][])(
  'updating the settings with %j is rejected',
  async ([input, code, field]) => {
    const { hub, olga } = await startHubWithAdmin()
    const { body } = await rawRequest(hub.url, olga.token, 'admin.settings.update', input)
    expect(body).toMatchObject({ error: { code, field } })
    expect(await olga.request('admin.settings', {})).toEqual({
      hubName: 'Test team',
      registration: 'invite',
      recoveryByQuestion: true,
      groupMembers: 2000,
      fileBytes: 2 * 1024 ** 3,
      userBytes: 10 * 1024 ** 3,
      retentionDays: null,
      teamGroup: null,
    })
  },
)

test('a demoted admin is rejected at once, in an open session too', async () => {
  const { hub, ada } = await startHubWithAdmin()
  const live = await ada.connect()
  await ada.request('admin.settings', {})
  await hub.hub.store.writer.write(({ db }) =>
    db.updateTable('user').set({ role: 'member' }).where('id', '=', ada.id).execute(),
  )
  await expect(ada.request('admin.settings', {})).rejects.toMatchObject({ code: 'forbidden' })
  await expect(live.request('admin.invites.create', {})).rejects.toMatchObject({ code: 'forbidden' })
})

test('the log of the hub contains no name, password or code', async () => {
  const lines: string[] = []
  const { pino } = await import('pino')
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const hub = await startTestHub({ log })
  const olga = await hub.setUp('olga-the-owner')
  const { invite } = await olga.request('admin.invites.create', {})
  await TestUser.register(hub.url, { username: 'ann-the-guest', invite })
  await rawRequest(hub.url, undefined, 'accounts.login', { username: 'ann-the-guest', password: 'wrong one' })
  await rawRequest(hub.url, undefined, 'accounts.register', { username: 'ann-the-guest', password, invite })
  expect(lines.length).toBeGreaterThan(0)
  for (const secret of ['olga-the-owner', 'ann-the-guest', password, 'wrong one', invite, olga.token]) {
    expect(lines.join()).not.toContain(secret)
  }
})
