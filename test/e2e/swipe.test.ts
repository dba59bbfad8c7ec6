// Swipes of a real finger on an emulated phone.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { finger } from '../support/finger.ts'
import { makeWorld } from '../support/world.ts'

const phone = { width: 400, height: 700 }
const messageCount = 30

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** The phone of ann, in a group where bo has written. */
async function openKitchen({ motion = false } = {}) {
  const world = await makeWorld()
  const { hub, ann, bo, kitchen } = world
  for (let no = 1; no <= messageCount; no += 1) await bo.sendMessage(kitchen.id, `Message ${no}.`)
  await ann.request('chats.read', { chatId: kitchen.id, no: messageCount })
  const window = await AppWindow.open(browser, hub.url, phone, true)
  const { page } = window
  if (motion) await page.emulateMedia({ reducedMotion: 'no-preference' })
  await window.logIn('ann')
  await window.chatRow('Kitchen').click()
  const row = page.locator('.column article', { hasText: `Message ${messageCount}.` })
  await row.waitFor()
  return { ...world, window, page, row, touch: await finger(page) }
}

const reply = (page: Page) => page.locator('hb-timeline .writing')
const swipedRows = (page: Page) => page.locator('article[data-swiped]')
const scrollTop = (page: Page) =>
  page.locator('hb-message-list #scroller').evaluate((scroller) => scroller.scrollTop)

