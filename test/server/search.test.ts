import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Input } from '../../shared/contract.ts'
import type { TestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest, RequestError } from '../support/test-user.ts'
import { png } from '../support/images.ts'
import { rawSocketOf } from '../support/live-client.ts'
import { usesPostgres } from '../support/test-database.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

async function searchTexts(user: TestUser, input: Input<'search.messages'> | string): Promise<string[]> {
  const { hits } = await user.request('search.messages', typeof input === 'string' ? { q: input } : input)
  return hits.map(({ message }) => message.text)
}

/** All pages: a search that takes long on a busy machine ends its page early. */
async function searchAllTexts(user: TestUser, q: string): Promise<string[]> {
  const input: Input<'search.messages'> = { q }
  const texts: string[] = []
  for (;;) {
    const { hits, next } = await user.request('search.messages', input)
    texts.push(...hits.map(({ message }) => message.text))
    if (next === undefined) return texts
    input.before = next
  }
}

test('finds words, prefixes, parts of words and phrases in all my chats, newest first', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'The lifeboat needs paint')
  await bo.sendMessage(direct.id, 'Paint is in the shed')
  await bo.sendMessage(kitchen.id, 'Shed key? Paint it red')
  expect(await searchTexts(ann, 'paint')).toEqual([
    'Shed key? Paint it red',
    'Paint is in the shed',
    'The lifeboat needs paint',
  ])
  expect(await searchTexts(ann, 'pai')).toHaveLength(3)
  expect(await searchTexts(ann, 'boat')).toEqual(['The lifeboat needs paint'])
  expect(await searchTexts(ann, '"boat"')).toEqual([])
  expect(await searchTexts(ann, 'paint shed')).toEqual(['Shed key? Paint it red', 'Paint is in the shed'])
  expect(await searchTexts(ann, '"the shed"')).toEqual(['Paint is in the shed'])
  expect(await searchTexts(ann, 'shed-key')).toEqual(['Shed key? Paint it red'])
  expect(await searchTexts(ann, { q: 'paint', chatId: direct.id })).toEqual(['Paint is in the shed'])
})

test('ignores case, accents and character width, and finds single characters of scripts without spaces', async () => {
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
  for (const text of said) await ann.sendMessage(kitchen.id, text)
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
  for (const [q, text] of wanted) expect(await searchTexts(ann, q), q).toEqual([text])
  expect(await searchTexts(ann, '都東')).toEqual([])
})

test('filters by author, chat, attachment and date', async () => {
  let now = Date.UTC(2026, 4, 10, 12)
  const { ann, bo, kitchen, direct } = await makeWorld({ clock: () => now })
  await ann.sendMessage(kitchen.id, 'plan one')
  now = Date.UTC(2026, 4, 20, 12)
  await bo.sendMessage(kitchen.id, 'plan two https://example.org/a')
  now = Date.UTC(2026, 4, 30, 12)
  await bo.sendMessage(direct.id, 'plan three')
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
  for (const [q, found] of wanted) expect(await searchTexts(ann, q), q).toEqual(found)
  expect(await searchTexts(ann, { q: 'plan', from: bo.id, before: Date.UTC(2026, 4, 25) })).toEqual([
    'plan two https://example.org/a',
  ])
  expect(await searchTexts(ann, { has: 'link' })).toHaveLength(1)
  const words = {
    'from:nobody': 'No user is called',
    'in:nowhere x': 'no chat called',
    'has:fun': 'file, image or link',
    'before:soon': 'is not a date',
  }
  for (const [q, message] of Object.entries(words)) {
    await expect(ann.request('search.messages', { q }), q).rejects.toThrow(message)
  }
})

test('finds words that are formatted in part, and the end of the first word of a joined term', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const text = 'A **bold**ness, un~~happi~~ness and `foo`s'
  const sent = await ann.sendMessage(kitchen.id, text)
  const file = await uploadFile(hub.url, ann.token, { name: 'invoice-2024-final.pdf', bytes: png(4, 4) })
  const cid = randomUUID()
  await ann.request('messages.send', { chatId: kitchen.id, cid, text: 'see it', attachments: [file] })
  await ann.sendMessage(kitchen.id, 'the invoice-2024 was paid')
  for (const q of ['boldness', 'bold', 'oldne', 'unhappiness', 'foos', '"boldness"'])
    expect(await searchTexts(bo, q), q).toEqual([text])
  const { hits } = await bo.request('search.messages', { q: 'boldness' })
  expect(hits[0]?.highlights).toEqual([{ start: 2, end: 14 }])
  for (const q of ['voice-2024', 'voice-20', 'invoice-2024'])
    expect(await searchTexts(bo, q), q).toEqual(['the invoice-2024 was paid', 'see it'])
  expect(await searchTexts(bo, 'voice-2024-final.pdf')).toEqual(['see it'])
  expect(await searchTexts(bo, '"voice-2024"')).toEqual([])
  const joined = await bo.request('search.messages', { q: 'voice-2024' })
  expect(joined.hits[0]?.highlights).toEqual([{ start: 4, end: 16 }])
  // nothing of an edited or deleted message stays in the index
  await ann.request('messages.edit', { messageId: sent.id, text: 'plain' })
  expect(await searchTexts(bo, 'boldness')).toEqual([])
  expect(await searchTexts(bo, 'plain')).toEqual(['plain'])
})

