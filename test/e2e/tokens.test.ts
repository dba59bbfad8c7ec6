import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { password, rawRequest } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Access for programs: tokens in the settings, requests from the API page, webhooks of a group, and the mark at
 * messages of bots.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openAnnsWindow() {
  const world = await makeWorld({ loadTest: true })
  const ann = await AppWindow.open(browser, world.hub.url)
  await ann.logIn('ann', password)
  await ann.page.getByLabel('Search chats and people').waitFor()
  return { world, ann, page: ann.page, url: world.hub.url }
}

async function createToken(ann: AppWindow, url: string, name: string, scope: RegExp): Promise<string> {
  await ann.page.goto(`${url}/settings/tokens`)
  await ann.clickButton('New token')
  const section = ann.page.locator('hb-settings-tokens')
  await section.getByLabel('What is it for?').fill(name)
  await section.getByText(scope).click()
  await ann.clickButton('Create token')
  const shown = section.getByRole('group', { name: 'Your new token' })
  await shown.waitFor()
  return shown.innerText()
}

test('a token is created, shown once, works, and stops when revoked', async () => {
  const { ann, page, url } = await openAnnsWindow()
  await page.goto(`${url}/settings/tokens`)
  await page.getByText('No tokens yet.').waitFor()
  await ann.clickButton('New token')
  await ann.clickButton('Create token')
  // The error shows at its field, and the field has the focus.
  await page.getByText('Give the token a name, so you can recognise it later.').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  const token = await createToken(ann, url, 'Backup script', /^Read$/)
  expect(token).toMatch(/^hbt_/)
  expect((await rawRequest(url, token, 'me.get', {})).body).toMatchObject({ user: { username: 'ann' } })
  expect((await rawRequest(url, token, 'chats.readAll', {})).status).toBe(403)
  expect(await accessibilityProblems(page)).toEqual([])

  await page.reload()
  await page.getByText('Backup script').waitFor()
  expect(await page.getByText(token).count()).toBe(0)
  await ann.clickButton('Revoke Backup script')
  await page.locator('hb-confirm').getByRole('button', { name: 'Revoke Backup script' }).click()
  await page.getByText('No tokens yet.').waitFor()
  expect((await rawRequest(url, token, 'me.get', {})).status).toBe(401)
  expect(ann.consoleErrors).toEqual([])
})

test('the API page sends requests with a token and with the session of the browser', async () => {
  const { ann, page, url, world } = await openAnnsWindow()
  const { token } = await world.bo.request('tokens.create', { name: 'Try', scope: 'write' })
  await page.goto(`${url}/api/docs`)
  await page.locator('#me\\.get').getByRole('link', { name: 'Try it' }).click()
  await page.getByLabel('Token', { exact: true }).fill(token)
  await ann.clickButton('Send')
  const status = page.locator('#try-status')
  await expect.poll(() => status.innerText()).toBe('200 OK')
  const answer = page.getByLabel('Response')
  expect(JSON.parse(await answer.innerText()).user.username).toBe('bo')
  expect(await page.locator('#try-curl').innerText()).not.toContain(token)

  // The user of this browser: the request needs the CSRF token.
  await page.getByText('Your login in this browser').click()
  await page.locator('#messages\\.send').getByRole('link', { name: 'Try it' }).click()
  const input = { chatId: world.kitchen.id, cid: crypto.randomUUID(), text: 'from the API page' }
  await page.getByLabel(/^Input/).fill(JSON.stringify(input))
  await ann.clickButton('Send')
  await expect.poll(() => status.innerText()).toBe('201 Created')
  const { messages } = await world.bo.request('messages.list', { chatId: world.kitchen.id })
  expect(messages).toMatchObject([{ author: world.ann.id, text: 'from the API page' }])

  await page.getByLabel(/^Input/).fill('{"chatId":')
  await ann.clickButton('Send')
  await page.getByText('The input is not valid JSON').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  expect(ann.consoleErrors).toEqual([])
})

test('a webhook is created in the member panel, and its messages arrive live and marked as a bot', async () => {
  const { ann, page, world } = await openAnnsWindow()
  await ann.openChat('Kitchen')
  await page
    .getByRole('button', { name: /members/i })
    .first()
    .click()
  await ann.clickButton('Webhooks')
  const dialog = page.locator('hb-webhooks')
  await dialog.getByLabel('Bot name').fill('Deploys')
  await dialog.getByRole('button', { name: 'Create webhook' }).click()
  const address = await dialog.getByRole('group', { name: 'New webhook address' }).innerText()
  await dialog.getByText(/Created by ann/).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Close' }).click()
  const posted = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"text":"v2 is out"}',
  })
  expect(posted.status).toBe(201)
  await ann.waitForMessage('v2 is out')
  const article = page.locator('hb-message-list article', { hasText: 'v2 is out' })
  expect(await article.locator('.bot-mark').innerText()).toBe('bot')
  expect(await page.locator('hb-member-panel li', { hasText: 'Deploys' }).locator('.bot-mark').count()).toBe(
    1,
  )
  // Read receipts wait only for users: a bot never reads.
  await ann.sendMessage('Thanks')
  await ann.waitForMessage('Thanks')
  const { messages } = await world.bo.request('messages.list', { chatId: world.kitchen.id })
  await world.bo.request('chats.read', { chatId: world.kitchen.id, no: messages.at(-1)?.no ?? 0 })
  const thanks = page.locator('hb-message-list article', { hasText: 'Thanks' })
  await expect.poll(() => thanks.locator('.state').getAttribute('class')).toContain('read')
  expect(ann.consoleErrors).toEqual([])
})
