// The keyboard between the parts of the window: F6, Esc from a message, and no tab stop for each name.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openKitchen(size = { width: 1280, height: 800 }) {
  const { hub, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  for (let no = 1; no <= 12; no += 1) await (no % 2 ? ann : bo).sendMessage(kitchen.id, `message ${no}`)
  const window = await AppWindow.open(browser, hub.url, size)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.waitForMessage('message 12')
  return { window, page: window.page }
}

/** The part of the window that has the focus. */
function focusedPart(page: Page): Promise<string> {
  return page.evaluate(() => {
    const parts = [
      'hb-chat-list',
      'hb-conversation-header',
      'hb-message-list',
      'hb-composer',
      '.panel',
      '.pane',
    ]
    let found = ''
    for (let active = document.activeElement; active; active = active.shadowRoot?.activeElement ?? null)
      for (const part of parts) if (active.closest(part)) found = part
    return found
  })
}

async function pressedParts(page: Page, key: string, times: number): Promise<string[]> {
  const parts: string[] = []
  for (let press = 0; press < times; press += 1) {
    await page.keyboard.press(key)
    parts.push(await focusedPart(page))
  }
  return parts
}

test('F6 and Shift+F6 lead through list, header, messages, composer and panel', async () => {
  const { window, page } = await openKitchen()
  await window.composer.focus()
  expect(await pressedParts(page, 'F6', 4)).toEqual([
    ...['hb-chat-list', 'hb-conversation-header', 'hb-message-list', 'hb-composer'],
  ])
  expect(await pressedParts(page, 'Shift+F6', 3)).toEqual([
    ...['hb-message-list', 'hb-conversation-header', 'hb-chat-list'],
  ])
  // In the list it is the row of the open chat, which the arrow keys leave.
  expect(await page.locator('hb-chat-row[selected] a').evaluate((row) => row.matches(':focus'))).toBe(true)

  await page
    .getByRole('button', { name: /member/ })
    .first()
    .click()
  await page.locator('hb-member-panel li').first().waitFor()
  await window.composer.focus()
  expect(await pressedParts(page, 'F6', 2)).toEqual(['.panel', 'hb-chat-list'])
  expect(await pressedParts(page, 'Shift+F6', 2)).toEqual(['.panel', 'hb-composer'])
  expect(await accessibilityProblems(page)).toEqual([])

  // Another page has two parts.
  await page.locator('hb-chat-list').getByRole('link', { name: 'Saved' }).click()
  await page.getByText('Nothing saved yet.', { exact: false }).waitFor()
  await page.locator('hb-chat-list').getByRole('link', { name: 'Saved' }).focus()
  await page.keyboard.press('F6')
  expect(await focusedPart(page)).toMatch(/list|pane/)
  // A dialog keeps the focus.
  await page.keyboard.press('Control+/')
  await page.locator('hb-shortcuts').getByText('Next part of the window').waitFor()
  await page.keyboard.press('F6')
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName)).toBe(
    'hb-shell',
  )
  await page.locator('hb-shortcuts').getByRole('dialog').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('in a narrow window F6 reaches only what is on screen', async () => {
  const { window, page } = await openKitchen({ width: 400, height: 700 })
  await window.composer.focus()
  expect(await pressedParts(page, 'F6', 3)).toEqual([
    ...['hb-conversation-header', 'hb-message-list', 'hb-composer'],
  ])
  await window.context.close()
})

test('Esc leads from a message to the composer, and only then closes the panel', async () => {
  const { window, page } = await openKitchen()
  await page
    .getByRole('button', { name: /member/ })
    .first()
    .click()
  const panel = page.locator('hb-member-panel')
  await panel.locator('li').first().waitFor()
  await window.composer.focus()
  await page.keyboard.press('Shift+F6')
  await page.keyboard.press('ArrowUp')
  expect(await focusedPart(page)).toBe('hb-message-list')
  // The menu of the row closes first.
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Escape')
  expect(await focusedPart(page)).toBe('hb-message-list')
  await page.keyboard.press('Escape')
  expect(await focusedPart(page)).toBe('hb-composer')
  expect(await panel.count()).toBe(1)
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await window.context.close()
})

