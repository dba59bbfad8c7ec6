import { expect, test } from 'vitest'
import { type TestHub, startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'

const dayMs = 24 * 60 * 60 * 1000

/** A browser as the hub sees it: it stores a cookie and sends the headers that say where a request comes from. */
class BrowserClient {
  readonly url: string
  cookie = ''
  csrf = ''

  constructor(hub: TestHub) {
    this.url = hub.url
  }

  async send(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: Record<string, unknown>; setCookie: string | null }> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const setCookie = response.headers.get('set-cookie')
    if (setCookie) this.cookie = setCookie.split(';')[0] ?? ''
    return { status: response.status, body: text ? JSON.parse(text) : {}, setCookie }
  }

  /** The headers that a page of the hub sends with each write. */
  get csrfHeaders(): Record<string, string> {
    return { origin: this.url, 'x-csrf-token': this.csrf }
  }

  async logIn(username: string): Promise<void> {
    const body = { username, password }
    expect((await this.send('POST', '/api/login', { body, headers: { origin: this.url } })).status).toBe(200)
    this.csrf = (await this.send('GET', '/api/me')).body['csrfToken'] as string
  }
}

async function openLoggedInBrowser(): Promise<{ hub: TestHub; browser: BrowserClient }> {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const browser = new BrowserClient(hub)
  await browser.logIn('olga')
  return { hub, browser }
}

const group = { name: 'Made by a page', visibility: 'private' }

test('a page that logs in gets an HttpOnly, same-site cookie and no token', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const browser = new BrowserClient(hub)
  const response = await browser.send('POST', '/api/login', {
    body: { username: 'olga', password },
    headers: { origin: hub.url, 'sec-fetch-site': 'same-origin' },
  })
  expect(response.status).toBe(200)
  expect(response.body).not.toHaveProperty('token')
  const [pair = '', ...flags] = (response.setCookie ?? '').split('; ')
  expect(pair).toMatch(new RegExp(`^hubbub-${hub.hub.hubId.slice(0, 8)}=[\\w-]{43}$`))
  expect(flags).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Strict', 'Path=/']))
  expect(flags.join()).not.toMatch(/domain/i)
})

test('a program that logs in gets a token and no cookie', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const { body, headers } = await rawRequest(hub.url, undefined, 'accounts.login', {
    username: 'olga',
    password,
  })
  expect((body as { token: string }).token).toMatch(/^[\w-]{43}$/)
  expect(headers.get('set-cookie')).toBeNull()
  const me = await rawRequest(hub.url, (body as { token: string }).token, 'me.get', {})
  expect(me.body).not.toHaveProperty('csrfToken')
})

test('set-up and registration open a session as a cookie or as a token, like a login', async () => {
  const hub = await startTestHub()
  const owner = new BrowserClient(hub)
  const account = { username: 'olga', password }
  const setUp = await owner.send('POST', '/api/setup', {
    body: { code: hub.setupCode, hubName: 'H', registration: 'open', ...account },
    headers: { origin: hub.url },
  })
  expect(setUp.status).toBe(200)
  expect(setUp.body).not.toHaveProperty('token')
  expect((await owner.send('GET', '/api/me')).body).toMatchObject({ user: { username: 'olga' } })
  const guest = new BrowserClient(hub)
  const registered = await guest.send('POST', '/api/register', {
    body: { ...account, username: 'ann' },
    headers: { origin: hub.url },
  })
  expect(registered.status).toBe(201)
  expect(registered.body).not.toHaveProperty('token')
  expect((await guest.send('GET', '/api/me')).body).toMatchObject({ user: { username: 'ann' } })
})

test('a page of the hub that sends its CSRF token may write', async () => {
  const { browser } = await openLoggedInBrowser()
  const made = await browser.send('POST', '/api/chats', { body: group, headers: browser.csrfHeaders })
  expect(made.status).toBe(201)
})

test.for([
  ['no token', ({ url }: BrowserClient) => ({ origin: url })],
  ['a wrong token', ({ url }: BrowserClient) => ({ origin: url, 'x-csrf-token': 'x'.repeat(43) })],
  ['an empty token', ({ url }: BrowserClient) => ({ origin: url, 'x-csrf-token': '' })],
  [
    'a foreign origin',
    ({ csrf }: BrowserClient) => ({ origin: 'http://evil.example', 'x-csrf-token': csrf }),
  ],
  ['the origin null', ({ csrf }: BrowserClient) => ({ origin: 'null', 'x-csrf-token': csrf })],
  ['no origin at all', ({ csrf }: BrowserClient) => ({ 'x-csrf-token': csrf })],
  [
    'our host on another port',
    ({ csrf }: BrowserClient) => ({ origin: 'http://127.0.0.1:1', 'x-csrf-token': csrf }),
  ],
  [
    'a cross-site request that forges its origin',
    ({ url, csrf }: BrowserClient) => ({ origin: url, 'sec-fetch-site': 'cross-site', 'x-csrf-token': csrf }),
  ],
  [
    'a request of a neighbouring port',
    ({ url, csrf }: BrowserClient) => ({ origin: url, 'sec-fetch-site': 'same-site', 'x-csrf-token': csrf }),
  ],
] as const)('a write with a cookie and %s is rejected and changes nothing', async ([, headersFor]) => {
  const { browser } = await openLoggedInBrowser()
  const rejected = await browser.send('POST', '/api/chats', { body: group, headers: headersFor(browser) })
  expect(rejected).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  expect((await browser.send('GET', '/api/chats')).body['chats']).toEqual([])
})

