import { describe, expect, test } from 'vitest'
import { putMessage } from '../../renderer/state/recent-messages.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

async function openWithGroup() {
  const browser = new FakeBrowser()
  const { hub } = browser
  const chatId = hub.addChat('group', ['u-ann', me, 'u-bob'], { name: 'Kitchen' })
  const page = await browser.openConnectedTab()
  const conversation = page.conversation(chatId)
  conversation.show()
  await waitUntil(() => conversation.status.value === 'ready', 'messages')
  await waitUntil(() => conversation.members.ready.value, 'members')
  return { browser, hub, page, chatId, conversation }
}

describe('applying entries of the hub', () => {
  test('shows messages, users, members, names and topics live', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.sendMessage(chatId, 'u-ann', 'Who has the milk?')
    hub.sendMessage(chatId, 'u-bob', 'Ask @me')
    hub.addUser('cleo')
    hub.renameUser('u-bob', 'Robert')
    hub.join(chatId, 'u-cleo')
    hub.setRole(chatId, 'u-bob', 'admin')
    hub.updateChat(chatId, { name: 'Tea kitchen', topic: 'Milk' })
    hub.editMessage(chatId, 1, 'Who has the oat milk?')
    await settle()
    expect(conversation.items.value.map((item) => item.text)).toEqual(['Who has the oat milk?', 'Ask @me'])
    expect(page.chats.get(chatId)).toMatchObject({
      name: 'Tea kitchen',
      topic: 'Milk',
      unread: 2,
      mentions: 1,
    })
    expect(page.users.nameOf('u-bob')).toBe('Robert')
    verifySync(page, hub, [conversation])
  })

  test('shows who may write, the archive and the group picture live', async () => {
    const { hub, page, chatId } = await openWithGroup()
    hub.sendMessage(chatId, 'u-ann', 'for @me')
    await settle()
    expect([page.chats.unread.value, page.chats.mentions.value]).toEqual([1, 1])
    hub.updateChat(chatId, { posting: 'admins', picture: 'p1' })
    hub.updateChat(chatId, { archived: true })
    await settle()
    expect(page.chats.get(chatId)).toMatchObject({ posting: 'admins', archived: true, picture: 'p1' })
    expect(page.chats.filtered.value.map(({ id }) => id)).not.toContain(chatId)
    expect(page.chats.archived.value.map(({ id }) => id)).toEqual([chatId])
    // an archived group counts neither unread messages nor mentions
    expect([page.chats.unread.value, page.chats.mentions.value]).toEqual([0, 0])
    hub.updateChat(chatId, { archived: false })
    hub.updateChat(chatId, { picture: '' })
    await settle()
    expect(page.chats.filtered.value.map(({ id }) => id)).toContain(chatId)
    expect(page.chats.get(chatId)).not.toHaveProperty('picture')
    expect(page.chats.unread.value).toBe(1)
    verifySync(page, hub, [])
  })

  test('a deleted message keeps its row, author and number', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.sendMessage(chatId, 'u-ann', 'oops')
    hub.sendMessage(chatId, 'u-ann', 'never mind')
    await settle()
    const key = conversation.items.value[0]?.key
    hub.deleteMessage(chatId, 1)
    await settle()
    expect(conversation.items.value[0]).toMatchObject({ key, deleted: true, text: '', author: 'u-ann' })
    verifySync(page, hub, [conversation])
  })

  test('chats appear and disappear together with their cached data', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    page.chats.current.value = chatId
    const other = hub.addChat('direct', ['u-ann', me])
    hub.sendMessage(other, 'u-ann', 'psst')
    await settle()
    expect(page.chats.list.value.map((chat) => chat.id)).toContain(other)
    expect(page.chats.nameOf(hub.summary(other))).toBe('ANN')
    hub.leave(chatId, me, 'removed')
    await settle()
    expect(conversation.chat.value).toBeUndefined()
    expect(page.chats.current.value).toBeUndefined()
    verifySync(page, hub, [])
  })

  test('public groups the user is not in are updated while they are listed', async () => {
    const { hub, page } = await openWithGroup()
    const open = hub.addChat('group', ['u-ann'], { name: 'Open', visibility: 'public' })
    await page.groups.load()
    hub.addChat('group', ['u-bob'], { name: 'Late', visibility: 'public' })
    await settle()
    expect(page.groups.list.value.map((group) => group.name)).toEqual(['Late', 'Open'])
    await page.chats.join(open)
    await settle()
    expect(page.groups.list.value.map((group) => group.name)).toEqual(['Late'])
    await page.chats.leave(open)
    await settle()
    expect(page.groups.list.value.map((group) => group.name)).toEqual(['Late', 'Open'])
    verifySync(page, hub, [])
  })
})

