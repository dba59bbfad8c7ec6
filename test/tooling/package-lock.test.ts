import { expect, test } from 'vitest'
import { fixLock, findLockProblems, type PackageLock } from '../../scripts/check-lock.ts'

const validLock = (): PackageLock => ({
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
  expect(findLockProblems(validLock())).toEqual([])
})

test('a lock that makes npm 10 ask for a compiler is noticed and repaired', () => {
  const lock = validLock()
  delete lock.packages['node_modules/better-sqlite3']?.gypfile
  expect(findLockProblems(lock)).toEqual([expect.stringContaining('gypfile')])
  fixLock(lock)
  expect(lock).toEqual(validLock())
})

test('a lock that names a registry is noticed and repaired', () => {
  const lock = validLock()
  lock.packages['node_modules/vite-linux'] = {
    version: '1.0.0',
    optional: true,
    resolved: 'https://there/a.tgz',
  }
  expect(findLockProblems(lock)).toEqual([expect.stringContaining('names where it came from')])
  fixLock(lock)
  expect(lock).toEqual(validLock())
})

test('a platform that npm left out is noticed, wherever its package would be', () => {
  for (const path of ['node_modules/vite-linux', 'node_modules/vite/node_modules/vite-mac']) {
    const lock = validLock()
    delete lock.packages[path]
    expect(findLockProblems(lock)).toEqual([expect.stringContaining('which the lock left out')])
  }
})
