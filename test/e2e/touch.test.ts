// Menus and popovers under a real finger: touch events of the browser, not calls of its click.
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { finger } from '../support/finger.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Two frames and a task later: whatever a lifted finger does, it has done. */
const settle = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => resolve()
            port2.postMessage(0)
          }),
        ),
      ),
  )

for (const size of [
  { width: 400, height: 700 },
  { width: 1280, height: 800 },
]) {
  test(`every menu and popover stays when the finger lifts, at ${size.width} pixels`, async () => {
    const { hub, ann, bo, kitchen } = await makeWorld()
    await ann.sendMessage(kitchen.id, 'Mine')
    await bo.sendMessage(kitchen.id, 'Hers')
    await ann.request('chats.read', { chatId: kitchen.id, no: 2 })
    const window = await AppWindow.open(browser, hub.url, size, true)
    await window.logIn('ann')
    const { page } = window
    const { press, tap, tapEdge } = await finger(page)
    const items = page.getByRole('menuitem')

    // A chat in the list.
    if (size.width > 719) await window.openChat('Kitchen')
    const row = window.chatRow('Kitchen')
    await row.waitFor()
    const address = page.url()
    await press(row, items.first())
    await settle(page)
    expect(await items.count()).toBeGreaterThan(2)
    expect(page.url()).toBe(address)
    await page.keyboard.press('Escape')
    await expect.poll(() => items.count()).toBe(0)
    await tap(row)
    await window.composer.waitFor()

    // A message, several times: the menu opens, stays, and closes at a press outside.
    const mine = page.locator('article', { hasText: 'Mine' })
    for (let time = 0; time < 3; time += 1) {
      await press(mine, items.first())
      await settle(page)
      expect(await items.first().isVisible()).toBe(true)
      await tapEdge(page.locator('hb-message-list'))
      await expect.poll(() => items.count()).toBe(0)
    }

    // From its menu, which names no keys: reactions, then the picker; a reply; a thread.
    await press(mine, items.first())
    expect((await items.first().innerText()).trim()).toBe('React')
    await tap(items.filter({ hasText: 'React' }))
    const quick = page.locator('hb-quick-reactions')
    await quick.getByRole('button').first().waitFor()
    await settle(page)
    await tap(quick.getByRole('button').last())
    const picker = page.locator('hb-emoji-picker')
    await picker.getByRole('option').first().waitFor()
    await settle(page)
    await tap(picker.getByRole('option').first())
    await mine.locator('[data-emoji]').first().waitFor()
    await press(page.locator('article', { hasText: 'Hers' }), items.first())
    await tap(items.filter({ hasText: 'Reply in thread' }))
    const field = page.locator('hb-thread-panel textarea')
    await expect.poll(() => field.evaluate((area) => area.matches(':focus'))).toBe(true)
    await page.keyboard.type('By finger')
    await page.keyboard.press('Enter')
    await page.locator('hb-thread-panel').getByText('By finger').waitFor()
    await tap(page.locator('hb-thread-panel').getByRole('button', { name: 'Close' }))

    // The menu of the header, and the help of the composer.
    await tap(page.locator('hb-conversation hb-menu button').first())
    await items.first().waitFor()
    await settle(page)
    expect(await items.first().isVisible()).toBe(true)
    await tapEdge(page.locator('hb-message-list'))
    await expect.poll(() => items.count()).toBe(0)
    expect(window.consoleErrors).toEqual([])
    await window.context.close()
  })
}

