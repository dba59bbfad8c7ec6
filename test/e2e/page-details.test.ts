// Details of the page that a user sees every day, in a real Chromium with a real hub.
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function boxOf(target: Locator) {
  const box = await target.boundingBox()
  if (!box) throw new Error('it is not on screen')
  return box
}

async function overlaps(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [await boxOf(one), await boxOf(other)]
  const isApart =
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
  return !isApart
}

test('the undo of a deletion ends with its time and covers neither the message nor the composer', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (let no = 1; no <= 40; no += 1) await ann.sendMessage(kitchen.id, `message ${no}`)
  for (const size of [
    { width: 1280, height: 800 },
    { width: 400, height: 700 },
  ]) {
    const window = await AppWindow.open(browser, hub.url, size)
    const { page } = window
    await window.logIn('ann')
    await window.openChat('Kitchen')
    const toast = page.locator('hb-toasts .toast')
    const remove = async (target: Locator) => {
      await target.focus()
      await page.keyboard.press('d')
      await toast.waitFor()
      // A composer of several lines reaches higher.
      await window.composer.fill('one\ntwo\nthree\nfour\nfive')
      await expect.poll(() => overlaps(toast, window.composer)).toBe(false)
      await expect.poll(() => overlaps(toast, target)).toBe(false)
    }
    const rows = page.locator('hb-message-list article')
    for (const row of [rows.last(), rows.nth(-8)]) {
      await remove(row)
      await toast.getByRole('button', { name: 'Undo' }).click()
      await toast.waitFor({ state: 'detached' })
      await expect.poll(() => row.innerText()).toContain('message')
    }
    await window.context.close()
  }

  // The pointer keeps it for as long as the hub can undo, and no longer.
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const toast = page.locator('hb-toasts .toast')
  await page.clock.install()
  await page.locator('hb-message-list article').last().focus()
  await page.keyboard.press('d')
  await toast.waitFor()
  await toast.hover()
  await page.clock.fastForward(8_000)
  expect(await toast.count()).toBe(1)
  await page.clock.fastForward(1_500)
  await toast.waitFor({ state: 'detached' })
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('in a group the ticks say how many have a message, next to its last word', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.sendMessage('Soup')
  await window.waitForMessage('Soup')
  const row = page.locator('article', { hasText: 'Soup' })
  const mark = row.locator('.state')
  await expect.poll(() => mark.getAttribute('data-tip')).toBe('Sent. No other member has received it yet.')
  await bo.request('chats.read', { chatId: kitchen.id, no: 1 })
  await expect.poll(() => mark.getAttribute('data-tip')).toBe('Read by 1 of 2 members, delivered to 1')
  expect(await mark.getAttribute('data-count')).toBe('1')
  expect(await row.getAttribute('aria-label')).toContain('Read by 1 of 2 members')
  await eve.request('chats.read', { chatId: kitchen.id, no: 1 })
  await expect.poll(() => mark.getAttribute('data-tip')).toBe('Read by all 2 members')
  // The text is what was written, and the ticks follow it.
  expect(await row.locator('.text').innerText()).toBe('Soup')
  const [word, ticks] = [await boxOf(row.locator('.t')), await boxOf(mark)]
  const range = await row.locator('.t').evaluate((element) => {
    const all = document.createRange()
    all.selectNodeContents(element)
    return all.getBoundingClientRect().right
  })
  expect(ticks.x).toBeLessThan(word.x + 80)
  expect(ticks.x + ticks.width).toBeLessThanOrEqual(range + 1)
  // A closed account never reads: nothing waits for it.
  await window.sendMessage('Bread')
  await window.waitForMessage('Bread')
  await bo.request('chats.read', { chatId: kitchen.id, no: 2 })
  await hub.close()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('another day is shown at midnight', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'Good night')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  // A reload before the hub has answered would leave the login page.
  await window.chatRow('Kitchen').waitFor()
  const lateEvening = new Date()
  lateEvening.setHours(23, 59, 30, 0)
  await page.clock.install({ time: lateEvening })
  await page.reload()
  await window.openChat('Kitchen')
  const day = page.locator('hb-message-list h3').last()
  await expect.poll(() => day.innerText()).toBe('Today')
  await page.clock.fastForward(60_000)
  await expect.poll(() => day.innerText()).toBe('Yesterday')
  // Hidden under the pointer, which has opened the chat.
  await expect.poll(() => window.chatRow('Kitchen').locator('time').textContent()).toBe('Yesterday')
  await window.context.close()
})

test('a click outside keeps a form that is half filled in, and closes one that is not', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const dialog = page.locator('hb-new-group')
  const open = async () => {
    await window.clickButton('New chat or group')
    await page.getByRole('menuitem', { name: 'New group' }).click()
    await dialog.getByLabel('Name', { exact: true }).first().waitFor()
  }
  await open()
  await page.mouse.click(20, 400)
  await dialog.waitFor({ state: 'detached' })
  await open()
  const name = dialog.getByLabel('Name', { exact: true }).first()
  await name.fill('Half a name')
  await page.mouse.click(20, 400)
  await page.mouse.click(1260, 400)
  expect(await name.inputValue()).toBe('Half a name')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  // Chosen users alike, in a dialog without a form.
  await page
    .locator('hb-conversation-header')
    .getByRole('button', { name: /2 members/ })
    .last()
    .click()
  await page.getByRole('button', { name: 'Add people' }).click()
  const adding = page.locator('hb-add-members')
  await adding.getByRole('combobox').fill('eve')
  await adding.getByRole('option').first().click()
  await page.mouse.click(20, 400)
  await adding
    .getByRole('button', { name: /Remove|eve/i })
    .first()
    .waitFor()
  await page.keyboard.press('Escape')
  await adding.waitFor({ state: 'detached' })
  await window.context.close()
})

