import { Writable } from 'node:stream'
import { runOperation } from '../../server/operation.ts'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { endUserTokens } from '../../server/tokens/tokens.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import { requests } from '../../shared/contract.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { TestUser, rawRequest, RequestError } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const specs = Object.values<RequestSpec>(requests)
const dayMs = 24 * 60 * 60_000

/** The same user through a token of this scope, as a script would act. */
async function createTokenUser(
  user: TestUser,
  scope: 'read' | 'write',
  days?: number,
): Promise<TestUser & { tokenId: string }> {
  const { id, token } = await user.request('tokens.create', {
    name: `to ${scope}`,
    scope,
    ...(days === undefined ? {} : { days }),
  })
  return Object.assign(new TestUser(user.url, token, user.user), { tokenId: id })
}

/** Values for all ids in a path, so that the token causes the error and not the address. */
function placeholderInput(spec: RequestSpec): Record<string, string> {
  return Object.fromEntries(pathParameters(spec.path).map((name) => [name, 'nobody-has-it']))
}

async function resultOf(hub: TestHub, token: string, spec: RequestSpec): Promise<string> {
  if (spec.body === 'bytes') {
    const path = spec.path.replaceAll(/:[A-Za-z]+/g, 'nobody-has-it')
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/png' }
    const response = await fetch(hub.url + path, { method: spec.method, headers, body: 'no picture' })
    return response.ok ? 'ok' : ((await response.json()) as { error: { message: string } }).error.message
  }
  const { status, body } = await rawRequest(hub.url, token, spec.name, placeholderInput(spec))
  return status < 400 ? 'ok' : (body as { error: { message: string } }).error.message
}

test('a token acts as its user over HTTP and the socket, and the list shows its last use', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { ann, bo, kitchen } = await makeWorld({ clock: () => clock.now })
  const program = await createTokenUser(ann, 'write', 30)
  expect(program.token).toMatch(/^hbt_[A-Za-z0-9_-]{43}$/)
  const message = await program.sendMessage(kitchen.id, 'from a script')
  expect(message.author).toBe(ann.id)
  const live = await program.connect()
  expect(live.state?.me.id).toBe(ann.id)
  await bo.sendMessage(kitchen.id, 'heard')
  await live.next((message) => message.t === 'entry' && message.type === 'message.sent')
  const { tokens } = await ann.request('tokens.list', {})
  expect(tokens).toEqual([
    {
      id: expect.any(String),
      name: 'to write',
      scope: 'write',
      createdAt: clock.now,
      usedAt: clock.now,
      expiresAt: clock.now + 30 * dayMs,
    },
  ])
})

test('revoking a token closes its sockets and rejects its requests at once, and other tokens keep working', async () => {
  const { hub, ann, bo } = await makeWorld()
  const [ended, stays] = [await createTokenUser(ann, 'write'), await createTokenUser(ann, 'write')]
  const [live, other] = [await ended.connect(), await stays.connect()]
  await expect(bo.request('tokens.revoke', { tokenId: ended.tokenId })).rejects.toThrow('not_found')
  await ann.request('tokens.revoke', { tokenId: ended.tokenId })
  expect((await live.whenClosed()).code).toBe(4401)
  await other.settle()
  expect((await rawRequest(hub.url, ended.token, 'me.get', {})).status).toBe(401)
  expect((await rawRequest(hub.url, stays.token, 'me.get', {})).status).toBe(200)
  await expect(LiveClient.open(hub.url, { authorization: `Bearer ${ended.token}` })).rejects.toThrow('401')
})

test('a token expires after its number of days, and never without one', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann } = await makeWorld({ clock: () => clock.now })
  const [short, long] = [await createTokenUser(ann, 'read', 1), await createTokenUser(ann, 'read')]
  const statusOf = async (one: TestUser) => (await rawRequest(hub.url, one.token, 'me.get', {})).status
  clock.now += dayMs - 1
  expect(await statusOf(short)).toBe(200)
  clock.now += 1
  expect(await statusOf(short)).toBe(401)
  clock.now += 3000 * dayMs
  expect(await statusOf(long)).toBe(200)
})

