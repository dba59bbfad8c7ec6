import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { requests } from '../../shared/contract.ts'
import { isErrorCode, type WireError } from '../../shared/errors.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'
import { type RawResponse, requestRaw, sendRaw } from '../support/raw-socket.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Input that the hub handles before authentication: host names, origins, cookies and bytes. An outsider on the same
 * network, or a malicious page in a member’s browser, learns nothing and changes nothing. Every response follows the
 * protocol.
 */

const fetchSiteHeader = 'sec-fetch-site'
const jsonHeaders = { 'content-type': 'application/json' }

/** One request with these exact headers, and its whole response. */
async function sendRequest(
  hub: TestHub,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array<ArrayBuffer>,
) {
  const response = await fetch(hub.url + path, {
    method,
    headers: { ...(body === undefined ? {} : jsonHeaders), ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  const error = text.startsWith('{') ? (JSON.parse(text) as { error?: WireError }).error : undefined
  return { status: response.status, headers: response.headers, text, code: error?.code, error }
}

interface BrowserSession {
  cookie: string
  csrf: string
  setCookie: string
}

/** Logs in with a cookie as a page of the hub does. */
async function logInWithBrowser(hub: TestHub, username: string): Promise<BrowserSession> {
  const opened = await sendRequest(
    hub,
    'POST',
    '/api/login',
    { [fetchSiteHeader]: 'same-origin' },
    JSON.stringify({ username, password }),
  )
  expect([opened.status, opened.text]).toEqual([200, expect.not.stringContaining('token')])
  const setCookie = opened.headers.get('set-cookie') ?? ''
  const cookie = setCookie.split(';')[0] ?? ''
  const me = await sendRequest(hub, 'GET', '/api/me', { cookie })
  return { cookie, csrf: (JSON.parse(me.text) as { csrfToken: string }).csrfToken, setCookie }
}

function errorOf(response: RawResponse): WireError {
  return (JSON.parse(response.body) as { error: WireError }).error
}

const rawGet = (path: string, ...lines: string[]) =>
  [`GET ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...lines, '', ''].join('\r\n')

test('a request with a foreign Host header is rejected on every transport', async () => {
  const { hub, ann } = await makeWorld()
  const authorization = `authorization: Bearer ${ann.token}`
  const upgrade = [
    'upgrade: websocket',
    'connection: upgrade',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`,
  ]
  const transports = [
    '/',
    '/login',
    '/api/meta',
    '/api/me',
    '/api/docs',
    '/api/openapi.json',
    '/nothing',
    '/live',
  ]
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'evil.example:7788', 'localhost@evil', '']) {
    for (const path of transports) {
      const lines = [`GET ${path} HTTP/1.1`, `host: ${host}`, authorization, 'connection: close']
      const response = await sendRaw(hub.url, [...lines, '', ''].join('\r\n'))
      expect([host, path, response.status, errorOf(response).code]).toEqual([host, path, 403, 'forbidden'])
    }
    const answer = await sendRaw(
      hub.url,
      ['GET /live HTTP/1.1', `host: ${host}`, authorization, ...upgrade, '', ''].join('\r\n'),
    )
    expect([host, answer.status]).toEqual([host, 403])
  }
  for (const host of ['localhost', '127.0.0.1:1', '[::1]:80', 'LOCALHOST:7788', '127.9.9.9']) {
    const answer = await requestRaw(
      hub.url,
      ['GET /api/meta HTTP/1.1', `host: ${host}`, 'connection: close', '', ''].join('\r\n'),
    )
    expect([host, answer.status]).toEqual([host, 200])
  }
})

