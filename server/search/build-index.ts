import { analyzeIndex, clearIndex, mergeIndex } from '../db/full-text.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { findFileNames, takeStep } from '../search-index/message-index.ts'
import { readIndexState, setIndexCursor } from '../search-index/index-queue.ts'
import { tokenizerVersion } from '../search-index/tokenize.ts'
import { type Operation, runOperation } from '../operation.ts'

/*
 * Fills the index from messages that are not in it: after the update that introduced it, after an update that
 * changes the terms, and if many rows were written by another program. Newest first, in small steps, while the hub
 * works. No request waits longer than a step, and the messages that users search most are found first.
 */

const messagesPerStep = 250
const pagesPerMerge = 64
/** Messages in the index when the planner first counts its rows, and how many times as many until it does again. */
const firstAnalyze = 1_000
const analyzeGrowth = 8

/** Resolves when all messages are in the index, or the hub closes. */
export async function buildIndex(hub: HubContext): Promise<void> {
  const begun = hub.clock()
  let built = 0
  let analyzeAt = firstAnalyze
  // a message must not change between the read of its text and the write of its terms
  const options = { locks: 'hub', derived: true } as const
  for (let below = await runOperation(hub, options, prepareBuild); below > 1;) {
    if (hub.messageIndex.isDamaged) return
    const step = await runOperation(hub, options, (op) => indexStep(op, below))
    below = step.below
    built += step.count
    if (built >= analyzeAt) {
      await hub.store.read(async (db) => analyzeIndex(db))
      analyzeAt *= analyzeGrowth
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (built === 0) return
  await hub.store.read(async (db) => analyzeIndex(db))
  hub.log.info({ messages: built, ms: hub.clock() - begun }, 'the search index is complete')
}

/** Returns where to continue; starts from the newest message if the existing index is unusable. */
async function prepareBuild(op: Operation): Promise<number> {
  const [state] = await readIndexState(op.db, {})
  if (!state) throw new Error('the state of the index is missing')
  const { newest } = state
  if (state.version === tokenizerVersion && newest - state.through <= op.hub.indexing.maxBacklogMessages)
    return state.below
  op.hub.messageIndex.clearKnownTerms()
  const below = newest + 1
  await setState(op.db, { version: tokenizerVersion, below })
  await setIndexCursor(op.db, { n: newest })
  op.updateDerived(async (db) => clearIndex(db))
  return below
}

async function indexStep(op: Operation, below: number) {
  const found = await messagesBelow(op.db, { below, count: messagesPerStep })
  // FTS5 takes them faster in the order of their numbers
  const rows = takeStep(found).reverse()
  for (const row of rows) {
    if (row.deletedAt !== null) continue
    op.hub.messageIndex.addMessage(op, { ...row, files: await findFileNames(op.db, { messageId: row.id }) })
  }
  const next = rows.length === found.length && found.length < messagesPerStep ? 1 : (rows[0]?.n ?? 1)
  op.updateDerived(async (db) => {
    await setState(db, { version: tokenizerVersion, below: next })
    await mergeIndex(db, pagesPerMerge)
  })
  return { below: next, count: rows.length }
}

/** All messages from this number on are in the index; 1 or less: all. */
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