test('a filter may have a space before its value, and is text if it means nothing', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'plan one')
  await bo.sendMessage(kitchen.id, 'plan two')
  const line = 'error: mail from: 10.0.0.7 in: queue has: failed'
  await bo.sendMessage(kitchen.id, line)
  const wanted: [string, string[]][] = [
    ['plan from: ann', ['plan one']],
    ['from:  "bo" plan', ['plan two']],
    ['plan in: kitchen from: bo', ['plan two']],
    ['plan from：ann', ['plan one']],
    ['plan from： ＠bo in:＃Kitchen', ['plan two']],
    ['plan from: in:kitchen', []],
    ['plan on: today', ['plan two', 'plan one']],
    [line, [line]],
    ['"from: 10.0.0.7"', [line]],
    ['mail from:', [line]],
    ['mail from:10.0.0.7', [line]],
    ['from:<10.0.0.7>', [line]],
  ]
  for (const [q, found] of wanted) expect(await searchTexts(ann, q), q).toEqual(found)
  await expect(ann.request('search.messages', { q: 'from:nobody' })).rejects.toThrow('put it in quotes')
})

test('days are those of the zone that the request names', async () => {
  let now = Date.UTC(2026, 10, 29, 3)
  const { ann, kitchen } = await makeWorld({ clock: () => now })
  await ann.sendMessage(kitchen.id, 'plan at night')
  now = Date.UTC(2026, 10, 29, 12)
  await ann.sendMessage(kitchen.id, 'plan at noon')
  now = Date.UTC(2026, 10, 29, 19)
  await ann.sendMessage(kitchen.id, 'plan in the evening')
  const [night, noon, evening] = ['plan at night', 'plan at noon', 'plan in the evening']
  const wanted: [Input<'search.messages'>, (string | undefined)[]][] = [
    [{ q: 'on:2026-11-29', zone: 'UTC' }, [evening, noon, night]],
    [{ q: 'on:2026-11-29', zone: 'America/Los_Angeles' }, [evening, noon]],
    [{ q: 'on:2026-11-28', zone: 'America/Los_Angeles' }, [night]],
    [{ q: 'on:2026-11-30', zone: 'Asia/Kolkata' }, [evening]],
    [{ q: 'on:2026-11-30', zone: '+05:30' }, [evening]],
    [{ q: 'on:today', zone: 'Asia/Tokyo' }, [evening]],
    [{ q: 'before:today', zone: 'Asia/Tokyo' }, [noon, night]],
    [{ q: 'after:yesterday', zone: 'America/Los_Angeles' }, [evening, noon]],
    [{ q: 'plan', before: '2026-11-29', zone: 'America/Los_Angeles' }, [night]],
    [{ q: 'plan', after: '2026-11-29', zone: 'Asia/Kolkata' }, [evening]],
    [{ q: 'during:"nov 2026"', zone: 'Asia/Tokyo' }, [evening, noon, night]],
    [{ q: 'during:2026-11-28', zone: 'America/Los_Angeles' }, [night]],
  ]
  for (const [input, found] of wanted) {
    expect(await searchTexts(ann, input), JSON.stringify(input)).toEqual(found)
  }
  await expect(ann.request('search.messages', { q: 'on:today', zone: 'Mars/Olympus' })).rejects.toMatchObject(
    {
      error: { code: 'invalid', field: 'zone' },
    },
  )
})

test('pages from the last hit and is stable while messages are sent', async () => {
  const { ann, kitchen } = await makeWorld()
  for (let i = 1; i <= 7; i += 1) await ann.sendMessage(kitchen.id, `note ${i}`)
  const all: string[] = []
  let before: string | undefined
  do {
    const page = await ann.request('search.messages', { q: 'note', limit: 3, ...(before ? { before } : {}) })
    all.push(...page.hits.map(({ message }) => message.text))
    before = page.next
    await ann.sendMessage(kitchen.id, 'another note')
  } while (before !== undefined)
  expect(all).toEqual([7, 6, 5, 4, 3, 2, 1].map((i) => `note ${i}`))
  const [first] = (await ann.request('messages.list', { chatId: kitchen.id })).messages
  expect(await searchTexts(ann, { q: 'note', after: first?.id ?? '', limit: 50 })).toHaveLength(9)
})