test('a browser gets an HttpOnly, same-site cookie and no token; a program gets a token and no cookie', async () => {
  const { hub } = await makeWorld()
  const { setCookie, cookie } = await logInWithBrowser(hub, 'ann')
  const [pair = '', ...flags] = setCookie.split('; ')
  expect(pair.split('=')[0]).toBe(`hubbub-${hub.hub.hubId.slice(0, 8)}`)
  expect(flags.map((flag) => flag.split('=')[0]).sort()).toEqual(['HttpOnly', 'Max-Age', 'Path', 'SameSite'])
  expect(flags).toEqual(expect.arrayContaining(['Path=/', 'SameSite=Strict', 'HttpOnly']))
  const program = await sendRequest(
    hub,
    'POST',
    '/api/login',
    { 'x-hubbub-client': 'token' },
    JSON.stringify({ username: 'ann', password }),
  )
  expect(program.headers.get('set-cookie')).toBeNull()
  const { token } = JSON.parse(program.text) as { token: string }
  expect((await sendRequest(hub, 'GET', '/api/me', { authorization: `Bearer ${token}` })).text).not.toContain(
    'csrf',
  )
  // each credential works only in its own header
  const name = pair.split('=')[0] ?? ''
  expect((await sendRequest(hub, 'GET', '/api/me', { cookie: `${name}=${token}` })).status).toBe(401)
  const stolen = cookie.split('=')[1] ?? ''
  expect((await sendRequest(hub, 'GET', '/api/me', { authorization: `Bearer ${stolen}` })).status).toBe(401)
})

test('a cookie session can write only from a page of the hub with the CSRF token', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const { cookie, csrf } = await logInWithBrowser(hub, 'ann')
  const other = await logInWithBrowser(hub, 'ann')
  const origin = new URL(hub.url).origin
  const send = async (headers: Record<string, string>) =>
    (
      await sendRequest(
        hub,
        'POST',
        `/api/chats/${kitchen.id}/messages`,
        { cookie, ...headers },
        JSON.stringify({ cid: randomUUID(), text: 'from a page' }),
      )
    ).status
  const good = { 'x-csrf-token': csrf }
  const rejected: Record<string, string>[] = [
    {},
    { ...good },
    { origin },
    { [fetchSiteHeader]: 'same-origin' },
    { origin, 'x-csrf-token': 'wrong' },
    { origin, 'x-csrf-token': other.csrf },
    { origin, 'x-csrf-token': '' },
    { ...good, origin: 'https://evil.example' },
    { ...good, origin: 'null' },
    { ...good, origin: 'http://localhost.evil.example' },
    // cookies ignore ports: a page on another port of this machine is a different origin
    { ...good, origin: origin.replace(/\d+$/, '1') },
    { ...good, origin: origin.replace('http:', 'https:') },
    { ...good, [fetchSiteHeader]: 'same-site' },
    { ...good, [fetchSiteHeader]: 'cross-site' },
    { ...good, [fetchSiteHeader]: 'none' },
    { ...good, origin, [fetchSiteHeader]: 'cross-site' },
  ]
  for (const headers of rejected) expect([headers, await send(headers)]).toEqual([headers, 403])
  expect((await ann.request('messages.list', { chatId: kitchen.id })).messages).toEqual([])
  expect(await send({ ...good, origin })).toBe(201)
  expect(await send({ ...good, [fetchSiteHeader]: 'same-origin' })).toBe(201)
  expect(await send({ ...good, origin, [fetchSiteHeader]: 'same-origin' })).toBe(201)
})

test('every write with a cookie and no CSRF token is rejected', async () => {
  const { hub } = await makeWorld()
  const { cookie } = await logInWithBrowser(hub, 'ann')
  for (const spec of Object.values(requests)) {
    if (spec.method === 'GET' || spec.access === 'anyone') continue
    const path = spec.path.replace(/:[A-Za-z]+/g, 'x')
    const response = await sendRequest(
      hub,
      spec.method,
      path,
      { cookie, [fetchSiteHeader]: 'same-origin' },
      '{}',
    )
    expect([spec.name, response.status, response.code]).toEqual([spec.name, 403, 'forbidden'])
  }
  expect((await sendRequest(hub, 'GET', '/api/me', { cookie })).status).toBe(200)
})

test('a page of another origin cannot open a session in a user’s browser', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  await olga.request('admin.settings.update', { registration: 'open' })
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { [fetchSiteHeader]: 'cross-site' },
    { [fetchSiteHeader]: 'same-site', origin: new URL(hub.url).origin },
  ] as Record<string, string>[]) {
    for (const [path, input] of [
      ['/api/login', { username: 'olga', password }],
      ['/api/register', { username: 'eve', password }],
      ['/api/setup', { code: hub.setupCode, hubName: 'x', username: 'eve', password }],
    ] as const) {
      const response = await sendRequest(hub, 'POST', path, headers, JSON.stringify(input))
      expect([path, headers, response.status]).toEqual([path, headers, 403])
      expect(response.headers.get('set-cookie')).toBeNull()
    }
  }
  // a form or a beacon can send these bodies without a preflight, and none of them is JSON
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const answer = await sendRequest(
      hub,
      'POST',
      '/api/login',
      { [fetchSiteHeader]: 'same-origin', 'content-type': type },
      JSON.stringify({ username: 'olga', password }),
    )
    expect([type, answer.code]).toEqual([type, 'invalid'])
  }
  expect((await olga.request('users.list', {})).users).toHaveLength(1)
})

