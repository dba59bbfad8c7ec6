import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('search finds messages in one chat and in all, by keyboard, and opens them in place', async () => {
  const dataDir = newDataDir()
  let hub = await spawnHub(dataDir, ['--port', '0'])
  const ann = await TestUser.setUp(hub.url, {
    code: 'test-code-1',
    username: 'ann',
    displayName: 'Ann Sommer',
  })
  await ann.request('admin.settings.update', { registration: 'open' })
  const bo = await TestUser.register(hub.url, { username: 'bo', displayName: 'Bo Lindqvist' })
  const eve = await TestUser.register(hub.url, { username: 'eve', displayName: 'Eve Outside' })
  const yard = await ann.createGroup('yard', [bo])
  const kitchen = await ann.createGroup('kitchen', [bo])
  await bo.sendMessage(yard.id, 'The lifeboat is at https://example.org/dock')
  for (let i = 1; i <= 80; i += 1) await ann.sendMessage(yard.id, `filler ${i}`)
  await bo.sendMessage(kitchen.id, 'Boat soup, crème fraîche')
  await eve.createGroup('elsewhere')

  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('yard')
  const { page } = window
  const search = page.locator('hb-search')
  await page.keyboard.press('Control+f')
  await search.getByRole('textbox', { name: 'Search in yard' }).fill('boat')
  await search.locator('.hit', { hasText: 'lifeboat' }).waitFor()
  expect(await search.locator('.hit').count()).toBe(1)
  expect(await search.locator('mark').allInnerTexts()).toEqual(['lifeboat'])
  // Arrow down goes to the results, Enter to the message, far above what was loaded.
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.locator('hb-message-list article.found', { hasText: 'lifeboat' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await page.evaluate('document.activeElement !== null')).toBe(true)

  // The list of shortcuts opens by Ctrl+/ also while typing, and by ? outside a field.
  const keys = page.locator('hb-shortcuts')
  await page.getByRole('textbox', { name: /^Message / }).fill('why?')
  await page.keyboard.press('?')
  await page.keyboard.press('Control+/')
  await keys.getByText('Search all chats').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Control+/')
  await keys.waitFor({ state: 'detached' })
  expect(await page.getByRole('textbox', { name: /^Message / }).inputValue()).toBe('why??')
  await page.getByRole('textbox', { name: /^Message / }).fill('')
  await page.getByRole('button', { name: 'New chat or group' }).focus()
  await page.keyboard.press('?')
  await keys.getByText('Search all chats').waitFor()
  await page.keyboard.press('Escape')
  await keys.waitFor({ state: 'detached' })

  // In all chats, with a filter that becomes a chip.
  await page.keyboard.press('Control+Shift+f')
  const field = search.getByRole('textbox', { name: 'Search messages' })
  await search.locator('.place', { hasText: 'kitchen' }).waitFor()
  await field.fill('from:b')
  await search.getByRole('option', { name: 'Bo Lindqvist' }).waitFor()
  await page.keyboard.press('Enter')
  await search.getByRole('button', { name: 'Remove from Bo Lindqvist' }).waitFor()
  await page.keyboard.type('CREME')
  const found = search.locator('.hit', { hasText: 'crème' })
  await page.keyboard.press('Enter')
  await expect.poll(() => found.evaluate((each) => each.matches(':focus'))).toBe(true)
  await page.keyboard.press('Enter')
  await window.waitForMessage('Boat soup, crème fraîche')
  await field.fill('nowhere to be found')
  await search.getByText('No messages found.', { exact: false }).waitFor()

  // Without the hub the panel finds what this device keeps, says so, and continues by itself.
  await hub.kill('SIGKILL')
  await field.fill('soup')
  await search.locator('.hit', { hasText: 'soup' }).waitFor()
  await search.getByText('Only messages stored on this device.', { exact: false }).waitFor()
  await field.fill('lifeboat')
  await search.getByText('Search needs the hub.', { exact: false }).waitFor()
  const { port } = new URL(hub.url)
  hub = await spawnHub(dataDir, ['--port', port])
  await search.locator('.hit', { hasText: 'lifeboat' }).waitFor({ timeout: 60_000 })

  // A user who is not a member finds nothing.
  const outside = await AppWindow.open(browser, hub.url)
  await outside.logIn('eve')
  await outside.page.getByLabel('Search chats and people').fill('boat')
  await outside.page.getByRole('button', { name: 'Search messages for “boat”' }).click()
  await outside.page.locator('hb-search').getByText('No messages found.', { exact: false }).waitFor()
  expect([...window.consoleErrors, ...outside.consoleErrors]).toEqual([])
})

test('days in a search are those of the browser, not of the hub', async () => {
  const hub = await spawnHub(newDataDir(), ['--port', '0'], { TZ: 'UTC' })
  const ann = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'ann' })
  const yard = await ann.createGroup('yard')
  const sent = await ann.sendMessage(yard.id, 'The mast is up')
  // of these zones, 26 hours apart, one has another date than UTC at any moment
  const timezoneId = new Date(sent.at).getUTCHours() >= 12 ? 'Pacific/Kiritimati' : 'Etc/GMT+12'
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: timezoneId }).format(sent.at)
  expect(day).not.toBe(new Date(sent.at).toISOString().slice(0, 10))

  const context = await browser.newContext({ timezoneId, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(hub.url)
  const window = AppWindow.fromPage(page)
  await window.logIn('ann')
  await window.openChat('yard')
  await page.keyboard.press('Control+Shift+f')
  const search = page.locator('hb-search')
  const field = search.getByRole('textbox', { name: 'Search messages' })
  await field.fill(`mast on:${day}`)
  await search.locator('.hit', { hasText: 'The mast is up' }).waitFor()
  await field.fill(`mast on:${new Date(sent.at).toISOString().slice(0, 10)}`)
  await search.getByText('No messages found.', { exact: false }).waitFor()
})

