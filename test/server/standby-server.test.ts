// The server of a computer that only follows a hub.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { buildStandbyServer } from '../../server/http/moved.ts'
import type { Moved } from '../../server/live/standing.ts'

const hubId = 'h'.repeat(43)
const places = [
  {
    node: 'a',
    name: 'Olga’s "computer"',
    role: 'hub' as const,
    addresses: ['10.0.0.5:7788', '[fd00::5]:7788'],
  },
  { node: 'b', name: 'Ann’s computer', role: 'standby' as const, addresses: ['10.0.0.6:7788'] },
]

async function listen(moved: () => Moved): Promise<string> {
  const app = await buildStandbyServer({ hubId, moved, log: pino({ level: 'silent' }) })
  onTestFinished(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

test('names the places for every request of the interface, and never what it has', async () => {
  const url = await listen(() => ({ code: 'moved', places }))
  for (const [method, path] of [
    ['GET', '/api/meta'],
    ['POST', '/api/login'],
    ['GET', '/api/me'],
    ['GET', '/api/files/abc'],
    ['PUT', '/api/anything'],
    ['OPTIONS', '/api/meta'],
  ] as const) {
    const body = method === 'POST' || method === 'PUT' ? '{"a":1}' : undefined
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body ? { body } : {}),
    })
    expect([path, response.status]).toEqual([path, 503])
    expect(await response.json()).toEqual({
      error: {
        code: 'busy',
        message: 'This hub runs on “Olga’s "computer"” now. Connect there.',
        moved: places,
      },
    })
    expect(response.headers.get('cache-control')).toBe('no-store')
  }
  const socket = await fetch(`${url}/live`)
  expect(socket.status).toBe(404)
})

test('leads browsers to the hub, with nothing of its names taken as HTML', async () => {
  let moved: Moved = { code: 'moved', places }
  const url = await listen(() => moved)
  const page = async () => {
    const response = await fetch(`${url}/chat/1`, { headers: { accept: 'text/html' } })
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    return response.text()
  }
  const text = await page()
  expect(text).toContain('<h1>The hub has moved to Olga’s &#34;computer&#34;</h1>')
  expect(text).toContain('<a href="https://10.0.0.5:7788/">')
  expect(text).toContain('<a href="https://[fd00::5]:7788/">')
  expect(text).not.toContain('10.0.0.6')
  moved = { code: 'moving', places }
  expect(await page()).toContain('The hub is moving to another computer')
  moved = { code: 'moved', places: [] }
  expect(await page()).toContain('Ask its owner for the address')
  for (const asset of ['/moved.css', '/moved.js']) expect((await fetch(url + asset)).status).toBe(200)
  expect((await fetch(`${url}/api/meta`)).status).toBe(503)
})
