import { type Kysely, sql } from 'kysely'
import type { SchemaBuilder } from '../schema-builder.ts'

/** See SchemaBuilder. Text compares by its bytes, so names, pages and ids have the order that SQLite gives them. */
export const postgresSchema: SchemaBuilder = {
  integer: 'bigint',
  text: sql`text collate "C"`,
  bytes: 'bytea',
  numbered: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
  numberedOnce: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
  createTable: (db, name) => db.schema.createTable(name),
  createKeyedTable: (db, name) => db.schema.createTable(name),
  isFlag: (column) => sql`${sql.ref(column)} in (0, 1)`,
  isJson: (column) => sql`${sql.ref(column)} is null or json_typeof(${sql.ref(column)}::json) is not null`,

  async leaveRoom(db, table, percent) {
    await sql`alter table ${sql.table(table)} set (fillfactor = ${sql.lit(100 - percent)})`.execute(db)
  },

  async indexEntriesByTime(db) {
    await db.schema.createIndex('entry_at').on('entry').column('at').execute()
  },

  async makeAppendOnly(db, table, message) {
    const name = `${table}_is_append_only`
    await createTriggerFunction(db, name, `raise exception '${message}';`)
    await sql`create trigger ${sql.ref(name)} before update on ${sql.table(table)}
      for each row execute function ${sql.ref(name)}()`.execute(db)
  },

  async noteReleased(db, table, columns) {
    for (const column of columns) {
      const name = `${table}_${column}_released`
      await createTriggerFunction(
        db,
        name,
        `insert into released_file (digest, at) values (old."${column}", extract(epoch from clock_timestamp()) * 1000)
          on conflict (digest) do update set at = excluded.at; return null;`,
      )
      const old = sql`old.${sql.ref(column)}`
      const run = sql`for each row`
      await sql`create trigger ${sql.ref(`${table}_${column}_deleted`)} after delete on ${sql.table(table)}
        ${run} when (${old} is not null) execute function ${sql.ref(name)}()`.execute(db)
      await sql`create trigger ${sql.ref(`${table}_${column}_changed`)} after update of ${sql.ref(column)}
        on ${sql.table(table)} ${run} when (${old} is distinct from new.${sql.ref(column)} and ${old} is not null)
        execute function ${sql.ref(name)}()`.execute(db)
    }
  },

  /** The document of a message holds its terms with their places, and its scopes: see full-text.ts. */
  async createFullTextIndex(db) {
    await sql`create table search_doc (n bigint primary key, doc tsvector not null)`.execute(db)
    // a search also reads what is pending, so that stays small
    await sql`create index search_doc_terms on search_doc using gin (doc)
      with (fastupdate = on, gin_pending_list_limit = 512)`.execute(db)
  },
}

async function createTriggerFunction(db: Kysely<unknown>, name: string, body: string): Promise<void> {
  await sql`create function ${sql.ref(name)}() returns trigger language plpgsql as ${sql.lit(
    `begin ${body} end`,
  )}`.execute(db)
}
