import { type Kysely, sql } from 'kysely'
import { createTable, integer, text } from '../sqlite/schema-builder.ts'

/** What users have not sent yet, in each chat and thread (thread '': the chat itself). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, 'draft')
    .addColumn('user_id', text, (c) => c.notNull())
    .addColumn('chat_id', text, (c) => c.notNull())
    .addColumn('thread', text, (c) => c.notNull())
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('version', text, (c) => c.notNull().check(sql`length(version) between 1 and 512`))
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('draft_key', ['user_id', 'chat_id', 'thread'])
    .addForeignKeyConstraint(
      'draft_membership',
      ['chat_id', 'user_id'],
      'membership',
      ['chat_id', 'user_id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('draft_cleared')
    .on('draft')
    .column('at')
    .where(sql.raw<boolean>("text = ''"))
    .execute()
}
