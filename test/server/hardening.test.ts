import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { requests } from '../../shared/contract.ts'
import { pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import { securityHeaders } from '../../shared/page-headers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { requestRaw, sendRaw } from '../support/raw-socket.ts'
import { password, TestUser, rawRequest, errorCodeOf } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The attacks of docs/security.md that no other test covers, and the holes of the original app that Hubbub comes from.
 * Each is within reach of someone on the same network, or of a malicious user.
 */

const createManualClock = () => {
  const time = { now: 1_800_000_000_000, read: () => time.now }
  return time
}

/**
 * Whether the request ends the session of the test, or takes bytes as its body (the tests of its transport cover it).
 */
function endsSession({ name, body }: RequestSpec): boolean {
  return name === 'accounts.logout' || name.startsWith('sessions.') || body === 'bytes'
}

async function attemptLogin(hub: TestHub, username: string, secret: string) {
  const { status, body } = await rawRequest(hub.url, undefined, 'accounts.login', {
    username,
    password: secret,
  })
  return { status, body }
}

test('rate-limits an address on every transport with our error envelope, without authenticating it', async () => {
  const hub = await startTestHub({ requestsPerMinute: 12 })
  const olga = await hub.setUp()
  const statuses: number[] = []
  for (let i = 0; i < 14; i += 1) statuses.push((await fetch(`${hub.url}/api/meta`)).status)
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200])
  expect(statuses.slice(-3)).toEqual([429, 429, 429])
  for (const [method, path] of [
    ['GET', '/api/me'],
    ['POST', '/api/login'],
    ['GET', '/api/docs'],
    ['GET', '/login'],
    ['PUT', '/nothing/here'],
    ['POST', '/api/webhooks/a/b'],
  ]) {
    const response = await fetch(hub.url + path, { method: method as string })
    const { error } = (await response.json()) as { error: { code: string; retryAfter: number } }
    expect([path, response.status, error.code]).toEqual([path, 429, 'rate_limited'])
    expect(response.headers.get('retry-after')).toBe(String(error.retryAfter))
    expect(error.retryAfter).toBeGreaterThan(0)
    expect([...response.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([])
    expect(response.headers.get('content-security-policy')).toBe(securityHeaders['content-security-policy'])
  }
  await expect(LiveClient.open(hub.url, { authorization: `Bearer ${olga.token}` })).rejects.toThrow('429')
})

test('an open socket keeps working when its address is over the limit', async () => {
  const hub = await startTestHub({ requestsPerMinute: 12 })
  const olga = await hub.setUp()
  const chat = await olga.createGroup('Kitchen')
  const live = await olga.connect()
  for (let i = 0; i < 14; i += 1) await fetch(`${hub.url}/api/meta`)
  expect((await fetch(`${hub.url}/api/meta`)).status).toBe(429)
  await live.request('messages.send', { chatId: chat.id, cid: crypto.randomUUID(), text: 'still here' })
})

test('--load-test turns the limit per address off', async () => {
  const hub = await startTestHub({ requestsPerMinute: 5, loadTest: true })
  for (let i = 0; i < 10; i += 1) expect((await fetch(`${hub.url}/api/meta`)).status).toBe(200)
})

test('guesses of one password from twenty addresses hit the limit of the account', async () => {
  const time = createManualClock()
  const hub = await startTestHub({ clock: time.read })
  await hub.setUp('olga')
  const before = hub.hub.passwords.counts.verified
  const responses: number[] = []
  for (let address = 1; address <= 20; address += 1) {
    for (let i = 0; i < 5; i += 1) {
      // inject sets the remote address, so each request comes from one of twenty addresses
      const response = await hub.app.inject({
        method: 'POST',
        url: '/api/login',
        remoteAddress: `10.0.0.${address}`,
        headers: { host: 'localhost', 'x-hubbub-client': 'token' },
        payload: { username: 'olga', password: `guess number ${address} ${i}` },
      })
      responses.push(response.statusCode)
    }
  }
  expect(hub.hub.passwords.counts.verified - before).toBe(10)
  expect(responses.filter((status) => status === 401)).toHaveLength(10)
  expect(responses.filter((status) => status === 429)).toHaveLength(90)
  time.now += 15 * 60_000
  expect((await attemptLogin(hub, 'olga', password)).status).toBe(200)
})

test('a login with an unknown username gets the same response after the same work as one with a wrong password', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const workOf = async (username: string) => {
    const before = hub.hub.passwords.counts.verified
    const response = await attemptLogin(hub, username, 'a wrong password')
    return { ...response, work: hub.hub.passwords.counts.verified - before }
  }
  expect(await workOf('nobody')).toEqual(await workOf('olga'))
})

