import { describe, expect, test } from 'vitest'
import { effect } from '../../renderer/signals/signal.ts'
import type { Hub } from '../../renderer/state/hub.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

async function openWithChat(browser = new FakeBrowser()) {
  const { hub } = browser
  const [first] = hub.chats.keys()
  const chatId = first ?? hub.addChat('direct', ['u-ann', me])
  const page = await browser.openConnectedTab()
  const conversation = await openConversation(page, chatId)
  return { browser, hub, page, chatId, conversation }
}

async function openConversation(page: Hub, chatId: string) {
  const conversation = page.conversation(chatId)
  conversation.show()
  await waitUntil(() => conversation.status.value === 'ready', 'messages')
  return conversation
}

const texts = (items: readonly { text: string }[]) => items.map((item) => item.text)

test('a message shows at once and is replaced by its entry in place without flicker', async () => {
  const { hub, page, conversation } = await openWithChat()
  const seen: string[] = []
  const stop = effect(() => {
    const list = conversation.items.value.map((item) => `${item.key} ${item.pending ?? 'there'}`)
    seen.push(list.join(', '))
  })
  conversation.setDraft('hello')
  conversation.send('hello')
  const cid = conversation.items.value[0]?.cid
  expect(conversation.items.value[0]).toMatchObject({
    text: 'hello',
    pending: 'sending',
    isMine: true,
    key: cid,
  })
  expect(conversation.draft.value).toBe('')
  await waitUntil(() => conversation.items.value[0]?.id !== undefined, 'the entry')
  await settle()
  stop()
  const steps = seen.filter((step, at) => step !== seen[at - 1])
  expect(steps).toEqual(['', `${cid} sending`, `${cid} there`])
  verifySync(page, hub, [conversation])
})

test('the response and the entry of a message can arrive in either order', async () => {
  const { hub, page, conversation } = await openWithChat()
  await settle()
  for (const last of ['ok', 'entry']) {
    hub.isDelivering = false
    conversation.send(`${last} last`)
    const [socket] = hub.sockets
    await waitUntil(() => socket?.queued.length === 2, 'answer and entry')
    const count = conversation.items.value.length
    const waiting = socket?.queued.map((message) => message.t)
    expect(waiting?.sort()).toEqual(['entry', 'ok'])
    socket?.deliver((messages) => {
      socket.queued = messages.filter((message) => message.t === last)
      return messages.filter((message) => message.t !== last)
    })
    socket?.deliver()
    await settle()
    expect(conversation.items.value).toHaveLength(count)
    expect(conversation.items.value.at(-1)?.pending).toBeUndefined()
    hub.isDelivering = true
  }
  verifySync(page, hub, [conversation])
})

test('messages written offline survive the page and are sent once, in order', async () => {
  const { browser, hub, page, chatId, conversation } = await openWithChat()
  hub.isUp = false
  hub.disconnect(1006)
  for (const text of ['one', 'two', 'three']) conversation.send(text)
  await settle()
  expect(conversation.items.value.map((item) => item.pending)).toEqual(['sending', 'sending', 'sending'])
  // The window closes without waiting for anything to be saved.
  void page.close()
  await settle()

  const again = browser.openTab()
  await again.start()
  const reopened = again.conversation(chatId)
  reopened.show()
  expect(texts(reopened.items.value)).toEqual(['one', 'two', 'three'])
  hub.isUp = true
  hub.sendMessage(chatId, 'u-ann', 'meanwhile')
  browser.fireWake()
  await browser.clock.advance(60_000)
  await waitUntilLive(again)
  await waitUntil(() => reopened.items.value.every((item) => item.id !== undefined), 'everything sent')
  expect(texts(hub.messages(chatId) as { text: string }[])).toEqual(['meanwhile', 'one', 'two', 'three'])
  await settle()
  verifySync(again, hub, [reopened])
})

test('a message whose response was lost is sent again with the same cid and exists once', async () => {
  const { browser, hub, page, chatId, conversation } = await openWithChat()
  hub.lostResponses.push('messages.send')
  conversation.send('only once')
  await waitUntil(() => hub.messages(chatId).length === 1, 'the hub has it')
  for (const socket of hub.sockets) socket.queued = []
  hub.disconnect(1006)
  await browser.clock.advance(1000)
  await waitUntilLive(page)
  await settle()
  const sends = hub.requests.filter(({ name }) => name === 'messages.send')
  expect(new Set(sends.map(({ input }) => input['cid'])).size).toBe(1)
  expect(texts(conversation.items.value)).toEqual(['only once'])
  expect(conversation.items.value[0]?.pending).toBeUndefined()
  verifySync(page, hub, [conversation])
})

