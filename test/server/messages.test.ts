import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { rawRequest, errorCodeOf, type TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

test('a message is returned to every member of the chat with its number', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  const message = await ann.sendMessage(kitchen.id, 'Soup is ready')
  expect(message).toMatchObject({ no: 1, text: 'Soup is ready', author: ann.id, chatId: kitchen.id })
  expect(message.rev).toBe(message.seq)
  const entry = await live.nextEntry('message.sent')
  expect(entry).toMatchObject({ stream: `chat:${kitchen.id}`, seq: message.seq, by: ann.id, message })
  const { messages } = await bo.request('messages.list', { chatId: kitchen.id })
  expect(messages).toEqual([message])
})

test('returns the first result when the same cid is sent again', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const input = { chatId: kitchen.id, cid: randomUUID(), text: 'once' }
  const first = await rawRequest(hub.url, ann.token, 'messages.send', input)
  const again = await rawRequest(hub.url, ann.token, 'messages.send', input)
  const upper = await rawRequest(hub.url, ann.token, 'messages.send', {
    ...input,
    cid: input.cid.toUpperCase(),
  })
  expect([first.status, again.status, upper.status]).toEqual([201, 200, 200])
  expect(again.body).toEqual(first.body)
  expect((await ann.request('messages.list', { chatId: kitchen.id })).messages).toHaveLength(1)
})

test('twenty concurrent sends with one cid create one message', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  const cid = randomUUID()
  const responses = await Promise.all(
    Array.from({ length: 20 }, () =>
      live.request('messages.send', { chatId: kitchen.id, cid, text: 'once' }),
    ),
  )
  expect(new Set(responses.map(({ message }) => message.id)).size).toBe(1)
  expect((await ann.request('messages.list', { chatId: kitchen.id })).messages).toHaveLength(1)
})

test('the same cid with another text, chat or reply is a conflict', async () => {
  const { ann, kitchen, direct } = await makeWorld()
  const cid = randomUUID()
  const first = await ann.sendMessage(kitchen.id, 'one', cid)
  const rejected = { code: 'conflict' }
  await expect(ann.sendMessage(kitchen.id, 'two', cid)).rejects.toMatchObject(rejected)
  await expect(ann.sendMessage(direct.id, 'one', cid)).rejects.toMatchObject(rejected)
  await expect(
    ann.request('messages.send', { chatId: kitchen.id, cid, text: 'one', replyTo: first.id }),
  ).rejects.toMatchObject(rejected)
})

test('two users can use the same cid', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const cid = randomUUID()
  const a = await ann.sendMessage(kitchen.id, 'mine', cid)
  const b = await bo.sendMessage(kitchen.id, 'mine', cid)
  expect(a.id).not.toBe(b.id)
})

test('text is stored as sent in every script', async () => {
  const { ann, kitchen } = await makeWorld()
  const texts = [
    '  spaces kept  ',
    'a\n\tb',
    '👩‍👩‍👧‍👦🏳️‍🌈',
    'مرحبا',
    '日本語',
    'e\u0301 é',
    '<b>&amp;</b>',
    '__proto__',
    "'; drop table--",
  ]
  for (const text of texts) expect((await ann.sendMessage(kitchen.id, text)).text).toBe(text)
  const { messages } = await ann.request('messages.list', { chatId: kitchen.id })
  expect(messages.map((message) => 'text' in message && message.text)).toEqual(texts)
})

test('a text of 16 KiB of UTF-8 is accepted and one byte more is rejected', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  const fits = 'é'.repeat(8 * 1024)
  for (const transport of [ann, live]) {
    const send = (text: string) =>
      transport.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text })
    expect((await send(fits)).message).toMatchObject({ text: fits })
    await expect(send(`${fits}a`)).rejects.toMatchObject({ code: 'too_large' })
    await expect(send('"'.repeat(16 * 1024))).resolves.toBeDefined()
  }
})

