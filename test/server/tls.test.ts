import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import {
  connect as connectTls,
  type ConnectionOptions,
  createServer,
  getCACertificates,
  setDefaultCACertificates,
} from 'node:tls'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { restore } from '../../server/backup/restore.ts'
import { isNeighbour, type Interfaces } from '../../server/addresses.ts'
import { loadIdentity } from '../../server/identity.ts'
import { IssuedCertificates } from '../../server/tls/issued.ts'
import { makeLeafCertificate } from '../../server/tls/certificate.ts'
import { shareWithTls } from '../../server/tls/shared-port.ts'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import { parseLink } from '../../shared/text/invite-link.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { password, TestUser } from '../support/test-user.ts'
import { openRawSocket, sendRaw } from '../support/raw-socket.ts'
import {
  requestOverTls,
  homeNetwork,
  issueForeignCertificate,
  openTls,
  pinnedTlsOptions,
  pinnedCertificateOf,
  externalAddress,
} from '../support/tls.ts'

const hourMs = 60 * 60 * 1000
const lanAddress = externalAddress()

/** Opens the socket as the desktop app does. */
async function openLive(hub: TestHub, token: string, tls: ConnectionOptions): Promise<WebSocket> {
  const url = `${hub.url.replace('http', 'wss')}/live`
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, ...tls })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** Resolves when the other side closes the connection in any way. */
function waitForClose(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.resume()
  })
}

async function leafCertificateOf(hub: TestHub, options: ConnectionOptions = {}): Promise<X509Certificate> {
  const socket = await openTls(hub.url, { ...options, rejectUnauthorized: false })
  const leaf = socket.getPeerX509Certificate()
  socket.destroy()
  return leaf as X509Certificate
}

test('one port serves TLS and plain HTTP, and the key of the CA is the identity of the hub', async () => {
  const hub = await startTestHub()
  const plain = (await (await fetch(`${hub.url}/api/meta`)).json()) as { hubId: string }
  const pin = pinnedCertificateOf(hub.dataDir)
  const response = await requestOverTls(hub.url, '/api/meta', pinnedTlsOptions(pin))
  expect([response.status, JSON.parse(response.body)]).toEqual([200, plain])
  const spki = new X509Certificate(pin).publicKey.export({ type: 'spki', format: 'der' })
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(spki))
  expect(Buffer.from(hash).toString('base64url')).toBe(plain.hubId)
  expect(hub.reachable()).toMatchObject({
    hubId: plain.hubId,
    fingerprintWords: fingerprintWords(plain.hubId),
    addresses: [],
  })
})

test('a client with the right pin connects over HTTPS and the socket, and one with a wrong pin does not', async () => {
  const [hub, other] = await Promise.all([startTestHub(), startTestHub()])
  const olga = await hub.setUp()
  const right = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  expect(
    (await requestOverTls(hub.url, '/api/me', right, { headers: { authorization: `Bearer ${olga.token}` } }))
      .status,
  ).toBe(200)
  expect((await openLive(hub, olga.token, right)).readyState).toBe(WebSocket.OPEN)
  const notOurs = { code: 'SELF_SIGNED_CERT_IN_CHAIN' }
  for (const wrong of [pinnedTlsOptions(pinnedCertificateOf(other.dataDir)), {}]) {
    await expect(openTls(hub.url, wrong)).rejects.toMatchObject(notOurs)
    await expect(requestOverTls(hub.url, '/api/meta', wrong)).rejects.toMatchObject(notOurs)
    await expect(openLive(hub, olga.token, wrong)).rejects.toMatchObject(notOurs)
  }
})

