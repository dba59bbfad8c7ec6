import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import type { TestUser } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

/** The chat list: favourites, sections, the archive, muting and drafts, on several devices; mostly by keyboard. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test(
  'favourites, sections, the archive, muting and drafts work by keyboard and reach other devices',
  { timeout: 180_000 },
  async () => {
    const { hub, ann, bo, kitchen, direct } = await makeWorld()
    const yard = await bo.createGroup('Yard', [ann])
    for (const { id } of [kitchen, direct, yard]) await bo.sendMessage(id, 'the first word')
    await ann.request('chats.readAll', {})

    const [one, other, two] = await Promise.all([
      AppWindow.open(browser, hub.url),
      AppWindow.open(browser, hub.url),
      AppWindow.open(browser, hub.url),
    ])
    await one.logIn('ann')
    await other.logIn('ann')
    await two.logIn('bo')
    const { page } = one
    const namesIn = (window: AppWindow, section: string) =>
      window.page
        .locator('hb-chat-sections')
        .getByRole('list', { name: section, exact: true })
        .locator('.name')
        .allInnerTexts()
    const heading = (window: AppWindow, name: string) =>
      window.page.locator('hb-chat-sections').getByRole('button', { name: new RegExp(`^${name} \\d+ `) })

    // By keyboard: a favourite, and a new section from the submenu.
    const menuOf = async (name: string) => {
      await one.chatRow(name).getByRole('link').focus()
      await page.keyboard.press('Shift+F10')
    }
    await menuOf('Kitchen')
    await page.getByRole('menuitem', { name: 'Add to favourites' }).click()
    await heading(other, 'Favourites').waitFor()
    await menuOf('Yard')
    await page.getByRole('menuitem', { name: 'Move to section' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('menu', { name: 'Move to section' }).waitFor()
    expect(await accessibilityProblems(page)).toEqual([])
    await page.keyboard.press('ArrowLeft')
    expect(await page.evaluate(focusedText)).toContain('Move to section')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    const dialog = page.locator('hb-section-name')
    const nameField = dialog.getByRole('textbox', { name: 'Name' })
    await nameField.fill('  ')
    await page.keyboard.press('Enter')
    await dialog.getByText('Give the section a name.').waitFor()
    await nameField.fill('__proto__ 🛠️')
    await page.keyboard.press('Enter')
    await heading(other, '__proto__ 🛠️').waitFor()
    await expect.poll(() => namesIn(other, '__proto__ 🛠️')).toEqual(['Yard'])
    expect(await namesIn(other, 'Favourites')).toEqual(['Kitchen'])
    expect(await namesIn(other, 'Chats')).toEqual(['bo'])
    expect(await heading(two, 'Favourites').count()).toBe(0)

    // A second section, moved up and renamed; a chat is dragged into it.
    await page.getByRole('button', { name: /^Actions for the section/ }).click()
    await page.getByRole('menuitem', { name: 'New section…' }).click()
    await nameField.fill('Later')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Actions for the section Later' }).click()
    await page.getByRole('menuitem', { name: 'Move up' }).click()
    await page.getByRole('button', { name: 'Actions for the section Later' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await nameField.fill('Soon')
    await page.keyboard.press('Enter')
    await heading(other, 'Soon').waitFor()
    const rowOfBo = page.locator('hb-chat-row', { has: page.locator('.name', { hasText: /^bo$/ }) })
    await rowOfBo.dragTo(heading(one, 'Soon'))
    await expect.poll(() => namesIn(other, 'Soon')).toEqual(['bo'])
    const headings = await other.page.locator('hb-chat-sections .heading bdi').allInnerTexts()
    expect(headings).toEqual(['Favourites', 'Soon', '__proto__ 🛠️'])
    expect(await accessibilityProblems(page)).toEqual([])

    // A collapsed section shows its unread count.
    await heading(one, 'Soon').click()
    await expect.poll(() => namesIn(other, 'Soon')).toEqual([])
    await bo.sendMessage(direct.id, 'Are you there?')
    await page.getByRole('button', { name: 'Soon 1 unread message' }).waitFor()
    // The page shows what it keeps, and takes presses, before it knows the token of its session.
    const pressed = Promise.withResolvers<void>()
    await page.route('**/api/me', async (route) => {
      await pressed.promise
      await route.continue()
    })
    await page.reload()
    await page.getByRole('button', { name: 'Soon 1 unread message' }).click()
    pressed.resolve()
    await expect.poll(() => namesIn(other, 'Soon')).toEqual(['bo'])
    await page.unrouteAll({ behavior: 'wait' })

    // Unread only: the open chat stays listed after it is read.
    const toggleUnreadOnly = async () => {
      await one.clickButton(/^Chat list options/)
      await page.getByRole('menuitemcheckbox', { name: 'Unread only' }).click()
    }
    await toggleUnreadOnly()
    await expect.poll(() => page.locator('hb-chat-row .name').allInnerTexts()).toEqual(['bo'])
    await one.openChat('bo')
    await one.waitForMessage('Are you there?')
    await expect.poll(async () => (await getChat(ann, direct.id)).unread).toBe(0)
    expect(await page.locator('hb-chat-row .name').allInnerTexts()).toEqual(['bo'])
    await toggleUnreadOnly()

    // Deleted and undone.
    await page.getByRole('button', { name: 'Actions for the section Soon' }).click()
    await page.getByRole('menuitem', { name: 'Delete section' }).click()
    await expect.poll(() => namesIn(other, 'Chats')).toEqual(['bo'])
    await one.clickButton('Undo')
    await expect.poll(() => namesIn(other, 'Soon')).toEqual(['bo'])

    // A chat archived for me comes back with a message; muted, it stays there and is not counted.
    await menuOf('Yard')
    await page.getByRole('menuitem', { name: 'Move to archive' }).click()
    await page.getByText('It comes back with the next message.', { exact: false }).waitFor()
    await heading(other, 'Archive').click()
    await expect.poll(() => namesIn(other, 'Archive')).toEqual(['Yard'])
    await bo.sendMessage(yard.id, 'Here I am again')
    await expect.poll(() => namesIn(other, '__proto__ 🛠️')).toEqual(['Yard'])
    await menuOf('Yard')
    await page.getByRole('menuitem', { name: 'Mute' }).click()
    await other.chatRow('Yard').getByText('Muted').first().waitFor({ state: 'attached' })
    await one.chatRow('Yard').hover()
    await one.chatRow('Yard').getByRole('button', { name: 'Actions for the chat Yard' }).click()
    await page.getByRole('menuitem', { name: 'Move to archive' }).click()
    await heading(other, 'Archive').waitFor()
    await bo.sendMessage(yard.id, 'Does anybody hear me?')
    await heading(one, 'Archive').click()
    await one.chatRow('Yard').getByText('Does anybody hear me?').waitFor()
    expect(await namesIn(one, 'Archive')).toEqual(['Yard'])
    expect(await page.title()).not.toMatch(/^\(/)
    expect(await accessibilityProblems(page)).toEqual([])
    await menuOf('Yard')
    await page.getByRole('menuitem', { name: 'Move out of archive' }).click()
    await expect.poll(() => namesIn(other, '__proto__ 🛠️')).toEqual(['Yard'])

    // Marked read from the list, then on to the next chat by keyboard, in the visible order.
    await bo.sendMessage(kitchen.id, 'Soup')
    await one.chatRow('Kitchen').getByText('1 unread message').last().waitFor({ state: 'attached' })
    await menuOf('Kitchen')
    await page.getByRole('menuitem', { name: 'Mark as read' }).click()
    await expect.poll(async () => (await getChat(ann, kitchen.id)).unread).toBe(0)
    await one.openChat('Kitchen')
    await page.keyboard.press('Alt+ArrowDown')
    await page.getByRole('heading', { name: 'bo' }).waitFor()

    // The notification level.
    await menuOf('Kitchen')
    await page.getByRole('menuitem', { name: 'Notifications' }).click()
    expect(await page.getByRole('menuitemradio', { checked: true }).innerText()).toBe('Same as my settings')
    await page.getByRole('menuitemradio', { name: 'Mentions only' }).click()
    await other.chatRow('Kitchen').getByText('Mentions only').first().waitFor({ state: 'attached' })
    expect(await getChat(ann, kitchen.id)).toMatchObject({ notify: 'mentions', muted: false })
    expect(await getChat(bo, kitchen.id)).toMatchObject({ notify: 'default', muted: false })

    // A draft survives a crash of the page, a reload and a logout, and shows in the list.
    await one.openChat('Kitchen')
    await one.composer.fill('Half a sentence')
    await one.openChat('Yard')
    await one.composer.fill('Half of *another*')
    await one.openChat('bo')
    await one.chatRow('Kitchen').getByText('Half a sentence').waitFor()
    await expect.poll(() => page.evaluate(storedDrafts)).toEqual(['Half a sentence', 'Half of *another*'])
    const crashed = page.waitForEvent('crash')
    await page.goto('chrome://crash').catch(() => undefined)
    await crashed
    const after = AppWindow.fromPage(await one.context.newPage())
    // The stored open chat may be a moment old, and the list shows no draft of the open chat.
    await after.page.goto(`${hub.url}/chat/${direct.id}`)
    await after.composer.waitFor()
    await after.chatRow('Kitchen').getByText('Half a sentence').waitFor()
    await after.page.reload()
    await after.chatRow('Yard').getByText('Half of another').waitFor()
    expect(await after.chatRow('Kitchen').locator('.last').innerText()).toContain('Draft: ⁨Half a sentence⁩')
    await after.clickButton(/your account and this hub/)
    await after.page.getByRole('menuitem', { name: 'Log out' }).click()
    await after.logIn('ann')
    await after.chatRow('Kitchen').getByText('Half a sentence').waitFor()
    expect(await namesIn(after, 'Favourites')).toEqual(['Kitchen'])
    await after.openChat('Yard')
    expect(await after.composer.inputValue()).toBe('Half of *another*')
    expect([one, after, other, two].flatMap(({ consoleErrors: complaints }) => complaints)).toEqual([])
  },
)

