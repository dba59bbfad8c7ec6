import { type Kysely, sql } from 'kysely'

/** Ways back in: what was begun and not finished, and what the next session of a person is told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // decoys must be the same tomorrow, and nobody outside may work them out
  `alter table hub add column decoy_secret blob`,
  `update hub set decoy_secret = randomblob(32)`,
  `alter table hub add column recovery_by_question integer not null default 1 check (recovery_by_question in (0, 1))`,

  `alter table "user" add column recovered text check (recovered is null or json_valid(recovered))`,

  // one at a time for each person: a later one takes the place of the one before
  `create table reset (
    user_id text primary key references "user" (id),
    token_hash blob not null unique,
    way text not null check (way in ('question', 'key', 'link', 'owner')),
    created_at integer not null,
    expires_at integer not null
  ) strict, without rowid`,
]
