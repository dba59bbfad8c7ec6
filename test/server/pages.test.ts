import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { createBadUrlHandler, registerPages } from '../../server/pages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { makeWorld } from '../support/world.ts'

interface PageResponse {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Sends the path unchanged. fetch would resolve the dots before the hub sees them. */
function requestPage(
  url: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<PageResponse> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const requested = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    requested.on('error', reject).end()
  })
}

const indexHtml = '<!doctype html><title>the page</title>'
const notFoundHtml = '<!doctype html><title>not here</title>'
const secretText = 'only for the hub machine'

/** A build output, with a file next to it that must not be served. */
function createBuiltPage(): string {
  const parent = newDataDir()
  writeFileSync(join(parent, 'secret.txt'), secretText)
  const dir = join(parent, 'renderer')
  mkdirSync(join(dir, 'assets'), { recursive: true })
  writeFileSync(join(dir, 'index.html'), indexHtml)
  writeFileSync(join(dir, '404.html'), notFoundHtml)
  writeFileSync(join(dir, 'assets', 'index-C3x9_a-b.js'), 'export {}')
  writeFileSync(join(dir, 'assets', 'index-D4.css'), ':root {}')
  writeFileSync(join(dir, 'assets', 'inter-E5.woff2'), 'font')
  writeFileSync(join(dir, 'assets', 'notes.exe'), 'of no type we serve')
  return dir
}

async function startHubWithPage(): Promise<string> {
  return (await startTestHub({ pagesDir: createBuiltPage() })).url
}

test('every path of the page returns index.html', async () => {
  const url = await startHubWithPage()
  for (const path of ['/', '/login', '/register', '/setup', '/join?code=x', '/chat/Ab_-9', '/?a=/../b']) {
    const response = await requestPage(url, path)
    expect(response, path).toMatchObject({ status: 200, text: indexHtml })
    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    })
  }
  expect(await requestPage(url, '/login', 'HEAD')).toMatchObject({ status: 200, text: '' })
})

test('a request with the current ETag returns 304', async () => {
  const url = await startHubWithPage()
  const { headers } = await requestPage(url, '/')
  const again = await requestPage(url, '/login', 'GET', { 'if-none-match': headers.etag as string })
  expect(again).toMatchObject({ status: 304, text: '' })
  expect((await requestPage(url, '/', 'GET', { 'if-none-match': '"another"' })).status).toBe(200)
})

test('a file with a hash in its name is cached as immutable', async () => {
  const url = await startHubWithPage()
  const types = {
    '/assets/index-C3x9_a-b.js': 'text/javascript; charset=utf-8',
    '/assets/index-D4.css': 'text/css; charset=utf-8',
    '/assets/inter-E5.woff2': 'font/woff2',
  }
  for (const [path, type] of Object.entries(types)) {
    const { status, headers } = await requestPage(url, path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe(type)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  }
})

test('an unknown path returns a page with status 404', async () => {
  const url = await startHubWithPage()
  const unknown = [
    '/nothing',
    '/login/x',
    '/chat/',
    '/chat/a%20b',
    '/assets/',
    '/assets/gone.js',
    '/assets/notes.exe',
  ]
  for (const path of [...unknown, '/index.html', '/404.html', '/404', '/apis', '//', '/Login']) {
    const response = await requestPage(url, path)
    expect(response, path).toMatchObject({ status: 404, text: notFoundHtml })
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(response.headers['cache-control']).toBe('no-cache')
  }
  expect(await requestPage(url, '/login', 'DELETE')).toMatchObject({ status: 404 })
})

test('an unknown path under /api returns JSON', async () => {
  const url = await startHubWithPage()
  for (const [path, method] of [
    ['/api', 'GET'],
    ['/api/', 'GET'],
    ['/api/nothing', 'GET'],
    ['/api/nothing?x', 'POST'],
    ['/api/meta', 'DELETE'],
    ['/api/../api/x', 'GET'],
  ] as const) {
    const response = await requestPage(url, path, method)
    expect(response.status, path).toBe(404)
    expect(JSON.parse(response.text)).toEqual({ error: { code: 'not_found', message: expect.any(String) } })
    expect(response.headers['cache-control']).toBe('no-store')
  }
})

test('no file outside the built page is served', async () => {
  const url = await startHubWithPage()
  const climbing = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%252fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/assets/..%c0%afsecret.txt',
    '/assets%00/../secret.txt',
    '//../secret.txt',
    '/./secret.txt',
    '/assets/index-D4.css/../../../secret.txt',
    'http://other.example/../secret.txt',
  ]
  for (const path of climbing) {
    const response = await requestPage(url, path)
    expect(response.text, path).not.toContain(secretText)
    expect([400, 403, 404], path).toContain(response.status)
  }
})

