import { expect, test } from 'vitest'
import { closeCodes } from '../../shared/contract/live.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { startTestHub } from '../support/hub.ts'
import { makeWorld } from '../support/world.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

test('sessions.list returns only my sessions and marks the current one', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann, bo } = await makeWorld({ clock: () => clock.now })
  clock.now += minuteMs
  const phone = await TestUser.login(hub.url, 'ann')
  clock.now += minuteMs
  const { sessions } = await ann.request('sessions.list', {})
  expect(sessions).toEqual([
    {
      id: expect.any(String) as string,
      kind: 'token',
      device: 'App',
      address: '127.0.0.1',
      createdAt: clock.now - 2 * minuteMs,
      usedAt: clock.now,
      current: true,
    },
    expect.objectContaining({ usedAt: clock.now - minuteMs, current: false }),
  ])
  const hers = (await phone.request('sessions.list', {})).sessions
  expect(hers.map(({ id, current }) => [id, current])).toEqual([
    [sessions[1]?.id, true],
    [sessions[0]?.id, false],
  ])
  expect((await bo.request('sessions.list', {})).sessions).toHaveLength(1)
  clock.now += 31 * dayMs
  const later = await TestUser.login(hub.url, 'ann')
  expect((await later.request('sessions.list', {})).sessions.map(({ current }) => current)).toEqual([true])
})

test('a session with an open socket counts as in use', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann } = await makeWorld({ clock: () => clock.now })
  const phone = await TestUser.login(hub.url, 'ann')
  const live = await phone.connect()
  clock.now += 10 * minuteMs
  const used = async () => (await ann.request('sessions.list', {})).sessions[1]?.usedAt
  expect(await used()).toBe(clock.now)
  live.terminate()
})

