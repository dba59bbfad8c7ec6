// What a hub, its owner or the network can do with the packages of the app: nothing but hand on what the release key has
// signed.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseAddress } from '../../main/net/address.ts'
import { HubClient } from '../../main/net/hub-client.ts'
import { HubPackages } from '../../main/updates/hub-packages.ts'
import { releaseKeys, trustedKeys } from '../../main/updates/release-keys.ts'
import { isNewerVersion, packageListName, signedText } from '../../shared/app-packages.ts'
import {
  createReleaseKey,
  linuxPackage,
  offerRelease,
  releaseKey,
  signList,
} from '../support/app-packages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'

const bytes = randomBytes(400_000)
const good = linuxPackage(bytes)
const installed = { version: '0.1.0', platform: 'linux', arch: process.arch, kind: 'AppImage' }

interface Place {
  url: string
  token?: string
}

/** The app with these hubs; what would be installed is kept. */
function createApp(places: Place[], running: Partial<typeof installed> = {}, keys = [releaseKey.publicKey]) {
  const problems: string[] = []
  const feeds: string[] = []
  const done: Buffer[] = []
  let file = ''
  const hubs = places.map((place) => ({ ...place, client: new HubClient({ trust: 'local' }) }))
  onTestFinished(() => hubs.forEach(({ client }) => client.close()))
  const hubAt = (id: string) => hubs[Number(id)] as (typeof hubs)[number]
  const packages = new HubPackages({
    hubs: {
      list: () => hubs.map((_, at) => ({ id: String(at), name: `hub ${at}`, state: 'online' })),
      get: (id) => ({ request: (options) => hubAt(id).client.request(parseAddress(hubAt(id).url), options) }),
      token: (id) => hubAt(id).token,
    },
    keys,
    installed: { ...installed, ...running },
    installer: {
      downloadFrom: async (feed) => {
        feeds.push(feed)
        const manifest = (await (await fetch(`${feed}latest-linux.yml`)).json()) as { path: string }
        const response = await fetch(new URL(manifest.path, feed))
        file = path.join(newDataDir(), manifest.path)
        writeFileSync(file, Buffer.from(await response.arrayBuffer()))
        return file
      },
      install: async () => {
        done.push(Buffer.from('installed'))
        return true
      },
    },
    log: {
      info: () => undefined,
      warn: (_text, details) => void problems.push(String((details as { error: Error }).error.message)),
      error: () => undefined,
    },
  })
  return { packages, problems, feeds, done, file: () => file }
}

async function serve(handler: RequestListener): Promise<Place> {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** A hub that is not ours: it answers with this list, and sends these bytes as the package. */
const hostileHub = (
  signed: object | undefined,
  sendFile: RequestListener = (_, response) => void response.end(bytes),
): Promise<Place> =>
  serve((request, response) => {
    if (request.url !== '/api/app-packages') return void sendFile(request, response)
    response.end(JSON.stringify({ signed, files: [good.file] }))
  })

test('takes a newer version from a hub, as it was signed', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const ann = await hub.registerUser('ann')
  const { packages, done, file, feeds } = createApp([{ url: hub.url, token: ann.token }])
  expect(await packages.find()).toBe(undefined)
  offerRelease(hub.dataDir, signList({ version: '0.2.0', packages: [good] }), { [good.file]: bytes })
  const offer = await packages.find()
  expect([offer?.version, offer?.hubName]).toEqual(['0.2.0', 'hub 0'])
  await offer?.download()
  await offer?.install()
  expect([done.length, file().endsWith(good.file)]).toEqual([1, true])
  // nothing is left open on this computer
  await expect(fetch(feeds[0] ?? '')).rejects.toThrow('fetch failed')
})

test('refuses a list that the release key has not signed, in any form', async () => {
  const list = { version: '0.2.0', packages: [good] }
  const signed = signList(list)
  const stranger = createReleaseKey()
  const lists: object[] = [
    signList(list, stranger.privateKey),
    { ...signed, list: signed.list.replace('0.2.0', '0.3.0') },
    { ...signed, list: ` ${signed.list}` },
    { ...signed, list: signed.list.replace(good.sha512, linuxPackage(Buffer.from('evil')).sha512) },
    { ...signed, signature: '' },
    { ...signed, signature: signed.signature.slice(0, 40) },
    { ...signed, signature: Buffer.alloc(64).toString('base64') },
    // the signature of the plain list, without the words that say what it is for
    { list: signed.list, signature: signedText(signed.list) },
  ]
  for (const one of lists) {
    const { packages, problems } = createApp([await hostileHub(one)])
    expect([one, await packages.find()]).toEqual([one, undefined])
    expect(problems).toEqual(['the list of packages is not signed by the release key'])
  }
  // a key that the hub sends along is nobody's
  const { packages } = createApp([await hostileHub({ ...lists[0], publicKey: stranger.publicKey })])
  expect(await packages.find()).toBe(undefined)
  // an app without a key takes nothing, nor does one that was started from its sources
  expect(await createApp([await hostileHub(signed)], {}, []).packages.find()).toBe(undefined)
  expect(await createApp([await hostileHub(signed)], { kind: undefined as never }).packages.find()).toBe(
    undefined,
  )
})

