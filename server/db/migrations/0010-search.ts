import { type Kysely, sql } from 'kysely'

/**
 * The index of what messages say. It is made from the messages by the program, which also fills it from those that are
 * there already (server/search/build-index.ts): what it holds is derived, so it is empty here.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // without content: the words come ready, separated by spaces, and only where they stand is kept
  `create virtual table search using fts5(
    body, scope, content='', tokenize="ascii tokenchars '-_'"
  )`,
  // what is taken out is overwritten at once instead of marked
  `insert into search (search, rank) values ('secure-delete', 1)`,
  // words that can be found by a part of them; an id is never used twice, so that a reader knows which are new
  `create table search_word (
    id integer primary key autoincrement,
    word text not null unique
  ) strict`,
  // everything from \`below\` on is in the index
  `create table search_state (
    id integer primary key check (id = 1),
    version text not null,
    below integer not null
  ) strict`,
  `insert into search_state values (1, '', 0)`,
]
