import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { password } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Groups as two users see them: who can post, archiving, deleting, pictures and roles.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann, the owner of the kitchen, and bo, a member, each in their own window. */
async function openTwoWindows() {
  const world = await makeWorld({ loadTest: true })
  const ann = await AppWindow.open(browser, world.hub.url)
  await ann.logIn('ann', password)
  const bo = await AppWindow.open(browser, world.hub.url)
  await bo.logIn('bo', password)
  return { world, ann, bo }
}

async function chooseInGroupMenu(window: AppWindow, group: string, item: string): Promise<void> {
  const row = window.chatRow(group)
  await row.click({ button: 'right' })
  await window.page.getByRole('menuitem', { name: item }).click()
}

const archiveButton = (window: AppWindow): Locator =>
  window.page.getByRole('button', { name: /^Archive \d+ chat/ })

test('in an announcement group a member can read and sees why they cannot post', async () => {
  const { world, ann, bo } = await openTwoWindows()
  await ann.openChat('Kitchen')
  await bo.openChat('Kitchen')
  await bo.composer.fill('half a thought')
  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  const dialog = ann.page.locator('hb-edit-group')
  await dialog.getByText('Owner and admins', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Save changes' }).click()

  // Without a reload, and the draft is kept.
  await bo.page.getByText('Only the owner and admins can post here.').waitFor()
  expect(await bo.composer.count()).toBe(0)
  await ann.sendMessage('The oven is fixed')
  await bo.waitForMessage('The oven is fixed')
  expect(await accessibilityProblems(bo.page)).toEqual([])

  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  await ann.page.locator('hb-edit-group').getByText('Everyone', { exact: true }).click()
  await ann.page.locator('hb-edit-group').getByRole('button', { name: 'Save changes' }).click()
  await bo.composer.waitFor()
  expect(await bo.composer.inputValue()).toBe('half a thought')
  // what another admin has changed while the form was open stays
  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  await dialog.getByLabel('Name', { exact: true }).fill('Bakery')
  await world.ann.request('chats.update', { chatId: world.kitchen.id, topic: 'Bread and more' })
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  await dialog.waitFor({ state: 'detached' })
  const { chats } = await world.ann.request('chats.list', {})
  const group = chats.find(({ id }) => id === world.kitchen.id)
  expect(group).toMatchObject({ name: 'Bakery', topic: 'Bread and more', posting: 'all' })
  expect([ann.consoleErrors, bo.consoleErrors]).toEqual([[], []])
})

test('an archived group moves to the archive, stays readable, and returns for both when unarchived', async () => {
  const { ann, bo } = await openTwoWindows()
  await bo.openChat('Kitchen')
  await bo.sendMessage('Keep this')
  await ann.openChat('Kitchen')
  await ann.waitForMessage('Keep this')
  await chooseInGroupMenu(ann, 'Kitchen', 'Archive group')
  await ann.clickButton('Archive #Kitchen')
  for (const window of [ann, bo]) {
    await window.page.getByText('This group is archived').waitFor()
    await archiveButton(window).waitFor()
    expect(await window.composer.count()).toBe(0)
    await window.waitForMessage('Keep this')
  }
  // Only the owner and admins can unarchive it.
  expect(await bo.page.getByRole('button', { name: 'Unarchive group' }).count()).toBe(0)

  // In another chat the archive is collapsed, and the filter finds the group by its name.
  await bo.openChat('ann')
  expect(await archiveButton(bo).getAttribute('aria-expanded')).toBe('false')
  expect(await bo.chatRow('Kitchen').count()).toBe(0)
  await archiveButton(bo).click()
  await bo.chatRow('Kitchen').waitFor()
  await archiveButton(bo).click()
  await bo.page.getByLabel('Search chats and people').fill('kitch')
  await bo.chatRow('Kitchen').waitFor()
  expect(await accessibilityProblems(bo.page)).toEqual([])

  await ann.clickButton('Unarchive group')
  await ann.sendMessage('And we are back')
  await bo.openChat('Kitchen')
  await bo.waitForMessage('And we are back')
  await bo.sendMessage('Good')
  await ann.waitForMessage('Good')
  expect(await archiveButton(bo).count()).toBe(0)
  expect([ann.consoleErrors, bo.consoleErrors]).toEqual([[], []])
})

test('a deleted group disappears for both, and its owner undeletes it at once or later', async () => {
  const { ann, bo } = await openTwoWindows()
  await ann.openChat('Kitchen')
  await ann.sendMessage('Precious')
  await bo.openChat('Kitchen')
  await bo.waitForMessage('Precious')
  await bo.page.getByRole('button', { name: 'Emoji', exact: true }).click()
  const picker = bo.page.locator('hb-emoji-picker')
  await picker.waitFor()
  await chooseInGroupMenu(ann, 'Kitchen', 'Delete #Kitchen')
  await ann.clickButton('Delete #Kitchen')
  await bo.page.getByText('This chat was deleted, or you’re not a member').waitFor()
  // an emoji for a message that cannot be sent any more
  await picker.waitFor({ state: 'detached' })
  await ann.clickButton('Undo')
  await ann.chatRow('Kitchen').waitFor()
  await bo.openChat('Kitchen')
  await bo.waitForMessage('Precious')

  await chooseInGroupMenu(ann, 'Kitchen', 'Delete #Kitchen')
  await ann.clickButton('Delete #Kitchen')
  await bo.page.getByText('This chat was deleted, or you’re not a member').waitFor()
  await ann.page.reload()
  await ann.clickButton('New chat or group')
  await ann.page.getByRole('menuitem', { name: 'Browse groups' }).click()
  await ann.clickButton('Undelete #Kitchen')
  await ann.waitForMessage('Precious')
  await bo.chatRow('Kitchen').waitFor()
  expect([ann.consoleErrors, bo.consoleErrors]).toEqual([[], []])
})

test('a dialog whose module loads slowly opens with its content', async () => {
  const { ann, bo } = await openTwoWindows()
  await ann.chatRow('Kitchen').waitFor()
  await chooseInGroupMenu(ann, 'Kitchen', 'Delete #Kitchen')
  await ann.clickButton('Delete #Kitchen')
  await bo.chatRow('Kitchen').waitFor({ state: 'detached' })
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  await ann.page.route(/hb-browse-groups/, async (route) => {
    await released
    await route.continue()
  })
  await ann.page.reload()
  await ann.clickButton('New chat or group')
  await ann.page.getByRole('menuitem', { name: 'Browse groups' }).click()
  release()
  await ann.page.getByRole('button', { name: 'Undelete #Kitchen' }).waitFor()
  expect(ann.consoleErrors).toEqual([])
})

test('a group picture is cropped in the dialog and shown to both', async () => {
  const { ann, bo } = await openTwoWindows()
  await bo.openChat('Kitchen')
  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  const dialog = ann.page.locator('hb-edit-group')
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'stove.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
      'base64',
    ),
  })
  await ann.clickButton('Use this picture')
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  for (const window of [ann, bo])
    await window.chatRow('Kitchen').locator('hb-avatar img[data-shown]').waitFor()
  await bo.page.locator('hb-conversation-header hb-avatar img[data-shown]').waitFor()

  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  for (const window of [ann, bo]) {
    await window.chatRow('Kitchen').locator('hb-avatar img').waitFor({ state: 'detached' })
  }

  // A file that is not a picture shows an error, and the dialog keeps its values.
  await chooseInGroupMenu(ann, 'Kitchen', 'Edit group')
  await dialog.getByLabel('Topic').fill('Soup')
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'soup.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  })
  await ann.page.getByText('Hubbub can’t show this file as a picture').waitFor()
  await ann.page.locator('hb-crop').getByRole('button', { name: 'Cancel' }).click()
  expect(await dialog.getByLabel('Topic').inputValue()).toBe('Soup')
  expect([ann.consoleErrors, bo.consoleErrors]).toEqual([[], []])
})

