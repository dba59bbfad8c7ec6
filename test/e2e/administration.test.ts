// Administration of a hub on the page: requests, accounts, invites, settings, the audit log.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { linuxPackage, offerRelease, signList } from '../support/app-packages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
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

/** Changes what only the passage of time could change. */
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

test('a user who asks to join waits on a page that opens by itself when an admin accepts', async () => {
  const { url, olga } = await createTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await AppWindow.open(browser, url)
  await una.page.getByRole('link', { name: 'Ask to join' }).click()
  await una.page.getByText('reviews your request before you can join').waitFor()
  await una.fill('Username', 'una')
  await una.fill(/^Your name/, 'Una Holm')
  await una.fill('Password', password)
  await una.clickButton('Continue')
  await una.clickButton('Skip the security question')
  await una.page.getByText('I’ve saved it somewhere safe').click()
  await una.clickButton(/^Open /)
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  expect(await accessibilityProblems(una.page)).toEqual([])
  await una.page.reload()
  await una.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()

  const owner = await openOwnerWindow(url, 'requests')
  await owner.page.getByText('Una Holm').waitFor()
  expect(await accessibilityProblems(owner.page)).toEqual([])
  await owner.clickButton('Accept Una Holm')
  await una.page.getByLabel('Search chats and people').waitFor()
  await owner.page.getByText('No one is waiting to join.').waitFor()
  expect([...una.consoleErrors, ...owner.consoleErrors]).toEqual([])
})

test('what another admin answers first moves neither the focus nor an open menu to another person', async () => {
  const { url, olga } = await createTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const asking = []
  for (const username of ['una', 'vera', 'wim']) asking.push(await TestUser.register(url, { username }))
  const window = await openOwnerWindow(url, 'requests')
  const { page } = window
  const names = () => page.locator('hb-admin-requests .name').allInnerTexts()
  await expect.poll(async () => (await names()).length).toBe(3)
  const [first = '', second = '', third = ''] = await names()
  const accept = page.getByRole('button', { name: `Accept ${second}` })
  await accept.focus()
  const answered = asking.find(({ user }) => user.username === first)
  await olga.request('admin.requests.accept', { userId: answered?.id ?? '' })
  await expect.poll(names).not.toContain(first)
  await expect.poll(() => accept.evaluate((button) => button.matches(':focus'))).toBe(true)
  await page.keyboard.press('Enter')
  await page.getByText(`${second} can now log in.`).waitFor()
  await expect.poll(names).toEqual([third])
  await window.context.close()
})

