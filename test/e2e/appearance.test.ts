// The appearance settings, as they change the page around them.
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withoutIsolates } from '../../renderer/text/direction.ts'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openAppearance() {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'Soup is ready')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('bo')
  await window.chatRow('Kitchen').waitFor()
  return { window, settings: () => window.page.goto(`${hub.url}/settings/appearance`), home: hub.url }
}

const widthOf = (target: Locator) => target.evaluate((element) => element.getBoundingClientRect().width)
const choose = (page: Page, group: string, name: string) =>
  page.getByRole('group', { name: group }).getByRole('radio', { name }).check({ force: true })

test('accents are swatches, and the preview shows each choice at once', async () => {
  const { window, settings } = await openAppearance()
  const { page } = window
  await settings()
  const swatches = page.locator('.hb-choice-swatch')
  await swatches.first().waitFor()
  expect(await swatches.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))).toEqual(
    Array.from({ length: 5 }, () => 24),
  )
  const colors = await swatches.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor))
  expect(new Set(colors).size).toBe(5)
  const mark = page.locator('hb-appearance-preview .mention')
  const colorOf = () => mark.evaluate((element) => getComputedStyle(element).color)
  const before = await colorOf()
  await choose(page, 'Accent', 'Ocean')
  await expect.poll(colorOf).not.toBe(before)
  expect(await accessibilityProblems(page)).toEqual([])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the text size scales words, faces and icons everywhere, and outlives a reload', async () => {
  const { window, settings, home } = await openAppearance()
  const { page } = window
  const face = window.chatRow('Kitchen').locator('hb-avatar')
  const icon = page.locator('hb-chat-list hb-icon svg').first()
  const before = { face: await widthOf(face), icon: await widthOf(icon) }
  await settings()
  await choose(page, 'Text size', 'Largest')
  const nameOf = () => page.locator('hb-appearance-preview b').first()
  await expect.poll(() => nameOf().evaluate((element) => getComputedStyle(element).fontSize)).toBe('22.5px')
  // Nothing of the settings is cut, and nothing scrolls sideways.
  await page.setViewportSize({ width: 400, height: 700 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(home)
  await face.waitFor()
  expect(await widthOf(face)).toBeCloseTo(before.face * 1.5, 0)
  expect(await widthOf(icon)).toBeCloseTo(before.icon * 1.5, 0)
  await window.openChat('Kitchen')
  const text = page.locator('hb-message-list article').first()
  expect(await text.evaluate((element) => getComputedStyle(element).fontSize)).toBe('22.5px')
  // In a narrow window every button of the header is as wide as the others.
  await page.setViewportSize({ width: 400, height: 700 })
  const tools = page.locator('hb-conversation-header .tools button.icon-button')
  await expect.poll(() => tools.first().locator('span').isVisible()).toBe(false)
  const widths = await tools.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))
  expect(new Set(widths)).toEqual(new Set([48]))
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a large font of the browser leaves room for one pane in a window that is wide enough for two', async () => {
  const { hub } = await makeWorld()
  const large = await launchBrowser({}, ['--blink-settings=defaultFontSize=28'])
  const window = await AppWindow.open(large, hub.url, { width: 900, height: 700 })
  const { page } = window
  await window.logIn('bo')
  await window.openChat('Kitchen')
  await page.locator('hb-chat-list').waitFor({ state: 'hidden' })
  await page.goto(`${hub.url}/settings/notifications`)
  await page.locator('hb-settings-notifications').waitFor()
  // the list of sections has no room next to it
  expect(await page.getByRole('link', { name: 'Appearance' }).count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await large.close()
})

