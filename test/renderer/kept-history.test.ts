import { describe, expect, test } from 'vitest'
import type { Message } from '../../shared/contract/messages.ts'
import { KeptSearch } from '../../renderer/state/kept-search.ts'
import { RecentMessages, type RecentChat } from '../../renderer/state/recent-messages.ts'
import { type ManualClock, settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

async function advanceUntil(clock: ManualClock, condition: () => boolean): Promise<void> {
  for (let round = 0; round < 600 && !condition(); round += 1) await clock.advance(50)
  expect(condition()).toBe(true)
}

/** A hub with chats whose last messages are ever later, and a page that has just connected. */
async function openWithChats(count: number) {
  const browser = new FakeBrowser()
  const { hub, clock } = browser
  const chatIds: string[] = []
  for (let n = 0; n < count; n += 1) {
    const chatId = hub.addChat('group', ['u-ann', me, 'u-bob'], { name: `Room ${n}` })
    chatIds.push(chatId)
    await clock.advance(1000)
    hub.sendMessage(chatId, 'u-ann', `first of ${n}`)
  }
  const page = await browser.openConnectedTab()
  return { browser, hub, clock, chatIds, page }
}

const listedChats = (hub: FakeBrowser['hub']): unknown[] =>
  hub.requests.filter(({ name }) => name === 'messages.list').map(({ input }) => input['chatId'])

describe('the history of every chat', () => {
  test('is fetched after the first sync, the newest first, one chat at a time, and opens without the hub', async () => {
    const { browser, hub, clock, chatIds, page } = await openWithChats(30)
    await settle()
    expect(listedChats(hub)).toEqual([])
    await advanceUntil(clock, () => page.keptChatCount === 30)
    expect(listedChats(hub)).toEqual(chatIds.toReversed())
    browser.fireHide()
    await settle()
    hub.isUp = false
    hub.disconnect(1006)
    const next = browser.openTab()
    await next.start()
    const conversation = next.conversation(String(chatIds[3]))
    conversation.show()
    expect(conversation.items.value.map(({ text }) => text)).toEqual(['first of 3'])
  })

  test('is not fetched again after a reconnect, and what was missed is read once', async () => {
    const { hub, clock, chatIds, page } = await openWithChats(30)
    await advanceUntil(clock, () => page.keptChatCount === 30)
    const before = listedChats(hub).length
    hub.isUp = false
    hub.disconnect(1006)
    for (const chatId of chatIds) hub.sendMessage(chatId, 'u-bob', 'while you were away')
    hub.isUp = true
    await advanceUntil(clock, () => page.connectionState.value === 'live')
    await advanceUntil(clock, () =>
      chatIds.every((chatId) => page.conversation(chatId).items.value.length === 2),
    )
    await settle()
    expect(listedChats(hub)).toHaveLength(before)
    const conversation = page.conversation(String(chatIds[0]))
    verifySync(page, hub, [conversation])
  })

  test('has what happened while a page was on its way', async () => {
    const browser = new FakeBrowser()
    const { hub, clock } = browser
    const chatId = hub.addChat('group', ['u-ann', me], { name: 'Kitchen' })
    hub.sendMessage(chatId, 'u-ann', 'one')
    hub.sendMessage(chatId, 'u-ann', 'two')
    hub.sendMessage(chatId, 'u-ann', 'three')
    const page = await browser.openConnectedTab()
    hub.isDelivering = false
    await advanceUntil(clock, () => listedChats(hub).length === 1)
    hub.editMessage(chatId, 1, 'one, edited')
    hub.deleteMessage(chatId, 2)
    hub.sendMessage(chatId, 'u-ann', 'four')
    hub.isDelivering = true
    // The page was read before all of it, and arrives after it.
    for (const socket of hub.sockets)
      socket.deliver((frame) => frame.toSorted((a, b) => Number(a.t === 'ok') - Number(b.t === 'ok')))
    await waitUntil(() => page.keptChatCount === 1, 'history')
    hub.isUp = false
    hub.disconnect(1006)
    const conversation = page.conversation(chatId)
    expect(conversation.items.value.map(({ text, deleted }) => (deleted ? 'deleted' : text))).toEqual([
      'one, edited',
      'deleted',
      'three',
      'four',
    ])
  })

  test('leaves out chats that the hub refuses, and goes on with the next', async () => {
    const { hub, clock, page } = await openWithChats(4)
    hub.refusals.push({ name: 'messages.list', code: 'not_found' })
    hub.refusals.push({ name: 'messages.list', code: 'busy', retryAfter: 1 })
    await advanceUntil(clock, () => page.keptChatCount === 3)
    expect(listedChats(hub).length).toBeLessThan(6)
  })
})

const message = (no: number, text: string, more: Partial<Message> = {}): Message => ({
  ...{ id: `m${no}-${text.length}-${more.at ?? no}`, chatId: 'c1', no, seq: no, rev: no, cid: `c${no}` },
  ...{ author: 'u-ann', text, at: no, attachments: [], reactions: [], ...more },
})

describe('the budget of what is kept', () => {
  test('drops the chats that were used the longest ago, and never the one that was just read', () => {
    const removed: string[] = []
    let now = 1000
    const cache = { put: (_: string, key: string, value: unknown) => void (value ?? removed.push(key)) }
    const kept = new RecentMessages(cache, () => now++, { tails: new Map(), threads: new Map() })
    const page = Array.from({ length: 100 }, (_, n) => message(n + 1, 'text'))
    for (let n = 0; n < 300; n += 1) kept.begin(`c${n}`, page, false, 1, n)
    expect([kept.size, kept.isFull]).toEqual([250, true])
    expect(removed.slice(0, 2)).toEqual(['c0', 'c1'])
    kept.begin('old', page, false, 1, 0)
    expect(kept.get('old')).toBeDefined()
    kept.drop('old')
    expect(kept.isFull).toBe(false)
    for (let n = 0; n < 600; n += 1) kept.begin(`small${n}`, page.slice(0, 1), false, 1)
    expect(kept.size).toBe(500)
  })
})

describe('searching what is kept', () => {
  const chat = (messages: Message[]): RecentChat => ({ messages, fromStart: true, cursor: 1, usedAt: 1 })
  const search = (texts: string[]) =>
    new KeptSearch({ chats: () => [['c1', chat(texts.map((text, n) => message(n + 1, text)))]] })
  const find = (texts: string[], query: string) =>
    search(texts)
      .find({ text: query, chips: [] })
      ?.map((hit) => hit.message.text)

  test.each([
    ['Groesse', ['die GRÖSSE', 'Groesse'], ['Groesse']],
    ['größe', ['die GRÖSSE', 'nichts'], ['die GRÖSSE']],
    ['boat tide', ['the tide and the boats', 'the tide'], ['the tide and the boats']],
    ['"the tide"', ['the tides', 'at the tide.'], ['at the tide.']],
    ['“the tide”', ['the tides', 'at the tide.'], ['at the tide.']],
    ['is', ['this', 'island', 'is'], ['is', 'island']],
    ['京', ['東京都', '大阪'], ['東京都']],
    ['سلام', ['السلام عليكم', 'أهلا'], ['السلام عليكم']],
    ['ΣΊΣΥΦΟΣ', ['ο Σίσυφος', 'άλλο'], ['ο Σίσυφος']],
    ['нет', ['Интернет', 'да'], ['Интернет']],
    ['voice-2024', ['invoice-2024.pdf'], ['invoice-2024.pdf']],
    ['soup -tomato', ['tomato soup', 'onion soup'], ['onion soup']],
    ['tide OR soup -onion', ['tide', 'tomato soup', 'onion soup'], ['tomato soup', 'tide']],
    ['tide or soup', ['tide', 'tide or soup'], ['tide or soup']],
    ['قارب -قديم', ['قارب جديد', 'قارب قديم'], ['قارب جديد']],
    ['東 OR 京 -大', ['東の大', '東京', '大阪'], ['東京']],
  ])('%s is found as on the hub', (query, texts, expected) => {
    expect(find(texts, query)).toEqual(expected)
  })

  test('what only the hub can tell is left to it', () => {
    const queries = ['', '   ', '!!', '-tide', '-', 'is:pinned', 'mentions:me tide', 'tide -from:ann']
    for (const query of [...queries, 'from:ann', 'tide in:kitchen', 'before:yesterday x'])
      expect(find(['from:ann tide'], query)).toBeUndefined()
  })

  test('filters apply, deleted messages are left out, and the newest of all chats come first', () => {
    const picture = { id: 'f1', name: 'a.png', type: 'image/png', size: 1 }
    const kept = new KeptSearch({
      chats: () => [
        [
          'c1',
          chat([message(1, 'tide one', { at: 10 }), message(2, 'tide two', { at: 30, author: 'u-bob' })]),
        ],
        ['c2', chat([message(1, 'tide three', { at: 20, attachments: [picture] })])],
        ['c3', chat([{ id: 'm9', no: 9, seq: 9, rev: 9, deleted: true } as never])],
      ],
    })
    const texts = (query: string, ...chips: Parameters<KeptSearch['find']>[0]['chips']) =>
      kept.find({ text: query, chips })?.map((hit) => hit.message.text)
    expect(texts('tide')).toEqual(['tide two', 'tide three', 'tide one'])
    expect(texts('tide', { kind: 'in', chatId: 'c2' })).toEqual(['tide three'])
    expect(texts('', { kind: 'from', userId: 'u-bob' })).toEqual(['tide two'])
    expect(texts('', { kind: 'has', has: 'image' })).toEqual(['tide three'])
    expect(texts('tide', { kind: 'before', typed: 'x', at: 20 })).toEqual(['tide one'])
    expect(texts('tide', { kind: 'after', typed: 'x', at: 20 })).toEqual(['tide two', 'tide three'])
  })

  test('of many hits the newest are shown, with the places of the words', () => {
    const texts = Array.from({ length: 1000 }, (_, n) => `the tide ${n}`)
    const hits = search(texts).find({ text: 'tide', chips: [] })
    expect(hits?.map((hit) => hit.message.text)).toEqual(texts.slice(-30).toReversed())
    expect(hits?.[0]?.highlights).toEqual([{ start: 4, end: 8 }])
  })
})
