// The first screens and the shell around the chats, with a real hub.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { password, TestUser } from '../support/test-user.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

test('an empty hub opens set-up, shows the recovery key once, and logs the owner in', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const { page, consoleErrors: complaints } = await openWindow(url)

  await page.getByRole('heading', { name: 'Set up your hub' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/setup')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Type the set-up code.').waitFor()
  await page.getByText('Give your team a name.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await page.getByLabel('Set-up code').fill('not the code')
  await page.getByLabel('Team name').fill('Harbour')
  await page.getByRole('button', { name: 'Continue' }).click()
  // The wrong field shows the error before the next step, and the other fields keep their values.
  await page.getByText('Wrong set-up code.').waitFor()
  await page.locator('hb-field[name=code] input:focus').waitFor()
  expect(await page.getByLabel('Team name').inputValue()).toBe('Harbour')

  await page.getByLabel('Set-up code').fill('test-code-1')
  await page.getByRole('button', { name: 'Continue' }).click()
  await fillAccountForm(page, 'ann', 'Ann Sommer')
  await page.getByRole('button', { name: 'Start Harbour' }).click()

  await page.getByRole('heading', { name: 'Your recovery key' }).waitFor()
  expect(await page.locator('hb-setup hb-logo').count()).toBe(1)
  expect((await page.getByTestId('recovery-key').innerText()).length).toBeGreaterThan(15)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Open Harbour' }).click()
  await page.getByText('Copy, save or print the key first').waitFor()
  await page.getByLabel('I’ve saved it somewhere safe').check()
  await page.getByRole('button', { name: 'Open Harbour' }).click()

  await page.getByText('It’s quiet here.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('the set-up code of the link is filled in', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const { page } = await openWindow(`${url}/setup#code=test-code-1`)
  await page.getByLabel('Set-up code').waitFor()
  expect(await page.getByLabel('Set-up code').inputValue()).toBe('test-code-1')
})

test.each(['#code=not-the-code', '#not-the-code'])(
  'a wrong set-up code in %s says so on opening',
  async (hash) => {
    const { url } = await spawnHub(newDataDir(), ['--port', '0'])
    const { page } = await openWindow(`${url}/setup${hash}`)
    await page.getByText('Wrong set-up code.').waitFor()
    await page.locator('hb-field[name=code] input:focus').waitFor()
    await page.getByLabel('Set-up code').fill('test-code-1')
    await page.getByLabel('Team name').fill('Harbour')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
  },
)

test('the login keeps what was typed after a wrong password, and then opens the requested address', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const ann = await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  const { chat } = await ann.request('chats.create', { name: 'kitchen', visibility: 'public' })
  const { page, consoleErrors: complaints } = await openWindow(`${url}/chat/${chat.id}`)

  await page.getByRole('button', { name: 'Log in' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/login')
  expect(await page.title()).toBe('Log in to Test team')
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Type your username.').waitFor()
  await page.getByLabel('Username', { exact: true }).fill('ann')
  await page.getByLabel('Password', { exact: true }).fill('not her password')
  await page.keyboard.press('Enter')
  // The error is at the field that is typed again, which has the focus.
  const passwordField = page.getByLabel('Password', { exact: true })
  await page.locator('hb-field[name=password] [data-error]').waitFor()
  expect(await passwordField.getAttribute('aria-invalid')).toBe('true')
  await page.locator('hb-field[name=password] input:focus').waitFor()
  const described = String(await passwordField.getAttribute('aria-describedby'))
  expect(await page.locator(`[id="${described}"]`).innerText()).toMatch(/^Wrong username or password/)
  expect(await page.getByLabel('Username', { exact: true }).inputValue()).toBe('ann')
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('not her password')

  await page.getByRole('button', { name: 'Show password' }).click()
  expect(await page.getByLabel('Password', { exact: true }).getAttribute('type')).toBe('text')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /kitchen/ }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/chat/${chat.id}`)
  expect(await page.title()).toBe('#kitchen · Test team')
  expect(await accessibilityProblems(page)).toEqual([])

  await page.getByRole('button', { name: /your account and this hub/ }).click()
  await page.getByRole('menuitem', { name: 'Log out' }).click()
  await page.getByRole('button', { name: 'Log in' }).waitFor()

  await page.goto(`${url}/activity`)
  await page.getByLabel('Username', { exact: true }).fill('ann')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Activity' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/activity')
  expect(await page.title()).toBe('Activity · Test team')
  expect(complaints).toEqual([])
})

test('registration asks for an invite, the invite link opens the form, and errors show at their field', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  const owner = await openWindow(`${url}/login`)
  await logIn(owner.page, 'ann')
  await owner.page.getByRole('button', { name: 'Invite people' }).click()
  await owner.page.getByRole('button', { name: 'Create link' }).click()
  const link = (await owner.page.getByTestId('invite-link').innerText()).trim()

  const { page, consoleErrors: complaints } = await openWindow(url)
  await page.getByRole('link', { name: 'Use your invite' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Paste the invite link').first().waitFor()
  // Pasting the link here and opening it in a new tab both lead to the form.
  await page.getByLabel('Invite link or code').fill(link)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Join Test team' }).waitFor()

  await page.goto('about:blank')
  await page.goto(link)
  await page.getByRole('heading', { name: 'Join Test team' }).waitFor()
  await page.getByLabel('Username', { exact: true }).fill('two words')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByText('A username cannot contain spaces.').waitFor()
  await page.getByText('A password needs at least 10 characters.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  // Errors that only the hub can find also show at their field, and the form keeps its values.
  await fillAccountForm(page, 'ANN', 'The other Ann')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Question').selectOption({ label: 'Write my own question…' })
  await page.getByLabel('Your question').fill('Who lives upstairs?')
  await page.getByLabel('Answer').fill('The owl')
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.locator('hb-field[name=username] [data-error]').waitFor()
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe(password)
  await page.getByLabel('Username', { exact: true }).fill('anna')
  await page.getByRole('button', { name: 'Continue' }).click()
  expect(await page.getByLabel('Answer').inputValue()).toBe('The owl')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByLabel('I’ve saved it somewhere safe').check()
  await page.getByRole('button', { name: 'Open Test team' }).click()
  await page.getByText('No chats yet.').waitFor()
  expect(complaints).toEqual([])
})

test('a dead invite says so on opening, and a living one opened over it leads to the form', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const ann = await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  const { page, consoleErrors: complaints } = await openWindow(`${url}/join#nonsense`)
  const dead = page.getByRole('heading', { name: 'This invite doesn’t work' })
  await dead.waitFor()
  expect(await page.getByLabel('Username', { exact: true }).count()).toBe(0)
  expect(await page.getByLabel('Invite link or code').getAttribute('aria-invalid')).toBe('true')
  await page.locator('hb-field[name=invite] input:focus').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  // Another dead one is refused where it is pasted.
  await page.getByLabel('Invite link or code').fill('more nonsense')
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await page.getByText('used up, revoked or expired').waitFor()
  expect(await page.getByRole('button', { name: 'Continue without an invite' }).count()).toBe(0)

  const { url: link } = await ann.request('admin.invites.create', {})
  await page.goto(link)
  await page.getByRole('heading', { name: 'Join Test team' }).waitFor()
  await page.getByLabel('Username', { exact: true }).waitFor()

  // A hub that lets everybody in does not keep those with a dead link out.
  await ann.request('admin.settings.update', { registration: 'open' })
  await page.goto('about:blank')
  await page.goto(`${url}/join#nonsense`)
  await dead.waitFor()
  await page.getByRole('button', { name: 'Continue without an invite' }).click()
  await page.getByLabel('Username', { exact: true }).waitFor()
  expect(complaints).toEqual([])
})

test('a registration whose response was lost goes on with its recovery key', async () => {
  const hub = await spawnHub(newDataDir())
  const olga = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'olga' })
  const { invite } = await olga.request('admin.invites.create', {})
  const { page, consoleErrors } = await openWindow(`${hub.url}/join#${invite}`)
  let lostCount = 0
  await page.route('**/api/register', async (route) => {
    lostCount += 1
    // the account exists from here on, and the invite is used up
    if (lostCount === 1) await route.fetch()
    await (lostCount === 1 ? route.abort() : route.continue())
  })
  await page.getByRole('button', { name: 'Continue' }).click()
  await fillAccountForm(page, 'bo', 'Bo Lindqvist')
  await page.getByRole('button', { name: 'Continue' }).click()
  const skip = page.getByRole('button', { name: 'Skip the security question' })
  await skip.click()
  await page.getByText('Can’t reach the hub').waitFor()
  await skip.click()
  await page.getByRole('heading', { name: 'Your recovery key' }).waitFor()
  await page.getByText('I’ve saved it somewhere safe').click()
  await page.getByRole('button', { name: /^Open / }).click()
  await page.getByLabel('Search chats and people').waitFor()
  expect([lostCount, consoleErrors]).toEqual([2, []])
})

