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

test('finds no problem in a valid lock', () => {
  expect(findLockProblems(validLock())).toEqual([])
})

test('finds and repairs a lock that makes npm 10 need a compiler', () => {
  const lock = validLock()
  delete lock.packages['node_modules/better-sqlite3']?.gypfile
  expect(findLockProblems(lock)).toEqual([expect.stringContaining('gypfile')])
  fixLock(lock)
  expect(lock).toEqual(validLock())
})

test('finds and repairs a lock that names a registry', () => {
  const lock = validLock()
  lock.packages['node_modules/vite-linux'] = {
    version: '1.0.0',
    optional: true,
    resolved: 'https://there/a.tgz',
  }
  expect(findLockProblems(lock)).toEqual([expect.stringContaining('names its registry')])
  fixLock(lock)
  expect(lock).toEqual(validLock())
})

test('finds a platform package that npm omitted, at any depth', () => {
  for (const path of ['node_modules/vite-linux', 'node_modules/vite/node_modules/vite-mac']) {
    const lock = validLock()
    delete lock.packages[path]
    expect(findLockProblems(lock)).toEqual([expect.stringContaining('which is missing in the lock')])
  }
})
