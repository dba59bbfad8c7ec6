import { expect, test } from 'vitest'
import { type TestHub, startTestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

interface RequestResult {
  status: number
  code: string
  field: string | undefined
  message: string
}

async function sendRequest(
  hub: TestHub,
  name: string,
  input: Record<string, unknown>,
): Promise<RequestResult> {
  const { status, body } = await rawRequest(hub.url, undefined, name, input)
  const { code = 'ok', field, message = '' } = (body as { error?: Partial<RequestResult> }).error ?? {}
  return { status, code, field, message }
}

/** A hub with an owner and open registration. */
async function startOpenHub(): Promise<{ hub: TestHub; olga: TestUser }> {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'open' })
  return { hub, olga }
}

const register = (hub: TestHub, input: Record<string, unknown>) =>
  sendRequest(hub, 'accounts.register', { username: 'ann', password, ...input })

test('the set-up code creates the owner, names the hub and opens a session', async () => {
  const hub = await startTestHub()
  const before = await rawRequest(hub.url, undefined, 'hub.meta', {})
  expect(before.body).toMatchObject({ name: 'Hubbub', needsSetup: true, registration: 'invite' })
  const olga = await TestUser.setUp(hub.url, {
    code: ` ${hub.setupCode} `,
    hubName: '  The   Bakery ',
    registration: 'open',
    username: 'olga',
    displayName: 'Olga of the Bakery',
  })
  expect(olga.user).toMatchObject({ username: 'olga', displayName: 'Olga of the Bakery', role: 'owner' })
  const { body } = await rawRequest(hub.url, undefined, 'hub.meta', {})
  expect(body).toMatchObject({ name: 'The Bakery', needsSetup: false, registration: 'open' })
  expect((await olga.request('me.get', {})).user).toEqual(olga.user)
  expect(hub.hub.setupCode).toBe('')
})

test('of fifty concurrent set-ups exactly one creates the owner, and the others leave no account', async () => {
  const hub = await startTestHub()
  const responses = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      sendRequest(hub, 'hub.setup', {
        code: hub.setupCode,
        hubName: `Hub ${i}`,
        username: `owner${i}`,
        password,
      }),
    ),
  )
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(responses.filter(({ code }) => code === 'conflict')).toHaveLength(49)
  const winner = responses.findIndex(({ status }) => status === 200)
  const owner = await TestUser.login(hub.url, `owner${winner}`)
  const { users } = await owner.request('users.list', {})
  expect(users.map(({ username, role }) => ({ username, role }))).toEqual([
    { username: `owner${winner}`, role: 'owner' },
  ])
  expect(await owner.request('admin.settings', {})).toEqual({
    hubName: `Hub ${winner}`,
    registration: 'invite',
    recoveryByQuestion: true,
    groupMembers: 2000,
    fileBytes: 2 * 1024 ** 3,
    userBytes: 10 * 1024 ** 3,
    retentionDays: null,
    teamGroup: null,
  })
})

test('a wrong set-up code is rejected before any hashing, and the right one works exactly once', async () => {
  const hub = await startTestHub()
  const setUp = (code: string) =>
    sendRequest(hub, 'hub.setup', { code, hubName: 'Mine', username: 'eve', password })
  expect(await setUp('not the code')).toMatchObject({ status: 403, code: 'forbidden', field: 'code' })
  expect(await setUp('')).toMatchObject({ code: 'forbidden' })
  expect(hub.hub.passwords.counts.hashed).toBe(0)
  expect((await setUp(hub.setupCode)).status).toBe(200)
  expect(await setUp(hub.setupCode)).toMatchObject({ status: 409, code: 'conflict' })
  const again = await hub.restart()
  expect(again.setupCode).toBe('')
  for (const code of [hub.setupCode, '', ' ']) {
    expect(
      await sendRequest(again, 'hub.setup', { code, hubName: 'Mine', username: 'mallory', password }),
    ).toMatchObject({ code: 'conflict' })
  }
})

