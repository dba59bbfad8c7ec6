import { describe, expect, it } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { launchApp } from './driver.ts'
import { createTeam, joinHub } from './world.ts'

describe('the app without its hub', () => {
  it('opens chats that were never opened in it, and finds words in them', async () => {
    const { hub, owner, ann } = await createTeam('North', 'harbour')
    for (const name of ['beach', 'cliff', 'dunes']) {
      const group = await owner.createGroup(name, [ann])
      await ann.sendMessage(group.id, `the tide at the ${name}`)
    }
    const app = await launchApp()
    await joinHub(app.page, hub)
    const window = AppWindow.fromPage(app.page)
    await window.logIn('olga')
    await window.openChat('harbour')
    await expect.poll(() => app.page.evaluate(countKeptChats), { timeout: 30_000 }).toBeGreaterThanOrEqual(4)
    await hub.close()
    expect(await app.quit()).toBe(0)

    const again = await launchApp({ userData: app.userData })
    const offline = AppWindow.fromPage(again.page)
    await offline.openChat('cliff')
    await offline.waitForMessage('the tide at the cliff')
    await again.page.keyboard.press('ControlOrMeta+Shift+f')
    await again.page.locator('hb-search').getByRole('textbox').fill('dunes')
    await again.page.locator('hb-search .hit', { hasText: 'the tide at the dunes' }).waitFor()
    expect(await again.quit()).toBe(0)
  })
})

/** Runs in the page. */
async function countKeptChats(): Promise<number> {
  let count = 0
  for (const { name = '' } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name)
      request.onsuccess = () => resolve(request.result)
    })
    count += await new Promise<number>((resolve) => {
      const request = db.transaction('tails').objectStore('tails').count()
      request.onsuccess = () => resolve(request.result)
    })
    db.close()
  }
  return count
}
