import { sql } from 'kysely'
import type { Input } from '../../shared/contract.ts'
import type { Entry } from '../../shared/contract/entries.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { notFound } from '../../shared/errors.ts'
import { requireChat } from '../access/chats.ts'
import type { Viewer } from '../caller.ts'
import { findListedGroup } from '../chats/queries.ts'
import { listSummaries } from '../chats/summaries.ts'
import { type ContentKind, type EntryContent, entryTypeOf } from './entry-types.ts'
import { toListedGroup } from '../chats/membership.ts'
import { inJsonArray } from '../db/dialect.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { toMessage } from '../messages/message-view.ts'
import { findHiddenIds, listMessagesById } from '../messages/queries.ts'
import { toUser, userColumns } from '../users/user-view.ts'

/**
 * Requires a stream that the user may read: of one of their chats, of themselves, or of the hub. Returns its head.
 * @throws HubError `not_found`
 */
export async function requireStream(db: Db, viewer: Viewer, stream: string | undefined): Promise<number> {
  if (stream === 'hub') {
    const row = await db.selectFrom('hub').select('head').executeTakeFirstOrThrow()
    return row.head
  }
  if (stream?.startsWith('chat:')) return (await requireChat(db, viewer, stream.slice(5))).head
  if (stream === `user:${viewer.userId}`) return userHead(db, viewer.userId)
  throw notFound('This stream')
}

async function userHead(db: Db, userId: string): Promise<number> {
  const row = await db.selectFrom('user').where('id', '=', userId).select('head').executeTakeFirstOrThrow()
  return row.head
}

/** Reads entries after a cursor, with the current content of their targets. */
export async function readStream(db: Db, viewer: Viewer, input: Input<'streams.read'>, head: number) {
  const after = input.after ?? 0
  // a cursor above the head belongs to another epoch
  if (after > head) return { entries: [], head, reset: true as const }
  const limit = Math.min(input.limit ?? limits.page.entries, limits.page.entries)
  const rows = await firstWithin(db, await entriesAfter(db, { stream: input.stream, after, limit }))
  const content = await loadContent(db, viewer, rows)
  return { entries: rows.map((row) => toEntry(row, content)), head }
}

/** Of texts in one response; the client reads on. */
const maxTextBytes = 1024 * 1024

/** Returns the first rows, as many as have at most so much text together, but at least one. */
async function firstWithin(db: Db, rows: StreamRow[]): Promise<StreamRow[]> {
  // fewer cannot have more
  if (rows.length * limits.text <= maxTextBytes) return rows
  const targets = rows
    .filter((row) => entryTypeOf(row.type).content === 'message')
    .flatMap((row) => row.target ?? [])
  const found = await textSizes(db, { ids: JSON.stringify(targets) })
  // each text is sent with every entry of its message
  const sizes = new Map(found.map(({ id, bytes }) => [id, bytes]))
  let bytes = 0
  const end = rows.findIndex(({ target }) => (bytes += sizes.get(target ?? '') ?? 0) > maxTextBytes)
  return end < 0 ? rows : rows.slice(0, Math.max(1, end))
}

const textSizes = prepared((db, p: { ids: string }) =>
  db
    .selectFrom('message')
    .where((eb) => inJsonArray(eb.ref('id'), p.ids))
    .select(['id', sql<number>`octet_length(text)`.as('bytes')]),
)

const entriesAfter = prepared((db, p: { stream: string; after: number; limit: number }) =>
  db
    .selectFrom('entry')
    .where('stream', '=', p.stream)
    .where('seq', '>', p.after)
    .orderBy('seq')
    .limit(p.limit)
    .selectAll(),
)

/** What happened to a chat besides its messages. */
const chatEventTypes = ['chat.created', 'chat.updated', 'member.added', 'member.removed'] as const

const chatEvents = prepared((db, p: { stream: string; after: number; before: number; limit: number }) =>
  db
    .selectFrom('entry')
    .where('stream', '=', p.stream)
    .where('seq', '>', p.after)
    .where('seq', '<', p.before)
    .where('type', 'in', chatEventTypes)
    .orderBy('seq', 'desc')
    .limit(p.limit)
    .selectAll(),
)

