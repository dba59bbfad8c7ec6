import { sql } from 'kysely'
import type { Db } from '../../server/db/schema.ts'
import { usesPostgres } from './test-database.ts'
import type { Locks, Store, Transaction, WriteOptions } from '../../server/db/store.ts'

/*
 * Shows that operations lock what they write. SQLite runs one operation at a time and ignores the locks, so nothing
 * else would notice a missing one. Triggers on the hub's write connection note each written row with the locks that
 * cover it. After an operation the notes are compared with the locks it declared.
 *
 * Not covered, since two operations cannot harm each other there:
 * - values that SQL itself raises: heads of streams, receipts, times of the last use;
 * - entries, whose seq comes from the head; the audit log and the search index, which are written before COMMIT;
 * - rows of a chat that the same operation created, because nobody else knows its id.
 *
 * The triggers are SQLite's. With PostgreSQL the locks are taken, and nothing is noted.
 */

/** Which locks cover a row: any one of them. `new` and `old` are the rows of the trigger. */
interface Cover {
  table: string
  on?: readonly Change[]
  /** The columns whose updates need the lock; without it, all of them. */
  columns?: readonly string[]
  locks: (row: 'new' | 'old') => string[]
}

type Change = 'insert' | 'delete' | 'update'

const named = (kind: string, column: string) => (row: string) => `'${kind}:' || ${row}.${column}`
const chat = named('chat', 'chat_id')
const user = named('user', 'user_id')
const chatOfMessage = (column: string) => (row: string) =>
  `'chat:' || (select chat_id from message where id = ${row}.${column})`
const onlyHub = (): string[] => []
const rows: readonly Change[] = ['insert', 'delete']
const values: readonly Change[] = ['update']

const covers: readonly Cover[] = [
  {
    table: 'hub',
    on: values,
    columns: [
      ...['name', 'registration', 'recovery_by_question', 'file_bytes', 'user_bytes', 'retention_days'],
      'group_members',
    ],
    locks: onlyHub,
  },
  { table: 'user', on: rows, locks: onlyHub },
  {
    table: 'user',
    on: values,
    columns: [
      ...[
        'username',
        'username_key',
        'display_name',
        'display_key',
        'role',
        'bio',
        'avatar',
        'avatar_digest',
      ],
      ...[
        'password',
        'question',
        'answer',
        'recovery_key',
        'recovery_notice',
        'deactivated_at',
        'pending_since',
      ],
      ...['settings', 'status_text', 'status_emoji', 'status_until'],
    ],
    locks: (row) => [named('user', 'id')(row)],
  },
  { table: 'session', on: rows, locks: (row) => [user(row)] },
  {
    table: 'session',
    on: values,
    columns: ['token_hash', 'reauthenticated_at'],
    locks: (row) => [user(row)],
  },
  { table: 'token', on: rows, locks: (row) => [user(row)] },
  { table: 'reset_token', locks: (row) => [user(row)] },
  { table: 'invite', locks: onlyHub },
  { table: 'standby', locks: onlyHub },
  { table: 'webhook', on: rows, locks: (row) => [chat(row)] },
  // a statement that deletes old counters checks them
  { table: 'throttle', on: ['insert', 'update'], locks: (row) => [named('throttle', 'key')(row)] },
  { table: 'chat', on: rows, locks: (row) => [named('chat', 'id')(row), named('direct', 'direct_key')(row)] },
  {
    table: 'chat',
    on: values,
    columns: [
      ...['name', 'visibility', 'topic', 'member_count', 'last_no', 'posting', 'archived_at', 'picture'],
      ...['deleted_at', 'deleted_by_hub', 'adding', 'direct_key'],
    ],
    locks: (row) => [named('chat', 'id')(row)],
  },
  { table: 'chat', on: values, columns: ['for_everyone'], locks: onlyHub },
  { table: 'membership', on: rows, locks: (row) => [chat(row)] },
  { table: 'membership', on: values, columns: ['role'], locks: (row) => [chat(row)] },
  {
    table: 'membership',
    on: values,
    columns: ['muted', 'notify', 'archived_for_me_no', 'unread_from', 'added_by'],
    locks: (row) => [user(row)],
  },
  { table: 'message', locks: (row) => [chat(row)] },
  { table: 'mention', locks: (row) => [chat(row)] },
  { table: 'reply_mention', on: ['insert', 'update'], locks: (row) => [chat(row)] },
  // reading deletes only what is below the new receipt
  { table: 'reply_mention', on: ['delete'], locks: (row) => [chat(row), user(row)] },
  {
    table: 'thread_follower',
    columns: ['following', 'last_no'],
    locks: (row) => [chatOfMessage('thread')(row)],
  },
  { table: 'reaction', locks: (row) => [chatOfMessage('message_id')(row)] },
  { table: 'pending_deletion', locks: (row) => [chatOfMessage('message_id')(row)] },
  { table: 'hidden_message', locks: (row) => [user(row), chatOfMessage('message_id')(row)] },
  { table: 'activity', on: rows, locks: (row) => [user(row), chat(row)] },
  { table: 'activity', on: values, columns: ['read_at'], locks: (row) => [user(row)] },
  { table: 'keyword', locks: (row) => [user(row)] },
  { table: 'saved_message', locks: (row) => [user(row)] },
  { table: 'draft', on: ['insert', 'update'], locks: (row) => [user(row)] },
  { table: 'sent_draft', on: ['insert'], locks: (row) => [user(row)] },
  // a draft goes with its membership
  { table: 'draft', on: ['delete'], locks: (row) => [user(row), chat(row)] },
  // a statement that deletes abandoned uploads checks them
  { table: 'file', on: ['insert', 'update'], locks: (row) => [user(row), chat(row)] },
]

