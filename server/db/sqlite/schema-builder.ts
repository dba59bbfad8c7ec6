import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely'
import type { SchemaBuilder } from '../schema-builder.ts'

function createTable<Name extends string>(db: Kysely<unknown>, name: Name): CreateTableBuilder<Name, never> {
  return db.schema.createTable(name).modifyEnd(sql`strict`)
}

function createKeyedTable<Name extends string>(
  db: Kysely<unknown>,
  name: Name,
): CreateTableBuilder<Name, never> {
  return db.schema.createTable(name).modifyEnd(sql`strict, without rowid`)
}

function isFlag(column: string): RawBuilder<boolean> {
  return sql`${sql.ref(column)} in (0, 1)`
}

function isJson(column: string): RawBuilder<boolean> {
  return sql`${sql.ref(column)} is null or json_valid(${sql.ref(column)})`
}

async function makeAppendOnly(db: Kysely<unknown>, table: string, message: string): Promise<void> {
  await sql`create trigger ${sql.ref(`${table}_is_append_only`)} before update on ${sql.table(table)} begin
    select raise(abort, ${sql.lit(message)});
  end`.execute(db)
}

async function noteReleased(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  for (const column of columns) {
    const old = sql`old.${sql.ref(column)}`
    const note = sql`begin insert into released_file (digest) values (${old}) on conflict do nothing; end`
    await sql`create trigger ${sql.ref(`${table}_${column}_deleted`)} after delete on ${sql.table(table)}
      when ${old} is not null ${note}`.execute(db)
    await sql`create trigger ${sql.ref(`${table}_${column}_changed`)} after update of ${sql.ref(column)}
      on ${sql.table(table)} when ${old} is not new.${sql.ref(column)} and ${old} is not null ${note}`.execute(
      db,
    )
  }
}

async function createFullTextIndex(db: Kysely<unknown>): Promise<void> {
  // without content: the terms arrive separated by spaces, and FTS5 stores only their positions
  await sql`create virtual table search using fts5(
    body, scope, content='', tokenize="ascii tokenchars '-_'"
  )`.execute(db)
  const settings = [
    // a deleted document is overwritten at once instead of marked
    ['secure-delete', 1],
    // by default FTS5 merges hundreds of pages within whatever transaction fills a level: see search/index-queue.ts
    ['automerge', 0],
    ['crisismerge', 64],
    ['usermerge', 8],
  ] as const
  for (const [name, value] of settings) {
    await sql`insert into search (search, rank) values (${sql.lit(name)}, ${sql.lit(value)})`.execute(db)
  }
}

export const sqliteSchema: SchemaBuilder = {
  integer: 'integer',
  text: 'text',
  bytes: 'blob',
  numbered: (column) => column.primaryKey(),
  numberedOnce: (column) => column.primaryKey().autoIncrement(),
  createTable,
  createKeyedTable,
  isFlag,
  isJson,
  leaveRoom: () => Promise.resolve(),
  // one process compares with no other
  indexEntriesByTime: () => Promise.resolve(),
  makeAppendOnly,
  noteReleased,
  createFullTextIndex,
}
