// The text budget: what one user can store within a day, by any request, over both transports.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { TextBudget } from '../../server/text-budget.ts'
import type { Message } from '../../shared/contract/messages.ts'
import { rawRequest, type TestUser } from '../support/test-user.ts'
import { makeWorld, type World } from '../support/world.ts'

const kibibyte = 1024
const textBytesPerDay = 64 * kibibyte
const dayMs = 24 * 60 * 60_000
const long = 'x'.repeat(4 * kibibyte)

/** Repeats a request until the budget refuses it. Returns the number of times it was accepted. */
async function flood(run: (i: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 500; i++) {
    try {
      await run(i)
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('within a day') })
      return i
    }
  }
  throw new Error('nothing was refused')
}

async function textsOf(user: TestUser, chatId: string): Promise<string[]> {
  const { messages } = await user.request('messages.list', { chatId, limit: 100 })
  return (messages as Message[]).map(({ text }) => text)
}

test('a user who wrote too much learns when to go on; all else goes on, and Health names them', async () => {
  let now = Date.now()
  const { hub, olga, ann, bo, kitchen } = await makeWorld({ textBytesPerDay, clock: () => now })
  const chatId = kitchen.id
  await ann.request('drafts.set', { chatId, text: 'half a', version: 'v1' })
  expect((await olga.request('admin.health', {})).textBudget).toEqual({ state: 'good', reached: [] })
  const cids = Array.from({ length: 100 }, () => randomUUID())
  const accepted = await flood((i) => ann.sendMessage(chatId, long, cids[i]))
  expect(accepted).toBeGreaterThan(10)
  expect(accepted).toBeLessThan(16)

  const cid = randomUUID()
  const { status, body, headers } = await rawRequest(hub.url, ann.token, 'messages.send', {
    ...{ chatId, cid, text: long },
  })
  expect(status).toBe(429)
  const { retryAfter } = (body as { error: { retryAfter: number } }).error
  expect(Number(headers.get('retry-after'))).toBe(retryAfter)
  expect(await textsOf(bo, chatId)).toHaveLength(accepted)

  // a retry of a stored message gets its result
  const retry = await rawRequest(hub.url, ann.token, 'messages.send', { chatId, cid: cids[0], text: long })
  expect(retry.status).toBe(200)
  // others are not concerned; reading and deleting go on
  await bo.sendMessage(chatId, long)
  await ann.request('chats.read', { chatId, no: accepted + 1 })
  await ann.request('drafts.set', { chatId, text: '', version: 'v2', base: 'v1' })
  await ann.request('me.update', { bio: '' })
  const { id: messageId } = (retry.body as { message: Message }).message
  await ann.request('messages.delete', { messageId, for: 'everyone' })

  expect((await olga.request('admin.health', {})).textBudget).toEqual({
    state: 'attention',
    reached: [{ userId: ann.id, name: 'ann', at: now }],
  })
  now += retryAfter * 1000
  await ann.sendMessage(chatId, long, cid)
  now += dayMs
  expect((await olga.request('admin.health', {})).textBudget.state).toBe('good')
})

test('requests of a socket that arrive at once cannot exceed it together', async () => {
  const { ann, bo, kitchen } = await makeWorld({ textBytesPerDay })
  const live = await ann.connect()
  const sent = await Promise.allSettled(
    Array.from({ length: 60 }, () =>
      live.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: long }),
    ),
  )
  const accepted = sent.filter(({ status }) => status === 'fulfilled').length
  expect(accepted).toBeGreaterThan(10)
  expect(accepted).toBeLessThan(16)
  expect(await textsOf(bo, kitchen.id)).toHaveLength(accepted)
  expect(sent.at(-1)).toMatchObject({ reason: { code: 'rate_limited' } })
})

const floods: Record<string, (world: World) => Promise<(i: number) => Promise<unknown>>> = {
  edits: async ({ ann, kitchen }) => {
    const { id } = await ann.sendMessage(kitchen.id, 'first')
    return (i) => ann.request('messages.edit', { messageId: id, text: long + i })
  },
  settings: ({ ann, kitchen }) => {
    const chats = Array.from({ length: 100 }, () => kitchen.id)
    return Promise.resolve((i) =>
      ann.request('me.update', {
        settings: { chatList: { favourites: [], sections: [{ id: 's', name: `S${i}`, chats }], folded: [] } },
      }),
    )
  },
  drafts: ({ ann, kitchen }) => {
    const set = (text: string, version: number) =>
      ann.request('drafts.set', { chatId: kitchen.id, text, version: `v${version}`, base: `v${version - 1}` })
    return Promise.resolve(async (i) => {
      await set(long, 2 * i + 1)
      await set('', 2 * i + 2)
    })
  },
  profiles: ({ ann }) => Promise.resolve((i) => ann.request('me.update', { bio: `${'b'.repeat(200)}${i}` })),
  statuses: ({ ann }) => Promise.resolve((i) => ann.request('status.set', { text: `away ${i}` })),
  'group names': ({ ann, kitchen }) =>
    Promise.resolve((i) => ann.request('chats.update', { chatId: kitchen.id, name: `Kitchen ${i}` })),
  'chat preferences': ({ ann, kitchen }) =>
    Promise.resolve((i) =>
      ann.request('chats.updatePreferences', { chatId: kitchen.id, muted: i % 2 === 0 }),
    ),
  pins: async ({ ann, kitchen }) => {
    const { id: messageId } = await ann.sendMessage(kitchen.id, 'first')
    return async () => {
      await ann.request('pins.add', { messageId })
      await ann.request('pins.remove', { messageId })
    }
  },
  'saved messages': async ({ ann, kitchen }) => {
    const { id: messageId } = await ann.sendMessage(kitchen.id, 'first')
    return async () => {
      await ann.request('saved.add', { messageId })
      await ann.request('saved.remove', { messageId })
    }
  },
  'undone deletions': async ({ ann, kitchen }) => {
    const { id: messageId } = await ann.sendMessage(kitchen.id, 'first')
    return async () => {
      await ann.request('messages.delete', { messageId, for: 'everyone' })
      await ann.request('messages.undelete', { messageId })
    }
  },
  reactions: async ({ ann, kitchen }) => {
    const { id: messageId } = await ann.sendMessage(kitchen.id, 'first')
    return async () => {
      await ann.request('reactions.add', { messageId, emoji: '👍' })
      await ann.request('reactions.remove', { messageId, emoji: '👍' })
    }
  },
}

