import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { migrate } from '../../server/db/migrate.ts'
import type { Transaction } from '../../server/db/store.ts'
import { SqliteConnection } from '../../server/db/sqlite/connection.ts'
import { chatLock } from '../../server/locks.ts'
import { insertEntry } from '../../server/log/log.ts'
import { examine } from '../../server/ops/doctor.ts'
import { HubError } from '../../shared/errors.ts'
import { startCluster } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { databaseFor } from '../support/test-database.ts'
import { makeWorld } from '../support/world.ts'

/* The store in PostgreSQL: what it does that SQLite does in another way, or not at all. */

async function clientFor(dataDir: string): Promise<pg.Client> {
  const client = new pg.Client(await databaseFor(dataDir))
  // a test may end its server
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function messagesOf(user: { request: TestRequest }, chatId: string): Promise<string[]> {
  const { messages } = (await user.request('messages.list', { chatId })) as {
    messages: { text?: string }[]
  }
  return messages.flatMap(({ text }) => text ?? [])
}
type TestRequest = (name: 'messages.list', input: { chatId: string }) => Promise<unknown>

test('both databases have the same tables, columns, keys and unique constraints', async () => {
  const hub = await startTestHub()
  const client = await clientFor(hub.dataDir)
  const file = new SqliteConnection(new Database(':memory:'))
  onTestFinished(() => void file.raw.close())
  await migrate(file)
  const ofIndex = new Set(['search', 'search_doc', 'store_state'])
  const isOurs = ({ table }: { table: string }): boolean =>
    !ofIndex.has(table) && !/^search_(config|content|data|docsize|idx)$/.test(table)

  const inServer = await client.query<{ table: string; column: string; type: string; nullable: string }>(
    `select table_name as table, column_name as column, data_type as type, is_nullable as nullable
      from information_schema.columns where table_schema = current_schema()`,
  )
  const typeNames: Record<string, string> = { bigint: 'INTEGER', text: 'TEXT', bytea: 'BLOB' }
  const columns = inServer.rows
    .filter(isOurs)
    .map((row) => `${row.table}.${row.column} ${typeNames[row.type] ?? row.type} ${row.nullable}`)
  const wanted = (
    file.raw
      .prepare(
        `select m.name as "table", c.name as "column", c.type, c."notnull" or c.pk > 0 as required
          from sqlite_schema m join pragma_table_info(m.name) c
          where m.type = 'table' and m.name not like 'sqlite_%'`,
      )
      .all() as { table: string; column: string; type: string; required: number }[]
  )
    .filter(isOurs)
    .map(
      ({ table, column, type, required }) =>
        `${table}.${column} ${type.toUpperCase()} ${required ? 'NO' : 'YES'}`,
    )
  expect(columns.toSorted()).toEqual(wanted.toSorted())

  const named = await client.query<{ table: string; name: string }>(
    `select tablename as table, indexname as name from pg_indexes where schemaname = current_schema()`,
  )
  const indexes = (
    file.raw
      .prepare(
        `select tbl_name as "table", name from sqlite_schema where type = 'index' and name not like 'sqlite_%'`,
      )
      .all() as { table: string; name: string }[]
  ).filter(isOurs)
  expect(named.rows.map(({ name }) => name)).toEqual(expect.arrayContaining(indexes.map(({ name }) => name)))

  const checks = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_constraint where contype = 'c' and conrelid::regclass::text <> 'store_state'
      and connamespace = current_schema()::regnamespace`,
  )
  const texts = file.raw
    .prepare(`select sql from sqlite_schema where type = 'table' and name not like 'search\\_%' escape '\\'`)
    .pluck()
    .all() as string[]
  const wantedChecks = texts.flatMap((text) => text.match(/\bcheck \(/g) ?? []).length
  // the one of search_state, which the pattern above leaves out
  expect(checks.rows[0]?.count).toBe(wantedChecks + 1)
  const references = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace`,
  )
  const wantedReferences = file.raw
    .prepare(
      `select count(*) from (select distinct m.name, f.id from sqlite_schema m join pragma_foreign_key_list(m.name) f
        where m.type = 'table')`,
    )
    .pluck()
    .get()
  expect(references.rows[0]?.count).toBe(wantedReferences)
})

test('settings that lose acknowledged messages are refused with what to do', async () => {
  const dataDir = newDataDir()
  const address = new URL((await databaseFor(dataDir)) ?? '')
  for (const setting of ['synchronous_commit=off', 'synchronous_commit=local']) {
    const unsafe = new URL(address)
    unsafe.searchParams.set('options', `${address.searchParams.get('options') ?? ''} -c ${setting}`)
    await expect(startTestHub({ dataDir, database: unsafe.href })).rejects.toThrow(
      `The database would lose messages that were acknowledged (${setting.replace('=', ' = ')})`,
    )
  }
})

