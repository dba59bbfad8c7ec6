import { clearIndex, mergeIndex } from '../db/full-text.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { HubContext } from '../context.ts'
import { findFileNames } from './message-index.ts'
import { readIndexState, setIndexCursor } from './index-queue.ts'
import { tokenizerVersion } from './tokenize.ts'

/*
 * Fills the index from messages that are not in it: after the update that brought it, after one that sees words
 * differently, and when many rows were written past the program. The newest first, a little at a time, while the hub
 * works: nobody waits longer than for one step, and what is found meanwhile is what people look for most.
 */

const messagesPerStep = 250
const pagesPerMerge = 64
/** A hub that was killed leaves a second's worth of messages, which the intake takes in; more than that came from elsewhere. */
const maxBacklogMessages = 10_000

/** Resolves when all is in the index, or the hub closes. */
export async function buildIndex(hub: HubContext): Promise<void> {
  const begun = hub.clock()
  let built = 0
  for (let below = await hub.writer.write((tx) => prepareBuild(hub, tx)); below > 1;) {
    const step = await hub.writer.write((tx) => indexStep(hub, tx, below))
    below = step.below
    built += step.count
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (built === 0) return
  hub.log.info({ messages: built, ms: hub.clock() - begun }, 'the search index is complete')
}

/** Where to go on; from the newest message when what is there is of no use. */
async function prepareBuild(hub: HubContext, tx: Tx): Promise<number> {
  const [state] = await readIndexState(tx.db, {})
  const newest = state?.newest ?? 0
  if (state?.version === tokenizerVersion && newest - state.through <= maxBacklogMessages) return state.below
  hub.messageIndex.clearKnownTerms()
  const below = newest + 1
  await setState(tx.db, { version: tokenizerVersion, below })
  await setIndexCursor(tx.db, { n: newest })
  tx.beforeCommit((db) => clearIndex(db))
  return below
}

async function indexStep(hub: HubContext, tx: Tx, below: number) {
  const rows = await messagesBelow(tx.db, { below, count: messagesPerStep })
  // FTS5 takes them faster in the order of their numbers
  for (const row of rows.reverse()) {
    if (row.deletedAt !== null) continue
    hub.messageIndex.addMessage(tx, { ...row, files: await findFileNames(tx.db, { messageId: row.id }) })
  }
  const next = rows.length < messagesPerStep ? 1 : (rows[0]?.n ?? 1)
  await setState(tx.db, { version: tokenizerVersion, below: next })
  tx.beforeCommit((db) => mergeIndex(db, pagesPerMerge))
  return { below: next, count: rows.length }
}

/** Everything from here on is in the index; 1 or less: all. */
export async function indexedFrom(db: Db): Promise<number> {
  const [state] = await stateRow(db, {})
  return state?.version === tokenizerVersion ? state.below : Number.MAX_SAFE_INTEGER
}

const stateRow = prepared((db, _: object) => db.selectFrom('searchState').select(['version', 'below']))
const setState = prepared((db, p: { version: string; below: number }) =>
  db.updateTable('searchState').set({ version: p.version, below: p.below }),
)
const messagesBelow = prepared((db, p: { below: number; count: number }) =>
  db
    .selectFrom('message')
    .where('n', '<', p.below)
    .select(['n', 'id', 'chatId', 'authorId', 'text', 'deletedAt'])
    .orderBy('n', 'desc')
    .limit(p.count),
)
