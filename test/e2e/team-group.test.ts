import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { setupCode, startTestHub } from '../support/hub.ts'
import { password, TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * The group for everyone, the quiet lines of a chat, chats without a name and notes, as users see them.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const openAs = async (url: string, username: string): Promise<AppWindow> => {
  const window = await AppWindow.open(browser, url)
  await window.logIn(username, password)
  await window.page.getByLabel('Search chats and people').waitFor()
  return window
}
const lines = (window: AppWindow) => window.page.locator('hb-message-list .event')

test('a set-up makes the group for everyone, who see each other join; nobody is offered to leave it', async () => {
  const hub = await startTestHub({ loadTest: true })
  const olga = await AppWindow.open(browser, `${hub.url}/setup`)
  const groupName = olga.page.getByLabel('Group for everyone')
  expect(await groupName.inputValue()).toBe('Everyone')
  await groupName.fill('#Fig garden')
  await olga.setUp(setupCode, { username: 'olga', fullName: 'Olga', team: 'Figs' })
  await olga.openChat('Fig garden')
  await olga.page.getByText('You created this chat').waitFor()

  const owner = await TestUser.login(hub.url, 'olga')
  const invite = async () => (await owner.request('admin.invites.create', {})).invite
  // from before: the notice goes by itself
  const notice = olga.page.getByText('Ann joined your team.').waitFor()
  await TestUser.register(hub.url, { username: 'ann', displayName: 'Ann', invite: await invite() })
  await notice
  await olga.page.getByText('Ann joined', { exact: true }).waitFor()
  await TestUser.register(hub.url, { username: 'bo', displayName: 'Bo', invite: await invite() })
  await olga.page.getByText('Ann and Bo joined', { exact: true }).waitFor()
  await olga.sendMessage('Welcome, both of you')
  await olga.waitForMessage('Welcome, both of you')
  await TestUser.register(hub.url, { username: 'eve', displayName: 'Eve', invite: await invite() })
  await olga.page.getByText('Eve joined', { exact: true }).waitFor()

  const ann = await openAs(hub.url, 'ann')
  await ann.openChat('Fig garden')
  await ann.waitForMessage('Welcome, both of you')
  await ann.page.getByText('You and Bo joined', { exact: true }).waitFor()
  expect(await lines(ann).allInnerTexts()).toEqual([
    'Olga created this chat',
    'You and Bo joined',
    'Eve joined',
  ])
  await ann.chatRow('Fig garden').click({ button: 'right' })
  await ann.page.getByRole('menuitem', { name: 'Mute' }).waitFor()
  expect(await ann.page.getByRole('menuitem', { name: /Leave/ }).count()).toBe(0)
  await ann.page.keyboard.press('Escape')
  expect(await accessibilityProblems(ann.page)).toEqual([])
  expect([olga.consoleErrors, ann.consoleErrors]).toEqual([[], []])
})

test('changes of a group stand between its messages, and many of them are one line until opened', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld({ loadTest: true })
  await ann.sendMessage(kitchen.id, 'before')
  const change = (changes: { name?: string; topic?: string }) =>
    ann.request('chats.update', { chatId: kitchen.id, ...changes })
  await change({ topic: 'Soup' })
  await bo.sendMessage(kitchen.id, 'between')
  for (const name of ['Galley', 'Pantry', 'Scullery', 'Kitchen']) await change({ name })
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await ann.sendMessage(kitchen.id, 'after')
  const window = await openAs(hub.url, 'bo')
  await window.openChat('Kitchen')
  await window.waitForMessage('after')
  const log = window.page.locator('hb-message-list')
  await log.getByText('ann changed the topic: Soup').waitFor()
  const summary = log.getByText('5 changes in this group')
  await summary.focus()
  await window.page.keyboard.press('Enter')
  await log.getByText('ann named the group Scullery').waitFor()
  await log.getByText('ann added eve', { exact: true }).waitFor()
  const order = await log.evaluate((list) =>
    [...(list.shadowRoot?.querySelectorAll('.text, .events') ?? [])].map((each) =>
      each.className.includes('events'),
    ),
  )
  expect(order).toEqual([true, false, true, false, true, false])
  // Live, and without moving what is read.
  await ann.request('members.remove', { chatId: kitchen.id, userId: eve.id })
  await log.getByText('ann removed eve').waitFor()
  expect(window.consoleErrors).toEqual([])
})

