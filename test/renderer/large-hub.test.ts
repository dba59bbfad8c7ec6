import { expect, test } from 'vitest'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { me } from './support/fake-hub.ts'
import { settle, waitUntil } from './support/manual-clock.ts'
import { verifySync } from './support/verify-sync.ts'

/** A large hub, of whose users `ann` and `bob` share a group with the user. */
async function openOnLargeHub(strangers: readonly string[] = ['cleo', 'dora']) {
  const browser = new FakeBrowser()
  const { hub, clock } = browser
  hub.isLarge = true
  for (const name of strangers) hub.addUser(name)
  const chatId = hub.addChat('group', ['u-ann', me, 'u-bob'], { name: 'Kitchen' })
  const page = await browser.openConnectedTab()
  return { browser, hub, clock, chatId, page }
}

const inputsOf = ({ requests }: FakeBrowser['hub'], name: string): unknown[] =>
  requests.filter((request) => request.name === name).map(({ input }) => input)
const idsIn = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id)

test('a page on a large hub lists no users, and asks once for those that it meets', async () => {
  const { hub, clock, page } = await openOnLargeHub()
  expect(idsIn(page.users.list.value)).toEqual(['u-ann', 'u-bob', 'u-me'])
  expect(page.users.isAlone.value).toBe(false)
  for (const id of ['u-cleo', 'u-dora', 'u-cleo', 'u-nobody']) expect(page.users.nameOf(id)).toBe('')
  expect(page.plainText('ask @cleo or @zoe')).toBe('ask @cleo or @zoe')
  await clock.advance(100)
  expect(page.users.nameOf('u-dora')).toBe('DORA')
  expect(page.plainText('ask @cleo or @zoe')).toBe('ask @CLEO or @zoe')
  expect(page.users.nameOf('u-nobody')).toBe('')
  await clock.advance(100)
  expect(inputsOf(hub, 'users.find')).toEqual([{ ids: 'u-cleo,u-dora,u-nobody', names: 'cleo,zoe' }])
  expect(inputsOf(hub, 'users.list')).toEqual([])

  // a user who comes later is asked for no more, since the hub tells it
  hub.addUser('zoe')
  await settle()
  expect(page.plainText('@zoe')).toBe('@ZOE')
})

test('the authors of new messages are known before they are drawn', async () => {
  const { hub, clock, page, chatId } = await openOnLargeHub()
  hub.join(chatId, 'u-cleo')
  hub.sendMessage(chatId, 'u-dora', 'written by a webhook')
  await clock.advance(100)
  expect(idsIn(page.users.list.value)).toEqual(['u-ann', 'u-bob', 'u-cleo', 'u-dora', 'u-me'])
})

test('an entry wins over an older response that arrives after it, and those about strangers are dropped', async () => {
  const { hub, clock, page } = await openOnLargeHub()
  hub.renameUser('u-dora', 'Unseen')
  await settle()
  expect(idsIn(page.users.list.value)).not.toContain('u-dora')

  const old = { ...hub.users.get('u-cleo') }
  hub.responses.set('users.find', () => {
    hub.renameUser('u-cleo', 'Cleopatra')
    return { users: [old] }
  })
  page.users.get('u-cleo')
  await clock.advance(100)
  expect(page.users.nameOf('u-cleo')).toBe('Cleopatra')

  const found = { ...hub.users.get('u-dora') }
  hub.responses.set('users.search', () => {
    hub.renameUser('u-dora', 'Dorothea')
    return { users: [found], more: false }
  })
  page.users.search('dor', 5)
  await clock.advance(200)
  expect(page.users.nameOf('u-dora')).toBe('Dorothea')
})

test('what a search adds comes behind what was there, until another letter is typed', async () => {
  const { hub, clock, page } = await openOnLargeHub(['an', 'ana', 'banana'])
  const found = (query: string) => idsIn(page.users.search(query, 10))
  expect(found('an')).toEqual(['u-ann'])
  expect(page.users.isSearching('an')).toBe(true)
  await clock.advance(300)
  expect(page.users.isSearching('an')).toBe(false)
  expect(found('an')).toEqual(['u-ann', 'u-an', 'u-ana', 'u-banana'])
  expect(found('ana')).toEqual(['u-ana', 'u-banana'])
  await clock.advance(300)
  expect(inputsOf(hub, 'users.search').map((input) => (input as { query: string }).query)).toEqual([
    'an',
    'ana',
  ])
  // as many of both
  expect(idsIn(page.users.search('an', 1))).toEqual(['u-ann', 'u-an'])
})

test('only the last of several quick letters is asked for, and a list can wait for the answer', async () => {
  const { hub, clock, page } = await openOnLargeHub()
  let isFound = false
  for (const query of ['c', 'cl', 'cle']) page.users.search(query, 10)
  void page.users.whenSearched('cle').then(() => (isFound = true))
  await clock.advance(100)
  expect(isFound).toBe(false)
  await clock.advance(100)
  expect(isFound).toBe(true)
  expect(inputsOf(hub, 'users.search')).toHaveLength(1)
  // back to a letter that was not asked for
  page.users.search('cl', 10)
  expect(page.users.isSearching('cl')).toBe(true)
  await clock.advance(200)
  expect(page.users.isSearching('cl')).toBe(false)
  expect(inputsOf(hub, 'users.search')).toHaveLength(2)
})

