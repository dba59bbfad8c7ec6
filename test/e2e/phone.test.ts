// The page on an emulated phone: its keyboard, its bars, and its home screen.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

const phone = { width: 400, height: 700 }
const keyboardPx = 300

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/**
 * The visual viewport as Safari changes it: the keyboard lies over the page, whose window stays as it is. Chromium cannot be
 * told to do that, so the page reads this one.
 */
function installViewport(): void {
  const viewport = Object.assign(new EventTarget(), { height: innerHeight, offsetTop: 0, scale: 1 })
  Object.defineProperty(window, 'visualViewport', { value: viewport })
  Object.assign(window, {
    setViewport: (values: Partial<typeof viewport>) => {
      Object.assign(viewport, values)
      viewport.dispatchEvent(new Event('resize'))
    },
  })
}

const setViewport = (page: Page, values: { height: number; offsetTop: number; scale: number }) =>
  page.evaluate(
    (next) => (window as unknown as { setViewport: (values: object) => void }).setViewport(next),
    values,
  )

test('the keyboard of a phone covers neither the composer nor the last message, and a zoom moves nothing', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  for (let no = 1; no <= 30; no += 1) await bo.sendMessage(kitchen.id, `Message ${no}.`)
  await ann.request('chats.read', { chatId: kitchen.id, no: 30 })
  const window = await AppWindow.open(browser, hub.url, phone, true)
  const { page, composer } = window
  await page.addInitScript(installViewport)
  await page.reload()
  await window.logIn('ann')
  await window.chatRow('Kitchen').click()
  const last = page.locator('article', { hasText: 'Message 30.' })
  await last.waitFor()
  await composer.click()

  /** The lower edges of both, and the top of the header. */
  const edges = async () => {
    const [header, message, field] = await Promise.all(
      [page.locator('hb-conversation-header'), last, composer].map((each) => each.boundingBox()),
    )
    if (!header || !message || !field) throw new Error('not shown')
    return { top: header.y, message: message.y + message.height, field: field.y + field.height }
  }
  const inSight = async (top: number, bottom: number) => {
    await expect.poll(async () => (await edges()).field).toBeLessThanOrEqual(bottom)
    await expect.poll(async () => (await edges()).message).toBeLessThanOrEqual(bottom - 40)
    expect(await edges()).toMatchObject({ top })
    expect((await edges()).message).toBeGreaterThan(top + 100)
  }
  await inSight(0, phone.height)
  const before = await edges()

  // As Safari does it: over the page, which has also moved up.
  await setViewport(page, { height: phone.height - keyboardPx, offsetTop: 0, scale: 1 })
  await inSight(0, phone.height - keyboardPx)
  await setViewport(page, { height: phone.height - keyboardPx, offsetTop: 120, scale: 1 })
  await inSight(120, phone.height - keyboardPx + 120)

  // A dialog and a menu stay clear of it too.
  await setViewport(page, { height: phone.height - keyboardPx, offsetTop: 0, scale: 1 })
  await page.keyboard.press('Control+/')
  const dialog = page.locator('hb-shortcuts dialog')
  await dialog.waitFor()
  const dialogBox = await dialog.boundingBox()
  expect((dialogBox?.y ?? 0) + (dialogBox?.height ?? 0)).toBeLessThanOrEqual(phone.height - keyboardPx)
  await page.keyboard.press('Escape')
  await last.press('Enter')
  const menu = page.getByRole('menu')
  await menu.waitFor()
  const menuBox = await menu.boundingBox()
  expect((menuBox?.y ?? 0) + (menuBox?.height ?? 0)).toBeLessThanOrEqual(phone.height - keyboardPx)
  await page.keyboard.press('Escape')

  // Two fingers make the visible part smaller too, and the page stays as it was.
  await setViewport(page, { height: phone.height / 2, offsetTop: 100, scale: 2 })
  await expect.poll(edges).toEqual(before)

  // As Chromium and Firefox do it: the window itself is smaller.
  await setViewport(page, { height: phone.height, offsetTop: 0, scale: 1 })
  await page.setViewportSize({ ...phone, height: phone.height - keyboardPx })
  await inSight(0, phone.height - keyboardPx)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

/** Keeps the close watchers of the page, so that a test can do what Android does for its Back. */
function keepCloseWatchers(): void {
  const Real = window.CloseWatcher as new () => EventTarget & { requestClose(): void }
  const made: EventTarget[] = []
  class Kept extends Real {
    constructor() {
      super()
      made.push(this)
    }
  }
  Object.assign(window, { CloseWatcher: Kept, systemBack: () => (made.at(-1) as Kept).requestClose() })
}

const goBackBySystem = (page: Page) =>
  page.evaluate(() => (window as unknown as { systemBack: () => void }).systemBack())

test('the Back of Android leaves a thread before its chat, each time', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  const { id } = await bo.sendMessage(kitchen.id, 'Who has the key?')
  await bo.request('messages.send', {
    ...{ chatId: kitchen.id, cid: crypto.randomUUID(), text: 'I have it.' },
    thread: id,
  })
  const window = await AppWindow.open(browser, hub.url, phone, true)
  const { page } = window
  await page.addInitScript(keepCloseWatchers)
  await page.reload()
  await window.logIn('ann')
  await window.chatRow('Kitchen').click()
  const summary = page.locator('article', { hasText: 'Who has the key?' }).getByText('1 reply')
  const panel = page.locator('hb-thread-panel')
  for (let round = 0; round < 2; round += 1) {
    await summary.tap()
    await panel.getByText('I have it.').waitFor()
    await goBackBySystem(page)
    await panel.waitFor({ state: 'detached' })
    await page.locator('hb-conversation').waitFor()
  }
  // One that is closed by its button takes no Back away from the chat.
  await summary.tap()
  await panel.waitFor()
  await page.locator('hb-thread-panel').getByRole('button', { name: 'Close' }).tap()
  await panel.waitFor({ state: 'detached' })
  await goBackBySystem(page)
  await page.locator('hb-conversation').waitFor()
  await page.goBack()
  await page.locator('hb-conversation').waitFor({ state: 'hidden' })
})

