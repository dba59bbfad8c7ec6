import { expect, onTestFinished, test, vi } from 'vitest'
import { loginCounter, consumeAttempts, refundAttempts } from '../../server/accounts/attempt-limiter.ts'
import { networkPrefix } from '../../server/addresses.ts'
import { type TestHub, startTestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** A clock that the test sets. */
function createManualClock() {
  const clock = { now: 1_800_000_000_000, read: () => clock.now }
  return clock
}

interface LoginResult {
  status: number
  code: string
  message: string
  retryAfter: number
  header: string | null
}

async function attemptLogin(
  hub: TestHub,
  username: string,
  secret = 'a wrong password',
): Promise<LoginResult> {
  const { status, body, headers } = await rawRequest(hub.url, undefined, 'accounts.login', {
    username,
    password: secret,
  })
  const { code = 'ok', message = '', retryAfter = 0 } = (body as { error?: Partial<LoginResult> }).error ?? {}
  return { status, code, message, retryAfter, header: headers.get('retry-after') }
}

async function failLogins(hub: TestHub, username: string, times: number): Promise<string[]> {
  const codes: string[] = []
  for (let i = 0; i < times; i += 1) codes.push((await attemptLogin(hub, username)).code)
  return codes
}

test('after ten failed logins an account is slowed down: 1 s, then 2 s, 4 s, up to 15 minutes', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  expect(new Set(await failLogins(hub, 'olga', 10))).toEqual(new Set(['unauthenticated']))
  const waits: number[] = []
  for (let i = 0; i < 13; i += 1) {
    const rejected = await attemptLogin(hub, 'olga', password)
    expect(rejected).toMatchObject({ status: 429, code: 'rate_limited' })
    expect(rejected.header).toBe(String(rejected.retryAfter))
    waits.push(rejected.retryAfter)
    clock.now += rejected.retryAfter * 1000
    expect((await attemptLogin(hub, 'olga')).code).toBe('unauthenticated')
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  clock.now += 900_000
  expect((await attemptLogin(hub, 'olga', password)).status).toBe(200)
})

test('a successful login resets the failures of the account, in any spelling of the username', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('Straße')
  for (let round = 0; round < 3; round += 1) {
    await failLogins(hub, 'STRASSE', 9)
    expect((await attemptLogin(hub, 'ſtrasse', password)).status).toBe(200)
  }
  await failLogins(hub, 'Straße', 10)
  expect((await attemptLogin(hub, 'STRASSE', password)).code).toBe('rate_limited')
})

test('a user who logs in for each request gets rate_limited, which counts as no failure', async () => {
  const hub = await startTestHub()
  const { id } = await hub.setUp('olga')
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  for (let i = 0; i < 200; i += 1) hub.hub.rateLimiter?.consume(id, 'logins')
  const codes = await Promise.all(Array.from({ length: 5 }, () => attemptLogin(hub, 'olga', password)))
  expect(codes.map(({ code }) => code)).toEqual(Array(5).fill('rate_limited'))
  const failures = await hub.hub.store.read((db) => db.selectFrom('throttle').select('count').execute())
  expect(failures.map(({ count }) => count)).toEqual([0, 0])
})

test('failures expire a day after the last one', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  await failLogins(hub, 'olga', 10)
  clock.now += dayMs
  expect(new Set(await failLogins(hub, 'olga', 10))).toEqual(new Set(['unauthenticated']))
})

test('an unknown username is slowed down the same way, with the same message', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  const known: LoginResult[] = []
  const unknown: LoginResult[] = []
  for (let i = 0; i < 13; i += 1) {
    known.push(await attemptLogin(hub, 'olga'))
    unknown.push(await attemptLogin(hub, 'nobody'))
  }
  expect(unknown).toEqual(known)
  expect(known.at(-1)?.code).toBe('rate_limited')
})

test('a hundred concurrent guesses count as no more than ten attempts', async () => {
  const hub = await startTestHub({ clock: createManualClock().read })
  await hub.setUp('olga')
  const before = hub.hub.passwords.counts.verified
  const responses = await Promise.all(Array.from({ length: 100 }, () => attemptLogin(hub, 'olga')))
  expect(hub.hub.passwords.counts.verified - before).toBe(10)
  expect(responses.filter(({ code }) => code === 'rate_limited')).toHaveLength(90)
})

test('a restart keeps the failure counts', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  await failLogins(hub, 'olga', 12)
  const again = await hub.restart()
  expect((await attemptLogin(again, 'olga', password)).code).toBe('rate_limited')
})

