// The quick switcher: one field leads to chats, people, pages and actions.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openAsAnn() {
  const world = await makeWorld()
  const { hub, ann, bo } = world
  await ann.createGroup('Böote und Häfen', [bo])
  await ann.createGroup('Bread', [bo])
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.chatRow('Kitchen').waitFor()
  return { ...world, window, page: window.page }
}

async function type(page: Page, text: string): Promise<void> {
  const field = page.locator('hb-switcher').getByRole('combobox')
  if ((await field.count()) === 0) await page.keyboard.press('Control+k')
  await field.fill(text)
}

const namesOf = (page: Page) => page.locator('hb-switcher .first').allInnerTexts()
/** Without the line that leads to the search. */
const foundBy = async (page: Page) => (await namesOf(page)).slice(0, -1)

test('the switcher forgives typing errors and accents, takes initials, and # and @ for groups and people', async () => {
  const { page, window } = await openAsAnn()
  for (const [typed, names] of [
    ['bote haf', ['Böote und Häfen']],
    ['booet', ['Böote und Häfen']],
    ['kithcen', ['Kitchen']],
    ['ktchen', ['Kitchen']],
    ['buh', ['Böote und Häfen']],
    ['#k', ['Kitchen']],
    ['#bo', ['Böote und Häfen']],
    ['@bo', ['bo']],
    ['@kitchen', []],
  ] as const) {
    await type(page, typed)
    await expect.poll(() => foundBy(page), { message: typed }).toEqual(names)
  }
  await type(page, '@')
  await expect.poll(() => foundBy(page)).toContain('bo')
  expect(await foundBy(page)).not.toContain('Kitchen')
  await type(page, 'b')
  await expect.poll(() => foundBy(page)).toContain('Bread')
  expect(await accessibilityProblems(page)).toEqual([])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the switcher opens pages of the settings and runs actions, by keyboard alone', async () => {
  const { page, window, bo, kitchen } = await openAsAnn()
  const switcher = page.locator('hb-switcher')
  await type(page, 'dark theme')
  await expect.poll(() => foundBy(page)).toEqual(['Theme: Dark'])
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Enter')
  await switcher.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')

  await type(page, 'text largest')
  await page.keyboard.press('Enter')
  await switcher.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.documentElement.dataset.textSize)).toBe('largest')

  await type(page, 'new group')
  await page.keyboard.press('Enter')
  await page.locator('hb-new-group').getByLabel('Name').waitFor()
  expect(await switcher.count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.locator('hb-new-group').waitFor({ state: 'detached' })

  await bo.sendMessage(kitchen.id, 'Soup is ready')
  const badge = window.chatRow('Kitchen').locator('.pill:visible')
  await badge.waitFor()
  await type(page, 'mark all as read')
  await page.keyboard.press('Enter')
  await badge.waitFor({ state: 'detached' })

  await type(page, 'notif')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/settings\/notifications$/)
  await page.keyboard.press('Escape')
  await page.waitForURL((url) => !url.pathname.startsWith('/settings'))
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the chat that is open already gets the focus in its field, as another one does', async () => {
  const { page, window } = await openAsAnn()
  await window.openChat('Kitchen')
  await page.getByRole('button', { name: 'New chat or group' }).focus()
  await type(page, 'kitch')
  await page.keyboard.press('Enter')
  await expect.poll(() => window.composer.evaluate((field) => field.matches(':focus'))).toBe(true)
  await window.context.close()
})

test('what is chosen often comes first, also after a reload', async () => {
  const { page, window } = await openAsAnn()
  const first = async () => (await namesOf(page))[0]
  await type(page, 'b')
  const before = (await foundBy(page)).filter((name) => name.startsWith('B') && name !== 'Browse groups')
  const last = before.at(-1) ?? ''
  expect(before.length).toBe(2)
  await type(page, last)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/chat\//)
  await type(page, 'b')
  await expect.poll(first).toBe(last)
  await page.keyboard.press('Escape')
  await page.reload()
  await window.chatRow('Kitchen').waitFor()
  await type(page, 'b')
  await expect.poll(first).toBe(last)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
