import { type Kysely, sql } from 'kysely'

/** Announcement groups, the archive, pictures of groups; a deleted group is kept for a while with its people. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table chat add column posting text not null default 'all' check (posting in ('all', 'admins'))`,
  `alter table chat add column archived_at integer`,
  `alter table chat add column picture text`,
  `alter table chat add column picture_digest text check (
    (picture is null) = (picture_digest is null) and (picture_digest is null or length(picture_digest) = 64)
  )`,
  `create index chat_deleted on chat (deleted_at) where deleted_at is not null`,
]
