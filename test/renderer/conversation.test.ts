import { describe, expect, test } from 'vitest'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

async function openChat(messages: number, members = ['u-ann', me, 'u-bob']) {
  const browser = new FakeBrowser()
  const { hub } = browser
  const chatId = hub.addChat(members.length === 2 ? 'direct' : 'group', members)
  for (let i = 1; i <= messages; i += 1) hub.sendMessage(chatId, 'u-ann', `message ${i}`)
  const page = await browser.openConnectedTab()
  const conversation = page.conversation(chatId)
  conversation.show()
  await waitUntil(() => conversation.status.value === 'ready' && conversation.members.ready.value, 'the chat')
  return { browser, hub, page, chatId, conversation }
}

describe('history', () => {
  test('starts with the newest page and loads older pages up to the first message', async () => {
    const { hub, page, conversation } = await openChat(120)
    expect(conversation.items.value.map((item) => item.no)).toEqual(
      Array.from({ length: 50 }, (_, i) => 71 + i),
    )
    expect(conversation.hasOlder.value).toBe(true)
    const both = [conversation.loadOlder(), conversation.loadOlder()]
    expect(conversation.loadingOlder.value).toBe(true)
    await Promise.all(both)
    expect(conversation.items.value).toHaveLength(100)
    await conversation.loadOlder()
    expect(conversation.items.value[0]?.no).toBe(1)
    expect(conversation.hasOlder.value).toBe(false)
    verifySync(page, hub, [conversation])
  })

  test('keeps at most 500 messages in memory while the user scrolls', async () => {
    const { hub, page, chatId, conversation } = await openChat(900)
    while (conversation.hasOlder.value) await conversation.loadOlder()
    expect(conversation.items.value).toHaveLength(500)
    expect(conversation.hasNewer.value).toBe(true)
    hub.sendMessage(chatId, 'u-bob', 'unseen down there')
    await settle()
    expect(conversation.items.value.at(-1)?.no).toBe(500)
    expect(page.chats.get(chatId)?.lastNo).toBe(901)
    while (conversation.hasNewer.value) await conversation.loadNewer()
    expect(conversation.items.value.at(-1)?.text).toBe('unseen down there')
    expect(conversation.items.value.length).toBeLessThanOrEqual(500)
    expect(conversation.hasOlder.value).toBe(true)
    verifySync(page, hub, [conversation])
  })

  test('jumpTo shows the messages around one, and sending returns to the end', async () => {
    const { hub, page, chatId, conversation } = await openChat(300)
    await conversation.jumpTo(100)
    expect(conversation.items.value.map((item) => item.no)).toContain(100)
    expect([conversation.hasOlder.value, conversation.hasNewer.value]).toEqual([true, true])
    hub.sendMessage(chatId, 'u-bob', 'elsewhere')
    hub.editMessage(chatId, 100, 'seen here')
    await settle()
    expect(conversation.items.value.find((item) => item.no === 100)?.text).toBe('seen here')
    expect(conversation.items.value.map((item) => item.text)).not.toContain('elsewhere')
    conversation.send('back again')
    expect(conversation.hasNewer.value).toBe(false)
    await settle()
    expect(conversation.items.value.slice(-2).map((item) => item.text)).toEqual(['elsewhere', 'back again'])
    verifySync(page, hub, [conversation])
  })

  test('a hidden conversation opens at its end again', async () => {
    const { hub, page, conversation } = await openChat(300)
    await conversation.jumpTo(10)
    conversation.hide()
    expect(conversation.hasNewer.value).toBe(false)
    expect(conversation.items.value.at(-1)?.no).toBe(300)
    verifySync(page, hub, [conversation])
  })
})

describe('unread messages', () => {
  test('the divider stays at the first unread message until the user sends one', async () => {
    const { page, conversation } = await openChat(3)
    expect(conversation.firstUnreadNo.value).toBe(1)
    conversation.markRead()
    expect(page.chats.unread.value).toBe(0)
    expect(conversation.firstUnreadNo.value).toBe(1)
    conversation.send('answer')
    expect(conversation.firstUnreadNo.value).toBeUndefined()
  })

  test('are marked as read only while the window has attention', async () => {
    const { browser, hub, page, chatId, conversation } = await openChat(1)
    conversation.markRead()
    await settle()
    expect(hub.summary(chatId).unread).toBe(0)
    browser.setAttention({ visible: true, focused: false })
    expect(conversation.firstUnreadNo.value).toBeUndefined()
    hub.sendMessage(chatId, 'u-bob', 'are you there?')
    await settle()
    conversation.markRead()
    await settle()
    expect(hub.summary(chatId).unread).toBe(1)
    expect(conversation.firstUnreadNo.value).toBe(2)
    browser.setAttention({ visible: true, focused: true })
    conversation.markRead()
    await settle()
    expect(hub.summary(chatId).unread).toBe(0)
    verifySync(page, hub, [conversation])
  })

  test('messages read while offline are marked as read after reconnecting', async () => {
    const { browser, hub, page, chatId, conversation } = await openChat(3)
    hub.isUp = false
    hub.disconnect(1006)
    conversation.markRead()
    expect(page.chats.get(chatId)?.unread).toBe(0)
    hub.isUp = true
    await browser.clock.advance(5_000)
    await waitUntilLive(page)
    await settle()
    expect(hub.summary(chatId).unread).toBe(0)
    verifySync(page, hub, [conversation])
  })

  test('messages read in another window are read here too', async () => {
    const { hub, page, chatId, conversation } = await openChat(5)
    hub.markRead(chatId, me, 3)
    await settle()
    expect(page.chats.get(chatId)).toMatchObject({ readNo: 3, unread: 2 })
    hub.deleteMessage(chatId, 5)
    await settle()
    expect(page.chats.get(chatId)?.unread).toBe(1)
    await page.chats.readAll()
    expect(page.chats.unread.value).toBe(0)
    verifySync(page, hub, [conversation])
  })

  test('delivery is reported at most once a second', async () => {
    const { browser, hub, chatId } = await openChat(0)
    for (let i = 0; i < 5; i += 1) hub.sendMessage(chatId, 'u-ann', 'x')
    await settle()
    await browser.clock.advance(1_000)
    expect(hub.hints.filter((hint) => hint.t === 'delivered')).toEqual([
      { t: 'delivered', chat: chatId, no: 5 },
    ])
  })
})

