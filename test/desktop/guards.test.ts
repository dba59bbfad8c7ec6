import { describe, expect, it, vi } from 'vitest'
import { driver, launchApp, runApp } from './driver.ts'

describe('the app', () => {
  it('runs once for each person: a second start shows the first; its window is where it was left', async () => {
    const app = await launchApp({ args: ['--hidden'] })
    if (driver === 'stand-in') expect(await app.calls('window.show')).toEqual([])
    expect(await runApp({ userData: app.userData })).toBe(0)
    if (driver === 'stand-in') {
      await vi.waitFor(async () => expect(await app.calls('window.show')).toHaveLength(1))
    }
    const bounds = { x: 40, y: 50, width: 900, height: 640 }
    await app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0].setBounds(to), bounds)
    expect(await app.quit()).toBe(0)
    const again = await launchApp({ userData: app.userData })
    expect(
      await again.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getBounds() as object),
    ).toEqual(bounds)
  })
})
