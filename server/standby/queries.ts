import type { Store } from '../db/store.ts'
import type { KnownNode } from './peer-session.ts'

export interface KnownComputers {
  rows: KnownNode[]
  /** Who has the deciding vote. */
  tie: string
  sync: 'on' | 'off'
}

/** The computers that may follow or vote, and how the hub works with them. */
export function readComputers(store: Store): Promise<KnownComputers> {
  return store.read(async (db) => ({
    rows: await db
      .selectFrom('standby')
      .where('revokedAt', 'is', null)
      .select(['node', 'name', 'kind', 'key'])
      .execute(),
    ...((await db.selectFrom('hub').select(['tie', 'sync']).executeTakeFirst()) ??
      ({ tie: 'hub', sync: 'on' } as const)),
  }))
}

/** Returns undefined before the hub is set up. */
export async function readEpoch(store: Store): Promise<string | undefined> {
  const row = await store.read((db) => db.selectFrom('hub').select('epoch').executeTakeFirst())
  return row?.epoch
}

export function writeEpoch({ writer }: Store, epoch: string): Promise<void> {
  return writer.write(async ({ db }) => void (await db.updateTable('hub').set({ epoch }).execute()))
}

/** Without a standby nobody is left to decide about. */
export function resetVote({ writer }: Store): Promise<void> {
  return writer.write(async ({ db }) => void (await db.updateTable('hub').set({ tie: 'hub' }).execute()))
}
