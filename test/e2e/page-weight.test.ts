import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'

/*
 * Counts the requests and the bytes that cross the network before the first screen is complete, with an empty cache. The
 * limits are those of issue 16; what is loaded later makes nobody wait.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

interface Transfer {
  url: string
  /** Milliseconds since 1970. */
  startedAt: number
  bytes: number
  isDone: boolean
}

/** Set by renderer/app/first-screen.ts. */
const firstScreenMark = 'hubbub-first-screen'

/** Counts what the page requests from now on, sockets included. */
async function countTransfers(page: Page): Promise<{ session: CDPSession; all: Map<string, Transfer> }> {
  const session = await page.context().newCDPSession(page)
  const all = new Map<string, Transfer>()
  session.on('Network.requestWillBeSent', ({ requestId, request, wallTime }) =>
    all.set(requestId, { url: request.url, startedAt: wallTime * 1000, bytes: 0, isDone: false }),
  )
  session.on('Network.webSocketCreated', ({ requestId, url }) =>
    all.set(requestId, { url, startedAt: 0, bytes: 0, isDone: true }),
  )
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const transfer = all.get(requestId)
    if (transfer) Object.assign(transfer, { bytes: encodedDataLength, isDone: true })
  })
  // A navigation ends what the page before was loading.
  session.on('Network.loadingFailed', ({ requestId }) => {
    const transfer = all.get(requestId)
    if (transfer) transfer.isDone = true
  })
  await session.send('Network.enable')
  return { session, all }
}

/** What was requested before the first screen was complete. */
async function transfersOfFirstScreen(page: Page, all: ReadonlyMap<string, Transfer>): Promise<Transfer[]> {
  const completeAt = await page.evaluate(async (name) => {
    while (performance.getEntriesByName(name).length === 0)
      await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.timeOrigin + (performance.getEntriesByName(name)[0]?.startTime ?? 0)
  }, firstScreenMark)
  const early = [...all.values()].filter(({ startedAt }) => startedAt < completeAt)
  await expect.poll(() => early.every(({ isDone }) => isDone)).toBe(true)
  return early
}

const describeTransfers = (list: readonly Transfer[]): string =>
  list.map(({ url, bytes }) => `${bytes} ${new URL(url).pathname}`).join('\n')
const sumBytes = (list: readonly Transfer[]): number => list.reduce((sum, { bytes }) => sum + bytes, 0)

test('the sign-in screen takes at most 120 KB, the first conversation 250 KB in 12 requests', async () => {
  const hub = await startTestHub()
  const olga = await hub.setUp()
  const kitchen = await olga.createGroup('kitchen')
  for (let n = 1; n <= 60; n += 1) await olga.sendMessage(kitchen.id, `message ${n}`)

  const first = await AppWindow.open(browser, 'about:blank')
  const signIn = await countTransfers(first.page)
  await first.page.goto(`${hub.url}/chat/${kitchen.id}`)
  await first.page.getByLabel('Username').waitFor()
  const ofSignIn = await transfersOfFirstScreen(first.page, signIn.all)
  expect(sumBytes(ofSignIn), describeTransfers(ofSignIn)).toBeLessThanOrEqual(120_000)

  await first.logIn('olga')
  await first.waitForMessage('message 60')
  const second = await AppWindow.open(browser, 'about:blank')
  await second.context.addCookies(await first.context.cookies())
  const conversation = await countTransfers(second.page)
  await second.page.goto(`${hub.url}/chat/${kitchen.id}`)
  await second.waitForMessage('message 60')
  const ofConversation = await transfersOfFirstScreen(second.page, conversation.all)
  expect(sumBytes(ofConversation), describeTransfers(ofConversation)).toBeLessThanOrEqual(250_000)
  expect(ofConversation.length, describeTransfers(ofConversation)).toBeLessThanOrEqual(12)

  // everything else follows when the page is idle, one part at a time
  expect(describeTransfers(ofConversation)).not.toMatch(/hb-admin-/)
  await expect
    .poll(() => [...conversation.all.values()].map(({ url }) => url).join(' '))
    .toMatch(/\/hb-admin-/)
  await first.context.close()
  await second.context.close()
})

test('a second visit transfers no file of the page again', async () => {
  const hub = await startTestHub()
  await hub.setUp()
  const window = await AppWindow.open(browser, hub.url)
  await window.page.getByLabel('Username').waitFor()
  // a request that the next page cancels never ends
  await window.page.waitForLoadState('networkidle')
  const { all } = await countTransfers(window.page)
  await window.page.goto(`${hub.url}/login`)
  await window.page.getByLabel('Username').waitFor()
  const assets = (await transfersOfFirstScreen(window.page, all)).filter(({ url }) =>
    url.includes('/assets/'),
  )
  expect(sumBytes(assets), describeTransfers(assets)).toBe(0)
  await window.context.close()
})

test('the built page is the same in every coding', async () => {
  const hub = await startTestHub()
  const page = await (await fetch(hub.url, { headers: { 'accept-encoding': 'identity' } })).text()
  const [address = ''] = /\/assets\/core-[^"]+\.js/.exec(page) ?? []
  const plain = await (await fetch(hub.url + address, { headers: { 'accept-encoding': 'identity' } })).text()
  for (const coding of ['br', 'zstd', 'gzip']) {
    const response = await fetch(hub.url + address, { headers: { 'accept-encoding': coding } })
    expect(response.headers.get('content-encoding')).toBe(coding)
    expect(Number(response.headers.get('content-length'))).toBeLessThan(plain.length / 2.5)
    expect((await response.text()) === plain, coding).toBe(true)
  }
})
