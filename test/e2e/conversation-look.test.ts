// How a conversation looks: where things are, what is emphasized, and what lists show of a message.
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { accessibilityProblems, ScreenReport } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function boxOf(target: Locator) {
  const box = await target.boundingBox()
  if (!box) throw new Error('it is not on screen')
  return { ...box, right: box.x + box.width, middle: box.x + box.width / 2 }
}

const styleOf = (target: Locator, property: string) =>
  target.evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)

test('messages, their dividers and the composer share one column in the middle of the pane', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  for (let no = 1; no <= 40; no += 1) await bo.sendMessage(kitchen.id, `message ${no}`)
  await ann.request('chats.read', { chatId: kitchen.id, no: 40 })
  for (const width of [400, 900, 1280, 1440, 1920, 2560]) {
    for (const text of ['fresh', 'fresher']) await bo.sendMessage(kitchen.id, text)
    const window = await AppWindow.open(browser, hub.url, { width, height: 700 })
    const { page } = window
    await window.logIn('ann')
    await window.openChat('Kitchen')
    const list = page.locator('hb-message-list')
    await list.locator('.new').waitFor()
    const pane = await boxOf(page.locator('hb-timeline'))
    const composer = await boxOf(page.locator('hb-composer .box'))
    const fresh = await boxOf(list.locator('.new'))
    const row = await boxOf(list.locator('article').last())
    const face = await boxOf(list.locator('.face').last())
    expect(Math.abs(composer.middle - pane.middle)).toBeLessThan(1)
    // In a narrow window the scrollbar is wider than the margin.
    expect(Math.abs(fresh.middle - pane.middle)).toBeLessThan(width < 720 ? 6 : 1)
    expect(Math.abs(fresh.x - composer.x)).toBeLessThan(1)
    expect(Math.abs(face.x - composer.x)).toBeLessThan(1)
    // A band is 8 pixels wider on both sides, unless the scrollbar needs the place.
    expect(row.x).toBeCloseTo(composer.x - 8, 0)
    expect(row.right).toBeGreaterThan(composer.right - (width < 720 ? 16 : 1))
    expect(row.right).toBeLessThan(composer.right + 9)
    expect(composer.width).toBeLessThanOrEqual(61.5 * 16)
    if (width > 720) {
      await list.locator('article').last().hover()
      const toolbar = await boxOf(list.locator('hb-message-toolbar .bar'))
      expect(Math.abs(toolbar.right - composer.right)).toBeLessThan(1)
    }
    expect(window.consoleErrors).toEqual([])
    await window.context.close()
  }
})

test('the composer has no accent while it has the focus, except in high contrast', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await expect.poll(() => window.composer.evaluate((field) => field.matches(':focus'))).toBe(true)
  const box = page.locator('hb-composer .box')
  expect(await styleOf(box, 'box-shadow')).toBe('none')
  await page.emulateMedia({ contrast: 'more' })
  await expect.poll(() => styleOf(box, 'box-shadow')).toContain('1px')
  await page.emulateMedia({ contrast: 'no-preference', forcedColors: 'active' })
  await expect.poll(() => styleOf(box, 'outline-style')).toBe('solid')
  await window.context.close()
})

