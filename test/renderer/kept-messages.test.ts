import { expect, test } from 'vitest'
import type { Hub } from '../../renderer/state/hub.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { me, type FakeHub } from './support/fake-hub.ts'
import { verifySync } from './support/verify-sync.ts'

const dayMs = 24 * 60 * 60_000

async function openAlone(browser = new FakeBrowser()) {
  const { hub } = browser
  const chatId = hub.addChat('direct', ['u-ann', me])
  hub.standing = { safety: 'alone', held: 10 }
  const page = await browser.openConnectedTab()
  return { browser, hub, page, chatId, conversation: await open(page, chatId) }
}

async function open(page: Hub, chatId: string) {
  const conversation = page.conversation(chatId)
  conversation.show()
  await waitUntil(() => conversation.status.value === 'ready', 'messages')
  return conversation
}

async function reconnect(browser: FakeBrowser, page: Hub): Promise<void> {
  await browser.clock.advance(2_000)
  await waitUntilLive(page)
  await settle()
}

async function send(hub: FakeHub, conversation: Awaited<ReturnType<typeof open>>, text: string) {
  const before = hub.messages(conversation.chatId).length
  conversation.send(text)
  await waitUntil(() => hub.messages(conversation.chatId).length > before, 'the hub')
  await settle()
}

const texts = (hub: FakeHub, chatId: string) =>
  hub.messages(chatId).map((message) => ('text' in message ? message.text : 'deleted'))

test('what only one computer had is sent again to a hub that has lost it, once and in order', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  for (const text of ['one', 'two', 'three']) await send(hub, conversation, text)
  hub.restore(before)
  expect(texts(hub, chatId)).toEqual([])
  conversation.send('four')
  await reconnect(browser, page)
  await waitUntil(() => hub.messages(chatId).length === 4, 'all of them')
  expect(texts(hub, chatId)).toEqual(['one', 'two', 'three', 'four'])
  expect(conversation.items.value.map(({ text, pending }) => [text, pending])).toEqual(
    ['one', 'two', 'three', 'four'].map((text) => [text, undefined]),
  )
  verifySync(page, hub, [conversation])
})

test('kept messages are shown once, as sent, and survive a reload', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  await send(hub, conversation, 'kept')
  expect(conversation.items.value.map(({ text, pending }) => [text, pending])).toEqual([['kept', undefined]])
  await page.close()
  const again = await browser.openConnectedTab()
  const reopened = await open(again, chatId)
  expect(reopened.items.value.map(({ text }) => text)).toEqual(['kept'])
  await again.close()

  hub.restore(before)
  const last = await browser.openConnectedTab()
  await waitUntil(() => hub.messages(chatId).length === 1, 'the hub has it again')
  await settle()
  expect((await open(last, chatId)).items.value.map(({ text }) => text)).toEqual(['kept'])
})

test('safe of the same epoch ends it, up to its number', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  await send(hub, conversation, 'safe')
  hub.standing.held = 20
  await send(hub, conversation, 'not yet')
  hub.broadcast({ t: 'safe', upTo: 15 })
  await settle()
  hub.restore(before)
  await reconnect(browser, page)
  await waitUntil(() => hub.messages(chatId).length === 1, 'the younger one')
  await settle()
  expect(texts(hub, chatId)).toEqual(['not yet'])
})

test('a safe that follows the state ends what an earlier page kept', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  await send(hub, conversation, 'meanwhile safe')
  await page.close()
  hub.isDelivering = false
  const again = browser.openTab()
  await again.start()
  await settle()
  hub.standing = { safety: 'together' }
  hub.isDelivering = true
  for (const socket of hub.sockets) socket.deliver()
  await waitUntilLive(again)
  hub.broadcast({ t: 'safe', upTo: 10 })
  await settle()
  hub.restore(before)
  await reconnect(browser, again)
  expect(texts(hub, chatId)).toEqual([])
})

test('a hub that still has the message gets no second one', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  await send(hub, conversation, 'in the backup')
  hub.restore(hub.backup())
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual(['in the backup'])
  await settle()
  verifySync(page, hub, [conversation])
})

