import { createHash } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { browserFlags, findBrowser, launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { startTestHub } from '../support/hub.ts'
import { freePort } from '../support/ports.ts'
import { password, TestUser } from '../support/test-user.ts'

/*
 * The page without its hub: it opens, shows and finds what this device keeps, and sends later what was written. And the
 * change from one version of the page to the next.
 */

const wide = { width: 1280, height: 800 }
const builtPage = join(import.meta.dirname, '..', '..', 'dist', 'renderer')

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function openWithWorker(url: string): Promise<AppWindow> {
  const window = await AppWindow.open(browser, url, wide, false, true)
  onTestFinished(() => window.context.close())
  return window
}

/** Waits until the page is kept, and the history of this many chats. */
async function waitUntilKept({ page }: AppWindow, chatCount: number): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await expect.poll(() => page.evaluate(countKept, 'tails')).toBe(chatCount)
}

/** Runs in the page: the records of a store in its database. */
async function countKept(store: string): Promise<number> {
  let count = 0
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'))
    })
    count += await new Promise<number>((resolve) => {
      const request = db.transaction(store).objectStore(store).count()
      request.onsuccess = () => resolve(request.result)
    })
    db.close()
  }
  return count
}

test('after kill -9 of the hub a reload shows list, people and every chat, finds words, and sends later once', async () => {
  const dataDir = newDataDir()
  const port = await freePort()
  const hub = await spawnHub(dataDir, ['--port', port])
  const olga = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'olga', registration: 'open' })
  const bo = await TestUser.register(hub.url, { username: 'bo', displayName: 'Bo Lindqvist' })
  const names = Array.from({ length: 25 }, (_, n) => `room ${String(n + 1)}`)
  for (const name of names) {
    const group = await bo.createGroup(name, [olga])
    await bo.sendMessage(group.id, `The first word of ${name}`)
    await bo.sendMessage(group.id, `Größe of ${name}, and the tide`)
  }
  const direct = await olga.openDirectChat(bo)
  await bo.sendMessage(direct.id, 'Only for you')

  const window = await openWithWorker(hub.url)
  const { page } = window
  await window.logIn('olga')
  await window.openChat('room 25')
  await window.waitForMessage('The first word of room 25')
  await waitUntilKept(window, names.length + 1)
  await expect.poll(() => page.evaluate(countKept, 'events')).toBe(names.length)

  await hub.kill('SIGKILL')
  await page.reload()
  // A chat that was never opened here.
  await window.openChat('room 3')
  await window.waitForMessage('The first word of room 3')
  // Its quiet lines are there too, and the calendar marks the days that this device knows.
  await page.locator('hb-message-list .events').first().waitFor()
  await page.keyboard.press('Shift+F6')
  await page.keyboard.press('g')
  await page.locator('hb-go-to-date').getByText('Only messages stored on this device.').waitFor()
  await page.locator('hb-go-to-date td button.has').waitFor()
  await page.keyboard.press('Escape')
  await window.openChat('Bo Lindqvist')
  await window.waitForMessage('Only for you')
  // People by name.
  await page.keyboard.press('Control+k')
  await page.locator('hb-switcher').getByRole('combobox').fill('lindq')
  await page
    .locator('hb-switcher')
    .getByRole('option', { name: /Bo Lindqvist/ })
    .first()
    .waitFor()
  await page.keyboard.press('Escape')
  // Text, in any spelling.
  await page.keyboard.press('Control+Shift+f')
  await page.locator('hb-search').getByRole('textbox').fill('grosse "room 7"')
  await page.locator('hb-search').getByRole('textbox').fill('große tide room 17')
  await page.locator('hb-search .hit', { hasText: 'Größe of room 17' }).waitFor()
  await page.getByText('Only messages stored on this device').waitFor()
  await page.locator('hb-search .hit').first().click()
  await window.waitForMessage('The first word of room 17')
  // The whole page is there, also what was never opened.
  await window.sendMessage('Written without the hub')
  await page.goto(`${hub.url}/settings/appearance`)
  await page.getByRole('heading', { name: 'Appearance' }).waitFor()
  await page.goBack()
  await window.waitForUnsentMessage('Written without the hub')

  await spawnHub(dataDir, ['--port', port])
  const room = (await bo.request('chats.list', {})).chats.find(({ name }) => name === 'room 17')
  await expect
    .poll(async () => (await bo.request('chats.get', { chatId: room?.id ?? '' })).chat.lastNo)
    .toBe(3)
  const { messages } = await bo.request('messages.list', { chatId: room?.id ?? '' })
  expect(messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
    'The first word of room 17',
    'Größe of room 17, and the tide',
    'Written without the hub',
  ])
  expect(window.consoleErrors).toEqual([])
})