test.each([
  ['empty', ''],
  ['only white space', ' \n\t '],
  ['only invisible characters', '\u200b\u2060\ufeff'],
  ['a control character', 'a\u0000b'],
  ['a backspace', 'a\bb'],
  ['only a terminal colour', '\u001b[31m\r\n\u001b[0m'],
  ['half an emoji', 'a\ud83d'],
])('rejects a message text: %s', async (_what, text) => {
  const { ann, kitchen } = await makeWorld()
  await expect(ann.sendMessage(kitchen.id, text)).rejects.toMatchObject({
    code: 'invalid',
    error: { field: 'text' },
  })
  const { chat } = await ann.request('chats.get', { chatId: kitchen.id })
  expect(chat.lastNo).toBe(0)
})

test('line breaks of any system and terminal codes are cleaned, not refused', async () => {
  const { ann, kitchen } = await makeWorld()
  const live = await ann.connect()
  const texts: [string, string][] = [
    ['line 1\r\nline 2\r\n\r\nline 4', 'line 1\nline 2\n\nline 4'],
    ['10%\r20%\rdone', '10%\n20%\ndone'],
    ['\u001b[1;31mFAIL\u001b[0m test \u001b[38;5;208morange\u001b[m', 'FAIL test orange'],
    ['\u001b[2K\u001b[1Gdone\u001b[?25h', 'done'],
    ['\u009b31mred\u009b0m', 'red'],
    ['\u001b]8;;https://example.org\u001b\\docs\u001b]8;;\u0007', 'docs'],
    ['\u001b]0;title\u0007ready\u001b(B\u001b7\u001b8\u001bM', 'ready'],
    ['cut off \u001b[', 'cut off '],
    ['cut off \u001b', 'cut off '],
    // without its escape it is text
    ['array[31m] and 0;1m', 'array[31m] and 0;1m'],
    ['زبان\u200cها \u001b[32m👩\u200d💻', 'زبان\u200cها 👩\u200d💻'],
  ]
  for (const transport of [ann, live]) {
    for (const [sent, stored] of texts) {
      const input = { chatId: kitchen.id, cid: randomUUID(), text: sent }
      const { message } = await transport.request('messages.send', input)
      expect(message).toMatchObject({ text: stored })
      // a retry is the same message
      expect((await transport.request('messages.send', input)).message.id).toBe(message.id)
      const { message: edited } = await transport.request('messages.edit', {
        messageId: message.id,
        text: `${sent}!`,
      })
      if (!sent.includes('cut off')) expect(edited).toMatchObject({ text: `${stored}!` })
    }
  }
  // the limit is that of what is stored
  const coloured = `${'\u001b[31mx'.repeat(16 * 1024)}`
  expect((await ann.sendMessage(kitchen.id, coloured)).text).toBe('x'.repeat(16 * 1024))
})

test('history is paged by number in both directions and around a message', async () => {
  const { ann, kitchen } = await makeWorld({ loadTest: true })
  for (let i = 1; i <= 120; i += 1) await ann.sendMessage(kitchen.id, `message ${i}`)
  const page = async (input: { before?: number; after?: number; around?: number; limit?: number }) => {
    const response = await ann.request('messages.list', { chatId: kitchen.id, ...input })
    return {
      nos: response.messages.map((message) => message.no),
      more: response.more,
      moreAfter: response.moreAfter,
    }
  }
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
  expect(await page({})).toEqual({ nos: range(71, 120), more: true, moreAfter: undefined })
  expect(await page({ limit: 5000 })).toEqual({ nos: range(21, 120), more: true, moreAfter: undefined })
  expect(await page({ before: 21 })).toEqual({ nos: range(1, 20), more: false, moreAfter: undefined })
  expect(await page({ before: 1 })).toEqual({ nos: [], more: false, moreAfter: undefined })
  expect(await page({ after: 100, limit: 10 })).toEqual({
    nos: range(101, 110),
    more: true,
    moreAfter: undefined,
  })
  expect(await page({ after: 110, limit: 10 })).toEqual({
    nos: range(111, 120),
    more: false,
    moreAfter: undefined,
  })
  expect(await page({ around: 60, limit: 10 })).toEqual({ nos: range(55, 64), more: true, moreAfter: true })
  expect(await page({ around: 2, limit: 10 })).toEqual({ nos: range(1, 10), more: false, moreAfter: true })
  expect(await page({ around: 120, limit: 10 })).toEqual({
    nos: range(115, 120),
    more: true,
    moreAfter: false,
  })
  await expect(page({ before: 5, after: 1 })).rejects.toMatchObject({ code: 'invalid' })
  await expect(page({ limit: 0 })).rejects.toMatchObject({ code: 'invalid' })
  await expect(page({ before: -1 })).rejects.toMatchObject({ code: 'invalid' })
})