test('a page without its hub finds whom it knew, and asks for others when the hub is back', async () => {
  const { browser, hub, clock, page, chatId } = await openOnLargeHub()
  hub.sendMessage(chatId, 'u-cleo', 'hello')
  await clock.advance(10_000)
  browser.fireHide()
  await page.close()
  hub.isUp = false
  const next = browser.openTab()
  await next.start()
  expect(idsIn(next.users.search('cle', 5))).toEqual(['u-cleo'])
  expect(next.users.nameOf('u-dora')).toBe('')
  expect(next.users.isSearching('cle')).toBe(false)
  hub.isUp = true
  await clock.advance(30_000)
  await waitUntilLive(next)
  await clock.advance(100)
  expect(next.users.nameOf('u-dora')).toBe('DORA')
  // the hub tells what has changed since
  expect(hub.cursorsOfHub).toEqual([undefined, expect.any(Number)])
  hub.renameUser('u-cleo', 'Cleopatra')
  await settle()
  expect(next.users.nameOf('u-cleo')).toBe('Cleopatra')
})

test('a page that has all users in its cache keeps those that it needs when its hub is large', async () => {
  const browser = new FakeBrowser()
  const { hub, clock } = browser
  for (const name of ['cleo', 'dora', 'emil']) hub.addUser(name)
  const chatId = hub.addChat('group', ['u-ann', me], { name: 'Kitchen' })
  hub.sendMessage(chatId, 'u-cleo', 'hello')
  const page = await browser.openConnectedTab()
  await clock.advance(10_000)
  expect(page.users.list.value).toHaveLength(6)
  verifySync(page, hub, [])
  browser.fireHide()
  await page.close()

  hub.isLarge = true
  hub.renameUser('u-cleo', 'Cleopatra')
  const next = browser.openTab()
  await next.start()
  expect(next.users.list.value).toHaveLength(6)
  await waitUntilLive(next)
  expect(idsIn(next.users.list.value)).toEqual(['u-ann', 'u-cleo', 'u-me'])
  await clock.advance(100)
  expect(next.users.nameOf('u-cleo')).toBe('Cleopatra')
  expect(hub.cursorsOfHub.at(-1)).toBeUndefined()
  await next.close()

  // and the other way round
  hub.isLarge = false
  const last = await browser.openConnectedTab()
  await clock.advance(100)
  verifySync(last, hub, [])
})

test('users whom the hub refuses to find are asked for again after the time that it names', async () => {
  const { hub, clock, page } = await openOnLargeHub()
  hub.refusals.push({ name: 'users.find', code: 'rate_limited', retryAfter: 3 })
  page.users.get('u-cleo')
  await clock.advance(1_000)
  page.users.get('u-dora')
  expect(inputsOf(hub, 'users.find')).toHaveLength(1)
  await clock.advance(3_000)
  expect(idsIn(page.users.list.value)).toEqual(['u-ann', 'u-bob', 'u-cleo', 'u-dora', 'u-me'])
})

test('a hub that was restored is asked again', async () => {
  const { hub, clock, page, chatId } = await openOnLargeHub()
  const before = hub.backup()
  hub.join(chatId, 'u-cleo')
  await clock.advance(100)
  expect(page.users.nameOf('u-cleo')).toBe('CLEO')
  hub.restore(before)
  await clock.advance(5_000)
  await waitUntilLive(page)
  expect(idsIn(page.users.list.value)).toEqual(['u-ann', 'u-bob', 'u-me'])
  expect(inputsOf(hub, 'users.list')).toEqual([])
})

test('of a large group the members with a role are fetched, and others by a page or by name', async () => {
  const browser = new FakeBrowser()
  const { hub, clock } = browser
  hub.isLarge = true
  const names = Array.from({ length: 120 }, (_, n) => `sailor-${String(n).padStart(3, '0')}`)
  for (const name of names) hub.addUser(name)
  const chatId = hub.addChat('group', ['u-ann', me, ...names.map((name) => `u-${name}`)], { name: 'Fleet' })
  const page = await browser.openConnectedTab()
  const conversation = page.conversation(chatId)
  conversation.show()
  const { members } = conversation
  await waitUntil(() => members.ready.value, 'members')
  expect(members.isPartial.value).toBe(true)
  const known = () => members.list.value.map(({ userId }) => userId)
  expect(known()).toEqual(['u-ann', me])

  const pages = members.createPages()
  pages.show('')
  await clock.advance(200)
  expect(pages.page.value).toEqual({ ids: ['u-ann', me, 'u-sailor-000'], more: true })
  pages.loadMore()
  await settle()
  expect(pages.page.value?.ids).toHaveLength(6)
  for (const query of ['sailor-1', 'sailor-11', 'sailor-117']) pages.show(query)
  await clock.advance(200)
  expect(pages.page.value).toEqual({ ids: ['u-sailor-117'], more: false })
  expect(inputsOf(hub, 'members.list')).toHaveLength(3)
  expect(known()).toContain('u-sailor-117')
  hub.setRole(chatId, 'u-sailor-117', 'admin')
  await settle()
  expect(members.get('u-sailor-117')?.role).toBe('admin')

  // a page that is fetched while a member leaves does not bring them back
  hub.isDelivering = false
  pages.show('lor-117')
  await clock.advance(200)
  hub.leave(chatId, 'u-sailor-117')
  const [socket] = hub.sockets
  socket?.deliver((messages) => [...messages].sort((a) => (a.t === 'entry' ? -1 : 1)))
  hub.isDelivering = true
  socket?.deliver()
  await settle()
  expect(pages.page.value?.ids).toContain('u-sailor-117')
  expect(known()).not.toContain('u-sailor-117')

  // after a reconnect those who were found stay
  hub.disconnect(1006)
  await clock.advance(1_000)
  await waitUntilLive(page)
  await settle()
  expect(known()).toContain('u-sailor-000')
})
