import { setTimeout as sleep } from 'node:timers/promises'
import { mergeIndex } from '../db/full-text.ts'
import { prepared } from '../db/prepared.ts'
import type { StoreWriter, Transaction } from '../db/store.ts'
import type { Jobs } from '../jobs.ts'
import type { Indexing } from './indexing.ts'
import { findFileNames, type MessageIndex, takeStep } from './message-index.ts'

/*
 * Adds new messages to the index a moment after they were sent, many at once. With FTS5, one message per
 * transaction is five times the work, a dozen pages to sync, and now and then a merge of hundreds that delays every
 * user. `through` in the database is the progress of the index, so a killed hub continues from there. A search
 * first adds the messages sent before it, so its index is never behind.
 *
 * Edits and deletions do not use the queue: their own transaction updates the index (message-index.ts).
 */

/** As many as a batch of the writer can contain, so that the queue keeps up with any load. */
const messagesPerStep = 256
/** FTS5's own merging is off. What a step writes is merged once on each of some five levels, so this follows it. */
const pagesPerMerge = (messages: number): number => 8 + Math.ceil(messages / 4)
const indexDelayMs = 1_000
/** A step with so few messages has long texts. A pause follows it, as long as the step: requests go on between them. */
const messagesOfLongStep = 32

/** A killed hub leaves about a second of messages. */
const maxBacklogMessages = 10_000

export class IndexQueue implements Indexing {
  readonly maxBacklogMessages = maxBacklogMessages
  readonly #writer: StoreWriter
  readonly #index: MessageIndex
  readonly #jobs: Jobs
  /** The number of committed changes, and how many of them the index is known to have. */
  #scheduledCount = 0
  #indexedCount = 0
  #isRunning = false

  /** @param guarded runs work that may find the index damaged */
  constructor(
    writer: StoreWriter,
    index: MessageIndex,
    jobs: Jobs,
    guarded: (work: () => Promise<void>) => Promise<void>,
  ) {
    this.#writer = writer
    this.#index = index
    this.#jobs = jobs
    jobs.add('search.index', { run: () => guarded(() => this.#runSteps()) })
  }

  messageSent(tx: Transaction): void {
    tx.after(() => this.schedule())
  }

  /** The index calls for maintenance. */
  indexChanged(tx: Transaction): void {
    tx.after(() => this.schedule())
  }

  /** A new message may get the number of the newest deleted row. */
  rowsDeleted(tx: Transaction): void {
    tx.updateDerived(async (db) => {
      const [state] = await readIndexState(db, {})
      if (state && state.newest < state.through) await setIndexCursor(db, { n: state.newest })
    })
    tx.after(() => this.schedule())
  }

  /** Also runs at the start: a killed hub may have left some. */
  schedule(): void {
    this.#scheduledCount += 1
    // a running step takes the next full batch by itself
    const isUrgent = !this.#isRunning && this.#scheduledCount - this.#indexedCount >= messagesPerStep
    this.#jobs.runSoon('search.index', isUrgent ? 0 : indexDelayMs)
  }

  async drain(): Promise<void> {
    const until = this.#scheduledCount
    await this.#jobs.idle('search.index')
    // the run may have read the messages before the last of them was there
    if (this.#indexedCount < until) await this.#jobs.run('search.index').catch(() => undefined)
  }

  /** Messages of a failed run stay in the queue: the next change or start tries again. */
  async #runSteps(): Promise<void> {
    this.#isRunning = true
    try {
      for (let isDone = this.#indexedCount >= this.#scheduledCount; !isDone && !this.#index.isDamaged;) {
        const scheduled = this.#scheduledCount
        const start = performance.now()
        const step = await this.#writer.write((tx) => indexStep(tx, this.#index), { derived: true })
        isDone = step.isDone
        if (isDone) this.#indexedCount = scheduled
        else if (step.taken < messagesOfLongStep) await sleep(performance.now() - start)
      }
    } finally {
      this.#isRunning = false
    }
  }
}

async function indexStep(tx: Transaction, index: MessageIndex): Promise<{ isDone: boolean; taken: number }> {
  const rows = await unindexedMessages(tx.db, { count: messagesPerStep })
  const taken = takeStep(rows)
  for (const { hasFiles, ...row } of taken) {
    if (row.deletedAt !== null) continue
    const files = hasFiles === 0 ? [] : await findFileNames(tx.db, { messageId: row.id })
    index.addMessage(tx, { ...row, files })
  }
  const last = taken.at(-1)
  if (last) tx.updateDerived(async (db) => void (await setIndexCursor(db, { n: last.n })))
  tx.updateDerived(async (db) => mergeIndex(db, pagesPerMerge(taken.length)))
  return { isDone: taken.length === rows.length && rows.length < messagesPerStep, taken: taken.length }
}

const unindexedMessages = prepared((db, p: { count: number }) =>
  db
    .selectFrom('message')
    .where('n', '>', (eb) => eb.selectFrom('searchState').select('through'))
    .select(['n', 'id', 'chatId', 'authorId', 'text', 'deletedAt'])
    .select((eb) =>
      eb
        .exists(eb.selectFrom('file').select('file.id').whereRef('file.messageId', '=', 'message.id'))
        .$castTo<0 | 1>()
        .as('hasFiles'),
    )
    .orderBy('n')
    .limit(p.count),
)
export const setIndexCursor = prepared((db, p: { n: number }) =>
  db.updateTable('searchState').set({ through: p.n }),
)
export const readIndexState = prepared((db, _: object) =>
  db
    .selectFrom('searchState')
    .select(['version', 'below', 'through'])
    .select((eb) =>
      eb.fn
        .coalesce(eb.selectFrom('message').select('n').orderBy('n', 'desc').limit(1).$asScalar(), eb.lit(0))
        .as('newest'),
    ),
)