test('the owner makes an admin, who manages the group, and then transfers the ownership', async () => {
  const { ann, bo } = await openTwoWindows()
  await ann.openChat('Kitchen')
  await ann.clickButton(/^Show members/)
  await ann.clickButton('Actions for bo')
  await ann.page.getByRole('menuitem', { name: 'Make admin' }).click()
  await ann.clickButton('Make bo admin')
  await ann.page.locator('hb-member-panel .role', { hasText: 'Admin' }).waitFor()

  await bo.openChat('Kitchen')
  await chooseInGroupMenu(bo, 'Kitchen', 'Archive group')
  await bo.clickButton('Archive #Kitchen')
  await ann.page.getByText('This group is archived').waitFor()
  await bo.clickButton('Unarchive group')
  await ann.composer.waitFor()
  // An admin is offered nothing they may not do to the owner.
  await bo.clickButton(/^Show members/)
  await bo.clickButton('Actions for ann')
  await bo.page.getByRole('menuitem', { name: 'Message' }).waitFor()
  expect(await bo.page.getByRole('menuitem', { name: /admin|Remove|Transfer/ }).count()).toBe(0)

  await ann.clickButton('Actions for bo')
  await ann.page.getByRole('menuitem', { name: 'Transfer ownership' }).click()
  await ann.clickButton('Transfer to bo')
  await bo.page
    .locator('hb-member-panel li', { hasText: 'bo' })
    .locator('.role', { hasText: 'Owner' })
    .waitFor()
})

test('a group whose response was lost is not created twice', async () => {
  const { hub, ann } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  let isCut = false
  await page.routeWebSocket(/\/live/, (socket) => {
    const server = socket.connectToServer()
    let isCutting = false
    socket.onMessage((frame) => {
      isCutting = !isCut && String(frame).includes('"chats.create"')
      isCut ||= isCutting
      server.send(frame)
    })
    server.onMessage((frame) => (isCutting ? void socket.close() : socket.send(frame)))
  })
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.locator('hb-new-group')
  await dialog.getByLabel('Name', { exact: true }).first().fill('Boats')
  await dialog.getByRole('button', { name: /^Create/ }).click()
  await dialog.getByText('Can’t reach the hub').waitFor()
  await window.chatRow('Boats').waitFor()
  await dialog.getByRole('button', { name: /^Create/ }).click()
  await dialog.waitFor({ state: 'detached' })
  const { chats } = await ann.request('chats.list', {})
  expect(chats.filter(({ name }) => name === 'Boats')).toHaveLength(1)
  expect(isCut).toBe(true)
  expect(window.consoleErrors).toEqual([])
})
