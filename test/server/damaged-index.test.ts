import Database from 'better-sqlite3'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { checkInvariants, checkStructure } from '../../server/db/verify.ts'
import type { TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The search index is derived from the messages. Whatever happens to it, messages are sent, edited and deleted, the hub
 * does not end, and the index is there again a moment later.
 */

type Damage = (raw: Database.Database, file: string) => void

const run =
  (sql: string): Damage =>
  (raw) => {
    raw.unsafeMode(true)
    raw.exec(sql)
  }

/** Fills the first page of a table with rubbish. */
const overwrite =
  (table: string): Damage =>
  (raw, file) => {
    const page = raw.prepare('select rootpage from sqlite_schema where name = ?').pluck().get(table) as number
    const bytes = raw.pragma('page_size', { simple: true }) as number
    raw.pragma('wal_checkpoint(truncate)')
    raw.close()
    const handle = openSync(file, 'r+')
    writeSync(handle, Buffer.alloc(bytes, 0xee), 0, bytes, (page - 1) * bytes)
    closeSync(handle)
  }

const damages: [string, Damage][] = [
  ['overwritten search_data', overwrite('search_data')],
  ['overwritten search_idx', overwrite('search_idx')],
  ['overwritten search_docsize', overwrite('search_docsize')],
  ['overwritten search_config', overwrite('search_config')],
  ['overwritten search_term', overwrite('search_term')],
  ['overwritten search_state', overwrite('search_state')],
  ['blocks of zeros', run('update search_data set block = zeroblob(length(block))')],
  ['cut blocks', run('update search_data set block = substr(block, 1, length(block) / 2) where id > 10')],
  ['no structure', run('delete from search_data where id = 10')],
  ['no data', run('delete from search_data')],
  ['no settings', run('delete from search_config')],
  ['no state', run('delete from search_state')],
  ['no table of blocks', run('drop table search_data')],
  ['no table of terms', run('drop table search_term')],
  ['no table of settings', run('drop table search_config')],
]

async function search(user: TestUser, q: string): Promise<string[]> {
  const { hits } = await vi.waitFor(
    async () => {
      const answer = await user.request('search.messages', { q })
      expect(answer.building).toBeUndefined()
      return answer
    },
    { timeout: 20_000 },
  )
  return hits.map(({ message }) => ('text' in message ? message.text : ''))
}

test(
  'a hub with a damaged search index starts, sends, edits and deletes, and builds the index again',
  { timeout: 120_000 },
  async () => {
    const { hub, ann, kitchen } = await makeWorld()
    for (let i = 0; i < 40; i += 1) await ann.sendMessage(kitchen.id, `boat number ${i} sails`)
    const edited = await ann.sendMessage(kitchen.id, 'the walrus sings')
    const deleted = await ann.sendMessage(kitchen.id, 'a secret porridge')
    expect(await search(ann, 'walrus')).toHaveLength(1)
    await hub.close()
    const file = join(hub.dataDir, 'hub.db')
    const sound = readFileSync(file)
    for (const [name, damage] of damages) {
      for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
      writeFileSync(file, sound)
      const raw = new Database(file)
      damage(raw, file)
      raw.close()
      const fatal: unknown[] = []
      const running = await hub.restart({ onFatal: (error) => fatal.push(error) })
      const me = ann.atUrl(running.url)
      const sent = await me.sendMessage(kitchen.id, 'a message meanwhile')
      await me.request('messages.edit', { messageId: edited.id, text: 'the otter sings' })
      await me.request('messages.delete', { messageId: deleted.id, for: 'everyone' })
      await running.hub.jobs.run('search.index').catch(() => undefined)
      await running.hub.jobs.run('search.build').catch(() => undefined)
      expect(await search(me, 'otter'), name).toEqual(['the otter sings'])
      expect(await search(me, 'walrus'), name).toEqual([])
      expect(await search(me, 'porridge'), name).toEqual([])
      expect(await search(me, 'umbe'), name).not.toEqual([])
      expect(await search(me, 'meanwhile'), name).toEqual([sent.text])
      expect(fatal, name).toEqual([])
      await running.close()
      const after = new Database(file, { readonly: true })
      expect(checkStructure(after), name).toEqual([])
      expect(checkInvariants(after), name).toEqual([])
      after.close()
    }
  },
)

test('an index that is damaged while the hub runs fails no message and is built again', async () => {
  const fatal: unknown[] = []
  const { hub, ann, kitchen } = await makeWorld({ onFatal: (error) => fatal.push(error) })
  const first = await ann.sendMessage(kitchen.id, 'the walrus sings')
  expect(await search(ann, 'walrus')).toHaveLength(1)
  const raw = new Database(join(hub.dataDir, 'hub.db'))
  run('update search_data set block = zeroblob(length(block))')(raw, '')
  raw.close()
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ann.sendMessage(kitchen.id, `boat ${i}`)),
  )
  await ann.request('messages.edit', { messageId: first.id, text: 'the otter sings' })
  expect(await search(ann, 'boat')).toHaveLength(sent.length)
  expect(await search(ann, 'otter')).toEqual(['the otter sings'])
  expect(await search(ann, 'walrus')).toEqual([])
  expect(fatal).toEqual([])
})
