import { sql } from 'kysely'
import type { Db } from '../db/schema.ts'

/** A hub has an owner, or the hash of its set-up code unless that is in the memory of its only process. */
export async function readSetup(db: Db): Promise<{ hasOwner: boolean; setupHash: Buffer | null }> {
  const owner = await db
    .selectFrom('user')
    .where('role', '=', sql.lit('owner'))
    .select('id')
    .executeTakeFirst()
  const { setupHash } = await db.selectFrom('hub').select('setupHash').executeTakeFirstOrThrow()
  return { hasOwner: owner !== undefined, setupHash }
}
