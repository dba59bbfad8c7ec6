import { type Kysely, sql } from 'kysely'

/** Tokens that people make for programs, bots, and addresses at which a program may post into a group. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table "user" add column kind text not null default 'person' check (kind in ('person', 'bot'))`,

  `create table token (
    id text primary key,
    user_id text not null references "user" (id),
    token_hash blob not null unique,
    name text not null,
    scope text not null check (scope in ('read', 'write')),
    created_at integer not null,
    used_at integer,
    expires_at integer
  ) strict`,
  `create index token_user on token (user_id)`,

  // goes with its group, when that is cleared away
  `create table hook (
    id text primary key,
    chat_id text not null references chat (id) on delete cascade,
    user_id text not null unique references "user" (id),
    name text not null,
    secret_hash blob not null,
    created_by text not null references "user" (id),
    created_at integer not null,
    used_at integer
  ) strict`,
  `create index hook_chat on hook (chat_id)`,
]