test('a long press on a link, a name or a chat opens the menu and chooses nothing', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld()
  await bo.sendMessage(kitchen.id, `A [page](https://x.example/a), @ann and ${hub.url}/chat/${direct.id}`)
  await ann.request('chats.read', { chatId: kitchen.id, no: 1 })
  const window = await AppWindow.open(browser, hub.url, { width: 400, height: 700 }, true)
  await window.logIn('ann')
  const { page } = window
  const { press } = await finger(page)
  const items = page.getByRole('menuitem')
  const close = async () => {
    await settle(page)
    expect(await items.first().isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await expect.poll(() => items.count()).toBe(0)
  }

  // After it a keyboard or a screen reader opens the chat as before.
  const row = window.chatRow('Kitchen')
  await press(row, items.first())
  await close()
  await row.locator('a').press('Enter')
  await window.composer.waitFor()

  const address = page.url()
  const text = page.locator('.column article .text')
  for (const part of [
    text.getByText('page', { exact: true }),
    text.getByText('@ann'),
    text.locator('a').last(),
  ]) {
    await press(part, items.first())
    await close()
    expect(page.url()).toBe(address)
    expect(window.context.pages()).toHaveLength(1)
    expect(await page.locator('.panel').count()).toBe(0)
    expect(await text.count()).toBe(1)
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

for (const isTouch of [true, false]) {
  test(`a press outside closes any popover and does nothing else, by ${isTouch ? 'finger' : 'mouse'}`, async () => {
    const { hub, ann, bo, kitchen } = await makeWorld()
    await ann.createGroup('Garden', [])
    // They lead below every menu.
    for (let no = 1; no <= 8; no += 1) await ann.createGroup(`Group ${no}`, [])
    await bo.sendMessage(kitchen.id, `Look at ${hub.url}/chat/${kitchen.id}/1`)
    await ann.request('chats.read', { chatId: kitchen.id, no: 1 })
    const window = await AppWindow.open(browser, hub.url, undefined, isTouch)
    await window.logIn('ann')
    await window.openChat('Kitchen')
    const { page, composer } = window
    const tap = isTouch
      ? (await finger(page)).tap
      : async (target: Locator) => {
          const box = await target.boundingBox()
          if (box) await page.mouse.click(box.x + Math.min(box.width / 2, 60), box.y + box.height / 2)
        }
    const article = page.locator('article', { hasText: 'Look at' })
    const address = page.url()
    const outside = {
      chat: window.chatRow('Garden'),
      button: page.getByRole('button', { name: 'New chat or group' }),
      members: page.getByRole('button', { name: /members?$/i }).first(),
    }
    const popovers = [
      { open: () => tap(page.locator('hb-menu[slot=menu] > button')), shown: 'menuitem' },
      { open: () => tap(page.getByRole('button', { name: /your account and this hub/ })), shown: 'menuitem' },
      { open: () => article.press('Enter'), shown: 'menuitem' },
      { open: () => article.press('a'), shown: 'dialog', name: 'Choose a reaction' },
      { open: () => tap(page.getByRole('button', { name: 'Emoji', exact: true })), shown: 'dialog' },
      { open: () => tap(page.getByRole('button', { name: /^Formatting/ })), shown: 'dialog' },
    ] as const
    for (const { open, shown, ...named } of popovers) {
      const popover = page.getByRole(shown, named).first()
      for (const target of Object.values(outside)) {
        await open()
        await popover.waitFor()
        await tap(target)
        await popover.waitFor({ state: 'hidden' })
        await settle(page)
        // No chat has opened, no other menu, and no panel.
        expect(page.url()).toBe(address)
        expect(await page.getByRole('menuitem').count()).toBe(0)
        expect(await page.locator('.panel').count()).toBe(0)
      }
    }
    // The next press is one again, and so is a key that clicks.
    await tap(outside.chat)
    await page.waitForURL((url) => url.href !== address)
    await composer.waitFor()
    await tap(page.getByRole('button', { name: /your account and this hub/ }))
    await page.getByRole('menuitem').first().waitFor()
    await tap(outside.chat)
    await page.getByRole('menuitem').first().waitFor({ state: 'hidden' })
    await outside.button.press('Enter')
    await page.getByRole('menuitem').first().waitFor()
    expect(window.consoleErrors).toEqual([])
    await window.context.close()
  })
}