test('lists show the text of a message without marks, and mentions by display name', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  await bo.request('me.update', { displayName: 'Bo Lindqvist' })
  const text = '**Launch list** for @bo:\n- ~~the logo~~'
  const id = (await ann.sendMessage(kitchen.id, text)).id
  await ann.request('pins.add', { messageId: id })
  await ann.request('saved.add', { messageId: id })
  await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'yes', replyTo: id })
  await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'soon', thread: id })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const row = page.locator('hb-message-list article').first()
  expect(await row.getAttribute('aria-label')).toContain('Launch list for @Bo Lindqvist:')
  const shows = async (target: Locator) =>
    expect
      .poll(async () => (await target.innerText()).replace(/\s+/g, ' '))
      .toMatch(/^(Ann )?Launch list for @Bo Lindqvist: • the logo$/i)
  await shows(page.locator('.quote .quoted'))
  await row.focus()
  await page.keyboard.press('r')
  await shows(page.locator('.writing span[role=status]'))
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Pinned in this chat' }).click()
  await shows(page.locator('hb-pins .hit p').first())
  await page.keyboard.press('Control+Shift+f')
  await page.keyboard.type('launch')
  const hit = page.locator('hb-search .hit p').first()
  await shows(hit)
  expect(await hit.locator('mark').innerText()).toBe('Launch')
  await page.goto(`${hub.url}/saved`)
  await shows(page.locator('hb-saved .hit p').first())
  await page.goto(`${hub.url}/threads`)
  await shows(page.locator('hb-threads .text').first())
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('code blocks are no landmarks, and typing is no announcement', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, '```ts\nlet a = 1\n```\nand\n```ts\nlet b = 2\n```')
  await bo.sendMessage(kitchen.id, '```\nplain\n```')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const code = page.locator('hb-message-list')
  expect(await code.getByRole('group', { name: 'Code, TypeScript' }).count()).toBe(2)
  expect(await code.getByRole('group', { name: 'Code', exact: true }).count()).toBe(1)
  expect(await accessibilityProblems(page)).toEqual([])
  expect(await page.locator('hb-composer .hint').getAttribute('role')).toBeNull()
  expect(await page.locator('hb-conversation-header h2').count()).toBe(1)
  await window.context.close()
})

test('emoji are coloured on a system without an emoji font, and signs stay text', async () => {
  const fonts = join(newDataDir(), 'fonts.conf')
  const rejected = '<pattern><patelt name="color"><bool>true</bool></patelt></pattern>'
  writeFileSync(
    fonts,
    `<?xml version="1.0"?><fontconfig><include>/etc/fonts/fonts.conf</include><selectfont><rejectfont>${rejected}</rejectfont></selectfont></fontconfig>`,
  )
  const bare = await launchBrowser({ FONTCONFIG_FILE: fonts })
  try {
    const { hub, bo, kitchen } = await makeWorld()
    await bo.sendMessage(kitchen.id, '😄')
    await bo.sendMessage(kitchen.id, '©')
    const window = await AppWindow.open(bare, hub.url)
    const { page } = window
    const loaded: string[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('.woff2') && response.ok()) loaded.push(response.url())
    })
    await window.logIn('ann')
    await window.openChat('Kitchen')
    const texts = page.locator('hb-message-list .text')
    await expect.poll(() => countYellow(texts.nth(0))).toBeGreaterThan(100)
    expect(await countYellow(texts.nth(1))).toBe(0)
    // Of the bundled font only the slices of what is shown, and none if the system has an emoji font.
    const slices = loaded.filter((url) => !/inter/.test(url))
    if (process.platform === 'linux') expect(slices.length).toBeGreaterThan(0)
    expect(slices.length).toBeLessThan(4)
    expect(window.consoleErrors).toEqual([])
  } finally {
    await bare.close()
  }
})

