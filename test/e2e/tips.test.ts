// Tooltips: by mouse after a moment, by keyboard, never by touch; in dialogs too, and never over what they describe.
import type { Browser, Locator, Page } from 'playwright-core'
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

async function openKitchen(touch = false) {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'see https://example.org/a/long/path')
  const window = await AppWindow.open(browser, hub.url, { width: 1280, height: 800 }, touch)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  return { window, page: window.page, tip: window.page.locator('hb-tip') }
}

/** True while the tip is shown and apart from its target. */
async function isApart(tip: Locator, target: Locator): Promise<boolean> {
  const [a, b] = [await tip.boundingBox(), await target.boundingBox()]
  if (!a || !b) return false
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
}

const textOf = (tip: Locator) =>
  tip.evaluate((element) => element.shadowRoot?.textContent?.replace(/\s+/g, ' ').trim())

const isShown = (page: Page) => page.locator('hb-tip:popover-open').count()

test('a tip appears under the mouse with its key, moves on at once, and goes at a press and with Esc', async () => {
  const { window, page, tip } = await openKitchen()
  const header = page.locator('hb-conversation-header')
  const search = header.getByRole('button', { name: 'Search in this chat' })
  await search.hover()
  await expect.poll(() => textOf(tip)).toBe('Search in this chat Ctrl F')
  await expect.poll(() => isApart(tip, search)).toBe(true)
  // The name is not repeated as a description, and no native tooltip comes on top.
  expect(
    await search.evaluate((button) => (button.getAttribute('title') ?? '') + (button.ariaDescription ?? '')),
  ).toBe('')
  expect(await tip.getAttribute('aria-hidden')).toBe('true')
  expect(await accessibilityProblems(page)).toEqual([])

  const pins = header.getByRole('button', { name: 'Pinned in this chat' })
  await pins.hover()
  await expect.poll(() => textOf(tip)).toBe('Pinned in this chat Alt Shift P')
  await expect.poll(() => isApart(tip, pins)).toBe(true)
  await page.keyboard.press('Escape')
  await expect.poll(() => isShown(page)).toBe(0)

  // A press hides it, and the menu that opens is not covered.
  const more = page.locator('hb-conversation').getByRole('button', { name: 'Actions for the chat Kitchen' })
  await page.mouse.move(640, 400)
  await more.hover()
  await expect.poll(() => isShown(page)).toBe(1)
  await more.click()
  await page.getByRole('menu').waitFor()
  expect(await isShown(page)).toBe(0)
  await page.keyboard.press('Escape')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a tip appears when the keyboard has reached a button, not while the user types, and in a dialog', async () => {
  const { window, page, tip } = await openKitchen()
  await window.composer.focus()
  await page.keyboard.type('hello')
  const emoji = page.locator('hb-composer').getByRole('button', { name: 'Emoji' })
  await emoji.focus()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Tab')
  await expect.poll(() => isShown(page)).toBe(1)
  await expect.poll(() => textOf(tip)).toBe(await emoji.getAttribute('aria-label'))
  await expect.poll(() => isApart(tip, emoji)).toBe(true)
  await window.composer.click()
  await expect.poll(() => isShown(page)).toBe(0)

  await page.keyboard.press('Control+/')
  const cross = page.locator('hb-shortcuts').getByRole('button', { name: 'Close' })
  await cross.waitFor()
  await cross.hover()
  await expect.poll(() => textOf(tip)).toBe('Close')
  await expect.poll(() => isShown(page)).toBe(1)
  // Above the dialog: the topmost element there is the tip or, since it is inert, what is seen through it.
  expect(await isApart(tip, cross)).toBe(true)
  await page.keyboard.press('Escape')
  await page.locator('hb-shortcuts').waitFor({ state: 'detached' })
  expect(await isShown(page)).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a finger brings no tip', async () => {
  const { window, page } = await openKitchen(true)
  const link = page.locator('hb-message-list').getByRole('link')
  await link.waitFor()
  const pins = page.locator('hb-conversation-header').getByRole('button', { name: 'Pinned in this chat' })
  await pins.tap()
  await page.getByText('No pins yet.', { exact: false }).waitFor()
  // A mouse on the same screen does.
  expect(await isShown(page)).toBe(0)
  await page.mouse.move(300, 300)
  await pins.hover()
  await expect.poll(() => isShown(page)).toBe(1)
  await window.context.close()
})

test('nothing on the page has a native tooltip', async () => {
  const { window, page } = await openKitchen()
  await page.keyboard.press('Control+Shift+f')
  await page.locator('hb-search').waitFor()
  const titles = await page.evaluate(() => {
    const found: string[] = []
    const walk = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll('*')) {
        if (element instanceof HTMLElement && element.title !== '') found.push(element.outerHTML)
        if (element.shadowRoot) walk(element.shadowRoot)
      }
    }
    walk(document)
    return found
  })
  expect(titles).toEqual([])
  await window.context.close()
})