test('an edit and a deletion count for what is kept', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  await send(hub, conversation, 'first wording')
  await send(hub, conversation, 'regretted')
  hub.editMessage(chatId, 1, 'second wording')
  hub.deleteMessage(chatId, 2)
  await settle()
  hub.restore(before)
  await reconnect(browser, page)
  await waitUntil(() => hub.messages(chatId).length === 1, 'the edited one')
  await settle()
  expect(texts(hub, chatId)).toEqual(['second wording'])
})

test('an edited message that the hub still has in its first wording stays one message', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  await send(hub, conversation, 'first wording')
  const before = hub.backup()
  hub.editMessage(chatId, 1, 'second wording')
  await settle()
  hub.refusals.push({ name: 'messages.send', code: 'conflict' })
  hub.restore(before)
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual(['first wording'])
  expect(conversation.items.value.map(({ text, pending }) => [text, pending])).toEqual([
    ['first wording', undefined],
  ])
})

test('a reply to a lost message is sent without the quote', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  const lost = hub.sendMessage(chatId, 'u-ann', 'lost')
  await settle()
  conversation.send('a reply', { id: lost.id, no: 1, author: 'u-ann', text: 'lost' })
  await waitUntil(() => hub.messages(chatId).length === 2, 'the reply')
  await settle()
  hub.refusals.push({ name: 'messages.send', code: 'not_found' })
  hub.restore(before)
  await reconnect(browser, page)
  await waitUntil(() => hub.messages(chatId).length === 1, 'the reply')
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'a reply' })
  expect(hub.messages(chatId)[0]).not.toHaveProperty('replyTo')
})

test('an entry whose response is lost is kept too, while the hub is alone', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  hub.lostResponses.push('messages.send')
  await send(hub, conversation, 'no response')
  hub.restore(before)
  await reconnect(browser, page)
  await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
  expect(texts(hub, chatId)).toEqual(['no response'])
})

test('the response that was lost is asked for on the next connection, and may say that all is safe', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  hub.lostResponses.push('messages.send')
  await send(hub, conversation, 'no response')
  hub.standing = { safety: 'together' }
  hub.disconnect(1006)
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual(['no response'])
  hub.restore(before)
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual([])
})

test('after seven days, and in a chat that the user has left, nothing is sent again', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const other = hub.addChat('group', ['u-ann', me])
  await settle()
  const before = hub.backup()
  await send(hub, conversation, 'long ago')
  await send(hub, await open(page, other), 'left')
  hub.leave(other, me)
  await settle()
  await page.close()
  await browser.clock.advance(8 * dayMs)
  hub.restore(before)
  await browser.openConnectedTab()
  await settle()
  expect([texts(hub, chatId), texts(hub, other)]).toEqual([[], []])
})

test('a tab that another one left behind sends what that one kept', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  const second = await browser.openConnectedTab()
  await send(hub, conversation, 'of the first tab')
  await page.close()
  hub.restore(before)
  await reconnect(browser, second)
  await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
  expect(texts(hub, chatId)).toEqual(['of the first tab'])
})

test('two tabs send a kept message once', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  const second = await browser.openConnectedTab()
  await send(hub, conversation, 'once')
  hub.restore(before)
  await reconnect(browser, page)
  await reconnect(browser, second)
  await settle()
  expect(texts(hub, chatId)).toEqual(['once'])
})

test('a hub without standbys keeps nothing', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  hub.standing = {}
  const before = hub.backup()
  await send(hub, conversation, 'as ever')
  hub.restore(before)
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual([])
})

test('after seven days a kept message of an open page is not sent again either', async () => {
  const { browser, hub, page, chatId, conversation } = await openAlone()
  const before = hub.backup()
  await send(hub, conversation, 'old')
  await browser.clock.advance(8 * dayMs)
  hub.restore(before)
  await reconnect(browser, page)
  expect(texts(hub, chatId)).toEqual([])
})