test('hub.setup checks the code before the other fields, so a caller without it learns nothing about them', async () => {
  const hub = await startTestHub()
  const bad = { hubName: ' ', username: 'x', password: 'short' }
  expect(await sendRequest(hub, 'hub.setup', { code: 'wrong', ...bad })).toMatchObject({ field: 'code' })
  const right = { code: hub.setupCode }
  expect(await sendRequest(hub, 'hub.setup', { ...right, ...bad })).toMatchObject({ field: 'hubName' })
  expect(await sendRequest(hub, 'hub.setup', { ...right, ...bad, hubName: 'H' })).toMatchObject({
    field: 'username',
  })
})

test('registration is forbidden before the hub has an owner', async () => {
  const hub = await startTestHub()
  expect(await register(hub, {})).toMatchObject({ code: 'forbidden' })
})

test('with registration by invite, each use of an invite creates one account', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  expect(await register(hub, {})).toMatchObject({ status: 403, code: 'forbidden', field: 'invite' })
  expect(await register(hub, { invite: 'made up' })).toMatchObject({ code: 'forbidden', field: 'invite' })
  const hashed = hub.hub.passwords.counts.hashed
  const { invite } = await olga.request('admin.invites.create', { uses: 2 })
  // an invalid form uses up nothing
  expect(await register(hub, { invite, password: 'short' })).toMatchObject({ field: 'password' })
  expect(await register(hub, { invite, username: 'OLGA' })).toMatchObject({ code: 'conflict' })
  expect(hub.hub.passwords.counts.hashed).toBe(hashed)
  expect((await register(hub, { invite, username: 'ann' })).status).toBe(201)
  expect((await register(hub, { invite, username: 'bo' })).status).toBe(201)
  expect(await register(hub, { invite, username: 'cy' })).toMatchObject({
    code: 'forbidden',
    field: 'invite',
  })
})

test('twenty concurrent registrations with a one-use invite create one account', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const { invite } = await olga.request('admin.invites.create', {})
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, i) => register(hub, { invite, username: `guest${i}` })),
  )
  expect(responses.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(responses.filter(({ code }) => code === 'forbidden')).toHaveLength(19)
  expect((await olga.request('users.list', {})).users).toHaveLength(2)
})

test('an invite expires after its number of days', async () => {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  const { invite } = await olga.request('admin.invites.create', { uses: 5, days: 2 })
  clock.now += 2 * 24 * 60 * 60 * 1000 - 1
  expect((await register(hub, { invite, username: 'ann' })).status).toBe(201)
  clock.now += 1
  expect(await register(hub, { invite, username: 'bo' })).toMatchObject({ code: 'forbidden' })
})

test('an admin invite creates an admin, and a member invite a member', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const admin = await olga.request('admin.invites.create', { role: 'admin' })
  const member = await olga.request('admin.invites.create', {})
  const ann = await TestUser.register(hub.url, { username: 'ann', invite: admin.invite })
  const bo = await TestUser.register(hub.url, { username: 'bo', invite: member.invite })
  expect([ann.user.role, bo.user.role]).toEqual(['admin', 'member'])
})

test('a registration is published to the hub stream exactly once', async () => {
  const { hub, olga } = await startOpenHub()
  const live = await olga.connect()
  const ann = await TestUser.register(hub.url, { username: 'Ann' })
  expect(await live.nextEntry('user.added')).toMatchObject({ stream: 'hub', by: ann.id, user: ann.user })
  const { entries } = await olga.request('streams.read', { stream: 'hub', after: 0 })
  expect(
    entries.filter(({ type }) => type === 'user.added').map((entry) => 'user' in entry && entry.user),
  ).toEqual([olga.user, ann.user])
})

test('of twenty concurrent registrations of one username exactly one succeeds', async () => {
  const { hub } = await startOpenHub()
  const names = ['ann', 'Ann', 'ANN', 'aNN', 'ａｎｎ']
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, i) => register(hub, { username: names[i % names.length] })),
  )
  expect(responses.filter(({ status }) => status === 201)).toHaveLength(1)
  const rejected = responses.filter(({ code, field }) => code === 'conflict' && field === 'username')
  expect(rejected).toHaveLength(19)
  expect(rejected[0]?.message).toBe('This username is taken. Choose another, or log in if it is yours.')
})

