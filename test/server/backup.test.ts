import Database from 'better-sqlite3'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { checkInvariants } from '../../server/db/verify.ts'
import { restore } from '../../server/backup/restore.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { lockFiles } from '../../server/db/files-lock.ts'
import { readIdentity } from '../../server/identity.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/** A running hub with a few messages and a stored file. */
async function startHubWithMessages(loadTest = false): Promise<{ hub: TestHub; chatId: string }> {
  const hub = await startTestHub({ loadTest })
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const chat = await olga.createGroup('Talk', [ann])
  for (let i = 0; i < 5; i += 1) await (i % 2 ? ann : olga).sendMessage(chat.id, `message ${i}`)
  const content = randomBytes(300_000)
  const digest = createHash('sha256').update(content).digest('hex')
  mkdirSync(join(hub.dataDir, 'files', digest.slice(0, 2)), { recursive: true })
  writeFileSync(join(hub.dataDir, 'files', digest.slice(0, 2), digest), content)
  return { hub, chatId: chat.id }
}

const newFilePath = (name = 'backup.tar') => join(newDataDir(), name)
const newTargetPath = () => join(newDataDir(), 'restored')

/** Every row of a database, and the epoch separately. */
function readDatabase(dir: string): { tables: Record<string, unknown>; epoch: unknown } {
  const { raw } = openReader(join(dir, 'hub.db'))
  try {
    const names = raw.prepare(`select name from sqlite_schema where type = 'table' order by 1`).pluck().all()
    const rows = (name: string): unknown[] => raw.prepare(`select * from "${name}"`).all()
    const tables = Object.fromEntries((names as string[]).map((name) => [name, rows(name)]))
    const [hub] = tables['hub'] as { epoch: unknown }[]
    const epoch = hub?.epoch
    if (hub) delete hub.epoch
    return { tables, epoch }
  } finally {
    raw.close()
  }
}

test('a restored hub has the same data and a new epoch', async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  // the index gets the messages a moment later: before the backup, not after it
  await hub.hub.jobs.run('search.index')
  const made = await hub.backUp(file)
  expect(made.files).toBe(4)
  await hub.close()
  const dir = newTargetPath()
  await restore(file, dir)

  const [was, is] = [readDatabase(hub.dataDir), readDatabase(dir)]
  expect(is.tables).toEqual(was.tables)
  expect(is.epoch).not.toBe(was.epoch)
  expect(readdirSync(dir).sort()).toEqual(['continuity', 'files', 'hub.db', 'hub.lock', 'identity'])
  const [stored] = readdirSync(join(dir, 'files'), { recursive: true }).filter((name) => name.length > 60)
  expect(readFileSync(join(dir, 'files', stored as string))).toEqual(
    readFileSync(join(hub.dataDir, 'files', stored as string)),
  )
  const again = await startTestHub({ dataDir: dir })
  expect(again.hub.hubId).toBe(hub.hub.hubId)
})