test('one Tab leads through the messages, and the menu of a message opens the profile of its author', async () => {
  const { window, page } = await openKitchen()
  const stops = await page
    .locator('hb-message-list')
    .evaluate(
      (list) =>
        [...(list.shadowRoot?.querySelectorAll<HTMLElement>('article, article *') ?? [])].filter(
          (each) => each.tabIndex >= 0 && each.matches('article, button, a[href], [tabindex]'),
        ).length,
    )
  expect(stops).toBe(1)
  await window.composer.focus()
  await page.keyboard.press('Shift+F6')
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'bo’s profile' }).press('Enter')
  await page.locator('hb-user-card').getByRole('heading', { name: 'bo', exact: true }).waitFor()
  await window.context.close()
})

test('every action on a message has a key, and the sheet of shortcuts lists it with the key', async () => {
  const { window, page } = await openKitchen()
  const actions = new Map<string, string>()
  await window.composer.focus()
  await page.keyboard.press('Shift+F6')
  for (let row = 0; row < 2; row += 1) {
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    for (const item of await page.getByRole('menuitem').allInnerTexts()) {
      const [label = '', key = ''] = item
        .split('\n')
        .map((part) => part.trim())
        .filter(Boolean)
      actions.set(label, key)
    }
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowUp')
  }
  expect(actions.size).toBeGreaterThan(12)
  expect([...actions].filter(([, key]) => !/^[A-Z]$/.test(key))).toEqual([])
  await window.composer.focus()
  await page.keyboard.press('Control+/')
  const sheet = page.locator('hb-shortcuts')
  await sheet.getByText('Save for later').waitFor()
  const keys = await sheet.locator('section', { hasText: 'Message menu' }).locator('kbd').allInnerTexts()
  expect(keys).toEqual(expect.arrayContaining([...new Set(actions.values())]))
  // No letter runs two of them.
  const letters = keys.filter((key) => /^[A-Z]$/.test(key))
  expect(new Set(letters).size).toBe(letters.length)
  const cross = sheet.getByRole('button', { name: 'Close' })
  await expect.poll(() => cross.evaluate((button) => button.matches(':focus'))).toBe(false)
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await expect.poll(() => focusedPart(page)).toBe('hb-composer')
  await window.context.close()
})

test('a panel that covers the conversation keeps the keys, and gives the focus back', async () => {
  const { window, page } = await openKitchen({ width: 400, height: 700 })
  const who = page.locator('hb-conversation-header button.who')
  for (const close of ['key', 'cross']) {
    await who.focus()
    await page.keyboard.press('Enter')
    await page.locator('hb-member-panel li').first().waitFor()
    await expect.poll(() => focusedPart(page)).toBe('.panel')
    expect(await pressedParts(page, 'F6', 2)).toEqual(['.panel', '.panel'])
    expect(await pressedParts(page, 'Shift+F6', 1)).toEqual(['.panel'])
    await page.keyboard.press('Shift+Tab')
    expect(await focusedPart(page)).not.toMatch(/header|message|composer/)
    if (close === 'key') await page.keyboard.press('Escape')
    else await page.locator('hb-member-panel').getByRole('button', { name: 'Close' }).click()
    await page.locator('hb-member-panel').waitFor({ state: 'detached' })
    await expect.poll(() => who.evaluate((button) => button.matches(':focus'))).toBe(true)
  }
  await window.context.close()
})

test('the largest letters leave room for the name of the chat in a narrow window', async () => {
  const { window, page } = await openKitchen({ width: 400, height: 700 })
  const name = page.locator('hb-conversation-header .title bdi')
  const heightOfHeader = async () => (await page.locator('hb-conversation-header').boundingBox())?.height ?? 0
  const isCut = () => name.evaluate((each) => each.scrollWidth > each.clientWidth)
  const usualHeight = await heightOfHeader()
  expect(await isCut()).toBe(false)
  await page.goto(new URL('/settings/appearance', page.url()).href)
  await page.getByText('Largest').click()
  await page.goBack()
  await name.waitFor()
  await expect.poll(isCut).toBe(false)
  // Its buttons are on a line of their own.
  expect(await heightOfHeader()).toBeGreaterThan(usualHeight * 1.5)
  await window.context.close()
})

