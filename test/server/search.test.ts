import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Input } from '../../shared/contract.ts'
import { openReader, openWriter } from '../../server/db/sqlite.ts'
import { schemaVersion } from '../../server/db/migrate.ts'
import type { TestHub } from '../support/hub.ts'
import { type Person, rawRequest, Refused } from '../support/person.ts'
import { makeWorld } from '../support/world.ts'

async function texts(person: Person, input: Input<'search.messages'> | string): Promise<string[]> {
  const { hits } = await person.request('search.messages', typeof input === 'string' ? { q: input } : input)
  return hits.map(({ message }) => message.text)
}

test('finds words, beginnings, parts and phrases in all my chats, the newest first', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  await ann.say(kitchen.id, 'The lifeboat needs paint')
  await bo.say(direct.id, 'Paint is in the shed')
  await bo.say(kitchen.id, 'Shed key? Paint it red')
  expect(await texts(ann, 'paint')).toEqual([
    'Shed key? Paint it red',
    'Paint is in the shed',
    'The lifeboat needs paint',
  ])
  expect(await texts(ann, 'pai')).toHaveLength(3)
  expect(await texts(ann, 'boat')).toEqual(['The lifeboat needs paint'])
  expect(await texts(ann, '"boat"')).toEqual([])
  expect(await texts(ann, 'paint shed')).toEqual(['Shed key? Paint it red', 'Paint is in the shed'])
  expect(await texts(ann, '"the shed"')).toEqual(['Paint is in the shed'])
  expect(await texts(ann, 'shed-key')).toEqual(['Shed key? Paint it red'])
  expect(await texts(ann, { q: 'paint', chatId: direct.id })).toEqual(['Paint is in the shed'])
})

test('knows no case, accents or widths, and finds single characters of scripts without spaces', async () => {
  const { ann, kitchen } = await makeWorld()
  const said = [
    'Crème brûlée für alle',
    'STRASSE nach Łódź',
    '東京都の天気',
    '오늘 날씨가 좋다',
    'ｆｕｌｌ width',
    'сёмга и ЁЖ',
    'party 🎉 tonight',
  ]
  for (const text of said) await ann.say(kitchen.id, text)
  const wanted: [string, string][] = [
    ['CREME', 'Crème brûlée für alle'],
    ['brulée', 'Crème brûlée für alle'],
    ['straße', 'STRASSE nach Łódź'],
    ['lodz', 'STRASSE nach Łódź'],
    ['京', '東京都の天気'],
    ['天気', '東京都の天気'],
    ['"京都"', '東京都の天気'],
    ['날씨', '오늘 날씨가 좋다'],
    ['full', 'ｆｕｌｌ width'],
    ['семга', 'сёмга и ЁЖ'],
    ['🎉', 'party 🎉 tonight'],
  ]
  for (const [q, text] of wanted) expect(await texts(ann, q), q).toEqual([text])
  expect(await texts(ann, '都東')).toEqual([])
})

