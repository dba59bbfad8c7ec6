import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { findRequest } from '../../shared/contract.ts'
import { validatorOf } from '../../server/validate.ts'
import { rawRequest } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/** Bodies that are large for JSON: what one client sends must not stop the others. */

const waitLimit = { timeout: 15_000 }

test('of many unknown members the error names the first, with few as with thousands', async () => {
  const { hub, ann } = await makeWorld()
  for (const count of [1, 7, 8, 9, 40_000]) {
    const members = Object.fromEntries(Array.from({ length: count }, (_, i) => [`k/${i}`, 1]))
    const { status, body } = await rawRequest(hub.url, ann.token, 'me.update', members)
    const message = '“k/0” is not a known member.'
    expect([count, status, body]).toMatchObject([
      count,
      400,
      { error: { code: 'invalid', field: 'k/0', message } },
    ])
  }
})

test('a compressed body is refused with words', async () => {
  const { hub, ann } = await makeWorld()
  const headers = { authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' }
  const send = (encoding: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${hub.url}/api/me`, {
      method: 'PATCH',
      headers: { ...headers, 'content-encoding': encoding },
      body,
    })
  const refused = await send('gzip', new Uint8Array(gzipSync('{"bio":"Cooks."}')))
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining('compressed') } })
  expect((await send('identity', '{"bio":"Cooks."}')).status).toBe(200)
})

test('the library explains a part of a large input only', () => {
  const spec = findRequest('chats.create')
  if (!spec) throw new Error('no such request')
  let read = 0
  const members = Array.from({ length: 100_000 }, () => ({}))
  Object.defineProperty(members, 50_000, { get: () => (read += 1), enumerable: true })
  const problem = validatorOf(spec)({ name: 'Garden', visibility: 'public', members })
  expect(problem).toMatchObject({ code: 'invalid', field: 'members' })
  expect(read).toBe(0)
})

test('the large bodies of an address wait for their turns, and only so many of them', async () => {
  const { hub } = await makeWorld()
  const { turns } = hub.hub
  const held: (() => void)[] = []
  const wait = vi.spyOn(turns, 'wait').mockImplementation((key, run) => held.push(run) > 0 && key !== '')
  const padding = 'x'.repeat(500_000)
  const statuses: number[] = []
  const send = async () => {
    const { status } = await rawRequest(hub.url, undefined, 'accounts.checkInvite', { invite: padding })
    statuses.push(status)
  }
  const sent = Array.from({ length: 20 }, send)
  // 16 of them are 8 MB, and the others are refused before they are read
  await vi.waitFor(() => expect([held.length, statuses]).toEqual([16, [429, 429, 429, 429]]), waitLimit)
  // a small one does not wait
  expect((await rawRequest(hub.url, undefined, 'accounts.checkInvite', { invite: 'x' })).status).toBe(403)
  wait.mockRestore()
  for (const run of held) run()
  await Promise.all(sent)
  expect(statuses.slice(4)).toEqual(Array(16).fill(413))
})
