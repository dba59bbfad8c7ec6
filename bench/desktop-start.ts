// Measures the time from the start of the built app to a readable conversation: with a warm cache, once with the hub
// reachable and once without. It runs on the stand-in, so the figures hold for our code and Chromium, not for
// Electron's own start. node bench/desktop-start.ts [runs]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { pino } from 'pino'
import type {} from '../renderer/navigation/window.ts'
import { startHub, type RunningHub } from '../server/start.ts'
import { connectStandIn, startStandIn } from '../test/desktop/stand-in/launch.ts'
import { password, TestUser } from '../test/support/test-user.ts'

const runCount = Number(process.argv[2] ?? 5)
const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-bench-'))
const userData = path.join(dir, 'app')

const hub = await startHub({
  dataDir: path.join(dir, 'hub'),
  host: '127.0.0.1',
  port: 0,
  allowPlainHttp: false,
  loadTest: false,
  logN: 4,
  setupCode: 'bench-code-1',
  log: pino({ level: 'silent' }),
})
try {
  await seedMessages(hub)
  await withApp(async (page) => {
    await page.evaluate(async (address) => {
      const look = await window.hubbub?.hubs.look(address)
      await window.hubbub?.hubs.add(address, String(look?.fingerprint))
    }, new URL(hub.url).host)
    await page.getByLabel('Username', { exact: true }).fill('olga')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.locator('hb-chat-row').first().click()
    await waitUntilShown(page)
  })
  await measure('warm cache, hub reachable')
  await hub.close()
  await measure('warm cache, hub unreachable')
} finally {
  await hub.close().catch(() => undefined)
  rmSync(dir, { recursive: true, force: true })
}

async function seedMessages({ url }: RunningHub): Promise<void> {
  const olga = await TestUser.setUp(url, { code: 'bench-code-1', username: 'olga' })
  const chat = await olga.createGroup('harbour')
  for (let n = 1; n <= 200; n += 1) await olga.sendMessage(chat.id, `message ${n}`)
}

async function measure(label: string): Promise<void> {
  const times: number[] = []
  for (let run = 0; run < runCount; run += 1) {
    const startedAt = performance.now()
    await withApp(async (page) => {
      await waitUntilShown(page)
      times.push(performance.now() - startedAt)
    })
  }
  times.sort((a, b) => a - b)
  const middle = times[Math.floor(times.length / 2)] ?? 0
  const figures = [times[0] ?? 0, middle, times.at(-1) ?? 0].map((ms) => `${Math.round(ms)} ms`)
  process.stdout.write(
    `${label}: best ${figures[0]}, median ${figures[1]}, worst ${figures[2]} (${runCount} starts, stand-in)\n`,
  )
}

async function waitUntilShown(page: Page): Promise<void> {
  await page.getByText('message 200', { exact: true }).last().waitFor()
}

async function withApp(run: (page: Page) => Promise<void>): Promise<void> {
  const app = await connectStandIn(startStandIn([`--user-data-dir=${userData}`]))
  await run(app.page)
  await app.quit()
}