test('an address is blocked for ten minutes after sixty failures over many usernames', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  const codes: string[] = []
  for (let i = 0; i < 60; i += 1) codes.push((await attemptLogin(hub, `nobody${i}`)).code)
  expect(new Set(codes)).toEqual(new Set(['unauthenticated']))
  expect(await attemptLogin(hub, 'olga', password)).toMatchObject({ code: 'rate_limited', retryAfter: 600 })
  clock.now += 10 * minuteMs
  expect((await attemptLogin(hub, 'olga', password)).status).toBe(200)
})

test('successful logins are never limited', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  for (let i = 0; i < 80; i += 1) expect((await attemptLogin(hub, 'olga', password)).status).toBe(200)
})

test('what a busy hub did not look at is not charged, and forgives nothing of before', async () => {
  const hub = await startTestHub()
  const account = [loginCounter('olga')]
  for (let i = 0; i < 30; i += 1) {
    await consumeAttempts(hub.hub, account)
    await refundAttempts(hub.hub, account)
  }
  expect(await failLogins(hub, 'olga', 11)).toEqual([
    ...Array.from({ length: 10 }, () => 'unauthenticated'),
    'rate_limited',
  ])
})

test('guesses of the set-up code are limited, also fifty at once, and the right code waits too', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  const guess = (code: string) =>
    rawRequest(hub.url, undefined, 'hub.setup', { code, hubName: 'Mine', username: 'eve', password })
  const guesses = await Promise.all(Array.from({ length: 50 }, (_, i) => guess(`guess number ${i}`)))
  expect(guesses.filter(({ status }) => status === 403)).toHaveLength(20)
  expect(guesses.filter(({ status }) => status === 429)).toHaveLength(30)
  expect((await guess(hub.setupCode)).status).toBe(429)
  clock.now += 10 * minuteMs
  expect((await guess(hub.setupCode)).status).toBe(200)
})

test('checking a set-up code takes the attempts of a set-up, and a right code costs nothing', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  const check = (code: string) => rawRequest(hub.url, undefined, 'hub.checkSetupCode', { code })
  for (let times = 0; times < 30; times += 1) expect((await check(` ${hub.setupCode} `)).status).toBe(204)
  for (const code of ['', ' ', 'not the code'])
    expect(await check(code)).toMatchObject({ status: 403, body: { error: { field: 'code' } } })
  const guesses = await Promise.all(Array.from({ length: 50 }, (_, i) => check(`guess number ${i}`)))
  expect(guesses.filter(({ status }) => status === 403)).toHaveLength(17)
  const setUp = { code: hub.setupCode, hubName: 'Mine', username: 'eve', password }
  expect((await rawRequest(hub.url, undefined, 'hub.setup', setUp)).status).toBe(429)
  clock.now += 10 * minuteMs
  expect((await rawRequest(hub.url, undefined, 'hub.setup', setUp)).status).toBe(200)
  expect((await check(hub.setupCode)).status).toBe(409)
})

test('registrations are limited to 200 an hour for each address; invalid forms do not count', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'open' })
  const register = async (username: string, secret = password) =>
    (await rawRequest(hub.url, undefined, 'accounts.register', { username, password: secret })).status
  for (let i = 0; i < 20; i += 1) expect(await register('ann', 'short')).toBe(400)
  const statuses: number[] = []
  for (let i = 0; i < 200; i += 1) statuses.push(await register(i < 100 ? 'olga' : `p${i}`))
  expect(new Set(statuses)).toEqual(new Set([409, 201]))
  expect(await register('ann')).toBe(429)
  clock.now += 60 * minuteMs
  expect(await register('ann')).toBe(201)
})

test('throttle rows of unknown usernames expire after a day and do not contain the typed names', async () => {
  const clock = createManualClock()
  const hub = await startTestHub({ clock: clock.read })
  await hub.setUp('olga')
  for (let i = 0; i < 20; i += 1) await attemptLogin(hub, `my secret ${i}`)
  const rows = () => hub.hub.store.read((db) => db.selectFrom('throttle').select('key').execute())
  expect(await rows()).toHaveLength(21)
  expect(JSON.stringify(await rows())).not.toContain('secret')
  clock.now += 2 * dayMs
  await attemptLogin(hub, 'another')
  expect(await rows()).toHaveLength(2)
})

test('--load-test has no limits', async () => {
  const hub = await startTestHub({ loadTest: true })
  await hub.setUp('olga')
  expect(new Set(await failLogins(hub, 'olga', 70))).toEqual(new Set(['unauthenticated']))
  await TestUser.login(hub.url, 'olga')
})

test.for([
  ['192.168.1.7', '192.168.1.7'],
  ['::ffff:192.168.1.7', '192.168.1.7'],
  ['::FFFF:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1234:5678:9abc:def0%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('the network of %s is %s', ([address, network]) => {
  expect(networkPrefix(address as string)).toBe(network)
})
