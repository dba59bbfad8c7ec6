import { type Kysely, sql } from 'kysely'

/**
 * What happens to messages after they were sent: edits, deletions, reactions, threads. A reply in a thread has a number of
 * its own there, so a place is no longer chat and `no` alone; SQLite changes a constraint only by a new table.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // '' stands in the chat itself: a null would not be told apart by the unique place
  `create table message_new (
    n integer primary key,
    id text not null unique,
    chat_id text not null references chat (id),
    thread text not null default '',
    no integer not null check (no > 0),
    seq integer not null check (seq > 0),
    rev integer not null check (rev >= seq),
    cid text not null collate nocase,
    author_id text not null references "user" (id),
    text text not null,
    digest blob not null,
    at integer not null,
    edited_at integer,
    edit_seq integer check ((edit_seq is null) = (edited_at is null)),
    deleted_at integer,
    reply_to text,
    reaction_count integer not null default 0 check (reaction_count >= 0),
    reply_count integer not null default 0 check (reply_count >= 0),
    thread_last_no integer not null default 0 check (thread_last_no >= reply_count),
    thread_at integer,
    unique (chat_id, thread, no),
    unique (author_id, cid),
    check (thread = '' or thread_last_no = 0)
  ) strict`,
  `insert into message_new (n, id, chat_id, no, seq, rev, cid, author_id, text, digest, at, deleted_at, reply_to)
    select n, id, chat_id, no, seq, rev, cid, author_id, text, digest, at, deleted_at, reply_to from message`,
  `drop table message`,
  `alter table message_new rename to message`,

  `create table reaction (
    message_id text not null references message (id) on delete cascade,
    emoji text not null,
    user_id text not null references "user" (id),
    seq integer not null check (seq > 0),
    primary key (message_id, emoji, user_id)
  ) strict, without rowid`,

  // for one person only: everybody else goes on seeing it
  `create table hidden (
    user_id text not null references "user" (id),
    message_id text not null references message (id) on delete cascade,
    at integer not null,
    primary key (user_id, message_id)
  ) strict, without rowid`,
  `create index hidden_message on hidden (message_id)`,

  // what a deleted message said, for as long as the deletion can be undone
  `create table withheld (
    message_id text primary key references message (id) on delete cascade,
    by_id text not null references "user" (id),
    text text not null,
    until integer not null
  ) strict, without rowid`,

  `create table follower (
    thread text not null references message (id) on delete cascade,
    user_id text not null references "user" (id),
    following integer not null default 1 check (following in (0, 1)),
    read_no integer not null default 0,
    last_no integer not null default 0,
    primary key (thread, user_id)
  ) strict, without rowid`,
  `create index follower_user on follower (user_id)`,
]