test('two restores of one backup get different epochs', async () => {
  const { hub } = await startHubWithMessages()
  const file = newFilePath()
  await hub.backUp(file)
  const [one, other] = [newTargetPath(), newTargetPath()]
  await restore(file, one)
  await restore(file, other)
  expect(readDatabase(one).epoch).not.toBe(readDatabase(other).epoch)
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

test('a backup of a directory without a hub fails', async () => {
  await expect(backUp(newDataDir(), newFilePath())).rejects.toThrow('There is no hub in')
})

test('a backup of a corrupt database fails and leaves no file', async () => {
  const { hub } = await startHubWithMessages()
  await hub.close()
  const { raw } = openWriter(join(hub.dataDir, 'hub.db'))
  raw.exec(
    `delete from entry where type = 'message.sent' and seq = (select min(seq) from entry where type = 'message.sent')`,
  )
  raw.close()
  const file = newFilePath()
  await expect(hub.backUp(file)).rejects.toThrow('content is damaged')
  expect(readdirSync(join(file, '..'))).toEqual([])
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

interface TarMember {
  name: string
  content?: Buffer | string
  type?: 'file' | 'symlink' | 'link' | 'directory'
  linkname?: string
}

/** A forged archive with a valid checksum. */
async function buildArchive(members: TarMember[]): Promise<string> {
  const made = members.map(({ name, content = '', type = 'file', linkname }) => ({
    header: { name, type, mtime: new Date(0), mode: 0o600, ...(linkname === undefined ? {} : { linkname }) },
    content,
  }))
  const body = await packTar(made)
  const sealed = body.subarray(0, -1024)
  const digest = createHash('sha256').update(sealed).digest('hex')
  const seal = { name: 'SHA256', type: 'file' as const, mtime: new Date(0), mode: 0o600 }
  const file = newFilePath('made-up.tar')
  writeFileSync(file, Buffer.concat([sealed, await packTar([{ header: seal, content: `${digest}\n` }])]))
  return file
}

async function packTar(
  members: { header: Parameters<ReturnType<typeof pack>['entry']>[0]; content: Buffer | string }[],
) {
  const archive = pack()
  for (const { header, content } of members) {
    if (header.type === 'file') archive.entry(header, content)
    else archive.entry(header).end(undefined)
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function buildManifest(members: TarMember[], hubId = 'x'): TarMember {
  const files = members.map(({ name, content = '' }) => ({
    name,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }))
  const about = { format: 1, program: '0', hubId, epoch: 'x', schema: 1, madeAt: 0, files }
  return { name: 'manifest.json', content: JSON.stringify(about) }
}

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
    ...[{ files: [null] }, { madeAt: 8.64e15 + 1 }, { madeAt: -9e15 }].map((change) => [
      member,
      withChange(buildManifest([member]), change),
    ]),
  ]
  for (const members of archives) {
    await expect(restore(await buildArchive(members), dir)).rejects.toThrow('is not a Hubbub backup')
  }
  expect(existsSync(dir)).toBe(false)
})

test('a restore rejects a database together with the key of another hub', async () => {
  const { hub } = await startHubWithMessages()
  const other = await startTestHub()
  const file = newFilePath()
  await hub.close()
  const members = [
    { name: 'hub.db', content: readFileSync(join(hub.dataDir, 'hub.db')) },
    { name: 'identity/hub-key.pem', content: readFileSync(join(other.dataDir, 'identity', 'hub-key.pem')) },
  ]
  await expect(
    restore(await buildArchive([...members, buildManifest(members)]), newTargetPath()),
  ).rejects.toThrow('another hub')
  expect(existsSync(file)).toBe(false)
})

test('a stored file that was cut or changed fails backup and restore, with the message that it belongs to', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const id = await uploadFile(hub.url, ann.token, { name: 'plan.bin', bytes: randomBytes(5000) })
  const input = { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [id] }
  const { message } = await ann.request('messages.send', input)
  await hub.close()
  const row = new Database(join(hub.dataDir, 'hub.db'), { readonly: true })
  const name = row.prepare('select digest from file where id = ?').pluck().get(id) as string
  row.close()
  const stored = join(hub.dataDir, fileNameOf(name))
  const sound = readFileSync(stored)
  const flipped = Buffer.from(sound)
  flipped[2500] = (flipped[2500] ?? 0) ^ 1
  for (const damaged of [sound.subarray(0, 4000), flipped, Buffer.alloc(5000), Buffer.alloc(0)]) {
    writeFileSync(stored, damaged)
    const failing = hub.backUp(newFilePath())
    await expect(failing).rejects.toThrow(`the file ${name} was changed or cut short`)
    await expect(failing).rejects.toThrow(`“plan.bin” in message ${message.id} of ann in the group “Kitchen”`)
    // an archive that was made without this check
    const members = [
      { name: 'hub.db', content: readFileSync(join(hub.dataDir, 'hub.db')) },
      { name: 'identity/hub-key.pem', content: readFileSync(join(hub.dataDir, 'identity/hub-key.pem')) },
      ...readdirSync(join(hub.dataDir, 'files'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => ({
          name: fileNameOf(entry.name),
          content: readFileSync(join(entry.parentPath, entry.name)),
        })),
    ]
    const archive = await buildArchive([...members, buildManifest(members, hub.hub.hubId)])
    const target = newTargetPath()
    await expect(restore(archive, target)).rejects.toThrow(/is not a sound backup \(the file .*plan\.bin/)
    expect(existsSync(target)).toBe(false)
  }
  writeFileSync(stored, sound)
  await hub.backUp(newFilePath())
})

test('a restore of an archive without a database or without a key says that it is not a sound backup', async () => {
  const { hub } = await startHubWithMessages()
  await hub.close()
  const database = { name: 'hub.db', content: readFileSync(join(hub.dataDir, 'hub.db')) }
  const key = {
    name: 'identity/hub-key.pem',
    content: readFileSync(join(hub.dataDir, 'identity/hub-key.pem')),
  }
  for (const [members, words] of [
    [[key], 'hub.db is not in it'],
    [[database], 'identity/hub-key.pem is not in it'],
    [[], 'hub.db is not in it'],
  ] as const) {
    const archive = await buildArchive([...members, buildManifest([...members])])
    await expect(restore(archive, newTargetPath())).rejects.toThrow(`is not a sound backup (${words})`)
  }
})

const unsound: [words: string, change: (raw: Database.Database) => void][] = [
  ['its database has lost its content', (raw) => raw.exec('delete from hub')],
  ['its database has lost its content', (raw) => raw.pragma('user_version = 0')],
  ['its database has lost its content', (raw) => raw.pragma('user_version = -5')],
  ['its database is damaged: no such table: entry', (raw) => raw.exec('drop table entry')],
  [
    'its database is damaged: ',
    (raw) => raw.exec(`create trigger t before update on hub begin select raise(abort, 'no'); end`),
  ],
]

test('a restore of a damaged database or key blames the backup, not the new directory, and leaves nothing', async () => {
  const { hub } = await startHubWithMessages()
  await hub.close()
  const file = join(hub.dataDir, 'hub.db')
  const content = readFileSync(file)
  const key = readFileSync(join(hub.dataDir, 'identity/hub-key.pem'))
  const { hubId } = readIdentity(join(hub.dataDir, 'identity/hub-key.pem'))
  const changed = unsound.map(([words, change]): [Buffer, string] => {
    writeFileSync(file, content)
    const raw = new Database(file)
    raw.pragma('foreign_keys = off')
    raw.pragma('journal_mode = delete')
    change(raw)
    raw.close()
    return [readFileSync(file), words]
  })
  const cases: [database: Buffer, words: string, key?: Buffer][] = [
    ...changed,
    [Buffer.from('hello '.repeat(1000)), 'its database is damaged: file is not a database'],
    [content.subarray(0, content.length / 2), 'its database is damaged: '],
    [content, 'its key is damaged', Buffer.from('nonsense')],
  ]
  for (const [database, words, otherKey = key] of cases) {
    const members = [
      { name: 'hub.db', content: database },
      { name: 'identity/hub-key.pem', content: otherKey },
    ]
    const archive = await buildArchive([...members, buildManifest(members, hubId)])
    const dir = newTargetPath()
    await expect(restore(archive, dir)).rejects.toThrow(`is not a sound backup (${words}`)
    expect(existsSync(dir)).toBe(false)
  }
  await expect(restore(newDataDir(), newTargetPath())).rejects.toThrow('is a folder')
})

test('a backup of a directory with a part of the wrong kind or without its key says so', async () => {
  const { hub } = await startHubWithMessages()
  await hub.close()
  const cases: [path: string, kind: 'file' | 'folder' | 'nothing', words: string][] = [
    ['hub.db', 'folder', 'is a folder, but the hub has a file of this name'],
    ['files', 'file', 'is a file, but the hub has a folder of this name'],
    ['identity/hub-key.pem', 'folder', 'is damaged: restore the file from a backup'],
    ['identity/hub-key.pem', 'nothing', 'is missing: restore it from a backup'],
  ]
  for (const [name, kind, words] of cases) {
    const dir = join(newDataDir(), 'hub')
    cpSync(hub.dataDir, dir, { recursive: true })
    rmSync(join(dir, name), { recursive: true, force: true })
    if (kind === 'folder') mkdirSync(join(dir, name))
    if (kind === 'file') writeFileSync(join(dir, name), 'x')
    await expect(backUp(dir, newFilePath())).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining(words) as string,
    })
  }
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
