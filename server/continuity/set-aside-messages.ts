import type Database from 'better-sqlite3'

/** The messages of a database that was set aside, with all that is needed to bring them back. */

/** A message that another one refers to: found by its id, or by the key under which it was sent again. */
export interface MessageOrigin {
  readonly id: string
  readonly author: string
  readonly cid: string
}

export interface KeptFile {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly digest: string
  readonly width: number | null
  readonly height: number | null
  readonly duration: number | null
  readonly moves: number
  /** It had previews, or was to get them: they are made again. */
  readonly hasPreview: boolean
}

export interface KeptMessage {
  readonly n: number
  readonly id: string
  readonly chatId: string
  readonly author: string
  readonly cid: string
  readonly text: string
  readonly at: number
  readonly editedAt: number | null
  /** In hex: of the request that sent it. */
  readonly digest: string
  readonly thread?: MessageOrigin
  readonly replyTo?: MessageOrigin
  readonly files: readonly KeptFile[]
}

interface Row {
  n: number
  id: string
  chatId: string
  author: string
  cid: string
  text: string
  at: number
  editedAt: number | null
  digest: Buffer
  thread: string
  replyTo: string | null
}

/** Reads the messages with these row numbers; one that is not there any more is left out. */
export function readKeptMessages(raw: Database.Database, numbers: readonly number[]): KeptMessage[] {
  const select = raw.prepare(
    `select n, id, chat_id as chatId, author_id as author, cid, text, at, edited_at as editedAt, digest, thread,
       reply_to as replyTo
     from message where n = ?`,
  )
  const origin = raw.prepare('select id, author_id as author, cid from message where id = ?')
  const files = raw.prepare(
    `select id, name, type, size, digest, width, height, duration, moves,
       preview_owed = 1 or list_digest is not null as hasPreview
     from file where message_id = ? order by position`,
  )
  return numbers.flatMap((n) => {
    const row = select.get(n) as Row | undefined
    if (!row) return []
    const { digest, thread, replyTo, ...message } = row
    const parent = thread === '' ? undefined : (origin.get(thread) as MessageOrigin | undefined)
    const quoted = replyTo === null ? undefined : (origin.get(replyTo) as MessageOrigin | undefined)
    const found = files.all(row.id) as (Omit<KeptFile, 'hasPreview'> & { hasPreview: number })[]
    return [
      {
        ...message,
        digest: digest.toString('hex'),
        ...(parent ? { thread: parent } : {}),
        ...(quoted ? { replyTo: quoted } : {}),
        files: found.map((file) => ({ ...file, hasPreview: file.hasPreview === 1 })),
      },
    ]
  })
}