test('returns the positions of the matches and the text around them', async () => {
  const { ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'Ünder the 👩‍🚀 Überbrücke')
  await ann.sendMessage(kitchen.id, `${'lorem ipsum '.repeat(100)}the needle ${'dolor 😀 '.repeat(100)}`)
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

test('excludes chats of others, chats I left and deleted groups', async () => {
  const { ann, bo, eve, olga, kitchen, direct } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'secret recipe')
  await ann.sendMessage(direct.id, 'secret wish')
  expect(await searchTexts(bo, 'secret')).toEqual(['secret wish', 'secret recipe'])
  for (const outsider of [eve, olga]) {
    expect(await searchTexts(outsider, 'secret')).toEqual([])
    expect(await searchTexts(outsider, { q: 'secret', from: ann.id })).toEqual([])
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
  expect(await searchTexts(bo, 'secret')).toEqual(['secret wish'])
  const group = await ann.createGroup('Short-lived', [bo])
  await ann.sendMessage(group.id, 'secret plan')
  expect(await searchTexts(bo, 'secret plan')).toEqual(['secret plan'])
  await ann.request('chats.delete', { chatId: group.id })
  expect(await searchTexts(bo, 'secret plan')).toEqual([])
  await ann.request('chats.undelete', { chatId: group.id })
  expect(await searchTexts(bo, 'secret plan')).toEqual(['secret plan'])
})

test('works for a user with very many chats', async () => {
  const { ann, bo } = await makeWorld()
  for (let i = 0; i < 101; i += 1) await ann.createGroup(`Group ${i}`)
  const last = await ann.createGroup('The last', [bo])
  await ann.sendMessage(last.id, 'here it is')
  expect(await searchTexts(ann, 'here')).toEqual(['here it is'])
  expect(await searchTexts(ann, 'after:2020')).toEqual(['here it is'])
  expect(await searchTexts(bo, 'here')).toEqual(['here it is'])
})

test('returns the same over HTTP and the socket', async () => {
  const { ann, eve, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'one boat')
  const live = await ann.connect()
  const { hits } = await live.request('search.messages', { q: 'boat', limit: 1000 })
  expect(hits).toEqual((await ann.request('search.messages', { q: 'boat' })).hits)
  const outside = await eve.connect()
  expect((await outside.request('search.messages', { q: 'boat' })).hits).toEqual([])
})

test('malformed and hostile queries return results or a described error, never an internal error', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'harmless OR AND NOT NEAR text')
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
  expect(await searchTexts(ann, 'near or')).toEqual(['harmless OR AND NOT NEAR text'])
})

test('replaces a search worker that exits and repeats the waiting searches', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'still here')
  expect(await searchTexts(ann, 'still')).toHaveLength(1)
  const responses = [1, 2, 3, 4].map(() => searchTexts(ann, 'still'))
  hub.hub.search.restart()
  expect(await Promise.all(responses)).toEqual([1, 2, 3, 4].map(() => ['still here']))
  hub.hub.search.restart()
  expect(await searchTexts(ann, 'still')).toHaveLength(1)
})

test('a newer search with the same key cancels a waiting one, and the queue is limited for each user', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'boat boats boating')
  const codes = async (work: Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((result) =>
      result.status === 'fulfilled'
        ? 'ok'
        : result.reason instanceof RequestError
          ? result.reason.code
          : 'odd',
    )
  const live = await ann.connect()
  // they arrive together, before the first has ended
  rawSocketOf(live).cork()
  const typed = ['b', 'bo', 'boa', 'boat'].map((q) => live.request('search.messages', { q, key: 'field' }))
  rawSocketOf(live).uncork()
  const responses = await codes(typed)
  expect(responses[0]).toBe('ok')
  expect(responses.at(-1)).toBe('ok')
  const between = responses.slice(1, -1)
  // one may have run in the meantime, if the first was fast
  expect(between).toContain('conflict')
  expect(between.every((code) => code === 'conflict' || code === 'ok')).toBe(true)
  const many = codes(Array.from({ length: 12 }, () => live.request('search.messages', { q: 'boat' })))
  const other = searchTexts(bo, 'boat')
  expect((await many).filter((code) => code === 'rate_limited').length).toBeGreaterThan(0)
  expect(await other).toHaveLength(1)
})

