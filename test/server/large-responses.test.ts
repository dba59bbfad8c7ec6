import { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { requestOverTls } from '../support/tls.ts'

const chunkBytes = 64 * 1024

test('a large response is encrypted in parts, since a connection keeps a buffer of the longest', async () => {
  const hub = await startTestHub()
  const plain = await (await fetch(`${hub.url}/api/openapi.json`)).text()
  expect(plain.length).toBeGreaterThan(2 * chunkBytes)
  const write = vi.spyOn(TLSSocket.prototype, 'write')
  onTestFinished(() => void write.mockRestore())
  const { status, headers, body } = await requestOverTls(hub.url, '/api/openapi.json', {
    rejectUnauthorized: false,
  })
  const lengths = write.mock.calls.map(([data]) => data.length)
  expect(Math.max(...lengths)).toBe(chunkBytes)
  expect([status, headers['content-length']]).toEqual([200, String(Buffer.byteLength(plain))])
  expect(body).toBe(plain)
  const head = await requestOverTls(
    hub.url,
    '/api/openapi.json',
    { rejectUnauthorized: false },
    { method: 'HEAD' },
  )
  expect([head.headers['content-length'], head.body]).toEqual([headers['content-length'], ''])
})
