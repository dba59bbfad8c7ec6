import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann and Bo, who have a direct chat and a group, each in their own window. */
async function createFixture() {
  const hub = await startTestHub()
  await hub.setUp()
  const [anns, bos] = [await hub.registerUser('ann'), await hub.registerUser('bo')]
  const chat = await anns.openDirectChat(bos)
  await anns.sendMessage(chat.id, 'Good morning')
  await anns.createGroup('Kitchen', [bos])
  const windows = await Promise.all([
    AppWindow.open(browser, hub.url),
    AppWindow.open(browser, hub.url, { width: 1280, height: 800 }),
  ])
  onTestFinished(async () => {
    for (const one of windows) {
      await one.context.close()
      expect(one.consoleErrors).toEqual([])
    }
  })
  const [ann, bo] = windows
  await ann.logIn('ann')
  await bo.logIn('bo')
  await ann.page.locator('hb-chat-list .me').waitFor()
  return { hub, ann, bo, anns, bos }
}

/** Opens the dialog by the keyboard, from the button with the user's own name. */
async function openStatusDialog({ page }: AppWindow): Promise<void> {
  await page.locator('hb-chat-list .me').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.locator('hb-set-status dialog').waitFor()
}

const nameOfStatus = (text: string) => ({ name: `Status: ${text}`, exact: true })

test('a click outside the dialog keeps a chosen suggestion', async () => {
  const { ann } = await createFixture()
  const { page } = ann
  const dialog = page.locator('hb-set-status dialog')
  await openStatusDialog(ann)
  await page.mouse.click(20, 780)
  await dialog.waitFor({ state: 'detached' })

  await openStatusDialog(ann)
  await dialog
    .page()
    .getByRole('button', { name: /On holiday/ })
    .click()
  await page.mouse.click(20, 780)
  await page.mouse.click(1260, 20)
  expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe('On holiday')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('a status set by keyboard appears at once in the windows of others, is changed and cleared', async () => {
  const { ann, bo } = await createFixture()
  await bo.openChat('ann')
  await bo.page.locator('hb-message-list .face').first().click({ force: true })
  const card = bo.page.locator('hb-user-card')
  await card.waitFor()

  await openStatusDialog(ann)
  const text = ann.page.getByLabel('Text', { exact: true })
  await expect.poll(() => text.evaluate((field) => field.matches(':focus'))).toBe(true)
  expect(await accessibilityProblems(ann.page)).toEqual([])
  await ann.page.keyboard.type('  Out   <b>sick</b> ')
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('hb-set-status').waitFor({ state: 'detached' })
  const words = 'Out <b>sick</b>'
  for (const place of ['hb-chat-row', 'hb-conversation-header', 'hb-message-list'])
    await bo.page.locator(place).getByRole('img', nameOfStatus(words)).first().waitFor()
  await card.getByText(words, { exact: true }).waitFor()
  await bo.page.locator('hb-conversation-header').getByText(words).waitFor()
  await ann.page.locator('hb-chat-list .me').getByRole('img', nameOfStatus(words)).waitFor()
  expect(await accessibilityProblems(bo.page)).toEqual([])

  // the dialog has the current status; another emoji is picked by keyboard, and Escape closes only the picker
  await openStatusDialog(ann)
  expect(await text.inputValue()).toBe(words)
  await ann.page.keyboard.press('Shift+Tab')
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('hb-emoji-picker').waitFor()
  await ann.page.keyboard.press('Escape')
  await ann.page.locator('hb-emoji-picker').waitFor({ state: 'detached' })
  expect(await ann.page.locator('hb-set-status dialog').isVisible()).toBe(true)
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('hb-emoji-picker').waitFor()
  await ann.page.keyboard.type('thermometer')
  await ann.page.locator('hb-emoji-picker .cell').first().waitFor()
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('hb-emoji-picker').waitFor({ state: 'detached' })
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('hb-set-status').waitFor({ state: 'detached' })
  const row = bo.page.locator('hb-chat-row').getByRole('img', nameOfStatus(words))
  await expect.poll(() => row.innerText()).toBe('🌡️')

  await openStatusDialog(ann)
  await ann.clickButton('Clear status')
  for (const place of ['hb-chat-row', 'hb-conversation-header', 'hb-message-list'])
    await bo.page.locator(place).getByRole('img', nameOfStatus(words)).waitFor({ state: 'detached' })
  await card.getByText(words).waitFor({ state: 'detached' })
  expect(await ann.page.locator('hb-chat-list .me').getByRole('img').count()).toBe(0)
})

test('a suggestion fills in text, emoji and end, and the member list shows it', async () => {
  const { ann, bo, anns } = await createFixture()
  await openStatusDialog(ann)
  const dialog = ann.page.locator('hb-set-status')
  await dialog.getByRole('button', { name: 'Out for lunch' }).click()
  expect(await dialog.getByLabel('Clear after').inputValue()).toBe('halfHour')
  const before = Date.now()
  await ann.page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  const { user } = await anns.request('me.get', {})
  expect(user.status).toMatchObject({ text: 'Out for lunch', emoji: '🍜' })
  expect((user.status?.until ?? 0) - before).toBeGreaterThanOrEqual(30 * 60_000)
  expect((user.status?.until ?? 0) - Date.now()).toBeLessThanOrEqual(30 * 60_000)

  await bo.openChat('Kitchen')
  await bo.page.locator('hb-conversation-header .who').click()
  const member = bo.page.locator('hb-member-panel li').filter({ hasText: 'ann' })
  await member.getByRole('img', nameOfStatus('Out for lunch')).waitFor()
  await member.getByRole('button', { name: /Status: Out for lunch/ }).click()
  await bo.page
    .locator('hb-user-card')
    .getByText(/Until \d/)
    .waitFor()
})

test('a holiday needs a date in the future, and the end of the status is shown to others', async () => {
  const { ann, anns } = await createFixture()
  await openStatusDialog(ann)
  const dialog = ann.page.locator('hb-set-status')
  await dialog.getByRole('button', { name: 'On holiday' }).click()
  const at = dialog.getByLabel('Date and time')
  await expect.poll(() => at.evaluate((field) => field.matches(':focus'))).toBe(true)
  expect(await accessibilityProblems(ann.page)).toEqual([])
  await at.fill('2020-01-01T10:00')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('This time has passed. Choose a later one.').waitFor()
  await at.fill('2099-12-24T00:00')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await anns.request('me.get', {})).user.status).toEqual({
    text: 'On holiday',
    emoji: '🌴',
    until: new Date(2099, 11, 24).getTime(),
  })
})

