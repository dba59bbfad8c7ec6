// Composed lines keep their order: names in Arabic or Hebrew in a page from left to right, and the English page itself
// from right to left. Measured is where the browser draws the words.
import { randomUUID } from 'node:crypto'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const arabic = 'عبد الرحمن'
const hebrew = 'דנה לוי'

async function openTeam(isRightToLeft: boolean) {
  const { hub, ann, bo, kitchen } = await makeWorld()
  await bo.request('me.update', { displayName: arabic })
  await ann.request('me.update', { displayName: hebrew })
  const parent = await bo.sendMessage(kitchen.id, 'Who brings the bread?')
  for (const text of ['I do', 'Thanks'])
    await ann.request('messages.send', {
      ...{ chatId: kitchen.id, cid: randomUUID(), text, thread: parent.id },
    })
  await bo.createGroup(`3 ${arabic}`, [], 'public')
  await bo.request('chats.update', {
    chatId: (await bo.createGroup('Harbour', [], 'public')).id,
    topic: `${hebrew} 12`,
  })
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  if (isRightToLeft) {
    // before the page draws anything
    await window.context.addInitScript(() =>
      document.addEventListener('readystatechange', () => (document.documentElement.dir = 'rtl')),
    )
    await window.page.reload()
  }
  return { window, page: window.page, hub, ann }
}

/** The words in the order in which they are drawn, from left to right. */
function drawnOrder(line: Locator, words: readonly string[]): Promise<string[]> {
  return line.first().evaluate((element, wanted) => {
    const found: { word: string; left: number }[] = []
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    const rest = new Set(wanted)
    while (walker.nextNode()) {
      const node = walker.currentNode as Text
      for (const word of rest) {
        const at = node.data.indexOf(word)
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + word.length)
        found.push({ word, left: range.getBoundingClientRect().left })
        rest.delete(word)
      }
    }
    return found.sort((a, b) => a.left - b.left).map(({ word }) => word)
  }, words)
}

test('from left to right, names and topics of another direction leave the line in its order', async () => {
  const { window, page } = await openTeam(false)
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'Browse groups' }).click()
  const topic = page.locator('hb-browse-groups .second', { hasText: '12' })
  await topic.waitFor()
  expect(await drawnOrder(topic, ['1', 'member', '·', '12'])).toEqual(['1', 'member', '·', '12'])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('from right to left, an English line with numbers, names and times is read in its order', async () => {
  const { window, page, hub } = await openTeam(true)
  const summary = page.locator('hb-message-list .thread')
  await summary.waitFor()
  await page.locator('hb-composer textarea').focus()
  // what points along the line turns around with it
  const turnOf = (name: string) =>
    page
      .locator(`hb-icon[name=${name}]`)
      .first()
      .evaluate((icon) => getComputedStyle(icon.shadowRoot?.querySelector('svg') as Element).scale)
  expect([await turnOf('send'), await turnOf('search')]).toEqual(['-1 1', 'none'])
  // the calendar: earlier months and days are on the right
  await page.keyboard.press('Shift+F6')
  await page.keyboard.press('g')
  const calendar = page.locator('hb-go-to-date')
  await calendar.getByRole('grid').waitFor()
  const xOf = async (name: string) => (await calendar.getByRole('button', { name }).boundingBox())?.x ?? 0
  expect(await xOf('Previous month')).toBeGreaterThan(await xOf('Next month'))
  const today = Number(await calendar.locator('td button:focus').innerText())
  await page.keyboard.press('ArrowRight')
  const yesterday = new Date()
  yesterday.setDate(yesterday.getDate() - 1)
  await expect
    .poll(async () => Number(await calendar.locator('td button:focus').innerText()))
    .toBe(yesterday.getDate())
  expect(today).not.toBe(yesterday.getDate())
  await page.keyboard.press('Escape')
  // each part in its own order, the parts from right to left
  expect(await drawnOrder(summary.locator('b'), ['2', 'replies'])).toEqual(['2', 'replies'])
  const last = ['Last', 'reply', ':']
  expect(await drawnOrder(summary.locator('.last'), last)).toEqual(last)
  await page.getByRole('link', { name: 'Threads' }).click()
  const about = page.locator('hb-threads .about')
  await about.waitFor()
  expect(await drawnOrder(about, ['2', 'replies', 'Today', ':'])).toEqual(['Today', ':', '2', 'replies'])
  await page.goto(`${hub.url}/settings/sessions`)
  const facts = page.locator('hb-settings-sessions .words span').first()
  await facts.waitFor()
  const order = ['logged in', '127', '.1', 'window']
  expect(await drawnOrder(facts, order)).toEqual(order)
  await page.goto(`${hub.url}/`)
  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'Browse groups' }).click()
  const topic = page.locator('hb-browse-groups .second', { hasText: '12' })
  await topic.waitFor()
  expect(await drawnOrder(topic, ['1', 'member', '12'])).toEqual(['12', '1', 'member'])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
