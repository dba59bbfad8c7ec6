import { type Kysely, sql } from 'kysely'

/** People who wait to be let in, invites that can be revoked and say who came by them, two more ways to keep the door. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // SQLite changes no check of a column, so the column is made again: its name goes to the new one with the old values
  `alter table hub add column registration_now text not null default 'invite'
    check (registration_now in ('invite', 'open', 'approval', 'closed'))`,
  `update hub set registration_now = registration`,
  `alter table hub drop column registration`,
  `alter table hub rename column registration_now to registration`,

  `alter table "user" add column pending_since integer`,
  `alter table "user" add column invite_id text references invite (id)`,
  `create index user_invite on "user" (invite_id) where invite_id is not null`,
  `create index user_pending on "user" (pending_since) where pending_since is not null`,

  `alter table invite add column revoked_at integer`,
  `create index audit_at on audit (at)`,
]
