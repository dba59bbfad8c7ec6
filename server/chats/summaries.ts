import { type Selectable, sql } from 'kysely'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { limits } from '../../shared/contract/values.ts'
import { preview } from '../../shared/text/message.ts'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { filesOfMessage, parseFiles } from '../files/queries.ts'
import { prepared } from '../db/prepared.ts'
import { notHidden } from '../access/hidden.ts'
import { idOfDirectChat, peerId } from '../access/peer.ts'
import type { ChatTable, Db, MembershipTable } from '../db/schema.ts'

/**
 * A user's view of each of their chats, the latest first. Unread counts and mentions are counted here, never stored.
 */
export async function listSummaries(db: Db, userId: string): Promise<ChatSummary[]> {
  const rows = await summariesOfUser(db, { userId })
  return rows.map(toSummary)
}

export async function findSummary(db: Db, userId: string, chatId: string): Promise<ChatSummary | undefined> {
  const [row] = await summaryOfUserInChat(db, { userId, chatId })
  return row && toSummary(row)
}

/** The summaries of all members of a chat, by user id. */
export async function summariesOfChat(db: Db, chatId: string): Promise<Map<string, ChatSummary>> {
  const rows = await summaryRowsOfChat(db, { chatId })
  return new Map(rows.map((row) => [row.userId, toSummary(row)]))
}

const summariesOfUser = prepared((db, p: { userId: string }) =>
  summaryQuery(db).where('m.userId', '=', p.userId).orderBy('c.updatedAt', 'desc').orderBy('c.id'),
)
const summaryOfUserInChat = prepared((db, p: { userId: string; chatId: string }) =>
  summaryQuery(db).where('m.userId', '=', p.userId).where('m.chatId', '=', p.chatId),
)
const summaryRowsOfChat = prepared((db, p: { chatId: string }) =>
  summaryQuery(db).where('m.chatId', '=', p.chatId),
)

type SummaryRow = Pick<
  Selectable<ChatTable>,
  | 'id'
  | 'kind'
  | 'name'
  | 'visibility'
  | 'posting'
  | 'adding'
  | 'forEveryone'
  | 'directKey'
  | 'archivedAt'
  | 'picture'
  | 'topic'
  | 'memberCount'
  | 'head'
  | 'lastNo'
  | 'updatedAt'
> &
  Pick<
    Selectable<MembershipTable>,
    'userId' | 'role' | 'readNo' | 'muted' | 'notify' | 'archivedForMeNo' | 'unreadFrom' | 'addedBy'
  > & {
    peer: string | null
    peerReadNo: number | null
    peerDeliveredNo: number | null
    lastId: string | null
    lastShownNo: number | null
    lastAuthor: string | null
    lastText: string | null
    lastAt: number | null
    lastDeletedAt: number | null
    lastFiles: string | null
    unread: number
    mentions: number
    threadMentions: number
  }

/** The newest message that the user has not hidden. */
const lastVisibleMessage = sql<number>`(
  select x.n from message x where x.chat_id = c.id and x.thread = '' and ${notHidden(sql.ref('m.user_id'), 'x')}
  order by x.no desc limit 1)`