/** The newest events of a chat within a range of its stream, ascending. */
export async function listChatEvents(db: Db, viewer: Viewer, input: Input<'chats.events'>) {
  const { chatId, after = 0, before = Number.MAX_SAFE_INTEGER } = input
  const limit = limits.page.events
  const rows = await chatEvents(db, { stream: `chat:${chatId}`, after, before, limit: limit + 1 })
  const shown = rows.slice(0, limit).reverse()
  const content = await loadContent(db, viewer, shown)
  return { entries: shown.map((row) => toEntry(row, content)), more: rows.length > limit }
}

/** More entries than this are read page by page: a client that was away for long loads what it shows anyway. */
const maxEntriesBehind = 2_000

/**
 * The entries of the hub's stream after a cursor up to the head, of each target only the last: their content is that of now.
 * Returns undefined if they are too many, or if the cursor is none of this history.
 */
export async function readLatestOfHub(
  db: Db,
  viewer: Viewer,
  after: number,
  head: number,
): Promise<Entry[] | undefined> {
  if (after > head || head - after > maxEntriesBehind) return undefined
  const rows = await entriesAfter(db, { stream: 'hub', after, limit: maxEntriesBehind })
  const latest = new Map<string, StreamRow>()
  for (const row of rows) {
    // a change without a target is itself
    const key = row.target === null ? `seq ${row.seq}` : `${entryTypeOf(row.type).content} ${row.target}`
    const before = latest.get(key)
    latest.delete(key)
    // a new user stays new, with the profile of now
    latest.set(key, before?.type === 'user.added' ? { ...row, type: before.type, byId: before.byId } : row)
  }
  const kept = [...latest.values()]
  if (kept.length > limits.page.entries) return undefined
  const content = await loadContent(db, viewer, kept)
  return kept.map((row) => toEntry(row, content))
}

interface StreamRow {
  stream: string
  seq: number
  type: string
  at: number
  byId: string | null
  target: string | null
  data: string | null
}

/** Loads the current content of everything that the rows refer to, each kind in one query. */
async function loadContent(db: Db, viewer: Viewer, rows: StreamRow[]): Promise<EntryContent> {
  const targets = (kind: ContentKind): string[] => [
    ...new Set(
      rows.filter((row) => entryTypeOf(row.type).content === kind).flatMap((row) => row.target ?? []),
    ),
  ]
  const content: EntryContent = { messages: new Map(), users: new Map(), chats: new Map(), groups: new Map() }
  const messages = targets('message')
  const hidden = await findHiddenIds(db, viewer.userId, messages)
  for (const row of await listMessagesById(db, messages)) {
    const message = toMessage(row)
    content.messages.set(row.id, hidden.has(row.id) ? toHiddenTombstone(message) : message)
  }
  const users = targets('user')
  if (users.length > 0) {
    const found = await db.selectFrom('user').where('id', 'in', users).select(userColumns).execute()
    for (const row of found) content.users.set(row.id, toUser(row))
  }
  if (targets('chat').length > 0) {
    for (const chat of await listSummaries(db, viewer.userId)) content.chats.set(chat.id, chat)
  }
  for (const id of targets('group')) {
    const group = await findListedGroup(db, id)
    if (group) content.groups.set(id, toListedGroup(group))
  }
  return content
}

/** A message that the viewer hid keeps its place: the stream has no gaps. */
function toHiddenTombstone({ id, no, seq, rev, thread }: Message | Tombstone): Tombstone {
  return { id, no, seq, rev, deleted: true, hidden: true, ...(thread === undefined ? {} : { thread }) }
}

function toEntry({ stream, seq, at, byId, type, target, data }: StreamRow, content: EntryContent): Entry {
  const built = entryTypeOf(type).build({
    target: target ?? '',
    data: data === null ? {} : (JSON.parse(data) as Record<string, unknown>),
    content,
  })
  return { stream, seq, at, ...(byId === null ? {} : { by: byId }), type, ...built } as Entry
}
