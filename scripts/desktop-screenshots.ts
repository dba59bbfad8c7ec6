// Takes the README's screenshots of the desktop app on the stand-in: `npm run build`, then `node
// scripts/desktop-screenshots.ts`.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import type {} from '../renderer/navigation/window.ts'
import { freePort } from '../test/support/ports.ts'
import { connectStandIn, startStandIn, type StandInApp } from '../test/desktop/stand-in/launch.ts'

const picturesDir = path.join(import.meta.dirname, '..', 'docs', 'pictures')
const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-pictures-'))
const password = 'a quiet harbour 9'

const demo = await startDemo()
const olga = await openApp('olga')
const bo = await openApp('bo')
try {
  await takeScreenshot(olga.page, 'welcome')
  await startHosting(olga.page, 'Sailing club', 'olga')
  await bo.page.getByTestId('welcome-join').click()
  await bo.page.getByRole('button', { name: /^Join Sailing club, / }).waitFor()
  await takeScreenshot(bo.page, 'join')
  await joinByInvite(
    bo.page,
    String(await olga.page.evaluate(() => window.hubbub?.host.invite().then(({ link }) => link))),
  )
  await olga.evaluate(
    "(electron) => electron.BrowserWindow.getAllWindows()[0].webContents.send('hubbub:event', 'command', 'hosting')",
  )
  await olga.page.getByText(/one other person/).waitFor()
  await takeScreenshot(olga.page, 'hosting')
  await joinDemo(bo.page)
  await takeScreenshot(bo.page, 'several-hubs')
} finally {
  await Promise.all([olga.kill(), bo.kill()])
  demo.child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}

async function openApp(name: string): Promise<StandInApp> {
  // the apps find each other on this computer and send to no other
  const env = { HUBBUB_DISCOVERY: `127.0.0.1:${20_000 + (process.pid % 20_000)}` }
  const app = await connectStandIn(startStandIn([`--user-data-dir=${path.join(dir, name)}`], env))
  await app.page.setViewportSize({ width: 1280, height: 800 })
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  return app
}

async function startHosting(page: Page, team: string, username: string): Promise<void> {
  await page.evaluate((port) => window.hubbub?.host.change({ port }), Number(await freePort()))
  await page.getByTestId('welcome-start').click()
  await page.getByLabel('Team name').fill(team)
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await clickButton(page, 'Start the hub')
  await page.getByText('I’ve saved it somewhere safe').click()
  await clickButton(page, 'Continue')
  await clickButton(page, `Open ${team}`)
  await page.getByLabel('Search chats and people').waitFor()
}

async function joinByInvite(page: Page, link: string): Promise<void> {
  await page.getByLabel('Invite link or address').fill(link)
  await clickButton(page, 'Continue')
  await page.getByLabel('Username', { exact: true }).fill('bo')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await clickButton(page, 'Continue')
  await clickButton(page, 'Skip the security question')
  await page.getByText('I’ve saved it somewhere safe').click()
  await clickButton(page, /^Open /)
  await page.getByLabel('Search chats and people').waitFor()
}

async function joinDemo(page: Page): Promise<void> {
  await page.evaluate(async (address) => {
    const look = await window.hubbub?.hubs.look(address)
    await window.hubbub?.hubs.add(address, String(look?.fingerprint))
  }, demo.address)
  await clickButton(page, /^Nordlicht/)
  await page.getByLabel('Username', { exact: true }).fill('bo')
  await page.getByLabel('Password', { exact: true }).fill('demo-password')
  await clickButton(page, 'Log in')
  await page.locator('hb-chat-list').getByText('yard', { exact: true }).first().click()
  await page.locator('hb-message-list article').first().waitFor()
  await page.mouse.move(0, 0)
}

/** Starts the team of `npm run demo` as a second hub. */
async function startDemo(): Promise<{ child: ChildProcess; address: string }> {
  const port = await freePort()
  const child = spawn(process.execPath, [
    path.join(import.meta.dirname, 'demo.ts'),
    '--port',
    port,
    '--data',
    path.join(dir, 'demo'),
  ])
  for await (const line of child.stdout as AsyncIterable<Buffer>)
    if (String(line).includes('listening')) break
  return { child, address: `127.0.0.1:${port}` }
}

function clickButton(page: Page, name: string | RegExp): Promise<void> {
  return page.getByRole('button', { name }).first().click()
}

async function takeScreenshot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  await page.waitForTimeout(400)
  await page.screenshot({ path: path.join(picturesDir, `${name}.png`) })
}
