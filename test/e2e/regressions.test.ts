import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'
import { TestUser, request } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'

/** Bugs and security holes of Hubbub's predecessor that only a page can have; the others are in test/server. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('H4, bug 7: names and messages with HTML are shown as typed and never run', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const evil = '<img src=x onerror="window.pwned=1">'
  const texts = [
    '<script>window.pwned=1</script>',
    `${evil} and <b>bold</b> &amp; {{7*7}} \${7*7}`,
    '[press](javascript:window.pwned=1) javascript:window.pwned=1',
    '<svg/onload=window.pwned=1>',
  ]
  const { invite } = await olga.request('admin.invites.create', {})
  const eve = await TestUser.register(hub.url, { username: 'eve', invite, displayName: evil })
  const group = await request(hub.url, eve.token, 'chats.create', {
    name: `Group ${evil}`,
    topic: evil,
    visibility: 'public',
    members: [olga.id],
  })
  for (const text of texts) await eve.sendMessage(group.chat.id, text)

  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  await window.openChat(`Group ${evil}`)
  for (const text of texts) await window.waitForMessage(text)
  // In a group the sender is shown above the message.
  await window.page.locator('hb-message-list').getByText(evil, { exact: true }).first().waitFor()
  await eve.sendMessage(group.chat.id, `live ${evil}`)
  await window.waitForMessage(`live ${evil}`)
  await eve.request('chats.update', { chatId: group.chat.id, name: `Renamed ${evil}` })
  await window.page.getByText(`Renamed ${evil}`, { exact: true }).first().waitFor()
  expect(await window.page.evaluate('window.pwned')).toBeUndefined()
  expect(await window.page.locator('img[src="x"], a[href^="javascript:"]').count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
})

test('bug 2, bug 6: a new chat is listed and opens while the page is open, and disappears when deleted', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  await window.page.getByLabel('Search chats and people').waitFor()
  const group = await ann.createGroup('Fresh bread', [olga])
  await ann.sendMessage(group.id, 'Come and get it')
  await window.openChat('Fresh bread')
  await window.waitForMessage('Come and get it')
  await window.sendMessage('On my way')
  await window.waitForMessage('On my way')
  await ann.request('chats.delete', { chatId: group.id })
  await window.chatRow('Fresh bread').waitFor({ state: 'detached' })
  expect(window.consoleErrors).toEqual([])
})

test('H10: the page loads everything from its own hub', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const window = await AppWindow.open(browser, 'about:blank')
  const hosts = new Set<string>()
  window.page.on('request', (asked) => hosts.add(new URL(asked.url()).host))
  await window.page.goto(hub.url)
  await window.logIn('olga')
  await window.page.getByLabel('Search chats and people').waitFor()
  expect([...hosts].filter((host) => host !== '')).toEqual([new URL(hub.url).host])
})
