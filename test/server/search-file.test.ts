import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Input } from '../../shared/contract.ts'
import { createKysely, openReader, openWriter } from '../../server/db/sqlite/connection.ts'
import { addDocument } from '../../server/db/full-text.ts'
import { schemaVersion } from '../../server/db/migrate.ts'
import { executeSearch } from '../../server/search-index/execute.ts'
import { TermList } from '../../server/search-index/terms.ts'
import type { TestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/** How the index of SQLite behaves: it is in the database file, and a job fills it. */

async function searchTexts(user: TestUser, input: Input<'search.messages'> | string): Promise<string[]> {
  const { hits } = await user.request('search.messages', typeof input === 'string' ? { q: input } : input)
  return hits.map(({ message }) => message.text)
}

test('purged messages are gone from the index and from the database file', async () => {
  const day = 24 * 60 * 60_000
  let now = Date.now()
  const { hub, ann, bo, kitchen } = await makeWorld({ clock: () => now })
  const group = await ann.createGroup('Gone', [bo])
  await ann.sendMessage(kitchen.id, 'kept word')
  await ann.sendMessage(group.id, 'xylophonesecret kept word')
  await ann.sendMessage(group.id, 'zzsecretphrase')
  expect(await searchTexts(ann, 'xylophonesecret')).toHaveLength(1)
  const bytes = (dir: string) => readFileSync(join(dir, 'hub.db')).toString('latin1')
  const inFile = openReader(join(hub.dataDir, 'hub.db'))
  const words = () => inFile.raw.prepare('select term from search_term order by term').pluck().all()
  expect(words()).toContain('xylophonesecret')
  await ann.request('chats.delete', { chatId: group.id })
  now += 8 * day
  inFile.raw.close()
  const again = await hub.restart()
  await pollUntil(
    () => readAfterCheckpoint(again, bytes),
    (text) => !text.includes('xylophonesecret'),
  )
  const text = readAfterCheckpoint(again, bytes)
  expect(text).toContain('kept')
  expect(text).not.toContain('xylophone')
  expect(text).not.toContain('zzsecret')
  expect(await searchTexts(ann.atUrl(again.url), 'kept')).toEqual(['kept word'])
})

function readAfterCheckpoint(hub: TestHub, read: (dir: string) => string): string {
  const writer = openWriter(join(hub.dataDir, 'hub.db'))
  writer.raw.pragma('wal_checkpoint(truncate)')
  writer.raw.close()
  return read(hub.dataDir)
}

/** Polls on setImmediate, so that the hub can work between two reads. */
async function pollUntil<T>(read: () => T, matches: (value: T) => boolean): Promise<void> {
  for (let i = 0; i < 200 && !matches(read()); i += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('a missing or outdated index is rebuilt from the messages while the hub serves requests', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await Promise.all(Array.from({ length: 150 }, (_, i) => ann.sendMessage(kitchen.id, `boat number ${i}`)))
  await hub.close()
  const damages = [
    `update search_state set version = 'older'`,
    // as a tool that does not know the index would write
    `insert into message (id, chat_id, no, seq, rev, cid, author_id, text, digest, at)
       select id || 'x', chat_id, 151, 151, 151, '00000000-0000-7000-8000-000000000000', author_id, 'boat from outside', digest, at
       from message order by n desc limit 1`,
  ]
  let running = hub
  for (const damage of damages) {
    const file = openWriter(join(hub.dataDir, 'hub.db'))
    expect(schemaVersion(file)).toBeGreaterThan(0)
    expect(file.raw.prepare(damage).run().changes).toBe(1)
    file.raw.close()
    running = await running.restart()
    const me = ann.atUrl(running.url)
    let building: boolean | undefined = true
    while (building) building = (await me.request('search.messages', { q: 'boat' })).building
    const { hits, next } = await me.request('search.messages', { q: 'number', limit: 50 })
    expect(hits).toHaveLength(50)
    expect(next).toBeDefined()
    expect(await searchTexts(me, '149')).toEqual(['boat number 149'])
    await running.close()
  }
})

test('a search beyond its time limit continues from a message of the user’s own chats and finds all hits', async () => {
  const { hub, ann, bo, eve } = await makeWorld({ loadTest: true })
  const mine = await Promise.all(['One', 'Two', 'Three', 'Four'].map((name) => ann.createGroup(name, [bo])))
  const theirs = await eve.createGroup('Theirs', [])
  const said: string[] = []
  const sayMine = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      const text = `pebble of mine ${said.length}`
      said.push(text)
      await ann.sendMessage(mine[i % mine.length]?.id ?? '', text)
    }
  }
  await sayMine(60)
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => eve.sendMessage(theirs.id, `pebble of theirs ${i}`)),
  )
  await ann.sendMessage(mine[0]?.id ?? '', 'something else')
  await Promise.all(
    Array.from({ length: 150 }, (_, i) => eve.sendMessage(theirs.id, `pebble of theirs ${i}`)),
  )
  await sayMine(60)
  await Promise.all(
    Array.from({ length: 150 }, (_, i) => eve.sendMessage(theirs.id, `pebble of theirs ${i}`)),
  )
  expect(await searchTexts(ann, 'pebble')).toHaveLength(20)

  const file = openReader(join(hub.dataDir, 'hub.db'))
  onTestFinished(() => void file.raw.close())
  // every check of the clock finds the time limit exceeded
  let time = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 1_000))
  onTestFinished(() => clock.mockRestore())
  const isMine = file.raw.prepare('select 1 from message where id = ? and chat_id <> ?')
  const database = { connection: file, handle: createKysely(file) }
  const found: string[] = []
  const textOf = file.raw.prepare('select text from message where id = ?').pluck()
  for (let before: string | undefined = '', pages = 0; before !== undefined && pages < 30; pages += 1) {
    const input = { q: 'pebble', limit: 50, ...(before === '' ? {} : { before }) }
    const page = await executeSearch(database, new TermList(file), ann.id, input, Date.now())
    found.push(...page.matches.map(({ id }) => textOf.get(id) as string))
    if (page.next !== undefined) expect(isMine.get(page.next, theirs.id)).toBeDefined()
    before = page.next
  }
  expect(found).toEqual(said.toReversed())
})