test('of thirty concurrent registrations with a one-use invite one succeeds', async () => {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp()
  const { invite } = await olga.request('admin.invites.create', {})
  const responses = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      rawRequest(hub.url, undefined, 'accounts.register', { username: `guest${i}`, password, invite }),
    ),
  )
  expect(responses.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(responses.filter(({ status }) => status === 403)).toHaveLength(29)
  expect((await olga.request('users.list', {})).users).toHaveLength(2)
})

test('no request raises the role of a member', async () => {
  const { hub, olga, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const input = (spec: RequestSpec): Record<string, unknown> => ({
    ...Object.fromEntries(pathParameters(spec.path).map((name) => [name, bo.id])),
    ...(spec.path.includes(':chatId') ? { chatId: kitchen.id } : {}),
    ...(spec.path.includes(':stream') ? { stream: `user:${ann.id}` } : {}),
  })
  for (const spec of Object.values<RequestSpec>(requests)) {
    if (endsSession(spec) || spec.name === 'chats.leave') continue
    for (const more of [{}, { role: 'owner' }, { userId: bo.id, role: 'admin' }, { isAdmin: true }]) {
      await rawRequest(hub.url, bo.token, spec.name, { ...input(spec), ...more })
    }
  }
  expect((await bo.request('me.get', {})).user.role).toBe('member')
  expect((await olga.request('me.get', {})).user.role).toBe('owner')
  const { members } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(members.map(({ userId, role }) => [userId, role])).toEqual([
    [ann.id, 'owner'],
    [bo.id, 'member'],
  ])
})

test('every response of the contract has the security headers, on success and on error', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  for (const spec of Object.values<RequestSpec>(requests)) {
    if (endsSession(spec)) continue
    const ids = Object.fromEntries(pathParameters(spec.path).map((name) => [name, kitchen.id]))
    for (const token of [undefined, ann.token]) {
      const { headers } = await rawRequest(hub.url, token, spec.name, ids)
      for (const [name, value] of Object.entries(securityHeaders)) {
        expect([spec.name, name, headers.get(name)]).toEqual([spec.name, name, value])
      }
    }
  }
})

test('the files of the hub are inaccessible to other accounts of the machine under any umask', async () => {
  const before = process.umask(0)
  onTestFinished(() => void process.umask(before))
  const parent = newDataDir()
  const dataDir = join(parent, 'made', 'by-the-hub')
  mkdirSync(join(parent, 'made'))
  const hub = await startTestHub({ dataDir })
  const ann = await hub.registerUser('ann')
  await ann.createGroup('Kitchen')
  const wrong: string[] = []
  const look = (path: string, wanted: number) => {
    const mode = statSync(path).mode & 0o777
    if (mode !== wanted) wrong.push(`${path}: ${mode.toString(8)}`)
  }
  const walk = (dir: string) => {
    look(dir, 0o700)
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) walk(path)
      else look(path, 0o600)
    }
  }
  walk(dataDir)
  expect(wrong).toEqual([])
})

test('a data directory that others can read is restricted at the next start', async () => {
  const dataDir = newDataDir()
  const hub = await startTestHub({ dataDir })
  await hub.close()
  chmodSync(dataDir, 0o755)
  const files = ['hub.lock', 'hub.db'].filter((name) => existsSync(join(dataDir, name)))
  for (const name of files) chmodSync(join(dataDir, name), 0o644)
  await startTestHub({ dataDir })
  expect((statSync(dataDir).mode & 0o777).toString(8)).toBe('700')
  for (const name of files) expect((statSync(join(dataDir, name)).mode & 0o777).toString(8), name).toBe('600')
})

test('a used invite or set-up code is rejected', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const { invite } = await olga.request('admin.invites.create', {})
  await TestUser.register(hub.url, { username: 'ann', invite })
  const again = await rawRequest(hub.url, undefined, 'accounts.register', {
    username: 'bo',
    password,
    invite,
  })
  expect(again.status).toBe(403)
  const setup = await rawRequest(hub.url, undefined, 'hub.setup', {
    code: hub.setupCode,
    hubName: 'Mine',
    username: 'eve',
    password,
  })
  expect(setup.status).toBe(409)
})

