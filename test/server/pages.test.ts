import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { answerBadAddress, pages } from '../../server/pages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Sends an address as it is: fetch would tidy up the dots before they reach the hub. */
function ask(
  url: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.on('error', reject).end()
  })
}

const index = '<!doctype html><title>the page</title>'
const lost = '<!doctype html><title>not here</title>'
const secret = 'only for the hub machine'

/** What the build makes, with a file beside it that nobody may get. */
function builtPage(): string {
  const parent = newDataDir()
  writeFileSync(join(parent, 'secret.txt'), secret)
  const dir = join(parent, 'renderer')
  mkdirSync(join(dir, 'assets'), { recursive: true })
  writeFileSync(join(dir, 'index.html'), index)
  writeFileSync(join(dir, '404.html'), lost)
  writeFileSync(join(dir, 'assets', 'index-C3x9_a-b.js'), 'export {}')
  writeFileSync(join(dir, 'assets', 'index-D4.css'), ':root {}')
  writeFileSync(join(dir, 'assets', 'inter-E5.woff2'), 'font')
  writeFileSync(join(dir, 'assets', 'notes.exe'), 'of no type we serve')
  return dir
}

async function hubUrl(): Promise<string> {
  return (await startTestHub({ pagesDir: builtPage() })).url
}

test('every address of the page answers the page', async () => {
  const url = await hubUrl()
  for (const path of ['/', '/login', '/register', '/setup', '/join?code=x', '/chat/Ab_-9', '/?a=/../b']) {
    const answer = await ask(url, path)
    expect(answer, path).toMatchObject({ status: 200, text: index })
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    })
  }
  expect(await ask(url, '/login', 'HEAD')).toMatchObject({ status: 200, text: '' })
})

test('whoever has the page already is not sent it again', async () => {
  const url = await hubUrl()
  const { headers } = await ask(url, '/')
  const again = await ask(url, '/login', 'GET', { 'if-none-match': headers.etag as string })
  expect(again).toMatchObject({ status: 304, text: '' })
  expect((await ask(url, '/', 'GET', { 'if-none-match': '"another"' })).status).toBe(200)
})

test('what has a hash in its name is kept for good', async () => {
  const url = await hubUrl()
  const types = {
    '/assets/index-C3x9_a-b.js': 'text/javascript; charset=utf-8',
    '/assets/index-D4.css': 'text/css; charset=utf-8',
    '/assets/inter-E5.woff2': 'font/woff2',
  }
  for (const [path, type] of Object.entries(types)) {
    const { status, headers } = await ask(url, path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe(type)
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  }
})

test('an address that nobody knows is a page with status 404', async () => {
  const url = await hubUrl()
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
    const answer = await ask(url, path)
    expect(answer, path).toMatchObject({ status: 404, text: lost })
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-cache')
  }
  expect(await ask(url, '/login', 'DELETE')).toMatchObject({ status: 404 })
})

test('under /api it is JSON', async () => {
  const url = await hubUrl()
  for (const [path, method] of [
    ['/api', 'GET'],
    ['/api/', 'GET'],
    ['/api/nothing', 'GET'],
    ['/api/nothing?x', 'POST'],
    ['/api/meta', 'DELETE'],
    ['/api/../api/x', 'GET'],
  ] as const) {
    const answer = await ask(url, path, method)
    expect(answer.status, path).toBe(404)
    expect(JSON.parse(answer.text)).toEqual({ error: { code: 'not_found', message: expect.any(String) } })
    expect(answer.headers['cache-control']).toBe('no-store')
  }
})

test('nothing outside the built page can be asked for', async () => {
  const url = await hubUrl()
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
    const answer = await ask(url, path)
    expect(answer.text, path).not.toContain(secret)
    expect([400, 403, 404], path).toContain(answer.status)
  }
})

test('every kind of answer has the strict headers', async () => {
  const url = await hubUrl()
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
    const answer = await ask(url, path, method, headers)
    const csp = answer.headers['content-security-policy'] as string
    expect(csp, path).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(csp).toContain("require-trusted-types-for 'script'; trusted-types lit-html")
    expect(csp).not.toContain('unsafe')
    expect(answer.headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('geolocation=()'),
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    expect(answer.headers).not.toHaveProperty('x-powered-by')
    if (path.startsWith('/api')) expect(answer.headers['cache-control'], path).toBe('no-store')
  }
})

test('without a built page the hub says how to build it, and shows it once it is there', async () => {
  const dir = join(newDataDir(), 'renderer')
  const { url } = await startTestHub({ pagesDir: dir })
  const before = await ask(url, '/login')
  expect(before.status).toBe(503)
  expect(before.text).toContain('npm run build')
  expect(await ask(url, '/nothing')).toMatchObject({ status: 404 })
  mkdirSync(dir)
  writeFileSync(join(dir, 'index.html'), index)
  expect(await ask(url, '/login')).toMatchObject({ status: 200, text: index })
})

test('an address that cannot be decoded is refused in our words and under our headers', async () => {
  const app = Fastify({ frameworkErrors: answerBadAddress })
  onTestFinished(() => app.close())
  await app.register(pages, { dir: builtPage() })
  const answer = await ask(await app.listen({ port: 0 }), '/%zz')
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text)).toEqual({ error: { code: 'invalid', message: expect.any(String) } })
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
})