test('the index follows edits, deletions and undeletions, for me and for everyone', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const message = await ann.sendMessage(kitchen.id, 'The walrus sings')
  await ann.request('messages.edit', { messageId: message.id, text: 'The otter sings' })
  expect(await searchTexts(bo, 'walrus')).toEqual([])
  expect(await searchTexts(bo, 'alru')).toEqual([])
  expect(await searchTexts(bo, 'otter')).toEqual(['The otter sings'])
  const second = await ann.sendMessage(kitchen.id, 'A second otter')
  expect(await searchTexts(bo, 'otter')).toEqual(['A second otter', 'The otter sings'])

  await bo.request('messages.delete', { messageId: message.id, for: 'me' })
  expect(await searchTexts(bo, 'otter')).toEqual(['A second otter'])
  expect(await searchTexts(ann, 'otter')).toHaveLength(2)
  await bo.request('messages.undelete', { messageId: message.id })
  expect(await searchTexts(bo, 'otter')).toHaveLength(2)

  await ann.request('messages.delete', { messageId: second.id, for: 'everyone' })
  expect(await searchTexts(bo, 'second')).toEqual([])
  await ann.request('messages.undelete', { messageId: second.id })
  expect(await searchTexts(bo, 'second')).toEqual(['A second otter'])
  await ann.request('messages.delete', { messageId: message.id, for: 'everyone' })
  await ann.request('messages.delete', { messageId: second.id, for: 'everyone' })
  expect(await searchTexts(ann, 'otter')).toEqual([])
  expect(await indexedTerms(hub)).toEqual([])
})

/** The terms in the index of a running hub. */
async function indexedTerms({ hub }: TestHub): Promise<string[]> {
  const query = sql<{ term: string }>`select term from search_term order by term`
  const { rows } = await hub.store.read((db) => query.execute(db))
  return rows.map(({ term }) => term)
}

test('a message edited or deleted before it was indexed leaves no old term in the index', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const edited = await ann.sendMessage(kitchen.id, 'firstversion')
  await ann.request('messages.edit', { messageId: edited.id, text: 'secondversion' })
  const deleted = await ann.sendMessage(kitchen.id, 'neverfound')
  await ann.request('messages.delete', { messageId: deleted.id, for: 'everyone' })
  expect(await searchTexts(ann, 'version')).toEqual(['secondversion'])
  expect(await searchTexts(ann, 'neverfound')).toEqual([])
  expect(await indexedTerms(hub)).toEqual(['secondversion'])
})

test('messages not indexed before a restart are found after it, each once', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  await ann.sendMessage(kitchen.id, 'heron one')
  expect(await searchTexts(ann, 'heron')).toHaveLength(1)
  const waiting = Array.from({ length: 300 }, (_, i) => `heron ${i + 2}`)
  for (const text of waiting.slice(0, 3)) await ann.sendMessage(kitchen.id, text)
  const again = await hub.restart()
  const me = ann.atUrl(again.url)
  expect(await searchTexts(me, 'heron')).toEqual(['heron 4', 'heron 3', 'heron 2', 'heron one'])
  // more than one batch of the index queue
  await Promise.all(waiting.slice(3).map((text) => me.sendMessage(kitchen.id, text)))
  expect(await searchTexts(me, { q: '301' })).toEqual(['heron 301'])
  const table = sql.table(usesPostgres() ? 'search_doc' : 'search_docsize')
  const count = sql<{ count: number }>`select count(*) as count from ${table}`
  expect((await again.hub.store.read((db) => count.execute(db))).rows).toEqual([{ count: 301 }])
})

test('new messages are indexed in the background', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const text of ['lonely', 'crowd']) {
    await ann.sendMessage(kitchen.id, text)
    await expect.poll(() => indexedTerms(hub), { timeout: 10_000 }).toContain(text)
  }
})

test('a message that reuses the row id of a purged one is found normally', async () => {
  const day = 24 * 60 * 60_000
  let now = Date.now()
  const { hub, ann, bo, kitchen } = await makeWorld({ clock: () => now })
  await ann.sendMessage(kitchen.id, 'stays')
  const group = await ann.createGroup('Gone', [bo])
  await ann.sendMessage(group.id, 'the newest of all')
  expect(await searchTexts(ann, 'newest')).toHaveLength(1)
  await ann.request('chats.delete', { chatId: group.id })
  now += 8 * day
  const again = await hub.restart()
  const messages = () => again.hub.store.read((db) => db.selectFrom('message').select('n').execute())
  await expect.poll(messages).toHaveLength(1)
  const me = ann.atUrl(again.url)
  await me.sendMessage(kitchen.id, 'the newest now')
  expect(await searchTexts(me, 'newest')).toEqual(['the newest now'])
})

