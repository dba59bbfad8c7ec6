import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Store } from './db/store.ts'
import type { Live } from './live/live.ts'
import { newSetupCode } from './setup-code.ts'
import { StartError } from './start-error.ts'
import { parseSettings } from './users/settings.ts'

/** Creates the row of a new hub. */
export async function createHubRow(store: Store): Promise<void> {
  await store.writer.write(async ({ db, now }) => {
    await db
      .insertInto('hub')
      .values({
        id: 1,
        name: 'Hubbub',
        registration: 'invite',
        epoch: randomBytes(16).toString('base64url'),
        decoySecret: randomBytes(32),
        createdAt: now,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  })
}

/** Fills the memory with memberships. Returns the set-up code while the hub has no owner. @throws StartError */
export async function prepareMemory(store: Store, live: Live, code: string | undefined): Promise<string> {
  return store.read(async (db) => {
    const row = await db.selectFrom('hub').select('id').executeTakeFirst()
    // a database that lost its content is not a new hub
    if (!row) throw new StartError(hubRowMissing)
    const memberships = await db
      .selectFrom('membership')
      .innerJoin('chat', 'chat.id', 'membership.chatId')
      .where('chat.deletedAt', 'is', null)
      .select(['membership.chatId', 'membership.userId'])
      .execute()
    for (const { chatId, userId } of memberships) live.addMember(chatId, userId)
    const users = await db
      .selectFrom('user')
      .where('settings', '<>', '{}')
      .select(['id', 'settings'])
      .execute()
    for (const { id, settings } of users) {
      live.setLastSeenHidden(id, parseSettings(settings).hideLastSeen ?? false)
    }
    const owner = await db
      .selectFrom('user')
      .where('role', '=', sql.lit('owner'))
      .select('id')
      .executeTakeFirst()
    return owner ? '' : (code ?? newSetupCode())
  })
}

const hubRowMissing =
  'The database of this hub has lost its content: keep the directory, and restore a backup into another with "npm run hub -- restore --from FILE --data DIR".'
