// Every screen of the page by axe-core, in light, dark, high contrast and forced colours, and the contrast of what axe does
// not measure.
import sharp from 'sharp'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { looks, ScreenReport } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { TestUser, password } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** A hub with something on every screen, and a window of its owner, who is in a group. */
async function openHub() {
  const { hub, olga, bo } = await makeWorld({ loadTest: true })
  const harbour = await olga.createGroup('Harbour', [bo])
  const first = await olga.sendMessage(
    harbour.id,
    'The **crane** is back, see `crane.ts`\n```ts\nconst a = 1\n```',
  )
  await bo.sendMessage(harbour.id, '@olga thank you 🎉\n\n> quoted\n\n- one\n- two')
  await bo.request('messages.send', {
    chatId: harbour.id,
    cid: crypto.randomUUID(),
    text: 'a reply in the thread',
    thread: first.id,
  })
  await bo.request('reactions.add', { messageId: first.id, emoji: '👍' })
  await olga.request('pins.add', { messageId: first.id })
  await olga.request('saved.add', { messageId: first.id })
  await olga.request('tokens.create', { name: 'Backup script', scope: 'read' })
  await olga.request('admin.invites.create', {})
  await olga.request('admin.bots.create', { username: 'deploys', displayName: 'Deploys' })
  await olga.request('admin.settings.update', { registration: 'approval' })
  await TestUser.register(hub.url, { username: 'pim', password })
  const window = await AppWindow.open(browser, hub.url)
  onTestFinished(() => window.context.close())
  return { hub, window, page: window.page }
}

test('no screen before the login has an axe violation in any look', async () => {
  const { hub, page } = await openHub()
  const report = new ScreenReport()
  const visit = async (path: string, heading: string | RegExp) => {
    await page.goto('about:blank')
    await page.goto(hub.url + path)
    await report.add(page, path, page.getByRole('heading', { name: heading }))
  }
  await visit('/login', /^Log in to/)
  await visit('/register', /^Join /)
  await visit('/join#nonsense', 'This invite doesn’t work')
  await visit('/recover', 'Forgot your password?')
  await visit('/reset#nonsense', 'This link doesn’t work')
  await visit('/nothing-here', 'There is nothing at this address')
  await visit('/trust', /^Why other browsers warn/)
  expect(report.problems).toEqual({})
})

test('no section of settings and administration has an axe violation in any look', async () => {
  const { hub, window, page } = await openHub()
  await window.logIn('olga')
  await window.chatRow('Harbour').waitFor()
  const report = new ScreenReport()
  // The sections that the page itself lists: a new one is measured without a line here.
  const sections: string[] = []
  for (const area of ['settings', 'admin']) {
    await page.goto(`${hub.url}/${area}`)
    const links = page.locator(`a[href^="/${area}/"]`)
    await links.first().waitFor()
    sections.push(...(await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))))
  }
  expect(sections.length).toBeGreaterThanOrEqual(14)
  for (const section of sections) {
    await page.goto(hub.url + section)
    // What the section loads is there: the first control, table or drawing of it.
    const content = page.locator('.content > *')
    await content.waitFor({ state: 'attached' })
    await report.add(page, section, content.locator('button, input, select, table, dl, hb-empty-state'))
  }
  expect(report.problems).toEqual({})
  expect(window.consoleErrors).toEqual([])
})

test('no dialog, panel or overview has an axe violation in any look', async () => {
  const { hub, window, page } = await openHub()
  await window.logIn('olga')
  await window.openChat('Harbour')
  const list = page.locator('hb-message-list article')
  const report = new ScreenReport()
  await report.add(page, 'conversation', list)
  for (const kind of [
    'new-chat',
    'new-group',
    'browse-groups',
    'invite',
    'shortcuts',
    'set-status',
    'switcher',
  ]) {
    await page.evaluate((dialog) => {
      const shell = document.querySelector('hb-app')?.shadowRoot?.querySelector('hb-shell')
      shell?.dispatchEvent(new CustomEvent('hb-open-dialog', { detail: { kind: dialog } }))
    }, kind)
    await report.add(page, kind, page.locator('dialog[open]'))
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  }
  const header = page.locator('hb-conversation-header')
  for (const [name, panel] of [
    [/members/, 'hb-member-panel'],
    [/^Pin/, 'hb-pins'],
    [/^Files/, 'hb-files-panel'],
    [/^Search/, 'hb-search'],
  ] as const) {
    await header.getByRole('button', { name }).last().click()
    await report.add(page, panel, page.locator(panel))
    await page.keyboard.press('Escape')
    await page.locator(panel).waitFor({ state: 'detached' })
  }
  await page.getByRole('button', { name: /1 reply/ }).click()
  await report.add(page, 'thread', page.locator('hb-thread-panel article'))
  for (const path of ['threads', 'saved']) {
    await page.goto(`${hub.url}/${path}`)
    await report.add(page, path, page.locator(`hb-${path}`))
  }
  expect(report.problems).toEqual({})
  expect(window.consoleErrors).toEqual([])
})

