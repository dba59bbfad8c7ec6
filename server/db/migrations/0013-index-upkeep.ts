import { type Kysely, sql } from 'kysely'

/** How far the search index has got with new messages, and that its upkeep is no business of who sends one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // messages above it wait for their moment
  `alter table search_state add column through integer not null default 0`,
  `update search_state set through = coalesce((select max(id) from search_docsize), 0)`,
  // by itself FTS5 merges hundreds of pages within whatever transaction happens to fill a level: see search/index-queue.ts
  `insert into search (search, rank) values ('automerge', 0)`,
  `insert into search (search, rank) values ('crisismerge', 64)`,
  `insert into search (search, rank) values ('usermerge', 8)`,
]