/** What no lock has to cover: see above. Every other table and column is in `covers`. */
const unwatched: Readonly<Record<string, readonly string[]>> = {
  hub: ['id', 'epoch', 'decoy_secret', 'sync', 'tie', 'head', 'created_at', 'setup_hash'],
  user: ['id', 'kind', 'created_at', 'last_seen_at', 'joined_no', 'head', 'invite_id'],
  session: [
    ...['id', 'user_id', 'kind', 'device', 'address', 'created_at', 'used_at', 'expires_at', 'persistent'],
    'ticket_at',
  ],
  token: ['id', 'user_id', 'token_hash', 'name', 'scope', 'created_at', 'used_at', 'expires_at'],
  webhook: ['id', 'chat_id', 'user_id', 'name', 'secret_hash', 'created_by', 'created_at', 'used_at'],
  chat: ['id', 'kind', 'picture_digest', 'head', 'updated_at', 'created_by', 'created_at'],
  membership: [
    ...['chat_id', 'user_id', 'joined_at', 'read_no', 'read_at', 'read_before_no'],
    ...['delivered_no', 'delivered_at', 'delivered_before_no'],
  ],
  thread_follower: ['thread', 'user_id', 'read_no', 'read_at', 'read_before_no'],
  activity: ['n', 'user_id', 'kind', 'chat_id', 'message_id', 'by_id', 'emoji', 'at'],
  sent_draft: ['user_id', 'chat_id', 'thread', 'version', 'message_id', 'at'],
}
const unwatchedTables: readonly string[] = ['entry', 'audit', 'released_file', 'text_budget', 'position']

/** Returns `table.column` for what is neither in `covers` nor in `unwatched`, or is in both. */
export async function findUndecidedColumns(db: Db): Promise<string[]> {
  const { rows: columns } = await sql<{ table: string; name: string }>`
    select t.name as "table", c.name as name from sqlite_schema t, pragma_table_info(t.name) c
    where t.type = 'table' and t.name not like 'sqlite%' and t.name not like 'search%'`.execute(db)
  return columns
    .filter(({ table, name }) => {
      const isCovered = covers.some(
        (cover) =>
          cover.table === table &&
          (cover.on ?? ['update']).includes('update') &&
          (cover.columns ?? [name]).includes(name),
      )
      const isUnwatched = unwatchedTables.includes(table) || unwatched[table]?.includes(name) === true
      return isCovered === isUnwatched
    })
    .map(({ table, name }) => `${table}.${name}`)
}

export interface LockWatch {
  /** Names the writes in the reports. */
  label: string
  /** Writes that no declared lock covers, each once. */
  readonly uncovered: Set<string>
  /** The labels under which something was written. */
  readonly seen: Set<string>
}

/** Watches all further operations of a hub. */
export async function watchLocks({ writer }: Store): Promise<LockWatch> {
  const hasTriggers = !usesPostgres()
  if (hasTriggers) await writer.write(({ db }) => createTriggers(db))
  const watch: LockWatch = { label: '', uncovered: new Set(), seen: new Set() }
  const write = writer.write.bind(writer)
  writer.write = <T>(run: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T> => {
    const { label } = watch
    return write(async (tx) => {
      const held = await resolveLocks(tx.db, options?.locks)
      const result = await run(tx)
      watch.seen.add(label)
      if (!hasTriggers) return result
      if (held !== 'hub')
        for (const row of await takeUncovered(tx.db, held)) watch.uncovered.add(`${label}: ${row}`)
      else await sql`delete from written`.execute(tx.db)
      return result
    }, options)
  }
  return watch
}

async function resolveLocks(db: Db, locks: Locks = []): Promise<'hub' | readonly string[]> {
  return typeof locks === 'function' ? locks(db) : locks
}

async function createTriggers(db: Db): Promise<void> {
  await sql`create temp table written (what text, locks text)`.execute(db)
  for (const [at, cover] of covers.entries()) {
    for (const change of cover.on ?? ['insert', 'delete', 'update'])
      await sql.raw(triggerFor(`${change}${at}`, change, cover)).execute(db)
  }
}

function triggerFor(name: string, change: Change, { table, columns, locks }: Cover): string {
  const row = change === 'delete' ? 'old' : 'new'
  const isChanged = columns?.map((column) => `old.${column} is not new.${column}`).join(' or ')
  const when = change === 'update' && isChanged ? `when ${isChanged}` : ''
  // before a delete, since the message of the row may be deleted with it
  return `create temp trigger ${name} ${change === 'delete' ? 'before' : 'after'} ${change} on main."${table}" ${when}
    begin insert into written values ('${change} ${table}', json_array(${locks(row).join(', ')})); end`
}

async function takeUncovered(db: Db, held: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ what: string; locks: string }>`select what, locks from written`.execute(db)
  if (rows.length === 0) return []
  await sql`delete from written`.execute(db)
  const written = rows.map(({ what, locks }) => ({ what, locks: JSON.parse(locks) as (string | null)[] }))
  const created = written.filter(({ what }) => what === 'insert chat').flatMap(({ locks }) => locks)
  return written
    .filter(({ locks }) => !locks.some((lock) => lock && (held.includes(lock) || created.includes(lock))))
    .map(({ what, locks }) => `${what} needs ${kinds(locks) || 'hub'}, holds ${kinds(held) || 'nothing'}`)
}

/** Without the ids, so that each report exists once. */
function kinds(locks: readonly (string | null)[]): string {
  return locks.map((lock) => lock?.replace(/:.*/, '') ?? 'nothing').join(' or ')
}
