import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { UnsentResponses } from '../../server/unsent-responses.ts'

const server = createServer()
afterEach(() => server.close())

/** Returns the response to a request whose client waits for it, and what ends that client. */
async function openResponse(): Promise<{ response: ServerResponse; hangUp: () => void }> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const client = request({ host: '127.0.0.1', port }).on('error', () => {})
  client.end()
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return { response, hangUp: () => client.destroy() }
}

const tooMuch = { bytes: 9 * 1024 * 1024 }

test('a response counts until its client has gone', async () => {
  const unsent = new UnsentResponses()
  const { response, hangUp } = await openResponse()
  unsent.count('ann', response, tooMuch)
  expect(() => unsent.requireRead('ann')).toThrow('Too many responses')
  hangUp()
  await once(response, 'close')
  expect(() => unsent.requireRead('ann')).not.toThrow()
})

test('a response whose client has gone before it was ready does not count', async () => {
  const unsent = new UnsentResponses()
  const { response, hangUp } = await openResponse()
  hangUp()
  await once(response, 'close')
  unsent.count('ann', response, tooMuch)
  expect(() => unsent.requireRead('ann')).not.toThrow()
})
