import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { password } from '../support/test-user.ts'
import { makeWorld, type World } from '../support/world.ts'

/*
 * Activity: what concerns a user in all chats, as they see it.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const openAs = async (url: string, username: string): Promise<AppWindow> => {
  const window = await AppWindow.open(browser, url)
  await window.logIn(username, password)
  await window.page.getByLabel('Search chats and people').waitFor()
  return window
}
const activityRow = (window: AppWindow) => window.page.locator('hb-chat-list a[href="/activity"]')
const items = (window: AppWindow) => window.page.locator('hb-my-activity').getByRole('listitem')
const unreadItems = (window: AppWindow) => window.page.locator('hb-my-activity .kept.new')

/** A mention, a reply, and a reaction for bo, in this order. */
async function concernBo({ ann, bo, kitchen }: World) {
  await ann.sendMessage(kitchen.id, 'hello @bo')
  const mine = await bo.sendMessage(kitchen.id, 'who has the key?')
  await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'it is in the drawer', thread: mine.id },
  })
  await ann.request('reactions.add', { messageId: mine.id, emoji: '👍' })
}

test('shows mentions, replies and reactions of all chats, by filter, and leads to their places', async () => {
  const world = await makeWorld({ loadTest: true })
  await concernBo(world)
  const window = await openAs(world.hub.url, 'bo')
  const { page } = window
  await activityRow(window).getByText('2', { exact: true }).waitFor()
  await activityRow(window).click()
  await page.getByText('ann reacted with 👍').waitFor()
  expect(await items(window).count()).toBe(3)
  expect(await unreadItems(window).count()).toBe(2)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Replies', exact: true }).click()
  await expect.poll(() => items(window).count()).toBe(1)
  await page.getByText('ann replied in a thread').waitFor()
  await items(window).getByText('it is in the drawer').click()
  await page.locator('hb-thread-panel').getByText('it is in the drawer').waitFor()
  await activityRow(window).getByText('1', { exact: true }).waitFor()
  expect(window.consoleErrors).toEqual([])
})

test('arrives live, is marked as read by keyboard, and is the same on both devices', async () => {
  const world = await makeWorld({ loadTest: true })
  const { hub, ann, kitchen } = world
  const [first, second] = [await openAs(hub.url, 'bo'), await openAs(hub.url, 'bo')]
  await activityRow(first).click()
  await first.page.getByText(/show up here/).waitFor()
  await ann.sendMessage(kitchen.id, 'one @bo')
  await ann.sendMessage(kitchen.id, 'two @bo')
  await expect.poll(() => unreadItems(first).count()).toBe(2)
  await activityRow(second).getByText('2', { exact: true }).waitFor()
  const rows = first.page.locator('hb-my-activity .hit')
  await rows.first().focus()
  await first.page.keyboard.press('ArrowDown')
  await first.page.keyboard.press('Delete')
  await expect.poll(() => unreadItems(first).count()).toBe(1)
  await activityRow(second).getByText('1', { exact: true }).waitFor()
  // Reading the chat on the other device reads its items.
  await second.openChat('Kitchen')
  await second.waitForMessage('two @bo')
  await expect.poll(() => unreadItems(first).count()).toBe(0)
  await ann.sendMessage(kitchen.id, 'three @bo')
  await second.waitForMessage('three @bo')
  await first.page.reload()
  await first.page.getByText('three @bo').first().waitFor()
  await expect.poll(() => unreadItems(first).count()).toBe(0)
})

test('a keyword of the user counts as a mention, and all can be marked as read at once', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const window = await openAs(hub.url, 'bo')
  const { page } = window
  await activityRow(window).click()
  await page.getByRole('button', { name: 'Edit keywords' }).click()
  await page.getByLabel('Your keywords').fill('oven, 東京、 サーバー')
  await page.getByRole('button', { name: 'Save keywords' }).click()
  await page.getByText('Keywords saved.').waitFor()
  await ann.sendMessage(kitchen.id, 'woven baskets')
  await ann.sendMessage(kitchen.id, 'the Oven is hot')
  await ann.sendMessage(kitchen.id, 'このサーバーは遅い')
  await expect.poll(() => unreadItems(window).count()).toBe(2)
  // The pill of the chat is one for mentions.
  await window.chatRow('Kitchen').locator('.second .pill.called').waitFor()
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await expect.poll(() => unreadItems(window).count()).toBe(0)
  await activityRow(window).locator('.pill').waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('button', { name: 'Edit keywords' }).click()
  expect(await page.getByLabel('Your keywords').inputValue()).toBe('oven, 東京, サーバー')
  // The settings have them as well.
  await page.goto(`${hub.url}/settings/notifications`)
  const field = page.locator('hb-settings-notifications').getByLabel('Your keywords')
  await expect.poll(() => field.inputValue()).toBe('oven, 東京, サーバー')
  await field.fill('oven')
  // What is typed stays when settings arrive: at first, or from another device.
  await bo.request('me.update', { settings: { keywords: ['tide'] } })
  await page.waitForFunction(
    () => document.querySelector('hb-app')?.hub.session.settings.peek().keywords?.[0] === 'tide',
  )
  expect(await field.inputValue()).toBe('oven')
  await page.getByRole('button', { name: 'Save keywords' }).click()
  await page.getByText('Keywords saved.').waitFor()
  expect((await bo.request('me.get', {})).settings.keywords).toEqual(['oven'])
  await page.keyboard.press('Escape')
  // By key, and back to the chat list: no chat was open.
  await page.keyboard.press('Alt+Shift+a')
  await page.getByRole('heading', { name: 'Activity' }).waitFor()
  expect(window.consoleErrors).toEqual([])
})