test('a database that cannot be used is refused in words', async () => {
  const dataDir = newDataDir()
  const address = new URL((await databaseFor(dataDir)) ?? '')
  const wrong = (change: (url: URL) => void): string => {
    const url = new URL(address)
    change(url)
    return url.href
  }
  const refusals: [string, string][] = [
    [wrong((url) => (url.password = 'wrong')), 'refuses this user or password'],
    [wrong((url) => (url.pathname = '/nothing')), 'does not exist on its server'],
    [wrong((url) => (url.port = '1')), 'cannot be reached (ECONNREFUSED)'],
    [wrong((url) => url.searchParams.set('sslmode', 'verify-full')), 'takes no TLS connections'],
  ]
  for (const [database, words] of refusals) {
    await expect(startTestHub({ dataDir, database }), words).rejects.toThrow(words)
  }
  const client = await clientFor(dataDir)
  await client.query('create table accounts (id int)')
  await expect(startTestHub({ dataDir })).rejects.toThrow('has tables of another program')
})

test('the directory and the database of two hubs are not mixed', async () => {
  const [one, other] = [await startTestHub(), await startTestHub()]
  await one.close()
  await other.close()
  const [empty, dataDir] = [newDataDir(), newDataDir()]
  await expect(startTestHub({ dataDir: empty, database: one.database })).rejects.toThrow(
    'does not have its key',
  )
  await expect(startTestHub({ dataDir: one.dataDir, database: await databaseFor(dataDir) })).rejects.toThrow(
    'belongs to a hub, but the database has none',
  )
  const mixed = { dataDir: one.dataDir, database: other.database ?? '' }
  await expect(startTestHub(mixed)).rejects.toThrow('The database belongs to another hub')
  await expect(backUp(mixed.dataDir, join(newDataDir(), 'mixed.hubbub'), mixed.database)).rejects.toThrow(
    'The database belongs to another hub',
  )
})

test('doctor examines the rows of a server, also while its hub runs, and repairs the index', async () => {
  const { hub, olga, ann, kitchen } = await makeWorld()
  const { dataDir, database } = hub
  await ann.sendMessage(kitchen.id, 'boats sail')
  const wrong = async (repair = false): Promise<string[]> => {
    const { findings } = await examine(dataDir, { repair, database })
    expect(findings.map(({ part }) => part)).toContain('audit log')
    // neither a backup nor much space
    return findings.flatMap(({ part, state, text }) =>
      state === 'good' || part === 'backup' || part === 'space' ? [] : [`${part}: ${text}`],
    )
  }
  expect(await wrong()).toEqual([])
  expect(await olga.request('admin.health', {})).toMatchObject({
    database: { state: 'good', isServer: true },
  })
  await expect(examine(dataDir, { repair: true, database })).rejects.toThrow('A hub is running')
  const client = await clientFor(dataDir)
  await client.query('delete from search_doc')
  expect(await wrong()).toEqual(['index: The search index lacks 1 messages: use "--repair".'])
  await hub.close()
  expect(await wrong(true)).toEqual([])
  const again = await hub.restart()
  await again.hub.jobs.run('search.build')
  expect((await ann.atUrl(again.url).request('search.messages', { q: 'boats' })).hits).toHaveLength(1)
  expect(await wrong()).toEqual([])
  await client.query(`update message set chat_id = (select id from chat where kind = 'direct' limit 1)`)
  expect((await wrong()).join()).toMatch(/^database: /)
  // nothing is left of the copies
  expect(readdirSync(dataDir).filter((name) => name.startsWith('.'))).toEqual([])
  const away = new URL(database ?? '')
  away.port = '1'
  const { findings } = await examine(dataDir, { repair: false, database: away.href })
  expect(findings).toContainEqual({
    ...{ part: 'database', state: 'bad' },
    text: expect.stringContaining('cannot be reached (ECONNREFUSED)') as string,
  })
})

test('a backup of a server that cannot be read says why, and leaves nothing', async () => {
  const { dataDir, database = '', close } = await startTestHub()
  await close()
  const folder = newDataDir()
  const change = (run: (url: URL) => void): string => {
    const url = new URL(database)
    run(url)
    return url.href
  }
  const empty = (await databaseFor(newDataDir())) ?? ''
  for (const [address, words] of [
    [change((url) => (url.password = 'wrong')), 'refuses this user or password'],
    [change((url) => (url.port = '1')), 'cannot be reached (ECONNREFUSED)'],
    [empty, 'The database has no hub'],
  ] as const)
    await expect(backUp(dataDir, join(folder, 'one.hubbub'), address), words).rejects.toThrow(words)
  const client = await clientFor(dataDir)
  await client.query('update store_state set version = version + 1')
  await expect(backUp(dataDir, join(folder, 'one.hubbub'), database)).rejects.toThrow('A newer Hubbub')
  expect(readdirSync(folder)).toEqual([])
})