test('a logout leaves no messages and no names on this device, and the page still opens', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const kitchen = await olga.createGroup('kitchen')
  await olga.sendMessage(kitchen.id, 'a secret recipe')
  const window = await openWithWorker(hub.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  await window.waitForMessage('a secret recipe')
  await waitUntilKept(window, 1)
  const inCaches = await window.page.evaluate(async () => {
    let all = ''
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) all += `${request.url}\n`
    }
    return all
  })
  expect(inCaches).not.toMatch(/\/api\//)

  await window.page.getByRole('button', { name: /olga/ }).first().click()
  await window.page.getByRole('menuitem', { name: 'Log out' }).click()
  await window.page.getByLabel('Username').waitFor()
  await expect.poll(() => window.page.evaluate(countKept, 'tails')).toBe(0)
  expect(
    await window.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })),
  ).not.toContain('olga')
  await hub.close()
  await window.page.reload()
  await window.page.getByText('Can’t reach the hub').first().waitFor()
})

test('on a shared computer the page keeps only what was opened, and does not open it in a new tab without the hub', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const kitchen = await olga.createGroup('kitchen')
  await olga.sendMessage(kitchen.id, 'hello kitchen')
  const garden = await olga.createGroup('garden')
  await olga.sendMessage(garden.id, 'hello garden')
  const window = await openWithWorker(hub.url)
  await window.page.getByText('Stay logged in on this device').click()
  await window.logIn('olga')
  await window.openChat('kitchen')
  await window.waitForMessage('hello kitchen')
  await window.page.getByText('Stay logged in').waitFor({ state: 'detached' })
  await window.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await hub.close()
  // The tab that is open goes on.
  await window.page.reload()
  await window.waitForMessage('hello kitchen')
  expect(await window.page.evaluate(countKept, 'tails')).toBe(1)
  const next = await window.context.newPage()
  await next.goto(hub.url)
  await next.getByText('Can’t reach the hub').first().waitFor()
  expect(await next.getByText('kitchen').count()).toBe(0)
})