test('a status without text and emoji, or with too long a text, is refused at its field', async () => {
  const { ann, anns } = await createFixture()
  await openStatusDialog(ann)
  const dialog = ann.page.locator('hb-set-status')
  await ann.page.keyboard.press('Enter')
  await dialog.getByText('Type something or choose an emoji.').waitFor()
  await dialog.getByLabel('Text', { exact: true }).fill('🍞'.repeat(81))
  await dialog.getByText('1 character too many.').waitFor()
  await ann.page.keyboard.press('Enter')
  await dialog.getByText('The status can have at most 80 characters.').waitFor()
  await ann.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect((await anns.request('me.get', {})).user.status).toBeUndefined()
})

test('a status ends by its time on every page, before the hub has cleared it and while the hub is away', async () => {
  const { hub, bo, anns } = await createFixture()
  await bo.openChat('ann')
  const mark = bo.page.locator('hb-chat-row').getByRole('img', nameOfStatus('Back in a moment'))
  await anns.request('status.set', { text: 'Back in a moment', until: Date.now() + 6000 })
  await mark.waitFor()
  await hub.close()
  await mark.waitFor({ state: 'detached' })
  expect(await bo.page.locator('hb-conversation-header').getByText('Back in a moment').count()).toBe(0)
})

test('a status without an end stays shown while the hub is away', async () => {
  const { hub, bo, anns } = await createFixture()
  await bo.openChat('ann')
  await anns.request('status.set', { emoji: '🏡' })
  const mark = bo.page.locator('hb-conversation-header').getByRole('img', nameOfStatus('🏡'))
  await mark.waitFor()
  await hub.close()
  await bo.page.locator('hb-connection-banner').getByRole('button').waitFor()
  expect(await mark.count()).toBe(1)
})
