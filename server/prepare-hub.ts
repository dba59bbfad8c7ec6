import { randomBytes } from 'node:crypto'
import { readSetup } from './accounts/set-up.ts'
import type { Store, Transaction } from './db/store.ts'
import type { HubDatabase } from './hub-database.ts'
import type { Identity } from './identity.ts'
import { sha256 } from './ids.ts'
import type { Live } from './live/live.ts'
import { newSetupCode, sharedSetupCode } from './setup-code.ts'
import { StartError } from './start-error.ts'
import { parseSettings } from './users/settings.ts'

/** Creates the row of a new hub, and fills the memory. Returns the set-up code to print, if any. @throws StartError */
export async function prepareHub(
  { store, live, database }: { store: Store; live: Live; database: HubDatabase },
  options: SetupOptions,
): Promise<string> {
  if (database.isFirstStart) await createHubRow(store)
  await prepareMemory(store, live)
  return prepareSetupCode(store, options, database.identity)
}

interface SetupOptions {
  setupCode?: string | undefined
  isCluster?: boolean | undefined
}

async function createHubRow(store: Store): Promise<void> {
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

async function prepareMemory(store: Store, live: Live): Promise<void> {
  await store.read(async (db) => {
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
  })
}

/**
 * Returns the set-up code while the hub has no owner. A code that any process of the hub is to take has its hash in the row of
 * the hub: the one that a process was given last, or else the one that all of them know.
 */
async function prepareSetupCode(
  store: Store,
  { setupCode, isCluster = false }: SetupOptions,
  identity: Identity,
): Promise<string> {
  const { hasOwner, setupHash } = await store.read(readSetup)
  if (hasOwner) return ''
  if (!isCluster) {
    if (setupHash) await setSetupHash(store, () => null)
    return setupCode ?? newSetupCode()
  }
  const code = setupCode?.trim() ?? sharedSetupCode(identity)
  const noted = await setSetupHash(store, (before) =>
    setupCode === undefined && before ? before : sha256(code),
  )
  return noted?.equals(sha256(code)) ? code : ''
}

async function setSetupHash(
  { writer }: Store,
  choose: (before: Buffer | null) => Buffer | null,
): Promise<Buffer | null> {
  const write = async ({ db }: Transaction): Promise<Buffer | null> => {
    const before = await readSetup(db)
    const setupHash = before.hasOwner ? null : choose(before.setupHash)
    await db.updateTable('hub').set({ setupHash }).execute()
    return setupHash
  }
  return writer.write(write, { locks: 'hub' })
}

const hubRowMissing =
  'The database of this hub has lost its content: keep the directory, and restore a backup into another with "npm run hub -- restore --from FILE --data DIR".'
