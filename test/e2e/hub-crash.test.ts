import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { TestUser } from '../support/test-user.ts'
import { freePort } from '../support/ports.ts'
import { AppWindow } from '../support/app-window.ts'

/*
 * Two users in two windows, and a hub that is killed in between. Checks only what a user can see.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('two users chat, the hub is killed with kill -9, and no message is lost or duplicated', async () => {
  const dataDir = newDataDir()
  const port = await freePort()
  let hub = await spawnHub(dataDir, ['--port', port])

  // Set up and register.
  const ann = await AppWindow.open(browser, hub.url)
  await ann.setUp('test-code-1', { username: 'ann', fullName: 'Ann Sommer', team: 'Harbour', open: true })
  const bo = await AppWindow.open(browser, hub.url)
  await bo.register({ username: 'bo', fullName: 'Bo Lindqvist' })

  // A group, which bo sees without a reload, and messages both ways.
  await ann.createGroup('kitchen', ['Bo'])
  await bo.openChat('kitchen')
  await ann.sendMessage('Soup is ready')
  await bo.waitForMessage('Soup is ready')
  await bo.sendMessage('Coming')
  await ann.waitForMessage('Coming')
  expect(await ann.page.locator('hb-message-list').getByText('Bo Lindqvist', { exact: true }).count()).toBe(1)

  // Unread counts, while ann is in another chat.
  await ann.page.getByRole('button', { name: 'New chat or group' }).click()
  await ann.page.getByRole('menuitem', { name: 'New chat' }).click()
  await ann.page.locator('hb-new-chat').getByRole('combobox').fill('bo')
  await ann.page.locator('hb-new-chat').getByRole('option', { name: /Bo/ }).click()
  await ann.composer.waitFor()
  await bo.sendMessage('Where are the spoons?')
  await bo.sendMessage('Found them')
  const row = ann.chatRow('kitchen')
  await row.locator('.second .pill', { hasText: '2' }).waitFor()
  await ann.openChat('kitchen')
  await ann.waitForMessage('Found them')
  await ann.page.locator('hb-message-list').getByText('New', { exact: true }).waitFor()
  await row.locator('.second .pill').waitFor({ state: 'detached' })

  // The hub is killed while both are writing.
  await hub.kill('SIGKILL')
  await ann.sendMessage('Written while the hub is gone')
  await ann.sendMessage('And a second one')
  await bo.sendMessage('Me too')
  await ann.waitForUnsentMessage('Written while the hub is gone')
  // Ann's window closes with unsent messages.
  const address = ann.page.url()
  await ann.page.goto('about:blank')
  hub = await spawnHub(dataDir, ['--port', port])
  await ann.page.goto(address)

  for (const window of [ann, bo]) {
    for (const text of ['Written while the hub is gone', 'And a second one', 'Me too'])
      await window.waitForMessage(text)
  }
  const expected = ['Soup is ready', 'Coming', 'Where are the spoons?', 'Found them']
  for (const window of [ann, bo]) {
    const words = await window.messageTexts()
    expect(words.slice(0, 4)).toEqual(expected)
    expect([...words].sort()).toEqual([...new Set(words)].sort())
    expect(words).toHaveLength(7)
    const mine = words.filter((word) => word !== 'Me too')
    expect(mine.slice(4)).toEqual(['Written while the hub is gone', 'And a second one'])
  }
  // The hub has what the windows show, and is live again for both.
  const owner = await TestUser.login(hub.url, 'ann')
  const { chats } = await owner.request('chats.list', {})
  const kitchen = chats.find((chat) => chat.name === 'kitchen')
  expect(kitchen?.lastNo).toBe(7)
  await bo.sendMessage('Live again')
  await ann.waitForMessage('Live again')
  expect([ann.consoleErrors, bo.consoleErrors]).toEqual([[], []])
})
