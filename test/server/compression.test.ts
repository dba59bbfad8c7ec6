import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { compressPage } from '../../scripts/compress-page.ts'
import { chooseCoding } from '../../server/content-encoding.ts'
import { mayCompress } from '../../server/http/compressed-responses.ts'
import { requests } from '../../shared/contract.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'

interface RawResponse {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** As it crosses the network: fetch would decompress it. */
function requestRaw(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<RawResponse> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, method, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

const decoders = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync }
type Coding = keyof typeof decoders
const codings = Object.keys(decoders) as Coding[]

function decode({ headers, body }: RawResponse): string {
  const coding = headers['content-encoding'] as Coding | undefined
  return (coding === undefined ? body : decoders[coding](body)).toString()
}

const indexHtml = `<!doctype html><title>the page</title>${'<p>a line of the page</p>'.repeat(200)}`
const script = `export {}\n${'// a line of the script\n'.repeat(200)}`

/** A built page; `made`: with its compressed forms, as the build writes them. */
async function createPage(made: boolean): Promise<string> {
  const parent = newDataDir()
  const dir = join(parent, 'renderer')
  mkdirSync(join(dir, 'assets'), { recursive: true })
  writeFileSync(join(dir, 'index.html'), indexHtml)
  writeFileSync(join(dir, '404.html'), indexHtml)
  writeFileSync(join(dir, 'assets', 'index-A1.js'), script)
  writeFileSync(join(dir, 'assets', 'small-A2.js'), 'export {}')
  writeFileSync(join(dir, 'assets', 'inter-A3.woff2'), Buffer.alloc(4000, 'font'))
  if (made) await compressPage(dir, join(parent, 'compressed'))
  return dir
}

test.each(codings)('a client that accepts %s gets the page and its scripts in it', async (coding) => {
  const { url } = await startTestHub({ pagesDir: await createPage(true) })
  for (const [path, text] of [
    ['/', indexHtml],
    ['/assets/index-A1.js', script],
    ['/nothing', indexHtml],
  ] as const) {
    const response = await requestRaw(url, path, { 'accept-encoding': coding })
    expect(response.headers['content-encoding'], path).toBe(coding)
    expect(response.headers.vary).toBe('accept-encoding')
    expect(response.body.length).toBeLessThan(text.length / 10)
    expect(Number(response.headers['content-length'])).toBe(response.body.length)
    expect(decode(response)).toBe(text)
    const head = await requestRaw(url, path, { 'accept-encoding': coding }, 'HEAD')
    expect(head.headers['content-encoding']).toBe(coding)
    expect(head.body).toHaveLength(0)
  }
})

test('a browser that accepts every coding gets the smallest, and one that accepts none gets the file', async () => {
  const { url } = await startTestHub({ pagesDir: await createPage(true) })
  const path = '/assets/index-A1.js'
  for (const accept of ['gzip, deflate, br, zstd', '*', 'zstd;q=1.0, br;q=0.1', 'BR']) {
    const response = await requestRaw(url, path, { 'accept-encoding': accept })
    expect([accept, response.headers['content-encoding']]).toEqual([accept, 'br'])
  }
  for (const accept of ['', 'identity', 'deflate', 'br;q=0, gzip;q=0.0', '*;q=0', 'x-gzip, brotli']) {
    const response = await requestRaw(url, path, { 'accept-encoding': accept })
    expect([accept, response.headers['content-encoding']]).toEqual([accept, undefined])
    expect(response.body.toString()).toBe(script)
    expect(response.headers.vary).toBe('accept-encoding')
  }
  const old = await requestRaw(url, path)
  expect(old.headers['content-encoding']).toBeUndefined()
  const partly = await requestRaw(url, path, { 'accept-encoding': 'br;q=0, *' })
  expect(partly.headers['content-encoding']).toBe('zstd')
})

test('each form of a file has its own ETag, and a client is only told “not modified” about its own', async () => {
  const { url } = await startTestHub({ pagesDir: await createPage(true) })
  const etags = new Map<string, string>()
  for (const coding of ['identity', ...codings]) {
    const { headers } = await requestRaw(url, '/', { 'accept-encoding': coding })
    etags.set(coding, String(headers.etag))
  }
  expect(new Set(etags.values()).size).toBe(4)
  for (const coding of ['identity', ...codings]) {
    for (const [of, etag] of etags) {
      for (const tags of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const headers = { 'accept-encoding': coding, 'if-none-match': tags }
        const { status } = await requestRaw(url, '/', headers)
        expect([coding, tags, status]).toEqual([coding, tags, of === coding ? 304 : 200])
      }
    }
  }
})

test('fonts and small files are sent as they are', async () => {
  const { url } = await startTestHub({ pagesDir: await createPage(true) })
  for (const path of ['/assets/small-A2.js', '/assets/inter-A3.woff2']) {
    const { headers } = await requestRaw(url, path, { 'accept-encoding': 'gzip, br, zstd' })
    expect([path, headers['content-encoding'], headers.vary]).toEqual([path, undefined, undefined])
  }
})

test('without the compressed forms, as in the desktop app, they are made when a client asks', async () => {
  const { url } = await startTestHub({ pagesDir: await createPage(false) })
  for (const [accept, expected] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['zstd', 'zstd'],
    ['deflate', undefined],
  ] as const) {
    const responses = await Promise.all(
      ['/', '/', '/assets/index-A1.js'].map((path) => requestRaw(url, path, { 'accept-encoding': accept })),
    )
    expect(responses.map(({ headers }) => headers['content-encoding'])).toEqual([
      expected,
      expected,
      expected,
    ])
    expect(responses.map(decode)).toEqual([indexHtml, indexHtml, script])
  }
})

