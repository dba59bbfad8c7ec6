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
  await online.close()

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

test('the card shows the clock of a user in another time zone, and none for one who has the same', async () => {
  const { hub, ann, bo, eve, kitchen } = await makeWorld()
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  await bo.sendMessage(kitchen.id, 'from far away')
  await eve.sendMessage(kitchen.id, 'from next door')
  const windows = await Promise.all(
    (
      [
        ['ann', 'Europe/Berlin'],
        ['bo', 'Asia/Kolkata'],
        ['eve', 'Europe/Vienna'],
      ] as const
    ).map(async ([name, timezoneId]) => {
      const context = await browser.newContext({ locale: 'en-GB', timezoneId })
      const page = await context.newPage()
      await page.goto(hub.url)
      const window = AppWindow.fromPage(page)
      await window.logIn(name)
      await window.chatRow('Kitchen').waitFor()
      await page.locator('hb-chat-list .me .dot').waitFor()
      return window
    }),
  )
  const [mine] = windows
  if (!mine) throw new Error('no window')
  const { page } = mine
  await mine.openChat('Kitchen')
  const card = page.locator('hb-user-card')
  const openCardBy = async (text: string) => {
    await page.locator('hb-message-list article', { hasText: text }).locator('.face').click({ force: true })
    await card.getByText(/^Here since/).waitFor()
  }
  await openCardBy('from far away')
  const clock = (timeZone: string, at: number) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', minute: '2-digit' }).format(at)
  const line = card.getByText(/local time$/)
  await line.waitFor()
  await expect
    .poll(async () => {
      const now = Date.now()
      const times = [clock('Asia/Kolkata', now), clock('Asia/Kolkata', now - 60_000)]
      const shown = await line.innerText()
      return times.some((time) => shown.includes(time))
    })
    .toBe(true)
  await openCardBy('from next door')
  await card.getByRole('heading', { name: 'eve', exact: true }).waitFor()
  await card.getByText('Groups you’re both in').waitFor()
  expect(await line.count()).toBe(0)
  for (const { context } of windows) await context.close()
})

test('on a large hub the page learns who is online of the users that it shows', async () => {
  const { hub, eve } = await makeWorld({ largeHubUsers: 3 })
  const online = await eve.connect()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await page.keyboard.press('ControlOrMeta+k')
  await page.locator('hb-switcher').getByRole('combobox').fill('eve')
  const face = page.locator('hb-switcher [role=option]').filter({ hasText: 'eve' }).locator('hb-avatar')
  await expect.poll(() => face.getAttribute('presence')).toBe('active')
  online.send({ t: 'presence', state: 'idle' })
  await expect.poll(() => face.getAttribute('presence')).toBe('idle')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
