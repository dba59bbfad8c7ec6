import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrate } from '../../server/db/migrate.ts'
import { migrations } from '../../server/db/migrations/index.ts'
import { openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { restore } from '../../server/backup/restore.ts'
import { loadIdentity } from '../../server/identity.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'

/** The directory of a hub as the first release left it, with a person and a message in it. */
async function createFirstReleaseDataDir(): Promise<string> {
  const dataDir = newDataDir()
  loadIdentity(dataDir)
  const file = openWriter(join(dataDir, 'hub.db'))
  await migrate(file, 1)
  file.raw.exec(`
    insert into hub (id, name, registration, epoch, head, created_at) values (1, 'Old team', 'invite', 'e1', 1, 1);
    insert into "user" (id, username, username_key, display_name, display_key, role, password, recovery_key, created_at, head)
      values ('u1', 'olga', 'olga', 'Olga', 'olga', 'owner', x'00', x'00', 1, 1);
    insert into chat (id, kind, name, visibility, member_count, head, last_no, updated_at, created_by, created_at)
      values ('c1', 'group', 'Kitchen', 'private', 1, 3, 1, 1, 'u1', 1);
    insert into membership (chat_id, user_id, role, joined_at, read_no, delivered_no) values ('c1', 'u1', 'owner', 1, 1, 1);
    insert into message (id, chat_id, no, seq, rev, cid, author_id, text, digest, at)
      values ('m1', 'c1', 1, 3, 3, '018f3a2e-0000-7000-8000-000000000001', 'u1', 'Still here?', x'00', 1);
    insert into entry (stream, seq, type, at, by_id, target, data) values
      ('hub', 1, 'user.added', 1, 'u1', 'u1', null),
      ('user:u1', 1, 'chat.added', 1, 'u1', 'c1', null),
      ('chat:c1', 1, 'chat.created', 1, 'u1', 'c1', null),
      ('chat:c1', 2, 'member.added', 1, 'u1', 'u1', '{"role":"owner"}'),
      ('chat:c1', 3, 'message.sent', 1, 'u1', 'm1', null);`)
  file.raw.close()
  return dataDir
}

test('the data of the first release is brought up to date, after a backup of how it was', async () => {
  const dataDir = await createFirstReleaseDataDir()
  const { hub } = await startTestHub({ dataDir })
  const message = await hub.store.read((db) => db.selectFrom('message').select('text').executeTakeFirst())
  expect(message).toEqual({ text: 'Still here?' })
  const [backup] = readdirSync(join(dataDir, 'backups'))
  expect(backup).toBe('before-schema-2.hubbub')
  const restored = join(newDataDir(), 'restored')
  mkdirSync(restored)
  await restore(join(dataDir, 'backups', backup ?? ''), restored)
  const file = openReader(join(restored, 'hub.db'))
  expect(file.raw.pragma('user_version', { simple: true })).toBe(1)
  file.raw.close()
})

test('a new hub and one that is up to date are not backed up at each start', async () => {
  const hub = await startTestHub()
  const again = await hub.restart()
  expect(() => readdirSync(join(again.dataDir, 'backups'))).toThrow()
  expect(migrations.length).toBeGreaterThan(1)
})
