// The card of a user: who it is, how to reach them, what they wrote, and the groups that both are in.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('the card of a user leads to their chat, their messages and the groups that both are in', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  await bo.request('me.update', { bio: 'Boats\nand bread' })
  const yard = await ann.createGroup('Yard', [bo, eve])
  await ann.createGroup('Attic', [eve])
  await bo.createGroup('Secret of bo')
  await bo.sendMessage(kitchen.id, 'soup at noon')
  await bo.sendMessage(yard.id, 'the boat is dry')
  await ann.sendMessage(yard.id, 'soup for ann')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.waitForMessage('soup at noon')
  const openCard = async () => {
    await page.locator('hb-message-list .face').last().click({ force: true })
    await page.locator('hb-user-card').getByRole('heading', { name: 'bo', exact: true }).waitFor()
  }
  const card = page.locator('hb-user-card')
  await openCard()
  await card.getByText('Boats').waitFor()
  await expect.poll(() => card.locator('.group').allInnerTexts()).toEqual(['Kitchen', 'Yard'])
  for (const size of [
    { width: 1280, height: 800 },
    { width: 900, height: 600 },
    { width: 400, height: 700 },
  ]) {
    await page.setViewportSize(size)
    expect(await accessibilityProblems(page)).toEqual([])
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  // One block, aligned at the start; the dot of presence stays a dot.
  const starts = await card
    .locator('.who, .actions, section')
    .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().x)))
  expect(new Set(starts).size).toBe(1)
  const online = await bo.connect()
  await card.locator('.dot').waitFor()
  // Without the ring around it.
  expect(await card.locator('.dot').evaluate((dot) => dot.clientWidth)).toBeLessThanOrEqual(16)
  online.close()

  await card.getByRole('button', { name: 'Yard' }).click()
  await page.getByRole('textbox', { name: 'Message #Yard' }).waitFor()
  await window.openChat('Kitchen')
  await openCard()
  await card.getByRole('button', { name: 'Find messages of bo' }).click()
  const hits = page.locator('hb-search .hit')
  await expect.poll(() => hits.count()).toBe(2)
  expect((await hits.allInnerTexts()).join(' ')).not.toContain('soup for ann')
  await page.locator('hb-search').getByText('From bo').waitFor()

  await openCard()
  await card.getByRole('button', { name: 'Message', exact: true }).click()
  await page.getByRole('textbox', { name: 'Message bo' }).waitFor()
  // In that chat the card offers no way to where the user is already.
  await page.locator('hb-conversation-header .who').click()
  await card.getByRole('button', { name: 'Find messages of bo' }).waitFor()
  expect(await card.getByRole('button', { name: 'Message', exact: true }).count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
