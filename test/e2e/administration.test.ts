// Running a hub from the page: letting people in, closing an account, invites, settings, the audit log.
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWriter } from '../../server/db/sqlite.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { password, Person } from '../support/person.ts'
import { Window } from '../support/window.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

async function team() {
  const dataDir = newDataDir()
  const { url } = await spawnHub(dataDir, ['--port', '0'])
  const olga = await Person.setUp(url, { code: 'test-code-1', username: 'olga', displayName: 'Olga Ek' })
  const { invite } = await olga.request('admin.invites.create', { uses: 5 })
  const mo = await Person.register(url, { username: 'mo', displayName: 'Mo Berg', invite })
  return { url, dataDir, olga, mo }
}

/** What time alone would do. */
function inDatabase(dataDir: string, statement: string): void {
  const file = openWriter(join(dataDir, 'hub.db'))
  file.raw.exec(statement)
  file.raw.close()
}

async function ownersWindow(url: string, section: string, size?: { width: number; height: number }) {
  const window = await Window.open(browser, `${url}/admin/${section}`, size)
  await window.logIn('olga')
  await window.page.locator('hb-admin').waitFor()
  return window
}

test('somebody who asks to join waits on a page that opens by itself once they are let in', async () => {
  const { url, olga } = await team()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await Window.open(browser, url)
  await una.page.getByRole('link', { name: 'Ask to join' }).click()
  await una.page.getByText('looks at what you say here and lets you in').waitFor()
  await una.fill('Name', 'una')
  await una.fill(/^Full name/, 'Una Holm')
  await una.fill('Password', password)
  await una.press('Continue')
  await una.press('Skip the question')
  await una.page.getByText('I have kept it in a safe place').click()
  await una.press(/^Open /)
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  expect(await accessibilityProblems(una.page)).toEqual([])
  await una.page.reload()
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()

  const owner = await ownersWindow(url, 'requests')
  await owner.page.getByText('Una Holm').waitFor()
  expect(await accessibilityProblems(owner.page)).toEqual([])
  await owner.press('Let in Una Holm')
  await una.page.getByPlaceholder('Filter chats').waitFor()
  await owner.page.getByText('Nobody waits to be let in.').waitFor()
  expect([...una.complaints, ...owner.complaints]).toEqual([])
})

