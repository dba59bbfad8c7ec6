import { type Kysely, sql } from 'kysely'

/** Pictures of people: the id in their address, and the SHA-256 of the file. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table "user" add column avatar text`,
  `alter table "user" add column avatar_digest text check (
    (avatar is null) = (avatar_digest is null) and (avatar_digest is null or length(avatar_digest) = 64)
  )`,
]