test('narrows by who, where, what and when', async () => {
  let now = Date.UTC(2026, 4, 10, 12)
  const { ann, bo, kitchen, direct } = await makeWorld({ clock: () => now })
  await ann.say(kitchen.id, 'plan one')
  now = Date.UTC(2026, 4, 20, 12)
  await bo.say(kitchen.id, 'plan two https://example.org/a')
  now = Date.UTC(2026, 4, 30, 12)
  await bo.say(direct.id, 'plan three')
  const wanted: [string, string[]][] = [
    ['plan from:ann', ['plan one']],
    ['plan from:@Bo', ['plan three', 'plan two https://example.org/a']],
    ['from:me', ['plan one']],
    ['plan in:kitchen', ['plan two https://example.org/a', 'plan one']],
    ['plan in:#Kit', ['plan two https://example.org/a', 'plan one']],
    ['plan in:bo', ['plan three']],
    ['has:link', ['plan two https://example.org/a']],
    ['has:file', []],
    ['plan before:2026-05-15', ['plan one']],
    ['plan after:20.5.2026', ['plan three']],
    ['plan on:2026-05-20', ['plan two https://example.org/a']],
    ['plan after:april', ['plan three', 'plan two https://example.org/a', 'plan one']],
    ['plan after:"1 week ago" from:bo', ['plan three']],
    ['plan on:today', ['plan three']],
  ]
  for (const [q, found] of wanted) expect(await texts(ann, q), q).toEqual(found)
  expect(await texts(ann, { q: 'plan', from: bo.id, before: Date.UTC(2026, 4, 25) })).toEqual([
    'plan two https://example.org/a',
  ])
  expect(await texts(ann, { has: 'link' })).toHaveLength(1)
  const words = {
    'from:nobody': 'Nobody here',
    'in:nowhere x': 'no chat called',
    'has:fun': 'file, image or link',
    'before:soon': 'no day',
  }
  for (const [q, message] of Object.entries(words)) {
    await expect(ann.request('search.messages', { q }), q).rejects.toThrow(message)
  }
})

test('is paged by the last hit, whatever is sent meanwhile', async () => {
  const { ann, kitchen } = await makeWorld()
  for (let i = 1; i <= 7; i += 1) await ann.say(kitchen.id, `note ${i}`)
  const all: string[] = []
  let before: string | undefined
  do {
    const page = await ann.request('search.messages', { q: 'note', limit: 3, ...(before ? { before } : {}) })
    all.push(...page.hits.map(({ message }) => message.text))
    before = page.next
    await ann.say(kitchen.id, 'another note')
  } while (before !== undefined)
  expect(all).toEqual([7, 6, 5, 4, 3, 2, 1].map((i) => `note ${i}`))
  const [first] = (await ann.request('messages.list', { chatId: kitchen.id })).messages
  expect(await texts(ann, { q: 'note', after: first?.id ?? '', limit: 50 })).toHaveLength(9)
})

test('says where the words stand, and shows the text around them', async () => {
  const { ann, kitchen } = await makeWorld()
  await ann.say(kitchen.id, 'Ünder the 👩‍🚀 Überbrücke')
  await ann.say(kitchen.id, `${'lorem ipsum '.repeat(100)}the needle ${'dolor 😀 '.repeat(100)}`)
  const marked = async (q: string) => {
    const { hits } = await ann.request('search.messages', { q })
    const [hit] = hits
    if (!hit) throw new Error(`nothing found for ${q}`)
    return { hit, words: hit.highlights.map(({ start, end }) => hit.message.text.slice(start, end)) }
  }
  expect((await marked('uber')).words).toEqual(['Überbrücke'])
  expect((await marked('under BRUCKE')).words).toEqual(['Ünder', 'Überbrücke'])
  const { hit, words } = await marked('"the needle"')
  expect(words).toEqual(['the needle'])
  expect(hit.context.text).toContain('the needle')
  expect(hit.context.text.length).toBeLessThanOrEqual(240)
  expect(hit.message.text.slice(hit.context.start)).toMatch(new RegExp(`^${hit.context.text.slice(0, 20)}`))
  expect(hit.context.text.isWellFormed()).toBe(true)
})

