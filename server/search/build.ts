import { emptyIndex, mergeIndex } from '../db/full-text.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { filesOf } from './index-messages.ts'
import { newestAndThrough, setThrough } from './intake.ts'
import { wordsVersion } from './words.ts'

/*
 * Fills the index from messages that are not in it: after the update that brought it, after one that sees words
 * differently, and when many rows were written past the program. The newest first, a little at a time, while the hub
 * works: nobody waits longer than for one step, and what is found meanwhile is what people look for most.
 */

const messagesAStep = 250
const mergePages = 64
/** A hub that was killed leaves a second's worth of messages, which the intake takes in; more than that came from elsewhere. */
const mostWaiting = 10_000

/** Resolves when all is in the index, or the hub closes. */
export async function buildIndex(hub: Hub): Promise<void> {
  const begun = hub.clock()
  let built = 0
  for (let below = await hub.writer.write((tx) => begin(hub, tx)); below > 1;) {
    const step = await hub.writer.write((tx) => indexBelow(hub, tx, below))
    below = step.below
    built += step.count
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (built === 0) return
  hub.log.info({ messages: built, ms: hub.clock() - begun }, 'the search index is complete')
}

/** Where to go on; from the newest message when what is there is of no use. */
async function begin(hub: Hub, tx: Tx): Promise<number> {
  const [state] = await newestAndThrough(tx.db, {})
  const newest = state?.newest ?? 0
  if (state?.version === wordsVersion && newest - state.through <= mostWaiting) return state.below
  hub.index.forget()
  const below = newest + 1
  await setState(tx.db, { version: wordsVersion, below })
  await setThrough(tx.db, { n: newest })
  tx.beforeCommit((db) => emptyIndex(db))
  return below
}

async function indexBelow(hub: Hub, tx: Tx, below: number) {
  const rows = await messagesBelow(tx.db, { below, count: messagesAStep })
  // FTS5 takes them faster in the order of their numbers
  for (const row of rows.reverse()) {
    if (row.deletedAt !== null) continue
    hub.index.put(tx, { ...row, files: await filesOf(tx.db, { messageId: row.id }) })
  }
  const next = rows.length < messagesAStep ? 1 : (rows[0]?.n ?? 1)
  await setState(tx.db, { version: wordsVersion, below: next })
  tx.beforeCommit((db) => mergeIndex(db, mergePages))
  return { below: next, count: rows.length }
}

/** Everything from here on is in the index; 1 or less: all. */
export async function indexedFrom(db: Db): Promise<number> {
  const [state] = await stateRow(db, {})
  return state?.version === wordsVersion ? state.below : Number.MAX_SAFE_INTEGER
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