async function getChat(person: TestUser, chatId: string) {
  return (await person.request('chats.get', { chatId })).chat
}

/** Drafts stored in IndexedDB, as after a crash. */
async function storedDrafts(): Promise<string[]> {
  const drafts: string[] = []
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open(name ?? '')
      opening.onsuccess = () => resolve(opening.result)
    })
    const all = db.transaction('drafts').objectStore('drafts').getAll()
    await new Promise((resolve) => (all.onsuccess = resolve))
    drafts.push(...(all.result as string[]))
    db.close()
  }
  return drafts.sort()
}

/** Text of the focused element, through all shadow roots. */
function focusedText(): string {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active?.textContent ?? ''
}

test('of hundreds of chats those near the view are in the document, and keys reach all', async () => {
  const { hub, ann, kitchen } = await makeWorld({ loadTest: true })
  const names = Array.from({ length: 250 }, (_, n) => `Crew ${String(n).padStart(3, '0')}`)
  for (const name of names) await ann.createGroup(name)
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  const rows = page.locator('hb-chat-row')
  const scroller = page.locator('hb-chat-sections .rows')
  await window.chatRow('Crew 249').waitFor()
  const firstRow = rows.first()
  expect(await rows.count()).toBeLessThan(150)

  await firstRow.getByRole('link').focus()
  await page.keyboard.press('End')
  await expect.poll(() => page.evaluate(focusedText)).toContain('Kitchen')
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => page.evaluate(focusedText)).not.toContain('Kitchen')
  await page.keyboard.press('Home')
  await expect.poll(() => page.evaluate(focusedText)).toContain('Crew 249')

  // Wherever the list is scrolled to, the rows there are drawn, and nothing jumps.
  const heightPx = await scroller.evaluate((each) => each.scrollHeight)
  for (const part of [0.5, 0.9, 0.2]) {
    await scroller.evaluate((each, top) => (each.scrollTop = top), heightPx * part)
    await expect.poll(() => scroller.evaluate(isRowInTheMiddle)).toBe(true)
    expect(await scroller.evaluate((each) => each.scrollHeight)).toBe(heightPx)
    expect(await rows.count()).toBeLessThan(150)
  }

  // A chat from far below comes to the top, and the open one stays in the document.
  await ann.sendMessage(kitchen.id, 'Soup is ready')
  await scroller.evaluate((each) => (each.scrollTop = 0))
  await expect.poll(() => firstRow.locator('.name').innerText()).toBe('Kitchen')
  await window.openChat('Kitchen')
  await scroller.evaluate((each) => (each.scrollTop = each.scrollHeight))
  await expect.poll(() => scroller.evaluate(isRowInTheMiddle)).toBe(true)
  expect(await window.chatRow('Kitchen').count()).toBe(1)
  expect(window.consoleErrors).toEqual([])
})

/** Runs in the page. */
function isRowInTheMiddle(scroller: Element): boolean {
  const { left, top, width, height } = scroller.getBoundingClientRect()
  const found = (scroller.getRootNode() as ShadowRoot).elementFromPoint(left + width / 2, top + height / 2)
  return found?.localName === 'hb-chat-row'
}

test('a chat that moves to another section keeps the focus', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const link = window.chatRow('Kitchen').getByRole('link')
  const choose = async (...items: string[]) => {
    await link.focus()
    await page.keyboard.press('Shift+F10')
    for (const name of items) await page.getByRole('menuitem', { name }).click()
  }
  const isFocused = () => link.evaluate((element) => element.matches(':focus'))
  await choose('Add to favourites')
  await expect.poll(isFocused).toBe(true)
  // the dialog returns the focus to a row that was drawn again meanwhile
  await choose('Move to section', 'New section')
  await page.locator('hb-section-name').getByRole('textbox').fill('Work')
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Work' }).waitFor()
  await expect.poll(isFocused).toBe(true)
  await window.context.close()
})