test('a build while the hub runs takes nothing from the page that it serves', async () => {
  const dir = await createPage(true)
  const { url } = await startTestHub({ pagesDir: dir })
  expect((await requestRaw(url, '/nothing')).status).toBe(404)
  rmSync(join(dir, '..', 'compressed'), { recursive: true })
  for (const coding of codings) {
    const response = await requestRaw(url, '/', { 'accept-encoding': coding })
    expect([response.headers['content-encoding'], decode(response)]).toEqual([coding, indexHtml])
  }
})

test('a form of an earlier build is never sent for a file of this one', async () => {
  const dir = await createPage(true)
  writeFileSync(join(dir, 'index.html'), `${indexHtml}<p>changed</p>`)
  const { url } = await startTestHub({ pagesDir: dir })
  const response = await requestRaw(url, '/', { 'accept-encoding': 'br, gzip' })
  expect(decode(response)).toBe(`${indexHtml}<p>changed</p>`)
})

test('the documents of the hub are compressed too', async () => {
  const { url } = await startTestHub()
  for (const path of ['/api/docs', '/api/docs.css', '/api/openapi.json', '/trust.css']) {
    const response = await requestRaw(url, path, { 'accept-encoding': 'gzip' })
    const plain = await requestRaw(url, path)
    expect([path, response.headers['content-encoding']]).toEqual([path, 'gzip'])
    expect(decode(response)).toBe(plain.body.toString())
    expect(response.headers['cache-control']).toBe(plain.headers['cache-control'])
  }
})

// JSON

function requestAs(
  user: TestUser,
  path: string,
  accept: string | undefined = 'gzip, br, zstd',
): Promise<RawResponse> {
  return requestRaw(user.url, path, {
    authorization: `Bearer ${user.token}`,
    ...(accept === undefined ? {} : { 'accept-encoding': accept }),
  })
}

