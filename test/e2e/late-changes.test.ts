// A response or an entry arrives between two keys of the user: the second key acts on what the user has chosen by the first.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RequestName } from '../../shared/contract.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann's window at the kitchen. The requests of one name wait until they are released. */
async function openKitchen(heldName?: RequestName) {
  const world = await makeWorld({ loadTest: true })
  const window = await AppWindow.open(browser, 'about:blank')
  const { page } = window
  const released = Promise.withResolvers<void>()
  await page.routeWebSocket(/./, (socket) => {
    const hub = socket.connectToServer()
    socket.onMessage((frame) => {
      const isHeld = heldName !== undefined && String(frame).includes(`"name":"${heldName}"`)
      if (isHeld) void released.promise.then(() => hub.send(frame))
      else hub.send(frame)
    })
  })
  await page.goto(world.hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  return { ...world, window, page, release: () => released.resolve() }
}

const row = (page: Page, text: string) => page.locator('hb-message-list article', { hasText: text })
const hit = (page: Page, text: string) => page.locator('hb-search .hit', { hasText: text })

test('a message that arrives in another chat does not move the chat that a message is forwarded to', async () => {
  const { ann, bo, kitchen, window, page } = await openKitchen()
  const [attic, garden] = [await ann.createGroup('Attic', [bo]), await ann.createGroup('Garden', [bo])]
  await ann.sendMessage(kitchen.id, 'Soup at noon')
  await window.waitForMessage('Soup at noon')
  await window.chatRow('Garden').waitFor()
  await row(page, 'Soup at noon').focus()
  await page.keyboard.press('f')
  const options = page.locator('hb-forward').getByRole('option')
  await expect.poll(() => options.allInnerTexts()).toEqual(['Kitchen', 'Garden', 'Attic', 'bo'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await bo.sendMessage(attic.id, 'To the top')
  await expect.poll(() => page.locator('hb-chat-row .name').first().innerText()).toBe('Attic')
  expect(await page.locator('hb-forward [aria-selected=true]').innerText()).toBe('Garden')
  await page.keyboard.press('Enter')
  const lastNoOf = async (chatId: string) => (await ann.request('chats.get', { chatId })).chat.lastNo
  await expect.poll(() => lastNoOf(garden.id)).toBe(1)
  expect(await lastNoOf(attic.id)).toBe(1)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('Enter before the results leads to the first of them once they are there', async () => {
  const { ann, kitchen, window, page, release } = await openKitchen('search.messages')
  const { id: messageId } = await ann.sendMessage(kitchen.id, 'The first tide')
  await ann.request('pins.add', { messageId })
  await page.keyboard.press('Control+Shift+f')
  const field = page.locator('hb-search').getByRole('textbox')
  // only the hub knows what is pinned
  await field.fill('is:pinned tide')
  await field.press('Enter')
  await field.press('Enter')
  release()
  const isChosen = () => hit(page, 'The first tide').evaluate((button) => button.matches(':focus'))
  await expect.poll(isChosen).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('results of the hub that come above a chosen one leave the focus on it', async () => {
  const { ann, bo, kitchen, window, page, release } = await openKitchen('search.messages')
  await ann.sendMessage(kitchen.id, 'The first tide')
  await window.waitForMessage('The first tide')
  await page.keyboard.press('Control+Shift+f')
  await page.locator('hb-search').getByRole('textbox').fill('tide')
  await hit(page, 'The first tide').waitFor()
  await page.keyboard.press('Enter')
  const isChosen = () => hit(page, 'The first tide').evaluate((button) => button.matches(':focus'))
  expect(await isChosen()).toBe(true)
  await bo.sendMessage(kitchen.id, 'The second tide')
  await window.waitForMessage('The second tide')
  release()
  await hit(page, 'The second tide').waitFor()
  expect(await isChosen()).toBe(true)
  await page.keyboard.press('Enter')
  await page.locator('article.found', { hasText: 'The first tide' }).waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a deletion that is confirmed late leaves the focus where the user has gone meanwhile', async () => {
  const { ann, kitchen, window, page, release } = await openKitchen('messages.delete')
  for (const text of ['above', 'below']) await ann.sendMessage(kitchen.id, text)
  await window.waitForMessage('below')
  await row(page, 'above').focus()
  await row(page, 'below').focus()
  await page.keyboard.press('d')
  await page.keyboard.press('ArrowUp')
  release()
  await page.locator('hb-toasts').getByRole('button', { name: 'Undo' }).waitFor()
  expect(await row(page, 'above').evaluate((article) => article.matches(':focus'))).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the help for formatting has the focus as soon as it is open', async () => {
  const { window, page } = await openKitchen()
  // within one task: the toggle event of the popover is a later one
  const focused = await page.getByRole('button', { name: 'Formatting' }).evaluate((button: HTMLElement) => {
    button.focus()
    button.click()
    return (button.getRootNode() as ShadowRoot).activeElement?.id
  })
  expect(focused).toBe('help')
  await page.keyboard.press('Escape')
  const help = page.getByRole('button', { name: 'Formatting' })
  await expect.poll(() => help.evaluate((button) => button.matches(':focus'))).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('keys typed while the names of emoji load are the next message', async () => {
  const { hub, window, page } = await openKitchen()
  const loaded = Promise.withResolvers<void>()
  await page.route(/_emoji_en/, async (route) => {
    await loaded.promise
    await route.continue()
  })
  await page.goto(hub.url)
  await window.openChat('Kitchen')
  await window.sendMessage('Well done :tada:')
  await window.composer.pressSequentially('Next')
  loaded.resolve()
  await window.waitForMessage('Well done 🎉')
  expect(await window.composer.inputValue()).toBe('Next')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
