import { describe, expect, it } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { password } from '../support/person.ts'
import { launchApp } from './driver.ts'

describe('the shell', () => {
  it('opens its page with the bridge and nothing else', async () => {
    const app = await launchApp()
    const seen = await app.page.evaluate(() => ({
      version: window.hubbub?.apiVersion,
      names: Object.keys(window.hubbub ?? {}).sort(),
      node: ['process', 'require', 'ipcRenderer', 'module'].map(
        (name) => typeof Reflect.get(globalThis, name),
      ),
    }))
    expect(seen.version).toBe(1)
    expect(seen.node).toEqual(['undefined', 'undefined', 'undefined', 'undefined'])
    expect(await app.page.evaluate(() => window.hubbub?.hubs.list())).toEqual([])
    expect(await app.quit()).toBe(0)
  })

  it('logs in at a hub and talks', async () => {
    const hub = await startTestHub()
    const olga = await hub.setUp()
    const app = await launchApp()
    const info = await app.page.evaluate((url) => window.hubbub?.hubs.add(url, 'local'), hub.url)
    expect(info?.id).toBe(hub.hub.hubId)
    const { page } = app
    await page.getByLabel('Name', { exact: true }).fill(olga.user.username)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByPlaceholder('Filter chats').waitFor({ timeout: 15_000 })
    expect(await app.quit()).toBe(0)
  })
})