test('a second process on the same database is refused, and those with and without --cluster refuse each other', async () => {
  const alone = await startTestHub({ isCluster: false })
  const { database } = await startCluster(1)
  const start = (options: { database: string | undefined; isCluster?: boolean }) =>
    expect(startTestHub({ dataDir: newDataDir(), ...options })).rejects.toThrow(
      'Another process serves the hub of this database',
    )
  // each waits a moment for the other to end
  await Promise.all([
    start({ database: alone.database }),
    start({ database: alone.database, isCluster: true }),
    start({ database }),
  ])
})

test('a process that was replaced writes nothing more', async () => {
  const faults: unknown[] = []
  const { hub, ann, kitchen } = await makeWorld({ onFatal: (error) => faults.push(error) })
  await ann.sendMessage(kitchen.id, 'before')
  const client = await clientFor(hub.dataDir)
  await client.query(`update store_state set process = 'another'`)
  await expect(ann.sendMessage(kitchen.id, 'after')).rejects.toThrow('busy')
  expect(faults).toMatchObject([{ name: 'Superseded' }])
  expect((await client.query('select text from message')).rows).toEqual([{ text: 'before' }])
})

test('reads that wait while a process ends are refused like those of a server that is away', async () => {
  const { hub } = await makeWorld()
  const { store } = hub.hub
  const gate = Promise.withResolvers<string>()
  // more than there are connections
  const reads = Array.from({ length: 20 }, () => store.read(() => gate.promise))
  const closing = store.close()
  gate.resolve('read')
  const results = await Promise.allSettled(reads)
  await closing
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  expect(reasons.length).toBeGreaterThan(0)
  for (const reason of reasons) expect(reason).toMatchObject({ code: 'busy' })
})

test('a restored or replaced database begins a new epoch', async () => {
  const { hub } = await makeWorld()
  const epochOf = async ({ hub: { store } }: TestHub): Promise<string> =>
    (await store.read((db) => db.selectFrom('hub').select('epoch').executeTakeFirstOrThrow())).epoch
  const before = await epochOf(hub)
  const same = await hub.restart()
  expect(await epochOf(same)).toBe(before)
  await same.close()
  const client = await clientFor(hub.dataDir)
  await client.query(`update store_state set timeline = 'of another server'`)
  const later = await hub.restart()
  expect(await epochOf(later)).not.toBe(before)
})

test('an empty list matches nothing, and its opposite everything, as in SQLite', async () => {
  const { hub, olga, ann, bo, eve } = await makeWorld()
  const find = (operator: 'in' | 'not in') =>
    hub.hub.store.read((db) => db.selectFrom('user').where('id', operator, []).select('id').execute())
  expect(await find('in')).toEqual([])
  const all = [olga, ann, bo, eve].map(({ id }) => ({ id }))
  expect(await find('not in')).toEqual(expect.arrayContaining(all))
  expect(await ann.request('users.list', { query: 'nobody has this name' })).toEqual({
    users: [],
    more: false,
  })
})

test('operations that meet in a deadlock run again, and none fails', async () => {
  const { hub, ann, bo } = await makeWorld()
  const { writer } = hub.hub.store
  let attempts = 0
  const begun = Promise.withResolvers<void>()
  const raise = (first: string, second: string) =>
    writer.write(async ({ db }) => {
      attempts += 1
      begun.resolve()
      for (const id of [first, second]) {
        await db
          .updateTable('user')
          .set((eb) => ({ lastSeenAt: eb(eb.fn.coalesce('lastSeenAt', eb.lit(0)), '+', 1) }))
          .where('id', '=', id)
          .execute()
        // so that both have their first row
        await sql`select pg_sleep(0.2)`.execute(db)
      }
    })
  const one = raise(ann.id, bo.id)
  // so that the other has a transaction of its own
  await begun.promise
  await Promise.all([one, raise(bo.id, ann.id)])
  expect(attempts).toBeGreaterThan(2)
})