test('renewing the certificate under the same key keeps pins valid and connections open', async () => {
  const time = { now: Date.now() }
  const network = homeNetwork('192.168.1.5')
  const hub = await startTestHub({ lan: true, network, clock: () => time.now })
  const olga = await hub.setUp()
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const live = await openLive(hub, olga.token, pin)
  const before = await leafCertificateOf(hub)
  hub.refreshAddresses()
  expect((await leafCertificateOf(hub)).fingerprint256).toBe(before.fingerprint256)

  time.now += 250 * 24 * hourMs
  hub.refreshAddresses()
  const old = await leafCertificateOf(hub)
  expect(old.fingerprint256).toBe(before.fingerprint256)
  time.now += 20 * 24 * hourMs
  hub.refreshAddresses()
  const renewed = await leafCertificateOf(hub)
  expect(renewed.fingerprint256).not.toBe(before.fingerprint256)
  const days = (Date.parse(renewed.validTo) - Date.parse(renewed.validFrom)) / (24 * hourMs)
  expect(days).toBeLessThanOrEqual(397)

  time.now -= 270 * 24 * hourMs
  network.addresses = ['10.1.2.3', 'fd00::7']
  hub.refreshAddresses()
  const moved = await leafCertificateOf(hub)
  expect([moved.checkIP('10.1.2.3'), moved.checkIP('fd00::7'), moved.checkIP('192.168.1.5')]).toEqual([
    '10.1.2.3',
    'fd00::7',
    undefined,
  ])
  for (const name of ['localhost', 'fig-tree', 'fig-tree.local']) expect(moved.checkHost(name)).toBe(name)
  expect((await requestOverTls(hub.url, '/api/meta', pin)).status).toBe(200)
  live.send(JSON.stringify([{ t: 'ping' }]))
  const [pong] = (await once(live, 'message', { signal: AbortSignal.timeout(20_000) })) as [Buffer]
  expect(pong.toString()).toMatch(/hello|pong/)
})

test('an expired certificate is rejected over HTTPS and the socket', async () => {
  const hub = await startTestHub({ clock: () => Date.now() - 500 * 24 * hourMs })
  const olga = await hub.setUp()
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const expired = { code: 'CERT_HAS_EXPIRED' }
  await expect(openTls(hub.url, pin)).rejects.toMatchObject(expired)
  await expect(openLive(hub, olga.token, pin)).rejects.toMatchObject(expired)
  // the next start with a correct clock issues a new one
  const again = await hub.restart({ clock: Date.now })
  expect((await requestOverTls(again.url, '/api/meta', pin)).status).toBe(200)
})

test('lost or damaged certificates are issued again under the same key, and pins stay valid', async () => {
  const hub = await startTestHub()
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const identity = join(hub.dataDir, 'identity')
  rmSync(join(identity, 'ca.pem'))
  writeFileSync(join(identity, 'leaf.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const again = await hub.restart()
  expect((await requestOverTls(again.url, '/api/meta', pin)).status).toBe(200)
  expect(again.hub.hubId).toBe(hub.hub.hubId)
  for (const name of ['hub-key.pem', 'ca.pem', 'leaf.pem']) {
    expect([name, statSync(join(identity, name)).mode & 0o777]).toEqual([name, 0o600])
  }
  // certificates copied from another hub count as missing
  const other = await startTestHub()
  for (const name of ['ca.pem', 'leaf.pem'])
    cpSync(join(other.dataDir, 'identity', name), join(identity, name))
  const third = await again.restart()
  expect((await requestOverTls(third.url, '/api/meta', pin)).status).toBe(200)
})

test('a hub from before TLS and a restored hub keep their identity', async () => {
  const first = await startTestHub()
  await first.close()
  const { dataDir } = first
  for (const name of readdirSync(join(dataDir, 'identity'))) {
    if (name !== 'hub-key.pem') rmSync(join(dataDir, 'identity', name))
  }
  const hub = await startTestHub({ dataDir })
  expect(hub.hub.hubId).toBe(first.hub.hubId)
  const pin = pinnedTlsOptions(pinnedCertificateOf(dataDir))

  const file = join(newDataDir(), 'backup')
  await hub.backUp(file)
  const elsewhereDir = join(newDataDir(), 'restored')
  await restore(file, elsewhereDir)
  const restored = await startTestHub({ dataDir: elsewhereDir })
  expect(JSON.parse((await requestOverTls(restored.url, '/api/meta', pin)).body)).toMatchObject({
    hubId: hub.hub.hubId,
  })
})

/** A port with a small server behind it and this handshake timeout. */
async function startSharedPort(handshakeTimeoutMs: number) {
  const hub = await startTestHub()
  const pem = readFileSync(join(hub.dataDir, 'identity', 'leaf.pem'), 'utf8')
  const server = createHttpServer((request, response) => response.end(`served ${request.url}`))
  const shared = shareWithTls(server, {
    credentials: { cert: pem, key: pem },
    contextFor: () => undefined,
    accepts: () => true,
    handshakeTimeoutMs,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shared, server }
}

test('a client that is silent or stops during the TLS handshake is disconnected', async () => {
  const { url, server } = await startSharedPort(30)
  for (const bytes of ['', Buffer.from([0x16]), Buffer.from([0x16, 3, 1, 0, 200, 1])]) {
    const socket = await openRawSocket(url)
    if (bytes.length > 0) socket.write(bytes)
    await waitForClose(socket)
  }
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))))
    .toBe(0)
})