test.for(Object.entries(floods))('a flood of %s ends', async ([, prepare]) => {
  const world = await makeWorld({ textBytesPerDay: 32 * kibibyte })
  const run = await prepare(world)
  expect(await flood(run)).toBeGreaterThan(0)
  const { entries } = await world.ann.request('streams.read', { stream: `user:${world.ann.id}`, after: 0 })
  expect(Buffer.byteLength(JSON.stringify(entries))).toBeLessThan(64 * kibibyte)
  await expect(world.ann.sendMessage(world.kitchen.id, long)).rejects.toThrow('rate_limited')
  await world.bo.sendMessage(world.kitchen.id, long)
})

test('a draft that grows letter by letter counts once', async () => {
  const { ann, kitchen } = await makeWorld({ textBytesPerDay })
  for (let i = 1; i <= 100; i++) {
    const text = 'y'.repeat(2 * kibibyte + i)
    await ann.request('drafts.set', { chatId: kitchen.id, text, version: `v${i}`, base: `v${i - 1}` })
  }
  await ann.sendMessage(kitchen.id, long)
})

test('a restart gives nobody a new budget', async () => {
  const now = Date.now()
  const { hub, olga, ann, kitchen } = await makeWorld({ textBytesPerDay, clock: () => now })
  await flood(() => ann.sendMessage(kitchen.id, long))
  const again = await hub.restart()
  Object.assign(ann, { url: again.url })
  Object.assign(olga, { url: again.url })
  await expect(ann.sendMessage(kitchen.id, long)).rejects.toThrow('rate_limited')
  expect((await olga.request('admin.health', {})).textBudget.reached).toMatchObject([{ name: 'ann' }])
})

test('what was written is stored once a minute, and an ordinary day is not', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld({ textBytesPerDay: 1024 * kibibyte })
  const readRows = () => hub.hub.store.read((db) => db.selectFrom('textBudget').selectAll().execute())
  await bo.sendMessage(kitchen.id, 'good morning')
  await hub.hub.jobs.run('budget.save')
  expect(await readRows()).toEqual([])
  for (let i = 0; i < 5; i++) await ann.sendMessage(kitchen.id, long)
  await hub.hub.jobs.run('budget.save')
  const [row, ...others] = await readRows()
  expect(others).toEqual([])
  expect(row).toMatchObject({ userId: ann.id, reachedAt: null })
  expect(row?.used).toBeGreaterThan(5 * long.length)
  expect(row?.used).toBeLessThan(8 * long.length)
})

test('a webhook has the budget of its bot, and a retry of its message gets the result', async () => {
  const { hub, ann, kitchen } = await makeWorld({ textBytesPerDay })
  const { url } = await ann.request('webhooks.create', { chatId: kitchen.id, name: 'Deploys' })
  const post = async (cid: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ text: long, cid })
    return (await fetch(hub.url + new URL(url).pathname, { method: 'POST', headers, body })).status
  }
  const first = randomUUID()
  const statuses = [await post(first)]
  while (statuses.at(-1) === 201) statuses.push(await post(randomUUID()))
  expect(statuses.length).toBeLessThan(17)
  expect(statuses.at(-1)).toBe(429)
  await ann.sendMessage(kitchen.id, long)
})

test('what was rolled back costs nothing, and what others still write costs what it did', () => {
  const budget = new TextBudget(1000)
  const begin = () => {
    const ends = { commit: () => {}, rollBack: () => {} }
    const op = {
      ...{ now: 1, written: () => 400 },
      after: (effect: () => void) => void (ends.commit = effect),
      ifRolledBack: (undo: () => void) => void (ends.rollBack = undo),
    }
    budget.charge(op, 'ann')
    return ends
  }
  const [one, other] = [begin(), begin()]
  expect(begin).toThrow('within a day')
  one.rollBack()
  const third = begin()
  expect(begin).toThrow('within a day')
  // the commit of one transaction does not free what another has stored
  other.commit()
  expect(begin).toThrow('within a day')
  third.rollBack()
  begin().commit()
  expect(begin).toThrow('within a day')
})
