import { expect, test } from 'vitest'
import type { Hub } from '../../renderer/state/hub.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

async function openWithMessage() {
  const browser = new FakeBrowser()
  const { hub } = browser
  const chatId = hub.addChat('direct', ['u-ann', me])
  const { id, rev } = hub.sendMessage(chatId, me, 'soop')
  const page = await browser.openConnectedTab()
  const conversation = await openConversation(page, chatId)
  const save = (text: string) => page.edits.save({ id, rev, text, chatId, draftKey: chatId })
  return { browser, hub, page, chatId, id, conversation, save }
}

async function openConversation(page: Hub, chatId: string) {
  const conversation = page.conversation(chatId)
  conversation.show()
  await waitUntil(() => conversation.status.value === 'ready', 'messages')
  return conversation
}

test('an edit shows at once and is sent after an earlier one that is in flight', async () => {
  const { hub, page, chatId, conversation, save } = await openWithMessage()
  const both = [save('soup'), save('Soup')]
  expect(conversation.items.value[0]).toMatchObject({ text: 'Soup', editing: 'sending' })
  await Promise.all(both)
  await waitUntil(() => page.edits.all.value.size === 0, 'the answer')
  await settle()
  expect(conversation.items.value[0]).toMatchObject({ text: 'Soup' })
  expect(conversation.items.value[0]?.editing).toBeUndefined()
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'Soup' })
  verifySync(page, hub, [conversation])
})

test('an edit saved offline is marked as waiting and is sent after a restart without an open conversation', async () => {
  const { browser, hub, page, chatId, conversation, save } = await openWithMessage()
  hub.isUp = false
  hub.disconnect(1006)
  await settle()
  await save('soup')
  expect(conversation.items.value[0]).toMatchObject({ text: 'soup', editing: 'waiting' })
  await page.close()
  const again = browser.openTab()
  await again.start()
  const offline = again.conversation(chatId)
  expect(offline.items.value[0]).toMatchObject({ text: 'soup', editing: 'waiting' })
  await again.close()
  const third = browser.openTab()
  await third.start()
  hub.isUp = true
  await browser.clock.advance(20_000)
  await waitUntilLive(third)
  await waitUntil(() => third.edits.all.value.size === 0, 'the answer')
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'soup' })
  // it is removed from storage: the next start does not load it
  await third.close()
  const fourth = await browser.openConnectedTab()
  expect(fourth.edits.all.value.size).toBe(0)
})

test('an edit of a tab that was closed is sent by another one, and an edit of two tabs once', async () => {
  const { browser, hub, page, chatId, id, save } = await openWithMessage()
  const other = await browser.openConnectedTab()
  await save('soap')
  await waitUntil(() => page.edits.all.value.size + other.edits.all.value.size === 0, 'the answer')
  expect(hub.requests.filter(({ name }) => name === 'messages.edit')).toHaveLength(1)
  hub.isUp = false
  hub.disconnect(1006)
  await settle()
  await page.edits.save({ id, rev: undefined, text: 'soup', chatId, draftKey: chatId })
  await page.close()
  await settle()
  expect(other.edits.all.value.size).toBe(1)
  hub.isUp = true
  other.retryNow()
  await waitUntilLive(other)
  await waitUntil(() => other.edits.all.value.size === 0, 'the answer')
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'soup' })
  await other.close()
})

test('an edit is sent after reconnecting, and again after the hub was busy', async () => {
  const { browser, hub, page, chatId, conversation, save } = await openWithMessage()
  hub.isUp = false
  hub.disconnect(1006)
  await settle()
  await save('soup')
  hub.refusals.push({ name: 'messages.edit', code: 'busy', retryAfter: 1 })
  hub.isUp = true
  await browser.clock.advance(20_000)
  await waitUntil(() => page.edits.all.value.size === 0, 'the answer')
  await settle()
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'soup' })
  verifySync(page, hub, [conversation])
})

test('a rejected edit returns to its composer with the reason, and saving it again sends it', async () => {
  const { hub, page, chatId, id, conversation, save } = await openWithMessage()
  hub.editMessage(chatId, 1, 'stew')
  await waitUntil(() => conversation.items.value[0]?.text === 'stew', 'the entry')
  page.editDrafts.set(chatId, { id: 'm-other', rev: 1, text: 'something else' })
  await save('soup')
  await waitUntil(() => page.edits.all.value.get(id)?.isPaused === true, 'the refusal')
  // the composer holds another edit, which must not be replaced
  expect(page.editDrafts.get(chatId)?.text).toBe('something else')
  page.editDrafts.set(chatId, undefined)
  page.edits.drain()
  await waitUntil(() => page.editDrafts.get(chatId) !== undefined, 'the edit')
  const back = page.editDrafts.get(chatId)
  expect(back).toMatchObject({ id, text: 'soup', problem: 'This message was edited meanwhile.' })
  expect(conversation.items.value[0]?.text).toBe('stew')
  await page.edits.save({ id, rev: back?.rev, text: 'soup', chatId, draftKey: chatId })
  await waitUntil(() => page.edits.all.value.size === 0, 'the answer')
  expect(hub.messages(chatId)[0]).toMatchObject({ text: 'soup' })
})
