import Database from 'better-sqlite3'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import { listMigratedSchema } from '../../server/db/schema-check.ts'
import { schemaFile } from '../../server/program-files.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { createUpload, patchUpload, uploadFile, uploadOffset } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'
import { sha256 } from '../../server/ids.ts'
import { sentenceFor } from '../../server/start-error.ts'

/*
 * A part of the data directory that is missing, empty or foreign: the hub refuses to start in words, or starts whole.
 * Either way it removes nothing.
 */

/** A hub that was used and closed: messages, three files, an unfinished upload. */
async function makeUsedHub() {
  const world = await makeWorld()
  const { hub, ann, kitchen } = world
  const contents = [randomBytes(1000), randomBytes(2000), randomBytes(3000)]
  const ids: string[] = []
  for (const bytes of contents) {
    const id = await uploadFile(hub.url, ann.token, { name: 'a.bin', bytes })
    await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [id] })
    ids.push(id)
  }
  const half = await createUpload(hub.url, ann.token, { name: 'half', size: 10 })
  await patchUpload(hub.url, ann.token, half, 0, Buffer.from('half'))
  await hub.close()
  return { ...world, ids, digests: contents.map((bytes) => sha256(bytes).toString('hex')) }
}

/** Every file of the directory and its content; without locks, which every start writes. */
function snapshot(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/\.(lock|db-shm|db-wal)$/.test(file))
      .map((file) => [file, sha256(readFileSync(file)).toString('hex')]),
  )
}

const startError = (dataDir: string): Promise<unknown> =>
  startTestHub({ dataDir }).then(
    () => undefined,
    (error: unknown) => error,
  )

const missing: [string, (dir: string) => void, string][] = [
  ['without its database', (dir) => rmSync(join(dir, 'hub.db')), 'is missing, although its key is there'],
  ['with an empty file as its database', (dir) => writeFileSync(join(dir, 'hub.db'), ''), 'is empty'],
  [
    'with a database without tables',
    (dir) => {
      rmSync(join(dir, 'hub.db'))
      const raw = new Database(join(dir, 'hub.db'))
      raw.exec('create table t (a); drop table t; vacuum')
      raw.close()
    },
    'is empty',
  ],
  [
    'with the database of another program',
    (dir) => {
      rmSync(join(dir, 'hub.db'))
      const raw = new Database(join(dir, 'hub.db'))
      raw.pragma('user_version = 1')
      raw.exec('create table bookmark (url text)')
      raw.close()
    },
    'is not the database of a hub',
  ],
  ['without its key', (dir) => rmSync(join(dir, 'identity'), { recursive: true }), 'is missing: restore it'],
  [
    'with its files only',
    (dir) => ['hub.db', 'identity'].forEach((name) => rmSync(join(dir, name), { recursive: true })),
    'neither its key nor its database',
  ],
  [
    'with a database that lost its rows',
    (dir) => {
      const raw = new Database(join(dir, 'hub.db'))
      raw.exec('delete from hub')
      raw.close()
    },
    'has lost its content',
  ],
  [
    'with a file in place of its folder of files',
    (dir) => {
      renameSync(join(dir, 'files'), join(dir, 'files.old'))
      writeFileSync(join(dir, 'files'), 'x')
    },
    'is a file, but the hub has a folder of this name',
  ],
  [
    'with a file in place of its folder of uploads',
    (dir) => {
      rmSync(join(dir, 'uploads'), { recursive: true })
      writeFileSync(join(dir, 'uploads'), 'x')
    },
    'is a file, but the hub has a folder of this name',
  ],
  [
    'with a folder in place of its database',
    (dir) => {
      rmSync(join(dir, 'hub.db'))
      mkdirSync(join(dir, 'hub.db'))
    },
    'is a folder, but the hub has a file of this name',
  ],
  [
    'with a folder in place of its lock',
    (dir) => {
      rmSync(join(dir, 'hub.lock'), { force: true })
      mkdirSync(join(dir, 'hub.lock'))
    },
    'is a folder, but the hub has a file of this name',
  ],
  [
    'with a folder in place of its key',
    (dir) => {
      rmSync(join(dir, 'identity', 'hub-key.pem'))
      mkdirSync(join(dir, 'identity', 'hub-key.pem'))
    },
    'is damaged: restore the file from a backup',
  ],
  ...[0, -1].map((version): (typeof missing)[number] => [
    `with a database that claims version ${version}`,
    (dir) => {
      const raw = new Database(join(dir, 'hub.db'))
      raw.pragma(`user_version = ${version}`)
      raw.close()
    },
    'does not have the tables of its version',
  ]),
  [
    'with a damaged lock of its files',
    (dir) => writeFileSync(join(dir, 'files.lock'), 'my shopping list. '.repeat(100)),
    'is not a lock of Hubbub: delete that file',
  ],
]

