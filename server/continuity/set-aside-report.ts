import type Database from 'better-sqlite3'

/*
 * Compares the database of a former hub, which was set aside, with the database that took its place. Both began as one:
 * the entries of a stream are the same up to the place where they part, and what follows in the one that was set aside is
 * nowhere else. Streams have no gaps, so this place is exact, whatever both computers have written since.
 */

/** A message that the other database lacks, by the key under which clients send it. */
export interface LostMessage {
  /** Its row in the database that was set aside: messages are brought back in this order. */
  readonly n: number
  readonly chatId: string
  readonly author: string
  readonly cid: string
  readonly at: number
  readonly files: number
}

/** What else is only there, counted. It stays in the folder. */
export const otherKinds = [
  'reactions',
  'edits',
  'deletions',
  'pins',
  'groups',
  'people',
  'settings',
  'uploads',
] as const
export type OtherKind = (typeof otherKinds)[number]

export interface SetAsideReport {
  readonly v: 1
  /** When the two were compared. */
  readonly at: number
  /** Where the log of this database ended. */
  readonly from: { readonly term: number; readonly lsn: number }
  /** The time of the last entry that both have. */
  readonly forkAt: number
  /** Those that can be brought back. */
  readonly messages: readonly LostMessage[]
  /** Messages whose author is no member of their chat any more, or whose chat is not there. */
  readonly unreachable: number
  readonly other: Partial<Record<OtherKind, number>>
}

/** Entries that follow from others, or that only concern a screen, are not counted. */
const kindOfEntry: Readonly<Record<string, OtherKind>> = {
  'reaction.added': 'reactions',
  'reaction.removed': 'reactions',
  'message.edited': 'edits',
  'message.deleted': 'deletions',
  'message.undeleted': 'deletions',
  'pin.added': 'pins',
  'pin.removed': 'pins',
  'chat.created': 'groups',
  'chat.updated': 'groups',
  'member.added': 'groups',
  'member.removed': 'groups',
  'member.updated': 'groups',
  'user.added': 'people',
  'user.updated': 'people',
  'hub.updated': 'settings',
  'settings.updated': 'settings',
  'saved.added': 'settings',
  'saved.removed': 'settings',
  'message.hidden': 'settings',
  'message.unhidden': 'settings',
}

interface Fork {
  readonly seq: number
  readonly at: number
}

/** @param raw the database of now, with the one that was set aside attached as `old` */
export function compareWithSetAside(raw: Database.Database, now: number): SetAsideReport {
  const forks = findForks(raw)
  const forkAt = [...forks.values()].reduce((latest, { at }) => Math.max(latest, at), 0)
  const streams = raw.prepare('select stream, max(seq) as seq from old.entry group by stream').all() as {
    stream: string
    seq: number
  }[]
  const grown = streams.filter(({ stream, seq }) => seq > (forks.get(stream)?.seq ?? 0))
  const { reachable, unreachable, ids } = findMessages(raw, grown, forks, forkAt)
  const from = raw.prepare('select term, lsn from old.position where id = 1').get() as SetAsideReport['from']
  return {
    ...{ v: 1, at: now, from, forkAt, messages: reachable, unreachable },
    other: countOthers(raw, grown, forks, forkAt, ids),
  }
}

/** The last entry of each stream that both databases have. */
function findForks(raw: Database.Database): Map<string, Fork> {
  const rows = raw
    .prepare(
      `select o.stream, max(o.seq) as seq, max(o.at) as at from old.entry as o
       join main.entry as n on n.stream = o.stream and n.seq = o.seq and n.type = o.type and n.at = o.at
         and n.by_id is o.by_id and n.target is o.target
       group by o.stream`,
    )
    .all() as ({ stream: string } & Fork)[]
  return new Map(rows.map(({ stream, seq, at }) => [stream, { seq, at }]))
}

interface MessageRow extends LostMessage {
  id: string
  known: number
  deleted: number
  reachable: number
}

function findMessages(
  raw: Database.Database,
  grown: readonly { stream: string }[],
  forks: ReadonlyMap<string, Fork>,
  forkAt: number,
): { reachable: LostMessage[]; unreachable: number; ids: Set<string> } {
  const select = raw.prepare(
    `select m.n, m.id, m.chat_id as chatId, m.author_id as author, m.cid, m.at,
       (select count(*) from old.file where message_id = m.id) as files,
       m.deleted_at is not null as deleted,
       exists (select 1 from main.message as k
         where k.author_id = m.author_id and lower(k.cid) = lower(m.cid)) as known,
       exists (select 1 from main.membership as b join main.chat as c on c.id = b.chat_id
         where b.chat_id = m.chat_id and b.user_id = m.author_id and c.deleted_at is null) as reachable
     from old.message as m join old.chat as o on o.id = m.chat_id
     where m.chat_id = ? and m.seq > ? and m.at >= ? and o.deleted_at is null`,
  )
  const rows = grown.flatMap(({ stream }) => {
    if (!stream.startsWith('chat:')) return []
    const fork = forks.get(stream)
    return select.all(stream.slice('chat:'.length), fork?.seq ?? 0, fork ? 0 : forkAt) as MessageRow[]
  })
  const lost = rows.filter(({ known, deleted }) => known === 0 && deleted === 0)
  return {
    reachable: lost
      .filter(({ reachable }) => reachable === 1)
      .map(({ n, chatId, author, cid, at, files }) => ({ n, chatId, author, cid, at, files }))
      .sort((a, b) => a.n - b.n),
    unreachable: lost.filter(({ reachable }) => reachable === 0).length,
    ids: new Set(rows.map(({ id }) => id)),
  }
}

/** @param messageIds of the messages that are counted already */
function countOthers(
  raw: Database.Database,
  grown: readonly { stream: string }[],
  forks: ReadonlyMap<string, Fork>,
  forkAt: number,
  messageIds: ReadonlySet<string>,
): SetAsideReport['other'] {
  const counts: Partial<Record<OtherKind, number>> = {}
  const add = (kind: OtherKind, count: number): void => {
    if (count > 0) counts[kind] = (counts[kind] ?? 0) + count
  }
  const select = raw.prepare('select type, target from old.entry where stream = ? and seq > ? and at >= ?')
  for (const { stream } of grown) {
    const fork = forks.get(stream)
    const entries = select.all(stream, fork?.seq ?? 0, fork ? 0 : forkAt) as {
      type: string
      target: string | null
    }[]
    for (const { type, target } of entries) {
      const kind = kindOfEntry[type]
      // the message itself is counted, in the wording that it has
      const isOfMessage = (kind === 'edits' || kind === 'deletions') && messageIds.has(target ?? '')
      if (kind !== undefined && !isOfMessage) add(kind, 1)
    }
  }
  const uploads = raw
    .prepare(
      `select count(*) from old.file as o where o.message_id is null and o.digest is not null and o.created_at >= ?
       and not exists (select 1 from main.file as n where n.id = o.id)`,
    )
    .pluck()
    .get(forkAt) as number
  add('uploads', uploads)
  return counts
}
