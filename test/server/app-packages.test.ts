import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { packageListName } from '../../shared/app-packages.ts'
import { linuxPackage, offerRelease, signList } from '../support/app-packages.ts'
import { startTestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import type { TestUser } from '../support/test-user.ts'

const fetchPackage = ({ url, token }: TestUser, name: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/app-packages/${name}`, { headers: { authorization: `Bearer ${token}`, ...headers } })

test('passes on the packages that its owner puts into the folder, without a restart', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const ann = await hub.registerUser('ann')
  expect(await ann.request('appPackages.get', {})).toEqual({ files: [] })

  const bytes = randomBytes(700_000)
  const here = linuxPackage(bytes)
  const missing = linuxPackage(bytes, { file: 'Hubbub-0.2.0-win-x64.exe', platform: 'win32', kind: 'nsis' })
  const signed = signList({ version: '0.2.0', packages: [here, missing] })
  offerRelease(hub.dataDir, signed, { [here.file]: bytes })
  expect(await ann.request('appPackages.get', {})).toEqual({ signed, files: [here.file] })
  const client = await LiveClient.connect(hub.url, { authorization: `Bearer ${ann.token}` })
  expect(await client.request('appPackages.get', {})).toEqual({ signed, files: [here.file] })

  const whole = await fetchPackage(ann, here.file)
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  expect(whole.headers.get('content-disposition')).toContain('attachment')
  const part = await fetchPackage(ann, here.file, { range: 'bytes=100-199' })
  expect([part.status, Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))]).toEqual([
    206,
    true,
  ])
  expect((await fetchPackage(ann, missing.file)).status).toBe(404)
  expect((await fetch(`${hub.url}/api/app-packages/${here.file}`)).status).toBe(401)

  // a file that is still being copied is not offered
  truncateSync(path.join(hub.dataDir, 'app-packages', here.file), 1000)
  expect(await ann.request('appPackages.get', {})).toEqual({ signed, files: [] })
  expect((await fetchPackage(ann, here.file)).status).toBe(404)
})

test('tells admins what it passes on, and what is wrong with the folder', async () => {
  const hub = await startTestHub()
  const owner = await hub.setUp()
  const health = async () => (await owner.request('admin.health', {})).appPackages
  expect(await health()).toBe(undefined)
  const bytes = Buffer.from('a package')
  const one = linuxPackage(bytes)
  const signed = signList({
    version: '0.2.0',
    packages: [one, linuxPackage(bytes, { file: 'other.deb', kind: 'deb' })],
  })
  offerRelease(hub.dataDir, signed, {})
  expect(await health()).toEqual({ state: 'attention', version: '0.2.0', files: [], missing: 2 })
  offerRelease(hub.dataDir, signed, { [one.file]: bytes })
  expect(await health()).toEqual({ state: 'good', version: '0.2.0', files: [one.file], missing: 1 })
  writeFileSync(path.join(hub.dataDir, 'app-packages', packageListName), 'not a list')
  expect(await health()).toEqual({ state: 'attention', files: [], missing: 0 })
})

test('gives away nothing but the files of the list, whatever the name, the list or the folder say', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const ann = await hub.registerUser('ann')
  const bytes = Buffer.from('a package')
  const one = linuxPackage(bytes)
  const folder = path.join(hub.dataDir, 'app-packages')
  offerRelease(hub.dataDir, signList({ version: '0.2.0', packages: [one] }), {
    [one.file]: bytes,
    'notes.txt': Buffer.from('not on the list'),
  })
  for (const name of [
    ...['notes.txt', packageListName, '..%2Fhub.db', '..%5Chub.db', '%2Fetc%2Fpasswd', `.%2F${one.file}`],
    ...[`${one.file}%00`, one.file.toUpperCase(), 'x'.repeat(101), '__proto__'],
  ]) {
    expect([name, [404, 413].includes((await fetchPackage(ann, name)).status)]).toEqual([name, true])
  }

  // a link in the place of a package
  const key = Buffer.from('not for others')
  writeFileSync(path.join(hub.dataDir, 'secret'), key)
  const link = linuxPackage(key)
  rmSync(path.join(folder, one.file))
  symlinkSync(path.join(hub.dataDir, 'secret'), path.join(folder, one.file))
  offerRelease(hub.dataDir, signList({ version: '0.2.0', packages: [link] }), {})
  expect((await fetchPackage(ann, link.file)).status).toBe(404)

  // lists that are none
  const good = { version: '0.2.0', packages: [one] }
  for (const list of [
    { ...good, version: '0.2' },
    { ...good, version: '0.2.0-beta.1' },
    { ...good, packages: [] },
    { ...good, packages: [one, { ...one, file: one.file.toLowerCase() }] },
    ...['../hub.db', '/etc/passwd', 'a/b', 'a\\b', '.hidden', '', 'a b'].map((file) => ({
      ...good,
      packages: [{ ...one, file }],
    })),
    ...[0, -1, 1.5, 2 ** 40, '9'].map((size) => ({ ...good, packages: [{ ...one, size }] })),
    { ...good, packages: [{ ...one, sha512: 'short' }] },
    { ...good, packages: [{ ...one, platform: 'plan9' }] },
    { ...good, packages: [{ ...one, file: 'x'.repeat(101) }] },
    { ...good, packages: [null] },
  ]) {
    offerRelease(hub.dataDir, signList(list), {})
    expect([list, await ann.request('appPackages.get', {})]).toEqual([list, { files: [] }])
  }
  for (const text of ['', 'null', '[]', '{', '{"list":1,"signature":""}', 'x'.repeat(300_000)]) {
    writeFileSync(path.join(folder, packageListName), text)
    expect(await ann.request('appPackages.get', {})).toEqual({ files: [] })
  }
  rmSync(path.join(folder, packageListName))
  mkdirSync(path.join(folder, packageListName))
  expect(await ann.request('appPackages.get', {})).toEqual({ files: [] })
})