test('a reply quotes its message, which must be in the same chat', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  const question = await ann.sendMessage(kitchen.id, 'Who cooks?')
  const { message } = await bo.request('messages.send', {
    chatId: kitchen.id,
    cid: randomUUID(),
    text: 'I do',
    replyTo: question.id,
  })
  expect(message).toMatchObject({ replyTo: { id: question.id, no: 1, author: ann.id, text: 'Who cooks?' } })
  const elsewhere = { chatId: direct.id, cid: randomUUID(), text: 'hm', replyTo: question.id }
  await expect(ann.request('messages.send', elsewhere)).rejects.toMatchObject({ code: 'not_found' })
})

test('unread counts the messages of others above my read number; sending raises that number and nothing lowers it', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const seen = async (user: typeof ann) => {
    const { chat } = await user.request('chats.get', { chatId: kitchen.id })
    return [chat.unread, chat.readNo, chat.lastNo]
  }
  await ann.sendMessage(kitchen.id, '1')
  await ann.sendMessage(kitchen.id, '2')
  expect(await seen(ann)).toEqual([0, 2, 2])
  expect(await seen(bo)).toEqual([2, 0, 2])
  expect(await bo.request('chats.read', { chatId: kitchen.id, no: 1 })).toEqual({ readNo: 1 })
  expect(await seen(bo)).toEqual([1, 1, 2])
  expect(await bo.request('chats.read', { chatId: kitchen.id, no: 0 })).toEqual({ readNo: 1 })
  expect(await bo.request('chats.read', { chatId: kitchen.id, no: 999 })).toEqual({ readNo: 2 })
  await ann.sendMessage(kitchen.id, '3')
  await bo.sendMessage(kitchen.id, '4')
  expect(await seen(bo)).toEqual([0, 4, 4])
  expect(await seen(ann)).toEqual([1, 3, 4])
})

test('chats.readAll returns the chats whose read number changed', async () => {
  const { ann, bo, kitchen, direct } = await makeWorld()
  await ann.sendMessage(kitchen.id, '1')
  await bo.sendMessage(direct.id, '1')
  expect(await bo.request('chats.readAll', {})).toEqual({ chats: [{ id: kitchen.id, readNo: 1 }] })
  expect(await bo.request('chats.readAll', {})).toEqual({ chats: [] })
  const { chats } = await bo.request('chats.list', {})
  expect(chats.map((chat) => chat.unread)).toEqual([0, 0])
})

