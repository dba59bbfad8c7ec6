import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import type { TestUser } from '../support/test-user.ts'
import { png } from '../support/images.ts'
import { AppWindow } from '../support/app-window.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

interface ProfileFixture {
  hub: TestHub
  ann: AppWindow
  bo: AppWindow
  bos: TestUser
}

/** Ann and Bo, who have a direct chat, each in their own window. */
async function createFixture(size = { width: 1280, height: 800 }): Promise<ProfileFixture> {
  const hub = await startTestHub()
  await hub.setUp()
  const [anns, bos] = [await hub.registerUser('ann'), await hub.registerUser('bo')]
  const chat = await anns.openDirectChat(bos)
  await anns.sendMessage(chat.id, 'Good morning')
  const windows = await Promise.all([
    AppWindow.open(browser, hub.url, size),
    AppWindow.open(browser, hub.url),
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
  return { hub, ann, bo, bos }
}

async function openSettings({ page }: AppWindow): Promise<void> {
  await page.locator('hb-chat-list .me').click()
  await page.getByRole('menuitem', { name: 'Settings…' }).click()
  await page.locator('hb-settings').waitFor()
}

/** The size of the first picture found, and the colour in its middle. */
function centerColor({ page }: AppWindow, place: string): Promise<number[]> {
  return page
    .locator(`${place} hb-avatar img[data-shown]`)
    .first()
    .evaluate((picture: HTMLImageElement) => {
      const canvas = document.createElement('canvas')
      canvas.width = picture.naturalWidth
      canvas.height = picture.naturalHeight
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      context.drawImage(picture, 0, 0)
      const { data } = context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1)
      return [canvas.width, canvas.height, ...data.slice(0, 3)]
    })
}

test('an avatar is cropped on the page, shown to everyone at once, and removed', async () => {
  const { ann, bo } = await createFixture()
  await bo.openChat('ann')
  await openSettings(ann)
  expect(await accessibilityProblems(ann.page)).toEqual([])
  const choose = ann.page.locator('hb-settings-profile input[type=file]')
  await choose.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: png(700, 400, [30, 60, 220]) })
  const canvas = ann.page.locator('hb-crop canvas')
  await canvas.waitFor()
  expect(await accessibilityProblems(ann.page)).toEqual([])
  for (const key of ['+', '+', 'ArrowRight', 'ArrowDown', '-']) await canvas.press(key)
  await ann.clickButton('Use this picture')
  await ann.page.locator('hb-crop').waitFor({ state: 'detached' })

  // Small and square, wherever the avatar is shown, without a reload.
  for (const place of ['hb-chat-row', 'hb-message-list', 'hb-conversation-header']) {
    const [width, height, red = 0, green = 0, blue = 0] = await centerColor(bo, place)
    expect([width, height]).toEqual([256, 256])
    expect(Math.abs(red - 30) + Math.abs(green - 60) + Math.abs(blue - 220)).toBeLessThan(30)
  }
  await ann.clickButton('Remove')
  await bo.page.locator('hb-chat-row hb-avatar img').waitFor({ state: 'detached' })
  await bo.page.locator('hb-message-list hb-avatar img').first().waitFor({ state: 'detached' })
  const remove = ann.page.locator('hb-settings-profile').getByRole('button', { name: 'Remove' })
  await remove.waitFor({ state: 'detached' })
})

test('a file that is not a picture shows an error, and the form keeps its values', async () => {
  const { ann } = await createFixture()
  await openSettings(ann)
  const section = ann.page.locator('hb-settings-profile')
  await section.getByLabel(/^About you/).fill('Half a sentence')
  await section.locator('input[type=file]').setInputFiles({
    name: 'me.png',
    mimeType: 'image/png',
    buffer: Buffer.from('not a picture'),
  })
  await ann.page.getByText('Hubbub can’t show this file as a picture').waitFor()
  expect(await ann.page.getByRole('button', { name: 'Use this picture' }).isDisabled()).toBe(true)
  await ann.page.keyboard.press('Escape')
  await ann.page.locator('hb-crop').waitFor({ state: 'detached' })
  // Escape closed the dialog but not the settings.
  expect(await section.getByLabel(/^About you/).inputValue()).toBe('Half a sentence')
})

test('others see a new name and bio at once, and errors show at their field', async () => {
  const { ann, bo } = await createFixture()
  await bo.openChat('ann')
  await bo.page.locator('hb-message-list .face').first().click({ force: true })
  const card = bo.page.locator('hb-user-card')
  await card.waitFor()
  await openSettings(ann)
  const section = ann.page.locator('hb-settings-profile')
  const name = section.getByLabel('Your name', { exact: true })
  await name.fill('  ')
  await name.press('Tab')
  await section.getByText('Type your name.').waitFor()
  expect(await name.getAttribute('aria-invalid')).toBe('true')
  await section.getByLabel(/^About you/).fill('x'.repeat(501))
  await section.getByText('1 character too many.').waitFor()
  await name.fill('Ann Sommer')
  // One field is saved without the other, which still shows its error.
  await name.press('Enter')
  await section.getByText(/more than 500 characters/).waitFor()
  expect(await name.inputValue()).toBe('Ann Sommer')
  await bo.chatRow('Ann Sommer').waitFor()
  await section.getByLabel(/^About you/).fill('Bakes bread.\nIn at 9.')
  // Escape closes the settings, and what is in the field is saved like everything else.
  await ann.page.keyboard.press('Escape')
  await section.waitFor({ state: 'detached' })

  await card.getByText('Bakes bread.').waitFor()
  expect(await card.locator('.bio').innerText()).toBe('Bakes bread.\nIn at 9.')
  await card.getByRole('heading', { name: 'Ann Sommer' }).waitFor()
  await bo.chatRow('Ann Sommer').waitFor()
})

test('hiding the last-seen time applies in all windows of the user', async () => {
  const { ann, bos, hub } = await createFixture()
  const second = await AppWindow.open(browser, `${hub.url}/settings/profile`)
  onTestFinished(() => second.context.close())
  await second.logIn('ann')
  // The login leads to the requested address.
  await second.page.locator('hb-settings-profile').waitFor()
  await openSettings(ann)
  await ann.page.locator('hb-settings-profile').getByText('No one', { exact: true }).click()
  await second.page.locator('hb-settings-profile input[value=nobody]:checked').waitFor()
  const { user } = await bos.request('users.list', { query: 'ann' }).then(({ users }) => ({ user: users[0] }))
  expect((await bos.request('users.get', { userId: user?.id ?? '' })).lastSeen).toBeUndefined()
})

test('the settings have an address, Back and Escape, and one column on a narrow window', async () => {
  const { ann } = await createFixture({ width: 400, height: 700 })
  const { page } = ann
  await openSettings(ann)
  expect(new URL(page.url()).pathname).toBe('/settings')
  await page.getByRole('link', { name: 'Appearance' }).click()
  await page.locator('hb-settings-appearance').getByText('Dark', { exact: true }).click()
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  expect(await page.locator('hb-settings nav').count()).toBe(0)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.reload()
  await page.getByRole('heading', { name: 'Appearance' }).waitFor()
  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('link', { name: 'Notifications' }).click()
  await page.locator('hb-settings-notifications').getByText('No mark', { exact: true }).click()
  await page.keyboard.press('Escape')
  await page.locator('hb-chat-list').waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
})