test('no response allows another origin to read it', async () => {
  const { hub } = await makeWorld()
  for (const [method, path] of [
    ['GET', '/api/meta'],
    ['OPTIONS', '/api/me'],
    ['OPTIONS', '/api/login'],
    ['GET', '/api/nothing'],
  ] as const) {
    const { headers } = await sendRequest(hub, method, path, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-hubbub-client',
    })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})

test('the socket of a cookie session opens only from a page of the hub and resumes only with its CSRF token', async () => {
  const { hub } = await makeWorld()
  const { cookie, csrf } = await logInWithBrowser(hub, 'ann')
  const origin = new URL(hub.url).origin
  for (const headers of [
    { cookie },
    { cookie, origin: 'null' },
    { cookie, origin: 'https://evil.example' },
  ]) {
    await expect(LiveClient.open(hub.url, headers)).rejects.toThrow('403')
  }
  for (const wrong of [undefined, '', 'wrong']) {
    const live = await LiveClient.open(hub.url, { cookie, origin })
    live.send({ t: 'resume', protocol: 1, ...(wrong === undefined ? {} : { csrf: wrong }) })
    expect(await live.whenClosed()).toMatchObject({ code: 1008 })
    expect(live.received.map((message) => message.t)).not.toContain('state')
  }
  const live = await LiveClient.connect(hub.url, { cookie, origin }, csrf)
  expect(await live.request('me.get', {})).toMatchObject({ user: { username: 'ann' } })
})

test('logging out clears the cookie and invalidates it on every transport', async () => {
  const { hub } = await makeWorld()
  const { cookie, csrf } = await logInWithBrowser(hub, 'ann')
  const origin = new URL(hub.url).origin
  const live = await LiveClient.connect(hub.url, { cookie, origin }, csrf)
  const out = await sendRequest(hub, 'POST', '/api/logout', { cookie, origin, 'x-csrf-token': csrf })
  expect([out.status, out.text]).toEqual([204, ''])
  expect(out.headers.get('set-cookie')).toMatch(/^hubbub-[^=]+=;.*Expires=Thu, 01 Jan 1970/)
  expect(await live.whenClosed()).toMatchObject({ code: 4401 })
  expect((await sendRequest(hub, 'GET', '/api/me', { cookie })).status).toBe(401)
  await expect(LiveClient.open(hub.url, { cookie, origin })).rejects.toThrow('401')
})

test('requests on a socket have no effect after its session has ended', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const other = await TestUser.login(hub.url, 'ann')
  const live = await ann.connect()
  live.send(
    { t: 'req', id: 'out', name: 'accounts.logout', input: {} },
    ...Array.from({ length: 20 }, (_, i) => ({
      t: 'req' as const,
      id: `m${i}`,
      name: 'messages.send',
      input: { chatId: kitchen.id, cid: randomUUID(), text: 'too late' },
    })),
    { t: 'req', id: 'list', name: 'chats.list', input: {} },
  )
  await live.whenClosed()
  const outputs = live.received.filter((message) => message.t === 'ok').map((message) => message.id)
  expect(outputs).not.toContain('list')
  // Requests committed together with the end of the session may succeed, later ones may not.
  live.sendRaw(JSON.stringify([{ t: 'req', id: 'x', name: 'chats.list', input: {} }]))
  await expect(ann.request('chats.list', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await other.request('me.get', {})).user.id).toBe(ann.id)
})

