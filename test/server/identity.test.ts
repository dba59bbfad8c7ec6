import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadIdentity } from '../../server/identity.ts'
import { newDataDir } from '../support/data-dir.ts'

const keyFile = (dir: string) => join(dir, 'identity', 'hub-key.pem')

test('the key and the id of a hub are created at the first start and never change', () => {
  const dir = newDataDir()
  const { hubId } = loadIdentity(dir)
  expect(hubId).toMatch(/^[A-Za-z0-9_-]{43}$/)
  const pem = readFileSync(keyFile(dir), 'utf8')
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(loadIdentity(dir)).toMatchObject({ hubId })
  expect(readFileSync(keyFile(dir), 'utf8')).toBe(pem)
  expect(loadIdentity(newDataDir()).hubId).not.toBe(hubId)
})

test.skipIf(process.platform === 'win32')('only the hub’s account can read the key', () => {
  const dir = newDataDir()
  loadIdentity(dir)
  expect(statSync(keyFile(dir)).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, 'identity')).mode & 0o777).toBe(0o700)
})

const corruptions: [string, (pem: string) => string][] = [
  ['an empty file', () => ''],
  ['a truncated key', (pem) => pem.slice(0, pem.length / 2)],
  // line 2 is within the private half
  [
    'a private half that is not that of its public one',
    (pem) => pem.replace(/^(.*?\n.{60})(.)/s, (_, start, sign) => `${start}${sign === 'A' ? 'B' : 'A'}`),
  ],
  ['altered bytes', (pem) => pem.replace(/\n..../, '\n!!!!')],
  [
    'a key of another type',
    () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  ],
  [
    'a key on another curve',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }) as string,
  ],
]

test.each(corruptions)('rejects %s as the key and does not replace it', (_, damage) => {
  const dir = newDataDir()
  loadIdentity(dir)
  const damaged = damage(readFileSync(keyFile(dir), 'utf8'))
  writeFileSync(keyFile(dir), damaged)
  expect(() => loadIdentity(dir)).toThrow('is damaged')
  expect(readFileSync(keyFile(dir), 'utf8')).toBe(damaged)
})

test('a missing key next to a database is an error, because a new key would make another hub', () => {
  const dir = newDataDir()
  loadIdentity(dir)
  writeFileSync(join(dir, 'hub.db'), '')
  rmSync(keyFile(dir))
  expect(() => loadIdentity(dir)).toThrow('is missing: restore it')
})

test('leftovers of an interrupted first start are harmless', () => {
  const dir = newDataDir()
  mkdirSync(join(dir, 'identity'))
  writeFileSync(`${keyFile(dir)}.new`, 'half a k')
  expect(loadIdentity(dir).hubId).toHaveLength(43)
})