test('a hub with a missing, empty or foreign part refuses to start in words and removes nothing', async () => {
  const { hub } = await makeUsedHub()
  for (const [name, damage, words] of missing) {
    const dataDir = join(newDataDir(), 'hub')
    cpSync(hub.dataDir, dataDir, { recursive: true })
    damage(dataDir)
    const before = snapshot(dataDir)
    for (let starts = 0; starts < 2; starts += 1) {
      expect(await startError(dataDir), name).toMatchObject({
        name: 'StartError',
        message: expect.stringContaining(words) as string,
      })
    }
    expect(snapshot(dataDir), name).toEqual(before)
  }
  // the untouched directory starts
  await hub.restart()
})

test('the database put back starts the hub with everything', async () => {
  const { hub, ann, ids } = await makeUsedHub()
  renameSync(join(hub.dataDir, 'hub.db'), join(hub.dataDir, 'kept'))
  expect(await startError(hub.dataDir)).toBeDefined()
  renameSync(join(hub.dataDir, 'kept'), join(hub.dataDir, 'hub.db'))
  const again = await hub.restart()
  for (const id of ids) expect(await statusOf(again, ann.token, id)).toBe(200)
})

async function statusOf(hub: TestHub, token: string, id: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${hub.url}/api/files/${id}`, { headers })).status
}

test('an older database keeps all newer files, and they are put back with the newer one', async () => {
  const { hub, ann, kitchen, ids, digests } = await makeUsedHub()
  const older = readFileSync(join(hub.dataDir, 'hub.db'))
  const later = await hub.restart()
  const bytes = randomBytes(500)
  const id = await uploadFile(later.url, ann.token, { name: 'new.bin', bytes })
  const there = ann.atUrl(later.url)
  await there.request('messages.send', {
    chatId: kitchen.id,
    cid: randomUUID(),
    text: '',
    attachments: [id],
  })
  await later.close()
  const newer = readFileSync(join(hub.dataDir, 'hub.db'))
  const file = fileNameOf(sha256(bytes).toString('hex'))

  writeFileSync(join(hub.dataDir, 'hub.db'), older)
  const old = await hub.restart()
  for (const one of ids) expect(await statusOf(old, ann.token, one)).toBe(200)
  await old.close()
  // one of four: set aside, with the day in its folder
  expect(existsSync(join(hub.dataDir, file))).toBe(false)
  const [day = ''] = readdirSync(join(hub.dataDir, 'quarantine'))
  expect(day).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(readdirSync(join(hub.dataDir, 'quarantine', day))).toContain(sha256(bytes).toString('hex'))

  writeFileSync(join(hub.dataDir, 'hub.db'), newer)
  const again = await hub.restart()
  for (const one of [...ids, id]) expect(await statusOf(again, ann.token, one)).toBe(200)
  expect(digests.every((digest) => existsSync(join(hub.dataDir, fileNameOf(digest))))).toBe(true)
})

test('a database of another hub sets nothing aside, because it would be most of the files', async () => {
  const { hub, digests } = await makeUsedHub()
  const other = await startTestHub()
  await other.setUp()
  await other.close()
  writeFileSync(join(hub.dataDir, 'hub.db'), readFileSync(join(other.dataDir, 'hub.db')))
  const strange = await hub.restart()
  await strange.hub.jobs.run('files.survey')
  expect(strange.hub.fileRemoval.lastSurvey).toMatchObject({ total: 3, unreferenced: 3, setAside: 0 })
  await strange.close()
  for (const digest of digests) expect(existsSync(join(hub.dataDir, fileNameOf(digest)))).toBe(true)
})

test('files that are not the hub’s stay in its folders', async () => {
  const { hub } = await makeUsedHub()
  const own = ['files/readme.txt', 'uploads/notes.txt', 'files/ab/photo.jpg']
  mkdirSync(join(hub.dataDir, 'files/ab'), { recursive: true })
  for (const name of own) writeFileSync(join(hub.dataDir, name), 'mine')
  const again = await hub.restart()
  await again.hub.jobs.run('files.survey')
  await again.hub.jobs.run('uploads.expire')
  for (const name of own) expect(readFileSync(join(hub.dataDir, name), 'utf8')).toBe('mine')
})

test('a first start that was interrupted at any point goes on at the next', async () => {
  for (const stage of ['mark', 'key', 'empty database', 'database without a row']) {
    const dataDir = newDataDir()
    mkdirSync(join(dataDir, 'identity'))
    writeFileSync(join(dataDir, 'identity', 'first-start'), '')
    if (stage !== 'mark') {
      const other = await startTestHub()
      await other.close()
      cpSync(join(other.dataDir, 'identity', 'hub-key.pem'), join(dataDir, 'identity', 'hub-key.pem'))
      if (stage === 'empty database') writeFileSync(join(dataDir, 'hub.db'), '')
      if (stage === 'database without a row') {
        cpSync(join(other.dataDir, 'hub.db'), join(dataDir, 'hub.db'))
        const raw = new Database(join(dataDir, 'hub.db'))
        raw.exec('delete from hub')
        raw.close()
      }
    }
    const hub = await startTestHub({ dataDir })
    await hub.setUp()
    expect(existsSync(join(dataDir, 'identity', 'first-start')), stage).toBe(false)
    await hub.restart()
  }
})

test('a first start goes on after a power cut while SQLite changed the new file', async () => {
  for (const isTorn of [false, true]) {
    const dataDir = newDataDir()
    const other = await startTestHub()
    await other.close()
    cpSync(join(other.dataDir, 'identity'), join(dataDir, 'identity'), { recursive: true })
    writeFileSync(join(dataDir, 'identity', 'first-start'), '')
    const file = join(dataDir, 'hub.db')
    const raw = new Database(file)
    raw.pragma('journal_mode = wal')
    raw.close()
    if (isTorn) writeFileSync(file, Buffer.concat([Buffer.alloc(512), readFileSync(file).subarray(512)]))
    writeFileSync(`${file}-journal`, journalOfNewFile())
    const hub = await startTestHub({ dataDir })
    await hub.setUp()
    expect(existsSync(`${file}-journal`)).toBe(false)
    await hub.restart()
  }
})

/** A rollback journal of a file that had no pages. */
function journalOfNewFile(): Buffer {
  const journal = Buffer.alloc(512)
  Buffer.from('d9d505f920a163d7', 'hex').copy(journal)
  journal.writeUInt32BE(512, 20)
  journal.writeUInt32BE(4096, 24)
  return journal
}

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a folder of files that cannot be read is an error and not an empty folder',
  async () => {
    const { hub } = await makeUsedHub()
    chmodSync(join(hub.dataDir, 'files'), 0)
    expect(String(await startError(hub.dataDir))).toContain('cannot be read and written')
    chmodSync(join(hub.dataDir, 'files'), 0o700)
    expect(statSync(join(hub.dataDir, 'files')).isDirectory()).toBe(true)
    await hub.restart()
  },
)

test('a table or a column that was dropped by hand is named at the start, and by the check while the hub runs', async () => {
  const { hub, olga } = await makeUsedHub()
  const change = (sql: string): void => {
    const raw = new Database(join(hub.dataDir, 'hub.db'))
    raw.pragma('foreign_keys = off')
    raw.exec(sql)
    raw.close()
  }
  const running = await startTestHub({ dataDir: hub.dataDir })
  const owner = olga.atUrl(running.url)
  expect((await owner.request('admin.health', {})).database).toEqual({ state: 'good' })
  change('drop table reaction')
  await running.hub.jobs.run('database.check')
  expect((await owner.request('admin.health', {})).database).toEqual({ state: 'bad' })
  await running.close()
  expect(await startError(hub.dataDir)).toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('(the table "reaction" is missing)') as string,
  })
})

test.each([
  ['alter table "user" drop column bio', 'the column "bio" of "user" is missing'],
  ['drop table saved_message', 'the table "saved_message" is missing'],
])('%s is named at the start', async (sql, problem) => {
  const { hub } = await makeUsedHub()
  const raw = new Database(join(hub.dataDir, 'hub.db'))
  raw.exec(sql)
  raw.close()
  expect(await startError(hub.dataDir)).toMatchObject({ message: expect.stringContaining(problem) as string })
})

test('the built hub has the list of the tables that the migrations make', async () => {
  const file = join(import.meta.dirname, '../../dist/hub/server', schemaFile)
  const wanted = await listMigratedSchema()
  expect(wanted.find(({ name }) => name === 'reaction')?.columns).toContain('emoji')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(wanted)
})

test('settings that are no JSON object count as none', async () => {
  const { hub, ann, bo, eve } = await makeUsedHub()
  const raw = new Database(join(hub.dataDir, 'hub.db'))
  raw.pragma('ignore_check_constraints = on')
  for (const [{ id }, stored] of [
    [ann, 'null'],
    [bo, '{"hideLastSeen'],
    [eve, '[1]'],
  ] as const)
    raw.prepare('update "user" set settings = ? where id = ?').run(stored, id)
  raw.close()
  const running = await startTestHub({ dataDir: hub.dataDir })
  for (const user of [ann, bo, eve]) {
    const there = user.atUrl(running.url)
    expect((await there.request('me.get', {})).settings).toEqual({})
    await there.connect()
    await there.request('me.update', { settings: { hideLastSeen: true } })
    expect((await there.request('me.get', {})).settings).toEqual({ hideLastSeen: true })
  }
})

test('a journal that another program has left is named', async () => {
  const { hub } = await makeUsedHub()
  const journal = join(hub.dataDir, 'hub.db-journal')
  for (const bytes of [Buffer.from('garbage'), Buffer.alloc(5000, 7)]) {
    writeFileSync(journal, bytes)
    expect(sentenceFor(await startError(hub.dataDir), hub.dataDir)).toContain('has left hub.db-journal')
    expect(readFileSync(journal)).toEqual(bytes)
  }
  rmSync(journal)
  await (await startTestHub({ dataDir: hub.dataDir })).close()
})

test('a folder that a file replaces while the hub runs is said in words, and uploads go on afterwards', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const bytes = randomBytes(1000)
  const id = await uploadFile(hub.url, ann.token, { name: 'a.bin', bytes })
  for (const folder of ['uploads', 'files']) {
    const path = join(hub.dataDir, folder)
    renameSync(path, `${path}-away`)
    writeFileSync(path, '')
    const upload = await createUpload(hub.url, ann.token, { name: 'b.bin', size: 10 })
    const { status, body } = await patchUpload(hub.url, ann.token, upload, 0, randomBytes(10))
    expect([status, body], folder).toEqual([
      500,
      expect.stringContaining('The hub cannot store files') as string,
    ])
    rmSync(path)
    renameSync(`${path}-away`, path)
    expect(await uploadOffset(hub.url, ann.token, upload)).toBeGreaterThanOrEqual(0)
  }
  await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [id] })
})
