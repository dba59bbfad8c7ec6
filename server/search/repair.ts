import { resetIndex } from '../db/full-text.ts'
import { HubError } from '../../shared/errors.ts'
import { isDamaged } from '../db/sqlite/errors.ts'
import type { HubContext } from '../context.ts'
import { runOperation } from '../operation.ts'
import { tokenizerVersion } from '../search-index/tokenize.ts'

/*
 * A damaged index is dropped and built again from the messages, while the hub works. Damage shows as an error of any
 * kind, since SQLite reports what it cannot make sense of in many ways.
 *
 * A disk that damages the index again and again would keep the hub busy for nothing, so a process repairs it only a
 * few times.
 */

const maxRepairs = 3

/** Repairs that this process has begun, for each hub. */
const repairs = new WeakMap<HubContext, number>()

/** The index could not be read or written: from now on nothing uses it until it is there again. */
export function reportIndexDamage(hub: HubContext, error: unknown): void {
  if (hub.messageIndex.isDamaged) return
  hub.messageIndex.isDamaged = true
  const before = repairs.get(hub) ?? 0
  const willRepair = before < maxRepairs
  hub.log.error({ err: error, willRepair }, 'the search index is damaged')
  if (!willRepair) return
  repairs.set(hub, before + 1)
  hub.jobs.runSoon('search.repair')
}

/** The job `search.repair`. */
export async function repairIndex(hub: HubContext): Promise<void> {
  if (!hub.messageIndex.isDamaged) return
  await runOperation(hub, { locks: 'hub', derived: true }, async ({ db }) => {
    await resetIndex(db, { version: tokenizerVersion })
  })
  hub.messageIndex.clearKnownTerms()
  hub.messageIndex.isDamaged = false
  // its list of terms is that of the dropped index
  hub.search.restart()
  hub.log.info('the search index was dropped and is being built again')
  try {
    // the dropped pages hold words of messages that were deleted since
    hub.store.compact()
  } catch (error) {
    hub.log.warn({ err: error }, 'the database was not compacted')
  }
  hub.jobs.runSoon('search.build')
  hub.indexing.schedule()
}

/** Runs work of a job on the index. Its damage is reported and repaired; damaged messages leave it as it is. */
export async function withIndexRepair(hub: HubContext, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof HubError) throw error
    if (isDamaged(error) && (await areMessagesDamaged(hub))) throw error
    reportIndexDamage(hub, error)
  }
}

/** Reads every message once; only after an error. */
async function areMessagesDamaged({ store }: HubContext): Promise<boolean> {
  try {
    for (let above = 0; ;) {
      const rows = await store.read((db) =>
        db
          .selectFrom('message')
          .where('n', '>', above)
          .select(['n', 'text'])
          .orderBy('n')
          .limit(messagesPerRead)
          .execute(),
      )
      const last = rows.at(-1)
      if (!last) return false
      above = last.n
      await new Promise((resolve) => setImmediate(resolve))
    }
  } catch {
    return true
  }
}

const messagesPerRead = 500
