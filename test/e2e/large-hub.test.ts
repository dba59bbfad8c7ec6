// The page of a hub with thousands of users, of whom it keeps only those that it needs.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { limits } from '../../shared/contract/values.ts'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import type { TestHub } from '../support/hub.ts'
import { addSailors } from '../support/large-team.ts'
import { freePort } from '../support/ports.ts'
import { makeWorld } from '../support/world.ts'

const sailorCount = 3_000
const wide = { width: 1280, height: 800 }

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** ann is the owner of a group of all sailors, and has never met zenobia. */
async function startLargeHub(largeHubUsers: number = limits.largeHubUsers) {
  const world = await makeWorld()
  const zenobia = await world.hub.registerUser('zenobia')
  await zenobia.request('me.update', { displayName: 'Zenobia Zimmer' })
  await world.hub.close()
  addSailors(world.hub.dataDir, sailorCount, [world.ann, world.bo], 150)
  const port = Number(await freePort())
  const hub = await world.hub.restart({ port, largeHubUsers })
  return { ...world, hub, port, zenobia: zenobia.atUrl(hub.url) }
}

async function openAsAnn(hub: TestHub): Promise<{ window: AppWindow; page: Page; requests: string[] }> {
  const window = await AppWindow.open(browser, hub.url, wide, false, true)
  onTestFinished(() => window.context.close())
  const requests: string[] = []
  window.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      for (const [, name = ''] of String(payload).matchAll(/"t":"req","id":\d+,"name":"([a-z.A-Z]+)"/g))
        requests.push(name)
    }),
  )
  await window.logIn('ann')
  await window.chatRow('Fleet').waitFor()
  return { window, page: window.page, requests }
}

const authorsOf = (page: Page) => page.locator('hb-message-list .name').allInnerTexts()

/** Runs in the page: the users in its database. */
async function keptUsers(): Promise<{ count: number; isPartial: boolean }> {
  const [{ name = '' } = {}] = await indexedDB.databases()
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'))
  })
  const kept = await new Promise<{ users?: unknown[]; isPartial?: boolean } | undefined>((resolve) => {
    const request = db.transaction('meta').objectStore('meta').get('users')
    request.onsuccess = () => resolve(request.result as { users?: unknown[]; isPartial?: boolean })
  })
  db.close()
  return { count: kept?.users?.length ?? 0, isPartial: kept?.isPartial ?? false }
}

test('a page of a large hub finds, mentions and writes to users whom it has never met', async () => {
  const { hub, zenobia } = await startLargeHub()
  const online = await zenobia.connect()
  const { window, page, requests } = await openAsAnn(hub)

  // a mention
  await window.openChat('Kitchen')
  await window.composer.pressSequentially('ask @zeno')
  const offer = page.getByRole('option', { name: /Zenobia Zimmer/ })
  await offer.waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => window.composer.inputValue()).toBe('ask @zenobia ')
  await page.keyboard.type('soon')
  await page.keyboard.press('Enter')
  await page.locator('hb-message-list .mention', { hasText: 'Zenobia Zimmer' }).waitFor()

  // a direct chat, with her presence
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New chat' }).click()
  await page.locator('hb-user-picker').getByRole('combobox').fill('sailor 2718')
  await page.getByRole('option', { name: /Sailor 2718/ }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Message Sailor 2718/ }).waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY')
  await page.keyboard.press('ControlOrMeta+k')
  const switcher = page.locator('hb-switcher')
  await switcher.getByRole('combobox').fill('sailor 0777')
  // pressed before the hub has answered
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Message Sailor 0777/ }).waitFor()
  await page.keyboard.press('ControlOrMeta+k')
  await switcher.getByRole('combobox').fill('zenobia')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Message Zenobia Zimmer/ }).waitFor()
  const face = window.chatRow('Zenobia Zimmer').locator('hb-avatar[kind=user]')
  await expect.poll(() => face.getAttribute('presence')).toBe('active')
  online.send({ t: 'presence', state: 'idle' })
  await expect.poll(() => face.getAttribute('presence')).toBe('idle')

  // the field above the chats
  await page.getByLabel('Search chats and people').fill('sailor 1234')
  await page.locator('hb-chat-sections .person bdi', { hasText: 'Sailor 1234' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Message Sailor 1234/ }).waitFor()
  await page.getByLabel('Search chats and people').fill('')

  // a filter of the search
  await page.keyboard.press('ControlOrMeta+Shift+f')
  await page.locator('hb-search input').fill('from:sailor-2999')
  await page.getByRole('option', { name: 'Sailor 2999' }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('hb-search .hit', { hasText: 'Message 150' }).waitFor()

  expect(requests).not.toContain('users.list')
  expect(requests.filter((name) => name === 'users.search').length).toBeGreaterThan(3)
  expect(window.consoleErrors).toEqual([])
})

