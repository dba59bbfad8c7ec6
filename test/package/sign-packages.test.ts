import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findNewerPackage } from '../../main/updates/signed-packages.ts'
import { listPackages, signPackages } from '../../scripts/sign-packages.ts'
import { newDataDir } from '../support/data-dir.ts'

const scripts = path.join(import.meta.dirname, '..', '..', 'scripts')
const run = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [path.join(scripts, script), ...args], { encoding: 'utf8' })

test('signs a release, so that each installation finds its package', () => {
  const dir = newDataDir()
  const release = newDataDir()
  for (const name of [
    ...['Hubbub-0.2.0-win-x64.exe', 'Hubbub-0.2.0-win-arm64.exe', 'Hubbub-0.2.0-mac-x64.zip'],
    ...['Hubbub-0.2.0-mac-arm64.zip', 'Hubbub-0.2.0-mac-arm64.dmg', 'Hubbub-linux-x86_64.AppImage'],
    ...['Hubbub-linux-arm64.AppImage', 'Hubbub-0.2.0-linux-amd64.deb', 'Hubbub-0.2.0-linux-arm64.deb'],
    ...['Hubbub-0.2.0-linux-x86_64.rpm', 'Hubbub-0.2.0-linux-aarch64.rpm', 'latest.yml', 'SHA256SUMS'],
    'Hubbub-0.2.0-win-x64.exe.blockmap',
  ]) {
    writeFileSync(path.join(release, name), name)
  }
  const key = path.join(dir, 'release-key.pem')
  const publicKey = run('release-key.ts', key).trim()
  if (process.platform !== 'win32') expect(statSync(key).mode & 0o777).toBe(0o600)
  const packages = listPackages(release)
  expect(packages).toHaveLength(10)
  const signed = signPackages({ version: '0.2.0', packages }, readFileSync(key, 'utf8'), [publicKey])
  const fileFor = (platform: string, arch: string, kind: string) =>
    findNewerPackage(signed, [publicKey], { version: '0.1.0', platform, arch, kind })?.file
  expect(fileFor('win32', 'arm64', 'nsis')).toBe('Hubbub-0.2.0-win-arm64.exe')
  expect(fileFor('darwin', 'x64', 'zip')).toBe('Hubbub-0.2.0-mac-x64.zip')
  expect(fileFor('linux', 'x64', 'AppImage')).toBe('Hubbub-linux-x86_64.AppImage')
  expect(fileFor('linux', 'x64', 'deb')).toBe('Hubbub-0.2.0-linux-amd64.deb')
  expect(fileFor('linux', 'arm64', 'rpm')).toBe('Hubbub-0.2.0-linux-aarch64.rpm')

  // a key that no app trusts signs nothing, and neither key nor list of a beta is written over or signed
  const sign = (version: string, trusted?: string[]) => () =>
    signPackages({ version, packages }, readFileSync(key, 'utf8'), trusted)
  expect(sign('0.2.0')).toThrow('not a key of main/updates/release-keys.ts')
  expect(sign('0.2.0-beta.1', [publicKey])).toThrow('the app would refuse this list')
  expect(spawnSync(process.execPath, [path.join(scripts, 'release-key.ts'), key]).status).not.toBe(0)
})

test('does not stop a release without a key', () => {
  expect(run('sign-packages.ts', newDataDir())).toBe('no RELEASE_KEY: hubs cannot pass this release on\n')
})
