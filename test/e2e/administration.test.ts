// Running a hub from the page: letting people in, closing an account, invites, settings, the audit log.
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { password, TestUser } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

async function createTeam() {
  const dataDir = newDataDir()
  const { url } = await spawnHub(dataDir, ['--port', '0'])
  const olga = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga', displayName: 'Olga Ek' })
  const { invite } = await olga.request('admin.invites.create', { uses: 5 })
  const mo = await TestUser.register(url, { username: 'mo', displayName: 'Mo Berg', invite })
  return { url, dataDir, olga, mo }
}

/** What time alone would do. */
function runStatement(dataDir: string, statement: string): void {
  const file = openWriter(join(dataDir, 'hub.db'))
  file.raw.exec(statement)
  file.raw.close()
}

async function openOwnerWindow(url: string, section: string, size?: { width: number; height: number }) {
  const window = await AppWindow.open(browser, `${url}/admin/${section}`, size)
  await window.logIn('olga')
  await window.page.locator('hb-admin').waitFor()
  return window
}

test('somebody who asks to join waits on a page that opens by itself once they are let in', async () => {
  const { url, olga } = await createTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await AppWindow.open(browser, url)
  await una.page.getByRole('link', { name: 'Ask to join' }).click()
  await una.page.getByText('looks at what you say here and lets you in').waitFor()
  await una.fill('Name', 'una')
  await una.fill(/^Full name/, 'Una Holm')
  await una.fill('Password', password)
  await una.clickButton('Continue')
  await una.clickButton('Skip the question')
  await una.page.getByText('I have kept it in a safe place').click()
  await una.clickButton(/^Open /)
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  expect(await accessibilityProblems(una.page)).toEqual([])
  await una.page.reload()
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()

  const owner = await openOwnerWindow(url, 'requests')
  await owner.page.getByText('Una Holm').waitFor()
  expect(await accessibilityProblems(owner.page)).toEqual([])
  await owner.clickButton('Let in Una Holm')
  await una.page.getByPlaceholder('Filter chats').waitFor()
  await owner.page.getByText('Nobody waits to be let in.').waitFor()
  expect([...una.consoleErrors, ...owner.consoleErrors]).toEqual([])
})

test('somebody who was declined is told so, and their name is free', async () => {
  const { url, olga } = await createTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await TestUser.register(url, { username: 'una' })
  const window = await AppWindow.open(browser, url)
  await window.logIn('una')
  await window.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  const owner = await openOwnerWindow(url, 'requests')
  await owner.clickButton('Decline una')
  await owner.page.locator('hb-confirm').getByRole('button', { name: 'Decline una' }).click()
  await window.page.getByText('You were not let in this time.').waitFor()
  await expect(una.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await TestUser.register(url, { username: 'una' })
})

test('people are found, and an account is closed and opened again', async () => {
  const { url, mo } = await createTeam()
  const window = await openOwnerWindow(url, 'people')
  const { page } = window
  await page.getByText('2 people').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByLabel('Find a person').fill('berg')
  await page.getByText('1 person').waitFor()
  const theirs = await AppWindow.open(browser, url)
  await theirs.logIn('mo')
  await theirs.page.getByPlaceholder('Filter chats').waitFor()

  await window.clickButton('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Close account' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Close account' }).click()
  await page.getByRole('cell', { name: 'Closed' }).waitFor()
  await theirs.page.getByText('You were logged out.').waitFor()
  await expect(mo.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })

  await window.clickButton('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Open account again' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Open account again' }).click()
  await page.locator('td', { hasText: 'Closed' }).waitFor({ state: 'detached' })
  await TestUser.login(url, 'mo')
  expect(window.consoleErrors).toEqual([])
})

test('the hub is handed over with the password, whose mistake stands beside its field', async () => {
  const { url, mo } = await createTeam()
  const window = await openOwnerWindow(url, 'people')
  const { page } = window
  await window.clickButton('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Hand over the hub…' }).click()
  const dialog = page.locator('hb-transfer-ownership')
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Hand over to Mo Berg' }).click()
  await dialog.getByText('Wrong password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Hand over to Mo Berg' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await mo.request('me.get', {})).user.role).toBe('owner')
})

