import type { HubContext } from '../../server/context.ts'
import { listOwedPreviews } from '../../server/previews/queries.ts'
import { waitFor } from './wait-for.ts'

/** Resolves when the hub has read every picture that it has received. */
export async function previewsMade({ hub }: { hub: HubContext }): Promise<void> {
  await waitFor(async () => {
    const owed = await hub.store.read((db) => listOwedPreviews(db, {}))
    if (owed.length > 0) throw new Error(`${owed.length} previews are owed`)
  })
}
