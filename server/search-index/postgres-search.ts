import { sql } from 'kysely'
import { HubError } from '../../shared/errors.ts'
import { isTimeout } from '../db/postgres/errors.ts'
import { limitStatementTime, matchesQuery, toTsquery } from '../db/postgres/text-query.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Store } from '../db/store.ts'
import { FairQueue } from '../fair-queue.ts'
import { type TaskOptions, WorkerQueueError } from '../workers/worker-queue.ts'
import { type FoundMessage, isCalledSql } from './conditions.ts'
import type { SearchMatch, SearchResult } from './execute.ts'
import { highlight } from './highlight.ts'
import { planSearch, type QueryPlan } from './query-plan.ts'
import type { SearchQueue } from './search-host.ts'
import type { SearchOutcome, SearchTask } from './search-worker.ts'
import type { TermSource } from './terms.ts'

/*
 * Searches in PostgreSQL: the server does the work, a few searches at once. A page reads windows of numbers, the newest
 * first: small ones find common words among few messages, large ones find rare words by the index. It takes a limited
 * time and returns what was found until then.
 */

const maxRunning = 2
const maxQueued = 200
const maxSearchMs = 400
/** The numbers of messages that one statement looks at: in the first, and at most. */
const firstWindow = 2_000
const maxWindow = 200_000
const windowGrowth = 10

interface QueuedSearch extends TaskOptions {
  user: string
  task: SearchTask
  resolve: (outcome: SearchOutcome) => void
  reject: (error: unknown) => void
}

export class PostgresSearch implements SearchQueue {
  readonly #store: Store
  readonly #queue = new FairQueue<QueuedSearch>()
  /** Users whose search runs: one at a time each, so that a later search can replace one that waits. */
  readonly #running = new Set<string>()
  #isClosed = false

  constructor(store: Store) {
    this.#store = store
  }

