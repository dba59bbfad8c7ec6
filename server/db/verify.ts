import type Database from 'better-sqlite3'

/*
 * The invariants of every hub database, at every moment; violations are returned as a list. Tests, the kill campaign
 * and each backup check the file against them.
 *
 * 1. A stream is 1, 2, 3… up to its head, and belongs to a chat, a user or the hub.
 * 2. The messages of a chat have `no` 1, 2, 3… up to its last_no.
 * 3. A user has sent a cid once.
 * 4. A message has its `message.sent` at its seq, and such an entry its message; its rev is an entry about it.
 * 5. The member count of a chat is right, and no receipt is above its last message.
 * 6. A file that a row refers to exists.
 * 7. The replies of a thread have `no` 1, 2, 3… up to its thread_last_no; the counts of replies and reactions are
 *    right.
 * 8. Files in a message are complete, belong to its chat, and are numbered 0, 1, 2… in it.
 *
 * A chat that is being deleted (deleted_at) is left out: its rows are deleted in several steps.
 */

/** Columns that name a file by its SHA-256 in hex: each such file must be there, and any other may go. */
export const digestColumns = [
  { table: 'user', column: 'avatar_digest' },
  { table: 'chat', column: 'picture_digest' },
  { table: 'file', column: 'digest' },
  { table: 'file', column: 'list_digest' },
  { table: 'file', column: 'screen_digest' },
] as const

/** Digests of all files that rows refer to; also of a file of an earlier release, which has fewer such columns. */
export function referencedDigests(raw: Database.Database): string[] {
  return digestColumns
    .filter(({ table, column }) =>
      raw.prepare('select 1 from pragma_table_info(?) where name = ?').get(table, column),
    )
    .flatMap(
      ({ table, column }) =>
        raw
          .prepare(`select distinct ${column} from "${table}" where ${column} is not null`)
          .pluck()
          .all() as string[],
    )
}

/** Returns the missing files that rows refer to, with what they belong to. */
export function checkFiles(raw: Database.Database, fileExists: (digest: string) => boolean): string[] {
  return referencedDigests(raw)
    .filter((digest) => !fileExists(digest))
    .slice(0, maxProblems)
    .map((digest) => `the file ${digest} is missing: it is ${describeFile(raw, digest)}`)
}

/**
 * Files whose content is not the one that their name says: a disk has cut or changed them.
 * @param actualDigest the SHA-256 of the file of this name, in hex
 */
export function checkContents(
  raw: Database.Database,
  actualDigest: (digest: string) => string | undefined,
): string[] {
  return referencedDigests(raw)
    .filter((digest) => (actualDigest(digest) ?? digest) !== digest)
    .slice(0, maxProblems)
    .map((digest) => `the file ${digest} was changed or cut short: it is ${describeFile(raw, digest)}`)
}

/** What a file belongs to, so that its owner can delete it or send it again. */
function describeFile(raw: Database.Database, digest: string): string {
  for (const { sql, words } of fileOwners) {
    const row = raw.prepare(sql).get({ digest }) as Record<string, unknown> | undefined
    if (row) return words(row)
  }
  return 'not known what it belongs to'
}

const fileOwners: Pick<InvariantRule, 'sql' | 'words'>[] = [
  {
    sql: `
      select file.name, file.digest = @digest as whole, message.id, chat.name as chat, author.username as author,
        (select group_concat(username, ' and ') from membership join "user" as member on member.id = user_id
         where chat_id = chat.id) as members
      from file
      join message on message.id = file.message_id
      join chat on chat.id = message.chat_id
      join "user" as author on author.id = message.author_id
      where @digest in (file.digest, file.list_digest, file.screen_digest) limit 1`,
    words: ({ name, whole, id, chat, author, members }) => {
      const place = chat === null ? `the direct chat of ${String(members)}` : `the group “${chat as string}”`
      const part = whole ? '' : 'a preview of '
      return `${part}“${String(name)}” in message ${String(id)} of ${String(author)} in ${place}`
    },
  },
  {
    sql: `
      select file.name, author.username as author from file join "user" as author on author.id = file.user_id
      where @digest in (file.digest, file.list_digest, file.screen_digest) limit 1`,
    words: ({ name, author }) => `“${String(name)}”, which ${String(author)} has uploaded and not sent`,
  },
  {
    sql: `select username from "user" where avatar_digest = @digest limit 1`,
    words: ({ username }) => `the avatar of ${String(username)}`,
  },
  {
    sql: `select name from chat where picture_digest = @digest limit 1`,
    words: ({ name }) => `the picture of the group “${String(name)}”`,
  },
]