test('messages.receipts returns who has received and who has read a message', async () => {
  const clock = { now: Date.now() }
  const { ann, bo, kitchen } = await makeWorld({ clock: () => clock.now })
  const message = await ann.sendMessage(kitchen.id, 'hello')
  const status = () => ann.request('messages.status', { messageId: message.id })
  expect(await status()).toEqual({ deliveredTo: [], readBy: [], times: [] })
  const live = await bo.connect()
  const annsLive = await ann.connect()
  live.send({ t: 'delivered', chat: kitchen.id, no: 1 })
  expect(await annsLive.next((message) => message.t === 'delivered')).toEqual({
    t: 'delivered',
    chat: kitchen.id,
    user: bo.id,
    no: 1,
  })
  const deliveredAt = clock.now
  expect(await status()).toEqual({
    ...{ deliveredTo: [bo.id], readBy: [] },
    times: [{ userId: bo.id, deliveredAt }],
  })
  clock.now += 60_000
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  expect(await annsLive.next((message) => message.t === 'read')).toEqual({
    t: 'read',
    chat: kitchen.id,
    user: bo.id,
    no: 1,
  })
  const both = { deliveredTo: [bo.id], readBy: [bo.id] }
  expect(await status()).toEqual({ ...both, times: [{ userId: bo.id, deliveredAt, readAt: clock.now }] })
  // the same again later changes no time
  const readAt = clock.now
  clock.now += 60_000
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  expect(await status()).toEqual({ ...both, times: [{ userId: bo.id, deliveredAt, readAt }] })
  // once a later message is read the time of the earlier one is unknown, and that of the later one is its own
  const later = await ann.sendMessage(kitchen.id, 'again')
  await bo.request('chats.readAll', {})
  expect(await status()).toEqual({ ...both, times: [] })
  expect(await ann.request('messages.status', { messageId: later.id })).toEqual({
    ...both,
    times: [{ userId: bo.id, deliveredAt: clock.now, readAt: clock.now }],
  })
})

test('messages.status tells no times of members who hide when they were last seen, nor to them', async () => {
  const { ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const message = await ann.sendMessage(kitchen.id, 'hello')
  for (const user of [bo, eve]) await user.request('chats.read', { chatId: kitchen.id, no: message.no })
  const timedUsers = async (asker: typeof ann) => {
    const { times } = await asker.request('messages.status', { messageId: message.id })
    return times.map(({ userId }) => userId).sort()
  }
  expect(await timedUsers(ann)).toEqual([bo.id, eve.id].sort())
  await bo.request('me.update', { settings: { hideLastSeen: true } })
  expect(await timedUsers(ann)).toEqual([eve.id])
  expect(await timedUsers(bo)).toEqual([bo.id])
  expect(await timedUsers(eve)).toEqual([eve.id])
})

test('my read number reaches my other windows at once', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'hello')
  const [one, other] = await Promise.all([bo.connect(), bo.connect()])
  await one?.request('chats.read', { chatId: kitchen.id, no: 1 })
  expect(await other?.next((message) => message.t === 'read')).toMatchObject({ user: bo.id, no: 1 })
})

test('a mention counts for the named user in any case and is cleared by reading', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'mail bo@example.org')
  await ann.sendMessage(kitchen.id, 'lunch, @BO?')
  await ann.sendMessage(kitchen.id, '@eve is not here')
  const mentions = async () => (await bo.request('chats.get', { chatId: kitchen.id })).chat.mentions
  expect(await mentions()).toBe(1)
  await bo.request('chats.readAll', {})
  expect(await mentions()).toBe(0)
})

test('a name inside code is not a mention', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  for (const text of ['`@bo`', '```\n@bo @everyone\n```', 'https://example.org/@bo'])
    await ann.sendMessage(kitchen.id, text)
  const { chat } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(chat).toMatchObject({ unread: 3, mentions: 0 })
  await ann.sendMessage(kitchen.id, '**@bo** and > @everyone')
  expect((await bo.request('chats.get', { chatId: kitchen.id })).chat.mentions).toBe(1)
})