test('offers nothing that is not newer or not for this computer, although it is signed', async () => {
  const found = async (list: object, running: Partial<typeof installed> = {}) =>
    (await createApp([await hostileHub(signList(list))], running).packages.find())?.version
  const list = (version: string, changes: object = {}) => ({ version, packages: [{ ...good, ...changes }] })
  expect(await found(list('0.2.0'), { version: '0.2.0' })).toBe(undefined)
  expect(await found(list('0.1.9'), { version: '0.2.0' })).toBe(undefined)
  expect(await found(list('0.2.0'), { version: '0.10.0' })).toBe(undefined)
  expect(await found(list('0.10.0'), { version: '0.9.9' })).toBe('0.10.0')
  expect(await found(list('0.2.0'), { version: '0.2.0-beta.3' })).toBe('0.2.0')
  expect(await found(list('0.2.0'), { version: 'unknown' })).toBe(undefined)
  expect(await found(list('0.2.0', { platform: 'win32', kind: 'nsis' }))).toBe(undefined)
  expect(await found(list('0.2.0', { arch: process.arch === 'x64' ? 'arm64' : 'x64' }))).toBe(undefined)
  expect(await found(list('0.2.0', { kind: 'deb' }))).toBe(undefined)
  expect(await found(list('0.2.0', { file: '../../.bashrc' }))).toBe(undefined)
})

test('chooses the newest of all hubs, and one bad hub hides no other', async () => {
  const places = [
    await hostileHub(signList({ version: '0.2.0', packages: [good] })),
    await serve((_, response) => response.end('{')),
    await serve((request) => request.destroy()),
    await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    await serve((_, response) => response.writeHead(404).end()),
    // endless
    await serve((_, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), more))
      more()
    }),
    await hostileHub(signList({ version: '0.3.0', packages: [good] })),
    await hostileHub(signList({ version: '0.2.9', packages: [good] })),
  ]
  const offer = await createApp(places).packages.find()
  expect([offer?.version, offer?.hubName]).toEqual(['0.3.0', 'hub 6'])
})

test('hands on no other bytes than the signed ones, and no more', async () => {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(200_000) ^ 1, 200_000)
  let sent = 0
  const ways: Record<string, RequestListener> = {
    'changed in one bit': (_, response) => void response.end(changed),
    truncated: (_, response) => void response.end(bytes.subarray(0, 399_999)),
    'cut off': (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 1000), () => response.destroy())
    },
    'larger than signed': (_, response) => void response.end(Buffer.concat([bytes, Buffer.from('x')])),
    endless: (_, response) => {
      const more = (): void => {
        sent += 65_536
        if (!response.destroyed) response.write(Buffer.alloc(65_536), more)
      }
      more()
    },
    'led elsewhere': (_, response) =>
      void response.writeHead(302, { location: 'http://127.0.0.1:1/evil' }).end(bytes),
    'an error': (_, response) => void response.writeHead(500).end(bytes),
    'another file': (_, response) => void response.end(randomBytes(bytes.length)),
  }
  const signed = signList({ version: '0.2.0', packages: [good] })
  for (const [way, sendFile] of Object.entries(ways)) {
    const { packages, done } = createApp([await hostileHub(signed, sendFile)])
    const offer = await packages.find()
    await expect(offer?.download(), way).rejects.toThrow()
    expect(done).toEqual([])
  }
  // it stops at the size that was signed, but for what is on its way
  expect(sent).toBeLessThan(20 * 1024 * 1024)
})

test('installs nothing that was replaced after it was fetched', async () => {
  const { packages, done, file } = createApp([
    await hostileHub(signList({ version: '0.2.0', packages: [good] })),
  ])
  const offer = await packages.find()
  await offer?.download()
  for (const replaced of [Buffer.from('evil'), randomBytes(bytes.length), Buffer.concat([bytes, bytes])]) {
    writeFileSync(file(), replaced)
    await expect(offer?.install()).rejects.toThrow(/not the signed one|larger than signed/)
  }
  expect(done).toEqual([])
  writeFileSync(file(), bytes)
  expect(await offer?.install()).toBe(true)
})

test('only an app from its sources takes another key', () => {
  expect(trustedKeys(true, { HUBBUB_RELEASE_KEY: 'mine' })).toBe(releaseKeys)
  expect(trustedKeys(false, { HUBBUB_RELEASE_KEY: 'mine' })).toEqual(['mine'])
  expect(trustedKeys(false, {})).toBe(releaseKeys)
  expect(isNewerVersion('1.0.0-beta', '0.1.0')).toBe(false)
  expect(packageListName).toBe('hubbub-packages.json')
})