test('a swipe on a message replies to it, and the mark says when it will', async () => {
  const { window, page, row, touch } = await openKitchen({ motion: true })
  await page.evaluate(() => {
    const calls: unknown[] = []
    Object.assign(globalThis, { vibrations: calls })
    navigator.vibrate = (pattern) => calls.push(pattern) > 0
  })
  const vibrations = () =>
    page.evaluate(() => (globalThis as unknown as { vibrations: unknown[] }).vibrations.length)
  const text = row.locator('.text')
  const before = await text.boundingBox()

  // The row follows; the mark is there, but not yet filled.
  await touch.down(await touch.at(row))
  await touch.move({ x: 50 })
  const mark = row.locator('.swipe-mark')
  await mark.waitFor()
  expect(await mark.getAttribute('class')).toBe('swipe-mark')
  const shifted = await text.boundingBox()
  expect((shifted?.x ?? 0) - (before?.x ?? 0)).toBeGreaterThan(15)
  expect(await vibrations()).toBe(0)

  // Far enough: filled, and felt once. Farther, the row follows only a little.
  await touch.move({ x: 200 })
  await page.locator('.swipe-mark.armed').waitFor()
  expect(await vibrations()).toBe(1)
  const farthest = await text.boundingBox()
  expect((farthest?.x ?? 0) - (before?.x ?? 0)).toBeLessThan(90)
  await touch.lift()
  await reply(page).getByText('bo').first().waitFor()
  expect(await reply(page).innerText()).toContain(`Message ${messageCount}.`)
  await expect.poll(() => window.composer.evaluate((area) => area.matches(':focus'))).toBe(true)
  await expect.poll(async () => (await text.boundingBox())?.x).toBe(before?.x)
  expect(await swipedRows(page).count()).toBe(0)
  expect(await mark.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a swipe that moves back, scrolls, pinches, rests or starts with selected text does nothing', async () => {
  const { window, page, row, touch } = await openKitchen()
  const nothingHappened = async () => {
    await touch.lift()
    await expect.poll(() => swipedRows(page).count()).toBe(0)
    expect(await reply(page).count()).toBe(0)
  }
  // Moving back gives up.
  await touch.down(await touch.at(row))
  await touch.move({ x: 120 })
  await page.locator('.swipe-mark.armed').waitFor()
  await touch.move({ x: -100 })
  await page.locator('.swipe-mark:not(.armed)').waitFor()
  await nothingHappened()

  // To the other side there is nothing.
  await touch.down(await touch.at(row))
  await touch.move({ x: -100 })
  expect(await swipedRows(page).count()).toBe(0)
  await nothingHappened()

  // A second finger.
  const start = await touch.at(row)
  await touch.down(start)
  await touch.move({ x: 100 })
  await page.locator('.swipe-mark.armed').waitFor()
  await touch.pinch({ x: start.x + 40, y: start.y - 200 })
  await expect.poll(() => swipedRows(page).count()).toBe(0)
  await nothingHappened()

  // Up or down wins, and so it does once it has begun.
  const end = await scrollTop(page)
  await touch.down(await touch.at(row))
  await touch.move({ x: 30, y: 120 })
  await touch.move({ x: 160 })
  expect(await swipedRows(page).count()).toBe(0)
  await nothingHappened()
  await expect.poll(() => scrollTop(page)).toBeLessThan(end - 60)
  await page.locator('#to-end').click()
  await expect.poll(() => scrollTop(page)).toBe(end)

  // Text is selected.
  await row.locator('.text').evaluate((text) => getSelection()?.selectAllChildren(text))
  await touch.down(await touch.at(row))
  await touch.move({ x: 120 })
  expect(await swipedRows(page).count()).toBe(0)
  await nothingHappened()
  await page.evaluate(() => getSelection()?.removeAllRanges())

  // A finger that rests opens the menu; moving it afterwards replies to nothing.
  const items = page.getByRole('menuitem')
  await touch.down(await touch.at(row))
  await items.first().waitFor()
  await touch.move({ x: 120 })
  expect(await swipedRows(page).count()).toBe(0)
  await touch.lift()
  expect(await items.first().isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await reply(page).count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a swipe replies from right to left too and in a thread, and not where nobody may write', async () => {
  const { window, page, row, touch, ann, bo, kitchen } = await openKitchen()
  await page.evaluate(() => (document.documentElement.dir = 'rtl'))
  await touch.down(await touch.at(row))
  await touch.move({ x: 100 })
  expect(await swipedRows(page).count()).toBe(0)
  await touch.lift()
  await touch.down(await touch.at(row))
  await touch.move({ x: -100 })
  await page.locator('.swipe-mark.armed').waitFor()
  await touch.lift()
  await reply(page).waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate(() => (document.documentElement.dir = 'ltr'))

  // In a thread.
  const { id: thread } = await bo.sendMessage(kitchen.id, 'Who brings the bread?')
  const parent = page.locator('.column article', { hasText: 'bread' })
  await bo.request('messages.send', {
    ...{ chatId: kitchen.id, thread, text: 'In the thread', cid: crypto.randomUUID() },
  })
  await parent.locator('.thread').click()
  const inThread = page.locator('hb-thread-panel article', { hasText: 'In the thread' })
  await touch.down(await touch.at(inThread))
  await touch.move({ x: 100 })
  await touch.lift()
  await page.locator('hb-thread-panel .writing').waitFor()
  await page.locator('hb-thread-panel').getByRole('button', { name: 'Close' }).click()

  // Nobody writes in an archived group.
  await ann.request('chats.archive', { chatId: kitchen.id })
  await page.locator('.closed').first().waitFor()
  await touch.down(await touch.at(parent))
  await touch.move({ x: 100 })
  expect(await swipedRows(page).count()).toBe(0)
  await touch.lift()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

/** A finger from the edge of the window, at the height of the middle. */
const fromEdge = { x: 6, y: 400 }

test('a swipe from the edge leads from a thread to its chat and from the chat to the list', async () => {
  const { window, page, row, touch } = await openKitchen({ motion: true })
  const list = page.locator('hb-chat-list')
  const panel = page.locator('.panel')
  const isSwiping = () => page.locator('.swiping').count()

  await touch.press(row, page.getByRole('menuitem').first())
  await touch.tap(page.getByRole('menuitem', { name: 'Reply in thread' }))
  await panel.waitFor()
  expect(await row.isVisible()).toBe(false)

  // What is below shows while the finger is down, and moving back leaves all as it was.
  await touch.down(fromEdge)
  await touch.move({ x: 200 })
  await expect.poll(() => row.isVisible()).toBe(true)
  expect((await panel.boundingBox())?.x).toBeGreaterThan(150)
  await touch.move({ x: -190 })
  await touch.lift()
  await expect.poll(isSwiping).toBe(0)
  expect((await panel.boundingBox())?.x).toBe(0)

  await touch.down(fromEdge)
  await touch.move({ x: 300 })
  await touch.lift()
  await expect.poll(() => panel.count()).toBe(0)
  expect(await row.isVisible()).toBe(true)

  // The chat, over the list. From the edge a message does not move.
  expect(await list.isVisible()).toBe(false)
  const box = await row.boundingBox()
  await touch.down({ x: fromEdge.x, y: (box?.y ?? 0) + 10 })
  await touch.move({ x: 150 })
  expect(await list.isVisible()).toBe(true)
  expect(await swipedRows(page).count()).toBe(0)
  await touch.move({ x: 150 })
  await touch.lift()
  await page.waitForURL((url) => url.pathname === '/')
  await expect.poll(isSwiping).toBe(0)
  expect(await page.locator('hb-conversation').count()).toBe(0)
  await expect.poll(() => window.chatRow('Kitchen').evaluate((each) => each.matches(':focus'))).toBe(true)

  // On the list there is nothing to go back to.
  await touch.down(fromEdge)
  await touch.move({ x: 300 })
  await touch.lift()
  expect(await list.isVisible()).toBe(true)

  // An overview, the settings, and the search.
  await page.getByRole('link', { name: 'Saved' }).click()
  await page.locator('hb-saved').waitFor()
  await touch.down(fromEdge)
  await touch.move({ x: 300 })
  await touch.lift()
  await expect.poll(() => page.locator('hb-saved').count()).toBe(0)
  await page.goto(`${new URL(page.url()).origin}/settings/appearance`)
  const heading = page.getByRole('heading', { name: 'Appearance', level: 2 })
  await heading.waitFor()
  for (const gone of [heading, page.getByRole('heading', { name: 'Settings', level: 1 })]) {
    await touch.down(fromEdge)
    await touch.move({ x: 300 })
    await touch.lift()
    await gone.waitFor({ state: 'hidden' })
  }
  await list.waitFor()

  // From right to left, not over a dialog, and never in a wide window.
  await window.chatRow('Kitchen').click()
  await window.composer.waitFor()
  await page.evaluate(() => (document.documentElement.dir = 'rtl'))
  await touch.down({ x: phone.width - 6, y: 300 })
  await touch.move({ x: -300 })
  await touch.lift()
  await page.waitForURL((url) => url.pathname === '/')
  await page.evaluate(() => (document.documentElement.dir = 'ltr'))
  await window.chatRow('Kitchen').click()
  await window.composer.waitFor()

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to anything' }).waitFor()
  await touch.down(fromEdge)
  await touch.move({ x: 300 })
  await touch.lift()
  await page.keyboard.press('Escape')
  await window.composer.waitFor()
  expect(await list.isVisible()).toBe(false)

  await page.setViewportSize({ width: 900, height: 600 })
  await list.waitFor()
  const address = page.url()
  await touch.down(fromEdge)
  await touch.move({ x: 300 })
  await touch.lift()
  expect(page.url()).toBe(address)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
