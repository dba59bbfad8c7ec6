import { type Kysely, sql } from 'kysely'

/** Until now `all` was what nobody had chosen: whoever chooses nothing has `default`, so that `all` can be meant. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table membership add column notices text not null default 'default'
    check (notices in ('default', 'all', 'mentions', 'none'))`,
  `update membership set notices = notify where notify <> 'all'`,
  `alter table membership drop column notify`,
  `alter table membership rename column notices to notify`,
]