test('an invite is made as link and picture, and taken back', async () => {
  const { url } = await createTeam()
  const window = await openOwnerWindow(url, 'invites')
  const { page } = window
  await page.getByText('Came by it: Mo Berg').waitFor()
  await window.clickButton('New invite')
  await window.clickButton('Make a link')
  const link = await page.getByTestId('invite-link').innerText()
  await page.getByRole('img', { name: 'The same link as a picture' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-invite').getByRole('button', { name: 'Close' }).click()
  await page.getByText('0 of 1 used').waitFor()
  await page.getByRole('button', { name: 'Take back' }).first().click()
  await window.clickButton('Take it back')
  await page.getByText('Taken back', { exact: true }).waitFor()
  await expect(
    TestUser.register(url, { username: 'eve', invite: link.split('#')[1] ?? '' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('a hub that is closed says so to newcomers, and the log says who closed it', async () => {
  const { url } = await createTeam()
  const window = await openOwnerWindow(url, 'settings', { width: 400, height: 700 })
  const { page } = window
  await page.getByText('Nobody new').click()
  await window.clickButton('Save changes')
  await page.getByText('Saved.').waitFor()
  const stranger = await AppWindow.open(browser, `${url}/register`)
  await stranger.page.getByRole('heading', { name: 'Test team takes in nobody new' }).waitFor()
  expect(await accessibilityProblems(stranger.page)).toEqual([])

  await page.goto(`${url}/admin/audit`)
  await page.getByRole('cell', { name: 'Hub settings changed' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a table (CSV)' }).click()
  expect((await download).suggestedFilename()).toMatch(/^hubbub-audit-.*\.csv$/)
  for (const section of ['groups', 'health']) {
    await page.goto(`${url}/admin/${section}`)
    await page.locator(`hb-admin-${section}`).locator('section').first().waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
  }
  expect(window.consoleErrors).toEqual([])
})

test('a public group is renamed, archived and deleted from outside, and a private one deleted by name and brought back', async () => {
  const { url, mo } = await createTeam()
  await mo.createGroup('Lounge', [], 'public')
  const secret = await mo.createGroup('Plans')
  const window = await openOwnerWindow(url, 'groups', { width: 400, height: 700 })
  const { page } = window
  await window.clickButton('What to do with Lounge')
  await page.getByRole('menuitem', { name: 'Edit group' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-edit-group').getByLabel('Name').fill('Quiet room')
  await window.clickButton('Save changes')
  await window.clickButton('What to do with Quiet room')
  await page.getByRole('menuitem', { name: 'Archive group' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Archive #Quiet room' }).click()
  await page.getByText('Archived', { exact: true }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await window.clickButton('What to do with Plans')
  await page.getByRole('menuitem', { name: 'Delete #Plans' }).click()
  await page.getByText('You do not see what is in it').waitFor()
  await page.locator('hb-confirm').getByRole('button', { name: 'Delete #Plans' }).click()
  await expect(mo.request('chats.get', { chatId: secret.id })).rejects.toMatchObject({ code: 'not_found' })
  await page.getByLabel('Show').selectOption('deleted')
  await window.clickButton('Bring back Plans')
  await page.getByText('No deleted group can be brought back.').waitFor()
  expect((await mo.request('chats.get', { chatId: secret.id })).chat.name).toBe('Plans')
  expect(window.consoleErrors).toEqual([])
})

test('old messages go once the owner has read how many, where everybody can see it', async () => {
  const { url, dataDir, mo } = await createTeam()
  const lounge = await mo.createGroup('Lounge')
  await mo.sendMessage(lounge.id, 'ancient words')
  runStatement(dataDir, 'update message set at = at - 40 * 86400000')
  await mo.sendMessage(lounge.id, 'new words')
  const reader = await AppWindow.open(browser, url)
  await reader.logIn('mo')
  await reader.openChat('Lounge')
  await reader.waitForMessage('ancient words')
  const window = await openOwnerWindow(url, 'settings', { width: 400, height: 700 })
  const { page } = window
  await page.getByLabel('How long are messages kept?').selectOption('own')
  await window.clickButton('Save changes')
  await page.getByLabel('Days').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('Days').fill('30')
  await window.clickButton('Save changes')
  const dialog = page.locator('hb-confirm')
  await dialog.getByText('1 message is older than that.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Delete older messages' }).click()
  await page.getByText('Saved.').waitFor()
  await reader.page.getByText('ancient words').waitFor({ state: 'detached' })
  await reader.waitForMessage('new words')
  expect([...reader.consoleErrors, ...window.consoleErrors]).toEqual([])
})

test('a bot is made once the password was said again, its token is shown once, and it is ended', async () => {
  const { url, dataDir } = await createTeam()
  const window = await openOwnerWindow(url, 'bots')
  const { page } = window
  // as if an hour had passed
  runStatement(dataDir, 'update session set reauthenticated_at = 0')
  await window.clickButton('New bot')
  await window.clickButton('Make bot')
  await page.getByText('Give the bot a name.').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('weather')
  await window.clickButton('Make bot')
  const dialog = page.locator('hb-reauthenticate')
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByText('Wrong password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  const token = await page.getByTestId('new-bot').getByRole('group').innerText()
  expect(token).toMatch(/^hbt_/)
  await page.getByText('@weather, made').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const me = () => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
  expect((await me()).status).toBe(200)
  await window.clickButton('End weather')
  await page.locator('hb-confirm').getByRole('button', { name: 'End weather' }).click()
  await page.getByText('No bots yet.').waitFor()
  expect((await me()).status).toBe(401)
  expect(window.consoleErrors).toEqual([])
})

test('a member has no administration: its address leads to their chats', async () => {
  const { url } = await createTeam()
  const window = await AppWindow.open(browser, `${url}/admin/people`)
  await window.logIn('mo')
  await window.page.getByPlaceholder('Filter chats').waitFor()
  expect(new URL(window.page.url()).pathname).toBe('/')
  await window.page.getByRole('button', { name: 'you and this hub' }).click()
  await window.page.getByRole('menuitem', { name: 'Log out' }).waitFor()
  expect(await window.page.getByRole('menuitem', { name: 'Administration…' }).count()).toBe(0)
})