test('closing the port does not wait for clients without a request', async () => {
  const { url, shared, server } = await startSharedPort(60_000)
  const silent = await openRawSocket(url)
  const halfway = await openRawSocket(url)
  halfway.write(Buffer.from([0x16, 3, 1, 0, 200, 1]))
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count))))
    .toBe(2)
  const closed = [silent, halfway].map(waitForClose)
  shared.close()
  await Promise.all(closed)
})

test('the port accepts requests byte by byte, and invalid bytes do not affect other connections', async () => {
  const hub = await startTestHub()
  const raw = await openRawSocket(hub.url)
  const chunks: Buffer[] = []
  raw.on('data', (chunk: Buffer) => chunks.push(chunk))
  raw.setNoDelay(true)
  for (const byte of 'GET /api/meta HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n') raw.write(byte)
  await once(raw, 'close')
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200 /)

  expect((await sendRaw(hub.url, Buffer.from([0, 1, 2, 3]))).status).toBe(400)
  for (const junk of [
    Buffer.from([0x16]),
    Buffer.from([0x16, 0x16, 0x16]),
    Buffer.concat([Buffer.from([0x16, 3, 1, 255, 255]), Buffer.alloc(100_000, 7)]),
    Buffer.from('\x16GET / HTTP/1.1\r\n\r\n'),
  ]) {
    const socket = await openRawSocket(hub.url)
    socket.end(junk)
    await waitForClose(socket)
  }
  // the client disconnects during the handshake
  const torn = await openRawSocket(hub.url)
  torn.write(Buffer.from([0x16, 3, 1, 0, 200, 1]))
  torn.resetAndDestroy()
  const socket = await openTls(hub.url, pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)))
  socket.write('\0\0 no request\r\n\r\n')
  const [refusal] = (await once(socket, 'data')) as [Buffer]
  expect(refusal.toString()).toMatch(/^HTTP\/1\.1 400 /)
  expect((await fetch(`${hub.url}/api/meta`)).status).toBe(200)
})

test('versions before TLS 1.3 are rejected', async () => {
  const hub = await startTestHub()
  const old = {
    ...pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)),
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
  } as const
  await expect(openTls(hub.url, old)).rejects.toThrow()
})

test('over TLS the cookie has the __Host- prefix and is Secure, and plain HTTP uses another cookie', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const { host } = new URL(hub.url)
  const name = `hubbub-${hub.hub.hubId.slice(0, 8)}`
  const login = {
    method: 'POST',
    headers: { host, origin: `https://${host}`, 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'olga', password }),
  }
  const opened = await requestOverTls(hub.url, '/api/login', pin, login)
  const [setCookie = ''] = opened.headers['set-cookie'] ?? []
  expect(setCookie).toMatch(new RegExp(`^__Host-${name}=.+; Path=/; HttpOnly; Secure; SameSite=Strict$`))
  const cookie = setCookie.split(';', 1)[0] as string
  expect((await requestOverTls(hub.url, '/api/me', pin, { headers: { host, cookie } })).status).toBe(200)
  // a cookie that someone on plain HTTP could have set is ignored here
  const weaker = cookie.replace('__Host-', '')
  expect((await requestOverTls(hub.url, '/api/me', pin, { headers: { host, cookie: weaker } })).status).toBe(
    401,
  )
  expect((await fetch(`${hub.url}/api/me`, { headers: { cookie } })).status).toBe(401)
  const foreign = { ...login, headers: { ...login.headers, origin: `http://${host}` } }
  expect((await requestOverTls(hub.url, '/api/login', pin, foreign)).status).toBe(403)
})