test('leaving a group removes its messages from my results, and rejoining returns them', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'parsley here')
  await bo.request('chats.leave', { chatId: kitchen.id })
  await ann.sendMessage(kitchen.id, 'parsley gone')
  expect(await searchTexts(bo, 'parsley')).toEqual([])
  await expect(bo.request('search.messages', { q: 'parsley', chatId: kitchen.id })).rejects.toThrow(
    'not_found',
  )
  await ann.request('members.add', { chatId: kitchen.id, userId: bo.id })
  expect(await searchTexts(bo, 'parsley')).toEqual(
    (await bo.request('messages.list', { chatId: kitchen.id })).messages
      .flatMap((message) => (message.deleted === true ? [] : [message.text]))
      .filter((text) => text.startsWith('parsley'))
      .reverse(),
  )
})

test('messages deleted by retention are no longer found, and their terms are gone', async () => {
  const day = 24 * 60 * 60_000
  let now = 1_800_000_000_000
  const { hub, olga, ann, kitchen } = await makeWorld({ clock: () => now })
  await ann.sendMessage(kitchen.id, 'oldsecret soup')
  now += 20 * day
  await ann.sendMessage(kitchen.id, 'fresh soup')
  expect(await searchTexts(ann, 'soup')).toHaveLength(2)
  await olga.request('sessions.reauthenticate', { current: password })
  await olga.request('admin.settings.update', { retentionDays: 10 })
  await hub.hub.jobs.run('messages.expire')
  expect(await searchTexts(ann, 'soup')).toEqual(['fresh soup'])
  expect(await searchTexts(ann, 'oldsecret')).toEqual([])
  expect(await indexedTerms(hub)).toEqual(['fresh', 'soup'])
})

test('combines filters by author, chat, attachment and date, and finds files by name', async () => {
  let now = Date.UTC(2026, 2, 1, 12)
  const { hub, ann, bo, kitchen, direct } = await makeWorld({ clock: () => now })
  const share = async (user: TestUser, chatId: string, text: string, name: string, bytes: Buffer) => {
    const id = await uploadFile(hub.url, user.token, { name, bytes })
    await user.request('messages.send', { chatId, cid: randomUUID(), text, attachments: [id] })
  }
  await share(ann, kitchen.id, 'menu of march', 'menu.txt', Buffer.from('soup'))
  now = Date.UTC(2026, 2, 10, 12)
  await share(bo, kitchen.id, 'menu with a picture', 'Crème-brûlée.png', png(4, 4))
  await share(bo, direct.id, 'menu for you', 'list.txt', Buffer.from('list'))
  now = Date.UTC(2026, 2, 20, 12)
  await bo.sendMessage(kitchen.id, 'menu at https://example.org/menu')
  const wanted: [string, string[]][] = [
    ['menu from:bo in:kitchen has:file', ['menu with a picture']],
    ['from:bo has:file', ['menu for you', 'menu with a picture']],
    ['has:image', ['menu with a picture']],
    ['has:images in:kitchen menu', ['menu with a picture']],
    ['has:file after:2026-03-05 before:2026-03-15 in:bo', ['menu for you']],
    ['from:bo in:kitchen after:2026-03-01 before:2026-03-20', ['menu with a picture']],
    ['from:ann from:bo has:file', ['menu for you', 'menu with a picture', 'menu of march']],
    ['has:file has:link', []],
    ['menu has:link before:2026-03-20', []],
    ['menu has:link on:2026-03-20', ['menu at https://example.org/menu']],
    ['creme', ['menu with a picture']],
    ['BRÛLÉE.png', ['menu with a picture']],
    ['list.txt from:bo', ['menu for you']],
    // a phrase does not continue from the text into a file name
    ['"picture creme"', []],
  ]
  for (const [q, found] of wanted) expect(await searchTexts(ann, q), q).toEqual(found)
  const requested = { q: 'menu', from: bo.id, chatId: kitchen.id, has: 'file' as const }
  expect(
    await searchTexts(ann, { ...requested, after: Date.UTC(2026, 2, 5), before: Date.UTC(2026, 2, 15) }),
  ).toEqual(['menu with a picture'])
  expect(await searchTexts(ann, { ...requested, before: Date.UTC(2026, 2, 5) })).toEqual([])
})

