// The left pane as the place for daily things: the search field, threads, saved messages, the user's own menu.
import type { Browser, Page } from 'playwright-core'
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

async function openAsAnn(size = { width: 1280, height: 800 }) {
  const world = await makeWorld()
  const { hub, ann, bo, kitchen, direct } = world
  await bo.sendMessage(direct.id, 'the boat is ready')
  await bo.sendMessage(kitchen.id, 'soup at noon')
  await ann.createGroup('Boathouse')
  const window = await AppWindow.open(browser, hub.url, size)
  await window.logIn('ann')
  await window.chatRow('Boathouse').waitFor()
  const field = window.page.getByLabel('Search chats and people')
  return { ...world, window, page: window.page, field }
}

/** The accessible name of the focused element, or its text. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return active?.getAttribute('aria-label') ?? active?.textContent?.trim().replace(/\s+/g, ' ') ?? ''
  })
}

test('arrow keys lead from the search field through chats and people to the messages, and Esc back', async () => {
  const { window, page, field } = await openAsAnn()
  await expect.poll(() => page.locator('hb-chat-list kbd').innerText()).toBe('Ctrl K')
  await field.fill('bo')
  await expect.poll(() => page.locator('hb-chat-row .name').allInnerTexts()).toEqual(['Boathouse', 'bo'])
  // What does not have this name makes room for the results.
  expect(await page.locator('hb-chat-list .page').count()).toBe(0)
  expect(await accessibilityProblems(page)).toEqual([])
  const pressed: string[] = []
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Home', 'End', 'ArrowUp']) {
    await page.keyboard.press(key)
    pressed.push(await focusedName(page))
  }
  const messages = 'Search messages for “bo”'
  expect(pressed.map((name) => /^(Boathouse|bo)\b/.exec(name)?.[1] ?? name)).toEqual([
    ...['Boathouse', 'bo', messages, messages, 'Boathouse', messages, 'bo'],
  ])
  await page.keyboard.press('Escape')
  expect(await focusedName(page)).toBe('Search chats and people')
  expect(await field.inputValue()).toBe('')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  expect(await focusedName(page)).toBe('Search chats and people')

  // Enter opens the first result; a page is one, too.
  await field.fill('save')
  await page.keyboard.press('Enter')
  await page.locator('hb-saved').waitFor()
  await field.fill('boa')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Message #Boathouse' }).waitFor()

  // A user without a chat is found beneath the chats, and Enter opens a new one.
  await field.fill('eve')
  await page.locator('hb-chat-sections').getByRole('group', { name: 'People' }).getByText('eve').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await field.press('Enter')
  await page.getByRole('textbox', { name: 'Message eve' }).waitFor()

  // Without a name Enter searches the messages.
  await field.fill('noon')
  await page.getByText('No chats or people match “noon”.').waitFor()
  await field.press('Enter')
  await page.locator('hb-search .hit', { hasText: 'soup at noon' }).waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('threads, activity and saved messages have a fixed place, also empty, and the list marks which is open', async () => {
  const { window, page } = await openAsAnn()
  const list = page.locator('hb-chat-list')
  const names = () => list.locator('.page').allInnerTexts()
  expect(await names()).toEqual(['Threads', 'Activity', 'Saved'])
  await list.getByRole('link', { name: 'Saved' }).click()
  await page.getByText('Nothing saved yet.', { exact: false }).waitFor()
  expect(await list.getByRole('link', { name: 'Saved' }).getAttribute('aria-current')).toBe('page')
  await list.getByRole('link', { name: 'Threads' }).click()
  await page.getByText('No threads yet.', { exact: false }).waitFor()
  expect(await list.getByRole('link', { name: 'Threads' }).getAttribute('aria-current')).toBe('page')
  expect(await names()).toEqual(['Threads', 'Activity', 'Saved'])
  expect(await accessibilityProblems(page)).toEqual([])
  await window.context.close()
})

test('the menu at the own name has only what concerns the user; the list has its own options', async () => {
  const { window, page, hub } = await openAsAnn()
  const items = () => page.getByRole('menuitem').allInnerTexts()
  const plain = (texts: string[]) => texts.map((text) => text.split('\n')[0])
  await window.clickButton(/your account and this hub/)
  expect(plain(await items())).toEqual([
    ...['Set a status…', 'Profile', 'Settings…', 'Keyboard shortcuts', 'Log out'],
  ])
  await page.getByRole('menuitem', { name: 'Profile' }).click()
  await page.locator('hb-settings-profile').waitFor()
  await page.goBack()

  await window.clickButton('Chat list options')
  expect(await accessibilityProblems(page)).toEqual([])
  await page.getByRole('menuitem', { name: 'Mark all as read' }).click()
  await page.locator('hb-chat-row .pill').first().waitFor({ state: 'detached' })
  await window.clickButton('Chat list options')
  await page.getByRole('menuitemcheckbox', { name: 'Unread only' }).click()
  await page.getByRole('button', { name: 'Chat list options: only unread chats are shown' }).waitFor()
  await page.getByText('Nothing unread.').waitFor()
  await window.clickButton('Show all chats')
  await window.chatRow('Boathouse').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()

  // Those who may invite do it where chats begin.
  const owner = await AppWindow.open(browser, hub.url)
  await owner.logIn('olga')
  await owner.clickButton('New chat or group')
  expect(plain(await owner.page.getByRole('menuitem').allInnerTexts()).at(-1)).toBe('Invite people')
  await owner.page.getByRole('menuitem', { name: 'Invite people' }).click()
  await owner.page.locator('hb-invite').getByRole('dialog').waitFor()
  await owner.context.close()
})

test('icons and faces of the list have one axis and texts another, also compact and at twice the text size', async () => {
  const { window, page, bo, kitchen } = await openAsAnn()
  await bo.sendMessage(kitchen.id, 'another')
  for (const [density, scale] of [
    ['comfortable', 1],
    ['compact', 1],
    ['comfortable', 2],
  ] as const) {
    await page.evaluate(
      ([mode, factor]) => {
        document.documentElement.dataset['density'] = mode
        document.documentElement.style.fontSize = `${factor * 100}%`
      },
      [density, scale] as const,
    )
    const lines = await page.evaluate(() => {
      const list = document.querySelector('hb-app')?.shadowRoot?.querySelector('hb-shell')?.shadowRoot
      const root = list?.querySelector('hb-chat-list')?.shadowRoot
      const rows = root?.querySelector('hb-chat-sections')?.shadowRoot?.querySelectorAll('hb-chat-row') ?? []
      const axes = [
        ...(root?.querySelectorAll('.axis') ?? []),
        ...[...rows].map((row) => row.shadowRoot?.querySelector('.axis')),
      ]
      return axes.map((line) => {
        const [mark, words] = line?.children ?? []
        const box = mark?.getBoundingClientRect()
        const text = words?.getBoundingClientRect()
        const inset = words ? Number.parseFloat(getComputedStyle(words).paddingInlineStart) : 0
        return [box ? box.x + box.width / 2 : 0, (text?.x ?? 0) + inset].map(Math.round)
      })
    })
    expect(lines.length).toBeGreaterThan(6)
    expect(new Set(lines.map(String)), `${density} ${scale}`).toEqual(
      new Set([scale === 1 ? '36,64' : String([54, 100])]),
    )
  }
  // Faces and icons have grown with the text.
  const size = async (selector: string) => (await page.locator(selector).first().boundingBox())?.width
  expect(await size('hb-chat-row hb-avatar')).toBe(72)
  expect(await size('hb-chat-list .page hb-icon svg')).toBe(36)
  await window.context.close()
})
