import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { askTls, openTls, pinned, pinOf } from '../support/tls.ts'

test('one port speaks TLS and plain HTTP, and the key of the CA is the identity', async () => {
  const hub = await startTestHub()
  const plain = (await (await fetch(`${hub.url}/api/meta`)).json()) as { hubId: string }
  const pin = pinOf(hub.dataDir)
  const answer = await askTls(hub.url, '/api/meta', pinned(pin))
  expect([answer.status, JSON.parse(answer.body)]).toEqual([200, plain])
  const spki = new X509Certificate(pin).publicKey.export({ type: 'spki', format: 'der' })
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(spki))
  expect(Buffer.from(hash).toString('base64url')).toBe(plain.hubId)
})

test('who pins another hub, or nothing, is not connected', async () => {
  const [hub, other] = await Promise.all([startTestHub(), startTestHub()])
  await expect(openTls(hub.url, pinned(pinOf(other.dataDir)))).rejects.toMatchObject({
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
  })
  await expect(openTls(hub.url, {})).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
})

/** A computer with one address in a home network, as far as the hub can tell. All of 127/8 leads here. */
test('a stranger without TLS is shown the way', async () => {
  const hub = await startTestHub({ host: '0.0.0.0' })
  const [address] = hub.hub.reach.addresses
  // a machine without any network has nothing to show here
  if (address === undefined) return
  const { port } = new URL(hub.url)
  const there = `http://${address}:${port}`
  const page = await fetch(`${there}/login`, { redirect: 'manual' })
  expect([page.status, page.headers.get('location')]).toEqual([307, `https://${address}:${port}/login`])
  expect((await fetch(`${there}/api/meta`)).status).toBe(403)
  expect((await askTls(there, '/api/meta', pinned(pinOf(hub.dataDir)))).status).toBe(200)
})