test('every kind of response has the strict security headers', async () => {
  const url = await startHubWithPage()
  const kinds: [string, string?, Record<string, string>?][] = [
    ['/'],
    ['/assets/index-D4.css'],
    ['/nothing'],
    ['/%zz'],
    ['/api/meta'],
    ['/api/me'],
    ['/api/nothing'],
    ['/api/docs'],
    ['/api/docs.css'],
    ['/api/openapi.json'],
    ['/api/login', 'POST'],
    ['/live'],
    ['/', 'GET', { host: 'evil.example' }],
    ['/', 'OPTIONS'],
  ]
  for (const [path, method, headers] of kinds) {
    const response = await requestPage(url, path, method, headers)
    const csp = response.headers['content-security-policy'] as string
    expect(csp, path).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(csp).toContain("require-trusted-types-for 'script'; trusted-types lit-html")
    expect(csp).not.toContain('unsafe')
    expect(response.headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('geolocation=()'),
    })
    expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    expect(response.headers).not.toHaveProperty('x-powered-by')
    if (path.startsWith('/api')) expect(response.headers['cache-control'], path).toBe('no-store')
  }
})

test('without a built page the hub explains how to build it, and serves it once it exists', async () => {
  const dir = join(newDataDir(), 'renderer')
  const { url } = await startTestHub({ pagesDir: dir })
  const before = await requestPage(url, '/login')
  expect(before.status).toBe(503)
  expect(before.text).toContain('npm run build')
  expect(await requestPage(url, '/nothing')).toMatchObject({ status: 404 })
  mkdirSync(dir)
  writeFileSync(join(dir, 'index.html'), indexHtml)
  expect(await requestPage(url, '/login')).toMatchObject({ status: 200, text: indexHtml })
})

const malformedPaths = [
  '/%zz',
  '/chat/%E0%A4%A',
  '/%',
  '/settings/%ff',
  '/%E0%A4%A?a=1',
  `/chat/${'a'.repeat(3000)}`,
]
const browserAccept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

test('a browser gets the page for an unknown address at a malformed one, too', async () => {
  const url = await startHubWithPage()
  for (const path of malformedPaths) {
    const { status, text, headers } = await requestPage(url, path, 'GET', { accept: browserAccept })
    expect([path, status >= 400, text]).toEqual([path, true, notFoundHtml])
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  }
})

test('a malformed address returns our error to a program, and under /api to everyone', async () => {
  const url = await startHubWithPage()
  const requests = [
    ...['/%zz', '/chat/%E0%A4%A'].map((path) => [path, '*/*']),
    ...['/api/%zz', '/api/chats/%E0%A4%A'].map((path) => [path, browserAccept]),
  ] as const
  for (const [path = '', accept = ''] of requests) {
    const { status, text, headers } = await requestPage(url, path, 'GET', { accept })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual({ error: { code: 'invalid', message: expect.any(String) } })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  }
})

test('without a built page a malformed address returns our error to a browser, too', async () => {
  const app = Fastify({ frameworkErrors: createBadUrlHandler(join(newDataDir(), 'renderer')) })
  onTestFinished(() => app.close())
  await app.register(registerPages, { dir: createBuiltPage() })
  const response = await requestPage(await app.listen({ port: 0 }), '/%zz', 'GET', { accept: browserAccept })
  expect(response.status).toBe(400)
  expect(JSON.parse(response.text)).toEqual({ error: { code: 'invalid', message: expect.any(String) } })
})

test('the icon that browsers ask for by its name is served as an icon', async () => {
  const dir = createBuiltPage()
  writeFileSync(join(dir, 'favicon.ico'), 'icon')
  const { url } = await startTestHub({ pagesDir: dir })
  const { status, headers } = await requestPage(url, '/favicon.ico')
  expect([status, headers['content-type']]).toEqual([200, 'image/x-icon'])
})

// hole H4 of the original app
test('text of users is returned as JSON and never as a page', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const script = '<script>alert(1)</script><img src=x onerror=alert(1)>'
  await ann.sendMessage(kitchen.id, script)
  const group = await ann.createGroup(script.slice(0, 60), [], 'public')
  for (const path of [
    `/api/chats/${kitchen.id}/messages`,
    '/api/chats',
    `/api/chats/${group.id}`,
    `/api/${script}`,
  ]) {
    const response = await fetch(hub.url + path, { headers: { authorization: `Bearer ${ann.token}` } })
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
  }
  const unknown = await fetch(`${hub.url}/${encodeURIComponent(script)}?q=${script}`)
  expect(await unknown.text()).not.toContain('alert(1)')
})

// hole H10 of the original app
test('no response of the hub loads anything from another machine', async () => {
  const { hub } = await makeWorld()
  for (const path of ['/', '/login', '/nothing', '/api/docs', '/api/docs.css', '/api/openapi.json']) {
    const response = await fetch(hub.url + path)
    const text = await response.text()
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    expect(response.headers.get('content-security-policy')).not.toMatch(/https?:|\*/)
    expect([path, [...text.matchAll(/(?:src|href)="(https?:)?\/\/|url\((["']?)(https?:)?\/\//g)]]).toEqual([
      path,
      [],
    ])
  }
})
