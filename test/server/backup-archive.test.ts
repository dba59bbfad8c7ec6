// Archives in every world: what has nothing to do with the file of SQLite.
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore } from '../../server/backup/restore.ts'
import { lockFiles } from '../../server/db/files-lock.ts'
import { checkInvariants } from '../../server/db/verify.ts'
import { openReader } from '../../server/db/sqlite/connection.ts'
import {
  buildArchive,
  buildManifest,
  newFilePath,
  newTargetPath,
  startHubWithMessages,
  type TarMember,
} from '../support/archives.ts'
import { newDataDir } from '../support/data-dir.ts'

function readEpoch(dir: string): unknown {
  const { raw } = openReader(join(dir, 'hub.db'))
  try {
    return raw.prepare('select epoch from hub').pluck().get()
  } finally {
    raw.close()
  }
}

test('two restores of one backup get different epochs', async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  await hub.backUp(file)
  const [one, other] = [newTargetPath(), newTargetPath()]
  await restore(file, one)
  await restore(file, other)
  expect(readEpoch(one)).not.toBe(readEpoch(other))
})

test.skipIf(process.platform === 'win32')(
  'only the owner of the files can read a backup and a restored hub',
  async () => {
    const { hub } = await startHubWithMessages()
    const file = newFilePath()
    await hub.backUp(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const dir = newTargetPath()
    await restore(file, dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(dir, { recursive: true }) as string[]) {
      if (name !== 'hub.lock') expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0)
    }
  },
)

test('a backup made during writes is a consistent snapshot', async () => {
  const { hub, chatId } = await startHubWithMessages(true)
  const bea = await hub.registerUser('bea')
  const chat = await bea.createGroup('Storm')
  let going = true
  let sent = 0
  const writing = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (going) await bea.sendMessage(chat.id, `message ${(sent += 1)}`)
    }),
  )
  const files = [newFilePath(), newFilePath(), newFilePath()]
  try {
    for (const file of files) await hub.backUp(file)
  } finally {
    going = false
    await writing
  }
  expect(sent).toBeGreaterThan(10)

  for (const file of files) {
    const dir = newTargetPath()
    await restore(file, dir)
    const { raw } = openReader(join(dir, 'hub.db'))
    expect(checkInvariants(raw)).toEqual([])
    expect(raw.prepare('select last_no from chat where id = ?').pluck().get(chatId)).toBe(5)
    raw.close()
  }
})

test('a backup does not overwrite an existing file and leaves no temporary file', async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  writeFileSync(file, 'mine')
  await expect(hub.backUp(file)).rejects.toThrow('not overwritten')
  expect(readFileSync(file, 'utf8')).toBe('mine')
  await expect(hub.backUp(join(file, '..', 'none', 'backup.tar'))).rejects.toThrow('make that directory')
  await hub.backUp(join(file, '..', 'other.tar'))
  expect(readdirSync(join(file, '..')).sort()).toEqual(['backup.tar', 'other.tar'])
})

test('a backup removes the leftovers of one killed on an earlier day, and nothing else', async () => {
  const { hub } = await startHubWithMessages()
  const to = newFilePath()
  const dir = join(to, '..')
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
  for (const name of ['.hubbub-backup-old', '.hubbub-backup-new', 'photos']) mkdirSync(join(dir, name))
  for (const name of ['.hubbub-backup-old', 'photos']) utimesSync(join(dir, name), yesterday, yesterday)
  await hub.backUp(to)
  expect(readdirSync(dir).sort()).toEqual(['.hubbub-backup-new', 'backup.tar', 'photos'])
})

test('a leftover that cannot be removed, such as one of another account, does not stop a backup', async () => {
  const { hub } = await startHubWithMessages()
  const to = newFilePath()
  const dir = join(to, '..')
  const damaged = join(dir, '.hubbub-backup-damaged')
  mkdirSync(damaged)
  writeFileSync(join(damaged, 'work.lock'), randomBytes(4096))
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
  utimesSync(damaged, yesterday, yesterday)
  // as one that another backup removes while this one looks
  symlinkSync('nowhere', join(dir, '.hubbub-backup-gone'))
  await hub.backUp(to)
  expect(existsSync(to)).toBe(true)
})

test('a backup of a directory without a hub fails', async () => {
  await expect(backUp(newDataDir(), newFilePath())).rejects.toThrow('There is no hub in')
})

test('a restore into a directory that is not empty is rejected', async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  await hub.backUp(file)
  const dir = newDataDir()
  writeFileSync(join(dir, 'photo.jpg'), 'mine')
  await expect(restore(file, dir)).rejects.toThrow('is not empty')
  await expect(restore(file, hub.dataDir)).rejects.toThrow('is not empty')
  expect(readdirSync(dir)).toEqual(['photo.jpg'])
  const empty = newDataDir()
  await restore(file, empty)
  expect(existsSync(join(empty, 'hub.db'))).toBe(true)
})

