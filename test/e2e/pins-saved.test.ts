import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

/** Pins, saved messages and unread marks of several users, each in their own window; mostly by keyboard. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const messageRow = (window: AppWindow, text: string) =>
  window.page.locator('hb-message-list article', { hasText: text }).last()

/** Uses the message menu, which Enter opens on the row. */
async function chooseMessageAction(window: AppWindow, text: string, action: string): Promise<void> {
  await messageRow(window, text).focus()
  await window.page.keyboard.press('Enter')
  await window.page.getByRole('menuitem', { name: action }).click()
}

test(
  'pins, saved messages and unread marks reach every window that may see them',
  { timeout: 120_000 },
  async () => {
    const { hub, ann, bo, eve, kitchen, direct } = await makeWorld()
    await bo.sendMessage(kitchen.id, 'The plan: https://example.org/plan')
    for (let i = 1; i <= 60; i += 1) await bo.sendMessage(kitchen.id, `filler ${i}`)
    await ann.sendMessage(kitchen.id, 'The key hangs behind the door')
    const root = await bo.sendMessage(direct.id, 'Lunch at noon?')
    for (const person of [ann, bo]) await person.request('chats.readAll', {})
    await eve.createGroup('Elsewhere')

    const [one, two, phone, outside] = await Promise.all([
      AppWindow.open(browser, hub.url),
      AppWindow.open(browser, hub.url),
      AppWindow.open(browser, hub.url, { width: 400, height: 700 }, true),
      AppWindow.open(browser, hub.url),
    ])
    await one.logIn('ann')
    await two.logIn('bo')
    await phone.logIn('ann')
    await outside.logIn('eve')
    await Promise.all([one.openChat('Kitchen'), two.openChat('Kitchen')])

    // A pin: only admins can pin, all members see it, and an open empty panel updates.
    await two.clickButton('Pinned in this chat')
    const pinsOfBo = two.page.locator('hb-pins')
    await pinsOfBo
      .getByText('The owner and admins of the group can pin messages.', { exact: false })
      .waitFor()
    expect(await accessibilityProblems(two.page)).toEqual([])
    await messageRow(two, 'filler 60').focus()
    await two.page.keyboard.press('Enter')
    await two.page.getByRole('menuitem', { name: 'Save for later' }).waitFor()
    expect(await two.page.getByRole('menuitem', { name: 'Pin' }).count()).toBe(0)
    await two.page.keyboard.press('Escape')
    await chooseMessageAction(one, 'filler 60', 'Pin')
    await pinsOfBo.getByRole('button', { name: /filler 60/ }).waitFor()
    await messageRow(one, 'The key hangs').focus()
    await one.page.keyboard.press('p')
    await messageRow(two, 'The key hangs').getByText('Pinned').waitFor()
    await expect
      .poll(() => pinsOfBo.locator('.hit').allInnerTexts())
      .toEqual([expect.stringContaining('The key hangs'), expect.stringContaining('Pinned by ann')])
    // The panel shows an edit, and a click leads to the message from far away.
    const edited = await ann.request('messages.list', { chatId: kitchen.id, around: 62, limit: 1 })
    const key = edited.messages[0]
    if (!key) throw new Error('no such message')
    await ann.request('messages.edit', { messageId: key.id, text: 'The key hangs in the hall', rev: key.rev })
    await pinsOfBo.getByText('The key hangs in the hall').waitFor()
    for (let i = 61; i <= 120; i += 1) await ann.sendMessage(kitchen.id, `filler ${i}`)
    await pinsOfBo.getByRole('button', { name: /filler 60/ }).click()
    await two.page.locator('article.found', { hasText: 'filler 60' }).waitFor()
    expect(await accessibilityProblems(two.page)).toEqual([])
    // Unpinned by keyboard, in the panel.
    await one.clickButton('Pinned in this chat')
    const pinsOfAnn = one.page.locator('hb-pins')
    await pinsOfAnn.locator('.hit').first().focus()
    await one.page.keyboard.press('ArrowDown')
    await one.page.keyboard.press('Delete')
    await pinsOfBo.getByRole('button', { name: /filler 60/ }).waitFor({ state: 'detached' })
    expect(await pinsOfBo.locator('.hit').count()).toBe(1)

    // The links tab of the files panel, by keyboard.
    await one.clickButton('Files and links in this chat')
    await one.page.getByRole('tab', { name: 'Pictures' }).focus()
    await one.page.keyboard.press('ArrowLeft')
    await one.page.locator('hb-links').getByText('https://example.org/plan').waitFor()
    expect(await accessibilityProblems(one.page)).toEqual([])
    await one.page.keyboard.press('Escape')

    // Saved messages: private, at once on my other device, from all chats.
    await two.page.getByRole('button', { name: 'Go to the newest message' }).click()
    await chooseMessageAction(one, 'filler 120', 'Save for later')
    await messageRow(one, 'filler 120').getByText('Saved').waitFor()
    await phone.page.getByRole('link', { name: 'Saved' }).click()
    const saved = phone.page.locator('hb-saved')
    await saved.getByText('filler 120').waitFor()
    await one.openChat('bo')
    await messageRow(one, 'Lunch at noon?').focus()
    await one.page.keyboard.press('s')
    await saved.getByText('Lunch at noon?').waitFor()
    expect(await saved.locator('.below').allInnerTexts()).toEqual(['bo', 'Kitchen'])
    expect(await accessibilityProblems(phone.page)).toEqual([])
    expect(await messageRow(two, 'filler 120').getByText('Saved').count()).toBe(0)
    await bo.request('messages.delete', { messageId: root.id, for: 'everyone' })
    await saved.getByText('Lunch at noon?').waitFor({ state: 'detached' })
    await saved.getByRole('button', { name: /filler 120/ }).click()
    await phone.page.locator('article.found', { hasText: 'filler 120' }).waitFor()
    // On a touch screen there is no toolbar, but there is the menu.
    expect(await phone.page.evaluate(`matchMedia('(hover: none)').matches`)).toBe(true)
    await chooseMessageAction(phone, 'filler 119', 'Save for later')
    await messageRow(phone, 'filler 119').getByText('Saved').waitFor()
    await chooseMessageAction(phone, 'filler 119', 'Remove from saved')
    await messageRow(phone, 'filler 119').getByText('Saved').waitFor({ state: 'detached' })
    await one.page.goto(`${hub.url}/saved`)
    await one.page.locator('hb-saved').getByText('filler 120').waitFor()
    await one.page.locator('hb-saved .hit').focus()
    await one.page.keyboard.press('Delete')
    await one.page.getByText('Nothing saved yet.', { exact: false }).waitFor()
    await outside.page.keyboard.press('Control+k')
    await outside.page.keyboard.type('save')
    await outside.page.getByRole('option', { name: 'Saved messages' }).waitFor()
    await outside.page.keyboard.press('Enter')
    await outside.page.getByText('Nothing saved yet.', { exact: false }).waitFor()

    // Mark unread from here: stays unread while the chat is open, also when more arrives; only for me.
    await chooseMessageAction(two, 'filler 118', 'Mark unread from here')
    const unreadOf = (window: AppWindow, count: number | string) =>
      window.chatRow('Kitchen').getByText(`${count} unread message`, { exact: false }).last()
    await unreadOf(two, 3).waitFor()
    const divider = two.page.locator('hb-message-list .new')
    await divider.waitFor()
    await ann.sendMessage(kitchen.id, 'one more')
    await unreadOf(two, 4).waitFor()
    await two.page.reload()
    await two.composer.waitFor()
    // Reading on marks it read.
    await two.clickButton('4 new')
    await divider.waitFor()
    await unreadOf(two, '').waitFor({ state: 'detached' })
    expect(await messageRow(two, 'filler 118').evaluate((row) => row.previousElementSibling?.className)).toBe(
      'new',
    )
    await expect
      .poll(async () => (await bo.request('chats.list', {})).chats.map(({ unread }) => unread))
      .toEqual([0, 0])
    expect([one, two, phone, outside].flatMap(({ consoleErrors: complaints }) => complaints)).toEqual([])
  },
)
