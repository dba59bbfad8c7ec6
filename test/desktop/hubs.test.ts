import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { AppWindow } from '../support/app-window.ts'
import { type DesktopApp, launchApp, onStandIn } from './driver.ts'
import { addressOf, joinHub, listHubs, portOf, railButton, hubStateOf, createTeam } from './world.ts'
import { waitFor } from '../support/wait-for.ts'

describe('two hubs in one app, over TLS, each pinned to its own key', () => {
  it('run side by side, and a problem of one does not affect the other', async () => {
    const north = await createTeam('North', 'harbour')
    const south = await createTeam('South', 'beach')
    const app = await launchApp()
    const { page } = app
    const window = AppWindow.fromPage(page)

    expect(await joinHub(page, north.hub)).toMatchObject({
      id: north.hub.hub.hubId,
      trust: 'pinned',
      name: 'North',
    })
    await window.logIn('olga')
    await window.openChat('harbour')
    expect(await page.locator('hb-rail').count()).toBe(0)

    await joinHub(page, south.hub)
    await railButton(page, /^South/).click()
    await window.logIn('olga')
    await window.openChat('beach')
    await window.sendMessage('sun and sand')
    await window.waitForMessage('sun and sand')

    // the other hub still works behind it
    await page.keyboard.press('ControlOrMeta+1')
    await page.getByRole('textbox', { name: 'Message #harbour' }).waitFor()
    const beach = (await south.ann.request('chats.list', {})).chats[0]
    await south.ann.sendMessage(String(beach?.id), 'the tide is coming')
    await railButton(page, /^South, connected, one unread message$/).waitFor()

    // one hub stops
    await south.hub.close()
    await railButton(page, /^South, not reachable/).waitFor()
    await window.sendMessage('ships are in')
    await window.waitForMessage('ships are in')
    expect(await hubStateOf(page, north.hub)).toBe('online')

    // a message written while it is away is sent once, when it is back
    await page.keyboard.press('ControlOrMeta+2')
    await page.getByRole('textbox', { name: 'Message #beach' }).waitFor()
    await window.sendMessage('written in the dark')
    await window.waitForUnsentMessage('written in the dark')
    const back = await startTestHub({ dataDir: south.hub.dataDir, port: portOf(south.hub) })
    await railButton(page, /^South, connected/).waitFor()
    const ann = south.ann.atUrl(back.url)
    await waitFor(
      async () => {
        const { messages } = await ann.request('messages.list', { chatId: String(beach?.id) })
        expect(messages.map(textOf)).toContain('written in the dark')
      },
      { timeout: 30_000 },
    )
    await ann.sendMessage(String(beach?.id), 'welcome back')
    await window.waitForMessage('welcome back')
    const { messages } = await ann.request('messages.list', { chatId: String(beach?.id) })
    expect(messages.filter((message) => textOf(message) === 'written in the dark')).toHaveLength(1)
    expect(window.consoleErrors).toEqual([])

    await onStandIn('no token leaks', () => expectNoTokenLeaked(app))
    // and the draft before a quit
    await page.getByRole('textbox', { name: 'Message #beach' }).fill('half a thought')
    expect(await app.quit()).toBe(0)

    // the next start: still logged in, with the same hub in front
    const again = await launchApp({ userData: app.userData })
    await AppWindow.fromPage(again.page).waitForMessage('welcome back')
    const { composer } = AppWindow.fromPage(again.page)
    await expect.poll(() => composer.inputValue()).toBe('half a thought')
    await expectOnline(again.page, [north.hub, back])
  })

  it('are rejected if their identity changed, and receive nothing', async () => {
    const { hub } = await createTeam('North', 'harbour')
    const app = await launchApp()
    const { page } = app
    const other = await startTestHub()
    const mismatch = await page.evaluate(
      ([address, fingerprint]) =>
        window.hubbub?.hubs.add(String(address), String(fingerprint)).catch((error: unknown) => error),
      [addressOf(other), hub.hub.hubId],
    )
    expect(mismatch).toMatchObject({ code: 'changed' })
    expect(await listHubs(page)).toEqual([])

    await joinHub(page, hub)
    await AppWindow.fromPage(page).logIn('olga')
    await page.getByLabel('Search chats and people').waitFor()
    await hub.close()
    const stranger = await startTestHub({ port: portOf(hub) })
    let requestCount = 0
    stranger.app.server.on('request', () => (requestCount += 1))
    await page.getByRole('heading', { name: 'A different hub is using the address of North' }).waitFor()
    const [info] = await listHubs(page)
    expect(info).toMatchObject({ state: 'changed', presented: stranger.hub.hubId })
    const status = await page.evaluate(async (id) => (await fetch(`/hub/${id}/api/me`)).status, hub.hub.hubId)
    expect(status).toBe(502)
    expect(requestCount).toBe(0)

    // the right hub is found again by itself
    await stranger.close()
    await startTestHub({ dataDir: hub.dataDir, port: portOf(hub) })
    // it may have been found before the click arrived
    await page
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 2_000 })
      .catch(() => undefined)
    await page.getByLabel('Search chats and people').waitFor()
  })
})

const textOf = (message: object): unknown => Reflect.get(message, 'text')

async function expectOnline(page: Page, hubs: TestHub[]): Promise<void> {
  for (const hub of hubs)
    await waitFor(async () => expect(await hubStateOf(page, hub)).toBe('online'), 20_000)
}

/** Not in a reply of the shell, not in the page or its storage, not in the log, not in plaintext on the disk. */
async function expectNoTokenLeaked(app: DesktopApp): Promise<void> {
  const file = readFileSync(path.join(app.userData, 'secrets.json'), 'utf8')
  const { kept } = JSON.parse(file) as { kept: Record<string, string> }
  const tokens = await Promise.all(
    Object.values(kept).map((sealed) =>
      app.evaluate(
        async ({ safeStorage }, text) =>
          (await safeStorage.decryptStringAsync(Buffer.from(text.slice('box:'.length), 'base64')))
            .result as string,
        sealed,
      ),
    ),
  )
  expect(tokens).toHaveLength(2)
  const places: Record<string, string> = {
    secrets: file,
    log: readFileSync(path.join(app.userData, 'logs', 'app.log'), 'utf8'),
    calls: JSON.stringify(await app.calls()),
    page: await app.page.evaluate(async () => {
      const held: unknown[] = [
        document.documentElement.outerHTML,
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
      ]
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(String(name))
          opening.onsuccess = () => resolve(opening.result)
          opening.onerror = () => reject(new Error('no database'))
        })
        for (const store of db.objectStoreNames) {
          held.push(
            await new Promise((resolve) => {
              const all = db.transaction(store).objectStore(store).getAll()
              all.onsuccess = () => resolve(all.result)
            }),
          )
        }
        db.close()
      }
      return JSON.stringify(held)
    }),
  }
  expect(places['calls']).toContain('"what":"ipc.reply"')
  expect(places['page']).toContain('sun and sand')
  for (const token of tokens) {
    expect(token.length).toBeGreaterThan(20)
    for (const [place, text] of Object.entries(places)) expect(text.includes(token), place).toBe(false)
  }
}