test('the page opens in a browser that throws for its database', async () => {
  const hub = await spawnHub(newDataDir())
  await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'olga' })
  const { page, consoleErrors } = await openWindow(`${hub.url}/login`)
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError')
      },
    })
  })
  await page.reload()
  await logIn(page, 'olga')
  expect(consoleErrors).toEqual([])
})

test('with an issued certificate, a link leads to the page with the fingerprint and back', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(url.replace('http:', 'https:'))
  await page.getByRole('link', { name: 'Is this the right hub?' }).click()
  await page.getByRole('heading', { name: 'Is it the right hub?' }).waitFor()
  expect(await page.locator('.words li').count()).toBe(8)
  await page.getByText('This page is encrypted').waitFor()
  await expectHubDocument(page)
  await page.getByRole('link', { name: /^Back to / }).click()
  await page.getByRole('button', { name: 'Log in' }).waitFor()
  // Over plain HTTP on loopback the browser gave no warning, so there is no link, and the page claims no encryption.
  await page.goto(`${url}/trust`)
  await page.getByText('without encryption').waitFor()
  expect(await page.getByText('This page is encrypted').count()).toBe(0)
  await expectHubDocument(page)
  await page.goto(url)
  await page.getByRole('button', { name: 'Log in' }).waitFor()
  expect(await page.getByRole('link', { name: 'Is this the right hub?' }).count()).toBe(0)
})