/** A later build of the page: another index.html, and the worker that names it. */
function createNextBuild(): string {
  const dir = join(newDataDir(), 'renderer')
  cpSync(builtPage, dir, { recursive: true })
  const index = join(dir, 'index.html')
  const before = readFileSync(index)
  const after = Buffer.from(
    before.toString().replace('<html lang="en">', '<html lang="en" data-build="next">'),
  )
  writeFileSync(index, after)
  const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  const worker = join(dir, 'service-worker.js')
  const source = readFileSync(worker, 'utf8')
  expect(source).toContain(hash(before))
  writeFileSync(
    worker,
    source
      .replaceAll(hash(before), hash(after))
      .replace(/hubbub-page-`\s*,?/, (name) => name)
      .replace(/`[0-9a-f]{16}`/, '`00000000000000ff`'),
  )
  return dir
}

const isNextBuild = (): boolean => document.documentElement.dataset['build'] === 'next'

test('a new version waits for the user, a press takes it, and no window shows a mix', async () => {
  const port = Number(await freePort())
  const before = await startTestHub({ port, pagesDir: builtPage })
  const olga = await before.setUp()
  const kitchen = await olga.createGroup('kitchen')
  await olga.sendMessage(kitchen.id, 'hello')
  const window = await openWithWorker(before.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  await waitUntilKept(window, 1)
  const second = await window.context.newPage()
  await second.goto(`${before.url}/chat/${kitchen.id}`)
  await second.getByRole('textbox', { name: /^Message / }).waitFor()

  const after = await before.restart({ port, pagesDir: createNextBuild() })
  await window.page.getByText('A new version is ready.').waitFor()
  // The new version is there, and this window still shows the old one whole.
  await window.page.getByRole('textbox', { name: /^Message / }).fill('half a sentence')
  expect(await window.page.evaluate(isNextBuild)).toBe(false)
  expect(await second.evaluate(isNextBuild)).toBe(false)
  await window.page.getByRole('button', { name: 'Reload' }).click()
  await expect.poll(() => window.page.evaluate(isNextBuild).catch(() => false)).toBe(true)
  await expect.poll(() => window.composer.inputValue()).toBe('half a sentence')
  // The other window learns that it shows the version before; its parts are still there.
  await second.getByText('A new version is ready.').waitFor()
  expect(await second.evaluate(isNextBuild)).toBe(false)
  await second.goto(`${after.url}/settings/profile`)
  await second.getByRole('heading', { name: 'Profile' }).waitFor()
  expect(await second.evaluate(isNextBuild)).toBe(true)
  expect(window.consoleErrors).toEqual([])
})

test('a reload of the only window takes the new version', async () => {
  const port = Number(await freePort())
  const before = await startTestHub({ port, pagesDir: builtPage })
  const olga = await before.setUp()
  await olga.createGroup('kitchen')
  const window = await openWithWorker(before.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  await waitUntilKept(window, 1)
  await before.restart({ port, pagesDir: createNextBuild() })
  await window.page.getByText('A new version is ready.').waitFor()
  await window.page.reload()
  await expect.poll(() => window.page.evaluate(isNextBuild).catch(() => false)).toBe(true)
  await window.composer.waitFor()
})

test('a hub that serves no browsers any more takes the page back', async () => {
  const port = Number(await freePort())
  const before = await startTestHub({ port })
  const olga = await before.setUp()
  await olga.createGroup('kitchen')
  const window = await openWithWorker(before.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  await waitUntilKept(window, 1)
  await before.restart({ port, pagesDir: join(newDataDir(), 'none') })
  await expect
    .poll(() => window.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length))
    .toBe(0)
  expect(await window.page.evaluate(() => caches.keys())).toEqual([])
})

test('the settings say if this browser opens the page without the hub, and what helps where it does not', async () => {
  const port = Number(await freePort())
  const hub = await startTestHub({
    port,
    allowPlainHttp: true,
    publicUrl: new URL(`http://team.test:${port}`),
  })
  await hub.setUp()
  const secure = await openWithWorker(hub.url)
  await secure.logIn('olga')
  await secure.page.getByLabel('Search chats and people').waitFor()
  await secure.page.goto(`${hub.url}/settings/sessions`)
  await secure.page.getByText('Hubbub opens in this browser even if the hub is unreachable').waitFor()

  const remote = await chromium.launch({
    executablePath: await findBrowser(),
    args: [...browserFlags, '--host-resolver-rules=MAP team.test 127.0.0.1'],
  })
  onTestFinished(() => remote.close())
  const plain = await AppWindow.open(remote, `http://team.test:${port}`, wide, false, true)
  await plain.fill('Username', 'olga')
  await plain.fill('Password', password)
  await plain.clickButton('Log in')
  await plain.page.getByLabel('Search chats and people').waitFor()
  await plain.page.goto(`http://team.test:${port}/settings/sessions`)
  await plain.page.getByText('because this address isn’t encrypted').waitFor()

  // A certificate that was accepted for this visit only.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(hub.url.replace('http:', 'https:'))
  const untrusted = AppWindow.fromPage(page)
  await untrusted.logIn('olga')
  await page.getByLabel('Search chats and people').waitFor()
  await page.goto(`${hub.url.replace('http:', 'https:')}/settings/sessions`)
  await page.getByText('the browser doesn’t trust the hub’s certificate').waitFor()
  expect(await page.getByRole('link', { name: 'How to trust this hub' }).getAttribute('href')).toBe('/trust')
})