test.for([
  ['only line breaks', '\r\n\r\n\r\n'],
  ['another protocol', 'EHLO hub.example\r\n\r\n'],
  ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001'],
  [
    'a repeated content-length',
    'POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
  ],
  [
    'content-length together with chunks',
    'POST /api/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'a chunk without a size',
    'POST /api/login HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  ],
  [
    'an unknown transfer encoding',
    'POST /api/login HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: rot13\r\n\r\n{}',
  ],
  ['a header without a name', 'GET / HTTP/1.1\r\nhost: localhost\r\n: x\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nhost: localhost\r\nx: y\r\n z\r\n\r\n'],
  ['a NUL in a header', 'GET / HTTP/1.1\r\nhost: localhost\r\nx: \u0000\r\n\r\n'],
  ['a space in the path', 'GET /a b HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['an unknown method', 'GRAB / HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['a head of 100 KB', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
  ['a path of 100 KB', `GET /${'y'.repeat(100_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
  ['ten thousand headers', `GET / HTTP/1.1\r\nhost: localhost\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
])('%s is rejected by an error or a closed connection, and the hub keeps serving', async ([, bytes]) => {
  const hub = await startTestHub()
  const response = await sendRaw(hub.url, Buffer.from(bytes ?? '', 'latin1'))
  if (response.status !== 0) {
    expect([400, 413]).toContain(response.status)
    const error = errorOf(response)
    expect([isErrorCode(error.code), error.message]).toEqual([true, expect.stringMatching(/\.$/)])
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  }
  expect((await sendRequest(hub, 'GET', '/api/meta')).status).toBe(200)
})

test.for([
  '/api/chats/%zz',
  '/%',
  '/api/chats/%ED%A0%80/messages',
  '/api/users/%C0%AF',
  '/%FF',
  '/..%2f..%2fetc/passwd',
])('the path %s returns an error of the protocol', async (path) => {
  const { hub, ann } = await makeWorld()
  const response = await sendRaw(hub.url, rawGet(path, `authorization: Bearer ${ann.token}`))
  expect([400, 404]).toContain(response.status)
  if (path.startsWith('/api/')) expect(isErrorCode(errorOf(response).code)).toBe(true)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
})

test('an absolute request target is not forwarded anywhere', async () => {
  const hub = await startTestHub()
  const inside = `http://localhost:${new URL(hub.url).port}/api/meta`
  for (const target of ['http://evil.example/api/meta', inside, '*', '//evil.example/api/meta']) {
    const response = await sendRaw(hub.url, rawGet(target))
    expect([target, response.status < 500, response.headers.has('location')]).toEqual([target, true, false])
  }
  const connect = await sendRaw(hub.url, 'CONNECT evil.example:80 HTTP/1.1\r\nhost: localhost\r\n\r\n')
  expect(connect.status < 200 || connect.status >= 400).toBe(true)
})

test('other methods change nothing: HEAD returns no body, and OPTIONS and TRACE are rejected', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const authorization = `Bearer ${ann.token}`
  const head = await sendRequest(hub, 'HEAD', '/api/me', { authorization })
  expect([head.status, head.text]).toEqual([200, ''])
  expect((await sendRequest(hub, 'HEAD', '/api/me')).status).toBe(401)
  for (const method of ['OPTIONS', 'PUT', 'DELETE', 'POST']) {
    expect([method, (await sendRequest(hub, method, '/api/me', { authorization })).code]).toEqual([
      method,
      'not_found',
    ])
  }
  // a program learns what is wrong with its request
  const wrong = await fetch(`${hub.url}/api/chats/${kitchen.id}`, {
    method: 'POST',
    headers: { authorization },
  })
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([404, 'DELETE, GET, PATCH'])
  expect(await wrong.json()).toMatchObject({
    error: { message: 'This address does not take POST, only DELETE, GET, PATCH.' },
  })
  const unknown = await fetch(`${hub.url}/api/nothing`, { method: 'POST', headers: { authorization } })
  expect([unknown.status, unknown.headers.get('allow')]).toEqual([404, null])
  const trace = await sendRaw(hub.url, rawGet('/api/me').replace('GET', 'TRACE'))
  expect(trace.status).toBeGreaterThanOrEqual(400)
  expect(trace.body).not.toContain('TRACE /api')
})

const bytesOf = (...values: number[]) => new Uint8Array(values)

test('a body that is not one JSON object in UTF-8 is rejected without effect', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const headers = { authorization: `Bearer ${ann.token}` }
  const path = `/api/chats/${kitchen.id}/messages`
  const cid = randomUUID()
  const quoted = (text: string) => `{"cid":"${cid}","text":${text}}`
  const around = (...middle: number[]) =>
    bytesOf(...Buffer.from(`{"cid":"${cid}","text":"a`), ...middle, ...Buffer.from('b"}'))
  const bodies: [string, string | Uint8Array<ArrayBuffer>, string][] = [
    ['no JSON', 'text=hello', 'invalid'],
    ['half of it', '{"cid":', 'invalid'],
    ['null', 'null', 'invalid'],
    ['a list', '[]', 'invalid'],
    ['a text', '"hello"', 'invalid'],
    ['a number', '7', 'invalid'],
    ['nothing', '', 'invalid'],
    ['a depth of 10,000', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'invalid'],
    ['objects 10,000 deep', `${'{"text":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'invalid'],
    ['a wide one', `{${Array.from({ length: 30_000 }, (_, i) => `"k${i}":1`).join(',')}}`, 'invalid'],
    ['bytes that are no UTF-8', around(0xff, 0xfe), 'invalid'],
    ['an overlong slash', around(0xc0, 0xaf), 'invalid'],
    ['half a pair in bytes', around(0xed, 0xa0, 0x80), 'invalid'],
    ['half a pair as an escape', quoted('"\\ud83d"'), 'invalid'],
    ['a NUL', quoted('"a\\u0000"'), 'invalid'],
    ['__proto__', `{"cid":"${cid}","text":"x","__proto__":{"isAdmin":true}}`, 'invalid'],
    ['constructor', `{"cid":"${cid}","text":"x","constructor":{"prototype":{}}}`, 'invalid'],
    ['a member of the address', `{"cid":"${cid}","text":"x","chatId":"${kitchen.id}"}`, 'invalid'],
    ['a number for text', quoted('5'), 'invalid'],
    ['null for text', quoted('null'), 'invalid'],
    ['a list for text', quoted('["x"]'), 'invalid'],
    ['an object for text', quoted('{"toString":"x"}'), 'invalid'],
    ['600 KB', quoted(`"${'x'.repeat(600_000)}"`), 'too_large'],
  ]
  for (const [what, body, code] of bodies) {
    const response = await sendRequest(hub, 'POST', path, headers, body)
    expect([what, response.code]).toEqual([what, code])
  }
  const { messages } = await ann.request('messages.list', { chatId: kitchen.id })
  expect(messages).toEqual([])
  expect((await sendRequest(hub, 'POST', path, headers, quoted('"\\ud83d\\ude00 \\u00e9"'))).status).toBe(201)
})

test.for([
  ['-1', 'invalid'],
  ['-0', 'ok'],
  ['"5"', 'invalid'],
  ['5.5', 'invalid'],
  ['1e400', 'invalid'],
  ['-1e400', 'invalid'],
  ['9007199254740991', 'ok'],
  ['9007199254740992', 'invalid'],
  ['18446744073709551616', 'invalid'],
  ['null', 'invalid'],
  ['true', 'invalid'],
  ['[1]', 'invalid'],
  ['1e0', 'ok'],
  [`1${'0'.repeat(1000)}`, 'invalid'],
])('%s as a number returns %s over HTTP and the socket', async ([number, expected]) => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'one')
  const authorization = `Bearer ${ann.token}`
  const http = await sendRequest(
    hub,
    'POST',
    `/api/chats/${kitchen.id}/read`,
    { authorization },
    `{"no":${number}}`,
  )
  expect(http.code ?? 'ok').toBe(expected)
  const live = await ann.connect()
  live.sendRaw(`[{"t":"req","id":1,"name":"chats.read","input":{"chatId":"${kitchen.id}","no":${number}}}]`)
  const response = await live.next((message) => message.t === 'ok' || message.t === 'err')
  expect(response.t === 'err' ? response.error.code : response.t).toBe(expected)
  expect((await ann.request('chats.get', { chatId: kitchen.id })).chat).toMatchObject({
    readNo: 1,
    lastNo: 1,
  })
})

test.for([
  ['limit=1&limit=2', 'invalid'],
  ['limit=', 'invalid'],
  ['limit=abc', 'invalid'],
  ['limit=1e2', 'invalid'],
  ['limit=0x10', 'invalid'],
  ['limit=%31', 'ok'],
  ['limit=-5', 'invalid'],
  ['limit=9999999999999999', 'ok'],
  ['limit[]=1', 'invalid'],
  ['after=-0', 'ok'],
  ['after=99999999999999999999', 'invalid'],
  ['__proto__=1', 'invalid'],
  ['__proto__=1&__proto__=2', 'invalid'],
  ['constructor=1', 'invalid'],
  ['chatId=another', 'invalid'],
  ['nonsense', 'invalid'],
  ['', 'ok'],
  ['&&&', 'ok'],
])('the query “%s” returns %s', async ([query, expected]) => {
  const { hub, ann, kitchen } = await makeWorld()
  const response = await sendRequest(hub, 'GET', `/api/chats/${kitchen.id}/messages?${query}`, {
    authorization: `Bearer ${ann.token}`,
  })
  expect(response.code ?? 'ok').toBe(expected)
})

test('body fields in the query string are rejected, because logs and histories store URLs', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const authorization = `Bearer ${ann.token}`
  const send = await sendRequest(
    hub,
    'POST',
    `/api/chats/${kitchen.id}/messages?text=hello`,
    { authorization },
    JSON.stringify({ cid: randomUUID() }),
  )
  expect(send.code).toBe('invalid')
  const login = await sendRequest(
    hub,
    'POST',
    `/api/login?password=${encodeURIComponent(password)}`,
    { 'x-hubbub-client': 'token' },
    JSON.stringify({ username: 'ann' }),
  )
  expect(login.code).toBe('invalid')
})

test('invalid tokens and cookies return unauthenticated, not an internal error', async () => {
  const { hub, ann } = await makeWorld()
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${ann.token} `.repeat(2),
    `Basic ${Buffer.from('ann:x').toString('base64')}`,
    `Bearer ${ann.token.slice(0, -1)}`,
    `Bearer ${ann.token}x`,
    `Bearer ${'é'.repeat(40)}`,
    `Bearer ${'x'.repeat(5000)}`,
  ]) {
    const line = `authorization: ${authorization}`
    const response = await requestRaw(hub.url, Buffer.from(rawGet('/api/me', line), 'latin1'))
    expect([authorization, response.status]).toEqual([authorization, 401])
    expect(response.body).toContain('This token is not valid')
  }
  const name = `hubbub-${hub.hub.hubId.slice(0, 8)}`
  for (const cookie of [
    `${name}=`,
    `${name}=%zz`,
    `${name}=x; ${name}=y`,
    '=;=;',
    '__proto__=x',
    ';'.repeat(900),
  ]) {
    expect([cookie, (await sendRequest(hub, 'GET', '/api/me', { cookie })).status]).toEqual([cookie, 401])
  }
})

test('users and chats that are not visible return the same as those that do not exist', async () => {
  const { hub, eve, kitchen, ann } = await makeWorld()
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'secret')
  const nothing = 'AAAAAAAAAAAAAAAAAAAAAA'
  for (const [name, real, made] of [
    ['chats.get', { chatId: kitchen.id }, { chatId: nothing }],
    ['messages.list', { chatId: kitchen.id }, { chatId: nothing }],
    ['messages.status', { messageId }, { messageId: nothing }],
    ['streams.read', { stream: `chat:${kitchen.id}` }, { stream: `chat:${nothing}` }],
    ['streams.read', { stream: `user:${ann.id}` }, { stream: `user:${nothing}` }],
    ['chats.join', { chatId: kitchen.id }, { chatId: nothing }],
    ['chats.leave', { chatId: kitchen.id }, { chatId: nothing }],
    ['chats.delete', { chatId: kitchen.id }, { chatId: nothing }],
    ['chats.read', { chatId: kitchen.id, no: 1 }, { chatId: nothing, no: 1 }],
    ['members.remove', { chatId: kitchen.id, userId: ann.id }, { chatId: nothing, userId: ann.id }],
  ] as [string, Record<string, unknown>, Record<string, unknown>][]) {
    const [seen, unseen] = await Promise.all([
      rawRequest(hub.url, eve.token, name, real),
      rawRequest(hub.url, eve.token, name, made),
    ])
    expect([name, seen.status, seen.body]).toEqual([name, 404, unseen.body])
  }
})
