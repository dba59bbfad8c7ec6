import { type Kysely, sql } from 'kysely'

/** The audit log: rows are added, and the oldest may go by age, but none is changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table audit (
    id integer primary key,
    at integer not null,
    action text not null,
    by_id text,
    target text,
    address text,
    detail text check (detail is null or json_valid(detail)),
    hash blob not null
  ) strict`,
  `create index audit_action on audit (action, id)`,
  `create index audit_by on audit (by_id, id)`,
  `create trigger audit_is_append_only before update on audit begin
    select raise(abort, 'the audit log is append-only');
  end`,
]
