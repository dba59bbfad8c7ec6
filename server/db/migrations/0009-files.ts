import { type Kysely, sql } from 'kysely'

/** Files: on their way in, whole, and in a message. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // A file on its way in has no digest yet; one that is in a message has its place there.
  `create table file (
    id text primary key,
    user_id text not null references "user" (id),
    message_id text references message (id) on delete cascade,
    chat_id text references chat (id),
    seq integer,
    place integer,
    name text not null,
    type text not null,
    size integer not null check (size >= 0),
    received integer not null default 0 check (received between 0 and size),
    digest text check (digest is null or length(digest) = 64),
    width integer check (width > 0),
    height integer check (height > 0),
    duration integer check (duration >= 0),
    moves integer not null default 0 check (moves in (0, 1)),
    list_digest text check (list_digest is null or length(list_digest) = 64),
    screen_digest text check (screen_digest is null or length(screen_digest) = 64),
    created_at integer not null,
    touched_at integer not null,
    check (digest is null or received = size),
    check (message_id is null or digest is not null),
    check ((message_id is null) = (chat_id is null)),
    check ((message_id is null) = (seq is null)),
    check ((message_id is null) = (place is null))
  ) strict`,
  `create index file_message on file (message_id, place) where message_id is not null`,
  `create index file_chat on file (chat_id, seq) where chat_id is not null`,
  `create index file_user on file (user_id, message_id)`,
  `create index file_touched on file (touched_at) where message_id is null`,
  `create index file_digest on file (digest) where digest is not null`,
  `create index file_list_digest on file (list_digest) where list_digest is not null`,
  `create index file_screen_digest on file (screen_digest) where screen_digest is not null`,

  `alter table hub add column file_bytes integer not null default 2147483648`,
  `alter table hub add column person_bytes integer not null default 10737418240`,
]
