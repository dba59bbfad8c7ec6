// Faces in a real browser: each member of a team has their own, groups have a letter, and all of it works in forced colours.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openTeam() {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp()
  const others = []
  for (let no = 1; no < 12; no += 1) others.push(await hub.registerUser(`user${no}`))
  const [ann] = others
  if (!ann) throw new Error('a team without users')
  await olga.createGroup('#boats', others)
  await olga.createGroup('📣 News', [], 'public')
  const direct = await olga.openDirectChat(ann)
  await ann.sendMessage(direct.id, 'hello')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  await window.chatRow('boats').waitFor()
  return { window, page: window.page, ann }
}

/** The colours of the faces in a list: ground, letters and line. */
function facesIn(page: Page, list: string): Promise<string[]> {
  return page
    .locator(list)
    .locator('hb-avatar .round')
    .evaluateAll((rounds) =>
      rounds.map((round) => {
        const { backgroundColor, color, boxShadow } = getComputedStyle(round)
        return [backgroundColor, color, boxShadow].join(' ')
      }),
    )
}

test('a team of twelve has twelve faces, and a user has the same one everywhere', async () => {
  const { window, page } = await openTeam()
  await window.openChat('#boats')
  await page
    .getByRole('button', { name: /member/ })
    .first()
    .click()
  await expect.poll(async () => (await facesIn(page, 'hb-member-panel')).length).toBe(12)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const faces = await facesIn(page, 'hb-member-panel')
    expect(new Set(faces).size).toBe(12)
    const member = page.locator('hb-member-panel li', { hasText: 'user1' }).first()
    const [inPanel] = await member
      .locator('hb-avatar .round')
      .evaluateAll((rounds) => rounds.map((round) => getComputedStyle(round).backgroundColor))
    const [inList] = await window
      .chatRow('user1')
      .locator('hb-avatar .round')
      .evaluateAll((rounds) => rounds.map((round) => getComputedStyle(round).backgroundColor))
    expect(inPanel).toBe(inList)
    expect(await accessibilityProblems(page)).toEqual([])
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a group shows the first letter or emoji of its name, a private one with a small lock', async () => {
  const { window } = await openTeam()
  const picture = (name: string) => window.chatRow(name).locator('hb-avatar')
  expect(await picture('boats').locator('.letter').innerText()).toBe('B')
  expect(await picture('News').locator('.letter').innerText()).toBe('📣')
  expect(await picture('boats').locator('.lock').count()).toBe(1)
  expect(await picture('News').locator('.lock').count()).toBe(0)
  await window.context.close()
})

test('in forced colours the badge can be read in each row, and presence differs by shape', async () => {
  const { window, page, ann } = await openTeam()
  await page.emulateMedia({ forcedColors: 'active' })
  const online = await ann.connect()
  const row = window.chatRow('user1')
  const dot = row.locator('.dot')
  await dot.waitFor()
  const look = (of: typeof dot) =>
    of.evaluate((element) => {
      const { backgroundColor, color, boxShadow } = getComputedStyle(element)
      return { backgroundColor, color, boxShadow }
    })
  const active = await look(dot)
  await row.locator('hb-avatar').evaluate((element) => element.setAttribute('presence', 'idle'))
  await expect.poll(async () => (await look(dot)).backgroundColor).not.toBe(active.backgroundColor)
  const idle = await look(dot)
  expect([active.boxShadow, idle.boxShadow].map((shadow) => shadow === 'none')).toEqual([true, false])

  const badge = row.locator('.pill').last()
  const plain = await look(badge)
  expect(plain.color).not.toBe(plain.backgroundColor)
  // Of a selected row, which stays unread: its ground is the highlight.
  await row.evaluate((element) => Object.assign(element, { selected: true }))
  const ground = () => row.locator('a').evaluate((element) => getComputedStyle(element).backgroundColor)
  await expect.poll(async () => (await look(badge)).backgroundColor).not.toBe(await ground())
  const selected = await look(badge)
  expect(selected.color).not.toBe(selected.backgroundColor)
  await online.close()
  await window.context.close()
})

test('each of ten groups has a hue of its own, in the list and while browsing, and keeps it when one is added', async () => {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp()
  const ann = await hub.registerUser('ann')
  const ids: string[] = []
  for (let no = 0; no < 9; no += 1) ids.push((await olga.createGroup(`mine ${no}`, [])).id)
  // the page deals in the order of ids
  expect(ids).toEqual([...ids].sort())
  for (let no = 0; no < 9; no += 1) await ann.createGroup(`hers ${no}`, [], 'public')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('olga')
  await window.chatRow('mine 0').waitFor()
  const facesByName = async () => {
    const rows = page.locator('hb-chat-list hb-chat-row')
    const names = await rows.locator('.name').allInnerTexts()
    const faces = await facesIn(page, 'hb-chat-list hb-chat-row')
    return new Map(names.map((name, at) => [name, faces[at]]))
  }
  const before = await facesByName()
  expect(new Set(before.values()).size).toBe(9)
  await olga.createGroup('mine 9', [])
  await window.chatRow('mine 9').waitFor()
  const after = await facesByName()
  expect(new Set(after.values()).size).toBe(10)
  for (const [name, face] of before) expect([name, after.get(name)]).toEqual([name, face])
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'Browse groups' }).click()
  await expect.poll(async () => (await facesIn(page, 'hb-browse-groups')).length).toBe(9)
  expect(new Set(await facesIn(page, 'hb-browse-groups')).size).toBe(9)
  await window.context.close()
})