test('a declined user learns it, and their username is free again', async () => {
  const { url, olga } = await createTeam()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const una = await TestUser.register(url, { username: 'una' })
  const window = await AppWindow.open(browser, url)
  await window.logIn('una')
  await window.page.getByRole('heading', { name: 'You asked to join Test team' }).waitFor()
  const owner = await openOwnerWindow(url, 'requests')
  await owner.clickButton('Decline una')
  await owner.page.locator('hb-confirm').getByRole('button', { name: 'Decline una' }).click()
  await window.page.getByText('Your request to join was declined.').waitFor()
  await expect(una.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await TestUser.register(url, { username: 'una' })
})

test('an owner finds a user, deactivates the account and reactivates it', async () => {
  const { url, mo } = await createTeam()
  const window = await openOwnerWindow(url, 'people')
  const { page } = window
  await page.getByText('2 people').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByLabel('Find someone').fill('berg')
  await page.getByText('1 person').waitFor()
  const theirs = await AppWindow.open(browser, url)
  await theirs.logIn('mo')
  await theirs.page.getByLabel('Search chats and people').waitFor()

  await window.clickButton('Actions for Mo Berg')
  await page.getByRole('menuitem', { name: 'Deactivate account' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Deactivate account' }).click()
  await page.getByRole('cell', { name: 'Deactivated' }).waitFor()
  await theirs.page.getByText('You were logged out.').waitFor()
  await expect(mo.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })

  await window.clickButton('Actions for Mo Berg')
  await page.getByRole('menuitem', { name: 'Reactivate account' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Reactivate account' }).click()
  await page.locator('td', { hasText: 'Deactivated' }).waitFor({ state: 'detached' })
  await TestUser.login(url, 'mo')
  expect(window.consoleErrors).toEqual([])
})

test('transferring the hub needs the password, and a wrong one shows an error at its field', async () => {
  const { url, mo } = await createTeam()
  const window = await openOwnerWindow(url, 'people')
  const { page } = window
  await window.clickButton('Actions for Mo Berg')
  await page.getByRole('menuitem', { name: 'Transfer ownership…' }).click()
  const dialog = page.locator('hb-transfer-ownership')
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Transfer to Mo Berg' }).click()
  await dialog.getByText('Wrong password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: 'Transfer to Mo Berg' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect((await mo.request('me.get', {})).user.role).toBe('owner')
})

test('an invite is created with link and QR code, and revoked', async () => {
  const { url } = await createTeam()
  const window = await openOwnerWindow(url, 'invites')
  const { page } = window
  await page.getByText('Used by Mo Berg').waitFor()
  await window.clickButton('New invite')
  await window.clickButton('Create link')
  const link = await page.getByTestId('invite-link').innerText()
  // the link works on this computer only, and the dialog has the command that changes that
  const reach = page.getByTestId('invite-reach')
  await reach.getByText('Only the hub’s computer can reach it now').waitFor()
  expect(await reach.locator('.link-box').innerText()).toMatch(
    /^npm (start|run hub) -- --data \S+ --port 0 --lan$/,
  )
  await reach.getByRole('button', { name: 'Copy command' }).click()
  await page.getByRole('img', { name: 'The same link as a QR code' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-invite').getByRole('button', { name: 'Close' }).click()
  await page.getByText('0 of 1 used').waitFor()
  await page.getByRole('button', { name: 'Revoke' }).first().click()
  await window.clickButton('Revoke invite')
  await page.getByText('Revoked', { exact: true }).waitFor()
  await expect(
    TestUser.register(url, { username: 'eve', invite: link.split('#')[1] ?? '' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('a closed hub tells newcomers so, and the audit log records the change', async () => {
  const { url } = await createTeam()
  const window = await openOwnerWindow(url, 'settings', { width: 400, height: 700 })
  const { page } = window
  await page.getByText('No one new').click()
  await window.clickButton('Save changes')
  await page.getByText('Saved.').waitFor()
  const stranger = await AppWindow.open(browser, `${url}/register`)
  await stranger.page.getByRole('heading', { name: 'Test team isn’t accepting new people' }).waitFor()
  expect(await accessibilityProblems(stranger.page)).toEqual([])

  await page.goto(`${url}/admin/audit`)
  await page.getByRole('cell', { name: 'Hub settings changed' }).waitFor()
  // What users did to themselves has no target, and groups have names, private ones too.
  const logins = page.getByRole('row', { name: /^Logged in/ }).first()
  expect((await logins.locator('td').nth(2).textContent())?.trim()).toBe('')
  expect(await accessibilityProblems(page)).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  expect((await download).suggestedFilename()).toMatch(/^hubbub-audit-.*\.csv$/)
  for (const section of ['groups', 'health']) {
    await page.goto(`${url}/admin/${section}`)
    await page.locator(`hb-admin-${section}`).locator('section').first().waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
  }
  expect(window.consoleErrors).toEqual([])
})

test('the owner renames and archives a public group without being a member, and deletes and undeletes a private one', async () => {
  const { url, mo } = await createTeam()
  await mo.createGroup('Lounge', [], 'public')
  const secret = await mo.createGroup('Plans')
  const window = await openOwnerWindow(url, 'groups', { width: 400, height: 700 })
  const { page } = window
  await window.clickButton('Actions for Lounge')
  await page.getByRole('menuitem', { name: 'Edit group' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.locator('hb-edit-group').getByLabel('Name').fill('Quiet room')
  await window.clickButton('Save changes')
  await window.clickButton('Actions for Quiet room')
  await page.getByRole('menuitem', { name: 'Archive group' }).click()
  await page.locator('hb-confirm').getByRole('button', { name: 'Archive #Quiet room' }).click()
  await page.getByText('Archived', { exact: true }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await window.clickButton('Actions for Plans')
  await page.getByRole('menuitem', { name: 'Delete #Plans' }).click()
  await page.getByText('You can’t see its messages').waitFor()
  await page.locator('hb-confirm').getByRole('button', { name: 'Delete #Plans' }).click()
  await page.locator('hb-confirm').waitFor({ state: 'detached' })
  await expect(mo.request('chats.get', { chatId: secret.id })).rejects.toMatchObject({ code: 'not_found' })
  await page.getByLabel('Show').selectOption('deleted')
  await window.clickButton('Undelete Plans')
  await page.getByText('No deleted groups to undelete.').waitFor()
  expect((await mo.request('chats.get', { chatId: secret.id })).chat.name).toBe('Plans')
  expect(window.consoleErrors).toEqual([])
})

test('setting a retention shows how many messages it deletes, and they disappear for everyone', async () => {
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

test('the storage per person is set in gigabytes, and a wrong number shows the range at its field', async () => {
  const { url, olga } = await createTeam()
  const window = await openOwnerWindow(url, 'settings')
  const { page } = window
  const field = page.getByLabel('Storage per person, in GB')
  await field.fill('0')
  await window.clickButton('Save changes')
  await page.getByText('Type a number from 0.001 to 1,048,576.').waitFor()
  await field.fill('0.5')
  // what was changed elsewhere while the form was open stays
  await olga.request('admin.settings.update', { registration: 'closed' })
  await window.clickButton('Save changes')
  await page.getByText('Saved.').waitFor()
  expect(await olga.request('admin.settings', {})).toMatchObject({
    ...{ userBytes: 512 * 1024 * 1024, registration: 'closed' },
  })
  expect(window.consoleErrors).toEqual([])
})

test('creating a bot re-authenticates, shows its token once, and revoking it ends the token', async () => {
  const { url, dataDir } = await createTeam()
  const window = await openOwnerWindow(url, 'bots')
  const { page } = window
  // as if an hour had passed
  runStatement(dataDir, 'update session set reauthenticated_at = 0')
  await window.clickButton('New bot')
  await window.clickButton('Create bot')
  await page.getByText('Give the bot a username.').waitFor()
  await page.getByLabel('Username', { exact: true }).fill('weather')
  await window.clickButton('Create bot')
  const dialog = page.locator('hb-password-dialog')
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByLabel('Your password', { exact: true }).fill('not the password')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByText('Wrong password.').waitFor()
  await dialog.getByLabel('Your password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  const token = await page.getByTestId('new-bot').getByRole('group').innerText()
  expect(token).toMatch(/^hbt_/)
  await page.getByText('@weather, created').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const me = () => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
  expect((await me()).status).toBe(200)
  await window.clickButton('Revoke weather')
  await page.locator('hb-confirm').getByRole('button', { name: 'Revoke weather' }).click()
  await page.getByText('No bots yet.').waitFor()
  expect((await me()).status).toBe(401)
  expect(window.consoleErrors).toEqual([])
})

test('a member who opens the address of the administration sees their chats', async () => {
  const { url } = await createTeam()
  const window = await AppWindow.open(browser, `${url}/admin/people`)
  await window.logIn('mo')
  await window.page.getByLabel('Search chats and people').waitFor()
  expect(new URL(window.page.url()).pathname).toBe('/')
  await window.page.getByRole('button', { name: 'your account and this hub' }).click()
  await window.page.getByRole('menuitem', { name: 'Log out' }).waitFor()
  expect(await window.page.getByRole('menuitem', { name: 'Administration…' }).count()).toBe(0)
})

test('a clock in doubt is asked about under Health, and the owner continues with one press', async () => {
  const dataDir = newDataDir()
  const first = await spawnHub(dataDir, ['--port', '0'])
  await TestUser.setUp(first.url, { code: 'test-code-1', username: 'olga' })
  await first.kill('SIGTERM')
  const lastMonth = Date.now() - 40 * 24 * 60 * 60_000
  writeFileSync(join(dataDir, 'known-time'), `${lastMonth}\n`)
  const { url } = await spawnHub(dataDir, ['--port', '0'])
  const window = await openOwnerWindow(url, 'health')
  await window.page.getByText('jumped ahead by 40 days').waitFor()
  expect(await accessibilityProblems(window.page)).toEqual([])
  await window.clickButton('The clock is right')
  await window.page.getByText('The clock of the hub’s computer is steady.').waitFor()
  await window.page.reload()
  await window.page.getByText('The clock of the hub’s computer is steady.').waitFor()
  expect(window.consoleErrors).toEqual([])
})

test('a member who wrote too much reads why a message waits, and Health names them', async () => {
  const hub = await startTestHub({ textBytesPerDay: 32 * 1024 })
  const olga = await hub.setUp()
  const mo = await hub.registerUser('mo')
  const { id: chatId } = await mo.createGroup('Lounge', [olga])
  const member = await AppWindow.open(browser, hub.url, { width: 900, height: 600 })
  await member.logIn('mo')
  await member.openChat('Lounge')
  await member.sendMessage('hello')
  await member.waitForMessage('hello')
  const much = 'much '.repeat(500)
  await expect(
    (async () => {
      for (;;) await mo.sendMessage(chatId, much)
    })(),
  ).rejects.toThrow('rate_limited')
  await member.sendMessage(`${much}and more`)
  const reason = member.page.getByRole('status').filter({ hasText: 'within a day' })
  await reason.waitFor()
  expect(await reason.textContent()).toContain('Hubbub will then send your message.')
  expect(await accessibilityProblems(member.page)).toEqual([])
  const owner = await openOwnerWindow(hub.url, 'health')
  await owner.page.getByText('mo reached the daily limit for text').waitFor()
})

test('Health says in words that the hub was slow, and shows the last day, in a narrow window too', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const { page, consoleErrors } = await openOwnerWindow(hub.url, 'health', { width: 400, height: 700 })
  await page.getByText('The hub responds quickly.').waitFor()
  await page.getByRole('heading', { name: 'The last 24 hours' }).waitFor()
  const row = (label: string) => page.getByRole('listitem').filter({ hasText: label })
  expect(await row('Connected windows').textContent()).toMatch(/at most 1, at /)
  expect(await row('Connected windows').locator('path').getAttribute('d')).toMatch(/^M\d+ 32V0H288V32$/)
  expect(await row('Memory').textContent()).toMatch(/at most .*MB/)
  hub.hub.measurements.noteTime('commit', '', 2_340)
  await page.reload()
  const slow = page.getByText('The hub was slow within the last 20 minutes')
  await slow.waitFor()
  expect(await slow.textContent()).toMatch(/saving took up to .*2\.3/)
  expect(await row('Longest pause').textContent()).toMatch(/at most .*2\.3/)
  expect(await accessibilityProblems(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
  expect(consoleErrors).toEqual([])
})

test('Health says which packages of the app the hub passes on, in a narrow window too', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const bytes = Buffer.from('a package')
  const here = linuxPackage(bytes)
  const others = ['Hubbub-0.2.0-win-arm64.exe', 'Hubbub-0.2.0-win-x64.exe'].map((file) =>
    linuxPackage(bytes, { file, platform: 'win32', kind: 'nsis' }),
  )
  offerRelease(hub.dataDir, signList({ version: '0.2.0', packages: [here, ...others] }), {
    [here.file]: bytes,
    [String(others[0]?.file)]: bytes,
  })
  const { page, consoleErrors } = await openOwnerWindow(hub.url, 'health', { width: 400, height: 700 })
  const line = page.getByRole('listitem').filter({ hasText: 'offers version 0.2.0 to everyone' })
  await line.waitFor()
  expect(await line.textContent()).toContain(
    'Hubbub-linux-x86_64.AppImage and Hubbub-0.2.0-win-arm64.exe. One other package of this version isn’t in the folder.',
  )
  expect(await accessibilityProblems(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
  expect(consoleErrors).toEqual([])
})