test('a user’s operations run in their order, those of one chat one after the other, and those of others meanwhile', async () => {
  const { hub } = await makeWorld()
  const { writer } = hub.hub.store
  const events: string[] = []
  const run = (name: string, options: { user?: string; locks?: readonly string[] | 'hub' }, until = '') =>
    writer.write(async ({ db }) => {
      events.push(`${name} begins`)
      do await sql`select pg_sleep(0.1)`.execute(db)
      while (until !== '' && !events.includes(until))
      events.push(`${name} ends`)
    }, options)
  await Promise.all([
    run('one', { user: 'ann' }, 'other begins'),
    run('two', { user: 'ann' }),
    run('other', { user: 'bo' }),
  ])
  expect(events.filter((event) => !event.startsWith('other'))).toEqual([
    ...['one begins', 'one ends', 'two begins', 'two ends'],
  ])
  events.length = 0
  await Promise.all([
    run('one', { locks: ['chat:a'] }),
    run('two', { locks: ['chat:a'] }),
    run('all', { locks: 'hub' }),
    run('three', { locks: ['chat:b'] }),
  ])
  expect(events).toEqual(['one', 'two', 'all', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]))
})

/** Sits between a hub and its server, and can cut connections at a COMMIT. */
async function startCutter(
  address: string,
): Promise<{ url: string; cutNext: (when: 'before' | 'after') => void }> {
  const target = new URL(address)
  let cut: 'before' | 'after' | undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk) => {
      const isCommit = chunk.includes('commit\0') && cut !== undefined
      if (isCommit && cut === 'before') {
        client.destroy()
        upstream.destroy()
      } else if (isCommit) {
        // the server commits, and its answer is lost
        upstream.pause()
        upstream.write(chunk, () => client.destroy())
        upstream.end()
      } else upstream.write(chunk)
      if (isCommit) cut = undefined
    })
    upstream.on('data', (chunk) => client.write(chunk))
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = new URL(address)
  url.port = String((server.address() as AddressInfo).port)
  return { url: url.href, cutNext: (when) => (cut = when) }
}

test('operations of one chat share a commit, and one that fails takes no other with it', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const { store, measurements } = hub.hub
  const lock = chatLock(kitchen.id)
  const runs: string[] = []
  const undone: string[] = []
  const run = (name: string, change: (op: Transaction) => Promise<void>) =>
    store.writer.write(
      async (op) => {
        runs.push(name)
        op.ifRolledBack(() => undone.push(name))
        await change(op)
        return name
      },
      { locks: [lock] },
    )
  const entry = (stream: string, seq: number) => ({
    ...{ stream, seq, type: 'message.edited', at: 1, byId: ann.id, target: null, data: null },
  })
  const insert =
    (seq: number, stream = 'hub-test') =>
    async ({ db }: Transaction) =>
      void (await insertEntry(db, entry(stream, seq)))
  /** All but the first wait for it, so they leave together. */
  const runTogether = async (...changes: Parameters<typeof run>[1][]) => {
    const commits = vi.spyOn(measurements, 'noteCommit')
    runs.splice(0)
    const begun = Promise.withResolvers<void>()
    const first = run('first', async ({ db }) => {
      begun.resolve()
      await sql`select pg_sleep(0.2)`.execute(db)
    })
    await begun.promise
    const results = await Promise.allSettled(changes.map((change, i) => run(String(i), change)))
    await first
    const counts = commits.mock.calls.map(([operations]) => operations)
    commits.mockRestore()
    return { counts, results: results.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason)) }
  }

  const refused = new HubError('forbidden', 'Not you.')
  const refuse = () => Promise.reject(refused)
  const one = await runTogether(insert(1), refuse, insert(2), insert(3))
  expect(one).toEqual({ counts: [1, 4], results: ['done', refused, 'done', 'done'] })
  expect(runs).toEqual(['first', '0', '1', '2', '3'])
  expect(undone.splice(0)).toEqual(['1'])

  // what it has changed goes with it
  const other = await runTogether(insert(4), async (op) => (await insert(5)(op), refuse()), insert(6))
  expect(other).toEqual({ counts: [1, 1, 1], results: ['done', refused, 'done'] })
  expect(runs).toEqual(['first', '0', '1', '0', '1', '2'])
  expect(undone).toEqual(['0', '1', '1'])

  // nothing waits for the response to an insert: its error is still that of its operation
  const taken = await runTogether(insert(7), insert(1), insert(8))
  expect(taken.counts).toEqual([1, 1, 1])
  expect(taken.results).toEqual(['done', expect.objectContaining({ code: '23505' }), 'done'])
  const { rows } = await (
    await clientFor(hub.dataDir)
  ).query(`select seq from entry where stream = 'hub-test' order by seq`)
  expect(rows.map(({ seq }: { seq: string }) => Number(seq))).toEqual([1, 2, 3, 4, 6, 7, 8])
})