test('long messages are indexed a few at a time, since every write waits for a batch', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  const file = openReader(join(hub.dataDir, 'hub.db'))
  onTestFinished(() => void file.raw.close())
  const state = file.raw.prepare('select through from search_state').pluck()
  const steps: number[] = []
  const look = () => void steps.push(state.get() as number)
  subscribe('hubbub:commit', look)
  onTestFinished(() => void unsubscribe('hubbub:commit', look))
  const long = (i: number) => Array.from({ length: 1_600 }, (_, at) => `w${i}x${at}`).join(' ')
  await Promise.all(Array.from({ length: 60 }, (_, i) => ann.sendMessage(kitchen.id, long(i))))
  for (const i of [0, 30, 59]) expect(await searchTexts(ann, `w${i}x1599`)).toHaveLength(1)
  expect(steps.at(-1)).toBe(60)
  const taken = steps.map((through, i) => through - (steps[i - 1] ?? 0))
  expect(Math.max(...taken)).toBeLessThan(20)
})

test('the documents of one transaction are written out once, at its end', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'first words')
  await hub.close()
  const connection = openWriter(join(hub.dataDir, 'hub.db'))
  const { raw } = connection
  onTestFinished(() => void raw.close())
  const db = createKysely(connection)
  const segments = () => raw.prepare('select count(distinct segid) from search_idx').pluck().get()
  const before = segments()
  raw.exec('begin')
  for (let n = 1_001; n <= 1_010; n += 1) {
    const terms = [`word${n}`, `another${n}`]
    await addDocument(db, { n, body: `common ${terms.join(' ')}`, scope: 'c1' }, terms)
  }
  expect(segments()).toBe(before)
  raw.exec('commit')
  expect(segments()).toBe((before as number) + 1)
  expect(raw.prepare(`select count(*) from search_term where term like '%1005'`).pluck().get()).toBe(2)
})