describe('the state of a message', () => {
  test('in a direct chat is sent, delivered or read, as for the other user', async () => {
    const { hub, chatId, conversation } = await openChat(0, ['u-ann', me])
    conversation.send('hi')
    const state = () => conversation.items.value.map((item) => conversation.stateOf(item))
    expect(state()).toEqual(['sending'])
    await settle()
    expect(state()).toEqual(['sent'])
    hub.markDelivered(chatId, 'u-ann', 1)
    await settle()
    expect(state()).toEqual(['delivered'])
    hub.markRead(chatId, 'u-ann', 1)
    await settle()
    expect(state()).toEqual(['read'])
    hub.sendMessage(chatId, 'u-ann', 'hi back')
    await settle()
    expect(state()).toEqual(['read', undefined])
  })

  test('in a group says how many have it: delivered with the first, read when all have read', async () => {
    const { hub, chatId, conversation } = await openChat(0)
    conversation.send('hi all')
    await settle()
    const state = () => {
      const item = conversation.items.value[0]
      return item && [conversation.stateOf(item), conversation.receiptsOf(item)]
    }
    expect(state()).toEqual(['sent', { total: 2, delivered: 0, read: 0 }])
    hub.markRead(chatId, 'u-ann', 1)
    await settle()
    expect(state()).toEqual(['delivered', { total: 2, delivered: 1, read: 1 }])
    hub.markDelivered(chatId, 'u-bob', 1)
    await settle()
    expect(state()).toEqual(['delivered', { total: 2, delivered: 2, read: 1 }])
    // Sending marks earlier messages as read.
    hub.sendMessage(chatId, 'u-bob', 'hi')
    await settle()
    expect(state()).toEqual(['read', { total: 2, delivered: 2, read: 2 }])
  })
})

describe('presence and typing', () => {
  test('typing ends after 6 s or with the message, and is sent every 3 s', async () => {
    const { browser, hub, chatId, conversation } = await openChat(0)
    hub.broadcast({ t: 'typing', chat: chatId, user: 'u-ann' })
    hub.broadcast({ t: 'typing', chat: chatId, user: 'u-bob' })
    await settle()
    expect(conversation.typing.value).toEqual(['u-ann', 'u-bob'])
    hub.sendMessage(chatId, 'u-ann', 'done')
    await settle()
    expect(conversation.typing.value).toEqual(['u-bob'])
    await browser.clock.advance(6_000)
    expect(conversation.typing.value).toEqual([])

    const told = () => hub.hints.filter((hint) => hint.t === 'typing').length
    for (let key = 0; key < 5; key += 1) conversation.notifyTyping()
    await settle()
    expect(told()).toBe(1)
    await browser.clock.advance(3_000)
    conversation.notifyTyping()
    await settle()
    expect(told()).toBe(2)
  })

  test('a window is idle after 5 minutes without input and while it is hidden', async () => {
    const { browser, hub } = await openChat(0)
    const told = () => hub.hints.flatMap((hint) => (hint.t === 'presence' ? [hint.state] : []))
    await browser.clock.advance(299_000)
    browser.fireActivity()
    await browser.clock.advance(299_000)
    expect(told()).toEqual([])
    await browser.clock.advance(1_000)
    expect(told()).toEqual(['idle'])
    browser.fireActivity()
    browser.setAttention({ visible: false, focused: false })
    await settle()
    expect(told()).toEqual(['idle', 'active', 'idle'])
    hub.disconnect(1006)
    await browser.clock.advance(1_000)
    await settle()
    expect(told()).toEqual(['idle', 'active', 'idle', 'idle'])
  })

  test('the presence of others is known only while connected', async () => {
    const { browser, hub, page } = await openChat(0)
    hub.broadcast({ t: 'presence', user: 'u-ann', state: 'active' })
    hub.broadcast({ t: 'presence', user: 'u-bob', state: 'offline', lastSeen: 7 })
    await settle()
    expect([page.presence.of('u-ann'), page.presence.of('u-bob')]).toEqual(['active', 'offline'])
    expect(page.presence.lastSeen('u-bob')).toBe(7)
    hub.isUp = false
    hub.disconnect(1006)
    expect(page.presence.of('u-ann')).toBe('offline')
    hub.presence.set('u-bob', 'idle')
    hub.isUp = true
    await browser.clock.advance(5_000)
    await waitUntilLive(page)
    expect([page.presence.of('u-ann'), page.presence.of('u-bob')]).toEqual(['offline', 'idle'])
  })
})

test('the chat list filters by a part of the name in any case', async () => {
  const { hub, page } = await openChat(0)
  hub.addChat('group', ['u-ann', me], { name: 'Straße' })
  hub.addChat('direct', ['u-bob', me])
  await settle()
  page.chats.filter.value = 'STRASSE'
  expect(page.chats.filtered.value.map((chat) => page.chats.nameOf(chat))).toEqual(['Straße'])
  page.chats.filter.value = 'bo'
  expect(page.chats.filtered.value.map((chat) => page.chats.nameOf(chat))).toEqual(['BOB'])
})
