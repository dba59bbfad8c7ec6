import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { password } from '../support/person.ts'
import { Window } from '../support/window.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Groups as two people see them: who may write, what is archived, what they look like, and who runs them.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann, who owns the kitchen, and bo, who is in it, each at a window of their own. */
async function twoWindows() {
  const world = await makeWorld({ loadTest: true })
  const ann = await Window.open(browser, world.hub.url)
  await ann.logIn('ann', password)
  const bo = await Window.open(browser, world.hub.url)
  await bo.logIn('bo', password)
  return { world, ann, bo }
}

async function menuOf(window: Window, group: string, item: string): Promise<void> {
  const row = window.chatRow(group)
  await row.click({ button: 'right' })
  await window.page.getByRole('menuitem', { name: item }).click()
}

const archive = (window: Window): Locator => window.page.getByRole('button', { name: /^Archive \d+ chat/ })

test('in an announcement group a plain member reads and is told why there is no place to write', async () => {
  const { ann, bo } = await twoWindows()
  await ann.openChat('Kitchen')
  await bo.openChat('Kitchen')
  await bo.composer.fill('half a thought')
  await menuOf(ann, 'Kitchen', 'Edit group')
  const dialog = ann.page.locator('hb-edit-group')
  await dialog.getByText('Only owner and admins').click()
  await dialog.getByRole('button', { name: 'Save changes' }).click()

  // without a reload, and what was begun is kept for later
  await bo.page.getByText('Only the owner and admins write here.').waitFor()
  expect(await bo.composer.count()).toBe(0)
  await ann.say('The oven is fixed')
  await bo.sees('The oven is fixed')
  expect(await accessibilityProblems(bo.page)).toEqual([])

  await menuOf(ann, 'Kitchen', 'Edit group')
  await ann.page.locator('hb-edit-group').getByText('Everybody in it', { exact: true }).click()
  await ann.page.locator('hb-edit-group').getByRole('button', { name: 'Save changes' }).click()
  await bo.composer.waitFor()
  expect(await bo.composer.inputValue()).toBe('half a thought')
  expect([ann.complaints, bo.complaints]).toEqual([[], []])
})

test('an archived group moves out of the way, is read, and comes back for both', async () => {
  const { ann, bo } = await twoWindows()
  await bo.openChat('Kitchen')
  await bo.say('Keep this')
  await ann.openChat('Kitchen')
  await ann.sees('Keep this')
  await menuOf(ann, 'Kitchen', 'Archive group')
  await ann.press('Archive #Kitchen')
  for (const window of [ann, bo]) {
    await window.page.getByText('This group is archived').waitFor()
    await archive(window).waitFor()
    expect(await window.composer.count()).toBe(0)
    await window.sees('Keep this')
  }
  // only who runs it is offered to restore it
  expect(await bo.page.getByRole('button', { name: 'Restore group' }).count()).toBe(0)

  // elsewhere it is folded away, and found again by its name
  await bo.openChat('ann')
  expect(await archive(bo).getAttribute('aria-expanded')).toBe('false')
  expect(await bo.chatRow('Kitchen').count()).toBe(0)
  await archive(bo).click()
  await bo.chatRow('Kitchen').waitFor()
  await archive(bo).click()
  await bo.page.getByPlaceholder('Filter chats').fill('kitch')
  await bo.chatRow('Kitchen').waitFor()
  expect(await accessibilityProblems(bo.page)).toEqual([])

  await ann.press('Restore group')
  await ann.say('And we are back')
  await bo.openChat('Kitchen')
  await bo.sees('And we are back')
  await bo.say('Good')
  await ann.sees('Good')
  expect(await archive(bo).count()).toBe(0)
  expect([ann.complaints, bo.complaints]).toEqual([[], []])
})

