// Recovery without a password, and changing password, security question and recovery key, with a real hub.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
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

const newPassword = 'seven quiet otters'

async function createTeam() {
  const { url } = await spawnHub(newDataDir(), ['--port', '0', '--load-test'])
  const olga = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga', registration: 'open' })
  const ann = await TestUser.register(url, {
    username: 'ann',
    securityQuestion: 'Who lives upstairs?',
    securityAnswer: 'The owl',
  })
  return { url, olga, ann }
}

async function openWindow(url: string): Promise<AppWindow> {
  const window = await AppWindow.open(browser, url)
  onTestFinished(() => window.context.close())
  return window
}

/** Selects the key with one click, as users do, and returns what Ctrl+C would put on the clipboard. */
async function copySelectedKey(page: Page): Promise<string> {
  await page.getByTestId('recovery-key').locator('.groups > span').first().click()
  return page.getByTestId('recovery-key').evaluate((key) => {
    const clipboardData = new DataTransfer()
    key.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
    return clipboardData.getData('text/plain')
  })
}

test('a user recovers with the security question, saves a new key, logs in and is notified once', async () => {
  const { url } = await createTeam()
  const window = await openWindow(`${url}/login`)
  const { page } = window
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await window.clickButton('Show my question')
  await page.getByText('Type your username.').waitFor()
  await window.fill('Username', 'Ann')
  await window.clickButton('Show my question')
  await page.getByText('Who lives upstairs?').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await window.fill('Answer', 'the cat')
  await window.clickButton('Continue')
  await page.getByText('Wrong answer.').waitFor()
  expect(await page.getByLabel('Answer', { exact: true }).inputValue()).toBe('the cat')
  await window.fill('Answer', 'THE OWL')
  await window.clickButton('Continue')

  await window.fill('New password', 'password123')
  await page.getByText('Easy to guess').waitFor()
  await window.clickButton('Set new password')
  await page.getByText('This password is common').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await window.fill('New password', newPassword)
  await page.getByText('Good', { exact: true }).waitFor()
  await window.clickButton('Set new password')
  await page.getByTestId('recovery-key').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const groups = page.getByTestId('recovery-key').locator('.groups > span')
  const tops = await groups.evaluateAll((all) => all.map((group) => group.getBoundingClientRect().top))
  expect(tops).toHaveLength(8)
  expect(new Set(tops.slice(0, 4)).size).toBe(1)
  expect(new Set(tops.slice(4)).size).toBe(1)
  expect(await copySelectedKey(page)).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){7}$/)
  await page.getByText('I’ve saved it somewhere safe').click()
  await window.clickButton('Log in')
  await page.getByRole('heading', { name: /^Log in/ }).waitFor()
  await window.logIn('ann', newPassword)

  const told = page.getByRole('dialog', { name: 'Your account was recovered' })
  await told.waitFor()
  await page.getByText('someone answered your security question').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await window.clickButton('Got it')
  await told.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByLabel('Search chats and people').waitFor()
  expect(await told.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
})

test('a reset link from an admin sets a new password once and ends all sessions', async () => {
  const { url, olga, ann } = await createTeam()
  const inside = await openWindow(`${url}/login`)
  await inside.logIn('ann')
  await inside.page.getByLabel('Search chats and people').waitFor()
  const { url: link } = await olga.request('admin.users.createResetLink', { userId: ann.id })

  const window = await openWindow(link)
  await window.fill('New password', newPassword)
  await window.clickButton('Set new password')
  await window.page.getByTestId('recovery-key').waitFor()
  // Without any action in that window.
  await inside.page.getByText('You were logged out.').waitFor()

  // Used up: the page says so on opening, before anybody types a new password.
  const again = await openWindow(link)
  await again.page.getByRole('heading', { name: 'This link doesn’t work' }).waitFor()
  expect(await again.page.getByLabel('New password', { exact: true }).count()).toBe(0)
  expect(await accessibilityProblems(again.page)).toEqual([])
  await again.clickButton('Use my recovery key')
  await again.page.getByLabel('Recovery key').waitFor()
  expect(again.consoleErrors).toEqual([])
})

test('a reset link opened over a dead one in the same tab works, and each dead link says so', async () => {
  const { url, olga, ann } = await createTeam()
  const window = await openWindow(`${url}/reset#nonsense`)
  const dead = window.page.getByRole('heading', { name: 'This link doesn’t work' })
  await dead.waitFor()
  const { url: link } = await olga.request('admin.users.createResetLink', { userId: ann.id })
  const { url: newer } = await olga.request('admin.users.createResetLink', { userId: ann.id })
  await window.page.goto(newer)
  await window.page.getByLabel('New password', { exact: true }).waitFor()
  await window.page.goto(link)
  await dead.waitFor()
})

test('the settings change password, question and key, and log out other sessions', async () => {
  const { url, ann } = await createTeam()
  const phone = await openWindow(`${url}/login`)
  await phone.logIn('ann')
  await phone.page.getByLabel('Search chats and people').waitFor()
  const window = await openWindow(`${url}/settings/security`)
  const { page } = window
  await window.logIn('ann')
  await page.getByText('Who lives upstairs?').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await window.clickButton('Change password…')
  await window.fill('Current password', 'not hers')
  await window.fill('New password', newPassword)
  await window.clickButton('Change password')
  await page.getByText('Wrong password.').waitFor()
  expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe(newPassword)
  expect(await accessibilityProblems(page)).toEqual([])
  await window.fill('Current password', password)
  await window.clickButton('Change password')
  await page.getByText('Password changed.').waitFor()
  await phone.page.getByText('You were logged out.').waitFor()
  await expect(ann.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })

  await window.clickButton('Change question…')
  await window.fill('Current password', newPassword)
  await page.getByLabel('Question', { exact: true }).selectOption('first-pet')
  await window.fill('Answer', 'Rex')
  await window.clickButton('Save question')
  await page.getByText('What was the name of your first pet?').waitFor()
  await window.clickButton('New recovery key…')
  await window.fill('Current password', newPassword)
  await window.clickButton('Create new key')
  await page.getByTestId('recovery-key').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  // no step takes it away before the user agrees: another section, nor the browser's Back, which here leads to another one
  await page.evaluate(() => {
    history.replaceState(null, '', '/settings/profile')
    history.pushState(null, '', '/settings/security')
  })
  const question = page.getByRole('dialog', { name: 'Leave without your recovery key?' })
  for (const leave of [() => page.getByRole('link', { name: 'Profile' }).click(), () => page.goBack()]) {
    await leave()
    await question.waitFor()
    await page.locator('hb-confirm').getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname).toBe('/settings/security')
    expect(await page.getByTestId('recovery-key').count()).toBe(1)
  }
  await page.getByText('I’ve saved it somewhere safe').click()
  await window.clickButton('Done')
  await page.getByRole('link', { name: 'Profile' }).click()
  await page.getByRole('heading', { name: 'Profile', exact: true }).waitFor()

  await phone.logIn('ann', newPassword)
  await phone.page.getByLabel('Search chats and people').waitFor()
  await page.goto(`${url}/settings/sessions`)
  await page.getByText('This window').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('button', { name: /^Log out Chrome on / }).click()
  await page.getByRole('button', { name: /^Log out Chrome on / }).waitFor({ state: 'detached' })
  await phone.page.getByText('You were logged out.').waitFor()
  expect(window.consoleErrors).toEqual([])
})