test.each(['before', 'after'] as const)(
  'a message is stored and published once if the connection is lost %s the server gets COMMIT',
  async (when) => {
    const dataDir = newDataDir()
    const cutter = await startCutter((await databaseFor(dataDir)) ?? '')
    const { ann, bo, kitchen } = await makeWorld({ dataDir, database: cutter.url })
    const live = await bo.connect()
    await ann.sendMessage(kitchen.id, 'first')
    for (let i = 0; i < 3; i += 1) {
      cutter.cutNext(when)
      const sent = await ann.sendMessage(kitchen.id, `cut ${i}`)
      expect(sent.no).toBe(i + 2)
      await live.nextEntry('message.sent')
    }
    await ann.sendMessage(kitchen.id, 'last')
    expect(await messagesOf(ann as never, kitchen.id)).toEqual(['first', 'cut 0', 'cut 1', 'cut 2', 'last'])
  },
)

test('a hub survives the end of all its connections, and loses nothing that it acknowledged', async () => {
  const dataDir = newDataDir()
  // other tests use the same server
  const database = new URL((await databaseFor(dataDir)) ?? '')
  const name = `ended-${randomUUID()}`
  database.searchParams.set('application_name', name)
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true, dataDir, database: database.href })
  const client = await clientFor(dataDir)
  const acknowledged: string[] = []
  let isOver = false
  const send = async (): Promise<void> => {
    for (let i = 0; !isOver; i += 1) {
      const cid = randomUUID()
      // a client sends again with the same cid until it gets an answer
      for (let isSent = false; !isSent && !isOver;) {
        await ann.sendMessage(kitchen.id, cid, cid).then(
          () => {
            acknowledged.push(cid)
            isSent = true
          },
          (error: unknown) => expect(String(error)).toContain('busy'),
        )
      }
    }
  }
  const sending = send()
  for (let i = 0; i < 10; i += 1) {
    const from = acknowledged.length
    await expect.poll(() => acknowledged.length).toBeGreaterThan(from + 3)
    const ended = await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [name],
    )
    expect(ended.rowCount).toBeGreaterThan(1)
  }
  isOver = true
  await sending
  const { rows } = await client.query<{ text: string }>('select text from message order by no')
  const stored = rows.map(({ text }) => text)
  expect(new Set(stored).size).toBe(stored.length)
  expect(stored.filter((text) => acknowledged.includes(text))).toEqual(acknowledged)
  expect(await hub.findProblems()).toEqual([])
})

test('the search index is built again after its terms changed', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const text of ['a walrus', 'an otter']) await ann.sendMessage(kitchen.id, text)
  await hub.close()
  const client = await clientFor(hub.dataDir)
  await client.query(`update search_state set version = 'older'`)
  await client.query(`delete from search_doc`)
  const again = await hub.restart()
  const me = ann.atUrl(again.url)
  await expect.poll(async () => (await me.request('search.messages', { q: 'otter' })).hits.length).toBe(1)
  await me.sendMessage(kitchen.id, 'another otter')
  expect((await me.request('search.messages', { q: 'otter' })).hits).toHaveLength(2)
  expect((await client.query('select n from search_doc')).rows).toHaveLength(3)
})

test('a message is stored although its document cannot be added to the index', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const notes = await ann.openDirectChat(bo)
  await ann.sendMessage(kitchen.id, 'from now on its statement needs no response')
  const client = await clientFor(hub.dataDir)
  await client.query('alter table search_doc add constraint refused check (n < 0) not valid')
  const sent = await Promise.all([ann.sendMessage(kitchen.id, 'one'), bo.sendMessage(notes.id, 'other')])
  expect(sent.map(({ no }) => no)).toEqual([2, 1])
  const { rows } = await client.query(`select text from message where text in ('one', 'other') order by text`)
  expect(rows).toEqual([{ text: 'one' }, { text: 'other' }])
})

test('the text of a purged message is in no row and in no term of the index', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { hub, ann, kitchen } = await makeWorld({ clock: () => clock.now })
  const { id } = await ann.sendMessage(kitchen.id, 'xylophonesecret')
  await ann.request('messages.delete', { messageId: id, for: 'everyone' })
  clock.now += 11_000
  await hub.hub.jobs.run('messages.purge')
  const client = await clientFor(hub.dataDir)
  for (const query of [
    `select 1 from message where text like '%xylophone%'`,
    `select 1 from pending_deletion where text like '%xylophone%'`,
    `select 1 from search_term where term like '%xylophone%'`,
    `select 1 from search_doc where doc::text like '%xylophone%'`,
  ])
    expect((await client.query(query)).rows, query).toEqual([])
})
