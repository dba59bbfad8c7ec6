import type { Selectable } from 'kysely'
import type { Message, Tombstone } from '../../shared/contract/messages.ts'
import { summarizeQuotedFiles } from '../../shared/text/file-names.ts'
import { preview } from '../../shared/text/message.ts'
import type { Db, MessageTable } from '../db/schema.ts'
import { filesOfMessage, parseFiles } from '../files/queries.ts'
import { parseReactions, reactionsOfMessage } from '../reactions/queries.ts'
import { repliesOf, usersOfThread } from './replies.ts'

export type MessageRow = Pick<
  Selectable<MessageTable>,
  | 'id'
  | 'chatId'
  | 'thread'
  | 'no'
  | 'seq'
  | 'rev'
  | 'cid'
  | 'authorId'
  | 'text'
  | 'at'
  | 'editedAt'
  | 'deletedAt'
  | 'replyCount'
  | 'threadLastNo'
  | 'threadAt'
  | 'pinnedAt'
> & {
  reactions: string | null
  threadUsers: string | null
  replyId: string | null
  replyNo: number | null
  replyAuthor: string | null
  replyText: string | null
  replyDeletedAt: number | null
  replyFiles: string | null
  files: string | null
}

/** Selects messages with the messages they reply to, in the form that `toMessage` takes. */
export function messageRows(db: Db) {
  return db
    .selectFrom('message')
    .leftJoin('message as reply', (join) =>
      join.onRef('reply.id', '=', 'message.replyTo').onRef('reply.chatId', '=', 'message.chatId'),
    )
    .select([
      'message.id',
      'message.chatId',
      'message.thread',
      'message.no',
      'message.seq',
      'message.rev',
      'message.cid',
      'message.authorId',
      'message.text',
      'message.at',
      'message.editedAt',
      'message.deletedAt',
      'message.replyCount',
      'message.threadLastNo',
      'message.threadAt',
      'message.pinnedAt',
      reactionsOfMessage.as('reactions'),
      usersOfThread.as('threadUsers'),
      'reply.id as replyId',
      'reply.no as replyNo',
      'reply.authorId as replyAuthor',
      'reply.text as replyText',
      'reply.deletedAt as replyDeletedAt',
      filesOfMessage('reply').as('replyFiles'),
      filesOfMessage('message').as('files'),
    ])
}

/** Returns the current message for members; for a deleted one only its tombstone. */
export function toMessage(row: MessageRow): Message | Tombstone {
  const replies = repliesOf(row)
  const hanging = {
    ...(row.thread === '' ? {} : { thread: row.thread }),
    ...(replies ? { replies } : {}),
  }
  if (row.deletedAt !== null) {
    return { id: row.id, no: row.no, seq: row.seq, rev: row.rev, deleted: true, ...hanging }
  }
  const message: Message = {
    id: row.id,
    chatId: row.chatId,
    no: row.no,
    seq: row.seq,
    rev: row.rev,
    cid: row.cid,
    author: row.authorId,
    text: row.text,
    at: row.at,
    attachments: parseFiles(row.files),
    reactions: parseReactions(row.reactions),
    ...hanging,
  }
  if (row.pinnedAt !== null) message.pinned = true
  if (row.editedAt !== null) message.editedAt = row.editedAt
  if (row.replyId !== null) {
    message.replyTo = {
      id: row.replyId,
      no: row.replyNo ?? 0,
      author: row.replyAuthor ?? '',
      ...(row.replyDeletedAt === null
        ? { text: preview(row.replyText ?? ''), ...summarizeQuotedFiles(parseFiles(row.replyFiles)) }
        : { text: '' }),
    }
  }
  return message
}