test('a user who was added sees the group as new once, on every device', async () => {
  const { hub, ann, eve, kitchen } = await makeWorld({ loadTest: true })
  const [first, second] = [await openAs(hub.url, 'eve'), await openAs(hub.url, 'eve')]
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  for (const window of [first, second]) {
    await window
      .chatRow('Kitchen')
      .getByText(/ann\S? added you/)
      .waitFor()
    expect(await window.chatRow('Kitchen').locator('.unread').count()).toBe(1)
  }
  await first.openChat('Kitchen')
  for (const window of [first, second])
    await window.chatRow('Kitchen').locator('.unread').waitFor({ state: 'detached' })
  await first.page.reload()
  await first.chatRow('Kitchen').waitFor()
  expect(await first.chatRow('Kitchen').locator('.unread').count()).toBe(0)
})

test('a member of an open group adds a colleague, unless its admins keep that to themselves', async () => {
  const { hub, ann, bo } = await makeWorld({ loadTest: true })
  const lobby = await ann.createGroup('Lobby', [bo], 'public')
  const window = await openAs(hub.url, 'bo')
  await window.openChat('Lobby')
  await window.clickButton(/^Show members/)
  await window.page.getByRole('button', { name: 'Add people' }).click()
  await window.page.getByRole('combobox', { name: 'Find people' }).fill('eve')
  await window.page.getByRole('option', { name: /eve/ }).click()
  await window.page.getByRole('combobox', { name: 'Find people' }).press('Enter')
  await window.page.getByText('You added eve', { exact: true }).waitFor()

  const owner = await openAs(hub.url, 'ann')
  await owner.chatRow('Lobby').click({ button: 'right' })
  await owner.page.getByRole('menuitem', { name: 'Edit group' }).click()
  const choice = owner.page.getByRole('group', { name: 'Who can add people?' })
  await choice.getByText('Only its owner and admins').click()
  await owner.clickButton('Save changes')
  await window.page.getByRole('button', { name: 'Add people' }).waitFor({ state: 'detached' })
  expect((await ann.request('chats.get', { chatId: lobby.id })).chat.adding).toBe('admins')
})

test('several people chat without a name until one of them gives it one, all by keyboard', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const ann = await openAs(hub.url, 'ann')
  const eve = await openAs(hub.url, 'eve')
  await ann.clickButton('New chat or group')
  await ann.page.getByRole('menuitem', { name: 'New chat', exact: true }).press('Enter')
  await ann.page.getByRole('button', { name: 'Several people' }).press('Enter')
  const find = ann.page.getByRole('combobox', { name: 'Who is it with?' })
  // the first user is in reach of the arrow keys, before anything is typed
  await find.press('ArrowDown')
  expect(await ann.page.getByRole('option').first().getAttribute('aria-selected')).toBe('true')
  await find.press('Enter')
  await ann.page.getByRole('button', { name: /^Remove / }).waitFor()
  await find.press('Backspace')
  for (const name of ['bo', 'eve']) {
    await find.pressSequentially(name)
    await ann.page.getByRole('option', { name: new RegExp(name) }).waitFor()
    await find.press('Enter')
  }
  expect(await accessibilityProblems(ann.page)).toEqual([])
  await find.press('Enter')
  await ann.composer.waitFor()
  expect(await ann.page.title()).toContain('bo, eve')
  await ann.sendMessage('Lunch at one?')
  await eve.openChat('ann, bo')
  await eve.waitForMessage('Lunch at one?')

  await eve.chatRow('ann, bo').click({ button: 'right' })
  await eve.page.getByRole('menuitem', { name: 'Name this group' }).press('Enter')
  await eve.page.locator('hb-edit-group').getByLabel('Name', { exact: true }).fill('Lunch club')
  await eve.clickButton('Save changes')
  await ann.chatRow('Lunch club').waitFor()
  await ann.page.getByText('eve named the group Lunch club').waitFor()
  await eve.page.getByRole('button', { name: /^Show members/ }).waitFor()
  expect([ann.consoleErrors, eve.consoleErrors]).toEqual([[], []])
})

test('notes to self are a chat that only their author reads', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const ann = await openAs(hub.url, 'ann')
  await ann.clickButton('New chat or group')
  await ann.page.getByRole('menuitem', { name: 'Notes to self' }).click()
  const field = ann.page.getByRole('textbox', { name: 'Write a note' })
  await ann.page.getByText('A place for links, lists and drafts.').waitFor()
  await field.fill('buy figs')
  await field.press('Enter')
  await ann.waitForMessage('buy figs')
  await ann
    .chatRow('Notes to self')
    .getByText(/buy figs/)
    .waitFor()
  expect(await accessibilityProblems(ann.page)).toEqual([])
  // Found by its name, in the list and in the quick switcher.
  await ann.page.keyboard.press('Control+k')
  await ann.page.getByRole('combobox', { name: 'Go to anything' }).fill('notes')
  await ann.page.getByRole('option', { name: /Notes to self/ }).click()
  await field.waitFor()
  expect(ann.consoleErrors).toEqual([])
})
