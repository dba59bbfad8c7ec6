import { type Kysely, sql } from 'kysely'

/** Pins, what people saved, and how a chat stands in somebody's list. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table message add column pinned_at integer`,
  `alter table message add column pinned_by text references "user" (id)`,
  `create index message_pinned on message (chat_id, pinned_at) where pinned_at is not null`,

  `create table saved (
    user_id text not null references "user" (id),
    message_id text not null references message (id) on delete cascade,
    at integer not null,
    primary key (user_id, message_id)
  ) strict, without rowid`,
  `create index saved_order on saved (user_id, at)`,
  `create index saved_message on saved (message_id)`,

  `alter table membership add column notify text not null default 'all' check (notify in ('all', 'mentions', 'none'))`,
  // put aside when this was the last message
  `alter table membership add column archived_for_me_no integer`,
  `alter table membership add column unread_from integer check (unread_from > 0)`,
]
