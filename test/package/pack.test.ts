import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { packCommand } from '../../scripts/pack.ts'

const root = path.join(import.meta.dirname, '..', '..')

test('packs without certificates when the secrets are empty, with an ad-hoc signature on macOS', () => {
  const empty = Object.fromEntries(
    readFileSync(path.join(root, '.github', 'workflows', 'release.yml'), 'utf8')
      // the secrets of the step that packs
      .split('- name: ')
      .filter((step) => step.startsWith('Pack\n'))
      .flatMap((step) => [...step.matchAll(/^ +(\w+): \$\{\{ secrets\.\w+ \}\}$/gm)])
      .map(([, name]) => [name, '']),
  )
  expect(Object.keys(empty)).toContain('CSC_LINK')
  expect(packCommand(['--mac', '--arm64'], { PATH: '/bin', ...empty })).toEqual({
    args: ['--mac', '--arm64', '--publish', 'never', '-c.mac.identity=-'],
    env: { PATH: '/bin', CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  })
})

test('passes the secrets that are there, and leaves the identity to the certificate', () => {
  const env = { CSC_LINK: 'MII…', CSC_KEY_PASSWORD: 'x', WIN_CSC_LINK: '', APPLE_ID: ' ' }
  expect(packCommand(['--mac'], env)).toEqual({
    args: ['--mac', '--publish', 'never'],
    env: { CSC_LINK: 'MII…', CSC_KEY_PASSWORD: 'x' },
  })
})

test('repairs the signature that the fuses break', () => {
  const config = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')
  expect(config).toMatch(/^electronFuses:\n(?: .+\n)* {2}resetAdHocDarwinSignature: true\n/m)
})