test('a thread begins at the top with its message, and says where it belongs', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  const parent = await bo.sendMessage(kitchen.id, 'Who cooks?')
  for (const text of ['I do', 'And I help']) {
    await ann.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text, thread: parent.id })
  }
  await bo.sendMessage(direct.id, 'Nobody answers this')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await page.getByRole('button', { name: /2 replies/ }).click()
  const panel = page.locator('hb-thread-panel')
  await panel.getByText('And I help').waitFor()
  expect(await panel.locator('.title').innerText()).toMatch(/^Thread\s+in #Kitchen$/)
  const bar = await boxOf(panel.locator('.bar').first())
  const first = panel.locator('article').first()
  expect((await boxOf(first)).y - bar.y - bar.height).toBeLessThan(20)
  expect(await panel.locator('.replies').innerText()).toBe('2 replies')
  // No divider of the same day parts the message from its replies.
  expect(await panel.locator('.day h3').count()).toBe(0)
  await expect.poll(() => panel.locator('textarea').evaluate((field) => field.matches(':focus'))).toBe(true)
  await window.openChat('bo')
  const row = page.locator('hb-message-list article', { hasText: 'Nobody' })
  await row.focus()
  await page.keyboard.press('t')
  await panel.getByText('No replies yet. Be the first.').waitFor()
  expect(await panel.locator('.title').innerText()).toMatch(/^Thread\s+with bo$/)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('only the last of the user’s messages in a state shows it, and all name it', async () => {
  const { hub, ann, bo, direct } = await makeWorld()
  for (const text of ['one', 'two', 'three', 'four']) await ann.sendMessage(direct.id, text)
  await bo.request('chats.read', { chatId: direct.id, no: 2 })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('bo')
  const rows = page.locator('hb-message-list article')
  const marked = () => page.locator('hb-message-list article:has(.state) .text').allInnerTexts()
  await expect.poll(marked).toEqual(['two', 'four'])
  expect(await rows.nth(0).getAttribute('aria-label')).toContain('Read')
  await bo.request('chats.read', { chatId: direct.id, no: 4 })
  await expect.poll(marked).toEqual(['four'])
  expect(await rows.locator('.state').getAttribute('class')).toContain('read')
  await window.context.close()
})

test('the right button opens the menu of a message, unless the browser has the better one', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'A line to point at')
  await bo.sendMessage(kitchen.id, 'see https://link.example/ there')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const rows = page.locator('hb-message-list article')
  const menu = page.getByRole('menu', { name: 'Message actions' })
  const text = rows.nth(0).locator('.t')
  await text.click({ button: 'right' })
  await menu.getByRole('menuitem', { name: 'Reply R' }).waitFor()
  // The row keeps its mark while its menu is open.
  const background = () => styleOf(rows.nth(0), 'background-color')
  const plain = await styleOf(rows.nth(1), 'background-color')
  expect(await background()).not.toBe(plain)
  await page.keyboard.press('Escape')
  await menu.waitFor({ state: 'hidden' })
  const prevented = () =>
    page.evaluate(
      () =>
        new Promise<boolean>((resolve) =>
          addEventListener('contextmenu', (event) => resolve(event.defaultPrevented), { once: true }),
        ),
    )
  const check = async (act: () => Promise<void>) => {
    const result = prevented()
    await act()
    return result
  }
  expect(await check(() => rows.nth(1).locator('a').click({ button: 'right' }))).toBe(false)
  expect(await check(() => text.click({ button: 'right', modifiers: ['Shift'] }))).toBe(false)
  await text.dblclick()
  expect(await check(() => text.click({ button: 'right' }))).toBe(false)
  expect(await menu.isVisible()).toBe(false)
  await window.context.close()
})

test('a row keeps its mark while its emoji are open, and while it is answered or edited', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'first')
  await ann.sendMessage(kitchen.id, 'second')
  await bo.sendMessage(kitchen.id, 'third')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const rows = page.locator('hb-message-list article')
  const marked = async () => {
    const all = await rows.evaluateAll((each) => each.map((row) => getComputedStyle(row).backgroundColor))
    return all.flatMap((colour, at) => (colour === 'rgba(0, 0, 0, 0)' ? [] : [at]))
  }
  await page.mouse.move(5, 5)
  await rows.nth(0).focus()
  await page.keyboard.press('a')
  await page.locator('hb-quick-reactions').waitFor()
  expect(await marked()).toEqual([0])
  await page.keyboard.press('Escape')
  await page.locator('hb-quick-reactions').waitFor({ state: 'detached' })
  await expect.poll(marked).toEqual([])
  await rows.nth(0).focus()
  await page.keyboard.press('r')
  await expect.poll(marked).toEqual([0])
  await page.keyboard.press('Escape')
  await expect.poll(marked).toEqual([])
  await rows.nth(1).focus()
  await page.keyboard.press('e')
  await expect.poll(marked).toEqual([1])
  await page.keyboard.press('Escape')
  await expect.poll(marked).toEqual([])
  await window.context.close()
})