describe('the sync rule', () => {
  test('a missing entry is read first, and nothing is shown out of order', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.isDelivering = false
    for (const text of ['one', 'two', 'three']) hub.sendMessage(chatId, 'u-ann', text)
    const [socket] = hub.sockets
    socket?.deliver((messages) => messages.slice(2))
    expect(conversation.items.value).toEqual([])
    hub.isDelivering = true
    socket?.deliver()
    await settle()
    expect(conversation.items.value.map((item) => item.text)).toEqual(['one', 'two', 'three'])
    verifySync(page, hub, [conversation])
  })

  test('a repeated or late entry changes nothing', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.isDelivering = false
    hub.sendMessage(chatId, 'u-ann', 'one')
    hub.sendMessage(chatId, 'u-ann', 'two')
    const [socket] = hub.sockets
    socket?.deliver((messages) => [...messages, ...messages, ...messages.slice(0, 1)])
    hub.isDelivering = true
    await settle()
    expect(page.chats.get(chatId)?.unread).toBe(2)
    verifySync(page, hub, [conversation])
  })

  test('an entry of an unknown type moves the cursor and nothing else', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.appendUnknown(chatId)
    hub.sendMessage(chatId, 'u-ann', 'still here')
    const reads = hub.requests.filter(({ name }) => name === 'streams.read').length
    await settle()
    expect(conversation.items.value.map((item) => item.text)).toEqual(['still here'])
    expect(hub.requests.filter(({ name }) => name === 'streams.read')).toHaveLength(reads)
    expect(page.chats.get(chatId)?.unread).toBe(1)
  })

  test('a behind message makes the page read up to the heads', async () => {
    const { hub, page, chatId, conversation } = await openWithGroup()
    hub.isDelivering = false
    for (let i = 0; i < 10; i += 1) hub.sendMessage(chatId, 'u-bob', `message ${i}`)
    const [socket] = hub.sockets
    socket?.deliver(() => [
      { t: 'behind', heads: { [`chat:${chatId}`]: hub.head(`chat:${chatId}`) }, presence: {} },
    ])
    hub.isDelivering = true
    await waitUntil(() => conversation.items.value.length === 10, 'all ten')
    verifySync(page, hub, [conversation])
  })

  test('after a reconnect missed messages are shown and counted once', async () => {
    const { hub, browser, page, chatId, conversation } = await openWithGroup()
    hub.sendMessage(chatId, 'u-ann', 'before')
    await settle()
    hub.disconnect(1006)
    hub.isUp = false
    for (let i = 0; i < 7; i += 1) hub.sendMessage(chatId, 'u-bob', `missed ${i}`)
    hub.addUser('dora')
    const gone = hub.addChat('group', ['u-bob', me])
    hub.leave(gone, me)
    await browser.clock.advance(60_000)
    hub.isUp = true
    await browser.clock.advance(60_000)
    await waitUntilLive(page)
    await waitUntil(() => conversation.items.value.length === 8, 'what was missed')
    expect(page.chats.get(chatId)?.unread).toBe(8)
    await settle()
    verifySync(page, hub, [conversation])
  })

  test('far behind, the page fetches the newest messages instead of every entry', async () => {
    const { hub, browser, page, chatId, conversation } = await openWithGroup()
    hub.disconnect(1006)
    hub.isUp = false
    for (let i = 0; i < 1200; i += 1) hub.sendMessage(chatId, 'u-bob', `missed ${i}`)
    hub.isUp = true
    await browser.clock.advance(60_000)
    await waitUntilLive(page)
    await waitUntil(() => conversation.items.value.length === 50, 'the newest page')
    await settle()
    expect(hub.requests.filter(({ input }) => input['stream'] === `chat:${chatId}`)).toEqual([])
    expect(conversation.hasOlder.value).toBe(true)
    verifySync(page, hub, [conversation])
  })

  test('a new epoch of a restored hub makes the page fetch everything again', async () => {
    const { hub, browser, page, chatId, conversation } = await openWithGroup()
    hub.sendMessage(chatId, 'u-ann', 'in the backup')
    const backup = hub.backup()
    hub.sendMessage(chatId, 'u-ann', 'lost with the disk')
    hub.renameUser('u-ann', 'Lost name')
    await settle()
    hub.restore(backup)
    hub.sendMessage(chatId, 'u-bob', 'after the restore')
    await browser.clock.advance(1000)
    await waitUntilLive(page)
    await waitUntil(() => conversation.items.value.at(-1)?.text === 'after the restore', 'the restored chat')
    await settle()
    expect(conversation.items.value.map((item) => item.text)).toEqual(['in the backup', 'after the restore'])
    verifySync(page, hub, [conversation])
  })

  test('entries that arrive while a page of history is in flight are not lost', async () => {
    const { hub, page, chatId } = await openWithGroup()
    for (let i = 0; i < 60; i += 1) hub.sendMessage(chatId, 'u-ann', `old ${i}`)
    const other = hub.addChat('group', ['u-bob', me])
    hub.sendMessage(other, 'u-bob', 'first')
    await settle()
    const conversation = page.conversation(other)
    hub.isDelivering = false
    conversation.show()
    await settle()
    // Responses wait in the socket. These entries are pushed before they arrive.
    hub.sendMessage(other, 'u-bob', 'second')
    hub.editMessage(other, 1, 'first, edited')
    const [socket] = hub.sockets
    socket?.deliver((messages) => [...messages].reverse().sort((a) => (a.t === 'entry' ? -1 : 1)))
    hub.isDelivering = true
    await settle()
    expect(conversation.items.value.map((item) => item.text)).toEqual(['first, edited', 'second'])
    verifySync(page, hub, [conversation])
  })

  test('a user who changes while the users are being listed is updated', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    const page = browser.openTab()
    await page.start()
    hub.isDelivering = false
    await settle()
    const [socket] = hub.sockets
    // After hello and state, the first page of users is requested.
    for (let frames = 0; frames < 2 && page.connectionState.value !== 'live'; frames += 1) {
      socket?.deliver()
      await settle()
    }
    expect(hub.requests.map(({ name }) => name)).toContain('users.list')
    hub.renameUser('u-me', 'Renamed')
    hub.isDelivering = true
    socket?.deliver()
    await waitUntil(() => page.users.list.value.length === 3, 'everybody')
    await settle()
    expect(page.users.nameOf('u-me')).toBe('Renamed')
    verifySync(page, hub, [])
  })

  test('a message confirmed by the hub and lost in a restore is sent again', async () => {
    const { hub, browser, page, chatId, conversation } = await openWithGroup()
    const backup = hub.backup()
    hub.isDelivering = false
    conversation.send('not lost')
    await waitUntil(() => hub.messages(chatId).length === 1, 'the hub')
    await settle()
    // Acknowledged, but its entry was never received.
    for (const socket of hub.sockets) socket.deliver((messages) => messages.filter(({ t }) => t !== 'entry'))
    await settle()
    hub.isDelivering = true
    hub.restore(backup)
    expect(hub.messages(chatId)).toEqual([])
    await browser.clock.advance(2_000)
    await waitUntilLive(page)
    await waitUntil(() => hub.messages(chatId).length === 1, 'the hub again')
    await settle()
    verifySync(page, hub, [conversation])
  })
})

