import { type Kysely, sql } from 'kysely'

/** Who a reply in a thread names, until they have read it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table reply_mention (
    user_id text not null references "user" (id),
    chat_id text not null references chat (id),
    thread text not null references message (id) on delete cascade,
    no integer not null check (no > 0),
    primary key (user_id, chat_id, thread, no)
  ) strict, without rowid`,
  `create index reply_mention_reply on reply_mention (thread, no)`,
]
