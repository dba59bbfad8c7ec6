import { type Kysely, sql } from 'kysely'

/** How long sessions last and when their person last said the password; limits of the hub; what its admins deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table session add column confirmed_at integer not null default 0`,
  `alter table session add column lasting integer not null default 1 check (lasting in (0, 1))`,
  `alter table hub add column message_days integer check (message_days between 1 and 3650)`,
  `alter table hub add column group_members integer not null default 2000 check (group_members between 2 and 2000)`,
  `alter table chat add column deleted_by_hub integer not null default 0 check (deleted_by_hub in (0, 1))`,
]