test('behind a proxy the hub uses the public host name and HTTPS, and trusts the forwarded address', async () => {
  const hub = await startTestHub({ publicUrl: new URL('https://chat.example.com') })
  const olga = await hub.setUp()
  const asOutside = {
    host: 'chat.example.com',
    origin: 'https://chat.example.com',
    'content-type': 'application/json',
  }
  const login = await hub.app.inject({
    method: 'POST',
    url: '/api/login',
    headers: { ...asOutside, 'x-forwarded-for': '203.0.113.9' },
    payload: { username: 'olga', password },
  })
  expect([login.statusCode, login.headers['set-cookie']]).toEqual([
    200,
    expect.stringMatching(/^__Host-hubbub-.*Secure/),
  ])
  const { sessions } = await olga.request('sessions.list', {})
  expect(sessions.map(({ address }) => address)).toContain('203.0.113.9')
  for (const host of ['evil.example', 'chat.example.com.evil.example']) {
    expect(
      (await sendRaw(hub.url, `GET /api/meta HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)).status,
    ).toBe(403)
  }
  const made = await olga.request('admin.invites.create', {})
  expect(made.url).toBe(`https://chat.example.com/join#${made.invite}`)
  expect(parseLink(made.appLink)).toEqual({
    kind: 'join',
    addresses: ['chat.example.com:443'],
    code: made.invite,
  })
})

test('a proxy on another computer is believed only if it is listed', async () => {
  const publicUrl = new URL('https://chat.example.com')
  const hub = await startTestHub({ publicUrl, trustedProxies: ['10.1.2.0/24', 'fd00::5'] })
  const olga = await hub.setUp()
  const addressOf = async (remoteAddress: string, forwarded: string): Promise<string> => {
    const { statusCode, body } = await hub.app.inject({
      ...{ method: 'POST', url: '/api/login', remoteAddress },
      headers: { host: 'chat.example.com', 'x-hubbub-client': 'token', 'x-forwarded-for': forwarded },
      payload: { username: 'olga', password },
    })
    expect(statusCode, body).toBe(200)
    const { sessions } = await olga.request('sessions.list', {})
    return sessions.toSorted((a, b) => b.createdAt - a.createdAt)[0]?.address ?? ''
  }
  expect(await addressOf('10.1.2.3', '203.0.113.9')).toBe('203.0.113.9')
  expect(await addressOf('::ffff:10.1.2.4', '203.0.113.10')).toBe('203.0.113.10')
  expect(await addressOf('fd00::5', '203.0.113.11')).toBe('203.0.113.11')
  // a client says what it likes: only what the proxy has added counts
  expect(await addressOf('10.1.2.3', '198.51.100.1, 203.0.113.12')).toBe('203.0.113.12')
  for (const stranger of ['10.1.3.3', 'fd00::6', '192.0.2.1'])
    expect(await addressOf(stranger, '203.0.113.9')).toBe(stranger)
})

test('without a proxy x-forwarded-for is ignored', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  await hub.app.inject({
    method: 'POST',
    url: '/api/login',
    headers: { host: 'localhost', 'x-hubbub-client': 'token', 'x-forwarded-for': '203.0.113.9' },
    payload: { username: 'olga', password },
  })
  const { sessions } = await olga.request('sessions.list', {})
  expect(sessions.map(({ address }) => address)).not.toContain('203.0.113.9')
})

test('the hub answers to its current names and addresses only', async () => {
  const network = homeNetwork('192.168.1.5', '8.8.8.8')
  const published: string[][] = []
  const hub = await startTestHub({
    lan: true,
    network,
    onAddresses: ({ addresses }) => published.push([...addresses]),
  })
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  const { port } = new URL(hub.url)
  const ownName = hubHostName(hub.hub.hubId)
  const statusAs = async (host: string) =>
    (await requestOverTls(hub.url.replace('localhost', '127.0.0.1'), '/api/meta', pin, { headers: { host } }))
      .status
  expect(hub.reachable()).toMatchObject({
    addresses: [`192.168.1.5:${port}`],
    names: [`fig-tree:${port}`, `fig-tree.local:${port}`, `${ownName}:${port}`],
  })
  for (const name of ['192.168.1.5', 'fig-tree.local', 'FIG-TREE:1', 'localhost', ownName])
    expect([name, await statusAs(name)]).toEqual([name, 200])
  for (const name of [
    '8.8.8.8',
    '192.168.1.6',
    'evil.example',
    'fig-tree.local.evil.example',
    'hubbub-0000000000.local',
  ]) {
    expect([name, await statusAs(name)]).toEqual([name, 403])
  }
  network.addresses = ['10.0.0.9']
  hub.refreshAddresses()
  expect([await statusAs('10.0.0.9'), await statusAs('192.168.1.5')]).toEqual([200, 403])
  hub.refreshAddresses()
  expect(published).toEqual([[`10.0.0.9:${port}`]])
})

test('a named network interface that is not there is named in the log, and the hub starts', async () => {
  const named = new Set<string>()
  // each process writes it, and a busy one writes of other things too
  const write = (line: string): void => {
    const { interfaces = [] } = JSON.parse(line) as { interfaces?: string[] }
    for (const name of interfaces) named.add(name)
  }
  const log = pino({ level: 'warn' }, { write })
  const [present = ''] = Object.keys(networkInterfaces())
  await startTestHub({ log, lan: { interfaces: [present] } })
  expect([...named]).toEqual([])
  await startTestHub({ log, lan: { interfaces: [present, 'nosuch0'] } })
  expect([...named]).toEqual(['nosuch0'])
})

test('an invite created on the network has a network address and the identity of the hub', async () => {
  const hub = await startTestHub({ lan: true, network: homeNetwork('fd00::7', '192.168.1.5') })
  const olga = await hub.setUp()
  const { port } = new URL(hub.url)
  const made = await olga.request('admin.invites.create', {})
  expect(made.url).toBe(`http://192.168.1.5:${port}/join#${made.invite}&fp=${hub.hub.hubId}`)
  expect(made.reach).toEqual({ others: true })
  expect(parseLink(made.appLink)).toEqual({
    kind: 'join',
    addresses: [
      `192.168.1.5:${port}`,
      `[fd00::7]:${port}`,
      `fig-tree.local:${port}`,
      `${hubHostName(hub.hub.hubId)}:${port}`,
      `fig-tree:${port}`,
    ],
    code: made.invite,
    hubId: hub.hub.hubId,
  })
})

test.skipIf(!lanAddress)(
  'without TLS other computers get a page that explains why and nothing else',
  async () => {
    const hub = await startTestHub({ host: '0.0.0.0' })
    const there = `http://${lanAddress?.address}:${new URL(hub.url).port}`
    const secure = there.replace('http:', 'https:')
    const page = await fetch(`${there}/join`, { headers: { accept: 'text/html,*/*' }, redirect: 'manual' })
    const text = await page.text()
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(text).toContain(`href="${secure}/join"`)
    for (const word of fingerprintWords(hub.hub.hubId)) expect(text).toContain(`<li>${word}</li>`)
    const loaded = [...text.matchAll(/<link[^>]* href="([^"]+)"/g)].map(([, address]) => address as string)
    expect(text).toContain(`data-own-host="${hubHostName(hub.hub.hubId)}:${new URL(hub.url).port}"`)
    expect(page.headers.get('content-security-policy')).toContain(
      `connect-src 'self' http://${hubHostName(hub.hub.hubId)}:`,
    )
    const here = await fetch(`${there}/trust/here`)
    expect([here.status, here.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    for (const path of [
      '/trust',
      '/trust.css',
      '/trust.js',
      '/appearance.js',
      ...loaded.filter((one) => one.startsWith('/')),
    ])
      expect((await fetch(there + path)).status).toBe(200)
    const program = await fetch(`${there}/login?x=1`, { redirect: 'manual' })
    expect([program.status, program.headers.get('location')]).toEqual([307, `${secure}/login?x=1`])
    for (const [method, path] of [
      ['GET', '/api/meta'],
      ['POST', '/api/login'],
      ['POST', '/'],
    ]) {
      const response = await fetch(there + path, { method: method as string })
      expect([path, response.status, await response.text()]).toEqual([
        path,
        403,
        expect.stringContaining(secure),
      ])
    }
    await expect(once(new WebSocket(`${there.replace('http', 'ws')}/live`), 'open')).rejects.toThrow('403')
    expect((await fetch(`${there}/hubbub-hub.crt`, { redirect: 'manual' })).status).toBe(307)
    expect(
      (await requestOverTls(there, '/api/meta', pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)))).status,
    ).toBe(200)
  },
)

test.skipIf(!lanAddress)('--allow-plain-http serves other computers without TLS', async () => {
  const hub = await startTestHub({ host: '0.0.0.0', allowPlainHttp: true })
  const there = `http://${lanAddress?.address}:${new URL(hub.url).port}`
  expect(await (await fetch(`${there}/api/meta`)).json()).toMatchObject({ insecure: true })
  expect(hub.reachable().acceptsPlainHttp).toBe(true)
  expect(await (await fetch(`${(await startTestHub()).url}/api/meta`)).json()).not.toHaveProperty('insecure')
})

test.skipIf(!lanAddress)('only the listed interfaces accept connections', async () => {
  const hub = await startTestHub({ lan: { interfaces: ['no-such-interface'] } })
  const { port } = new URL(hub.url)
  const socket = connect(Number(port), lanAddress?.address as string)
  socket.on('error', () => {})
  await waitForClose(socket)
  expect((await fetch(`http://127.0.0.1:${port}/api/meta`)).status).toBe(200)
  const open = await startTestHub({ lan: { interfaces: [lanAddress?.name as string] } })
  const there = `http://${lanAddress?.address}:${new URL(open.url).port}`
  expect(
    (await requestOverTls(there, '/api/meta', pinnedTlsOptions(pinnedCertificateOf(open.dataDir)))).status,
  ).toBe(200)
})

test.skipIf(!lanAddress)('a hub without browsers serves no page to other computers', async () => {
  const hub = await startTestHub({ host: '0.0.0.0', browsers: false })
  const there = `http://${lanAddress?.address}:${new URL(hub.url).port}`
  const pin = pinnedTlsOptions(pinnedCertificateOf(hub.dataDir))
  for (const path of ['/', '/login', '/trust', '/assets/x.js', '/api/docs']) {
    const response = await requestOverTls(there, path, pin)
    expect([path, response.status, response.body]).toEqual([
      path,
      403,
      expect.stringContaining('Hubbub app only'),
    ])
  }
  expect((await requestOverTls(there, '/api/meta', pin)).status).toBe(200)
  expect((await fetch(`${hub.url}/api/docs`)).status).toBe(200)
})

test('a provided certificate is used for its names, and the issued one for all others', async () => {
  const { root, files, issue } = issueForeignCertificate(['chat.example.com', '*.team.example'])
  const hub = await startTestHub({ tls: files })
  const there = { ca: [root], servername: 'chat.example.com' }
  const host = 'chat.example.com'
  const response = await requestOverTls(hub.url, '/api/meta', there, { headers: { host } })
  expect([response.status, response.headers['strict-transport-security']]).toEqual([200, undefined])
  expect(
    (
      await requestOverTls(
        hub.url,
        '/api/meta',
        { ca: [root], servername: 'a.team.example' },
        { headers: { host: 'a.team.example' } },
      )
    ).status,
  ).toBe(200)
  // the app sends no server name and gets the issued certificate
  expect(
    (await requestOverTls(hub.url, '/api/meta', pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)))).status,
  ).toBe(200)
  expect(
    (await sendRaw(hub.url, 'GET / HTTP/1.1\r\nhost: b.a.team.example\r\nconnection: close\r\n\r\n')).status,
  ).toBe(403)

  const before = await leafCertificateOf(hub, { servername: host })
  const open = await openTls(hub.url, there)
  issue(['chat.example.com'])
  hub.refreshAddresses()
  expect((await leafCertificateOf(hub, { servername: host })).fingerprint256).not.toBe(before.fingerprint256)
  open.write(`GET /api/meta HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
  expect(String((await once(open, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/)
  open.destroy()
  // an invalid file leaves the certificate in use unchanged
  writeFileSync(files.cert, 'half a fi')
  hub.refreshAddresses()
  expect((await requestOverTls(hub.url, '/api/meta', there, { headers: { host } })).status).toBe(200)
})

test('a publicly trusted certificate sends HSTS to browsers, and invite links omit the identity', async () => {
  const { root, files } = issueForeignCertificate(['chat.example.com'])
  const usual = getCACertificates('default')
  setDefaultCACertificates([...usual, root])
  onTestFinished(() => setDefaultCACertificates(usual))
  const hub = await startTestHub({ tls: files, lan: true, network: homeNetwork('192.168.1.5') })
  const olga = await hub.setUp()
  const host = 'chat.example.com'
  const response = await requestOverTls(hub.url, '/', { servername: host }, { headers: { host } })
  expect(response.headers['strict-transport-security']).toBe('max-age=31536000')
  const byAddress = await requestOverTls(hub.url, '/', pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)), {
    headers: { host: '192.168.1.5' },
  })
  expect(byAddress.headers['strict-transport-security']).toBeUndefined()
  const { url, invite, appLink } = await olga.request('admin.invites.create', {})
  const { port } = new URL(hub.url)
  expect(url).toBe(`https://chat.example.com:${port}/join#${invite}`)
  expect(parseLink(appLink)).toEqual({ kind: 'join', addresses: [`chat.example.com:${port}`], code: invite })
})

test('invalid certificate and key files are rejected with a sentence', async () => {
  const { files, issue } = issueForeignCertificate(['chat.example.com'])
  const other = issueForeignCertificate(['chat.example.com'])
  const start = (tls: { cert: string; key: string }) => startTestHub({ tls })
  await expect(start({ ...files, cert: '/nowhere/c.pem' })).rejects.toThrow('there is no such file')
  await expect(start({ ...files, cert: files.key })).rejects.toThrow('contains no PEM certificate')
  await expect(start({ ...files, key: files.cert })).rejects.toThrow('contains no readable PEM private key')
  await expect(start({ ...files, key: other.files.key })).rejects.toThrow('does not match the certificate')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(
    other.files.key,
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  )
  await expect(start(other.files)).rejects.toThrow('encrypted with a password')
  issue(['chat.example.com'], Date.now() - 500 * 24 * hourMs)
  await expect(start(files)).rejects.toThrow(/expired on \d{4}-\d\d-\d\d/)
  issue(['chat.example.com'], Date.now() + 50 * 24 * hourMs)
  await expect(start(files)).rejects.toThrow('set the clock')
  writeFileSync(files.cert, readFileSync(files.cert, 'utf8').replace(/[A-Za-z]{9}/, 'AAAAAAAAA'))
  await expect(start(files)).rejects.toThrow(/damaged|does not match/)
})

test('the downloadable CA certificate is valid for local names and those of the hub only', async () => {
  const hub = await startTestHub({
    lan: true,
    network: homeNetwork('192.168.1.5'),
    publicUrl: new URL('https://hub.example.com'),
  })
  const response = await requestOverTls(
    hub.url,
    '/hubbub-hub.crt',
    pinnedTlsOptions(pinnedCertificateOf(hub.dataDir)),
  )
  expect(response.headers['content-type']).toBe('application/x-x509-ca-cert')
  const ca = [response.body]
  expect((await requestOverTls(hub.url.replace('localhost', '127.0.0.1'), '/api/meta', { ca })).status).toBe(
    200,
  )
  await openTls(hub.url, { ca, servername: 'hub.example.com' })

  const key = createPrivateKey(readFileSync(join(hub.dataDir, 'identity', 'hub-key.pem')))
  const leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const forged = makeLeafCertificate({ key, hubId: hub.hub.hubId }, leafKey, ['bank.example'], Date.now())
  const bank = createServer({ cert: forged, key: leafKey.export({ type: 'pkcs8', format: 'pem' }) })
  bank.listen(0, '127.0.0.1')
  await once(bank, 'listening')
  onTestFinished(() => void bank.close())
  const { port } = bank.address() as AddressInfo
  const visit = connectTls({ port, host: '127.0.0.1', servername: 'bank.example', ca })
  await expect(once(visit, 'secureConnect')).rejects.toThrow('permitted subtree violation')
})

test('a reset link uses a network address of the hub', async () => {
  const hub = await startTestHub({ lan: true, network: homeNetwork('192.168.1.5') })
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const { url } = await olga.request('admin.users.createResetLink', { userId: ann.id })
  expect(url).toMatch(new RegExp(`^https://192\\.168\\.1\\.5:${new URL(hub.url).port}/reset#`))
  expect(await TestUser.login(hub.url, 'ann')).toBeInstanceOf(TestUser)
})

test('an invite link for browsers leads to the page that explains their warning, and from there to TLS', async () => {
  const hub = await startTestHub({ lan: true, network: homeNetwork('192.168.1.5') })
  const olga = await hub.setUp()
  const { url } = await olga.request('admin.invites.create', {})
  const { host, pathname, protocol } = new URL(url)
  expect(protocol).toBe('http:')
  const page = await hub.app.inject({
    ...{ url: pathname, remoteAddress: '192.168.1.77' },
    headers: { host, accept: 'text/html,application/xhtml+xml' },
  })
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('Your browser will warn you about')
  expect(page.body).toContain(`href="https://${host}/join"`)
  // the app pins the identity in the same link instead
  expect(parseLink(url)).toMatchObject({ addresses: [host], hubId: hub.hub.hubId })
  expect(parseLink(url)).not.toHaveProperty('plain')
})

test('an invite says who can reach the hub and which command opens it', async () => {
  const commandFor = (option: readonly string[]) => `npm start -- ${option.join(' ')}`
  const reachOf = async (options: Parameters<typeof startTestHub>[0]) => {
    const hub = await startTestHub({ commandFor, ...options })
    const olga = await hub.setUp()
    return (await olga.request('admin.invites.create', {})).reach
  }
  expect(await reachOf({})).toEqual({ others: false, command: 'npm start -- --lan' })
  // the app runs it: there is a switch instead
  const hosted = await startTestHub()
  const olga = await hosted.setUp()
  expect((await olga.request('admin.invites.create', {})).reach).toEqual({ others: false })
  expect(await reachOf({ lan: true, network: homeNetwork() })).toEqual({ others: false, offline: true })
  expect(await reachOf({ lan: true, network: homeNetwork('192.168.1.5', '2001:db8::5') })).toEqual({
    others: true,
  })
  expect(await reachOf({ lan: true, network: homeNetwork('203.0.113.5') })).toEqual({
    ...{ others: false, offline: true },
    closed: [{ address: '203.0.113.5', network: 'wlan0', command: 'npm start -- --interfaces wlan0' }],
  })
})

test('a closed address tells its neighbours in words why it is closed, and strangers nothing', async () => {
  const networkOf = (address: string, cidr: string) =>
    ({ eth0: [{ address, cidr, internal: false }] }) as unknown as Interfaces
  const campus = networkOf('203.0.113.5', '203.0.113.5/24')
  expect(isNeighbour(campus, '203.0.113.5', '203.0.113.77')).toBe(true)
  expect(isNeighbour(campus, '::ffff:203.0.113.5', '::ffff:203.0.113.77')).toBe(true)
  expect(isNeighbour(campus, '203.0.113.5', '198.51.100.7')).toBe(false)
  expect(isNeighbour(campus, '203.0.113.6', '203.0.113.77')).toBe(false)
  const v6 = networkOf('2001:db8:1::5', '2001:db8:1::5/64')
  expect(isNeighbour(v6, '2001:db8:1::5', '2001:db8:1::77')).toBe(true)
  expect(isNeighbour(v6, '2001:db8:1::5', '2001:db8:2::77')).toBe(false)

  const hub = await startTestHub({ lan: true, network: homeNetwork('192.168.1.5') })
  const server = createHttpServer(() => expect.unreachable('the connection is refused'))
  let refusal: string | undefined = 'not open\n'
  const credentials = new IssuedCertificates(hub.dataDir, loadIdentity(hub.dataDir), Date.now).issueFor([])
  shareWithTls(server, {
    credentials,
    contextFor: () => undefined,
    accepts: () => false,
    refusalFor: () => refusal,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/join`)
  expect([response.status, await response.text()]).toEqual([403, 'not open\n'])
  // a large body does not turn the answer into a reset
  const posted = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x'.repeat(500_000) })
  expect(posted.status).toBe(403)
  await expect(fetch(`https://127.0.0.1:${port}/`)).rejects.toThrow()
  refusal = undefined
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
})
