import { HubError } from '../../shared/errors.ts'
import type { FoundMessage } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { Db } from '../db/schema.ts'
import type { Tx } from '../db/writer.ts'
import type { Hub } from '../hub.ts'
import { clearMessage, removeBelongings } from './changing.ts'

/*
 * Messages that are older than the owner wants go for good: what was said goes, its place stays, so that streams and numbers
 * keep no gap. A few at a time, between what people write; whatever a hub that stops leaves undone, its next run does.
 */

const day = 24 * 60 * 60 * 1000
const messagesAStep = 50
/** Looked at in one step: most are younger, or gone already. */
const rowsAStep = 5000

/** How many would go if those older than this did. */
export async function countExpired(hub: Hub, days: number): Promise<number> {
  const { count } = await expired(hub.reader, hub.clock() - days * day)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Not those of deleted groups: they go with their group, or are looked at again when it is back. */
function expired(db: Db, before: number) {
  return db
    .selectFrom('message')
    .innerJoin('chat', 'chat.id', 'message.chatId')
    .where('chat.deletedAt', 'is', null)
    .where('message.deletedAt', 'is', null)
    .where('message.at', '<', before)
}

const running = new WeakMap<Hub, Promise<void>>()

/** One run after the other: a setting that changed meanwhile is looked at again. */
export function expireMessages(hub: Hub): Promise<void> {
  const before = running.get(hub)?.catch(() => undefined) ?? Promise.resolve()
  const run = before.then(() => expireAll(hub))
  running.set(hub, run)
  return run
}

export function expireSoon(hub: Hub): void {
  expireMessages(hub).catch((error: unknown) => {
    // it closes, or has too much to do: the next run goes on
    if (error instanceof HubError && error.code === 'busy') return
    hub.log.warn({ err: error }, 'messages that are too old wait to be deleted')
  })
}

async function expireAll(hub: Hub): Promise<void> {
  let gone = 0
  for (let from: number | undefined = 0; from !== undefined;) {
    const after: number = from
    const step = await hub.writer.write((tx) => expireSome(tx, hub, after), 64 * 1024)
    gone += step.gone
    from = step.next
  }
  if (gone === 0) return
  await hub.writer.write((tx) => audit(tx, { action: 'messages.expired', detail: { messages: gone } }))
  hub.writer.truncateLog()
}

/** `next`: the row to go on after; none at the end. */
async function expireSome(tx: Tx, hub: Hub, from: number): Promise<{ gone: number; next?: number }> {
  const { db } = tx
  const { messageDays } = await db.selectFrom('hub').select('messageDays').executeTakeFirstOrThrow()
  if (messageDays === null) return { gone: 0 }
  const rows: (FoundMessage & { n: number })[] = await expired(db, tx.now - messageDays * day)
    .where('message.n', '>', from)
    .where('message.n', '<=', from + rowsAStep)
    .orderBy('message.n')
    .limit(messagesAStep)
    .select([
      'message.n',
      'message.id',
      'message.chatId',
      'message.thread',
      'message.no',
      'message.authorId',
      'message.deletedAt',
    ])
    .execute()
  for (const row of rows) {
    await clearMessage(tx, hub, row, undefined)
    await removeBelongings(tx, hub, row.id)
  }
  const last = rows.length === messagesAStep ? rows.at(-1) : undefined
  if (last) return { gone: rows.length, next: last.n }
  const { end } = await db
    .selectFrom('message')
    .select((eb) => eb.fn.max('n').as('end'))
    .executeTakeFirstOrThrow()
  const next = from + rowsAStep
  return { gone: rows.length, ...(next < (end ?? 0) ? { next } : {}) }
}