test('an unknown address returns 404 and a page with a link back', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const { page, consoleErrors: complaints } = await openWindow(url)
  const answer = await page.goto(`${url}/nowhere`)
  expect(answer?.status()).toBe(404)
  await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('link', { name: 'Back to Hubbub' }).click()
  await page.getByRole('heading', { name: 'Set up your hub' }).waitFor()
  expect(complaints).toEqual([])
})

test('a narrow window shows one pane at a time, with a button back', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const ann = await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  await ann.request('chats.create', { name: 'kitchen', visibility: 'public' })
  const { page, consoleErrors: complaints } = await openWindow(url, { width: 400, height: 700 })
  await logIn(page, 'ann')

  const row = page.locator('hb-chat-row', { hasText: 'kitchen' })
  await row.click()
  await page.getByRole('textbox', { name: /kitchen/ }).waitFor()
  expect(await row.isVisible()).toBe(false)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: 'Back' }).click()
  await row.waitFor()
  expect(await page.getByRole('textbox', { name: /kitchen/ }).count()).toBe(0)
  expect(await accessibilityProblems(page)).toEqual([])

  // Nothing is wider than the window.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
  expect(complaints).toEqual([])
})

test('the chat list and the dialogs work by keyboard alone', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const ann = await TestUser.setUp(url, { code: 'test-code-1', username: 'ann' })
  for (const name of ['cellar', 'attic', 'garden'])
    await ann.request('chats.create', { name, visibility: 'public' })
  const { page, consoleErrors: complaints } = await openWindow(url)
  await logIn(page, 'ann')
  await page.locator('hb-chat-row').nth(2).waitFor()

  // The switcher: a few letters and Enter.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('att')
  await page.getByRole('option', { name: /attic/ }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /attic/ }).waitFor()

  // Arrow keys lead from the filter through the list.
  await page.getByLabel('Search chats and people').focus()
  await page.keyboard.type('gar')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /garden/ }).waitFor()

  // A confirmation is cancelled by keyboard, and the focus returns to the list.
  await page.getByLabel('Search chats and people').fill('')
  await page.getByLabel('Search chats and people').press('ArrowDown')
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Delete #garden' }).waitFor()
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Delete #garden?' })
  await dialog.waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  // The safe button has the focus.
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /garden/ }).waitFor()
  expect(await page.locator('hb-chat-row').count()).toBe(3)
  expect(complaints).toEqual([])
})

/** A document that the hub writes itself has the page's typeface, colours and mark, in light and dark. */
async function expectHubDocument(page: Page): Promise<void> {
  const look = () =>
    page.evaluate(() => {
      const { fontFamily, color } = getComputedStyle(document.body)
      const { backgroundColor } = getComputedStyle(document.documentElement)
      return { fontFamily, color, backgroundColor }
    })
  const isLoaded = () => page.evaluate(() => document.fonts.check('16px "Inter Variable"'))
  expect((await look()).fontFamily).toMatch(/Inter Variable/)
  await expect.poll(isLoaded).toBe(true)
  expect(await page.locator('svg.mark').count()).toBe(1)
  const light = await look()
  for (const width of [400, 900, 1280]) {
    await page.setViewportSize({ width, height: 700 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  expect((await look()).backgroundColor).not.toBe(light.backgroundColor)
  expect((await look()).color).not.toBe(light.color)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'light' })
  expect(await accessibilityProblems(page)).toEqual([])
}

test('the API page looks like the rest of Hubbub, at every width', async () => {
  const { url } = await spawnHub(newDataDir(), ['--port', '0'])
  const { page, consoleErrors: complaints } = await openWindow(`${url}/api/docs`)
  await expectHubDocument(page)
  // A long document scrolls, and its contents stay in view.
  await page.locator('#Errors').scrollIntoViewIfNeeded()
  expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(1000)
  expect(await page.getByRole('navigation').isVisible()).toBe(true)
  expect(complaints).toEqual([])
})

interface OpenedWindow {
  page: Page
  /** Errors of the page and its console, except failed requests such as 401, 404 or 409. */
  consoleErrors: string[]
}

async function openWindow(url: string, viewport = { width: 1280, height: 800 }): Promise<OpenedWindow> {
  const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  await page.goto(url)
  return { page, consoleErrors: complaints }
}

async function logIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByLabel('Search chats and people').waitFor()
}

async function fillAccountForm(page: Page, username: string, fullName: string): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Your name').fill(fullName)
  await page.getByLabel('Password', { exact: true }).fill(password)
}