test('members and webhooks are at hand in a narrow window', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url, { width: 400, height: 700 })
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await page
    .locator('hb-conversation-header')
    .getByRole('button', { name: /2 members/ })
    .last()
    .click()
  await page.getByRole('heading', { name: /^Members/ }).waitFor()
  await page.locator('.panel').getByRole('button', { name: 'Close' }).click()
  await page.locator('hb-conversation hb-menu button').first().click()
  await page.getByRole('menuitem', { name: 'Webhooks' }).click()
  await page.locator('hb-webhooks').getByLabel('Bot name').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the words of a long dialog end at a line above its buttons', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url, { width: 900, height: 500 })
  const { page } = window
  await window.logIn('olga')
  await page.getByLabel('Search chats and people').waitFor()
  await page.evaluate(() => {
    const from = document.querySelector('hb-app')?.shadowRoot?.querySelector('hb-shell')
    from?.dispatchEvent(new CustomEvent('hb-open-dialog', { detail: { kind: 'invite' }, bubbles: true }))
  })
  const invite = page.locator('hb-invite')
  await invite.getByRole('button', { name: /^Create/ }).click()
  await invite.getByTestId('invite-link').waitFor()
  const dialog = invite.locator('dialog')
  await expect.poll(() => dialog.getAttribute('data-scrolls')).toBe('')
  const [body, footer] = [await boxOf(invite.locator('.body')), await boxOf(invite.locator('footer'))]
  expect(body.y + body.height).toBeLessThanOrEqual(footer.y + 1)
  expect(await invite.locator('footer').evaluate((element) => getComputedStyle(element).borderTopWidth)).toBe(
    '1px',
  )
  await window.context.close()
})

test('in a group of more than fifty the menu says who has read a message', async () => {
  const { hub, ann, bo, eve } = await makeWorld({ loadTest: true })
  const others = await Promise.all(Array.from({ length: 49 }, (_, no) => hub.registerUser(`member${no}`)))
  const hall = await ann.createGroup('Hall', [bo, eve, ...others])
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Hall')
  await window.sendMessage('Soup')
  await window.waitForMessage('Soup')
  await bo.request('chats.read', { chatId: hall.id, no: 1 })
  const row = page.locator('article', { hasText: 'Soup' })
  const dialog = page.locator('hb-read-by')
  const openByKeyboard = async () => {
    await row.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Read by…' }).press('Enter')
  }
  await openByKeyboard()
  const readers = dialog.getByRole('list', { name: 'Read by 1' }).getByRole('listitem')
  await expect.poll(() => readers.allInnerTexts()).toEqual([expect.stringContaining('bo')])
  expect(await dialog.locator('time').allInnerTexts()).toEqual([
    expect.stringMatching(/^Today \d{1,2}:\d\d$/),
  ])
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => row.evaluate((article) => article.matches(':focus'))).toBe(true)

  // By a click on the ticks, with what has changed meanwhile.
  await eve.request('chats.read', { chatId: hall.id, no: 1 })
  await row.locator('.state').click()
  await dialog.getByText('Read by 2', { exact: true }).waitFor()
  expect(await dialog.getByRole('listitem').count()).toBe(2)
  await dialog.getByRole('button', { name: 'Close' }).last().click()

  // Another's message has no such item.
  await bo.sendMessage(hall.id, 'Bread')
  await window.waitForMessage('Bread')
  await page.locator('article', { hasText: 'Bread' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Copy link' }).waitFor()
  expect(await page.getByRole('menuitem', { name: 'Read by…' }).count()).toBe(0)
  await page.keyboard.press('Escape')

  // Without the hub it says so.
  await hub.close()
  await openByKeyboard()
  await dialog.getByText('The list of readers will load when the hub is back.').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the time next to a later message of the same author is whole in a narrow window, with AM and PM too', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  await ann.sendMessage(kitchen.id, 'first')
  await ann.sendMessage(kitchen.id, 'second')
  for (const locale of ['en-US', 'en-GB', 'ko-KR']) {
    const context = await browser.newContext({ viewport: { width: 400, height: 700 }, locale })
    const window = AppWindow.fromPage(await context.newPage())
    await window.page.goto(hub.url)
    await window.logIn('ann')
    await window.openChat('Kitchen')
    const row = window.page.locator('hb-message-list article', { hasText: 'second' })
    await row.hover()
    const [time, edge] = [await boxOf(row.locator('time.aside')), await boxOf(row)]
    expect(time.x, locale).toBeGreaterThanOrEqual(edge.x - 1)
    expect(await overlaps(row.locator('time.aside'), row.locator('.text'))).toBe(false)
    await context.close()
  }
})