test('a user in many chats finds all their hits among far more messages of others', async () => {
  const { hub, ann, bo, olga } = await makeWorld({ loadTest: true })
  const mine = [
    await ann.createGroup('One'),
    await ann.createGroup('Two'),
    await ann.createGroup('Three'),
    await ann.createGroup('Four', [bo]),
  ]
  for (const chat of mine) await ann.sendMessage(chat.id, `pebble in ${chat.name ?? ''}`)
  const theirs = await olga.createGroup('Elsewhere')
  await Promise.all(Array.from({ length: 1_100 }, (_, i) => olga.sendMessage(theirs.id, `pebble ${i}`)))
  const last = mine[0]?.id ?? ''
  for (let i = 0; i < 250; i += 1) await ann.sendMessage(last, `other ${i}`)
  expect(await searchAllTexts(ann, 'pebble')).toEqual(
    ['Four', 'Three', 'Two', 'One'].map((name) => `pebble in ${name}`),
  )
  expect(await searchAllTexts(bo, 'pebble')).toEqual(['pebble in Four'])
  const first = await ann.request('search.messages', { q: 'pebble', limit: 3 })
  expect(first.hits).toHaveLength(3)
  expect(await searchTexts(ann, { q: 'pebble', limit: 3, before: first.next ?? '' })).toEqual([
    'pebble in One',
  ])
  expect(hub.hub.unlimited).toBe(true)
}, 60_000)

test('keywords of SQLite and JavaScript are plain words in a query', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const said = ['__proto__ constructor', 'NEAR NOT', 'scope body', '"quoted" * text', '👩‍🚀 launch', 'ﷺ ½ ①']
  for (const text of said) await ann.sendMessage(kitchen.id, text)
  const wanted: [string, string[]][] = [
    ['__proto__', ['__proto__ constructor']],
    ['constructor', ['__proto__ constructor']],
    ['NEAR', ['NEAR NOT']],
    ['near not', ['NEAR NOT']],
    ['scope', ['scope body']],
    ['scope:body', ['scope body']],
    ['"quoted', ['"quoted" * text']],
    ['text *', ['"quoted" * text']],
    ['launch 👩‍🚀', ['👩‍🚀 launch']],
  ]
  for (const [q, found] of wanted) expect(await searchTexts(ann, q), q).toEqual(found)
  const unbalanced = [
    '"near',
    'near"',
    '("near" OR',
    '{near} : x"',
    'near*"*',
    '"near" NEAR/2 "not"',
    `near' or 1=1`,
  ]
  for (const q of unbalanced) {
    const { status } = await rawRequest(hub.url, ann.token, 'search.messages', { q })
    expect(status, q).toBe(200)
  }
  for (const q of ['x'.repeat(16 * 1024), '👩‍🚀'.repeat(2_000), '"'.repeat(16 * 1024)]) {
    expect((await rawRequest(hub.url, ann.token, 'search.messages', { q })).status).toBe(413)
  }
  for (const q of [{ __proto__: 1 }, ['near'], 7, null, true]) {
    const live = await ann.connect()
    await expect(live.request('search.messages', { q } as never), JSON.stringify(q)).rejects.toThrow(
      'invalid',
    )
  }
})

test('leaves out what follows a minus: words, phrases, authors, chats, files', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const boats = await ann.createGroup('Boats', [bo])
  await ann.sendMessage(kitchen.id, 'Tomato soup with bread')
  await bo.sendMessage(kitchen.id, 'Onion soup, no bread today')
  await ann.sendMessage(boats.id, 'Soup on board 🎉')
  await ann.sendMessage(boats.id, 'see https://soup.example.org')
  const all = [
    ...['see https://soup.example.org', 'Soup on board 🎉'],
    ...['Onion soup, no bread today', 'Tomato soup with bread'],
  ]
  const wanted: [string, string[]][] = [
    ['soup -bread', ['see https://soup.example.org', 'Soup on board 🎉']],
    ['soup -BRE', ['see https://soup.example.org', 'Soup on board 🎉']],
    ['soup -read', ['see https://soup.example.org', 'Soup on board 🎉']],
    ['soup －bread −board', ['see https://soup.example.org']],
    ['soup -bread -🎉', ['see https://soup.example.org']],
    ['-bread soup -has:link', ['Soup on board 🎉']],
    [
      'soup -"with bread"',
      ['see https://soup.example.org', 'Soup on board 🎉', 'Onion soup, no bread today'],
    ],
    ['soup -“no bread” -in:boats', ['Tomato soup with bread']],
    ['soup -from:bo -in:Boats', ['Tomato soup with bread']],
    ['soup -from: bo -in:Boats', ['Tomato soup with bread']],
    ['soup -from:ann', ['Onion soup, no bread today']],
    ['in:Boats -soup', []],
    ['after:2020-01-01 -bread', ['see https://soup.example.org', 'Soup on board 🎉']],
    ['soup -!', all],
    // a dash within a word, with a space behind it, or twice leaves nothing out
    ['soup - bread', ['Onion soup, no bread today', 'Tomato soup with bread']],
    ['soup --bread', ['Onion soup, no bread today', 'Tomato soup with bread']],
    ['soup -', all],
    ['-', []],
  ]
  for (const [q, texts] of wanted) expect(await searchTexts(ann, q), q).toEqual(texts)
  const live = await ann.connect()
  const { hits } = await live.request('search.messages', { q: 'soup -bread -has:link' })
  expect(hits.map(({ message }) => message.text)).toEqual(['Soup on board 🎉'])
  for (const q of ['-bread', '-from:bo', '-is:pinned']) {
    await expect(ann.request('search.messages', { q }), q).rejects.toThrow(
      'Enter a search term besides those to leave out.',
    )
  }
  await expect(ann.request('search.messages', { q: 'soup -before:2026' })).rejects.toThrow(
    'Days cannot be left out.',
  )
})

