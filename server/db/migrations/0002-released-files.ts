import type { Kysely } from 'kysely'
import { createKeyedTable, noteReleased, text } from '../sqlite/schema-builder.ts'

/** Contents whose row was deleted: server/files/file-removal.ts removes the file, unless another row refers to it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createKeyedTable(db, 'released_file')
    .addColumn('digest', text, (c) => c.primaryKey())
    .execute()
  await noteReleased(db, 'file', ['digest', 'list_digest', 'screen_digest'])
  await noteReleased(db, 'user', ['avatar_digest'])
  await noteReleased(db, 'chat', ['picture_digest'])
}
