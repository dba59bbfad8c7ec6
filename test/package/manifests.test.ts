import { expect, test } from 'vitest'
import { mergeManifests } from '../../scripts/merge-manifests.ts'

const manifest = (arch: string, version = '1.2.3') => `version: ${version}
files:
  - url: Hubbub-1.2.3-mac-${arch}.zip
    sha512: zip-${arch}
    size: 10
  - url: Hubbub-1.2.3-mac-${arch}.dmg
    sha512: dmg-${arch}
    size: 20
path: Hubbub-1.2.3-mac-${arch}.zip
sha512: zip-${arch}
releaseDate: '2026-01-01T00:00:00.000Z'
`

test('merges the manifests of both processors and lists each file once', () => {
  const merged = mergeManifests([manifest('x64'), manifest('arm64'), manifest('x64')])
  expect(merged.match(/url: .+/g)).toEqual([
    'url: Hubbub-1.2.3-mac-x64.zip',
    'url: Hubbub-1.2.3-mac-x64.dmg',
    'url: Hubbub-1.2.3-mac-arm64.zip',
    'url: Hubbub-1.2.3-mac-arm64.dmg',
  ])
  expect(merged).toContain('    sha512: dmg-arm64\n    size: 20\npath: Hubbub-1.2.3-mac-x64.zip\n')
})

test('rejects manifests of two versions', () => {
  expect(() => mergeManifests([manifest('x64'), manifest('arm64', '1.2.4')])).toThrow(
    'the manifests have different versions',
  )
})