test('somebody who was declined is told so, and their name is free', async () => {
  const { url, olga } = await team()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await Person.register(url, { username: 'una' })
  const window = await Window.open(browser, url)
  await window.logIn('una')
  await window.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  const owner = await ownersWindow(url, 'requests')
  await owner.press('Decline una')
  await owner.page.locator('hb-confirm').getByRole('button', { name: 'Decline una' }).click()
  await window.page.getByText('You were not let in this time.').waitFor()
  await expect(una.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await Person.register(url, { username: 'una' })
})

test('people are found, and an account is closed and opened again', async () => {
  const { url, mo } = await team()
  const window = await ownersWindow(url, 'people')
  const { page } = window
  await page.getByText('2 people').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByLabel('Find a person').fill('berg')
  await page.getByText('1 person').waitFor()
  const theirs = await Window.open(browser, url)
  await theirs.logIn('mo')
  await theirs.page.getByPlaceholder('Filter chats').waitFor()

  await window.press('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Close account' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Close account' }).click()
  await page.getByRole('cell', { name: 'Closed' }).waitFor()
  await theirs.page.getByText('You were logged out.').waitFor()
  await expect(mo.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })

  await window.press('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Open account again' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Open account again' }).click()
  await page.locator('td', { hasText: 'Closed' }).waitFor({ state: 'detached' })
  await Person.login(url, 'mo')
  expect(window.complaints).toEqual([])
})

test('the hub is handed over with the password, whose mistake stands beside its field', async () => {
  const { url, mo } = await team()
  const window = await ownersWindow(url, 'people')
  const { page } = window
  await window.press('What to do with Mo Berg')
  await page.getByRole('menuitem', { name: 'Hand over the hub…' }).click()
  const dialog = page.locator('hb-hand-over')
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Hand over to Mo Berg' }).click()
  await dialog.getByText('This is not your password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Hand over to Mo Berg' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await mo.request('me.get', {})).user.role).toBe('owner')
})

test('an invite is made as link and picture, and taken back', async () => {
  const { url } = await team()
  const window = await ownersWindow(url, 'invites')
  const { page } = window
  await page.getByText('Came by it: Mo Berg').waitFor()
  await window.press('New invite')
  await window.press('Make a link')
  const link = await page.getByTestId('invite-link').innerText()
  await page.getByRole('img', { name: 'The same link as a picture' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-invite').getByRole('button', { name: 'Close' }).click()
  await page.getByText('0 of 1 used').waitFor()
  await page.getByRole('button', { name: 'Take back' }).first().click()
  await window.press('Take it back')
  await page.getByText('Taken back', { exact: true }).waitFor()
  await expect(
    Person.register(url, { username: 'eve', invite: link.split('#')[1] ?? '' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('a hub that is closed says so to newcomers, and the log says who closed it', async () => {
  const { url } = await team()
  const window = await ownersWindow(url, 'settings', { width: 400, height: 700 })
  const { page } = window
  await page.getByText('Nobody new').click()
  await window.press('Save changes')
  await page.getByText('Saved.').waitFor()
  const stranger = await Window.open(browser, `${url}/register`)
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
  expect(window.complaints).toEqual([])
})

test('a public group is renamed, archived and deleted from outside, and a private one deleted by name and brought back', async () => {
  const { url, mo } = await team()
  await mo.group('Lounge', [], 'public')
  const secret = await mo.group('Plans')
  const window = await ownersWindow(url, 'groups', { width: 400, height: 700 })
  const { page } = window
  await window.press('What to do with Lounge')
  await page.getByRole('menuitem', { name: 'Edit group' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-edit-group').getByLabel('Name').fill('Quiet room')
  await window.press('Save changes')
  await window.press('What to do with Quiet room')
  await page.getByRole('menuitem', { name: 'Archive group' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Archive #Quiet room' }).click()
  await page.getByText('Archived', { exact: true }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await window.press('What to do with Plans')
  await page.getByRole('menuitem', { name: 'Delete #Plans' }).click()
  await page.getByText('You do not see what is in it').waitFor()
  await page.locator('hb-confirm').getByRole('button', { name: 'Delete #Plans' }).click()
  await expect(mo.request('chats.get', { chatId: secret.id })).rejects.toMatchObject({ code: 'not_found' })
  await page.getByLabel('Show').selectOption('deleted')
  await window.press('Bring back Plans')
  await page.getByText('No deleted group can be brought back.').waitFor()
  expect((await mo.request('chats.get', { chatId: secret.id })).chat.name).toBe('Plans')
  expect(window.complaints).toEqual([])
})

test('old messages go once the owner has read how many, where everybody can see it', async () => {
  const { url, dataDir, mo } = await team()
  const lounge = await mo.group('Lounge')
  await mo.say(lounge.id, 'ancient words')
  inDatabase(dataDir, 'update message set at = at - 40 * 86400000')
  await mo.say(lounge.id, 'new words')
  const reader = await Window.open(browser, url)
  await reader.logIn('mo')
  await reader.openChat('Lounge')
  await reader.sees('ancient words')
  const window = await ownersWindow(url, 'settings', { width: 400, height: 700 })
  const { page } = window
  await page.getByLabel('How long are messages kept?').selectOption('own')
  await window.press('Save changes')
  await page.getByLabel('Days').and(page.locator('[aria-invalid=true]')).waitFor()
  await page.getByLabel('Days').fill('30')
  await window.press('Save changes')
  const dialog = page.locator('hb-confirm')
  await dialog.getByText('1 message is older than that.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Delete older messages' }).click()
  await page.getByText('Saved.').waitFor()
  await reader.page.getByText('ancient words').waitFor({ state: 'detached' })
  await reader.sees('new words')
  expect([...reader.complaints, ...window.complaints]).toEqual([])
})

test('a bot is made once the password was said again, its token is shown once, and it is ended', async () => {
  const { url, dataDir } = await team()
  const window = await ownersWindow(url, 'bots')
  const { page } = window
  // as if an hour had passed
  inDatabase(dataDir, 'update session set confirmed_at = 0')
  await window.press('New bot')
  await window.press('Make bot')
  await page.getByText('Give the bot a name.').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('weather')
  await window.press('Make bot')
  const dialog = page.locator('hb-say-password')
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByText('This is not your password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  const token = await page.getByTestId('new-bot').getByRole('group').innerText()
  expect(token).toMatch(/^hbt_/)
  await page.getByText('@weather, made').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const me = () => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
  expect((await me()).status).toBe(200)
  await window.press('End weather')
  await page.locator('hb-confirm').getByRole('button', { name: 'End weather' }).click()
  await page.getByText('No bots yet.').waitFor()
  expect((await me()).status).toBe(401)
  expect(window.complaints).toEqual([])
})

test('a member has no administration: its address leads to their chats', async () => {
  const { url } = await team()
  const window = await Window.open(browser, `${url}/admin/people`)
  await window.logIn('mo')
  await window.page.getByPlaceholder('Filter chats').waitFor()
  expect(new URL(window.page.url()).pathname).toBe('/')
  await window.page.getByRole('button', { name: 'you and this hub' }).click()
  await window.page.getByRole('menuitem', { name: 'Log out' }).waitFor()
  expect(await window.page.getByRole('menuitem', { name: 'Administration…' }).count()).toBe(0)
})