test.for([
  ["@bob's plan", ['bob']],
  ['请@bob看一下', ['bob']],
  ['@bobさん ＠bo', ['bo', 'bob']],
  ['@bob.smith’s', ['bob.smith']],
  ['@bob.jones', ['bob']],
  // the longest name is that of a user who is no member: a shorter one was not meant
  ["@eve.smith's", []],
  ['mail@bob.example and @bobby', []],
  ["@everyone's and @bob", ['bo', 'bob', 'bob.smith', 'eve']],
] as const)('%j counts for the members with the longest names', async ([text, names]) => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  const [bob, smith] = [await hub.registerUser('bob'), await hub.registerUser('bob.smith')]
  await hub.registerUser('eve.smith')
  for (const user of [bob, smith, eve]) {
    await ann.request('members.add', { chatId: kitchen.id, userId: user.id })
  }
  const live = await ann.connect()
  await live.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text })
  const all = { bo, bob, 'bob.smith': smith, eve }
  const counts = await Promise.all(
    Object.entries(all).map(async ([name, user]) => {
      const { chat } = await user.request('chats.get', { chatId: kitchen.id })
      return chat.mentions === 1 ? [name] : []
    }),
  )
  expect(counts.flat()).toEqual(names)
})

test('@everyone mentions all other members and @here those online, over HTTP and the socket', async () => {
  const { hub, ann, bo, eve, kitchen, direct } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const mentions = async (user: typeof bo, chatId = kitchen.id) =>
    (await user.request('chats.get', { chatId })).chat.mentions
  const live = await bo.connect()
  await hub.whenPresenceTold()
  await ann.sendMessage(kitchen.id, 'dinner, @Here!')
  expect([await mentions(bo), await mentions(eve), await mentions(ann)]).toEqual([1, 0, 0])
  await live.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: '@everyone @here' })
  expect([await mentions(bo), await mentions(eve), await mentions(ann)]).toEqual([0, 1, 1])
  // in a direct chat a broadcast mention has no effect
  await ann.sendMessage(direct.id, '@everyone')
  expect(await mentions(bo, direct.id)).toBe(0)
})

test('in a larger group only the owner and admins can use broadcast mentions', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld({ loadTest: true })
  const names = Array.from({ length: 11 }, (_, at) => `guest${at}`)
  const guests = await Promise.all(names.map((name) => hub.registerUser(name)))
  for (const guest of [eve, ...guests]) {
    await ann.request('members.add', { chatId: kitchen.id, userId: guest.id })
  }
  const mentions = async (user: typeof bo) =>
    (await user.request('chats.get', { chatId: kitchen.id })).chat.mentions
  await bo.sendMessage(kitchen.id, '@everyone, cake')
  expect(await mentions(eve)).toBe(0)
  await ann.sendMessage(kitchen.id, '@everyone, cake')
  expect(await mentions(eve)).toBe(1)
  await ann.request('members.update', { chatId: kitchen.id, userId: bo.id, role: 'admin' })
  await bo.sendMessage(kitchen.id, '@everyone, more cake')
  expect(await mentions(eve)).toBe(2)
})

test('a username equal to a broadcast mention is rejected', async () => {
  const { hub } = await makeWorld()
  for (const name of ['everyone', 'Here']) {
    await expect(hub.registerUser(name)).rejects.toMatchObject({ code: 'invalid' })
  }
})

test('messages survive a restart', async () => {
  const world = await makeWorld()
  const { ann, bo, kitchen } = world
  const sent = await ann.sendMessage(kitchen.id, 'before')
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  const hub = await world.hub.restart()
  const { messages } = await bo.atUrl(hub.url).request('messages.list', { chatId: kitchen.id })
  expect(messages).toEqual([sent])
  const again = await ann
    .atUrl(hub.url)
    .request('messages.send', { chatId: kitchen.id, cid: sent.cid, text: 'before' })
  expect(again.message).toEqual(sent)
  const live = await bo.atUrl(hub.url).connect()
  expect(live.state?.chats.find((chat) => chat.id === kitchen.id)).toMatchObject({
    readNo: 1,
    unread: 0,
    lastNo: 1,
  })
})

// bug 1 of the original app
test('a message reaches every socket of every member once and is stored as one row', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const onlookers = await Promise.all([ann, ann, bo, bo, bo].map((user) => user.connect()))
  const message = await ann.sendMessage(kitchen.id, 'once')
  for (const live of onlookers) {
    await live.settle()
    expect(live.entries.filter((entry) => entry.type === 'message.sent')).toHaveLength(1)
  }
  const rows = await hub.hub.store.read((db) => db.selectFrom('message').select(['id', 'no']).execute())
  expect(rows).toEqual([{ id: message.id, no: 1 }])
})

