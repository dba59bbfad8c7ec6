import { expect, test } from 'vitest'
import { fix, problemsOf, type Lock } from '../../scripts/check-lock.ts'

const sound = (): Lock => ({
  packages: {
    '': {},
    'node_modules/better-sqlite3': { version: '1.0.0', gypfile: false },
    'node_modules/vite': {
      version: '1.0.0',
      optionalDependencies: { 'vite-linux': '1.0.0', 'vite-mac': '1.0.0' },
    },
    'node_modules/vite-linux': { version: '1.0.0', optional: true },
    'node_modules/vite/node_modules/vite-mac': { version: '1.0.0', optional: true },
  },
})

test('a sound lock has no problems', () => {
  expect(problemsOf(sound())).toEqual([])
})

test('a lock that makes npm 10 ask for a compiler is noticed and repaired', () => {
  const lock = sound()
  delete lock.packages['node_modules/better-sqlite3']?.gypfile
  expect(problemsOf(lock)).toEqual([expect.stringContaining('gypfile')])
  fix(lock)
  expect(lock).toEqual(sound())
})

test('a lock that names a registry is noticed and repaired', () => {
  const lock = sound()
  lock.packages['node_modules/vite-linux'] = {
    version: '1.0.0',
    optional: true,
    resolved: 'https://there/a.tgz',
  }
  expect(problemsOf(lock)).toEqual([expect.stringContaining('names where it came from')])
  fix(lock)
  expect(lock).toEqual(sound())
})

test('a platform that npm left out is noticed, wherever its package would be', () => {
  for (const path of ['node_modules/vite-linux', 'node_modules/vite/node_modules/vite-mac']) {
    const lock = sound()
    delete lock.packages[path]
    expect(problemsOf(lock)).toEqual([expect.stringContaining('which the lock left out')])
  }
})
