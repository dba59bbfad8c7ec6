import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { type Migration, migrations } from '../../server/db/migrations/index.ts'
import { openReader, type SqliteConnection } from '../../server/db/sqlite/connection.ts'
import { openDatabase } from '../../server/open-database.ts'
import { restore } from '../../server/backup/restore.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'

const log = pino({ level: 'silent' })
const second = migrations.length + 1

async function addColour(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('chat')
    .addColumn('colour', 'text', (c) => c.notNull().defaultTo('grey'))
    .execute()
  await sql`update chat set colour = 'green'`.execute(db)
}

/** The migrations of a made-up later release. */
const laterMigrations: readonly Migration[] = [...migrations, { name: 'made-up-colour', up: addColour }]

/** The directory of a stopped hub with a group and a message. */
async function createDataDir(): Promise<string> {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const kitchen = await olga.createGroup('Kitchen')
  await olga.sendMessage(kitchen.id, 'Still here?')
  await hub.close()
  return hub.dataDir
}

function versionOf(connection: SqliteConnection): unknown {
  return connection.raw.pragma('user_version', { simple: true })
}

function columnsOfChat(connection: SqliteConnection): unknown[] {
  return connection.raw.prepare(`select name from pragma_table_info('chat')`).pluck().all()
}

test('data of an earlier release is migrated after a backup', async () => {
  const dataDir = await createDataDir()
  const connection = await openDatabase(dataDir, log, laterMigrations)
  expect(versionOf(connection)).toBe(second)
  expect(connection.raw.prepare('select name, colour from chat').all()).toEqual([
    { name: 'Kitchen', colour: 'green' },
  ])
  expect(connection.raw.prepare('select text from message').pluck().all()).toEqual(['Still here?'])
  connection.raw.close()

  const [backup] = readdirSync(join(dataDir, 'backups'))
  expect(backup).toBe(`before-schema-${second}.hubbub`)
  const restored = join(newDataDir(), 'restored')
  mkdirSync(restored)
  await restore(join(dataDir, 'backups', backup ?? ''), restored)
  const file = openReader(join(restored, 'hub.db'))
  expect(versionOf(file)).toBe(migrations.length)
  expect(columnsOfChat(file)).not.toContain('colour')
  file.raw.close()
})

test('a migration that fails leaves nothing behind, and the next start tries again', async () => {
  const dataDir = await createDataDir()
  const failing: Migration = {
    name: 'made-up-failure',
    up: async (db) => {
      await addColour(db)
      throw new Error('the disk is full')
    },
  }
  await expect(openDatabase(dataDir, log, [...migrations, failing])).rejects.toThrow('the disk is full')
  const file = openReader(join(dataDir, 'hub.db'))
  expect(versionOf(file)).toBe(migrations.length)
  expect(columnsOfChat(file)).not.toContain('colour')
  file.raw.close()
  const connection = await openDatabase(dataDir, log, laterMigrations)
  expect(versionOf(connection)).toBe(second)
  connection.raw.close()
})

test('data of a newer release is refused and stays as it is', async () => {
  const dataDir = await createDataDir()
  const connection = await openDatabase(dataDir, log, laterMigrations)
  connection.raw.close()
  await expect(startTestHub({ dataDir })).rejects.toThrow('written by a newer Hubbub')
  const file = openReader(join(dataDir, 'hub.db'))
  expect(versionOf(file)).toBe(second)
  file.raw.close()
})

test('a new or current database is not backed up at start', async () => {
  const hub = await startTestHub()
  const again = await hub.restart()
  expect(() => readdirSync(join(again.dataDir, 'backups'))).toThrow()
})

test('each table refers only to tables created before it, except for the added column of the inviting invite', async () => {
  const connection = await openDatabase(newDataDir(), log, migrations)
  const tables = connection.raw
    .prepare(`select name from sqlite_schema where type = 'table' order by rowid`)
    .pluck()
    .all() as string[]
  const forward = tables.flatMap((table, at) =>
    (connection.raw.pragma(`foreign_key_list("${table}")`) as { table: string; from: string }[])
      .filter((reference) => tables.indexOf(reference.table) > at)
      .map((reference) => `${table}.${reference.from}`),
  )
  expect(forward).toEqual(['user.invite_id'])
  connection.raw.close()
})
