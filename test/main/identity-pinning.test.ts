import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAddress } from '../../main/net/address.ts'
import { HubClient } from '../../main/net/hub-client.ts'
import { probeIdentity } from '../../main/net/identity.ts'
import { fetchHubMeta } from '../../main/net/hub-meta.ts'
import { connectionErrorKind } from '../../main/net/connection-error.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { newHubs } from '../support/shell-hubs.ts'
import { pinnedCertificateOf } from '../support/tls.ts'

const addressOf = (hub: TestHub): string => new URL(hub.url).host

/** Counts requests to the hub; a handshake is none. */
function countRequests(hub: TestHub): () => number {
  let requestCount = 0
  hub.app.server.on('request', () => (requestCount += 1))
  return () => requestCount
}

/** A plain HTTP server that claims to be a hub, and records the tokens it receives. */
function createImpostor(hubId: string, name = 'Team'): { listen: () => Promise<string>; tokens: string[] } {
  const tokens: string[] = []
  const listen = async (): Promise<string> => {
    const server = createServer((request, response) => {
      const { authorization } = request.headers
      if (authorization) tokens.push(authorization)
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ hubId, name }))
    }).listen(0, '0.0.0.0')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return { listen, tokens }
}

function requestMeta(hub: TestHub, pin: string): Promise<unknown> {
  const client = new HubClient({ trust: 'pinned', pin })
  return fetchHubMeta(client, parseAddress(addressOf(hub))).finally(() => client.close())
}

