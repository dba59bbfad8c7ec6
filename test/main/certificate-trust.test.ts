import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeCaCertificate, makeLeafCertificate } from '../../server/tls/certificate.ts'
import { fingerprintOf } from '../../main/net/identity.ts'
import { X509Certificate } from 'node:crypto'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { newHubs } from '../support/shell-hubs.ts'
import { issueForeignCertificate } from '../support/tls.ts'

const byName = (hub: TestHub): string => `localhost:${new URL(hub.url).port}`
const stateOf = (hubs: ReturnType<typeof newHubs>) => hubs.list()[0]?.state

/** Trusts this authority as the system of this computer would. */
function trustSystemWide(root: string): void {
  const defaultRoots = getCACertificates('default')
  setDefaultCACertificates([...defaultRoots, root])
  onTestFinished(() => setDefaultCACertificates(defaultRoots))
}

/** Checks that the shell's own connection also reaches the hub. */
async function logIn(hubs: ReturnType<typeof newHubs>, hub: TestHub): Promise<void> {
  const olga = await hub.setUp()
  await hubs.signedIn(hub.hub.hubId, olga.token)
  await expect.poll(() => stateOf(hubs), { timeout: 15_000 }).toBe('online')
}

test('keeps a pinned hub’s identity when its name has a certificate from another authority', async () => {
  const { root, files } = issueForeignCertificate(['localhost'])
  const hub = await startTestHub({ tls: files })
  const hubs = newHubs()
  // an unknown authority: the hub's own key counts
  expect(await hubs.probe(byName(hub))).toMatchObject({ trust: 'pinned', fingerprint: hub.hub.hubId })
  expect(await hubs.add(byName(hub), hub.hub.hubId)).toMatchObject({ trust: 'pinned' })
  await logIn(hubs, hub)

  // a trusted authority: an invite with the hub's identity still pins its own key
  trustSystemWide(root)
  const others = newHubs()
  expect(await others.probe(byName(hub))).toMatchObject({ trust: 'public', fingerprint: undefined })
  expect(await others.add(byName(hub), hub.hub.hubId)).toMatchObject({ trust: 'pinned' })
  await expect.poll(() => stateOf(others)).toBe('signed-out')
})

test('holds a publicly trusted hub to its name and to its trust', async () => {
  const { root, files } = issueForeignCertificate(['localhost'])
  const hub = await startTestHub({ tls: files })
  const hubs = newHubs()
  await expect(hubs.add(byName(hub), 'public')).rejects.toMatchObject({ code: 'unreachable' })
  trustSystemWide(root)
  // not by another name, and not by its own authority
  const byAddress = new URL(hub.url).host
  await expect(hubs.add(byAddress, 'public')).rejects.toMatchObject({ code: 'unreachable' })
  expect(await hubs.add(byName(hub), 'public')).toMatchObject({ trust: 'public', id: hub.hub.hubId })
  await logIn(hubs, hub)
  expect(hubs.list()[0]?.addresses).toEqual([byName(hub)])
})

test('rejects an expired certificate before it sends anything, and says what to check', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ca = makeCaCertificate(privateKey, 'an old hub', Date.now())
  const hubId = fingerprintOf(new X509Certificate(ca))
  const leafKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const leafOf = (at: number) =>
    makeLeafCertificate({ key: privateKey, hubId: 'an old hub' }, leafKey, ['127.0.0.1'], at) + ca
  const key = leafKey.export({ type: 'pkcs8', format: 'pem' }) as string
  let requestCount = 0
  const server = createServer({ key, cert: leafOf(Date.now()) }, (_request, response) => {
    requestCount += 1
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ hubId, name: 'Old' }))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`

  const hubs = newHubs()
  await hubs.add(address, hubId)
  await expect.poll(() => stateOf(hubs)).toBe('signed-out')
  server.setSecureContext({ key, cert: leafOf(Date.now() - 500 * 24 * 3_600_000) })
  server.closeAllConnections()
  const before = requestCount
  hubs.wake()
  await expect
    .poll(() => hubs.list()[0])
    .toMatchObject({
      state: 'refused',
      problem: expect.stringContaining('date and time') as string,
    })
  await expect(newHubs().add(address, hubId)).rejects.toThrow('date and time')
  expect(requestCount).toBe(before)
})

/** Connects in a process of its own: Node reads the certificates of the system once. Prints whether it trusts. */
const connectScript = `
  import tls from 'node:tls'
  const { trustSystemRoots } = await import(process.argv[1])
  if (process.argv[3] === 'trust') trustSystemRoots({ warn: (...about) => console.error(about) })
  const socket = tls.connect({ host: '127.0.0.1', port: Number(process.argv[2]), servername: 'localhost' })
  socket.once('secureConnect', () => (console.log('trusted'), socket.destroy()))
  socket.once('error', ({ code }) => console.log(code))
`

test.runIf(process.platform === 'linux')(
  'trusts an authority that only the system knows, as browsers do',
  async () => {
    const { root, files } = issueForeignCertificate(['localhost'])
    const hub = await startTestHub({ tls: files })
    const store = path.join(path.dirname(files.cert), 'system.pem')
    writeFileSync(store, root)
    const connect = async (...args: string[]): Promise<string> => {
      const module = new URL('../../main/net/system-roots.ts', import.meta.url).href
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', connectScript, module, new URL(hub.url).port, ...args],
        { env: { PATH: process.env['PATH'], SSL_CERT_FILE: store } },
      )
      return stdout.trim()
    }
    expect(await connect()).toBe('SELF_SIGNED_CERT_IN_CHAIN')
    expect(await connect('trust')).toBe('trusted')
  },
)