test('a restore detects any altered byte and any truncation', { timeout: 60_000 }, async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  await hub.backUp(file)
  const whole = readFileSync(file)
  const broken = newFilePath('broken.tar')
  const dir = newTargetPath()
  const rejected = async (bytes: Buffer, what: string): Promise<void> => {
    writeFileSync(broken, bytes)
    await expect(restore(broken, dir), what).rejects.toThrow('truncated or altered')
    expect(existsSync(dir), what).toBe(false)
  }
  // the first and last byte, headers, padding, the checksum, and random positions
  const places = [0, 100, 124, 148, 156, 511, 512, whole.length - 1, whole.length - 1024, whole.length - 1530]
  for (let i = 0; i < 20; i += 1) places.push(randomBytes(4).readUInt32BE() % whole.length)
  for (const at of places) {
    const altered = Buffer.from(whole)
    altered[at] = (altered[at] as number) ^ 1
    await rejected(altered, `byte ${at}`)
  }
  for (const size of [0, 1, 512, 2048, whole.length - 1, whole.length - 1024, whole.length >> 1]) {
    await rejected(whole.subarray(0, size), `cut to ${size}`)
  }
  await rejected(Buffer.concat([whole, Buffer.alloc(512)]), 'trailing bytes')
  await restore(file, dir)
})

function withChange({ name, content = '' }: TarMember, change: object): TarMember {
  const manifest = JSON.parse(content.toString()) as object
  return { name, content: JSON.stringify({ ...manifest, ...change }) }
}

const evilContent = 'evil'
const maliciousArchives: [string, TarMember[]][] = [
  ['a path that escapes the directory', [{ name: '../evil', content: evilContent }]],
  ['a path that escapes from a subdirectory', [{ name: 'files/../../evil', content: evilContent }]],
  ['an absolute path', [{ name: '/tmp/evil', content: evilContent }]],
  ['a backslash in a path', [{ name: 'files\\..\\evil', content: evilContent }]],
  ['a NUL in a path', [{ name: 'files/a\0b', content: evilContent }]],
  ['a hidden file', [{ name: 'files/.evil', content: evilContent }]],
  ['an unexpected file', [{ name: 'evil', content: evilContent }]],
  ['a second lock', [{ name: 'hub.lock', content: evilContent }]],
  ['a WAL of the database', [{ name: 'hub.db-wal', content: evilContent }]],
  ['a symbolic link', [{ name: 'files/a', type: 'symlink', linkname: '/etc/passwd' }]],
  ['a hard link', [{ name: 'files/a', type: 'link', linkname: '/etc/passwd' }]],
  ['a directory', [{ name: 'files/a', type: 'directory' }]],
  [
    'a path twice',
    [
      { name: 'files/a', content: evilContent },
      { name: 'files/a', content: evilContent },
    ],
  ],
  [
    'a file where another one needs a folder',
    [
      { name: 'files/aa', content: evilContent },
      { name: 'files/aa/bb/c', content: evilContent },
    ],
  ],
  ['a very long path', [{ name: `files/${'a'.repeat(300)}`, content: evilContent }]],
]

test.each(maliciousArchives)('rejects an archive with %s despite a valid checksum', async (_, members) => {
  const parent = newDataDir()
  const dir = join(parent, 'restored')
  await expect(restore(await buildArchive([...members, buildManifest(members)]), dir)).rejects.toThrow(
    'is not a Hubbub backup',
  )
  expect(readdirSync(parent)).toEqual([])
})

test('a restore rejects an archive that differs from its manifest', async () => {
  const member = { name: 'files/a', content: 'a' }
  const digest = createHash('sha256').update('a').digest('hex')
  const stored = { name: `files/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`, content: 'a' }
  const dir = newTargetPath()
  const archives = [
    [member],
    [buildManifest([member])],
    [member, buildManifest([{ ...member, content: 'b' }])],
    [member, buildManifest([])],
    [buildManifest([member]), member],
    [member, buildManifest([member]), buildManifest([member])],
    [member, { name: 'manifest.json', content: '{}' }],
    [member, { name: 'manifest.json', content: 'nonsense' }],
    [
      stored,
      withChange(buildManifest([stored]), {
        format: 2,
        blobs: [{ name: stored.name, size: 1, sha256: digest }],
      }),
    ],
    ...[
      { files: [null] },
      { files: [[]] },
      { files: [{ name: 'files/a', size: 1 }] },
      { madeAt: 8.64e15 + 1 },
      { madeAt: -9e15 },
    ].map((change) => [member, withChange(buildManifest([member]), change)]),
  ]
  for (const members of archives) {
    await expect(restore(await buildArchive(members), dir)).rejects.toThrow('is not a Hubbub backup')
  }
  expect(existsSync(dir)).toBe(false)
})

test('a running backup keeps its work whatever the clock says', async () => {
  const { hub } = await startHubWithMessages()
  const to = newFilePath()
  const work = join(to, '..', '.hubbub-backup-running')
  mkdirSync(work)
  const lock = lockFiles(join(work, 'work.lock'), 'removing')
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
  utimesSync(work, yesterday, yesterday)
  await hub.backUp(to)
  expect(existsSync(work)).toBe(true)
  lock?.release()
  await hub.backUp(join(to, '..', 'second.tar'))
  expect(existsSync(work)).toBe(false)
})