test('leaves out words of other scripts', async () => {
  const { ann, kitchen } = await makeWorld()
  for (const text of ['東京の天気', '京都の天気', 'قارب جديد', 'قارب قديم', 'Лодка и вёсла', 'лодка'])
    await ann.sendMessage(kitchen.id, text)
  const wanted: [string, string[]][] = [
    ['天気 -東京', ['京都の天気']],
    ['天気 -東', ['京都の天気']],
    ['東京 OR 京都 -"京都"', ['東京の天気']],
    ['قارب -قديم', ['قارب جديد']],
    ['جديد OR قديم', ['قارب قديم', 'قارب جديد']],
    ['جديد ＯＲ قديم', ['قارب قديم', 'قارب جديد']],
    ['лодка -весла', ['лодка']],
  ]
  for (const [q, texts] of wanted) expect(await searchTexts(ann, q), q).toEqual(texts)
})

test('a part of very many words is left out of all of them', async () => {
  const { ann, kitchen } = await makeWorld({ loadTest: true })
  // more longer words than a query asks the index for
  const words = Array.from({ length: 320 }, (_, i) => `a${'x'.repeat(1 + (i % 20))}ing${i}`)
  for (let at = 0; at < words.length; at += 80) {
    await ann.sendMessage(kitchen.id, `boat ${words.slice(at, at + 80).join(' ')}`)
  }
  await ann.sendMessage(kitchen.id, `boat a${'x'.repeat(40)}ing`)
  await ann.sendMessage(kitchen.id, 'boat alone')
  expect(await searchTexts(ann, 'boat -ing')).toEqual(['boat alone'])
})

test('OR finds either of two terms, and is a word where a query begins with it', async () => {
  const { ann, kitchen } = await makeWorld()
  for (const text of ['apple pie', 'pear pie', 'plum cake', 'pie or cake'])
    await ann.sendMessage(kitchen.id, text)
  const wanted: [string, string[]][] = [
    ['apple OR pear', ['pear pie', 'apple pie']],
    ['apple OR pear OR plum', ['plum cake', 'pear pie', 'apple pie']],
    ['pie apple OR pear', ['pear pie', 'apple pie']],
    ['apple OR "plum cake"', ['plum cake', 'apple pie']],
    ['apple OR pear -pear', ['apple pie']],
    ['pie -apple OR pear', ['pear pie']],
    ['apple OR from:ann pie', ['apple pie']],
    ['in:kitchen OR cake', ['pie or cake', 'plum cake']],
    ['pie or cake', ['pie or cake']],
    ['pie "OR" cake', ['pie or cake']],
    ['OR', ['pie or cake']],
    ['OR cake', ['pie or cake']],
    ['apple OR', ['apple pie']],
    ['apple OR OR pear', ['pear pie', 'apple pie']],
    ['cake OR !!!', ['pie or cake', 'plum cake']],
    ['!!! OR cake', ['pie or cake', 'plum cake']],
  ]
  for (const [q, texts] of wanted) expect(await searchTexts(ann, q), q).toEqual(texts)
  const { hits } = await ann.request('search.messages', { q: 'apple OR cake -plum' })
  const marked = hits.map(({ message, highlights }) =>
    highlights.map(({ start, end }) => message.text.slice(start, end)),
  )
  expect(marked).toEqual([['cake'], ['apple']])
})