test('the page can be installed: icons, colours of the bars, and an offer where the browser has one', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url, phone, true, true)
  const { page } = window
  const manifest = (await (await fetch(`${hub.url}/manifest.webmanifest`)).json()) as {
    display: string
    icons: { src: string; purpose: string; sizes: string }[]
  }
  expect(manifest.display).toBe('standalone')
  for (const purpose of ['any', 'maskable'])
    expect(manifest.icons.filter((icon) => icon.purpose === purpose).map(({ sizes }) => sizes)).toEqual([
      '192x192',
      '512x512',
    ])
  const appleIcon = await page.locator('link[rel=apple-touch-icon]').getAttribute('href')
  for (const address of [...manifest.icons.map(({ src }) => src), appleIcon ?? '']) {
    const response = await fetch(new URL(address, hub.url))
    expect([address, response.headers.get('content-type')]).toEqual([address, 'image/png'])
  }
  // Chromium itself finds nothing to object to but its own lack of a window.
  const cdp = await page.context().newCDPSession(page)
  const { errors } = await cdp.send('Page.getAppManifest')
  expect(errors).toEqual([])

  const barColors = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')].map(({ content }) => content),
    )
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  await window.logIn('ann')
  await page.getByLabel('Search chats and people').waitFor()
  const light = await paper()
  expect(new Set(await barColors())).toEqual(new Set([light]))
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(paper).not.toBe(light)
  await expect.poll(async () => new Set(await barColors())).toEqual(new Set([await paper()]))

  // Words until the browser offers it; then a button, and an item in the menu.
  await page.goto(`${hub.url}/settings/sessions`)
  const section = page.getByTestId('this-browser')
  await section.getByText('To open Hubbub like an app').waitFor()
  const installButton = section.getByRole('button', { name: 'Install Hubbub' })
  expect(await installButton.count()).toBe(0)
  const offer = () =>
    page.evaluate(() => {
      const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
        prompt: async () => {
          document.body.dataset.asked = String(Number(document.body.dataset.asked ?? 0) + 1)
          return { outcome: 'dismissed' }
        },
      })
      return dispatchEvent(event)
    })
  expect(await offer()).toBe(false)
  await installButton.click()
  await expect.poll(() => page.evaluate(() => document.body.dataset.asked)).toBe('1')
  await expect.poll(() => installButton.count()).toBe(0)
  await page.goto(hub.url)
  await page.getByLabel('Search chats and people').waitFor()
  await offer()
  await page.getByRole('button', { name: /your account and this hub/ }).click()
  await page.getByRole('menuitem', { name: 'Install Hubbub' }).click()
  await expect.poll(() => page.evaluate(() => document.body.dataset.asked)).toBe('1')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a panel that covers the conversation takes the focus, and gives it back', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'Soup is ready')
  const window = await AppWindow.open(browser, hub.url, phone, true)
  const { page } = window
  await window.logIn('ann')
  await window.chatRow('Kitchen').tap()
  await window.waitForMessage('Soup is ready')
  for (const name of ['Pinned in this chat', 'Files and links in this chat', 'Show members, 2 members']) {
    const opener = page.locator('hb-conversation-header').getByRole('button', { name })
    await opener.tap()
    const panel = page.locator('hb-conversation aside')
    await expect.poll(() => panel.evaluate((element) => element.matches(':focus'))).toBe(true)
    await panel.getByRole('button', { name: 'Close' }).tap()
    await expect.poll(() => opener.evaluate((element) => element.matches(':focus'))).toBe(true)
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
