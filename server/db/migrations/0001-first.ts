import { type Kysely, sql } from 'kysely'

/** Everything the first Hubbub keeps. Frozen: later changes are later migrations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table hub (
    id integer primary key check (id = 1),
    name text not null,
    registration text not null check (registration in ('invite', 'open')),
    epoch text not null,
    head integer not null default 0,
    created_at integer not null
  ) strict`,

  `create table "user" (
    id text primary key,
    username text not null,
    username_key text not null unique,
    display_name text not null,
    display_key text not null,
    role text not null check (role in ('owner', 'admin', 'member')),
    password blob not null,
    question text,
    answer blob,
    recovery_key blob not null,
    bio text,
    settings text not null default '{}' check (json_valid(settings)),
    created_at integer not null,
    last_seen_at integer,
    deactivated_at integer,
    head integer not null default 0,
    check ((question is null) = (answer is null))
  ) strict`,
  `create unique index one_owner on "user" (role) where role = 'owner'`,

  `create table session (
    id text primary key,
    user_id text not null references "user" (id),
    token_hash blob not null unique,
    kind text not null check (kind in ('cookie', 'token')),
    device text not null,
    address text not null,
    created_at integer not null,
    used_at integer not null,
    expires_at integer not null
  ) strict`,
  `create index session_user on session (user_id)`,

  `create table invite (
    id text primary key,
    code_hash blob not null unique,
    role text not null check (role in ('member', 'admin')),
    uses integer not null check (uses > 0),
    used integer not null default 0 check (used between 0 and uses),
    expires_at integer not null,
    created_by text not null references "user" (id),
    created_at integer not null
  ) strict`,

  `create table throttle (
    key text primary key,
    count integer not null,
    since integer not null,
    until integer not null
  ) strict, without rowid`,

  `create table chat (
    id text primary key,
    kind text not null check (kind in ('direct', 'group')),
    name text,
    visibility text not null check (visibility in ('public', 'private')),
    topic text,
    direct_key text unique,
    member_count integer not null check (member_count >= 0),
    head integer not null default 0,
    last_no integer not null default 0,
    updated_at integer not null,
    created_by text not null references "user" (id),
    created_at integer not null,
    deleted_at integer,
    check ((kind = 'direct') = (direct_key is not null)),
    check ((kind = 'group') = (name is not null)),
    check (kind = 'group' or visibility = 'private')
  ) strict`,
  `create index chat_public on chat (visibility) where visibility = 'public'`,

  `create table membership (
    chat_id text not null references chat (id),
    user_id text not null references "user" (id),
    role text not null check (role in ('owner', 'admin', 'member')),
    joined_at integer not null,
    read_no integer not null default 0,
    delivered_no integer not null default 0,
    muted integer not null default 0 check (muted in (0, 1)),
    primary key (chat_id, user_id)
  ) strict, without rowid`,
  `create index membership_user on membership (user_id)`,
  `create unique index one_chat_owner on membership (chat_id) where role = 'owner'`,

  // \`no\` and \`cid\` are what the promises rest on: one place in a chat, one message for a press of Enter
  `create table message (
    n integer primary key,
    id text not null unique,
    chat_id text not null references chat (id),
    no integer not null check (no > 0),
    seq integer not null check (seq > 0),
    rev integer not null check (rev >= seq),
    cid text not null collate nocase,
    author_id text not null references "user" (id),
    text text not null,
    digest blob not null,
    at integer not null,
    edited_at integer,
    deleted_at integer,
    reply_to text,
    unique (chat_id, no),
    unique (author_id, cid)
  ) strict`,

  `create table mention (
    user_id text not null references "user" (id),
    chat_id text not null references chat (id),
    no integer not null,
    primary key (user_id, chat_id, no)
  ) strict, without rowid`,
  `create index mention_chat on mention (chat_id)`,

  `create table entry (
    stream text not null,
    seq integer not null check (seq > 0),
    type text not null,
    at integer not null,
    by_id text,
    target text,
    data text check (data is null or json_valid(data)),
    primary key (stream, seq)
  ) strict, without rowid`,
]