// holes H1 and H2 of the original app
test('a user outside a chat cannot read it, write to it, follow it live or mark it as read on any transport', async () => {
  const { hub, ann, bo, eve, olga, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'secret')
  const chatId = kitchen.id
  // the owner of the hub is not a member either
  for (const outsider of [eve, olga]) {
    const live = await outsider.connect()
    const from = live.received.length
    live.send({ t: 'typing', chat: chatId }, { t: 'delivered', chat: chatId, no: 1 })
    for (const client of [outsider, live]) {
      const attempts = [
        client.request('messages.list', { chatId }),
        client.request('streams.read', { stream: `chat:${chatId}` }),
        client.request('chats.get', { chatId }),
        client.request('messages.send', { chatId, cid: randomUUID(), text: 'intruder' }),
        client.request('chats.read', { chatId, no: 1 }),
        client.request('chats.join', { chatId }),
        client.request('messages.status', { messageId }),
      ]
      expect(await Promise.all(attempts.map(errorCodeOf))).toEqual(attempts.map(() => 'not_found'))
    }
    const response = outsider.request('messages.send', {
      chatId: (await outsider.openDirectChat(ann)).id,
      cid: randomUUID(),
      text: 'a quote of a hidden message',
      replyTo: messageId,
    })
    expect(await errorCodeOf(response)).toBe('not_found')
    await ann.sendMessage(chatId, 'still secret')
    await live.settle()
    const message = live.received
      .slice(from)
      .filter((one) => one.t === 'entry' && one.stream === `chat:${chatId}`)
    expect(message).toEqual([])
    live.terminate()
  }
  expect(await ann.request('messages.status', { messageId })).toEqual({
    deliveredTo: [],
    readBy: [],
    times: [],
  })
  expect((await bo.request('chats.get', { chatId })).chat.unread).toBe(3)
  expect((await rawRequest(hub.url, undefined, 'messages.list', { chatId })).status).toBe(401)
})

// holes H3 and H12 of the original app
test('a plain member can change neither the group nor its members, and delete nothing', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const chatId = kitchen.id
  const attempts = [
    bo.request('chats.update', { chatId, name: 'Mine now' }),
    bo.request('chats.delete', { chatId }),
    bo.request('members.add', { chatId, userId: eve.id }),
    bo.request('members.remove', { chatId, userId: ann.id }),
    bo.request('members.update', { chatId, userId: bo.id, role: 'owner' }),
  ]
  expect(await Promise.all(attempts.map(errorCodeOf))).toEqual(attempts.map(() => 'forbidden'))
  const { chat, members } = await ann.request('chats.get', { chatId })
  expect([chat.name, members.map(({ role }) => role)]).toEqual(['Kitchen', ['owner', 'member']])
  // no generic request can change a row
  const general = [
    '/api/profiles/',
    '/api/messages/',
    '/api/rooms/',
    `/api/users/${ann.id}`,
    `/api/messages/1`,
  ]
  for (const path of general) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await fetch(hub.url + path, {
        method,
        headers: { authorization: `Bearer ${bo.token}`, 'content-type': 'application/json' },
        body: '{}',
      })
      expect([method, path, status]).toEqual([method, path, 404])
    }
  }
  // one user alone cannot delete a direct chat
  expect(await errorCodeOf(bo.request('chats.delete', { chatId: (await bo.openDirectChat(ann)).id }))).toBe(
    'forbidden',
  )
})

// hole H5 of the original app
test('no GET request changes anything, such as leaving, joining, deleting or logging out', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const id = kitchen.id
  const paths = ['/api/logout', `/api/chats/${id}/leave`, `/api/chats/${id}/join`, `/api/chats/${id}/read`]
  for (const path of [...paths, '/logout', `/api/chats/${id}/delete`, '/api/setup', '/api/admin/ownership']) {
    const response = await fetch(hub.url + path, { headers: { authorization: `Bearer ${ann.token}` } })
    expect([path, response.status]).toEqual([path, 404])
  }
  expect((await ann.request('chats.get', { chatId: id })).members).toHaveLength(2)
})

// hole H6 of the original app
test('a page of another origin cannot open a socket with a user’s token', async () => {
  const { hub, ann } = await makeWorld()
  const headers = { authorization: `Bearer ${ann.token}`, origin: 'https://evil.example' }
  await expect(LiveClient.open(hub.url, headers)).rejects.toThrow('403')
})

// hole H7 of the original app
test('responses reveal neither security answers nor which usernames exist', async () => {
  const { hub, olga } = await makeWorld()
  const tell = async (username: string) => {
    const { status, body } = await rawRequest(hub.url, undefined, 'accounts.login', {
      username,
      password: 'not the password',
    })
    return [status, body]
  }
  expect(await tell('nobody-here')).toEqual(await tell('ann'))
  const row = await hub.hub.store.read((db) => db.selectFrom('user').selectAll().execute())
  const stored = JSON.stringify(row.map((one) => Object.values(one).map(String)))
  expect(stored).not.toContain(password)
  expect(JSON.stringify(await olga.request('users.list', {}))).not.toMatch(
    /password|answer|recovery|question/,
  )
})