test('the compact density applies to the list and to the conversation', async () => {
  const { window, settings, home } = await openAppearance()
  const { page } = window
  const row = window.chatRow('Kitchen')
  await window.openChat('Kitchen')
  const face = page.locator('hb-message-list article hb-avatar').first()
  const heightOf = (target: Locator) => target.evaluate((element) => element.getBoundingClientRect().height)
  const before = { row: await heightOf(row), face: await widthOf(face) }
  await settings()
  await choose(page, 'Density', 'Compact')
  await page.goto(home)
  await window.openChat('Kitchen')
  expect(await heightOf(row)).toBeLessThan(before.row)
  expect(await widthOf(face)).toBeLessThan(before.face)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the clock is that of the region until the user chooses 12 or 24 hours, and every time follows at once', async () => {
  const { window, settings, home } = await openAppearance()
  const { page } = window
  await settings()
  await choose(page, 'Clock', '12-hour')
  await page.goto(home)
  await window.openChat('Kitchen')
  await window.waitForMessage('Soup is ready')
  const times = async () => [
    withoutIsolates((await window.chatRow('Kitchen').locator('time').textContent()) ?? '').trim(),
    withoutIsolates((await page.locator('hb-message-list article time').last().textContent()) ?? '').trim(),
  ]
  const twelve = expect.stringMatching(/^\d{1,2}:\d\d\s[AP]M$/i)
  await expect.poll(times).toEqual([twelve, twelve])
  await page.keyboard.press('Control+k')
  await page.keyboard.type('clock 24')
  await page.locator('hb-switcher').getByRole('option', { name: 'Clock: 24-hour' }).waitFor()
  await page.keyboard.press('Enter')
  const twentyFour = expect.stringMatching(/^\d{1,2}:\d\d$/)
  await expect.poll(times).toEqual([twentyFour, twentyFour])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the documents outside the page follow the theme that was chosen in it', async () => {
  const { window, settings, home } = await openAppearance()
  const { page } = window
  await settings()
  await choose(page, 'Theme', 'Dark')
  await choose(page, 'Accent', 'Ocean')
  const lookOf = () =>
    page.evaluate(() => {
      const { colorScheme, backgroundColor } = getComputedStyle(document.body)
      const { dataset } = document.documentElement
      return { colorScheme, backgroundColor, accent: dataset.accent }
    })
  const chosen = await lookOf()
  expect(chosen).toMatchObject({ colorScheme: 'dark', accent: 'ocean' })
  for (const path of ['/api/docs', '/trust', '/nothing', '/chat/%E0%A4%A']) {
    await page.goto(home + path)
    expect([path, await lookOf()]).toEqual([path, chosen])
  }
  // and at once if it changes in another window
  const other = await window.context.newPage()
  await other.goto(`${home}/settings/appearance`)
  await choose(other, 'Theme', 'Light')
  await expect.poll(async () => (await lookOf()).colorScheme).toBe('light')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test.each(['{', '[]', 'null', '"dark"', '{"theme":7,"accent":{}}'])(
  'a document outside the page is readable with %s stored as the appearance',
  async (stored) => {
    const { hub } = await makeWorld()
    const window = await AppWindow.open(browser, hub.url)
    await window.page.evaluate((value) => localStorage.setItem('hubbub-appearance', value), stored)
    await window.page.goto(`${hub.url}/trust`)
    expect(await window.page.evaluate(() => ({ ...document.documentElement.dataset }))).toEqual({
      contrast: 'normal',
    })
    expect(window.consoleErrors).toEqual([])
    await window.context.close()
  },
)

test.each([
  {
    languages: ['de-DE', 'de', 'en-US', 'en'],
    zone: 'Europe/Berlin',
    clock: /^\d{1,2}:\d\d$/,
    isDayFirst: true,
  },
  { languages: ['en-US', 'en', 'de'], zone: 'Europe/Vienna', clock: /^\d{1,2}:\d\d$/, isDayFirst: true },
  { languages: ['pt-BR'], zone: 'America/Sao_Paulo', clock: /^\d{1,2}:\d\d$/, isDayFirst: true },
  { languages: ['ja-JP'], zone: 'Asia/Tokyo', clock: /^\d{1,2}:\d\d$/, isDayFirst: false },
  { languages: ['en-US'], zone: 'Europe/Berlin', clock: /^\d{1,2}:\d\d\s[AP]M$/, isDayFirst: false },
])(
  'times are those of the region of a browser in $languages at $zone',
  async ({ languages, zone, clock, isDayFirst }) => {
    const { hub, ann, kitchen } = await makeWorld()
    await ann.sendMessage(kitchen.id, 'Soup is ready')
    const context = await browser.newContext({ locale: languages[0] ?? '', timezoneId: zone })
    await context.addInitScript(
      (list) => Object.defineProperty(navigator, 'languages', { value: list }),
      languages,
    )
    const page = await context.newPage()
    await page.goto(hub.url)
    const window = AppWindow.fromPage(page)
    await window.logIn('bo')
    await window.openChat('Kitchen')
    const time = page.locator('hb-message-list article time').first()
    expect(withoutIsolates(await time.innerText())).toMatch(clock)
    const day = withoutIsolates((await time.getAttribute('data-tip')) ?? '')
    expect(/^\D+\d{1,2} [A-Z]/.test(day), day).toBe(isDayFirst)
    expect(window.consoleErrors).toEqual([])
    await context.close()
  },
)