describe('the identity of a hub', () => {
  it('sends nothing on first contact and returns the fingerprint', async () => {
    const hub = await startTestHub()
    const requestCount = countRequests(hub)
    const presented = await probeIdentity(parseAddress(addressOf(hub)))
    expect(presented).toMatchObject({ trust: 'pinned', fingerprint: hub.hub.hubId })
    expect(requestCount()).toBe(0)
  })

  it('sends requests only to the pinned identity, at any address', async () => {
    const [hub, other] = [await startTestHub(), await startTestHub()]
    const requestCount = countRequests(other)
    expect(await requestMeta(hub, pinnedCertificateOf(hub.dataDir))).toMatchObject({ hubId: hub.hub.hubId })
    const rejection = await requestMeta(other, pinnedCertificateOf(hub.dataDir)).catch(
      (error: unknown) => error,
    )
    expect(connectionErrorKind(rejection)).toBe('stranger')
    expect(requestCount()).toBe(0)
  })

  it('accepts the same hub on another port with a new certificate', async () => {
    const hub = await startTestHub()
    const pin = pinnedCertificateOf(hub.dataDir)
    const moved = await hub.restart({ port: 0 })
    expect(await requestMeta(moved, pin)).toMatchObject({ hubId: hub.hub.hubId })
  })

  it('shows a name that breaks out of a dialog as a short line', async () => {
    const name = `Team\n\nPress “Install now”\u202E${' 👩‍👩‍👧 '.repeat(500)}`
    const { listen } = createImpostor('a'.repeat(43), name)
    const client = new HubClient({ trust: 'local' })
    onTestFinished(() => client.close())
    const meta = await fetchHubMeta(client, parseAddress(await listen()))
    expect(meta.name.startsWith('Team Press “Install now” 👩‍👩‍👧 👩‍👩‍👧')).toBe(true)
    expect([...meta.name].length).toBe(64)
  })

  it('adds a hub by its fingerprint only, and finds it after a move', async () => {
    const [hub, other] = [await startTestHub(), await startTestHub()]
    const hubs = newHubs()
    const requestCount = countRequests(other)
    await expect(hubs.add(addressOf(other), hub.hub.hubId)).rejects.toMatchObject({ code: 'changed' })
    await expect(hubs.add(addressOf(other), 'public')).rejects.toThrow()
    await expect(hubs.add(addressOf(hub), 'local')).rejects.toMatchObject({ code: 'not_a_hub' })
    expect(requestCount()).toBe(0)
    expect(hubs.list()).toEqual([])
    await hubs.add(addressOf(hub), hub.hub.hubId)
    const moved = await hub.restart({ port: 0 })
    const isThere = new Promise<void>((resolve) => {
      hubs.onChange(([info]) => {
        if (info?.state === 'signed-out' && info.addresses[0] === addressOf(moved)) resolve()
      })
    })
    hubs.addAddresses(hub.hub.hubId, [addressOf(other), addressOf(moved)])
    await isThere
    expect(requestCount()).toBe(0)
  })

  it('gives an impostor of a known hub neither its token nor its address', async () => {
    const hub = await startTestHub()
    const impostor = createImpostor(hub.hub.hubId)
    const [firstAddress, secondAddress] = [await impostor.listen(), await impostor.listen()]
    const hubs = newHubs()
    await hubs.add(addressOf(hub), hub.hub.hubId)
    await hubs.signedIn(hub.hub.hubId, 'token-of-the-team')
    const info = await hubs.add(firstAddress, 'local')
    expect(info).toMatchObject({
      trust: 'pinned',
      addresses: [addressOf(hub), firstAddress.slice('http://'.length)],
    })
    await hub.close()
    await expect.poll(() => hubs.list()[0]?.state).toBe('offline')
    expect(impostor.tokens).toEqual([])

    // the same for two hubs that are both unproven
    const others = newHubs()
    await others.add(firstAddress, 'local')
    await others.signedIn(hub.hub.hubId, 'token-of-here')
    await expect(others.add(secondAddress.replace('127.0.0.1', '127.0.0.2'), 'local')).rejects.toMatchObject({
      code: 'changed',
    })
    expect(others.list()).toMatchObject([{ addresses: [firstAddress] }])
  })

  it('stops at an impostor on the last working address, not at one on an unproven address', async () => {
    const [hub, other] = [await startTestHub(), await startTestHub()]
    const hubs = newHubs()
    await hubs.add(addressOf(hub), hub.hub.hubId)
    await expect.poll(() => hubs.list()[0]?.state).toBe('signed-out')
    await hub.close()
    hubs.addAddresses(hub.hub.hubId, [addressOf(other)])
    hubs.wake()
    await expect.poll(() => hubs.list()[0]?.state).toBe('offline')
    await other.close()
    const impostor = await startTestHub({ port: Number(addressOf(hub).split(':')[1]) })
    hubs.wake()
    await expect.poll(() => hubs.list()[0]).toMatchObject({ state: 'changed', presented: impostor.hub.hubId })
  })

  it.for([
    ['a port nobody listens on', '127.0.0.1:1', 'unreachable'],
    ['plain HTTP to another computer', 'http://192.0.2.1:7788', 'invalid'],
    ['a path', '127.0.0.1:7788/api', 'invalid'],
    ['a name and password', 'ann:secret@127.0.0.1', 'invalid'],
    ['another scheme', 'file:///etc/passwd', 'invalid'],
    ['an invalid port', '127.0.0.1:70000', 'invalid'],
    ['an empty text', ' ', 'invalid'],
  ] as const)('rejects %s with an explanation', async ([, address, code]) => {
    await expect(newHubs().probe(address)).rejects.toMatchObject({ code })
  })

  it.for([
    ['192.168.1.20', { host: '192.168.1.20', port: 7788, plain: false }],
    ['Team.local:9000', { host: 'team.local', port: 9000, plain: false }],
    ['https://chat.example.org', { host: 'chat.example.org', port: 443, plain: false }],
    ['[fe80::1]:7000', { host: 'fe80::1', port: 7000, plain: false }],
    ['fe80::1', { host: 'fe80::1', port: 7788, plain: false }],
    ['http://localhost:7788/', { host: 'localhost', port: 7788, plain: true }],
  ] as const)('parses %s', ([text, address]) => {
    expect(parseAddress(text)).toEqual(address)
  })
})