test('a search narrows by “Only”, leaves out what has a minus, and finds either with OR', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld({ loadTest: true })
  const texts = ['Onion soup', 'Tomato soup', 'Fresh bread', 'Soup of the day', 'حساء البصل', '洋葱汤']
  const sent = []
  for (const text of texts) sent.push(await ann.sendMessage(kitchen.id, text))
  await ann.request('pins.add', { messageId: sent[3]?.id ?? '' })
  await bo.sendMessage(kitchen.id, 'Soup, @ann?')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await page.keyboard.press('Control+Shift+f')
  const search = page.locator('hb-search')
  const field = search.getByRole('textbox', { name: 'Search messages' })
  const hits = async () =>
    (await search.locator('.hit').allInnerTexts()).map(
      (row) => [...texts, 'Soup, @ann?'].find((text) => row.includes(text)) ?? row,
    )
  // The panel has a heading like every other, below that of the window.
  expect(await accessibilityProblems(page)).toEqual([])
  await search.getByText('-word to leave a word out').waitFor()
  await search.getByRole('button', { name: 'Only', exact: true }).click()
  await search.getByRole('option', { name: 'pinned messages' }).waitFor()
  const options = ['pinned messages', 'threads', 'mentions of me']
  expect(await search.getByRole('option').allInnerTexts()).toEqual(options)
  await page.keyboard.press('Enter')
  await search.getByRole('button', { name: 'Remove only pinned messages' }).waitFor()
  await expect.poll(hits).toEqual(['Soup of the day'])
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Backspace')
  for (const [typed, expected] of [
    ['-from:bo soup -tomato', ['Soup of the day', 'Onion soup']],
    ['tomato OR bread', ['Fresh bread', 'Tomato soup']],
    ['البصل OR 洋葱', ['洋葱汤', 'حساء البصل']],
    ['soup -tomato -"of the day" -onion', ['Soup, @ann?']],
    ['soup -', ['Soup, @ann?', 'Soup of the day', 'Tomato soup', 'Onion soup']],
    ['bread OR', ['Fresh bread']],
  ] as const) {
    await field.fill(typed)
    await expect.poll(hits, { message: typed }).toEqual(expected)
  }
  // Each alternative is highlighted.
  await field.fill('tomato OR bread')
  await expect.poll(() => search.locator('mark').allInnerTexts()).toEqual(['bread', 'Tomato'])

  // The results go on as the user comes to their end.
  for (let no = 1; no <= 45; no += 1) await bo.sendMessage(kitchen.id, `tide ${no}`)
  await field.fill('tide')
  for (const count of [20, 40, 45]) {
    await expect.poll(() => search.locator('.hit').count()).toBe(count)
    await search.locator('.hit').last().scrollIntoViewIfNeeded()
    await search.locator('.scroll').evaluate((list) => list.scrollTo({ top: list.scrollHeight }))
  }
  expect(await search.getByRole('button', { name: 'Show older' }).count()).toBe(0)

  // Suggestions: a filter becomes a chip, and one with a minus completes the text.
  await field.fill('mentions:')
  await search.getByRole('option', { name: 'mentions of me' }).waitFor()
  await page.keyboard.press('Enter')
  await search.getByRole('button', { name: 'Remove only mentions of me' }).waitFor()
  await expect.poll(hits).toEqual(['Soup, @ann?'])
  await page.keyboard.press('Backspace')
  await field.fill('soup -from:a')
  await search.getByRole('option', { name: 'ann', exact: true }).waitFor()
  expect(await search.getByRole('alert').count()).toBe(0)
  await page.keyboard.press('Enter')
  await expect.poll(() => field.inputValue()).toBe('soup -from:ann ')
  await expect.poll(hits).toEqual(['Soup, @ann?'])
  await field.fill('-soup')
  await search.getByText('Enter a search term besides those to leave out.').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