// bug 7 of the original app
test('a message has its author in the entry and in the summary of the chat', async () => {
  const { ann, bo, kitchen } = await makeWorld()
  const live = await bo.connect()
  await ann.sendMessage(kitchen.id, 'who am I?')
  expect(await live.nextEntry('message.sent')).toMatchObject({ by: ann.id, message: { author: ann.id } })
  const { chat, members } = await bo.request('chats.get', { chatId: kitchen.id })
  expect(chat.lastMessage?.author).toBe(ann.id)
  expect(members.find(({ userId }) => userId === ann.id)?.user.displayName).toBe('ann')
})

// bug 8 of the original app
test('a message goes to its chatId only, and any other property in the input is rejected', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const live = await bo.connect()
  for (const extra of [{ room_name: direct.id }, { chat: direct.id }, { stream: `chat:${direct.id}` }]) {
    const input = { chatId: kitchen.id, cid: randomUUID(), text: 'here', ...extra }
    const { status } = await rawRequest(hub.url, ann.token, 'messages.send', input)
    expect(status).toBe(400)
    expect(await errorCodeOf(live.requestAny('messages.send', input))).toBe('invalid')
  }
  const message = await ann.sendMessage(kitchen.id, 'here')
  expect(await live.nextEntry('message.sent')).toMatchObject({ stream: `chat:${kitchen.id}`, message })
  expect((await bo.request('messages.list', { chatId: direct.id })).messages).toEqual([])
})

test('the days of a month with messages lead to the first message of each, in the zone that the request names', async () => {
  let now = Date.UTC(2026, 3, 30, 12)
  const { ann, bo, eve, kitchen } = await makeWorld({ clock: () => now })
  const days = (user: TestUser, month: string, zone = 'UTC') =>
    user.request('messages.days', { chatId: kitchen.id, month, zone })
  expect(await days(ann, '2026-05')).toEqual({ days: [] })
  for (const [at, count] of [
    [Date.UTC(2026, 3, 30, 23, 30), 2],
    [Date.UTC(2026, 4, 3, 12), 3],
    [Date.UTC(2026, 4, 31, 23, 30), 1],
    [Date.UTC(2026, 5, 2), 1],
  ] as const) {
    now = at
    for (let sent = 0; sent < count; sent += 1) await ann.sendMessage(kitchen.id, `at ${at}`)
    // sessions of others stay in use
    await Promise.all([bo, eve].map((user) => user.request('me.get', {})))
  }
  const may = {
    days: [
      { day: '2026-05-03', no: 3 },
      { day: '2026-05-31', no: 6 },
    ],
    before: 2,
    after: 7,
  }
  expect(await days(bo, '2026-05')).toEqual(may)
  const live = await bo.connect()
  expect(await live.request('messages.days', { chatId: kitchen.id, month: '2026-05', zone: 'UTC' })).toEqual(
    may,
  )
  // an hour to the east, both nights are the next day
  expect(await days(bo, '2026-05', 'Europe/Vienna')).toEqual({
    days: [
      { day: '2026-05-01', no: 1 },
      { day: '2026-05-03', no: 3 },
    ],
    after: 6,
  })
  expect(await days(bo, '2026-06')).toEqual({ days: [{ day: '2026-06-02', no: 7 }], before: 6 })
  expect(await days(bo, '2030-01')).toEqual({ days: [], before: 7 })
  expect(await days(bo, '0001-01')).toEqual({ days: [], after: 1 })
  await expect(days(eve, '2026-05')).rejects.toThrow('not_found')
  await expect(days(bo, '2026-13')).rejects.toThrow('invalid')
  await expect(days(bo, '2026-05', 'Moon/Sea')).rejects.toThrow('does not know the time zone “Moon/Sea”')
})
