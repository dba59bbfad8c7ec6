import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { freePort } from '../support/ports.ts'
import { Window } from '../support/window.ts'

/*
 * Files between two people: pictures, a file that loses its hub on the way, and what is done with them.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

function photo(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: 40, g: 120, b: 160 } } })
    .jpeg()
    .toBuffer()
}

test('two people share pictures and a file whose hub is killed while it is on its way', async () => {
  const dataDir = newDataDir()
  const port = await freePort()
  let hub = await spawnHub(dataDir, ['--port', port])
  const ann = await Window.open(browser, hub.url)
  await ann.setUp('test-code-1', { username: 'ann', fullName: 'Ann Sommer', team: 'Harbour', open: true })
  const bo = await Window.open(browser, hub.url)
  await bo.register({ username: 'bo', fullName: 'Bo Lindqvist' })
  await ann.newGroup('kitchen', ['Bo'])
  await bo.openChat('kitchen')

  // two pictures by the button, with words beside them
  const chooser = ann.page.waitForEvent('filechooser')
  await ann.page.getByRole('button', { name: 'Attach files' }).click()
  await (
    await chooser
  ).setFiles([
    { name: 'pier.jpg', mimeType: 'image/jpeg', buffer: await photo(1200, 800) },
    { name: 'sea.jpg', mimeType: 'image/jpeg', buffer: await photo(600, 900) },
  ])
  const tray = ann.page.getByRole('list', { name: 'Files to send' })
  await tray.getByText(', ready').nth(1).waitFor()
  await ann.say('From the pier')
  await bo.sees('From the pier')
  const pictures = bo.page.locator('hb-message-list .picture img')
  await pictures.nth(1).waitFor()
  expect(await tray.count()).toBe(0)
  // the smaller ones, loaded, and their room was known before
  await expect
    .poll(() => pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth > 0)))
    .toEqual([true, true])

  // the viewer, by keyboard alone
  await bo.page.locator('hb-message-list .picture').first().focus()
  await bo.page.keyboard.press('Enter')
  const viewer = bo.page.getByRole('dialog', { name: 'Pictures' })
  await viewer.getByText('1 of 2').waitFor()
  await bo.page.keyboard.press('ArrowRight')
  await viewer.getByText('2 of 2').waitFor()
  const shown = viewer.getByRole('img', { name: 'sea.jpg' })
  const before = await shown.boundingBox()
  await bo.page.keyboard.press('+')
  await expect.poll(async () => (await shown.boundingBox())?.width).toBeGreaterThan(before?.width ?? 0)
  await bo.page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'detached' })

  // a file that is not through when the hub is killed; the message is sent meanwhile and waits
  const large = randomBytes(18 * 1024 * 1024)
  const path = join(newDataDir(), 'boat plans.bin')
  writeFileSync(path, large)
  let pieces = 0
  const killed = new Promise<void>((resolve) => {
    ann.page.on('request', (request) => {
      // the second piece loses its hub
      if (request.method() === 'PATCH' && ++pieces === 2) void hub.kill('SIGKILL').then(() => resolve())
    })
  })
  await ann.page.locator('hb-attach input').setInputFiles(path)
  await ann.say('The plans')
  await killed
  // the page is closed and opened again before the hub is back
  hub = await spawnHub(dataDir, ['--port', port])
  await ann.page.reload()
  await bo.sees('The plans')
  const link = bo.page.getByRole('link', { name: /^Download boat plans\.bin/ })
  const download = bo.page.waitForEvent('download')
  await link.click()
  const saved = await (await download).path()
  expect(readFileSync(saved).equals(large)).toBe(true)
  expect(await ann.page.locator('hb-message-list').getByText('The plans', { exact: true }).count()).toBe(1)

  // what is pasted goes the same way, and can be taken back
  await ann.composer.focus()
  await ann.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(40, 30)
    canvas.getContext('2d')?.fillRect(0, 0, 20, 20)
    const data = new DataTransfer()
    data.items.add(new File([await canvas.convertToBlob()], 'image.png', { type: 'image/png' }))
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    active?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, composed: true, cancelable: true }),
    )
  })
  await tray.getByText(/^Picture .*\.png$/).waitFor()
  await tray.getByRole('button', { name: /^Remove Picture/ }).click()
  await tray.waitFor({ state: 'detached' })
  expect([...ann.complaints, ...bo.complaints]).toEqual([])
  await hub.kill('SIGTERM')
})
