import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataDir, networkFileSystem, restoreStagingName } from '../../server/db/data-dir-lock.ts'
import { restore } from '../../server/backup/restore.ts'
import { sentenceFor, StartError } from '../../server/start-error.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { makeWorld } from '../support/world.ts'

function acquireLock(dir: string): ReturnType<typeof lockDataDir> {
  const lock = lockDataDir(dir)
  onTestFinished(() => lock.release())
  return lock
}

function runProgram(program: string): ChildProcess {
  const lock = JSON.stringify(join(import.meta.dirname, '../../server/db/data-dir-lock.ts'))
  const child = fork('-', [], {
    execArgv: ['--input-type=module', '-e', `import { lockDataDir } from ${lock}\n${program}`],
    stdio: 'inherit',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Starts another process that holds the lock until it is killed. */
async function startLockHolder(dir: string) {
  // without a reference the lock would end with the next garbage collection
  const child = runProgram(`
    globalThis.lock = lockDataDir(${JSON.stringify(dir)})
    process.send('held')
    setInterval(() => {}, 1000)`)
  await once(child, 'message')
  return child
}

test('a data directory can be locked once, and again after it is released', () => {
  const dir = newDataDir()
  const lock = acquireLock(dir)
  expect(() => lockDataDir(dir)).toThrow('Another hub is running on')
  lock.release()
  acquireLock(dir)
})

test('another process holds the lock until it ends, even by SIGKILL', async () => {
  const dir = newDataDir()
  const child = await startLockHolder(dir)
  expect(() => lockDataDir(dir)).toThrow('Another hub is running on')
  child.kill('SIGKILL')
  await once(child, 'exit')
  acquireLock(dir)
  // only the lock file itself is left, with no stale pid or other file to clean up
  expect(readdirSync(dir)).toEqual(['hub.lock'])
})

test.skipIf(process.platform === 'win32')('creates the data directory for its owner only', () => {
  const dir = join(newDataDir(), 'a', 'b')
  acquireLock(dir)
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

test('a file in place of the directory is rejected', () => {
  const file = join(newDataDir(), 'file')
  writeFileSync(file, '')
  expect(() => lockDataDir(file)).toThrow('is not a directory')
  expect(() => lockDataDir(join(file, 'below'))).toThrow('is not a directory')
})

test('a lock path that is not a lock file is rejected and left unchanged', () => {
  const dir = newDataDir()
  writeFileSync(join(dir, 'hub.lock'), 'my shopping list. '.repeat(100))
  expect(() => lockDataDir(dir)).toThrow('is not a lock of Hubbub')
})

test('a directory with an unfinished restore is rejected', () => {
  const dir = newDataDir()
  mkdirSync(join(dir, restoreStagingName))
  expect(() => lockDataDir(dir)).toThrow('did not finish')
})

/** The error for a process without permissions. As root it drops its privileges once the program is loaded. */
async function lockErrorWhenUnprivileged(dir: string): Promise<string> {
  const child = runProgram(`
    if (process.getuid() === 0) process.setuid(${unprivilegedUid})
    try {
      lockDataDir(${JSON.stringify(dir)})
      process.send('locked')
    } catch (error) {
      process.send(error.message)
    }`)
  const [published] = (await once(child, 'message')) as [string]
  return published
}

const unprivilegedUid = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0)

test.skipIf(process.platform === 'win32')('rejects an unwritable directory with a hint', async () => {
  const dir = newDataDir()
  writeFileSync(join(dir, 'hub.db'), '')
  for (const file of [dir, join(dir, 'hub.db')]) chownSync(file, unprivilegedUid, -1)
  chmodSync(join(dir, 'hub.db'), 0o400)
  expect(await lockErrorWhenUnprivileged(dir)).toContain(
    `${join(dir, 'hub.db')} cannot be written (EACCES): give`,
  )
  chmodSync(dir, 0o500)
  expect(await lockErrorWhenUnprivileged(dir)).toContain(`${dir} cannot be written (EACCES): give`)
  expect(await lockErrorWhenUnprivileged(join(dir, 'data'))).toContain(
    'data cannot be written (EACCES): give',
  )
})

test.skipIf(process.platform !== 'linux')('recognises network file systems by number or mount', () => {
  const mounts = () =>
    ['disk / ext4 rw 0 0', 'ann@box: /mnt/far fuse.sshfs rw 0 0', 'disk /mnt/far/near fuseblk rw 0 0'].join(
      '\n',
    )
  const fuse = 0x65735546
  expect(networkFileSystem('/data', 0x6969, mounts)).toBe('NFS')
  expect(networkFileSystem('/data', 0xff534d42, mounts)).toBe('CIFS')
  expect(networkFileSystem('/data', 0xef53, mounts)).toBe(undefined)
  expect(networkFileSystem('/mnt/far/data', fuse, mounts)).toBe('fuse.sshfs')
  expect(networkFileSystem('/mnt/far/near/data', fuse, mounts)).toBe(undefined)
  expect(networkFileSystem('/mnt/farther', fuse, mounts)).toBe(undefined)
  expect(networkFileSystem(newDataDir())).toBe(undefined)
})

test('a hub whose lock file was removed takes it again, and ends if another hub was faster', async () => {
  const fatal: unknown[] = []
  const hub = await startTestHub({ onFatal: (error) => fatal.push(error) })
  const file = join(hub.dataDir, 'hub.lock')
  rmSync(file)
  await hub.hub.jobs.run('lock.renew')
  expect(() => lockDataDir(hub.dataDir)).toThrow('Another hub is running on')
  expect(fatal).toEqual([])
  rmSync(file)
  // the lock of a hub of an earlier release, which does not look at the database
  const other = new Database(file)
  onTestFinished(() => void other.close())
  other.exec('begin exclusive')
  await hub.hub.jobs.run('lock.renew')
  expect(fatal).toMatchObject([{ code: 'locked' }])
})

test('a hub whose directory is gone says so, and ends', async () => {
  const fatal: unknown[] = []
  const hub = await startTestHub({ onFatal: (error) => fatal.push(error) })
  renameSync(hub.dataDir, `${hub.dataDir}-away`)
  await hub.hub.jobs.run('lock.renew')
  renameSync(`${hub.dataDir}-away`, hub.dataDir)
  expect(fatal).toMatchObject([{ message: `${hub.dataDir} is gone: the hub stops.` }])
})

test('a hub without its lock file lets no other one in, and a killed one does', async () => {
  const hub = await startTestHub()
  const file = join(hub.dataDir, 'hub.lock')
  rmSync(file)
  expect(() => lockDataDir(hub.dataDir)).toThrow('although hub.lock was removed')
  // the refused start leaves no lock file, which would let the next one in
  expect(existsSync(file)).toBe(false)
  await hub.hub.jobs.run('lock.renew')
  expect(existsSync(file)).toBe(true)
  await hub.close()
  rmSync(file)
  lockDataDir(hub.dataDir).release()
})

test.skipIf(process.platform !== 'linux')(
  'a place where no directory can be is refused in words',
  async () => {
    const dir = newDataDir()
    writeFileSync(join(dir, 'file'), '')
    symlinkSync(join(dir, 'loop'), join(dir, 'loop'))
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'))
    const { hub } = await makeWorld()
    const backup = join(newDataDir(), 'team.hubbub')
    await hub.backUp(backup)
    for (const [place, words] of [
      ['/proc/x', 'cannot be written (ENOENT)'],
      ['/proc/x/y/z', 'cannot be written (ENOENT)'],
      ['/sys/x', /cannot be written \(E(PERM|ACCES|ROFS)\)/],
      ['/dev/null', /not a directory|cannot be read/],
      ['/dev/null/x', 'is not a directory'],
      [join(dir, 'file'), /not a directory|cannot be read/],
      [join(dir, 'file/below/it'), 'is not a directory'],
      [join(dir, 'loop'), 'ELOOP'],
      [join(dir, 'loop/x'), 'ELOOP'],
      [join(dir, 'dangling'), /./],
      [join(dir, 'x'.repeat(300)), 'ENAMETOOLONG'],
    ] as const) {
      if (!place.endsWith('dangling')) expect(() => lockDataDir(place), place).toThrow(StartError)
      const restoring = restore(backup, place)
      await expect(restoring, place).rejects.toThrow(words)
      await expect(restoring, place).rejects.toBeInstanceOf(StartError)
    }
  },
)

test('an error of the disk at the start is a sentence', () => {
  const error = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_SHMSIZE' })
  expect(sentenceFor(error, '/data')).toContain('it may be full or failing')
})