// hole H8 of the original app
test('guesses, sizes and invalid frames are limited, and affect one socket only', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const guess = () =>
    rawRequest(hub.url, undefined, 'accounts.login', { username: 'ann', password: 'a wrong password' })
  const statuses = (await Promise.all(Array.from({ length: 15 }, guess))).map(({ status }) => status)
  expect([
    statuses.filter((one) => one === 401).length,
    statuses.filter((one) => one === 429).length,
  ]).toEqual([10, 5])
  expect(await errorCodeOf(ann.sendMessage(kitchen.id, 'x'.repeat(16 * 1024 + 1)))).toBe('too_large')
  const [mine, theirs] = await Promise.all([ann.connect(), bo.connect()])
  mine.sendRaw('{"message": ')
  expect(await mine.whenClosed()).toMatchObject({ code: 1008 })
  await ann.sendMessage(kitchen.id, 'the others go on')
  expect(await theirs.nextEntry('message.sent')).toMatchObject({ message: { text: 'the others go on' } })
})

// hole H9 of the original app
test('the repository contains no key, database or environment file', () => {
  const root = new URL('../..', import.meta.url)
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  expect(files.length).toBeGreaterThan(50)
  expect(files.filter((name) => /\.(db|sqlite3?|pem|key|p12|pfx|env)$|(^|\/)\.env/.test(name))).toEqual([])
})

// hole H9 of the original app
test('the secrets of a hub are its own: a token of one hub is rejected by another', async () => {
  const [one, two] = [await startTestHub(), await startTestHub()]
  expect(one.hub.hubId).not.toBe(two.hub.hubId)
  const olga = await one.setUp()
  await two.setUp()
  expect(await errorCodeOf(olga.atUrl(two.url).request('me.get', {}))).toBe('unauthenticated')
})

// hole H11 of the original app
test('without a session no user, chat or message is returned', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'secret')
  for (const [name, input] of [
    ['users.list', {}],
    ['users.get', { userId: ann.id }],
    ['chats.list', {}],
    ['chats.discover', {}],
    ['messages.status', { messageId }],
    ['streams.read', { stream: 'hub' }],
    ['admin.settings', {}],
  ] as const) {
    expect([name, (await rawRequest(hub.url, undefined, name, input)).status]).toEqual([name, 401])
  }
  await expect(LiveClient.open(hub.url, {})).rejects.toThrow('401')
  const meta = JSON.stringify((await rawRequest(hub.url, undefined, 'hub.meta', {})).body)
  for (const name of ['olga', 'ann', 'Kitchen', ann.id]) expect(meta).not.toContain(name)
})

// hole H13 of the original app
test('a hub listening on the network answers to its addresses and names only', async () => {
  const hub = await startTestHub({ host: '0.0.0.0', allowPlainHttp: true })
  // a hub on 0.0.0.0 answers to every address of the machine
  const own = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )
  const at = hub.url.replace('localhost', '127.0.0.1')
  const ask = async (host: string) =>
    (await requestRaw(at, `GET /api/meta HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).status
  for (const host of own) {
    expect([host, await ask(`${host}:7788`)]).toEqual([host, 200])
  }
  expect(await ask(hostname())).toBe(200)
  expect(await ask(`${hostname()}.local`)).toBe(200)
  expect(await ask('hubbub.evil.example')).toBe(403)
  expect(await ask('203.0.113.7')).toBe(403)
})

test.for([
  ['host', 'host: evil.example'],
  ['Host of the hub again', 'HOST: localhost'],
  ['authorization', 'authorization: Bearer x\r\nAuthorization: Bearer y'],
  ['content-type', 'content-type: application/json\r\ncontent-type: text/plain'],
])('a request with two headers %s is refused with 400, on every path', async ([, lines]) => {
  const hub = await startTestHub()
  for (const path of ['/', '/api/meta', '/live', '/nothing']) {
    const upgrade =
      path === '/live' ? 'connection: upgrade\r\nupgrade: websocket\r\n' : 'connection: close\r\n'
    const response = await sendRaw(
      hub.url,
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n${upgrade}\r\n`,
    )
    expect([path, response.status]).toEqual([path, 400])
    expect(response.body).toContain('"code":"invalid"')
  }
})