interface InvariantRule {
  /** The first schema version that the rule applies to; a backup may be of an earlier release. */
  sinceSchema?: number
  /** Finds the rows that break the rule; each row becomes a sentence. */
  sql: string
  words: (row: Record<string, unknown>) => string
}

const maxProblems = 20

/** Returns the problems of a database, none if it is sound. Reads one state, also while other connections write. */
export function checkInvariants(raw: Database.Database): string[] {
  if (raw.inTransaction) return findViolations(raw)
  return raw.transaction(() => findViolations(raw))()
}

/** Returns the problems that SQLite itself finds: damaged pages, indexes that miss rows, dangling references. */
export function checkStructure(raw: Database.Database): string[] {
  const integrity = raw.prepare('pragma integrity_check').pluck().all() as string[]
  const references = raw.pragma('foreign_key_check') as { table: string; parent: string }[]
  return [
    ...integrity.filter((line) => line !== 'ok'),
    ...references.map(({ table, parent }) => `a row of ${table} refers to a missing ${parent}`),
  ].slice(0, maxProblems)
}

function findViolations(raw: Database.Database): string[] {
  const schema = raw.pragma('user_version', { simple: true }) as number
  const mine = invariantRules.filter(({ sinceSchema = 1 }) => sinceSchema <= schema)
  return mine.flatMap(({ sql, words }) =>
    (raw.prepare(`${sql} limit ${maxProblems}`).all() as Record<string, unknown>[]).map(words),
  )
}