test('history names its authors, members come a page at a time, and a reload without the hub knows what was shown', async () => {
  const { hub, port } = await startLargeHub()
  const { window, page, requests } = await openAsAnn(hub)
  await window.openChat('Fleet')
  await expect.poll(() => authorsOf(page)).toContain('Sailor 2999')
  await expect.poll(() => authorsOf(page)).not.toContain('')
  await page.locator('hb-message-list .mention', { hasText: 'Sailor 0150' }).waitFor()

  await page.getByRole('button', { name: /^Show members, 3,002 members/ }).click()
  const panel = page.locator('hb-member-panel')
  await expect.poll(() => panel.locator('li').count()).toBe(100)
  expect((await panel.locator('li .name').allInnerTexts()).slice(0, 3)).toEqual([
    'ann (you)',
    'bo',
    'Sailor 0000',
  ])
  await panel.getByRole('button', { name: 'Show 100 more' }).click()
  await expect.poll(() => panel.locator('li').count()).toBe(200)
  await panel.getByLabel('Find a member').fill('sailor 1717')
  await expect.poll(() => panel.locator('li .name').allInnerTexts()).toEqual(['Sailor 1717'])
  expect(await accessibilityProblems(page)).toEqual([])
  await panel.locator('li .user').click()
  await panel.getByText('@sailor-1717').waitFor()

  // the hub is away
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await expect.poll(async () => (await page.evaluate(keptUsers)).count).toBeGreaterThan(150)
  expect((await page.evaluate(keptUsers)).isPartial).toBe(true)
  await hub.close()
  await page.reload()
  await expect.poll(() => authorsOf(page)).toContain('Sailor 2999')
  await page.keyboard.press('ControlOrMeta+k')
  await page.locator('hb-switcher').getByRole('combobox').fill('sailor 2990')
  await page
    .locator('hb-switcher')
    .getByRole('option', { name: /^Sailor 2990/ })
    .waitFor()
  await page.keyboard.press('Escape')
  expect(requests).not.toContain('users.list')

  // it is back, and the user finds others again
  await hub.restart({ port })
  await page.keyboard.press('ControlOrMeta+k')
  await expect
    .poll(
      async () => {
        await page.locator('hb-switcher').getByRole('combobox').fill('')
        await page.locator('hb-switcher').getByRole('combobox').fill('sailor 0815')
        return page
          .locator('hb-switcher')
          .getByRole('option', { name: /^Sailor 0815/ })
          .count()
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(1)
  expect(window.consoleErrors).toEqual([])
})

test('a page that had loaded all users gives up those that it does not need', async () => {
  const { hub, port } = await startLargeHub(100_000)
  const { window, page, requests } = await openAsAnn(hub)
  await window.openChat('Fleet')
  await expect.poll(() => authorsOf(page)).toContain('Sailor 2999')
  await expect.poll(async () => (await page.evaluate(keptUsers)).count).toBe(sailorCount + 5)
  expect(requests).toContain('users.list')

  await hub.restart({ port, largeHubUsers: limits.largeHubUsers })
  await expect.poll(async () => (await page.evaluate(keptUsers)).isPartial, { timeout: 20_000 }).toBe(true)
  expect((await page.evaluate(keptUsers)).count).toBeLessThan(500)
  expect(await authorsOf(page)).toContain('Sailor 2999')
  await expect.poll(() => authorsOf(page)).not.toContain('')
  expect(window.consoleErrors).toEqual([])
})
