import type { Kysely } from 'kysely'
import { createTable, integer, text } from '../sqlite/schema-builder.ts'

/** How much users have stored lately, so that a restart gives nobody a new budget. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, 'text_budget')
    .addColumn('user_id', text, (c) => c.primaryKey().notNull().references('user.id').onDelete('cascade'))
    .addColumn('used', integer, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('reached_at', integer)
    .execute()
}
