import type { FoundMessage } from '../access/messages.ts'
import { audit } from '../audit/audit.ts'
import type { Db } from '../db/schema.ts'
import type { HubContext } from '../context.ts'
import { takeStep } from '../search-index/message-index.ts'
import { eraseMessage, removeReactionsAndFiles } from './delete.ts'
import { type Operation, runOperation } from '../operation.ts'

/*
 * Deletes messages that are older than the owner's limit. Their content is deleted permanently and a tombstone stays,
 * so that streams and numbers have no gap. Works in small steps between the operations of users. If the hub stops in
 * between, the next run continues.
 */

const dayMs = 24 * 60 * 60 * 1000
const messagesPerStep = 50
/** A larger part waits for the next hour. */
const maxShareOfRun = 0.1
const minMessagesPerRun = 500
/** Rows that one step reads. Most are younger, or already deleted. */
const rowsPerStep = 5000

/** Counts the messages that a limit of so many days would delete. */
export async function countExpired(db: Db, now: number, days: number): Promise<number> {
  const { count } = await expiredMessages(db, now - days * dayMs)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Leaves out messages of deleted groups: they are deleted with their group, or found again once it is undeleted. */
function expiredMessages(db: Db, before: number) {
  return db
    .selectFrom('message')
    .innerJoin('chat', 'chat.id', 'message.chatId')
    .where('chat.deletedAt', 'is', null)
    .where('message.deletedAt', 'is', null)
    .where('message.at', '<', before)
}

/**
 * The job `messages.expire`: once an hour, and after the owner changed the setting. Deletes nothing while the clock is in
 * doubt, also if that begins during the run.
 */
export async function deleteExpiredMessages(hub: HubContext): Promise<void> {
  const most = await readShare(hub)
  let gone = 0
  for (let from: number | undefined = 0; from !== undefined && gone < most && hub.time.isTrusted;) {
    const after: number = from
    const step = await runOperation(hub, { locks: 'hub', bytes: 64 * 1024 }, (op) =>
      runRetentionStep(op, after),
    )
    gone += step.gone
    from = step.next
  }
  if (gone === 0) return
  await runOperation(hub, { locks: [] }, async (op) =>
    audit(op, { action: 'messages.expired', detail: { messages: gone } }),
  )
  hub.store.eraseDeleted()
}

/** How many messages one run deletes at most: a mistake is noticed before everything is gone. */
async function readShare({ store }: HubContext): Promise<number> {
  const { count } = await store.read((db) =>
    db
      .selectFrom('message')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow(),
  )
  return Math.max(minMessagesPerRun, Math.ceil(count * maxShareOfRun))
}

/**
 * One step. Locks the hub, since the messages are of any chat. `next`: the row to continue after; undefined at the end.
 */
async function runRetentionStep(op: Operation, from: number): Promise<{ gone: number; next?: number }> {
  const { db } = op
  const { retentionDays } = await db.selectFrom('hub').select('retentionDays').executeTakeFirstOrThrow()
  if (retentionDays === null) return { gone: 0 }
  const found: (FoundMessage & { n: number; text: string })[] = await expiredMessages(
    db,
    op.now - retentionDays * dayMs,
  )
    .where('message.n', '>', from)
    .where('message.n', '<=', from + rowsPerStep)
    .orderBy('message.n')
    .limit(messagesPerStep)
    .select([
      'message.n',
      'message.id',
      'message.chatId',
      'message.thread',
      'message.no',
      'message.authorId',
      'message.deletedAt',
      'message.text',
    ])
    .execute()
  const rows = takeStep(found)
  for (const row of rows) {
    await eraseMessage(op, row, undefined)
    await removeReactionsAndFiles(op, row.id)
  }
  const last = rows.length < found.length || found.length === messagesPerStep ? rows.at(-1) : undefined
  if (last) return { gone: rows.length, next: last.n }
  const { end } = await db
    .selectFrom('message')
    .select((eb) => eb.fn.max('n').as('end'))
    .executeTakeFirstOrThrow()
  const next = from + rowsPerStep
  return { gone: rows.length, ...(next < (end ?? 0) ? { next } : {}) }
}