test('what I do not see is not found: others’ chats, chats I left, groups that are deleted', async () => {
  const { ann, bo, eve, olga, kitchen, direct } = await makeWorld()
  await ann.say(kitchen.id, 'secret recipe')
  await ann.say(direct.id, 'secret wish')
  expect(await texts(bo, 'secret')).toEqual(['secret wish', 'secret recipe'])
  for (const outsider of [eve, olga]) {
    expect(await texts(outsider, 'secret')).toEqual([])
    expect(await texts(outsider, { q: 'secret', from: ann.id })).toEqual([])
    await expect(outsider.request('search.messages', { q: 'secret', chatId: kitchen.id })).rejects.toThrow(
      'not_found',
    )
    await expect(outsider.request('search.messages', { q: 'secret in:kitchen' })).rejects.toThrow(
      'no chat called',
    )
    const { messages } = await ann.request('messages.list', { chatId: kitchen.id })
    await expect(
      outsider.request('search.messages', { q: 'secret', before: messages[0]?.id ?? '' }),
    ).rejects.toThrow('not_found')
  }
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  expect(await texts(bo, 'secret')).toEqual(['secret wish'])
  const group = await ann.group('Short-lived', [bo])
  await ann.say(group.id, 'secret plan')
  expect(await texts(bo, 'secret plan')).toEqual(['secret plan'])
  await ann.request('chats.delete', { chatId: group.id })
  expect(await texts(bo, 'secret plan')).toEqual([])
  await ann.request('chats.undelete', { chatId: group.id })
  expect(await texts(bo, 'secret plan')).toEqual(['secret plan'])
})

test('with very many chats too', async () => {
  const { ann, bo } = await makeWorld()
  for (let i = 0; i < 101; i += 1) await ann.group(`Group ${i}`)
  const last = await ann.group('The last', [bo])
  await ann.say(last.id, 'here it is')
  expect(await texts(ann, 'here')).toEqual(['here it is'])
  expect(await texts(ann, 'after:2020')).toEqual(['here it is'])
  expect(await texts(bo, 'here')).toEqual(['here it is'])
})

test('through both doors alike', async () => {
  const { ann, eve, kitchen } = await makeWorld()
  await ann.say(kitchen.id, 'one boat')
  const live = await ann.connect()
  const { hits } = await live.request('search.messages', { q: 'boat', limit: 1000 })
  expect(hits).toEqual((await ann.request('search.messages', { q: 'boat' })).hits)
  const outside = await eve.connect()
  expect((await outside.request('search.messages', { q: 'boat' })).hits).toEqual([])
})

test('hostile and odd queries are answered in words, never as a failure of the hub', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.say(kitchen.id, 'harmless OR AND NOT NEAR text')
  const queries = [
    ...[
      '"',
      '""',
      '"""',
      `'`,
      '*',
      '**',
      '%',
      '_',
      '^a',
      'a*',
      '-',
      '--',
      ':',
      'body:x',
      'scope : y',
      '{a b}',
      '(',
      ')',
      '((',
      'a AND',
      'NOT',
      'OR OR',
      'NEAR(a b)',
      'a + b',
    ],
    ...[
      '\0',
      'a\0b',
      '\ud800',
      '\u202e',
      'a'.repeat(900),
      '"'.repeat(999),
      '('.repeat(999),
      '漢'.repeat(999),
      '👩‍🚀'.repeat(120),
      'x '.repeat(500),
    ],
    ...[
      'from:',
      'in:',
      'has:',
      'before:',
      'after:"',
      'from:"',
      'from:%',
      'in:\\',
      'before:99999999999999',
      'after:0000-00-00',
      'on:32.13.2026',
    ],
    ...[
      '.*(a+)+$',
      "'; drop table message; --",
      '<script>',
      '__proto__',
      'constructor',
      '!!!',
      ' ',
      '\n',
      '',
    ],
  ]
  for (const q of queries) {
    const { status, body } = await rawRequest(hub.url, ann.token, 'search.messages', { q })
    expect([200, 400], `${JSON.stringify(q.slice(0, 40))}: ${JSON.stringify(body)}`).toContain(status)
  }
  const long = await rawRequest(hub.url, ann.token, 'search.messages', { q: 'a'.repeat(10_000) })
  expect(long.status).toBe(413)
  for (const before of ['__proto__', 'nothing', '-1', '1e99', '🎉']) {
    const { status } = await rawRequest(hub.url, ann.token, 'search.messages', { q: 'x', before })
    expect([200, 400, 404], before).toContain(status)
  }
  expect(await texts(ann, 'near or')).toEqual(['harmless OR AND NOT NEAR text'])
})