test('is:pinned, is:thread and mentions:me find pinned messages, threads and what mentions the user', async () => {
  const { hub, ann, bo, eve, olga, kitchen } = await makeWorld()
  await olga.request('admin.settings.update', { registration: 'open' })
  await TestUser.register(hub.url, { username: 'bo.lin' })
  await bo.request('me.update', { settings: { keywords: ['oven'] } })
  const plain = await ann.sendMessage(kitchen.id, 'one plain')
  const pinned = await ann.sendMessage(kitchen.id, 'two pinned')
  await ann.request('pins.add', { messageId: pinned.id })
  const parent = await ann.sendMessage(kitchen.id, 'three with a thread')
  const call = await ann.request('messages.send', {
    ...{ chatId: kitchen.id, thread: parent.id, cid: randomUUID(), text: 'four calls @bo' },
  })
  await bo.request('threads.read', { messageId: parent.id, no: call.message.no })
  await ann.sendMessage(kitchen.id, 'five calls @bo')
  await ann.sendMessage(kitchen.id, 'six calls @everyone')
  await bo.sendMessage(kitchen.id, 'seven: I am @bo, bo')
  await bo.sendMessage(kitchen.id, 'eight bo')
  await ann.sendMessage(kitchen.id, 'nine is @bo.lin’s `@bo`, bo')
  await ann.sendMessage(kitchen.id, 'ten: the oven of bo')
  const wanted: [string, string[]][] = [
    ['is:pinned', ['two pinned']],
    ['is:pinned plain', []],
    ['pinned -is:pinned', []],
    ['is:thread', ['four calls @bo', 'three with a thread']],
    ['is:threads calls', ['four calls @bo']],
    ['mentions:me', ['six calls @everyone', 'five calls @bo', 'four calls @bo']],
    ['mentions: me calls -everyone', ['five calls @bo', 'four calls @bo']],
    ['mentions:@me -is:thread', ['six calls @everyone', 'five calls @bo']],
    ['mentions:me is:thread', ['four calls @bo']],
    [
      'bo -mentions:me',
      ['ten: the oven of bo', 'nine is @bo.lin’s `@bo`, bo', 'eight bo', 'seven: I am @bo, bo'],
    ],
    ['in:Kitchen -is:thread -calls -bo', ['two pinned', 'one plain']],
    ['is:pinned -is:pinned', []],
    // text, as in logs and sentences
    ['is: plain', []],
    ['"is:pinned"', []],
  ]
  for (const [q, texts] of wanted) expect(await searchTexts(bo, q), q).toEqual(texts)
  expect(await searchTexts(ann, 'mentions:me')).toEqual([])
  // nothing of a chat that the user is not in
  expect(await searchTexts(eve, 'is:pinned')).toEqual([])
  expect(await searchTexts(eve, 'is:thread')).toEqual([])
  for (const [q, text] of [
    ['-is:open plain', '“is:” must be followed by pinned or thread.'],
    ['is:unread', '“is:” must be followed by pinned or thread.'],
    ['-mentions:ann plain', '“mentions:” must be followed by me.'],
  ] as const) {
    await expect(bo.request('search.messages', { q }), q).rejects.toThrow(text)
  }
  const [hit] = (await bo.request('search.messages', { q: 'mentions:me is:thread' })).hits
  expect(hit?.highlights).toEqual([{ start: 12, end: 14 }])
  await ann.request('pins.remove', { messageId: pinned.id })
  expect(await searchTexts(bo, 'is:pinned')).toEqual([])
  expect(plain.no).toBe(1)
})

test('pages of a search with conditions hold all matches, each once', async () => {
  const { ann, bo, kitchen } = await makeWorld({ loadTest: true })
  for (let no = 0; no < 60; no += 1) await ann.sendMessage(kitchen.id, no % 3 ? `bo ${no}` : `@bo ${no}`)
  const found: string[] = []
  let before: string | undefined
  do {
    const input = { q: 'mentions:me', limit: 7, ...(before === undefined ? {} : { before }) }
    const { hits, next } = await bo.request('search.messages', input)
    found.push(...hits.map(({ message }) => message.text))
    before = next
  } while (before !== undefined)
  expect(found).toEqual(Array.from({ length: 20 }, (_, i) => `@bo ${57 - i * 3}`))
})

test('hostile text behind a minus, OR and the new filters reaches no syntax of the index', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  await ann.sendMessage(kitchen.id, 'harmless text')
  const parts = [
    ...['"', '")', '" OR body:x', "'", '*', 'NEAR(', 'body:', '{a}', '^', '(', '-', 'NOT', 'AND', '\0'],
    ...['\ud800', "\\'", '!', '|', '&', '<->', ':*'],
  ]
  for (const part of parts) {
    for (const q of [
      `text -${part}`,
      `text -"${part}`,
      `text OR ${part}`,
      `-${part} OR text`,
      `is:${part}`,
      `mentions:${part} text`,
      `text -is:${part}`,
      `text -in:${part}`,
    ]) {
      const { status, body } = await rawRequest(hub.url, ann.token, 'search.messages', { q })
      expect([200, 400], `${JSON.stringify(q)}: ${JSON.stringify(body)}`).toContain(status)
    }
  }
  expect(await searchTexts(ann, 'harmless')).toEqual(['harmless text'])
})
