// The same letters find the same names in every list of the page.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'
import { TestUser } from '../support/test-user.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function makeTeam() {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp()
  await olga.request('admin.settings.update', { registration: 'open' })
  const register = (username: string, displayName: string) =>
    TestUser.register(hub.url, { username, displayName })
  const ann = await register('ann', 'Ann Sommer')
  const jonas = await register('jml', 'Jonas Müller-Lüdenscheidt')
  const ines = await register('ines', 'Inês Conceição')
  const cafe = await ann.createGroup('Café Größe', [jonas, ines])
  await ann.openDirectChat(jonas)
  await ines.createGroup('Fête', [], 'public')
  for (let no = 1; no <= 3; no += 1) await ines.sendMessage(cafe.id, `message ${no}`)
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.chatRow('Café Größe').waitFor()
  return { window, page: window.page }
}

test('letters without accents find a name in the filter, the switcher, @-completion and every picker', async () => {
  const { window, page } = await makeTeam()

  const filter = page.locator('hb-chat-list').getByRole('textbox')
  const rowNames = () => page.locator('hb-chat-row .name').allInnerTexts()
  for (const [typed, names] of [
    ['mul', ['Jonas Müller-Lüdenscheidt']],
    ['LUD', ['Jonas Müller-Lüdenscheidt']],
    ['jml', ['Jonas Müller-Lüdenscheidt']],
    ['groesse', ['Café Größe']],
    ['GRÖSSE', ['Café Größe']],
    ['ｃａｆｅ', ['Café Größe']],
  ] as const) {
    await filter.fill(typed)
    await expect.poll(rowNames, { message: typed }).toEqual(names)
  }
  await filter.fill('')

  await page.keyboard.press('Control+k')
  const switcher = page.locator('hb-switcher')
  const places = () => switcher.locator('.first').allInnerTexts()
  for (const [typed, names] of [
    ['mul lud', ['Jonas Müller-Lüdenscheidt']],
    ['conceicao', ['Inês Conceição']],
    ['cafe', ['Café Größe']],
  ] as const) {
    await switcher.getByRole('combobox').fill(typed)
    await expect.poll(places, { message: typed }).toEqual([...names, `Search messages for “${typed}”`])
  }
  await page.keyboard.press('Escape')

  await window.openChat('Café Größe')
  await window.composer.pressSequentially('@lud')
  const popup = page.locator('hb-conversation').getByRole('option', { name: /Müller-Lüdenscheidt/ })
  await popup.waitFor()
  await window.composer.fill('')

  await page
    .getByRole('button', { name: /member/ })
    .first()
    .click()
  const members = page.locator('hb-member-panel')
  await members.getByRole('button', { name: 'Add people' }).click()
  await page.keyboard.press('Escape')

  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New chat' }).click()
  await page.locator('hb-new-chat').getByRole('combobox').fill('ines con')
  await page.locator('hb-new-chat').getByRole('option', { name: /Inês/ }).waitFor()
  await page.keyboard.press('Escape')

  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'Browse groups' }).click()
  await page.locator('hb-browse-groups').getByLabel('Find a group').fill('fete')
  await page.locator('hb-browse-groups').getByText('Fête').waitFor()
  await page.keyboard.press('Escape')

  await page.keyboard.press('Control+Shift+f')
  await page.keyboard.type('from:muell')
  await page
    .locator('hb-search')
    .getByRole('option', { name: /Müller/ })
    .waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the switcher shows unread messages as a badge, its keys below, and searches messages by Enter', async () => {
  const { window, page } = await makeTeam()
  await page.keyboard.press('Control+k')
  const switcher = page.locator('hb-switcher')
  await switcher
    .locator('.result', { hasText: 'Café' })
    .locator('.pill')
    .getByText('3', { exact: true })
    .waitFor()
  await switcher.getByRole('option', { name: 'Café Größe 3 unread messages' }).waitFor()
  await switcher.locator('footer').getByText('Esc').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  // Nothing has this name: Enter searches the messages.
  await switcher.getByRole('combobox').fill('message 2')
  await switcher.getByText('Nothing matches “message 2”.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.locator('hb-search .hit', { hasText: 'message 2' }).waitFor()
  await expect.poll(() => switcher.count()).toBe(0)

  // The last result is on screen as a whole, at every size.
  for (const size of [
    { width: 1280, height: 800 },
    { width: 900, height: 600 },
    { width: 400, height: 360 },
  ]) {
    await page.setViewportSize(size)
    await page.keyboard.press('Control+k')
    await switcher.getByRole('combobox').fill('e')
    await page.keyboard.press('ArrowUp')
    const last = switcher.locator('.result').last()
    await expect.poll(() => last.getAttribute('aria-selected')).toBe('true')
    const gap = async () => {
      const [list, row] = [await switcher.locator('.results').boundingBox(), await last.boundingBox()]
      return list && row ? Math.round(list.y + list.height - row.y - row.height) : -1
    }
    await expect.poll(gap).toBe(8)
    await page.keyboard.press('Escape')
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