test('a thread that ends is replaced, and who waits does not notice', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.say(kitchen.id, 'still here')
  expect(await texts(ann, 'still')).toHaveLength(1)
  const answers = [1, 2, 3, 4].map(() => texts(ann, 'still'))
  hub.hub.search.restart()
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4].map(() => ['still here']))
  hub.hub.search.restart()
  expect(await texts(ann, 'still')).toHaveLength(1)
})

test('a search that waits gives way to a later one with its key; nobody floods the queue', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.say(kitchen.id, 'boat boats boating')
  const codes = async (work: Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((result) =>
      result.status === 'fulfilled' ? 'ok' : result.reason instanceof Refused ? result.reason.code : 'odd',
    )
  const live = await ann.connect()
  const typed = ['b', 'bo', 'boa', 'boat'].map((q) => live.request('search.messages', { q, key: 'field' }))
  const answers = await codes(typed)
  expect(answers[0]).toBe('ok')
  expect(answers.at(-1)).toBe('ok')
  expect(answers.slice(1, -1)).toEqual(['conflict', 'conflict'])
  const many = codes(Array.from({ length: 12 }, () => live.request('search.messages', { q: 'boat' })))
  const other = texts(bo, 'boat')
  expect((await many).filter((code) => code === 'rate_limited').length).toBeGreaterThan(0)
  expect(await other).toHaveLength(1)
})

test('what was cleared away is in no index and in no file', async () => {
  const day = 24 * 60 * 60_000
  let now = Date.now()
  const { hub, ann, bo, kitchen } = await makeWorld({ clock: () => now })
  const group = await ann.group('Gone', [bo])
  await ann.say(kitchen.id, 'kept word')
  await ann.say(group.id, 'xylophonesecret kept word')
  await ann.say(group.id, 'zzsecretphrase')
  expect(await texts(ann, 'xylophonesecret')).toHaveLength(1)
  const bytes = (dir: string) => readFileSync(join(dir, 'hub.db')).toString('latin1')
  const inFile = openReader(join(hub.dataDir, 'hub.db'))
  const words = () => inFile.raw.prepare('select word from search_word order by word').pluck().all()
  expect(words()).toContain('xylophonesecret')
  await ann.request('chats.delete', { chatId: group.id })
  now += 8 * day
  inFile.raw.close()
  const again = await hub.restart()
  await expectEventually(
    () => bytesAfterCheckpoint(again, bytes),
    (text) => !text.includes('xylophonesecret'),
  )
  const text = bytesAfterCheckpoint(again, bytes)
  expect(text).toContain('kept')
  expect(text).not.toContain('xylophone')
  expect(text).not.toContain('zzsecret')
  expect(await texts(ann.at(again.url), 'kept')).toEqual(['kept word'])
})

function bytesAfterCheckpoint(hub: TestHub, read: (dir: string) => string): string {
  const writer = openWriter(join(hub.dataDir, 'hub.db'))
  writer.raw.pragma('wal_checkpoint(truncate)')
  writer.raw.close()
  return read(hub.dataDir)
}

/** The hub goes on by itself; each look lets it take a turn. */
async function expectEventually<T>(look: () => T, holds: (value: T) => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(look()); i += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('an index that is missing or of another kind is made from the messages, while the hub works', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await Promise.all(Array.from({ length: 150 }, (_, i) => ann.say(kitchen.id, `boat number ${i}`)))
  await hub.close()
  const damages = [
    `update search_state set version = 'older'`,
    // as a tool that knows nothing of the index writes
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
    const me = ann.at(running.url)
    let building: boolean | undefined = true
    while (building) building = (await me.request('search.messages', { q: 'boat' })).building
    const { hits, next } = await me.request('search.messages', { q: 'number', limit: 50 })
    expect(hits).toHaveLength(50)
    expect(next).toBeDefined()
    expect(await texts(me, '149')).toEqual(['boat number 149'])
    await running.close()
  }
})
