import { expect, test } from 'vitest'
import { isErrorCode, type WireError } from '../../shared/errors.ts'
import type { TestHub } from '../support/hub.ts'
import { type RawResponse, requestRaw, sendRaw } from '../support/raw-socket.ts'
import { password } from '../support/test-user.ts'
import { createUpload, patchUpload, tusRequest, uploadMetadata } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Clients of other authors, over HTTP: what their libraries send besides the request, and what HTTP and tus say about it. Each
 * answer is that of the protocol, with the security headers.
 */

const close = 'connection: close'
const bearer = ({ token }: { token: string }) => `authorization: Bearer ${token}`

function send(hub: TestHub, first: string, lines: string[], body = ''): Promise<RawResponse> {
  return requestRaw(hub.url, [first, 'host: localhost', ...lines, '', body].join('\r\n'))
}

function expectError(response: RawResponse, status: number): void {
  const { error } = JSON.parse(response.body) as { error: WireError }
  expect([response.status, isErrorCode(error.code), error.message]).toEqual([
    status,
    true,
    expect.stringMatching(/\.$/),
  ])
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
}

const offerOfHttp2 = [
  'connection: Upgrade, HTTP2-Settings, close',
  'upgrade: h2c',
  'http2-settings: AAMAAABk',
]
const handshake = (key = Buffer.alloc(16).toString('base64')) => [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  `sec-websocket-key: ${key}`,
]

test('a client that offers HTTP/2, as Java and curl do, gets its response over HTTP/1.1', async () => {
  const { hub, ann } = await makeWorld()
  const read = await send(hub, 'GET /api/me HTTP/1.1', [bearer(ann), ...offerOfHttp2])
  expect([read.status, JSON.parse(read.body)]).toMatchObject([200, { user: { id: ann.id } }])
  const body = JSON.stringify({ bio: 'Cooks.' })
  const json = ['content-type: application/json', `content-length: ${body.length}`]
  const written = await send(hub, 'PATCH /api/me HTTP/1.1', [bearer(ann), ...offerOfHttp2, ...json], body)
  expect([written.status, JSON.parse(written.body)]).toMatchObject([200, { user: { bio: 'Cooks.' } }])
})

test('only the live connection opens a WebSocket', async () => {
  const { hub } = await makeWorld()
  for (const path of ['/api/me', '/live/'])
    expect((await send(hub, `GET ${path} HTTP/1.1`, [...handshake(), close])).status).toBeGreaterThan(400)
})

test('a request for the live connection that is no handshake gets an error', async () => {
  const { hub, ann } = await makeWorld()
  const plain = await send(hub, 'GET /live HTTP/1.1', [bearer(ann), close])
  expectError(plain, 426)
  expect(plain.headers.get('upgrade')).toBe('websocket')
  expectError(await send(hub, 'GET /live HTTP/1.1', [bearer(ann), ...handshake('too short')]), 400)
})

test('a request without Host is refused with an error, and an unknown Expect is ignored', async () => {
  const { hub } = await makeWorld()
  expectError(await requestRaw(hub.url, `GET /api/meta HTTP/1.1\r\n${close}\r\n\r\n`), 400)
  expect((await send(hub, 'GET /api/meta HTTP/1.1', ['expect: 200-maybe', close])).status).toBe(200)
})

test('a client that ends its side of the connection after the request gets the response', async () => {
  const { hub, ann } = await makeWorld()
  const id = await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 })
  const head = [
    `PATCH /api/files/${id} HTTP/1.1`,
    ...['host: localhost', bearer(ann), 'tus-resumable: 1.0.0', 'upload-offset: 0', 'content-length: 5'],
    'content-type: application/offset+octet-stream',
  ]
  // sendRaw ends its side, and reads until the hub closes
  const whole = await sendRaw(hub.url, [...head, '', 'hello'].join('\r\n'))
  expect([whole.status, whole.headers.get('upload-offset')]).toEqual([204, '5'])
  const credentials = JSON.stringify({ username: 'ann', password })
  const lines = ['x-hubbub-client: token', 'content-type: application/json']
  const login = [
    ...['POST /api/login HTTP/1.1', 'host: localhost'],
    ...lines,
    `content-length: ${credentials.length}`,
    '',
  ]
  expect((await sendRaw(hub.url, [...login, credentials].join('\r\n'))).status).toBe(200)
  // a body that is cut off is no request
  expect((await sendRaw(hub.url, [...login, credentials.slice(0, 20)].join('\r\n'))).status).not.toBe(200)
})

test('the host of an absolute address is checked instead of the header', async () => {
  const { hub, ann } = await makeWorld()
  expectError(await send(hub, 'GET http://evil.example/api/me HTTP/1.1', [bearer(ann), close]), 403)
  const foreign = `GET http://localhost/api/me HTTP/1.1\r\nhost: evil.example\r\n${bearer(ann)}\r\n${close}\r\n\r\n`
  expect((await requestRaw(hub.url, foreign)).status).toBe(200)
})

test('a path is the same however it is written', async () => {
  const { hub, ann } = await makeWorld()
  for (const target of ['/api/me', '/%61pi/me', '/ap%69/%6De', 'http://localhost/api/me']) {
    const response = await send(hub, `GET ${target} HTTP/1.1`, [bearer(ann), close])
    expect([target, response.status, response.headers.get('cache-control')]).toEqual([
      target,
      200,
      'no-store',
    ])
  }
  // encoded once more it is another path
  expect((await send(hub, 'GET /%2561pi/me HTTP/1.1', [bearer(ann), close])).status).toBe(404)
})

