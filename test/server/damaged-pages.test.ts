import Database from 'better-sqlite3'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { rawRequest, password, TestUser } from '../support/test-user.ts'
import type { TestHub } from '../support/hub.ts'
import { makeWorld } from '../support/world.ts'

/*
 * A damaged page of the hub's data: the request that meets it is answered in words, everything else goes on, and Health
 * says it.
 */

/** Fills every leaf page of a table or index with rubbish, in a closed hub. */
function damagePages(dataDir: string, name: string): void {
  const file = join(dataDir, 'hub.db')
  const raw = new Database(file)
  const pages = raw
    .prepare(`select pageno from dbstat where name = ? and pagetype = 'leaf'`)
    .pluck()
    .all(name) as number[]
  const bytes = raw.pragma('page_size', { simple: true }) as number
  raw.close()
  expect(pages.length, name).toBeGreaterThan(0)
  const handle = openSync(file, 'r+')
  for (const page of pages) writeSync(handle, Buffer.alloc(bytes, 0xee), 0, bytes, (page - 1) * bytes)
  closeSync(handle)
}

async function startDamaged(hub: TestHub, name: string) {
  await hub.close()
  damagePages(hub.dataDir, name)
  const fatal: unknown[] = []
  const running = await hub.restart({ onFatal: (error) => fatal.push(error) })
  return { running, fatal }
}

const words = 'A part of the hub’s database is damaged'

test('damaged messages fail the requests that read them in words, and nothing else', async () => {
  const { hub, olga, ann, bo, kitchen } = await makeWorld()
  const sent = await ann.sendMessage(kitchen.id, 'x'.repeat(9000))
  for (let i = 0; i < 30; i += 1) await ann.sendMessage(kitchen.id, `${i} `.repeat(200))
  const { running, fatal } = await startDamaged(hub, 'message')
  const [me, other, owner] = [ann, bo, olga].map((user) => user.atUrl(running.url)) as [
    TestUser,
    TestUser,
    TestUser,
  ]
  for (const [name, input] of [
    ['messages.list', { chatId: kitchen.id }],
    ['messages.edit', { messageId: sent.id, text: 'new' }],
    ['messages.send', { chatId: kitchen.id, cid: crypto.randomUUID(), text: 'hello' }],
  ] as const) {
    const { status, body } = await rawRequest(running.url, me.token, name, input)
    expect([status, JSON.stringify(body)], name).toEqual([500, expect.stringContaining(words) as string])
  }
  await other.request('me.update', { displayName: 'Bo B' })
  expect((await owner.request('admin.health', {})).database).toEqual({ state: 'bad' })
  expect(fatal).toEqual([])
})

test('a damaged audit log fails a login in words and not the messages of the same moment', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const { running, fatal } = await startDamaged(hub, 'audit')
  const me = ann.atUrl(running.url)
  const [login, ...sent] = await Promise.all([
    rawRequest(running.url, undefined, 'accounts.login', { username: 'ann', password }),
    ...Array.from({ length: 10 }, (_, i) => me.sendMessage(kitchen.id, `message ${i}`)),
  ])
  expect([login.status, JSON.stringify(login.body)]).toEqual([500, expect.stringContaining(words) as string])
  expect(sent).toHaveLength(10)
  const again = await rawRequest(running.url, undefined, 'accounts.login', { username: 'ann', password })
  expect(again.status).toBe(500)
  await me.sendMessage(kitchen.id, 'still here')
  expect(fatal).toEqual([])
})

test('damage that no request has met is found by the check in idle time, and Health says it', async () => {
  const { hub, olga } = await makeWorld()
  const { running } = await startDamaged(hub, 'token')
  const owner = olga.atUrl(running.url)
  expect((await owner.request('admin.health', {})).database).toEqual({ state: 'good' })
  await running.hub.jobs.run('database.check')
  expect((await owner.request('admin.health', {})).database).toEqual({ state: 'bad' })
})

test('the check finds a damaged search index, which is built again', async () => {
  const { hub, ann, olga, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'the walrus sings')
  expect((await ann.request('search.messages', { q: 'walrus' })).hits).toHaveLength(1)
  const { running } = await startDamaged(hub, 'search_docsize')
  await running.hub.jobs.run('database.check')
  const me = ann.atUrl(running.url)
  await vi.waitFor(
    async () => {
      const { hits, building } = await me.request('search.messages', { q: 'walrus' })
      expect([hits.length, building]).toEqual([1, undefined])
    },
    { timeout: 20_000 },
  )
  expect((await olga.atUrl(running.url).request('admin.health', {})).database).toEqual({ state: 'good' })
})