test.for([
  ['Straße', 'STRASSE'],
  ['strasse', 'ſtraſſe'],
  ['İpek', 'ipek'],
  ['Kemal', '\u212Aemal'],
  ['zoe\u0308', 'ZO\u00cb'],
  ['ann', 'ＡＮＮ'],
  ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['office', 'oﬃce'],
  ['Дмитрий', 'дМИТРИЙ'],
])('%s and %s are the same username for registration and for login', async ([mine, theirs]) => {
  const { hub } = await startOpenHub()
  const me = await TestUser.register(hub.url, { username: mine as string })
  expect(me.user.username).toBe((mine as string).normalize('NFC'))
  expect(await register(hub, { username: theirs })).toMatchObject({ code: 'conflict', field: 'username' })
  expect((await TestUser.login(hub.url, theirs as string)).user).toEqual(me.user)
})

test.for(['李雷', 'محمد', 'नमस्ते', 'Ørjan', "o'brien", 'a.b_c-d', '__proto__', 'constructor', '42', '٣٤٥'])(
  '%s is a valid username',
  async (username) => {
    const { hub } = await startOpenHub()
    const user = await TestUser.register(hub.url, { username })
    expect(user.user).toMatchObject({ username, displayName: username, role: 'member' })
    expect((await TestUser.login(hub.url, username)).id).toBe(user.id)
  },
)

test.for([
  ['x', 'invalid'],
  ['', 'invalid'],
  ['ann bo', 'invalid'],
  [' ann', 'invalid'],
  ['ann\n', 'invalid'],
  ['ann\u0000', 'invalid'],
  ['ann\u200b', 'invalid'],
  ['ann\u202e', 'invalid'],
  ['ann\ud800', 'invalid'],
  ['<b>ann</b>', 'invalid'],
  ['ann@hub', 'invalid'],
  ['😀😀', 'invalid'],
  ['._-', 'invalid'],
  ['\u0301\u0301\u0301', 'invalid'],
  ['a'.repeat(33), 'too_large'],
  ['a'.repeat(200), 'too_large'],
  ['a'.repeat(200_000), 'too_large'],
])('username %j is rejected', async ([username, code]) => {
  const { hub } = await startOpenHub()
  expect(await register(hub, { username })).toMatchObject({ code, field: 'username' })
})

test.for([
  [{ password: 'nine char' }, 'invalid', 'password'],
  [{ password: 'p'.repeat(257) }, 'too_large', 'password'],
  [{ password: 'p'.repeat(100_000) }, 'too_large', 'password'],
  [{ password: `ten of them\ud800` }, 'invalid', 'password'],
  [{ username: 'Elizabeth-II', password: 'ELIZABETH-ii' }, 'invalid', 'password'],
  [{ password: null }, 'invalid', 'password'],
  [{ password: ['correct horse battery'] }, 'invalid', 'password'],
  [{ displayName: '' }, 'invalid', 'displayName'],
  [{ displayName: ' \u200b ' }, 'invalid', 'displayName'],
  [{ displayName: 'evil\u202ename' }, 'invalid', 'displayName'],
  [{ displayName: 'half\udc00' }, 'invalid', 'displayName'],
  [{ displayName: 'd'.repeat(65) }, 'too_large', 'displayName'],
  [{ securityQuestion: 'first-pet' }, 'invalid', 'securityAnswer'],
  [{ securityAnswer: 'Rex' }, 'invalid', 'securityQuestion'],
  [{ securityQuestion: 'first-pet', securityAnswer: ' R  ' }, 'invalid', 'securityAnswer'],
  [{ securityQuestion: 'first-pet', securityAnswer: 'Rex\ud800' }, 'invalid', 'securityAnswer'],
  [{ securityQuestion: 'first-pet', securityAnswer: 'r'.repeat(101) }, 'too_large', 'securityAnswer'],
  [{ securityQuestion: ' ', securityAnswer: 'Rex' }, 'invalid', 'securityQuestion'],
  [{ securityQuestion: 'q'.repeat(201), securityAnswer: 'Rex' }, 'too_large', 'securityQuestion'],
  [{ role: 'owner' }, 'invalid', 'role'],
  [{ constructor: 'x' }, 'invalid', 'constructor'],
] as [Record<string, unknown>, string, string][])(
  'registering with %j is rejected',
  async ([input, code, field]) => {
    const { hub, olga } = await startOpenHub()
    const rejected = await register(hub, input)
    expect(rejected).toMatchObject({ code, field })
    expect(rejected.message).toMatch(/[.]$/)
    expect((await olga.request('users.list', {})).users).toHaveLength(1)
  },
)