  run(task: SearchTask, options: TaskOptions = {}): Promise<SearchOutcome> {
    if (this.#isClosed) return Promise.reject(new WorkerQueueError('closed', 'the search was closed'))
    if (this.#queue.size >= maxQueued) {
      return Promise.reject(new WorkerQueueError('full', 'too many searches wait'))
    }
    const { user = '', signal } = options
    return new Promise((resolve, reject) => {
      const queued = { task, ...options, user, resolve, reject }
      const leave = (): void => {
        if (this.#queue.remove(user, queued)) reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#queue.push(user, queued)
      this.#startNext()
    })
  }

  restart(): void {}

  close(): Promise<void> {
    this.#isClosed = true
    for (let queued = this.#queue.shift(); queued; queued = this.#queue.shift()) {
      queued.reject(new WorkerQueueError('closed', 'the search was closed'))
    }
    return Promise.resolve()
  }

  #startNext(): void {
    const waiting: [string, QueuedSearch][] = []
    while (this.#running.size < maxRunning) {
      const queued = this.#queue.shift()
      if (!queued) break
      if (this.#running.has(queued.user)) waiting.push([queued.user, queued])
      else this.#start(queued)
    }
    this.#queue.unshift(waiting)
  }

  #start(queued: QueuedSearch): void {
    this.#running.add(queued.user)
    void this.#answer(queued)
      .then(queued.resolve, queued.reject)
      .finally(() => {
        this.#running.delete(queued.user)
        this.#startNext()
      })
  }

  async #answer({ task, onTurn }: QueuedSearch): Promise<SearchOutcome> {
    onTurn?.()
    try {
      return { findings: await this.#store.read((db) => executeSearch(db, task)) }
    } catch (error) {
      if (isTimeout(error)) throw new WorkerQueueError('timeout', 'the search took too long')
      if (error instanceof HubError && error.code !== 'internal') return { refused: error.toWire() }
      throw error
    }
  }
}

async function executeSearch(db: Db, { userId, input, now }: SearchTask): Promise<SearchResult> {
  const plan = await planSearch(db, termsOf(db), userId, input, now)
  if (plan.nothing || plan.above + 1 >= plan.below) return { matches: [] }
  const query = plan.expression && toTsquery(plan.expression)
  const until = performance.now() + maxSearchMs
  const matches: SearchResult['matches'] = []
  const [newest] = await newestNumber(db, {})
  let below = Math.min(plan.below, (newest?.n ?? 0) + 1)
  let size = firstWindow
  await limitStatementTime(db, maxSearchMs)
  while (below > plan.above + 1) {
    const above = Math.max(plan.above, below - 1 - size)
    const rows = await orTimeout(db, () => matchesWithin(db, { plan, query, userId, above, below }))
    // the next page begins with a small window again
    if (!rows && size > firstWindow) return endEarly(db, { plan, query, userId, below }, matches)
    if (!rows) throw new WorkerQueueError('timeout', 'the search took too long')
    for (const row of rows) {
      if (!plan.check(row)) continue
      if (matches.length === plan.limit) return { matches, next: matches.at(-1)?.id ?? '' }
      matches.push(toMatch(row, plan))
    }
    size = Math.min(size * windowGrowth, maxWindow)
    below = rows.length > plan.limit ? (rows.at(-1)?.n ?? 0) : above + 1
    if (below > plan.above + 1 && performance.now() > until)
      return endEarly(db, { plan, query, userId, below }, matches)
  }
  return { matches }
}

/** Returns undefined if a statement took too long, and the transaction goes on. */
async function orTimeout<T>(db: Db, run: () => Promise<T>): Promise<T | undefined> {
  await sql`savepoint before_window`.execute(db)
  try {
    return await run()
  } catch (error) {
    if (!isTimeout(error)) throw error
    await sql`rollback to savepoint before_window`.execute(db)
    return undefined
  }
}

/**
 * Ends a page that took too long. All numbers from `below` on were looked at. The cursor is a message of the viewer's chats: even ids
 * of messages in other chats are not revealed. It is looked at too, since the next page begins after it.
 */
async function endEarly(
  db: Db,
  search: Omit<Window, 'above'>,
  matches: SearchResult['matches'],
): Promise<SearchResult> {
  const { plan, userId, below } = search
  if (matches.length === plan.limit) return { matches, next: matches.at(-1)?.id ?? '' }
  const [mine] = await nearestOwnMessage(db, { userId, above: plan.above, below })
  if (!mine) return { matches }
  const rows = await matchesWithin(db, { ...search, above: mine.n - 1, below: mine.n + 1 })
  matches.push(...rows.filter((row) => plan.check(row)).map((row) => toMatch(row, plan)))
  return { matches, next: mine.id }
}

function toMatch({ id, chatId, rev, text }: FoundRow, { phrases }: QueryPlan): SearchMatch {
  return { id, chatId, rev, ...highlight(text, phrases) }
}

const isCalled = sql.raw<boolean>(isCalledSql)

interface FoundRow extends FoundMessage {
  id: string
  chatId: string
  rev: number
}

interface Window {
  plan: QueryPlan
  query: string | undefined
  userId: string
  above: number
  below: number
}

/** Reads matches with the viewer's access, like every message; one more than fit. */
function matchesWithin(db: Db, { plan, query, userId, above, below }: Window) {
  let found = db
    .selectFrom('message as m')
    .innerJoin('membership as s', (join) =>
      join.onRef('s.chatId', '=', 'm.chatId').on('s.userId', '=', userId),
    )
    .innerJoin('chat as c', (join) => join.onRef('c.id', '=', 'm.chatId').on('c.deletedAt', 'is', null))
    .where('m.n', '>', above)
    .where('m.n', '<', below)
    .where('m.deletedAt', 'is', null)
    .where('m.at', '>=', plan.from)
    .where('m.at', '<', plan.to)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('hiddenMessage as h')
            .where('h.userId', '=', userId)
            .whereRef('h.messageId', '=', 'm.id')
            .select('h.at'),
        ),
      ),
    )
    .orderBy('m.n', 'desc')
    .limit(plan.limit + 1)
    .select(['m.id', 'm.n', 'm.chatId', 'm.rev', 'm.text', 'm.authorId', isCalled.as('isCalled')])
  for (const condition of plan.conditions) found = found.where(sql.raw<boolean>(condition))
  if (query !== undefined) {
    found = found.where(matchesQuery('m.n', query))
  }
  return found.execute()
}

const newestNumber = prepared((db, _: object) =>
  db.selectFrom('message').select('n').orderBy('n', 'desc').limit(1),
)

const nearestOwnMessage = prepared((db, p: { userId: string; above: number; below: number }) =>
  db
    .selectFrom('message as m')
    .innerJoin('membership as s', (join) =>
      join.onRef('s.chatId', '=', 'm.chatId').on('s.userId', '=', p.userId),
    )
    .where('m.n', '<', p.below)
    .where('m.n', '>', p.above)
    .orderBy('m.n', 'desc')
    .limit(1)
    .select(['m.n', 'm.id']),
)

/** Finds terms in the list of the database: a scan of one short column. */
function termsOf(db: Db): TermSource {
  const find = async (fits: string, differs: string, most: number): Promise<string[]> => {
    const { rows } = await sql<{ term: string }>`
      select term from search_term where term like ${fits} escape '!' and term not like ${differs} escape '!'
      order by length(term), term limit ${most}`.execute(db)
    return rows.map(({ term }) => term)
  }
  const escaped = (part: string): string => part.replace(/[!%_]/g, '!$&')
  return {
    findContaining: (part, most) => find(`%${escaped(part)}%`, `${escaped(part)}%`, most),
    findEndingWith: (part, most) => find(`%${escaped(part)}`, escaped(part), most),
  }
}