test('of two copies of a message the newer one is kept', () => {
  const early = { id: 'm', no: 2, seq: 4, rev: 4, deleted: true as const, author: 'u-ann', at: 5 }
  const late = { id: 'm', no: 2, seq: 4, rev: 9, deleted: true as const }
  const before = [{ ...early, id: 'first', no: 1, rev: 1 }]
  expect(putMessage([...before, late], early)).toEqual([...before, late])
  // The author and time known from the older copy are kept.
  expect(putMessage([...before, early], late)).toEqual([...before, { ...early, rev: 9 }])
  expect(putMessage([late], { ...early, no: 1 })).toEqual([late])
})

describe('coming back', () => {
  test('gets only the chats that differ, and has all of them', async () => {
    const { browser, hub, page, chatId, conversation } = await openWithGroup()
    const quiet = hub.addChat('direct', [me, 'u-ann'])
    const left = hub.addChat('group', [me, 'u-ann'], { name: 'Attic' })
    await settle()
    hub.disconnect(1006)
    hub.isUp = false
    hub.sendMessage(chatId, 'u-ann', 'while you were away')
    hub.renameUser('u-bob', 'Rob')
    hub.renameUser('u-bob', 'Robert')
    hub.addUser('cleo')
    hub.leave(left, me)
    const before = hub.requests.filter(({ name }) => name === 'streams.read').length
    hub.isUp = true
    await browser.clock.advance(60_000)
    await waitUntilLive(page)
    await settle()
    expect(hub.sentChatCounts).toEqual([1])
    expect(page.chats.list.value.map(({ id }) => id).sort()).toEqual([chatId, quiet].sort())
    expect(page.users.nameOf('u-bob')).toBe('Robert')
    expect(page.users.nameOf('u-cleo')).toBe('CLEO')
    const read = hub.requests.filter(({ name }) => name === 'streams.read').slice(before)
    expect(read.map(({ input }) => input['stream'])).not.toContain('hub')
    verifySync(page, hub, [conversation])
  })
})
