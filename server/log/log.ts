import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import type { Transaction } from '../db/store.ts'
import type { Entry, EntryOf, EntryType } from '../../shared/contract/entries.ts'

/*
 * The log. An entry is a committed fact in one stream; its seq is allocated in the transaction that writes it, so a
 * stream is 1, 2, 3… without gaps. The row holds type, actor, target and time; content is read from the target.
 */

export type StreamName = `chat:${string}` | `user:${string}` | 'hub'

export interface NewEntry<T extends EntryType> {
  type: T
  /** Set if it was allocated already, together with another column of the same row. */
  seq?: number
  by?: string | undefined
  /** The id of the message, user or chat it is about. */
  target?: string
  /** Content that cannot be read from the target's row later; stored as JSON. */
  data?: Record<string, unknown>
  /** The content of the live entry, as a reader of the log would get it now. */
  content: Omit<EntryOf<T>, 'stream' | 'seq' | 'type' | 'at' | 'by'>
}

const advanceChatHead = prepared((db, p: { id: string }) =>
  db
    .updateTable('chat')
    .set((eb) => ({ head: eb('head', '+', 1) }))
    .where('id', '=', p.id)
    .returning('head'),
)
const advanceUserHead = prepared((db, p: { id: string }) =>
  db
    .updateTable('user')
    .set((eb) => ({ head: eb('head', '+', 1) }))
    .where('id', '=', p.id)
    .returning('head'),
)
const advanceHubHead = prepared((db, _: object) =>
  db
    .updateTable('hub')
    .set((eb) => ({ head: eb('head', '+', 1) }))
    .where('id', '=', 1)
    .returning('head'),
)

interface EntryRow {
  stream: string
  seq: number
  type: string
  at: number
  byId: string | null
  target: string | null
  data: string | null
}

export const insertEntry = prepared((db, p: EntryRow) =>
  db.insertInto('entry').values({
    stream: p.stream,
    seq: p.seq,
    type: p.type,
    at: p.at,
    byId: p.byId,
    target: p.target,
    data: p.data,
  }),
)

/** Appends an entry and, after the commit, publishes it to those who may see it. Returns its seq. */
export async function append<T extends EntryType>(
  tx: Transaction,
  stream: StreamName,
  entry: NewEntry<T>,
): Promise<number> {
  const seq = entry.seq ?? (await allocateSeq(tx.db, stream))
  await insertEntry(tx.db, {
    stream,
    seq,
    type: entry.type,
    at: tx.now,
    byId: entry.by ?? null,
    target: entry.target ?? null,
    data: entry.data ? JSON.stringify(entry.data) : null,
  })
  publishEntry(tx, stream, { ...entry, seq })
  return seq
}

/** Publishes an entry that was stored in the same operation. */
export function publishEntry<T extends EntryType>(
  tx: Transaction,
  stream: StreamName,
  entry: NewEntry<T> & { seq: number },
): void {
  const wire = {
    stream,
    seq: entry.seq,
    type: entry.type,
    at: tx.now,
    ...(entry.by === undefined ? {} : { by: entry.by }),
    ...entry.content,
  } as unknown as Entry
  tx.tell({ f: 'entry', entry: wire })
}

/** Allocates the next seq of a stream, for an entry whose content contains it. */
export async function allocateSeq(db: Db, stream: string): Promise<number> {
  const [row] =
    stream === 'hub'
      ? await advanceHubHead(db, {})
      : stream.startsWith('chat:')
        ? await advanceChatHead(db, { id: stream.slice(5) })
        : await advanceUserHead(db, { id: stream.slice(5) })
  if (!row) throw new Error(`no such stream: ${stream}`)
  return row.head
}