test('the name of the scheme of a token is written in any case', async () => {
  const { hub, ann } = await makeWorld()
  for (const scheme of ['Bearer', 'bearer', 'BEARER'])
    expect(
      (await fetch(`${hub.url}/api/me`, { headers: { authorization: `${scheme} ${ann.token}` } })).status,
    ).toBe(200)
})

test('an upload with more bytes than announced gets an error of the hub', async () => {
  const { hub, ann } = await makeWorld()
  const id = await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 })
  const lines = [bearer(ann), 'tus-resumable: 1.0.0', 'upload-offset: 0', 'content-length: 10', close]
  const type = 'content-type: application/offset+octet-stream'
  expectError(await send(hub, `PATCH /api/files/${id} HTTP/1.1`, [...lines, type], '0123456789'), 413)
})

test('the errors of an upload are those of tus', async () => {
  const { hub, ann } = await makeWorld()
  const uploads = `${hub.url}/api/files`
  const tooLarge = await tusRequest('POST', uploads, ann.token, { 'upload-length': '999999999999999' })
  expect(tooLarge.status).toBe(413)
  const id = await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 })
  const json = { 'upload-offset': '0', 'content-type': 'application/json' }
  expect((await tusRequest('PATCH', `${uploads}/${id}`, ann.token, json, Buffer.from('hello'))).status).toBe(
    415,
  )
})

test('each response about an upload has the version of tus, also of a client without a session', async () => {
  const { hub, ann } = await makeWorld()
  const uploads = `${hub.url}/api/files`
  const id = await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 })
  const responses = [
    await tusRequest('POST', uploads, undefined, { 'upload-length': '5' }),
    await tusRequest('POST', uploads, ann.token, { 'upload-length': 'five' }),
    await tusRequest('HEAD', `${uploads}/${id}`, undefined),
    await tusRequest('PATCH', `${uploads}/nothing`, ann.token, { 'upload-offset': '0' }, Buffer.from('x')),
    await tusRequest(
      'PATCH',
      `${uploads}/${id}`,
      ann.token,
      { 'content-type': 'text/html' },
      Buffer.from('x'),
    ),
    await tusRequest('DELETE', `${uploads}/${id}`, ann.token, { 'tus-resumable': '0.2.2' }),
  ]
  expect(responses.map(({ status, headers }) => [status, headers['tus-resumable']])).toEqual(
    [401, 400, 401, 404, 415, 412].map((status) => [status, '1.0.0']),
  )
})

test('HEAD of an upload says the metadata that the hub keeps, also once it is complete', async () => {
  const { hub, ann } = await makeWorld()
  const about = { filename: 'Größe 1.mp4', width: '640', height: '480', duration: '1500' }
  const id = await createUpload(hub.url, ann.token, { name: about.filename, size: 5, about })
  const metadata = async () =>
    (await tusRequest('HEAD', `${hub.url}/api/files/${id}`, ann.token)).headers['upload-metadata']
  expect(await metadata()).toBe(uploadMetadata(about))
  await patchUpload(hub.url, ann.token, id, 0, Buffer.from('hello'))
  expect(await metadata()).toContain(uploadMetadata({ filename: about.filename }))
})

test('a client without PATCH and DELETE names them in X-HTTP-Method-Override', async () => {
  const { hub, ann } = await makeWorld()
  const [kept, cancelled] = [
    await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 }),
    await createUpload(hub.url, ann.token, { name: 'b.txt', size: 5 }),
  ]
  const post = (id: string, method: string, headers = {}, body?: Buffer) =>
    tusRequest(
      'POST',
      `${hub.url}/api/files/${id}`,
      ann.token,
      { 'x-http-method-override': method, ...headers },
      body,
    )
  const patched = await post(kept, 'PATCH', { 'upload-offset': '0' }, Buffer.from('hello'))
  expect([patched.status, patched.headers['upload-offset']]).toEqual([204, '5'])
  expect((await post(cancelled, 'DELETE')).status).toBe(204)
  expect((await tusRequest('HEAD', `${hub.url}/api/files/${cancelled}`, ann.token)).status).toBe(404)
  expect((await post(kept, 'GET')).status).toBe(404)
})

test('HEAD of a file ignores a range, and If-Match is heeded', async () => {
  const { hub, ann } = await makeWorld()
  const id = await createUpload(hub.url, ann.token, { name: 'a.txt', size: 5 })
  const url = `${hub.url}/api/files/${id}`
  await tusRequest('PATCH', url, ann.token, { 'upload-offset': '0' }, Buffer.from('hello'))
  const authorization = `Bearer ${ann.token}`
  const head = await fetch(url, { method: 'HEAD', headers: { authorization, range: 'bytes=0-1' } })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '5'])
  const tag = head.headers.get('etag') ?? ''
  for (const [ifMatch, status] of [
    [tag, 206],
    ['*', 206],
    [`"x", ${tag}`, 206],
    ['"x"', 412],
    [`W/${tag}`, 412],
  ] as const) {
    const headers = { authorization, range: 'bytes=0-1', 'if-match': ifMatch }
    expect([ifMatch, (await fetch(url, { headers })).status]).toEqual([ifMatch, status])
  }
})