test('after the undo of a deletion the focus is where it was, and the toolbar has all actions', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  for (const text of ['one', 'two', 'three']) await ann.sendMessage(kitchen.id, text)
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const row = page.locator('hb-message-list article').nth(1)
  const toast = page.locator('hb-toasts .toast')
  const undo = toast.getByRole('button', { name: 'Undo' })
  const hasFocus = (target: Locator) => target.evaluate((element) => element.matches(':focus'))
  const toolbar = page.locator('hb-message-toolbar .bar')

  await expect.poll(() => hasFocus(window.composer)).toBe(true)
  await row.hover()
  const actionCount = await toolbar.getByRole('button').count()
  await row.focus()
  await page.keyboard.press('d')
  await undo.waitFor()
  // A wide window has the notice over the list of chats, not over messages.
  await expect
    .poll(async () => (await boxOf(toast)).right)
    .toBeLessThan((await boxOf(page.locator('hb-timeline'))).x)
  await undo.click()
  await row.getByText('two').waitFor()
  expect(await hasFocus(window.composer)).toBe(true)
  await row.hover()
  await expect.poll(() => toolbar.getByRole('button').count()).toBe(actionCount)

  await row.focus()
  await page.keyboard.press('d')
  await undo.waitFor()
  await undo.focus()
  await page.keyboard.press('Enter')
  await row.getByText('two').waitFor()
  await expect.poll(() => hasFocus(window.composer)).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a print has all loaded messages with their times, and no controls', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const code = Array.from({ length: 90 }, (_, at) => `line ${at}`).join('\n')
  await bo.sendMessage(kitchen.id, `\`\`\`\n${code}\n\`\`\``)
  for (let no = 2; no <= 300; no += 1) await (no % 2 ? ann : bo).sendMessage(kitchen.id, `message ${no}`)
  await ann.request('chats.read', { chatId: kitchen.id, no: 300 })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await page.emulateMedia({ colorScheme: 'dark' })
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const rows = page.locator('hb-message-list article')
  const scroller = page.locator('hb-message-list #scroller')
  // All messages are loaded once the first is in view.
  await expect
    .poll(async () => {
      await scroller.evaluate((element) => element.scrollTo({ top: 0 }))
      return rows.first().innerText()
    })
    .toContain('line 0')
  await scroller.evaluate((element) => element.scrollTo({ top: 400 }))
  const shown = await rows.count()
  expect(shown).toBeLessThan(300)

  const top = await scroller.evaluate((element) => element.scrollTop)
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await page.emulateMedia({ media: 'print' })
  await expect.poll(() => rows.count()).toBe(300)
  for (const hidden of ['hb-chat-list', 'hb-composer', 'hb-message-toolbar', 'hb-toasts', '.fold'])
    for (const element of await page.locator(hidden).all()) expect(await element.isVisible()).toBe(false)
  expect(await page.getByRole('heading', { name: /Kitchen/ }).isVisible()).toBe(true)
  const last = rows.last()
  expect(await styleOf(last, 'color')).toBe('rgb(0, 0, 0)')
  expect(await styleOf(last, 'break-inside')).toBe('avoid')
  expect(await last.locator('time').isVisible()).toBe(true)
  // The folded code is whole, and the page is as long as its messages.
  expect((await boxOf(rows.first())).height).toBeGreaterThan(90 * 16)
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(6_000)
  await page.emulateMedia({ media: null })
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  await expect.poll(() => rows.count()).toBe(shown)
  await expect.poll(() => scroller.evaluate((element) => element.scrollTop)).toBe(top)

  // The browser sends the same events when it really prints.
  const pdf = (await page.pdf()).toString('latin1')
  expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(8)
  await expect.poll(() => rows.count()).toBe(shown)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the content of every panel begins where its title does, and lists follow the conversation’s column', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  const { id } = await bo.sendMessage(kitchen.id, 'Soup at noon https://soup.example/')
  const other = await ann.sendMessage(kitchen.id, 'Bread')
  await ann.request('pins.add', { messageId: id })
  await ann.request('saved.add', { messageId: id })
  for (const parent of [id, other.id])
    await ann.request('messages.send', {
      chatId: kitchen.id,
      cid: randomUUID(),
      text: 'I come',
      thread: parent,
    })
  await bo.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'Good', thread: id })
  const window = await AppWindow.open(browser, hub.url, { width: 1920, height: 900 })
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const composer = await boxOf(page.locator('hb-composer .box'))
  const panel = page.locator('hb-conversation .panel')
  const start = async (target: Locator) => (await boxOf(target)).x - (await boxOf(panel)).x - 1

  await page.getByRole('button', { name: 'Pinned in this chat' }).click()
  expect(await start(panel.locator('h2'))).toBe(16)
  expect(await start(panel.locator('.hit hb-avatar').first())).toBe(16)
  await page.getByRole('button', { name: 'Search in this chat' }).click()
  await page.keyboard.type('soup')
  expect(await start(panel.locator('.field'))).toBe(16)
  await expect.poll(() => panel.locator('.hit').count()).toBe(1)
  expect(await start(panel.locator('.hit hb-avatar').first())).toBe(16)
  await page.getByRole('button', { name: /2 replies/ }).click()
  expect(await start(panel.locator('h2'))).toBe(16)
  expect(await start(panel.locator('.face').first())).toBe(16)
  expect(await start(panel.locator('hb-composer .box'))).toBe(16)
  expect(await accessibilityProblems(page)).toEqual([])

  await page.goto(`${hub.url}/saved`)
  expect((await boxOf(page.locator('hb-saved .hit hb-avatar').first())).x).toBeCloseTo(composer.x, 0)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.goto(`${hub.url}/threads`)
  const threads = page.locator('hb-threads')
  expect((await boxOf(threads.locator('li hb-avatar').first())).x).toBeCloseTo(composer.x, 0)
  // Those with new replies come first, under a heading of their own.
  await bo.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: 'Better', thread: id })
  await expect
    .poll(() => threads.getByRole('heading', { level: 3 }).allInnerTexts())
    .toEqual(['New replies', 'Earlier'])
  expect(await threads.getByRole('list', { name: 'New replies' }).innerText()).toContain('3 replies')
  expect(await accessibilityProblems(page)).toEqual([])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('nothing that opens over a conversation has an axe violation in any look', async () => {
  const { hub, ann, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'Soup or **bread**, @ann?')
  const attachments = [await uploadFile(hub.url, bo.token, { name: 'soup.jpg', bytes: await photo() })]
  await bo.request('messages.send', { chatId: kitchen.id, cid: randomUUID(), text: '', attachments })
  await ann.sendMessage(kitchen.id, 'Both')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const rows = page.locator('hb-message-list article')
  const report = new ScreenReport()
  await rows.nth(0).click({ button: 'right', position: { x: 120, y: 10 } })
  await report.add(page, 'menu', page.getByRole('menu', { name: 'Message actions' }))
  await page.keyboard.press('Escape')
  await rows.nth(0).focus()
  await page.keyboard.press('a')
  await report.add(page, 'quick reactions', page.locator('hb-quick-reactions'))
  await page.keyboard.press('End')
  await page.locator('hb-quick-reactions').getByRole('button').last().click()
  await report.add(page, 'emoji picker', page.locator('hb-emoji-picker'))
  await page.keyboard.press('Escape')
  await rows.nth(0).focus()
  await page.keyboard.press('r')
  await report.add(page, 'reply', page.locator('.writing'))
  await page.keyboard.press('Escape')
  await rows.nth(2).focus()
  await page.keyboard.press('d')
  await report.add(page, 'notice', page.locator('hb-toasts .toast'))
  await rows.nth(1).getByRole('button', { name: /soup/ }).click()
  const viewer = page.locator('hb-viewer')
  await report.add(page, 'viewer', viewer.locator('img'))
  // The picture has its author and time.
  expect(await viewer.locator('header p').innerText()).toMatch(/^bo.*\d\d:\d\d/)
  expect(report.problems).toEqual({})
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

function photo(): Promise<Buffer> {
  const background = { r: 200, g: 120, b: 60 }
  return sharp({ create: { width: 600, height: 400, channels: 3, background } })
    .jpeg()
    .toBuffer()
}

async function countYellow(target: Locator): Promise<number> {
  const { data, info } = await sharp(await target.screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let count = 0
  for (let at = 0; at < data.length; at += info.channels) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3)
    if (red > 200 && green > 140 && blue < 110) count += 1
  }
  return count
}