test('a write with the CSRF token of another session is rejected', async () => {
  const { hub, browser } = await openLoggedInBrowser()
  const other = new BrowserClient(hub)
  await other.logIn('olga')
  expect(other.csrf).not.toBe(browser.csrf)
  const headers = { ...browser.csrfHeaders, 'x-csrf-token': other.csrf }
  expect((await browser.send('POST', '/api/chats', { body: group, headers })).status).toBe(403)
})

test('another site cannot log a browser in', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const browser = new BrowserClient(hub)
  for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
    const response = await browser.send('POST', '/api/login', {
      body: { username: 'olga', password },
      headers,
    })
    expect(response).toMatchObject({ status: 403, setCookie: null })
  }
})

test('a cookie’s token is rejected as a bearer token, and a bearer token as a cookie', async () => {
  const { hub, browser } = await openLoggedInBrowser()
  const inCookie = browser.cookie.split('=')[1] ?? ''
  expect((await rawRequest(hub.url, inCookie, 'me.get', {})).status).toBe(401)
  const ann = await hub.registerUser('ann')
  const thief = new BrowserClient(hub)
  thief.cookie = `${browser.cookie.split('=')[0]}=${ann.token}`
  expect((await thief.send('GET', '/api/me')).status).toBe(401)
})

test('logging out ends this session, closes its sockets and clears its cookie, and leaves other sessions open', async () => {
  const { hub, browser } = await openLoggedInBrowser()
  const other = await TestUser.login(hub.url, 'olga')
  const live = await LiveClient.connect(hub.url, { cookie: browser.cookie, origin: hub.url }, browser.csrf)
  const others = await other.connect()
  const cookie = browser.cookie
  const out = await browser.send('POST', '/api/logout', { headers: browser.csrfHeaders })
  expect(out.status).toBe(204)
  expect(out.setCookie).toMatch(/^hubbub-[\w-]{8}=;/)
  await expect.poll(() => live.closed?.code).toBe(4401)
  browser.cookie = cookie
  expect((await browser.send('GET', '/api/me')).status).toBe(401)
  await expect(LiveClient.open(hub.url, { cookie, origin: hub.url })).rejects.toThrow('401')
  expect((await others.request('me.get', {})).user.username).toBe('olga')
})

test.for([
  ['a bearer', 180],
  ['a cookie', 90],
] as const)('%s session expires after 30 idle days or %i days', async ([kind, absolute]) => {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  const logIn = async (): Promise<() => Promise<number>> => {
    if (kind === 'a bearer') {
      const { token } = await TestUser.login(hub.url, 'olga')
      return async () => (await rawRequest(hub.url, token, 'me.get', {})).status
    }
    const browser = new BrowserClient(hub)
    await browser.logIn('olga')
    return async () => (await browser.send('GET', '/api/me')).status
  }
  const unused = await logIn()
  const used = await logIn()
  for (let days = 20; days < absolute; days += 20) {
    clock.now += 20 * dayMs
    expect(await used()).toBe(200)
    // last use is written behind the answer
    await hub.whenWritten()
  }
  expect(await unused()).toBe(401)
  clock.now += (absolute % 20 || 20) * dayMs
  expect(await used()).toBe(401)
  expect(olga.user.role).toBe('owner')
})

test('the last use of a session is written at most once a minute', async () => {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  const usedAt = async (): Promise<number> => {
    await olga.request('me.get', {})
    await hub.whenWritten()
    return (
      await hub.hub.store.read((db) => db.selectFrom('session').select('usedAt').executeTakeFirstOrThrow())
    ).usedAt
  }
  const first = await usedAt()
  clock.now += 59_000
  expect(await usedAt()).toBe(first)
  clock.now += 1_000
  expect(await usedAt()).toBe(first + 60_000)
})

test('opening more sessions than the limit ends the least recently used one and closes its socket', async () => {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  const live = await olga.connect()
  const count = async (): Promise<number> =>
    (await hub.hub.store.read((db) => db.selectFrom('session').select('id').execute())).length
  let sessions = 1
  while (!live.closed && sessions < 500) {
    clock.now += 1
    await TestUser.login(hub.url, 'olga')
    sessions += 1
    if ((await count()) < sessions) break
  }
  await expect.poll(() => live.closed?.code).toBe(4401)
  expect((await rawRequest(hub.url, olga.token, 'me.get', {})).status).toBe(401)
  const most = await count()
  expect(most).toBe(20)
  const newest = await TestUser.login(hub.url, 'olga')
  expect((await newest.request('me.get', {})).user.id).toBe(olga.id)
  expect(await count()).toBe(most)
})

test('the hub stores no session token in plain text, and rejects a made-up one', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const row = await hub.hub.store.read((db) => db.selectFrom('session').selectAll().executeTakeFirstOrThrow())
  expect(row.tokenHash).toHaveLength(32)
  expect(JSON.stringify(Object.values(row).map(String))).not.toContain(olga.token)
  for (const token of ['', 'x', 'x'.repeat(43), row.id, row.tokenHash.toString('base64url')]) {
    expect((await rawRequest(hub.url, token, 'me.get', {})).status).toBe(401)
  }
})

test('the device name of a session is stored as sent, cut to its maximum length', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const logIn = async (device: string): Promise<string | undefined> => {
    await rawRequest(hub.url, undefined, 'accounts.login', { username: 'olga', password, device })
    const rows = await hub.hub.store.read((db) =>
      db.selectFrom('session').select('device').orderBy('createdAt').execute(),
    )
    return rows.map((row) => row.device).find((name) => !seen.has(name))
  }
  const seen = new Set(['App'])
  expect(await logIn('Olga’s  laptop ')).toBe('Olga’s laptop')
  seen.add('Olga’s laptop')
  expect(await logIn('😀'.repeat(120))).toBe('😀'.repeat(100))
  seen.add('😀'.repeat(100))
  expect(await logIn('evil\u202e')).toBeUndefined()
})
