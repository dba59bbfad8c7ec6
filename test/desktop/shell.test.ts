import { describe, expect, it } from 'vitest'
import { launchApp } from './driver.ts'

describe('the shell', () => {
  it('opens its page with the bridge and nothing else', async () => {
    const app = await launchApp()
    const seen = await app.page.evaluate(() => ({
      version: window.hubbub?.apiVersion,
      names: Object.keys(window.hubbub ?? {}).sort(),
      node: [
        typeof Reflect.get(globalThis, 'process'),
        typeof Reflect.get(globalThis, 'require'),
        typeof Reflect.get(globalThis, 'ipcRenderer'),
      ],
    }))
    expect(seen.version).toBe(1)
    expect(seen.node).toEqual(['undefined', 'undefined', 'undefined'])
    expect(await app.page.evaluate(() => window.hubbub?.hubs.list())).toEqual([])
    expect(await app.quit()).toBe(0)
  })
})
