// Takes the README's screenshots of a running demo: `npm run demo`, then `node scripts/screenshots.ts
// http://127.0.0.1:7788`.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../test/support/browser.ts'

const url = process.argv[2] ?? 'http://127.0.0.1:7788'
const dir = join(import.meta.dirname, '..', 'docs', 'pictures')

const browser = await launchBrowser()
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  locale: 'en-GB',
  reducedMotion: 'reduce',
})
const page = await context.newPage()
await page.goto(`${url}/login`)
await page.getByLabel('Username').first().waitFor()
await takeScreenshot(page, 'login')
await page.getByLabel('Username').first().fill('ann')
await page.getByLabel('Password', { exact: true }).fill('demo-password')
await page.keyboard.press('Enter')
await openChat(page, 'yard')
await takeScreenshot(page, 'conversation-light')
await page.emulateMedia({ colorScheme: 'dark' })
await openChat(page, 'kitchen')
await page
  .getByRole('button', { name: /member/i })
  .first()
  .click()
await takeScreenshot(page, 'conversation-dark')
await page.keyboard.press('Escape')
await page.emulateMedia({ colorScheme: 'light' })
await openChat(page, 'website')
await page
  .locator('hb-message-list')
  .getByRole('button', { name: /3 replies/ })
  .click()
await page.locator('hb-thread-panel').getByText('off the list').waitFor()
await takeScreenshot(page, 'thread-light')
await page.keyboard.press('Escape')
await page.emulateMedia({ colorScheme: 'dark' })
await page.keyboard.press('Control+Shift+f')
await page.keyboard.type('harbour')
await page.locator('hb-search mark').first().waitFor()
await takeScreenshot(page, 'search-dark')
await page.keyboard.press('Escape')
await page.goto(`${url}/settings/security`)
await page.locator('hb-settings-security').waitFor()
await takeScreenshot(page, 'security-dark')
await page.emulateMedia({ colorScheme: 'light' })
await page.goto(`${url}/admin/people`)
await page.locator('hb-admin-users').waitFor()
await takeScreenshot(page, 'people-light')
await page.goto(url)
await page.locator('hb-chat-list').waitFor()
await page.setViewportSize({ width: 400, height: 700 })
await openChat(page, 'yard')
await takeScreenshot(page, 'narrow')
await browser.close()

async function openChat(page: Page, name: string): Promise<void> {
  const back = page.getByRole('button', { name: /back/i })
  if (await back.isVisible()) await back.click()
  await page.locator('hb-chat-list').getByText(name, { exact: true }).first().click()
  await page.locator('hb-message-list article').first().waitFor()
  await page.mouse.move(0, 0)
}

async function takeScreenshot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  await page.locator('img').evaluateAll(async (images: HTMLImageElement[]) => {
    // a picture out of view is not loaded
    const late = new Promise((resolve) => setTimeout(resolve, 2_000))
    await Promise.all(images.map((image) => Promise.race([image.decode(), late])))
  })
  // The day at the top has faded, and what appears has appeared.
  await page.waitForTimeout(1_500)
  await page.screenshot({ path: join(dir, `${name}.png`) })
}