/** The contrast of the strongest line at the left edge of an element with what is to the left of it. */
async function edgeContrast(page: Page, target: Locator): Promise<number> {
  const box = await target.boundingBox()
  if (!box) throw new Error('it is not on screen')
  const clip = { x: Math.floor(box.x) - 4, y: Math.floor(box.y + box.height / 2), width: 10, height: 1 }
  const { data, info } = await sharp(await page.screenshot({ clip }))
    .raw()
    .toBuffer({ resolveWithObject: true })
  const luminances = Array.from({ length: info.width }, (_, index) => {
    const [red = 0, green = 0, blue = 0] = [0, 1, 2].map((channel) => {
      const value = (data[index * info.channels + channel] ?? 0) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  })
  const [outside = 0] = luminances
  return Math.max(
    ...luminances.map((one) => (Math.max(one, outside) + 0.05) / (Math.min(one, outside) + 0.05)),
  )
}

test('the edges of fields, boxes and radio buttons have a contrast of 3:1 on every surface', async () => {
  const { hub, window, page } = await openHub()
  const tooFaint: string[] = []
  const measure = async (place: string, target: Locator) => {
    await target.waitFor()
    await target.scrollIntoViewIfNeeded()
    for (const look of ['light', 'dark'] as const) {
      await page.emulateMedia(looks[look])
      const contrast = await edgeContrast(page, target)
      if (contrast < 3) tooFaint.push(`${place}, ${look}: ${contrast.toFixed(2)}`)
    }
  }
  await page.getByLabel('Username', { exact: true }).waitFor()
  await measure('field on paper', page.locator('hb-field[name=password] .hb-field-box'))
  await page.getByLabel('Stay logged in on this device').uncheck()
  await measure('box on paper', page.locator('.hb-check input'))
  await window.logIn('olga')
  await window.chatRow('Harbour').waitFor()
  await page.goto(`${hub.url}/settings/profile`)
  await measure('field on a surface', page.locator('hb-field[name=bio] .hb-field-box'))
  await measure('choice on a surface', page.locator('.hb-choice-all'))
  await measure('radio button', page.locator('.hb-choice input:not(:checked)').first())
  await page.goto(`${hub.url}/admin/groups`)
  await measure('select on a surface', page.locator('hb-field .hb-field-box').last())
  await page.goto(hub.url)
  await window.chatRow('Harbour').waitFor()
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.locator('hb-new-group')
  await dialog.getByText('Private: invited people only').waitFor()
  await measure('picker in a dialog', dialog.locator('hb-user-picker .box'))
  await measure('box in a dialog', dialog.locator('.hb-check input'))
  await page.goto(`${hub.url}/api/docs`)
  await measure('field of the API page', page.locator('#try-input'))
  expect(tooFaint).toEqual([])
})

test('what an action changed and what a search found is announced by elements that stay', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'Soup is ready')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const row = page.locator('.column article', { hasText: 'Soup is ready' })
  await row.focus()
  const announced = page.locator('hb-toasts').getByRole('status').locator('.visually-hidden')
  for (const [key, text] of [
    ['s', 'Saved'],
    ['p', 'Pinned'],
    ['p', 'Unpinned'],
    ['s', 'Removed from saved'],
    ['u', 'Unread from here'],
  ] as const) {
    await page.keyboard.press(key)
    await expect.poll(() => announced.textContent()).toBe(text)
  }
  expect(await page.locator('hb-toasts .toast').count()).toBe(0)

  await page.keyboard.press('Control+f')
  const outcome = page.locator('hb-search').getByRole('status')
  await page.locator('hb-search').getByRole('textbox').waitFor()
  expect(await outcome.count()).toBe(1)
  await page.keyboard.type('soup')
  await outcome.getByText('1 message').waitFor()
  await page.keyboard.type('xyz')
  await outcome.getByText('No messages found').waitFor()
  await window.context.close()
})
