import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { cacheExamples, outboxMessage } from '../../campaign/fuzz/page-examples.ts'
import { readRecord, withoutLooseHistory } from '../../renderer/state/cache-records.ts'
import { Cache, type CacheContent, type StoreName, storeNames } from '../../renderer/sync/cache.ts'
import { manualClock } from '../support/manual-clock.ts'

/* What the page takes from a cache that another release has written, or a disk has damaged: see the fuzz target `stores`. */

const exampleOf = (store: StoreName) => {
  const example = cacheExamples.find((each) => each.store === store)
  if (!example) throw new Error(`no example of ${store}`)
  return example as { key: string; value: object }
}

test.for(cacheExamples)('takes a sound record as it is: $store $key', ({ store, key, value }) => {
  expect(readRecord(store, key, value)).toBe(value)
})

test('deletes a damaged record of what the hub has, and keeps what the user has written', async () => {
  const indexedDB = new IDBFactory()
  const open = () => Cache.open(indexedDB, 'hubbub-test', manualClock(), readRecord)
  const before = await Cache.open(indexedDB, 'hubbub-test', manualClock())
  for (const store of storeNames)
    await before.write(store, store === 'meta' ? 'epoch' : 'damaged', { bent: true })
  await before.close()

  const cache = await open()
  const content = await cache.readAll()
  expect(storeNames.filter((store) => content[store].size > 0)).toEqual([])
  await cache.close()

  const raw = await Cache.open(indexedDB, 'hubbub-test', manualClock())
  const left = await raw.readAll()
  expect(storeNames.filter((store) => left[store].size > 0)).toEqual([
    'outbox',
    'drafts',
    'uploads',
    'edits',
    'kept',
  ])
  await raw.close()
})

test.for([
  ['its time', { at: 'yesterday' }],
  ['its place', { order: Infinity }],
  ['its state', { state: 'scheduled' }],
  ['its thread', { thread: 7 }],
  ['its quote', { replyTo: { id: 'm1' } }],
  ['its files', { files: [null] }],
] as const)('shows a message in the outbox without %s as failed, with its text', ([, damage]) => {
  const { cid, chatId, text } = outboxMessage
  const record = readRecord('outbox', cid, { ...outboxMessage, ...damage })
  expect(record).toMatchObject({ cid, chatId, text, state: 'failed' })
  // and again after it was stored
  expect(readRecord('outbox', cid, record)).toBe(record)
})

test('takes a message that was stored before there were threads, drafts and files', () => {
  const { cid, chatId, text, at, order } = outboxMessage
  const old = {
    cid,
    chatId,
    text,
    replyTo: undefined,
    at,
    order,
    state: 'waiting',
    reason: undefined,
    seq: undefined,
  }
  expect(readRecord('outbox', cid, old)).toBe(old)
})

test('an edit without a revision never replaces any version', () => {
  const { key, value } = exampleOf('edits')
  expect(readRecord('edits', key, { ...value, rev: 'x' })).toMatchObject({ rev: 1, isPaused: true })
})

test('messages of another chat, or out of order, are not shown', () => {
  const { value } = exampleOf('tails')
  const { messages } = value as { messages: unknown[] }
  expect(readRecord('tails', 'c9', value)).toBeUndefined()
  expect(readRecord('tails', 'c1', { ...value, messages: messages.toReversed() })).toBeUndefined()
})

test.for(['epoch', 'cursor'])(
  'messages are not shown without the %s that says when they were right',
  (missing) => {
    const content = Object.fromEntries(
      storeNames.map((name) => [
        name,
        new Map(
          cacheExamples
            .filter(({ store, key }) => store === name && key !== missing)
            .map((each) => [each.key, each.value]),
        ),
      ]),
    ) as unknown as CacheContent
    const dropped: string[] = []
    const { tails, threads, events, chats, outbox } = withoutLooseHistory(content, (store) =>
      dropped.push(store),
    )
    expect([tails.size, threads.size, events.size]).toEqual([0, 0, 0])
    expect(dropped).toEqual(['tails', 'threads', 'events'])
    expect([chats.size, outbox.size]).toEqual([3, 3])
  },
)
