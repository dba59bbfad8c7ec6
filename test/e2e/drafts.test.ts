// Drafts in several tabs and on several devices, in a real Chromium with a real hub.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { openThrottledLink } from '../support/throttled-link.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const textsIn = (page: Page) => page.locator('hb-message-list .text').allInnerTexts()

/** Two tabs of ann in one browser, both at the kitchen. */
async function openTabs() {
  const world = await makeWorld()
  const window = await AppWindow.open(browser, world.hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const second = AppWindow.fromPage(await window.context.newPage())
  await second.page.goto(`${world.hub.url}/chat/${world.kitchen.id}`)
  await second.composer.waitFor()
  return { ...world, window, second, one: window.composer, two: second.composer }
}

test('a draft that was sent in one tab is gone in the other, and does not come back by typing', async () => {
  const { one, two, window, second } = await openTabs()
  await one.fill('Bread for ten')
  await expect.poll(() => two.inputValue()).toBe('Bread for ten')
  await one.press('Enter')
  await expect.poll(() => two.inputValue()).toBe('')
  await two.press('Enter')
  await two.pressSequentially('More')
  await expect.poll(() => one.inputValue()).toBe('More')
  await window.waitForMessage('Bread for ten')
  expect(await textsIn(window.page)).toEqual(['Bread for ten'])

  // An edit stays in its tab; a thread has a draft of its own.
  await one.fill('')
  await expect.poll(() => two.inputValue()).toBe('')
  await one.press('ArrowUp')
  await window.page.getByText('Editing this message').waitFor()
  expect(await two.inputValue()).toBe('')
  await one.press('Escape')
  for (const { page } of [window, second]) {
    await page.locator('.column article').first().focus()
    await page.keyboard.press('t')
    await page.locator('hb-thread-panel textarea').waitFor()
  }
  await window.page.locator('hb-thread-panel textarea').fill('In the thread')
  await expect.poll(() => second.page.locator('hb-thread-panel textarea').inputValue()).toBe('In the thread')
  expect(await two.inputValue()).toBe('')
  expect([...window.consoleErrors, ...second.consoleErrors]).toEqual([])
  await window.context.close()
})

test('two tabs that type at the same time lose nothing', async () => {
  const { one, two, window } = await openTabs()
  await Promise.all([
    one.pressSequentially('alpha', { delay: 60 }),
    two.pressSequentially('beta', { delay: 60 }),
  ])
  const both = async () => [await one.inputValue(), await two.inputValue()]
  await expect.poll(async () => new Set(await both()).size).toBe(1)
  const [text = ''] = await both()
  // A busy machine types with pauses, in which the tabs merge: a letter may be there twice, never too seldom.
  for (const letter of 'alphabeta')
    expect(text.split(letter).length).toBeGreaterThanOrEqual('alphabeta'.split(letter).length)
  await window.page.reload()
  await expect.poll(() => one.inputValue()).toBe(text)
  await window.context.close()
})

test('a draft follows to another device, is kept offline and merged, and is cleared there when sent', async () => {
  const { hub, ann } = await makeWorld()
  const [here, there] = await Promise.all([
    AppWindow.open(browser, hub.url),
    AppWindow.open(browser, hub.url),
  ])
  await Promise.all([here.logIn('ann'), there.logIn('ann')])
  await here.openChat('Kitchen')
  await here.composer.pressSequentially('Written at home')
  await there.chatRow('Kitchen').getByText('Written at home').waitFor()
  await there.openChat('Kitchen')
  expect(await there.composer.inputValue()).toBe('Written at home')
  await there.composer.press('End')
  await there.composer.pressSequentially(', sent at work')
  await expect.poll(() => here.composer.inputValue()).toBe('Written at home, sent at work')

  // Without the hub both go on; nothing is lost when it is back.
  const at = new URL(hub.url)
  await hub.close()
  for (const { page } of [here, there])
    await page
      .locator('hb-connection-banner')
      .getByText(/reach the hub|Reconnecting/)
      .waitFor()
  await here.composer.press('Home')
  await here.composer.pressSequentially('Dear all. ')
  await there.composer.press('End')
  await there.composer.pressSequentially('. Bye')
  await hub.restart({ port: Number(at.port) })
  for (const { composer } of [here, there])
    await expect
      .poll(() => composer.inputValue(), { timeout: 60_000 })
      .toBe('Dear all. Written at home, sent at work. Bye')
  await there.composer.press('Enter')
  await expect.poll(() => here.composer.inputValue()).toBe('')
  await here.waitForMessage('Dear all. Written at home, sent at work. Bye')
  await here.page.reload()
  await here.waitForMessage('Dear all. Written at home, sent at work. Bye')
  expect(await here.composer.inputValue()).toBe('')
  const { drafts } = await ann.request('drafts.list', {})
  expect(drafts.map(({ text }) => text)).toEqual([''])
  expect([...here.consoleErrors, ...there.consoleErrors]).toEqual([])
  await Promise.all([here.context.close(), there.context.close()])
})

test('Enter on two devices, one of them offline, and in two tabs at once is one message', async () => {
  const { hub } = await makeWorld()
  const link = await openThrottledLink(hub.url, 10_000_000)
  const [here, there] = await Promise.all([
    AppWindow.open(browser, hub.url),
    AppWindow.open(browser, link.url),
  ])
  await Promise.all([here.logIn('ann'), there.logIn('ann')])
  await Promise.all([here.openChat('Kitchen'), there.openChat('Kitchen')])
  await here.composer.fill('Bread for ten')
  await expect.poll(() => there.composer.inputValue()).toBe('Bread for ten')
  await there.context.setOffline(true)
  link.cut()
  await there.page
    .locator('hb-connection-banner')
    .getByText(/offline|network/i)
    .waitFor()
  await here.composer.press('Enter')
  await here.waitForMessage('Bread for ten')
  await there.composer.press('Enter')
  await there.waitForUnsentMessage('Bread for ten')
  await there.context.setOffline(false)
  // the next message follows the one that both have sent
  await there.composer.fill('And butter')
  await there.composer.press('Enter')
  await here.waitForMessage('And butter')
  expect(await textsIn(here.page)).toEqual(['Bread for ten', 'And butter'])
  await expect.poll(() => textsIn(there.page)).toEqual(['Bread for ten', 'And butter'])

  const tab = AppWindow.fromPage(await here.context.newPage())
  await tab.page.goto(here.page.url())
  await tab.composer.waitFor()
  await here.composer.fill('And cheese')
  await expect.poll(() => tab.composer.inputValue()).toBe('And cheese')
  await Promise.all([here.composer.press('Enter'), tab.composer.press('Enter')])
  await there.waitForMessage('And cheese')
  await there.composer.fill('All of it')
  await there.composer.press('Enter')
  await here.waitForMessage('All of it')
  expect(await textsIn(here.page)).toEqual(['Bread for ten', 'And butter', 'And cheese', 'All of it'])
  await Promise.all([here.context.close(), there.context.close()])
})

test('a composition is not interrupted by a draft that changes elsewhere', async () => {
  const { one, two, window } = await openTabs()
  const cdp = await window.context.newCDPSession(window.page)
  await one.focus()
  await cdp.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
  await two.fill('From the other tab')
  await expect.poll(() => two.inputValue()).toContain('From the other tab')
  await cdp.send('Input.imeSetComposition', { text: 'にほんご', selectionStart: 4, selectionEnd: 4 })
  expect(await one.inputValue()).toContain('にほんご')
  await cdp.send('Input.insertText', { text: '日本語' })
  for (const field of [one, two]) {
    await expect.poll(() => field.inputValue()).toContain('日本語')
    await expect.poll(() => field.inputValue()).toContain('From the other tab')
  }
  await window.context.close()
})
