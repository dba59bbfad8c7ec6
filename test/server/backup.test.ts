// Backups of a hub whose rows are in a file.
import Database from 'better-sqlite3'
import { randomBytes, randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore } from '../../server/backup/restore.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { readIdentity } from '../../server/identity.ts'
import { fileNameOf } from '../../server/file-storage/contents.ts'
import {
  buildArchive,
  buildManifest,
  newFilePath,
  newTargetPath,
  startHubWithMessages,
} from '../support/archives.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

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