function summaryQuery(db: Db) {
  return db
    .selectFrom('membership as m')
    .innerJoin('chat as c', 'c.id', 'm.chatId')
    .leftJoin('message as l', (join) => join.on('l.n', '=', lastVisibleMessage))
    .leftJoin('membership as p', (join) =>
      join.on('p.chatId', '=', idOfDirectChat).on('p.userId', '=', peerId),
    )
    .where('c.deletedAt', 'is', null)
    .select([
      'c.id',
      'c.kind',
      'c.name',
      'c.visibility',
      'c.posting',
      'c.adding',
      'c.forEveryone',
      'c.directKey',
      'c.archivedAt',
      'c.picture',
      'c.topic',
      'c.memberCount',
      'c.head',
      'c.lastNo',
      'c.updatedAt',
      'm.userId',
      'm.role',
      'm.readNo',
      'm.muted',
      'm.notify',
      'm.archivedForMeNo',
      'm.unreadFrom',
      'm.addedBy',
      'p.userId as peer',
      'p.readNo as peerReadNo',
      'p.deliveredNo as peerDeliveredNo',
      'l.id as lastId',
      'l.no as lastShownNo',
      'l.authorId as lastAuthor',
      'l.text as lastText',
      'l.at as lastAt',
      'l.deletedAt as lastDeletedAt',
      filesOfMessage('l').as('lastFiles'),
      sql<number>`case when c.last_no <= coalesce(m.unread_from - 1, m.read_no) then 0 else (
        select count(*) from (
          select 1 from message u
          where u.chat_id = c.id and u.thread = '' and u.no > coalesce(m.unread_from - 1, m.read_no) and u.author_id <> m.user_id and u.deleted_at is null
            and ${notHidden(sql.ref('m.user_id'), 'u')}
          limit ${sql.lit(limits.unread)}
        ) as counted
      ) end`.as('unread'),
      sql<number>`case when c.last_no <= coalesce(m.unread_from - 1, m.read_no) then 0 else (
        select count(*) from mention n where n.user_id = m.user_id and n.chat_id = c.id and n.no > coalesce(m.unread_from - 1, m.read_no)
      ) end`.as('mentions'),
      // the list of threads shows only followed ones
      sql<number>`(select count(*) from reply_mention n
        join thread_follower f on f.thread = n.thread and f.user_id = n.user_id and f.following = 1
        where n.user_id = m.user_id and n.chat_id = c.id)`.as('threadMentions'),
    ])
}

function toSummary(row: SummaryRow): ChatSummary {
  const summary: ChatSummary = {
    id: row.id,
    kind: row.kind,
    visibility: row.visibility,
    posting: row.posting,
    archived: row.archivedAt !== null,
    memberCount: row.memberCount,
    role: row.role,
    head: row.head,
    lastNo: row.lastNo,
    readNo: row.readNo,
    unread: row.unread,
    mentions: row.mentions,
    muted: row.muted === 1,
    notify: row.notify,
    archivedForMe: row.archivedForMeNo !== null && (row.muted === 1 || row.lastNo <= row.archivedForMeNo),
    updatedAt: row.updatedAt,
  }
  if (row.archivedForMeNo !== null) summary.archivedForMeNo = row.archivedForMeNo
  if (row.threadMentions > 0) summary.threadMentions = row.threadMentions
  if (row.unreadFrom !== null) summary.unreadFrom = row.unreadFrom
  if (row.addedBy !== null) summary.addedBy = row.addedBy
  if (row.name !== null) {
    summary.name = row.name
    summary.adding = row.adding
  } else if (row.kind === 'group') {
    summary.memberIds = (row.directKey ?? '').split(':').filter((userId) => userId !== row.userId)
  }
  if (row.forEveryone === 1) summary.everyone = true
  if (row.topic !== null) summary.topic = row.topic
  if (row.picture !== null) summary.picture = row.picture
  if (row.peer !== null) {
    summary.peer = row.peer
    if (row.peer !== row.userId) {
      summary.peerReadNo = row.peerReadNo ?? 0
      summary.peerDeliveredNo = row.peerDeliveredNo ?? 0
    }
  }
  if (row.lastId !== null) {
    const deleted = row.lastDeletedAt !== null
    summary.lastMessage = {
      id: row.lastId,
      no: row.lastShownNo ?? row.lastNo,
      author: row.lastAuthor ?? '',
      text: deleted ? '' : preview(row.lastText ?? ''),
      at: row.lastAt ?? 0,
      ...(deleted ? { deleted } : summarizeFiles(parseFiles(row.lastFiles))),
    }
  }
  return summary
}
