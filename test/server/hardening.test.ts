import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { requests } from '../../shared/contract.ts'
import { pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import { securityHeaders } from '../../shared/page-headers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The attacks of docs/security.md that no other test covers. Each is within reach of someone on the same network, or of
 * a malicious user.
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
    const answer = await fetch(hub.url + path, { method: method as string })
    const { error } = (await answer.json()) as { error: { code: string; retryAfter: number } }
    expect([path, answer.status, error.code]).toEqual([path, 429, 'rate_limited'])
    expect(answer.headers.get('retry-after')).toBe(String(error.retryAfter))
    expect(error.retryAfter).toBeGreaterThan(0)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([])
    expect(answer.headers.get('content-security-policy')).toBe(securityHeaders['content-security-policy'])
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
  const answers: number[] = []
  for (let address = 1; address <= 20; address += 1) {
    for (let i = 0; i < 5; i += 1) {
      // inject sets the remote address, so each request comes from one of twenty addresses
      const answer = await hub.app.inject({
        method: 'POST',
        url: '/api/login',
        remoteAddress: `10.0.0.${address}`,
        headers: { host: 'localhost', 'x-hubbub-client': 'token' },
        payload: { username: 'olga', password: `guess number ${address} ${i}` },
      })
      answers.push(answer.statusCode)
    }
  }
  expect(hub.hub.passwords.counts.verified - before).toBe(10)
  expect(answers.filter((status) => status === 401)).toHaveLength(10)
  expect(answers.filter((status) => status === 429)).toHaveLength(90)
  time.now += 15 * 60_000
  expect((await attemptLogin(hub, 'olga', password)).status).toBe(200)
})

test('a login with an unknown username gets the same response after the same work as one with a wrong password', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const workOf = async (username: string) => {
    const before = hub.hub.passwords.counts.verified
    const answer = await attemptLogin(hub, username, 'a wrong password')
    return { ...answer, work: hub.hub.passwords.counts.verified - before }
  }
  expect(await workOf('nobody')).toEqual(await workOf('olga'))
})

test('of thirty concurrent registrations with a one-use invite one succeeds', async () => {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp()
  const { invite } = await olga.request('admin.invites.create', {})
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      rawRequest(hub.url, undefined, 'accounts.register', { username: `guest${i}`, password, invite }),
    ),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(29)
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
  chmodSync(join(dataDir, 'hub.db'), 0o644)
  await startTestHub({ dataDir })
  expect((statSync(dataDir).mode & 0o777).toString(8)).toBe('700')
  expect((statSync(join(dataDir, 'hub.db')).mode & 0o777).toString(8)).toBe('600')
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