test('a property named __proto__ in the body is rejected and changes nothing', async () => {
  const { hub } = await startOpenHub()
  const response = await fetch(`${hub.url}/api/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: `{"username":"ann","password":"${password}","__proto__":{"role":"owner"}}`,
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'invalid' } })
  expect(({} as { role?: string }).role).toBeUndefined()
})

test('a body of 10 MB is rejected as too large, and the hub keeps serving', async () => {
  const { hub } = await startOpenHub()
  const response = await fetch(`${hub.url}/api/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify({ username: 'a'.repeat(10_000_000), password }),
  }).catch(() => undefined)
  // some clients get the response, for others the connection is reset because the hub stopped reading
  if (response) {
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { code: 'too_large' } })
  }
  expect((await register(hub, {})).status).toBe(201)
})

test('the stored password, security answer and recovery key do not reveal the plain text', async () => {
  const { hub } = await startOpenHub()
  const ann = await TestUser.register(hub.url, {
    username: 'ann',
    securityQuestion: 'first-pet',
    securityAnswer: '  REX   the Dog ',
  })
  await TestUser.register(hub.url, {
    username: 'bo',
    securityQuestion: 'Who taught me to bake?',
    securityAnswer: 'Grandma',
  })
  expect(ann.recoveryKey).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){7}$/)
  const rows = await hub.hub.store.read((db) =>
    db.selectFrom('user').select(['username', 'password', 'question', 'answer', 'recoveryKey']).execute(),
  )
  const row = rows.find(({ username }) => username === 'ann')
  expect(row?.password.subarray(0, 6).toString()).toBe('scrypt')
  expect(row?.recoveryKey).toHaveLength(32)
  expect(row?.question).toBe('What was the name of your first pet?')
  expect(await hub.hub.passwords.verify(row?.answer ?? undefined, 'rex the dog', 'test')).toBe(true)
  expect(rows.find(({ username }) => username === 'bo')?.question).toBe('Who taught me to bake?')
  const everything = JSON.stringify(rows.map((one) => Object.values(one).map(String)))
  for (const secret of [password, ann.recoveryKey, 'REX', 'rex the dog', 'Grandma']) {
    expect(everything).not.toContain(secret)
  }
})

