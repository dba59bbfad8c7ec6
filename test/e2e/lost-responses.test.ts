// The hub commits, and its response is lost: the user presses again, and finds what they wanted done once.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { openLossyLine } from '../support/lossy-line.ts'
import { password, TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const newPassword = 'seven boats in the fog'

/** A window of a user, whose line can lose responses. */
async function openWindow(username: string, path = '') {
  const world = await makeWorld()
  const window = await AppWindow.open(browser, 'about:blank')
  const { page } = window
  const line = await openLossyLine(page)
  await page.goto(world.hub.url)
  await window.logIn(username)
  await page.getByLabel('Search chats and people').waitFor()
  if (path) await page.goto(`${world.hub.url}${path}`)
  return { ...world, window, page, line }
}

const offlineText = 'Can’t reach the hub'

test('a password that was changed without a response is the password', async () => {
  const { hub, window, page, line } = await openWindow('bo', '/settings/security')
  await window.clickButton('Change password…')
  const form = page.locator('hb-settings-security form')
  await form.getByLabel('Current password', { exact: true }).fill(password)
  await form.getByLabel('New password', { exact: true }).fill(newPassword)
  const submit = form.getByRole('button', { name: 'Change password' })
  line.loseResponseOf('me.password')
  await submit.click()
  await form.getByText(offlineText).waitFor()
  await submit.click()
  await page.getByText('Password changed').waitFor()
  await TestUser.login(hub.url, 'bo', newPassword)
  expect([line.lostCount(), window.consoleErrors]).toEqual([1, []])
  await window.context.close()
})

test('a password that a reset has set without a response is said to be set', async () => {
  const { hub, olga, bo } = await makeWorld()
  const { url } = await olga.request('admin.users.createResetLink', { userId: bo.id })
  const window = await AppWindow.open(browser, 'about:blank')
  const { page } = window
  const line = await openLossyLine(page)
  await page.goto(new URL(url, hub.url).href)
  await window.fill('New password', newPassword)
  const submit = page.getByRole('button', { name: 'Set new password' })
  line.loseResponseOf('recovery.reset')
  await submit.click()
  await page.getByText(offlineText).waitFor()
  await submit.click()
  await page.getByText('Your new password may already be set').waitFor()
  await TestUser.login(hub.url, 'bo', newPassword)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a token whose response was lost is revoked by the next one', async () => {
  const { bo, window, page, line } = await openWindow('bo', '/settings/tokens')
  const kept = await bo.request('tokens.create', { name: 'Script', scope: 'read' })
  const create = async () => {
    await page.getByRole('button', { name: 'Create token' }).click()
  }
  await window.clickButton('New token')
  await window.fill('What is it for?', 'Script')
  line.loseResponseOf('tokens.create')
  await create()
  await page.getByText(offlineText).waitFor()
  // what is there is shown once the hub is back, and the form still says what happened
  await expect.poll(() => page.getByRole('button', { name: 'Revoke Script' }).count()).toBe(2)
  expect(await page.getByText(offlineText).count()).toBe(1)
  await create()
  await page.getByTestId('new-token').waitFor()
  const { tokens } = await bo.request('tokens.list', {})
  expect(tokens).toHaveLength(2)
  expect(tokens.map(({ id }) => id)).toContain(kept.id)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('what was removed without a response counts as removed', async () => {
  const { ann, window, page, kitchen, line } = await openWindow('ann')
  await window.openChat('Kitchen')
  await window.clickButton('Show members, 2 members')
  await window.clickButton('Actions for bo')
  await page.getByRole('menuitem', { name: /Remove/ }).click()
  const dialog = page.locator('hb-confirm')
  const remove = dialog.getByRole('button', { name: /Remove/ })
  line.loseResponseOf('members.remove')
  await remove.click()
  await dialog.getByText(offlineText).waitFor()
  await remove.click()
  await dialog.waitFor({ state: 'detached' })
  const { members } = await ann.request('members.list', { chatId: kitchen.id })
  expect(members).toHaveLength(1)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a dialog whose request has no response can be closed', async () => {
  const { window, page, line } = await openWindow('ann')
  await window.openChat('Kitchen')
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.locator('hb-new-group')
  await dialog.getByLabel('Name', { exact: true }).first().fill('Boats')
  await page.clock.install()
  line.freeze()
  await dialog.getByRole('button', { name: /^Create/ }).click()
  // the button has lost the focus: a second Esc closes a dialog of the browser without asking
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Escape')
  await dialog.getByRole('heading', { name: 'New group' }).waitFor()
  await page.clock.runFor(6_000)
  await dialog.getByText('The hub has not responded yet').waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a deletion whose response was lost is offered for undo, and no failure is shown', async () => {
  const { window, page, line } = await openWindow('ann')
  await window.openChat('Kitchen')
  await window.sendMessage('Soup is ready')
  await window.waitForMessage('Soup is ready')
  const row = page.locator('.column article', { hasText: 'Soup is ready' })
  await row.focus()
  line.loseResponseOf('messages.delete')
  await page.keyboard.press('d')
  const toasts = page.locator('hb-toasts')
  await toasts.getByRole('button', { name: 'Undo' }).click()
  await window.waitForMessage('Soup is ready')
  expect([line.lostCount(), await toasts.getByText(offlineText).count()]).toEqual([1, 0])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a logout asks before it deletes what was not sent', async () => {
  const { window, page, line } = await openWindow('ann')
  await window.openChat('Kitchen')
  await window.sendMessage('Sent')
  await window.waitForMessage('Sent')
  line.freeze()
  await window.sendMessage('Not sent yet')
  await window.waitForUnsentMessage('Not sent yet')
  const logOut = async () => {
    await window.clickButton(/your account and this hub/)
    await page.getByRole('menuitem', { name: 'Log out' }).click()
  }
  const dialog = page.locator('hb-confirm')
  await logOut()
  await dialog.getByText('Log out with 1 unsent message?').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await window.waitForUnsentMessage('Not sent yet')
  await logOut()
  await dialog.getByRole('button', { name: 'Log out and delete' }).click()
  await page.getByLabel('Username').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('what is written while a chat loads is shown at once, below the rest when that is there', async () => {
  const { ann, bo, kitchen, window, page, line } = await openWindow('ann')
  for (const text of ['one', 'two', 'three']) await bo.sendMessage(kitchen.id, text)
  await ann.request('chats.read', { chatId: kitchen.id, no: 3 })
  await page.reload()
  await window.chatRow('Kitchen').waitFor()
  line.freeze()
  await window.openChat('Kitchen')
  await window.sendMessage('four')
  await window.waitForUnsentMessage('four')
  line.thaw()
  await window.waitForMessage('four')
  expect(await window.messageTexts()).toEqual(['one', 'two', 'three', 'four'])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