test('a link to a chat that does not exist says so once, and F6 leads to the way back', async () => {
  const { window, page } = await openKitchen()
  const { origin } = new URL(page.url())
  for (const path of ['nowhere/3', '%E0%A4%A', '%']) {
    await window.sendMessage(`see ${origin}/chat/${path}`)
    await page
      .locator('hb-message-list')
      .getByRole('link', { name: `/chat/${path}` })
      .last()
      .click()
    const back = page.getByRole('button', { name: 'Back to your chats' })
    await back.waitFor()
    await page.locator('hb-chat-row a').first().focus()
    await page.keyboard.press('F6')
    await expect.poll(() => back.evaluate((button) => button.matches(':focus'))).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(() => focusedPart(page)).toBe('hb-chat-list')
    await window.openChat('Kitchen')
    expect(await page.locator('hb-toasts .toast').count()).toBe(0)
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a user who is removed from the open group learns it, and has the focus on the way back', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('bo')
  await window.openChat('Kitchen')
  await window.composer.fill('half a')
  await ann.request('members.remove', { chatId: kitchen.id, userId: bo.id })
  await window.page.getByRole('alert').getByText('you’re not a member').waitFor()
  const back = window.page.getByRole('button', { name: 'Back to your chats' })
  await expect.poll(() => back.evaluate((button) => button.matches(':focus'))).toBe(true)
  expect(await accessibilityProblems(window.page)).toEqual([])
  await window.context.close()
})

test('settings that were opened from no chat give the focus back to the button of the account', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  const account = page.getByRole('button', { name: /your account and this hub/ })
  for (const leave of ['key', 'cross']) {
    await account.click()
    await page.getByRole('menuitem', { name: /Settings/ }).click()
    await page.locator('hb-settings').getByRole('heading', { name: 'Profile' }).waitFor()
    if (leave === 'key') await page.keyboard.press('Escape')
    else await page.locator('hb-settings').getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => account.evaluate((button) => button.matches(':focus'))).toBe(true)
  }
  await window.context.close()
})

test('a day is reached by the pill, by key and by /date, and the first message and the first unread by key', async () => {
  const dayMs = 24 * 60 * 60_000
  let now = Date.now() - 40 * dayMs
  const { ann, bo, kitchen, hub } = await makeWorld({ loadTest: true, clock: () => now })
  for (let no = 1; no <= 120; no += 1) {
    if (no === 61) {
      now += 20 * dayMs
      await ann.request('chats.read', { chatId: kitchen.id, no: 1 })
    }
    await bo.sendMessage(kitchen.id, `message ${no} of 130`)
  }
  now = Date.now()
  for (let no = 121; no <= 130; no += 1) await bo.sendMessage(kitchen.id, `message ${no} of 130`)
  await ann.request('chats.read', { chatId: kitchen.id, no: 125 })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.waitForMessage('message 130 of 130')
  const row = (no: number) => page.locator('hb-message-list article', { hasText: `message ${no} of 130` })
  const isFocused = (no: number) => row(no).evaluate((article) => article.matches(':focus'))
  const dialog = page.locator('hb-go-to-date')

  // By the pill over the messages: the calendar begins at its day.
  await page.locator('hb-message-list h3 button').last().click()
  await dialog.getByRole('grid').waitFor()
  await dialog.locator('td button.has').first().waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  // By key, on any message: Enter on the marked day leads to its first message, which has the focus.
  await window.composer.focus()
  await page.keyboard.press('Shift+F6')
  await page.keyboard.press('g')
  await dialog.getByRole('grid').waitFor()
  for (let days = 0; days < 20; days += 1) await page.keyboard.press('ArrowLeft')
  await dialog.locator('td button.has[tabindex="0"]').waitFor()
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => isFocused(61)).toBe(true)
  await page.keyboard.press('Home')
  await expect.poll(() => isFocused(1)).toBe(true)
  await page.keyboard.press('n')
  await expect.poll(() => isFocused(126)).toBe(true)

  // By command, which sends nothing.
  await window.composer.fill('/date 20 days ago')
  await page.keyboard.press('Enter')
  await page.locator('hb-message-list article.found', { hasText: 'message 61 of 130' }).waitFor()
  expect(await window.composer.inputValue()).toBe('')
  await window.composer.fill('/date 39 days')
  await page.keyboard.press('Enter')
  // nothing was sent on that day: the next message
  await page.locator('hb-message-list article.found', { hasText: 'message 61 of 130' }).waitFor()
  await window.composer.fill('/date someday')
  await page.keyboard.press('Enter')
  await page.getByText('“someday” is not a date.', { exact: false }).waitFor()
  expect(await window.composer.inputValue()).toBe('/date someday')
  await window.composer.fill('/date ')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'First message' }).click()
  await page.locator('hb-message-list article.found', { hasText: 'message 1 of 130' }).waitFor()
  expect((await ann.request('chats.get', { chatId: kitchen.id })).chat.lastNo).toBe(130)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