test('ending a session closes its socket, rejects its requests and notifies my other sessions', async () => {
  const { hub, ann, bo } = await makeWorld()
  const phone = await TestUser.login(hub.url, 'ann')
  const socket = await phone.connect()
  const here = await ann.connect()
  const id = (await ann.request('sessions.list', {})).sessions.find(({ current }) => !current)?.id ?? ''
  await expect(bo.request('sessions.end', { sessionId: id })).rejects.toMatchObject({ code: 'not_found' })
  await ann.request('sessions.end', { sessionId: id })
  expect((await socket.whenClosed()).code).toBe(closeCodes.sessionEnded)
  await expect(phone.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(ann.request('sessions.end', { sessionId: id })).rejects.toMatchObject({ code: 'not_found' })
  const { entries } = await here.request('streams.read', { stream: `user:${ann.id}` })
  expect(entries.at(-1)).toMatchObject({ type: 'session.ended', sessionId: id })
  const audited = await hub.hub.store.read((db) =>
    db.selectFrom('audit').select(['action', 'byId']).orderBy('id').execute(),
  )
  expect(audited.at(-1)).toEqual({ action: 'session.ended', byId: ann.id })
})

test('ending all others keeps the current session', async () => {
  const { hub, ann } = await makeWorld()
  const others = await Promise.all([TestUser.login(hub.url, 'ann'), TestUser.login(hub.url, 'ann')])
  const sockets = await Promise.all(others.map((one) => one.connect()))
  await ann.request('sessions.endOthers', {})
  for (const socket of sockets) expect((await socket.whenClosed()).code).toBe(closeCodes.sessionEnded)
  expect((await ann.request('sessions.list', {})).sessions).toHaveLength(1)
  await ann.request('sessions.endOthers', {})
})

test('a session has its device name from login, registration and set-up on', async () => {
  const hub = await startTestHub()
  const olga = await TestUser.setUp(hub.url, {
    code: hub.setupCode,
    username: 'olga',
    device: 'Firefox on Linux',
  })
  const { invite } = await olga.request('admin.invites.create', {})
  const ann = await TestUser.register(hub.url, { username: 'ann', invite, device: '  Safari \u0000 on iOS ' })
  const deviceOf = async (one: TestUser) => (await one.request('sessions.list', {})).sessions[0]?.device
  expect(await deviceOf(olga)).toBe('Firefox on Linux')
  expect(await deviceOf(ann)).toBe('App')
})

test('a session on a shared computer ends with the browser, after 12 hours without use or after 7 days', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub } = await makeWorld({ clock: () => clock.now })
  const logIn = async (remember?: boolean) => {
    const response = await fetch(`${hub.url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: hub.url },
      body: JSON.stringify({ username: 'ann', password, ...(remember === undefined ? {} : { remember }) }),
    })
    const header = response.headers.get('set-cookie') ?? ''
    const cookie = header.split(';')[0] ?? ''
    const status = async () => (await fetch(`${hub.url}/api/me`, { headers: { cookie } })).status
    return { header, status }
  }
  const lasting = await logIn()
  expect(lasting.header).toContain('Max-Age=7776000')
  const brief = await logIn(false)
  expect(brief.header).not.toMatch(/max-age|expires/i)
  for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
    expect(await brief.status(), `after ${hours} hours`).toBe(200)
    // last use is written behind the answer
    await hub.whenWritten()
    clock.now += 11 * 60 * minuteMs
  }
  clock.now += 11 * 60 * minuteMs
  expect(await brief.status()).toBe(401)
  expect(await lasting.status()).toBe(200)
  const unused = await logIn(false)
  clock.now += dayMs / 2
  expect(await unused.status()).toBe(401)
  expect(await lasting.status()).toBe(200)
})

test('a sensitive request needs re-authentication of this session within ten minutes, over HTTP and the socket', async () => {
  const clock = { now: 1_800_000_000_000, setBackBy: 0 }
  const { hub, olga, ann, bo } = await makeWorld({
    clock: () => clock.now - clock.setBackBy,
    steady: () => clock.now,
  })
  const elsewhere = await TestUser.login(hub.url, 'olga')
  const live = await olga.connect()
  const close = (deactivated: boolean) => ({ userId: bo.id, deactivated })
  const csv = async () =>
    (await fetch(`${hub.url}/api/admin/audit.csv`, { headers: { authorization: `Bearer ${olga.token}` } }))
      .status
  await olga.request('admin.users.update', close(true))
  expect(await csv()).toBe(200)
  clock.now += 10 * minuteMs
  const rejected = { code: 'forbidden', field: 'confirm' }
  for (const [name, input] of [
    ['admin.users.update', close(false)],
    ['admin.users.createResetLink', { userId: ann.id }],
    ['admin.settings.update', { registration: 'open' }],
    ['admin.bots.create', { username: 'helper' }],
    ['admin.invites.create', { role: 'admin' }],
    ['admin.groups.delete', { chatId: (await ann.createGroup('Lounge')).id }],
  ] as const) {
    const { status, body } = await rawRequest(hub.url, olga.token, name, input)
    expect([name, status, body]).toMatchObject([name, 403, { error: rejected }])
    await expect(live.requestAny(name, input), name).rejects.toMatchObject({ error: rejected })
  }
  expect(await csv()).toBe(403)
  // everyday requests need no re-authentication
  await olga.request('admin.invites.create', {})
  await olga.request('admin.users.list', {})
  // a wrong password confirms nothing, the right one confirms this session only
  const wrong = await rawRequest(hub.url, olga.token, 'sessions.reauthenticate', {
    current: 'not the password',
  })
  expect(wrong.body).toMatchObject({ error: { code: 'forbidden', field: 'current' } })
  await expect(olga.request('admin.users.update', close(false))).rejects.toMatchObject({ error: rejected })
  await olga.request('sessions.reauthenticate', { current: password })
  await live.request('admin.users.update', close(false))
  expect(await csv()).toBe(200)
  await expect(elsewhere.request('admin.users.update', close(true))).rejects.toMatchObject({
    error: rejected,
  })
  // setting the clock back does not extend a confirmation
  clock.setBackBy = dayMs
  clock.now += 9 * minuteMs
  await olga.request('admin.users.update', close(true))
  clock.now += minuteMs
  await expect(olga.request('admin.users.update', close(false))).rejects.toMatchObject({ error: rejected })
})

test('guesses at re-authentication are limited like guesses at login', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann } = await makeWorld({ clock: () => clock.now })
  const before = hub.hub.passwords.counts.verified
  const responses = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      rawRequest(hub.url, ann.token, 'sessions.reauthenticate', { current: `guess ${i}` }),
    ),
  )
  expect(responses.filter(({ status }) => status === 429)).toHaveLength(30)
  expect(hub.hub.passwords.counts.verified - before).toBe(10)
})

test('a new password ends the other sessions, and the tokens too unless endTokens is false', async () => {
  const { hub, ann } = await makeWorld()
  const make = async () => (await ann.request('tokens.create', { name: 'script', scope: 'read' })).token
  const works = async (token: string) => (await rawRequest(hub.url, token, 'me.get', {})).status === 200
  const stored = await make()
  const phone = await TestUser.login(hub.url, 'ann')
  await ann.request('me.password', { current: password, password: 'seven quiet otters', endTokens: false })
  expect([await works(stored), await works(phone.token)]).toEqual([true, false])
  const live = await new TestUser(hub.url, stored, ann.user).connect()
  await ann.request('me.password', { current: 'seven quiet otters', password })
  expect((await live.whenClosed()).code).toBe(closeCodes.sessionEnded)
  expect(await works(stored)).toBe(false)
  const rows = await hub.hub.store.read((db) =>
    db.selectFrom('audit').where('action', '=', 'password.changed').select('detail').execute(),
  )
  expect(rows.map(({ detail }) => detail)).toEqual(['{"tokens":0}', '{"tokens":1}'])
})