test('every request enforces its token policy and read-only scope over HTTP and the socket', async () => {
  const { hub, olga } = await makeWorld({ loadTest: true })
  const [reader, writer] = [await createTokenUser(olga, 'read'), await createTokenUser(olga, 'write')]
  const [readerLive, writerLive] = [await reader.connect(), await writer.connect()]
  const never = 'API tokens cannot do this.'
  const onlyRead = 'This token has the scope “read”.'
  const wrong: string[] = []
  for (const spec of specs.filter(({ access: user }) => user !== 'anyone')) {
    const changes = isWriteMethod(spec.method)
    for (const [one, live, expected] of [
      [reader, readerLive, spec.tokens === 'never' ? never : changes ? onlyRead : ''],
      [writer, writerLive, spec.tokens === 'never' ? never : ''],
    ] as const) {
      const overHttp = await resultOf(hub, one.token, spec)
      const overSocket = await live.requestAny(spec.name, placeholderInput(spec)).then(
        () => 'ok',
        (error: unknown) => (error instanceof RequestError ? error.error.message : String(error)),
      )
      for (const [transport, message] of [
        ['http', overHttp],
        ...(spec.transport === 'http' || spec.updateRequest !== undefined ? [] : [['socket', overSocket]]),
      ] as [string, string][]) {
        const rejected = message.startsWith(never) ? never : message.startsWith(onlyRead) ? onlyRead : ''
        if (rejected !== expected) wrong.push(`${spec.name} by ${one.tokenId} over ${transport}: ${message}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('no token can use a request that would grant access beyond its own life', () => {
  const outlives = /^(tokens|sessions|recovery|webhooks|admin)\.|^accounts\.logout$|^me\.(password|recovery)/
  const open = specs
    .filter(
      ({ name, path, access: user }) =>
        user !== 'anyone' && (outlives.test(name) || path.startsWith('/api/admin')),
    )
    .filter(({ tokens }) => tokens !== 'never')
  expect(open.map(({ name }) => name)).toEqual([])
})

test('a read-only token leaves no presence, typing or receipts', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const message = await bo.sendMessage(kitchen.id, 'who is there?')
  const live = await (await createTokenUser(ann, 'read')).connect()
  live.send({ t: 'delivered', chat: kitchen.id, no: message.no }, { t: 'presence', state: 'active' })
  await live.settle()
  expect((await bo.request('users.get', { userId: ann.id })).presence).toBe('offline')
  expect(await bo.request('messages.status', { messageId: message.id })).toEqual({
    deliveredTo: [],
    readBy: [],
    times: [],
  })
})

test('normalizeAddress turns %s into %s', async () => {
  const { hub, ann } = await makeWorld()
  const { token } = await createTokenUser(ann, 'write')
  const cookie = `hubbub-${hub.hub.hubId.slice(0, 8)}=${token}`
  expect((await fetch(`${hub.url}/api/me`, { headers: { cookie } })).status).toBe(401)
})

test('endTokensOf ends all tokens of one user and no others', async () => {
  const { hub, ann, bo } = await makeWorld()
  const [one, two, other] = [
    await createTokenUser(ann, 'read'),
    await createTokenUser(ann, 'write'),
    await createTokenUser(bo, 'read'),
  ]
  const live = await two.connect()
  expect(await runOperation(hub.hub, { locks: [] }, (op) => endUserTokens(op, ann.id))).toBe(2)
  expect((await live.whenClosed()).code).toBe(4401)
  for (const [program, status] of [
    [one, 401],
    [two, 401],
    [other, 200],
  ] as const) {
    expect((await rawRequest(hub.url, program.token, 'me.get', {})).status).toBe(status)
  }
})

test('database, audit log and log contain no token, webhook secret or password', async () => {
  let log = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString()
      done()
    },
  })
  const hub = await startTestHub({ log: pino({ level: 'trace' }, stream) })
  const ann = await hub.registerUser('ann')
  const program = await createTokenUser(ann, 'write')
  const chat = await ann.createGroup('Kitchen')
  const { url } = await ann.request('webhooks.create', { chatId: chat.id, name: 'Deploys' })
  const secret = url.split('/').at(-1) as string
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"hi"}' })
  // errors are logged more readily than successes
  await fetch(`${url}/x`, { method: 'POST' })
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":' })
  await rawRequest(hub.url, `${program.token}x`, 'me.get', {})
  await TestUser.login(hub.url, 'ann', 'a very wrong password').catch(() => undefined)
  const live = await program.connect()
  live.sendRaw('nonsense')
  await live.whenClosed()
  const rows = await hub.hub.store.read((db) =>
    Promise.all([
      db.selectFrom('audit').selectAll().execute(),
      db.selectFrom('token').selectAll().execute(),
      db.selectFrom('webhook').selectAll().execute(),
    ]),
  )
  const actions = rows[0].map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['token.created', 'webhook.created']))
  const everything = log + JSON.stringify(rows)
  for (const word of [program.token.slice(4), secret, ann.token, 'a very wrong password']) {
    expect(everything).not.toContain(word)
  }
})

test.for([
  [{ name: ' ', scope: 'read' }, 'name'],
  [{ name: 'x'.repeat(65), scope: 'read' }, 'name'],
  [{ name: 'x', scope: 'all' }, 'scope'],
  [{ name: 'x', scope: 'read', days: 0 }, 'days'],
] as const)('creating a token with %o is rejected at %s', async ([input, field]) => {
  const { hub, ann } = await makeWorld()
  const { status, body } = await rawRequest(hub.url, ann.token, 'tokens.create', { ...input })
  expect([status, body]).toMatchObject([expect.any(Number), { error: { field } }])
  expect(status).toBeGreaterThanOrEqual(400)
  expect((await ann.request('tokens.list', {})).tokens).toEqual([])
})

test('recovery, deactivation and an admin ending all sessions revoke every token of the user', async () => {
  const { hub, olga, ann, bo, eve } = await makeWorld()
  const programs = [
    await createTokenUser(ann, 'read'),
    await createTokenUser(bo, 'read'),
    await createTokenUser(eve, 'read'),
  ]
  const { resetToken } = (
    await rawRequest(hub.url, undefined, 'recovery.key', { username: 'ann', recoveryKey: ann.recoveryKey })
  ).body as { resetToken: string }
  const reset = { resetToken, password: 'quite another password' }
  expect((await rawRequest(hub.url, undefined, 'recovery.reset', reset)).status).toBe(200)
  await olga.request('admin.users.update', { userId: bo.id, deactivated: true })
  await olga.request('admin.users.sessions.end', { userId: eve.id })
  for (const { token } of programs) expect((await rawRequest(hub.url, token, 'me.get', {})).status).toBe(401)
})
