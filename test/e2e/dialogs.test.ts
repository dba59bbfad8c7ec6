// The dialogs of the shell, in a real Chromium with a real hub.
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'
import { TestUser } from '../support/test-user.ts'
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

test('a new group needs a name, members and one tick, and has the rest behind More', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url, { width: 900, height: 600 })
  const { page } = window
  await window.logIn('ann')
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.locator('hb-new-group')
  await dialog.getByLabel('Name', { exact: true }).fill('cellar')
  // All of it is in view, in a window of 600 px: nothing scrolls, and no line is drawn above the buttons.
  await expect.poll(() => dialog.locator('dialog').getAttribute('data-scrolls')).toBe(null)
  const body = await boxOf(dialog.locator('.body'))
  const more = await boxOf(dialog.getByText('More', { exact: true }))
  expect(more.y + more.height).toBeLessThanOrEqual(body.y + body.height)
  expect(await dialog.getByLabel('Topic').isVisible()).toBe(false)

  await dialog.getByLabel('Private: invited people only').check()
  await dialog.getByText('More', { exact: true }).click()
  await dialog.getByLabel('Topic').fill('Jam and wine')
  await dialog.getByText('Owner and admins', { exact: true }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  // What is behind More counts after it was closed again.
  await dialog.getByText('More', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Create #cellar' }).waitFor()
  await dialog.getByRole('combobox', { name: 'Members' }).press('Enter')
  await window.composer.waitFor()
  const { chats } = await (await TestUser.login(hub.url, 'ann')).request('chats.list', {})
  expect(chats.find(({ name }) => name === 'cellar')).toMatchObject({
    visibility: 'private',
    topic: 'Jam and wine',
    posting: 'admins',
  })
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the QR code of an invite is in view, or below a line that says that more follows', async () => {
  const { hub } = await makeWorld()
  for (const size of [
    { width: 900, height: 600 },
    { width: 400, height: 700 },
    { width: 400, height: 480 },
  ]) {
    const window = await AppWindow.open(browser, hub.url, size)
    await window.logIn('olga')
    await window.page
      .getByPlaceholder(/^(Search|Filter)/)
      .first()
      .waitFor()
    await window.page
      .locator('hb-shell')
      .evaluate((shell) =>
        shell.dispatchEvent(new CustomEvent('hb-open-dialog', { detail: { kind: 'invite' }, bubbles: true })),
      )
    const dialog = window.page.locator('hb-invite')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    const code = dialog.locator('hb-qr')
    await code.waitFor()
    const [qr, body, footer] = [
      await boxOf(code),
      await boxOf(dialog.locator('.body')),
      await boxOf(dialog.locator('footer')),
    ]
    expect(body.y + body.height).toBeLessThanOrEqual(footer.y + 1)
    if (qr.y + qr.height > body.y + body.height) {
      await expect.poll(() => dialog.locator('dialog').getAttribute('data-scrolls')).toBe('')
      const width = await dialog
        .locator('footer')
        .evaluate((line) => getComputedStyle(line).borderBlockStartWidth)
      expect(width).toBe('1px')
    }
    // Scrolled to, all of it is above the buttons.
    await code.scrollIntoViewIfNeeded()
    const seen = await boxOf(code)
    expect(seen.height).toBeLessThanOrEqual(body.height)
    expect(seen.y).toBeGreaterThanOrEqual(body.y - 1)
    expect(seen.y + seen.height).toBeLessThanOrEqual(body.y + body.height + 1)
    await window.context.close()
  }
})

test('an owner who is alone finds an invite in New chat, in a dialog as high as its words', async () => {
  const hub = await startTestHub()
  await hub.setUp('olga')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('olga')
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New chat' }).click()
  const dialog = page.locator('hb-new-chat')
  await dialog.getByText('You’re the only one here so far.').waitFor()
  expect((await boxOf(dialog.locator('dialog'))).height).toBeLessThan(460)
  expect(await dialog.getByRole('combobox').count()).toBe(0)
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Invite people' }).click()
  const invite = page.locator('hb-invite')
  await invite.getByText('Up to 20', { exact: true }).click()
  await invite.getByText('30 days', { exact: true }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await invite.getByRole('button', { name: 'Create link' }).click()
  await invite.getByTestId('invite-link').waitFor()
  const { invites } = await (await TestUser.login(hub.url, 'olga')).request('admin.invites.list', {})
  expect(invites).toMatchObject([{ uses: 20, role: 'member' }])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
