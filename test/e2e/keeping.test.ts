import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { Window } from '../support/window.ts'
import { makeWorld } from '../support/world.ts'

/** What people keep, each at a window of their own; mostly by keyboard. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const rowIn = (window: Window, text: string) =>
  window.page.locator('hb-message-list article', { hasText: text }).last()

/** By its menu, as it opens by Enter on the row. */
async function act(window: Window, text: string, action: string): Promise<void> {
  await rowIn(window, text).focus()
  await window.page.keyboard.press('Enter')
  await window.page.getByRole('menuitem', { name: action }).click()
}

test('pins of a chat, what one saved, and unread from a message on', { timeout: 120_000 }, async () => {
  const { hub, ann, bo, eve, kitchen, direct } = await makeWorld()
  await bo.say(kitchen.id, 'The plan: https://example.org/plan')
  for (let i = 1; i <= 60; i += 1) await bo.say(kitchen.id, `filler ${i}`)
  await ann.say(kitchen.id, 'The key hangs behind the door')
  const root = await bo.say(direct.id, 'Lunch at noon?')
  for (const person of [ann, bo]) await person.request('chats.readAll', {})
  await eve.group('Elsewhere')

  const [one, two, phone, outside] = await Promise.all([
    Window.open(browser, hub.url),
    Window.open(browser, hub.url),
    Window.open(browser, hub.url, { width: 400, height: 700 }),
    Window.open(browser, hub.url),
  ])
  await one.logIn('ann')
  await two.logIn('bo')
  await phone.logIn('ann')
  await outside.logIn('eve')
  await Promise.all([one.openChat('Kitchen'), two.openChat('Kitchen')])

  // a pin: by who may, seen by all, live in an open panel that was empty
  await two.press('Pinned in this chat')
  const pinsOfBo = two.page.locator('hb-pins')
  await pinsOfBo.getByText('The owner and admins of the group pin messages.', { exact: false }).waitFor()
  expect(await accessibilityProblems(two.page)).toEqual([])
  await rowIn(two, 'filler 60').focus()
  await two.page.keyboard.press('Enter')
  await two.page.getByRole('menuitem', { name: 'Save for later' }).waitFor()
  expect(await two.page.getByRole('menuitem', { name: 'Pin' }).count()).toBe(0)
  await two.page.keyboard.press('Escape')
  await act(one, 'filler 60', 'Pin')
  await pinsOfBo.getByRole('button', { name: /filler 60/ }).waitFor()
  await rowIn(one, 'The key hangs').focus()
  await one.page.keyboard.press('p')
  await rowIn(two, 'The key hangs').getByText('Pinned').waitFor()
  expect(await pinsOfBo.locator('.hit').allInnerTexts()).toEqual([
    expect.stringContaining('The key hangs'),
    expect.stringContaining('Pinned by ann'),
  ])
  // an edit shows there, and a click leads to its place from far away
  const edited = await ann.request('messages.list', { chatId: kitchen.id, around: 62, limit: 1 })
  const key = edited.messages[0]
  if (!key) throw new Error('no such message')
  await ann.request('messages.edit', { messageId: key.id, text: 'The key hangs in the hall', rev: key.rev })
  await pinsOfBo.getByText('The key hangs in the hall').waitFor()
  for (let i = 61; i <= 120; i += 1) await ann.say(kitchen.id, `filler ${i}`)
  await pinsOfBo.getByRole('button', { name: /filler 60/ }).click()
  await two.page.locator('article.found', { hasText: 'filler 60' }).waitFor()
  expect(await accessibilityProblems(two.page)).toEqual([])
  // taken away by keyboard, from the panel
  await one.press('Pinned in this chat')
  const pinsOfAnn = one.page.locator('hb-pins')
  await pinsOfAnn.locator('.hit').first().focus()
  await one.page.keyboard.press('ArrowDown')
  await one.page.keyboard.press('Delete')
  await pinsOfBo.getByRole('button', { name: /filler 60/ }).waitFor({ state: 'detached' })
  expect(await pinsOfBo.locator('.hit').count()).toBe(1)

  // links stand beside the files, by keyboard
  await one.press('Files and links of this chat')
  await one.page.getByRole('tab', { name: 'Pictures' }).focus()
  await one.page.keyboard.press('ArrowLeft')
  await one.page.locator('hb-links').getByText('https://example.org/plan').waitFor()
  expect(await accessibilityProblems(one.page)).toEqual([])
  await one.page.keyboard.press('Escape')

  // saved: mine alone, on my other device at once, over all chats
  await two.page.getByRole('button', { name: 'To the newest message' }).click()
  await act(one, 'filler 120', 'Save for later')
  await rowIn(one, 'filler 120').getByText('Saved').waitFor()
  await phone.page.getByRole('link', { name: 'Saved' }).click()
  const saved = phone.page.locator('hb-saved')
  await saved.getByText('filler 120').waitFor()
  await one.openChat('bo')
  await rowIn(one, 'Lunch at noon?').focus()
  await one.page.keyboard.press('s')
  await saved.getByText('Lunch at noon?').waitFor()
  expect(await saved.locator('.below').allInnerTexts()).toEqual(['bo', 'Kitchen'])
  expect(await accessibilityProblems(phone.page)).toEqual([])
  expect(await rowIn(two, 'filler 120').getByText('Saved').count()).toBe(0)
  expect(await two.page.getByRole('link', { name: 'Saved' }).count()).toBe(0)
  await bo.request('messages.delete', { messageId: root.id, for: 'everyone' })
  await saved.getByText('Lunch at noon?').waitFor({ state: 'detached' })
  await saved.getByRole('button', { name: /filler 120/ }).click()
  await phone.page.locator('article.found', { hasText: 'filler 120' }).waitFor()
  await one.page.goto(`${hub.url}/saved`)
  await one.page.locator('hb-saved').getByText('filler 120').waitFor()
  await one.page.locator('hb-saved .hit').focus()
  await one.page.keyboard.press('Delete')
  await one.page.getByText('You have saved no messages yet.', { exact: false }).waitFor()
  await outside.page.goto(`${hub.url}/saved`)
  await outside.page.getByText('You have saved no messages yet.', { exact: false }).waitFor()

  // unread from here: it stays so while I look, also when more comes; for me alone
  await act(two, 'filler 118', 'Mark unread from here')
  const unreadOf = (window: Window, count: number | string) =>
    window.chatRow('Kitchen').getByText(`${count} unread message`, { exact: false }).last()
  await unreadOf(two, 3).waitFor()
  const divider = two.page.locator('hb-message-list .new')
  await divider.waitFor()
  await ann.say(kitchen.id, 'one more')
  await unreadOf(two, 4).waitFor()
  await two.page.reload()
  await two.composer.waitFor()
  await divider.waitFor()
  // read again, it is read
  await two.press('4 new')
  await unreadOf(two, '').waitFor({ state: 'detached' })
  expect(await rowIn(two, 'filler 118').evaluate((row) => row.previousElementSibling?.className)).toBe('new')
  await expect
    .poll(async () => (await bo.request('chats.list', {})).chats.map(({ unread }) => unread))
    .toEqual([0, 0])
  expect([one, two, phone, outside].flatMap(({ complaints }) => complaints)).toEqual([])
})