test('the messages of a chat and the list of users are compressed above 1 KB', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const kitchen = await olga.createGroup('kitchen')
  const messages = `/api/chats/${kitchen.id}/messages`
  await olga.sendMessage(kitchen.id, 'short')
  const small = await requestAs(olga, messages)
  expect(small.headers['content-encoding']).toBeUndefined()
  expect(small.headers.vary).toBe('accept-encoding')
  for (let n = 0; n < 20; n += 1) await olga.sendMessage(kitchen.id, `message ${n} and some more words`)
  for (const [accept, expected] of [
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ] as const) {
    const response = await requestAs(olga, messages, accept)
    expect(response.headers['content-encoding']).toBe(expected)
    expect(response.headers.vary).toBe('accept-encoding')
    expect(JSON.parse(decode(response))).toMatchObject({ more: false })
    if (expected) expect(response.body.length).toBeLessThan(decode(response).length / 3)
  }
  const stream = await requestAs(olga, `/api/streams/chat:${kitchen.id}?after=0`)
  expect(stream.headers['content-encoding']).toBe('zstd')
})

test('a response that mixes what others chose with secrets is never compressed', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const bo = await hub.registerUser('bo')
  const chosen = 'a text that another user chose '.repeat(60)
  const kitchen = await olga.createGroup('kitchen', [bo])
  for (let n = 0; n < 12; n += 1) {
    const group = await bo.createGroup(`group ${n}`, [olga])
    await bo.sendMessage(group.id, chosen)
    await olga.request('admin.invites.create', {})
  }
  const message = await bo.sendMessage(kitchen.id, chosen)
  await olga.request('saved.add', { messageId: message.id })
  await olga.request('drafts.set', { chatId: kitchen.id, text: chosen, version: 'v1' })
  await olga.request('me.update', { bio: 'x'.repeat(200), settings: {} })
  for (const path of [
    '/api/me',
    '/api/chats',
    '/api/search?q=text',
    '/api/me/saved',
    '/api/threads',
    '/api/me/drafts',
    `/api/streams/user:${olga.id}?after=0`,
    '/api/me/sessions',
    '/api/me/tokens',
    '/api/admin/invites',
    '/api/admin/audit',
    '/api/admin/users',
  ]) {
    const response = await requestAs(olga, path)
    expect([path, response.status, response.headers['content-encoding']]).toEqual([path, 200, undefined])
  }
  // Some of them are large enough that they would have been.
  const large = await Promise.all(
    ['/api/chats', '/api/admin/invites', `/api/streams/user:${olga.id}?after=0`].map((path) =>
      requestAs(olga, path),
    ),
  )
  for (const { status, body } of large) {
    expect(status).toBe(200)
    expect(body.length).toBeGreaterThan(1024)
  }
})

test('no request whose response holds a secret, or is of the administration, may be compressed', () => {
  const secret = /token|csrf|recoveryKey|invite|url|code|secret|password|audit|settings|draft/i
  for (const [name, { output, path, method }] of Object.entries(requests)) {
    const input = { stream: 'user:u1' }
    if (!mayCompress(name, input)) continue
    expect(method, name).toBe('GET')
    expect(path, name).not.toMatch(/\/(admin|me|login|register|setup|recovery|search|saved|drafts)\b/)
    const members = Object.keys((output as { properties?: object } | undefined)?.properties ?? {})
    expect(members.filter((member) => secret.test(member), name)).toEqual([])
  }
  expect(mayCompress('streams.read', { stream: 'user:u1' })).toBe(false)
  expect(mayCompress('streams.read', { stream: 'chat:c1' })).toBe(true)
  expect(mayCompress('streams.read', {})).toBe(false)
  expect(mayCompress('toString', {})).toBe(false)
})

test('the header Accept-Encoding is read as RFC 9110 says', () => {
  const offered = ['br', 'zstd', 'gzip'] as const
  expect(chooseCoding(undefined, offered)).toBeUndefined()
  expect(chooseCoding('', offered)).toBeUndefined()
  expect(chooseCoding('gzip;q=0.5, br;q=0', offered)).toBe('gzip')
  expect(chooseCoding(' GZIP ; Q=0.001 ', offered)).toBe('gzip')
  expect(chooseCoding('*', [])).toBeUndefined()
  expect(chooseCoding(`${'x,'.repeat(5000)}zstd`, offered)).toBe('zstd')
})
