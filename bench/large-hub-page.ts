import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../test/support/browser.ts'
import type { Way } from './lean-client.ts'
import { readPageMemory } from './page-hour.ts'

/** What the page needs for a part of a first visit. `bytes`: of frames and responses, without the page itself. */
export interface PageStep {
  what: string
  ms: number
  bytes: number
  heapMb: number
}

const groupName = 'group-everyone'

/** Lets the page of a large hub do as that of a small one. */
async function hideSize(page: Page): Promise<void> {
  await page.routeWebSocket(/\/live/, (ws) => {
    const server = ws.connectToServer()
    server.onMessage((frame) => ws.send(String(frame).replace('"large":true', '"small":true')))
  })
}

async function countBytes(cdp: CDPSession): Promise<() => number> {
  let bytes = 0
  await cdp.send('Network.enable')
  cdp.on('Network.webSocketFrameReceived', ({ response }) => (bytes += response.payloadData.length))
  return () => bytes
}

/** Opens the page in a new profile: the list of chats, the group of everybody, its members, and the page once more. */
export async function measurePage(
  url: string,
  way: Way,
  { username, password }: { username: string; password: string },
): Promise<PageStep[]> {
  const browser = await launchBrowser()
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  if (way === 'as ever') await hideSize(page)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable')
  const received = await countBytes(cdp)
  const steps: PageStep[] = []
  const measure = async (what: string, act: () => Promise<void>): Promise<void> => {
    const [startedAt, before] = [performance.now(), received()]
    await act()
    const ms = performance.now() - startedAt
    // what the page goes on loading after it can be used
    await page.waitForTimeout(5_000)
    steps.push({ what, ms, bytes: received() - before, heapMb: (await readPageMemory(cdp)).heapMb })
  }
  const row = page.locator('hb-chat-row', { hasText: groupName })
  await page.goto(url)
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await measure('log in, list of chats', async () => {
    await page.getByRole('button', { name: 'Log in' }).click()
    await row.waitFor()
  })
  await measure('open the group of everybody', async () => {
    await row.click()
    await page.locator('hb-message-list .name', { hasText: 'User' }).first().waitFor({ timeout: 120_000 })
  })
  await measure('its members', async () => {
    await page.getByRole('button', { name: /^Show members/ }).click()
    await page.locator('hb-member-panel li .name', { hasText: 'User' }).first().waitFor({ timeout: 120_000 })
  })
  await measure('reload, with a cache', async () => {
    await page.reload()
    await page.locator('hb-message-list .name', { hasText: 'User' }).first().waitFor({ timeout: 120_000 })
  })
  await browser.close()
  return steps
}