test('a wrong password, an unknown username and a deactivated user get the same response after the same work', async () => {
  const { hub } = await startOpenHub()
  await TestUser.register(hub.url, { username: 'ann' })
  const bo = await TestUser.register(hub.url, { username: 'bo' })
  await hub.hub.store.writer.write(({ db, now }) =>
    db.updateTable('user').set({ deactivatedAt: now }).where('id', '=', bo.id).execute(),
  )
  const tries = [
    { username: 'ann', password: 'a wrong password' },
    { username: 'nobody', password },
    { username: 'bo', password },
    { username: 'bo', password: 'a wrong password' },
    { username: 'no name at all\ud800', password },
    { username: '__proto__', password },
    { username: 'toString', password },
    { username: "' or 1=1 --", password },
  ]
  for (const input of tries) {
    const before = { ...hub.hub.passwords.counts }
    const response = await rawRequest(hub.url, undefined, 'accounts.login', input)
    expect(response.status).toBe(401)
    expect(response.body).toEqual({
      error: { code: 'unauthenticated', message: 'Wrong username or password. Check both and try again.' },
    })
    expect(hub.hub.passwords.counts).toEqual({ ...before, verified: before.verified + 1 })
  }
  // deactivation also ends open sessions
  await expect(bo.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('blank credentials are invalid, and no attempt', async () => {
  const { hub } = await startOpenHub()
  const me = { username: 'ann', password, answer: 'blue sky', recoveryKey: 'some-key' }
  for (const [name, members] of [
    ['accounts.login', ['username', 'password']],
    ['recovery.question', ['username']],
    ['recovery.answer', ['username', 'answer']],
    ['recovery.key', ['username', 'recoveryKey']],
  ] as const) {
    const input = Object.fromEntries(members.map((member) => [member, me[member]]))
    for (const field of members) {
      for (const blank of field === 'password' ? [''] : ['', ' \n']) {
        const before = { ...hub.hub.passwords.counts }
        const response = await rawRequest(hub.url, undefined, name, { ...input, [field]: blank })
        expect([name, response.status, response.body]).toMatchObject([
          name,
          400,
          { error: { code: 'invalid', field } },
        ])
        expect(hub.hub.passwords.counts).toEqual(before)
      }
    }
  }
})

test('a trailing space in the username, as phones add it, does not prevent a login', async () => {
  const { hub } = await startOpenHub()
  const ann = await TestUser.register(hub.url, { username: 'ann' })
  expect((await TestUser.login(hub.url, 'Ann ')).id).toBe(ann.id)
})

test('logging in rehashes the password when the configured work has been raised', async () => {
  const hub = await startTestHub({ logN: 4 })
  const olga = await hub.setUp('olga')
  const keyOf = async (at: TestHub) =>
    (await at.hub.store.read((db) => db.selectFrom('user').select('password').executeTakeFirstOrThrow()))
      .password
  const key = await keyOf(hub)
  await TestUser.login(hub.url, 'olga')
  expect((await keyOf(hub)).equals(key)).toBe(true)
  const stronger = await hub.restart({ logN: 6 })
  expect((await TestUser.login(stronger.url, 'olga')).id).toBe(olga.id)
  expect((await keyOf(stronger)).equals(key)).toBe(false)
  expect(stronger.hub.passwords.needsRehash(await keyOf(stronger))).toBe(false)
  expect((await TestUser.login(stronger.url, 'olga')).id).toBe(olga.id)
})

test('accounts and sessions survive a restart', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const again = await hub.restart()
  expect((await olga.atUrl(again.url).request('me.get', {})).user).toEqual(olga.user)
  expect((await TestUser.login(again.url, 'olga')).user).toEqual(olga.user)
})

// bug 10 of the original app
test('an account registered over the API has recovery, settings and presence, and unknown properties are rejected', async () => {
  const { hub, olga } = await makeWorld()
  const { invite } = await olga.request('admin.invites.create', {})
  const zoe = await TestUser.register(hub.url, {
    username: 'zoe',
    invite,
    securityQuestion: 'first-pet',
    securityAnswer: 'Rex',
  })
  expect(zoe.recoveryKey).not.toBe('')
  expect(await olga.request('users.get', { userId: zoe.id })).toEqual({
    ...{ user: zoe.user, presence: 'offline', groups: [] },
  })
  const row = await hub.hub.store.read((db) =>
    db
      .selectFrom('user')
      .where('id', '=', zoe.id)
      .select(['question', 'answer', 'settings'])
      .executeTakeFirst(),
  )
  expect(row).toMatchObject({ question: expect.stringContaining('pet') as string, settings: '{}' })
  // an unknown property is rejected instead of ignored
  const { status } = await rawRequest(hub.url, undefined, 'accounts.register', {
    username: 'yan',
    password,
    profile_picture: 'x.png',
  })
  expect(status).toBe(400)
})
