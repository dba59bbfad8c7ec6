import type { Input } from '../../shared/contract.ts'
import type { Entry } from '../../shared/contract/entries.ts'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError, notFound } from '../../shared/errors.ts'
import { requireChat } from '../access/chats.ts'
import type { Viewer } from '../caller.ts'
import { findListedGroup } from '../chats/queries.ts'
import type { ChatPreferences } from '../chat-preferences/chat-preferences.ts'
import { listSummaries } from '../chats/summaries.ts'
import { toListedGroup } from '../chats/membership.ts'
import { prepared } from '../db/prepared.ts'
import type { Db } from '../db/schema.ts'
import { toMessage } from '../messages/message-view.ts'
import { findHiddenIds, listMessagesById } from '../messages/queries.ts'
import { toUser, userColumns } from '../users/user-view.ts'

/** What a person may read: their chats, themselves, and the hub. Answers the head. @throws not_found */
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

/** Entries after a cursor, with the content their targets have now. */
export async function readStream(db: Db, viewer: Viewer, input: Input<'streams.read'>, head: number) {
  const after = input.after ?? 0
  // a cursor the stream never reached is one of another epoch
  if (after > head) return { entries: [], head, reset: true as const }
  const limit = Math.min(input.limit ?? limits.page.entries, limits.page.entries)
  const rows = await entriesAfter(db, { stream: input.stream, after, limit })
  const content = await loadContent(db, viewer, rows)
  return { entries: rows.map((row) => toEntry(row, content)), head }
}

const entriesAfter = prepared((db, p: { stream: string; after: number; limit: number }) =>
  db
    .selectFrom('entry')
    .where('stream', '=', p.stream)
    .where('seq', '>', p.after)
    .orderBy('seq')
    .limit(p.limit)
    .selectAll(),
)

interface StreamRow {
  stream: string
  seq: number
  type: string
  at: number
  byId: string | null
  target: string | null
  data: string | null
}

interface EntryContent {
  messages: Map<string, Message | Tombstone>
  users: Map<string, ReturnType<typeof toUser>>
  chats: Map<string, Awaited<ReturnType<typeof listSummaries>>[number]>
  groups: Map<string, ReturnType<typeof toListedGroup>>
}

async function loadContent(db: Db, viewer: Viewer, rows: StreamRow[]): Promise<EntryContent> {
  const targets = (prefix: string): string[] => [
    ...new Set(rows.filter((row) => row.type.startsWith(prefix)).flatMap((row) => row.target ?? [])),
  ]
  const content: EntryContent = { messages: new Map(), users: new Map(), chats: new Map(), groups: new Map() }
  const messages = [
    ...new Set([...targets('message.'), ...targets('reaction.'), ...targets('pin.'), ...targets('thread.')]),
  ]
  const hidden = await findHiddenIds(db, viewer.userId, messages)
  for (const row of await listMessagesById(db, messages)) {
    const message = toMessage(row)
    content.messages.set(row.id, hidden.has(row.id) ? toHiddenTombstone(message) : message)
  }
  const people = [...new Set([...targets('member.'), ...targets('user.')])]
  if (people.length > 0) {
    const found = await db.selectFrom('user').where('id', 'in', people).select(userColumns).execute()
    for (const row of found) content.users.set(row.id, toUser(row))
  }
  if (rows.some((row) => row.type === 'chat.added')) {
    for (const chat of await listSummaries(db, viewer.userId)) content.chats.set(chat.id, chat)
  }
  for (const id of targets('group.')) {
    const group = await findListedGroup(db, id)
    if (group) content.groups.set(id, toListedGroup(group))
  }
  return content
}

/** Of what I deleted for myself, its place: the stream is without gaps. */
function toHiddenTombstone({ id, no, seq, rev, thread }: Message | Tombstone): Tombstone {
  return { id, no, seq, rev, deleted: true, hidden: true, ...(thread === undefined ? {} : { thread }) }
}

function toEntry(row: StreamRow, content: EntryContent): Entry {
  const target = row.target ?? ''
  const frame = {
    stream: row.stream,
    seq: row.seq,
    at: row.at,
    ...(row.byId === null ? {} : { by: row.byId }),
  }
  const data = row.data === null ? {} : (JSON.parse(row.data) as Record<string, unknown>)
  switch (row.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
    case 'message.undeleted':
    case 'reaction.added':
    case 'reaction.removed':
    case 'pin.added':
    case 'pin.removed':
    case 'thread.updated': {
      const message = content.messages.get(target)
      if (!message) throw new HubError('internal', 'The message of an entry is missing.')
      return { ...frame, type: row.type, message }
    }
    case 'member.added':
    case 'member.removed':
    case 'member.updated': {
      const user = content.users.get(target)
      if (!user) throw new HubError('internal', 'The user of an entry is missing.')
      return { ...frame, type: row.type, user, userId: target, ...(data as { role: 'member' }) }
    }
    case 'user.added':
    case 'user.updated': {
      const user = content.users.get(target)
      if (!user) throw new HubError('internal', 'The user of an entry is missing.')
      return { ...frame, type: row.type, user }
    }
    case 'chat.added': {
      const chat = content.chats.get(target)
      // no longer mine to see: what is left to say of it is that it is gone
      return chat
        ? { ...frame, type: 'chat.added', chat }
        : { ...frame, type: 'chat.removed', chatId: target, reason: 'removed' }
    }
    case 'chat.removed':
      return { ...frame, type: 'chat.removed', chatId: target, ...(data as { reason: 'left' }) }
    case 'message.hidden':
    case 'message.unhidden':
    case 'thread.followed':
    case 'thread.unfollowed':
    case 'saved.added':
      return { ...frame, type: row.type, messageId: target, ...(data as { chatId: string }) }
    case 'saved.removed':
      return { ...frame, type: 'saved.removed', messageId: target }
    case 'chat.preferencesUpdated':
      return { ...frame, type: 'chat.preferencesUpdated', ...(data as unknown as ChatPreferences) }
    case 'session.ended':
      return { ...frame, type: 'session.ended', sessionId: target }
    case 'group.listed':
    case 'group.unlisted': {
      const group = content.groups.get(target)
      return row.type === 'group.listed' && group
        ? { ...frame, type: 'group.listed', group }
        : { ...frame, type: 'group.unlisted', group: { id: target } }
    }
    case 'settings.updated':
      return { ...frame, type: 'settings.updated', changes: data }
    case 'chat.created':
      return { ...frame, type: 'chat.created' }
    case 'chat.updated':
      return { ...frame, type: 'chat.updated', changes: data }
    case 'hub.updated':
      return { ...frame, type: 'hub.updated', changes: data }
    default:
      throw new HubError('internal', 'An entry of an unknown type.')
  }
}