describe('a rejected message', () => {
  test('fails with the reason, lets later ones go and can be retried or discarded', async () => {
    const { hub, conversation, page } = await openWithChat()
    hub.refusals.push(
      { name: 'messages.send', code: 'forbidden' },
      { name: 'messages.send', code: 'too_large' },
    )
    conversation.send('no')
    conversation.send('neither')
    conversation.send('yes')
    await waitUntil(() => conversation.items.value[0]?.text === 'yes', 'the last one')
    await settle()
    expect(conversation.items.value.map(({ text, pending, reason }) => [text, pending, reason])).toEqual([
      ['yes', undefined, undefined],
      ['no', 'failed', 'refused: forbidden'],
      ['neither', 'failed', 'refused: too_large'],
    ])
    const [, no, neither] = conversation.items.value
    expect(no && conversation.stateOf(no)).toBe('failed')
    conversation.discard(neither?.cid ?? '')
    conversation.retry(no?.cid ?? '')
    await waitUntil(() => conversation.items.value[1]?.id !== undefined, 'the second try')
    expect(texts(conversation.items.value)).toEqual(['yes', 'no'])
    await settle()
    verifySync(page, hub, [conversation])
  })

  test('waits for the retryAfter of the hub and is not overtaken', async () => {
    const { browser, hub, conversation, chatId } = await openWithChat()
    hub.refusals.push({ name: 'messages.send', code: 'rate_limited', retryAfter: 3 })
    conversation.send('first')
    conversation.send('second')
    await settle()
    expect(hub.messages(chatId)).toEqual([])
    await browser.clock.advance(2_900)
    await settle()
    expect(hub.messages(chatId)).toEqual([])
    await browser.clock.advance(100)
    await waitUntil(() => hub.messages(chatId).length === 2, 'both')
    expect(texts(hub.messages(chatId) as { text: string }[])).toEqual(['first', 'second'])
  })

  test('says why it waits for long, until it is sent', async () => {
    const { browser, hub, conversation, chatId } = await openWithChat()
    hub.refusals.push({ name: 'messages.send', code: 'rate_limited', retryAfter: 60 })
    conversation.send('much')
    await settle()
    expect(conversation.items.value).toMatchObject([{ pending: 'sending', reason: 'refused: rate_limited' }])
    await browser.clock.advance(60_000)
    await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
    await settle()
    expect(conversation.items.value).toMatchObject([{ pending: undefined, reason: undefined }])
  })

  test('does not hold up another chat', async () => {
    const { hub, page, conversation } = await openWithChat()
    const other = hub.addChat('direct', ['u-bob', me])
    await settle()
    hub.refusals.push({ name: 'messages.send', code: 'busy' })
    conversation.send('waits')
    page.conversation(other).send('goes')
    await waitUntil(() => hub.messages(other).length === 1, 'the other chat')
  })
})

describe('several tabs', () => {
  test('one of them sends each message, and both show it', async () => {
    const { browser, hub, chatId, conversation } = await openWithChat()
    const second = await browser.openConnectedTab()
    const other = await openConversation(second, chatId)
    hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 5 })
    conversation.send('from the first tab')
    await waitUntil(() => other.items.value.length === 1, 'the other tab')
    await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
    await browser.clock.advance(10_000)
    await settle()
    expect(hub.messages(chatId)).toHaveLength(1)
    for (const each of [conversation, other]) {
      expect(each.items.value.map((item) => [item.text, item.pending])).toEqual([
        ['from the first tab', undefined],
      ])
    }
  })

  test('another tab sends the messages of a closed one', async () => {
    const { browser, hub, page, chatId, conversation } = await openWithChat()
    const second = await browser.openConnectedTab()
    hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 60 })
    hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 60 })
    conversation.send('left behind')
    await settle()
    void page.close()
    await settle()
    await browser.clock.advance(60_000)
    await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
    await settle()
    expect(second.chats.get(chatId)?.lastMessage?.text).toBe('left behind')
  })
})

test('a message has the time of the hub on a device whose clock is a day ahead', async () => {
  const browser = new FakeBrowser()
  const { hub, clock } = browser
  const chatId = hub.addChat('direct', ['u-ann', me])
  const now = () => clock.now() + 24 * 60 * 60_000
  const page = await browser.openConnectedTab({
    clock: {
      now,
      setTimeout: (run, ms) => clock.setTimeout(run, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    },
  })
  expect(page.now()).toBe(clock.now())
  const conversation = await openConversation(page, chatId)
  hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 60 })
  conversation.send('hello')
  expect(conversation.items.value).toMatchObject([{ pending: 'sending', at: clock.now() }])
})

test('a difference as small as the way of a message moves no clock', async () => {
  const browser = new FakeBrowser()
  const { clock } = browser
  const now = () => clock.now() + 2_000
  const page = await browser.openConnectedTab({
    clock: {
      now,
      setTimeout: (run, ms) => clock.setTimeout(run, ms),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    },
  })
  expect(page.now()).toBe(now())
})

test('without IndexedDB the outbox works in memory and memoryOnly is set', async () => {
  const browser = new FakeBrowser()
  browser.indexedDB = undefined
  const { hub, page, conversation } = await openWithChat(browser)
  expect(page.memoryOnly.value).toBe(true)
  conversation.send('hello')
  await waitUntil(() => conversation.items.value[0]?.id !== undefined, 'the entry')
  verifySync(page, hub, [conversation])
})

test('removal from a chat fails its waiting messages and keeps them for a return', async () => {
  const { browser, hub, page, chatId, conversation } = await openWithChat()
  hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 30 })
  conversation.send('too late')
  await settle()
  hub.leave(chatId, me, 'removed')
  await settle()
  hub.join(chatId, me)
  await settle()
  const again = await openConversation(page, chatId)
  expect(again.items.value.map((item) => [item.text, item.pending])).toEqual([['too late', 'failed']])
  await browser.clock.advance(60_000)
  expect(hub.messages(chatId)).toEqual([])
})