const invariantRules: InvariantRule[] = [
  {
    sql: `
      with stream (name, head) as (
        select 'hub', head from hub
        union all select 'user:' || id, head from "user"
        union all select 'chat:' || id, head from chat where deleted_at is null
      ), log (name, first, last, total) as (
        select stream, min(seq), max(seq), count(*) from entry group by stream
      )
      select stream.name, stream.head, coalesce(log.last, 0) as last, coalesce(log.total, 0) as total
      from stream left join log on log.name = stream.name
      where stream.head <> coalesce(log.last, 0) or stream.head <> coalesce(log.total, 0)
        or coalesce(log.first, 1) <> 1`,
    words: ({ name, head, last, total }) =>
      `stream ${String(name)}: head is ${String(head)}, its ${String(total)} entries end at ${String(last)}`,
  },
  {
    sql: `
      select log.stream as name from (select distinct stream from entry) as log
      where log.stream <> 'hub'
        and not exists (select 1 from "user" where id = substr(log.stream, 6) and log.stream = 'user:' || id)
        and not exists (select 1 from chat where id = substr(log.stream, 6) and log.stream = 'chat:' || id)`,
    words: ({ name }) => `stream ${String(name)} has no user or chat`,
  },
  {
    sql: `
      select chat.id, chat.last_no, coalesce(max(message.no), 0) as last, count(message.no) as total
      from chat left join message on message.chat_id = chat.id and message.thread = ''
      where chat.deleted_at is null
      group by chat.id having chat.last_no <> last or chat.last_no <> total`,
    words: ({ id, last_no, last, total }) =>
      `chat ${String(id)}: last_no is ${String(last_no)}, its ${String(total)} messages end at ${String(last)}`,
  },
  {
    sql: `
      select message.id, message.reply_count, message.thread_last_no, coalesce(max(reply.no), 0) as last,
        count(reply.no) as total, count(reply.no) filter (where reply.deleted_at is null) as there
      from message
      join chat on chat.id = message.chat_id and chat.deleted_at is null
      left join message as reply on reply.chat_id = message.chat_id and reply.thread = message.id
      where message.thread = '' and message.thread_last_no > 0
      group by message.id
      having message.thread_last_no <> last or message.thread_last_no <> total or message.reply_count <> there`,
    words: ({ id, reply_count, thread_last_no, last, total, there }) =>
      `thread ${String(id)}: reply_count is ${String(reply_count)} and thread_last_no ${String(thread_last_no)}, it has ${String(there)} of ${String(total)} replies up to ${String(last)}`,
  },
  {
    sql: `
      select reply.id, reply.thread from message as reply
      join chat on chat.id = reply.chat_id and chat.deleted_at is null
      left join message on message.id = reply.thread and message.chat_id = reply.chat_id and message.thread = ''
      where reply.thread <> '' and (message.id is null or message.thread_last_no < reply.no)`,
    words: ({ id, thread }) => `reply ${String(id)} is not counted in its thread ${String(thread)}`,
  },
  {
    sql: `
      select n.thread, n.no, n.user_id from reply_mention n
      left join message as reply on reply.chat_id = n.chat_id and reply.thread = n.thread and reply.no = n.no
      left join thread_follower f on f.thread = n.thread and f.user_id = n.user_id
      where reply.id is null or reply.deleted_at is not null or reply.author_id = n.user_id
        or n.no <= coalesce(f.read_no, 0)`,
    words: ({ thread, no, user_id }) =>
      `reply ${String(no)} of thread ${String(thread)} no longer mentions user ${String(user_id)}`,
  },
  {
    sql: `
      select message.id, message.reaction_count, count(reaction.user_id) as total
      from message left join reaction on reaction.message_id = message.id
      where message.reaction_count > 0 or reaction.user_id is not null
      group by message.id having message.reaction_count <> total`,
    words: ({ id, reaction_count, total }) =>
      `message ${String(id)} counts ${String(reaction_count)} reactions and has ${String(total)}`,
  },
  {
    sql: `select author_id, cid, count(*) as copies from message group by author_id, cid having copies > 1`,
    words: ({ author_id, cid, copies }) =>
      `${String(copies)} messages of user ${String(author_id)} have the cid ${String(cid)}`,
  },
  {
    sql: `
      select message.id, message.seq from message
      join chat on chat.id = message.chat_id and chat.deleted_at is null
      left join entry on entry.stream = 'chat:' || message.chat_id and entry.seq = message.seq
      where entry.type is not 'message.sent' or entry.target is not message.id`,
    words: ({ id, seq }) => `message ${String(id)} has no message.sent at its seq ${String(seq)}`,
  },
  {
    sql: `
      select message.id, message.rev from message
      join chat on chat.id = message.chat_id and chat.deleted_at is null
      left join entry on entry.stream = 'chat:' || message.chat_id and entry.seq = message.rev
      where entry.target is not message.id`,
    words: ({ id, rev }) => `message ${String(id)} has no entry at its rev ${String(rev)}`,
  },
  {
    sql: `
      select entry.stream, entry.seq from entry
      left join message on message.id = entry.target and message.seq = entry.seq
        and 'chat:' || message.chat_id = entry.stream
      where entry.type = 'message.sent' and message.id is null
        and not exists (
          select 1 from chat where 'chat:' || id = entry.stream and deleted_at is not null
        )`,
    words: ({ stream, seq }) => `entry ${String(seq)} of ${String(stream)} announces a missing message`,
  },
  {
    sql: `
      select chat.id, chat.member_count, count(membership.user_id) as total
      from chat left join membership on membership.chat_id = chat.id
      where chat.deleted_at is null
      group by chat.id having chat.member_count <> total`,
    words: ({ id, member_count, total }) =>
      `chat ${String(id)}: member_count is ${String(member_count)}, it has ${String(total)} members`,
  },
  {
    sql: `
      select chat_id, user_id from membership
      join chat on chat.id = chat_id and chat.deleted_at is null
      where read_no > last_no or delivered_no > last_no`,
    words: ({ chat_id, user_id }) =>
      `user ${String(user_id)} has a receipt above the last message of chat ${String(chat_id)}`,
  },
  {
    sql: `
      select file.id, file.message_id from file join message on message.id = file.message_id
      where message.chat_id <> file.chat_id or message.seq <> file.seq
        or file.digest is null`,
    words: ({ id, message_id }) => `file ${String(id)} does not match message ${String(message_id)}`,
  },
  {
    sql: `
      select message_id, count(*) as total, max(position) as last, count(distinct position) as positions from file
      where message_id is not null group by message_id having total <> last + 1 or total <> positions`,
    words: ({ message_id, total, last }) =>
      `the ${String(total)} files of message ${String(message_id)} end at position ${String(last)}`,
  },
]