test('a deleted group goes for both and is brought back by its owner, at once or later', async () => {
  const { ann, bo } = await twoWindows()
  await ann.openChat('Kitchen')
  await ann.say('Precious')
  await bo.openChat('Kitchen')
  await bo.sees('Precious')
  await menuOf(ann, 'Kitchen', 'Delete #Kitchen')
  await ann.press('Delete #Kitchen')
  await bo.page.getByText('This chat is not here').waitFor()
  await ann.press('Undo')
  await ann.chatRow('Kitchen').waitFor()
  await bo.openChat('Kitchen')
  await bo.sees('Precious')

  await menuOf(ann, 'Kitchen', 'Delete #Kitchen')
  await ann.press('Delete #Kitchen')
  await bo.page.getByText('This chat is not here').waitFor()
  await ann.page.reload()
  await ann.press('New chat or group')
  await ann.page.getByRole('menuitem', { name: 'Browse groups' }).click()
  await ann.press('Bring back #Kitchen')
  await ann.sees('Precious')
  await bo.chatRow('Kitchen').waitFor()
  expect([ann.complaints, bo.complaints]).toEqual([[], []])
})

test('a picture chosen in the dialog is cropped, and stands beside the name for both', async () => {
  const { ann, bo } = await twoWindows()
  await bo.openChat('Kitchen')
  await menuOf(ann, 'Kitchen', 'Edit group')
  const dialog = ann.page.locator('hb-edit-group')
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'stove.png',
    mimeType: 'image/png',
    buffer: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
      'base64',
    ),
  })
  await ann.press('Use this picture')
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  for (const window of [ann, bo])
    await window.chatRow('Kitchen').locator('hb-avatar img[data-shown]').waitFor()
  await bo.page.locator('hb-conversation-header hb-avatar img[data-shown]').waitFor()

  await menuOf(ann, 'Kitchen', 'Edit group')
  await dialog.getByRole('button', { name: 'Take it away' }).click()
  await dialog.getByRole('button', { name: 'Save changes' }).click()
  for (const window of [ann, bo]) {
    await window.chatRow('Kitchen').locator('hb-avatar img').waitFor({ state: 'detached' })
  }

  // what is no picture is said so, and the dialog keeps what was typed
  await menuOf(ann, 'Kitchen', 'Edit group')
  await dialog.getByLabel('Topic').fill('Soup')
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'soup.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  })
  await ann.page.getByText('This file cannot be shown as a picture').waitFor()
  await ann.page.locator('hb-crop').getByRole('button', { name: 'Cancel' }).click()
  expect(await dialog.getByLabel('Topic').inputValue()).toBe('Soup')
  expect([ann.complaints, bo.complaints]).toEqual([[], []])
})

test('the owner makes an admin, who then runs the group, and hands it over', async () => {
  const { ann, bo } = await twoWindows()
  await ann.openChat('Kitchen')
  await ann.press(/^Show members/)
  await ann.press('What to do with bo')
  await ann.page.getByRole('menuitem', { name: 'Make admin' }).click()
  await ann.press('Make bo admin')
  await ann.page.locator('hb-member-panel .role', { hasText: 'Admin' }).waitFor()

  await bo.openChat('Kitchen')
  await menuOf(bo, 'Kitchen', 'Archive group')
  await bo.press('Archive #Kitchen')
  await ann.page.getByText('This group is archived').waitFor()
  await bo.press('Restore group')
  await ann.composer.waitFor()
  // nothing that an admin may not do is offered with the owner
  await bo.press(/^Show members/)
  await bo.press('What to do with ann')
  await bo.page.getByRole('menuitem', { name: 'Message' }).waitFor()
  expect(await bo.page.getByRole('menuitem', { name: /admin|Remove|Hand over/ }).count()).toBe(0)

  await ann.press('What to do with bo')
  await ann.page.getByRole('menuitem', { name: 'Hand over the group' }).click()
  await ann.press('Hand over to bo')
  await bo.page
    .locator('hb-member-panel li', { hasText: 'bo' })
    .locator('.role', { hasText: 'Owner' })
    .waitFor()
})
