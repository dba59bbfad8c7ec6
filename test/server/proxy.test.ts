import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { newDataDir } from '../support/data-dir.ts'
import { hasHaproxy, startHaproxy } from '../support/haproxy.ts'
import { startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { hasNginx, startNginx } from '../support/nginx.ts'
import type { Proxy } from '../support/proxy.ts'
import { freePort } from '../support/ports.ts'
import { password } from '../support/test-user.ts'
import { issueForeignCertificate, requestOverTls } from '../support/tls.ts'
import { createUpload, uploadOffset } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'

/* The files in deploy/, with the programs they are for. */

const deploy = path.join(import.meta.dirname, '..', '..', 'deploy')
const isThere = (program: string): boolean => spawnSync(program, ['-v']).error === undefined
const name = 'chat.example.com'

type Start = (port: string, opsPort: string, tls: { cert: string; key: string }) => Promise<Proxy>

const proxies: { proxy: string; isMissing: boolean; start: Start }[] = [
  { proxy: 'nginx', isMissing: !hasNginx(), start: (port, _, tls) => startNginx([port], tls, newDataDir()) },
  {
    proxy: 'HAProxy',
    isMissing: !hasHaproxy(),
    start: (port, opsPort, tls) => startHaproxy([{ port, opsPort }], tls, newDataDir()),
  },
]

test.for(proxies)(
  'behind $proxy with the file of deploy/ page, logins, live connections and uploads work, as from their own addresses',
  async ({ isMissing, start }, { skip }) => {
    skip(isMissing)
    const certificate = issueForeignCertificate([name])
    const [hubPort, opsPort] = [await freePort(), await freePort()]
    const running = await start(hubPort, opsPort, certificate.files)
    onTestFinished(() => running.stop())
    const host = `${name}:${running.port}`
    const hub = await startTestHub({
      ...{ port: Number(hubPort), publicUrl: new URL(`https://${host}`) },
      ops: { port: Number(opsPort), host: '127.0.0.1' },
    })
    const olga = await hub.setUp()
    const bo = await hub.registerUser('bo')
    const chat = await olga.createGroup('Kitchen', [bo])
    const tls = { ca: [certificate.root], servername: name }
    const send = (where: string, options: Parameters<typeof requestOverTls>[3] = {}) =>
      requestOverTls(running.url, where, tls, { ...options, headers: { host, ...options.headers } })

    const page = await waitFor(async () => {
      const response = await send('/', { headers: { accept: 'text/html' } })
      // until HAProxy has asked the hub for its readiness
      expect(response.status).toBe(200)
      return response
    })
    expect(page.headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      'x-content-type-options': 'nosniff',
    })
    const plain = await fetch(`http://127.0.0.1:${running.plain}/x?y=1`, {
      redirect: 'manual',
      headers: { host: name },
    })
    expect([plain.status, plain.headers.get('location')?.replace(/^https:\/\/[^/]+/, '')]).toEqual([
      301,
      '/x?y=1',
    ])

    // what a client says of its own address is not believed
    const login = await send('/api/login', {
      method: 'POST',
      headers: {
        origin: `https://${host}`,
        'content-type': 'application/json',
        'x-forwarded-for': '203.0.113.9',
      },
      body: JSON.stringify({ username: 'olga', password }),
    })
    expect(login.status).toBe(200)
    expect(login.headers['set-cookie']?.join()).toMatch(/^__Host-hubbub-.*Secure/)
    const { sessions } = await olga.request('sessions.list', {})
    expect(sessions.map(({ address }) => address)).not.toContain('203.0.113.9')

    const socket = new WebSocket(`wss://127.0.0.1:${running.port}/live`, {
      ...tls,
      headers: { host, authorization: `Bearer ${bo.token}` },
    })
    const live = new LiveClient(socket)
    await once(socket, 'open')
    live.send({ t: 'resume', protocol: 1 })
    await live.next(({ t }) => t === 'state')
    await olga.sendMessage(chat.id, 'through the proxy')
    expect(await live.nextEntry('message.sent')).toMatchObject({ message: { text: 'through the proxy' } })

    // larger than other requests may be; a part that was cut off counts
    const bytes = randomBytes(3_000_000)
    const id = await createUpload(hub.url, olga.token, { name: 'plan.bin', size: bytes.length })
    const patch = (offset: number, length: number) =>
      request(`${running.url}/api/files/${id}`, {
        ...{ ...tls, method: 'PATCH', agent: false },
        headers: {
          ...{ host, authorization: `Bearer ${olga.token}`, 'tus-resumable': '1.0.0' },
          ...{ 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
          'content-length': String(length),
        },
      })
    // the question how much is there ends a part that is on its way, maybe before any of it arrived
    await waitFor(async () => {
      const cut = patch(0, bytes.length)
      cut.on('error', () => undefined)
      await new Promise((resolve) => cut.write(bytes.subarray(0, 2_000_000), resolve))
      expect(await uploadOffset(hub.url, olga.token, id)).toBeGreaterThan(0)
      cut.destroy()
    })
    let offset = 0
    await waitFor(async () => {
      offset = await uploadOffset(hub.url, olga.token, id)
      const rest = patch(offset, bytes.length - offset)
      rest.end(bytes.subarray(offset))
      const [response] = (await once(rest, 'response')) as [{ statusCode: number; resume: () => void }]
      response.resume()
      expect(response.statusCode).toBe(204)
    })
    expect(offset).toBeGreaterThan(0)
    await olga.request('messages.send', {
      ...{ chatId: chat.id, cid: crypto.randomUUID(), text: '', attachments: [id] },
    })
    const file = await fetch(`${hub.url}/api/files/${id}`, {
      headers: { authorization: `Bearer ${olga.token}` },
    })
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true)
    const json = { origin: `https://${host}`, 'content-type': 'application/json' }
    const large = JSON.stringify({ username: 'x'.repeat(1_100_000), password })
    expect((await send('/api/login', { method: 'POST', headers: json, body: large })).status).toBe(413)

    const statuses = await Promise.all(
      Array.from({ length: 80 }, () => send('/api/login', { method: 'POST', body: '{}' })),
    )
    expect(statuses.filter(({ status }) => status === 429).length).toBeGreaterThan(5)
  },
)

test.skipIf(!isThere('systemd-analyze'))('the units of deploy/ are ones that systemd accepts', () => {
  const folder = newDataDir()
  const units = ['hubbub.service', 'hubbub@.service']
  for (const name of units)
    // the program of a test is elsewhere
    writeFileSync(
      path.join(folder, name),
      readFileSync(path.join(deploy, name), 'utf8').replaceAll(
        '/opt/hubbub/node_modules/node/bin/node',
        process.execPath,
      ),
    )
  const instances = ['hubbub.service', 'hubbub@7801.service'].map((name) => path.join(folder, name))
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...instances], {
    encoding: 'utf8',
  })
  expect([stderr, status]).toEqual(['', 0])
})
