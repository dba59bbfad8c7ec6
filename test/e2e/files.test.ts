import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { spawnHub } from '../support/hub-process.ts'
import { freePort } from '../support/ports.ts'
import { AppWindow } from '../support/app-window.ts'
import { TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Files between two users: pictures, an upload during which the hub is killed, downloads and the files panel.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

function createPhoto(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: 40, g: 120, b: 160 } } })
    .jpeg()
    .toBuffer()
}

/** About a second of red and blue in a QuickTime file. */
async function recordVideo(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 160, height: 90 })
    const context = canvas.getContext('2d')
    const draw = (at: number) => {
      if (context) context.fillStyle = at % 200 < 100 ? 'red' : 'blue'
      context?.fillRect(0, 0, 160, 90)
      requestAnimationFrame(draw)
    }
    draw(0)
    const types = ['avc1.42E01E', 'av01.0.00M.08'].map((codec) => `video/mp4;codecs=${codec}`)
    const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type)) ?? ''
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType })
    const parts: Blob[] = []
    await new Promise((resolve) => {
      recorder.onstop = resolve
      recorder.ondataavailable = ({ data }) => parts.push(data) === 4 && recorder.stop()
      recorder.start(200)
    })
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
  })
  const mov = Buffer.from(bytes)
  mov.write('qt  ', 8, 'latin1')
  return mov
}

test('two users share pictures, and an upload survives the death of the hub', async () => {
  const dataDir = newDataDir()
  const port = await freePort()
  let hub = await spawnHub(dataDir, ['--port', port])
  const ann = await AppWindow.open(browser, hub.url)
  await ann.setUp('test-code-1', { username: 'ann', fullName: 'Ann Sommer', team: 'Harbour', open: true })
  const bo = await AppWindow.open(browser, hub.url)
  await bo.register({ username: 'bo', fullName: 'Bo Lindqvist' })
  await ann.createGroup('kitchen', ['Bo'])
  await bo.openChat('kitchen')

  // Two pictures by the button, with a text.
  const chooser = ann.page.waitForEvent('filechooser')
  await ann.page.getByRole('button', { name: 'Attach files' }).click()
  await (
    await chooser
  ).setFiles([
    { name: 'pier.jpg', mimeType: 'image/jpeg', buffer: await createPhoto(1200, 800) },
    { name: 'sea.jpg', mimeType: 'image/jpeg', buffer: await createPhoto(600, 900) },
  ])
  const tray = ann.page.getByRole('list', { name: 'Attachments' })
  await tray.getByText(', ready').nth(1).waitFor()
  await ann.sendMessage('From the pier')
  await bo.waitForMessage('From the pier')
  const pictures = bo.page.locator('hb-message-list button.picture img')
  await pictures.nth(1).waitFor()
  expect(await tray.count()).toBe(0)
  // The previews are loaded, and their size was known before.
  await expect
    .poll(() => pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth > 0)))
    .toEqual([true, true])

  // The viewer, by keyboard alone.
  await bo.page.locator('hb-message-list button.picture').first().focus()
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

  // The hub is killed during the upload; the message is sent meanwhile and waits.
  const large = randomBytes(18 * 1024 * 1024)
  const path = join(newDataDir(), 'boat plans.bin')
  writeFileSync(path, large)
  let pieces = 0
  const killed = new Promise<void>((resolve) => {
    ann.page.on('request', (request) => {
      // The hub dies at the second part.
      if (request.method() === 'PATCH' && ++pieces === 2) void hub.kill('SIGKILL').then(() => resolve())
    })
  })
  await ann.page.locator('hb-attach-button input').setInputFiles(path)
  await ann.sendMessage('The plans')
  await killed
  // The page is closed and opened again before the hub is back.
  hub = await spawnHub(dataDir, ['--port', port])
  await ann.page.reload()
  await bo.waitForMessage('The plans')
  const link = bo.page.getByRole('link', { name: /^Download boat plans\.bin/ })
  const download = bo.page.waitForEvent('download')
  await link.click()
  const saved = await (await download).path()
  expect(readFileSync(saved).equals(large)).toBe(true)
  expect(await ann.page.locator('hb-message-list').getByText('The plans', { exact: true }).count()).toBe(1)

  // The files panel follows what is sent and deleted.
  await bo.page.getByRole('button', { name: 'Files and links in this chat' }).click()
  const panel = bo.page.locator('hb-files-panel')
  await expect.poll(() => panel.locator('.pictures button').count()).toBe(2)
  await ann.page
    .locator('hb-attach-button input')
    .setInputFiles([{ name: 'gull.jpg', mimeType: 'image/jpeg', buffer: await createPhoto(300, 200) }])
  await tray.getByText(', ready').waitFor()
  await ann.sendMessage('A gull')
  await panel.getByRole('button', { name: /^gull\.jpg/ }).waitFor()
  await ann.waitForMessage('A gull')
  await ann.page.locator('hb-message-list article', { hasText: 'A gull' }).focus()
  await ann.page.keyboard.press('Enter')
  await ann.page.getByRole('menuitem', { name: 'Delete for everyone' }).click()
  await panel.getByRole('button', { name: /^gull\.jpg/ }).waitFor({ state: 'detached' })
  expect(await panel.locator('.pictures button').count()).toBe(2)
  await bo.page.keyboard.press('Escape')

  // A phone’s video plays in place; a video the browser cannot play can be downloaded.
  await ann.page.locator('hb-attach-button input').setInputFiles([
    { name: 'film.mov', mimeType: 'video/quicktime', buffer: await recordVideo(ann.page) },
    {
      name: 'odd.mov',
      mimeType: 'video/quicktime',
      buffer: Buffer.from('\0\0\0\x14ftypqt  \0\0\0\0qt  ', 'latin1'),
    },
  ])
  await tray.getByText(', ready').nth(1).waitFor()
  await ann.sendMessage('Films')
  const video = bo.page.locator('hb-message-list video')
  await expect
    .poll(() => video.evaluateAll((all) => all.map((one) => (one as HTMLVideoElement).videoWidth)))
    .toEqual([160])
  await bo.page.getByRole('link', { name: /^Download odd\.mov/ }).waitFor()

  // A pasted picture becomes an attachment too, and can be removed.
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
  expect([...ann.consoleErrors, ...bo.consoleErrors]).toEqual([])
  await hub.kill('SIGTERM')
})

test('a very long picture is cropped in the conversation and opens whole', async () => {
  const hub = await spawnHub(newDataDir(), ['--port', '0'])
  const ann = await TestUser.setUp(hub.url, { code: 'test-code-1', username: 'ann' })
  const yard = await ann.createGroup('yard')
  for (const [width, height] of [
    [1080, 12_000],
    [12_000, 300],
  ] as const) {
    const bytes = await createPhoto(width, height)
    const id = await uploadFile(hub.url, ann.token, { name: `${width}.jpg`, bytes })
    const sent = { chatId: yard.id, cid: randomUUID(), text: '', attachments: [id] }
    await ann.request('messages.send', sent)
  }
  for (const size of [
    { width: 1280, height: 800 },
    { width: 400, height: 700 },
  ]) {
    const window = await AppWindow.open(browser, hub.url, size)
    await window.logIn('ann')
    await window.openChat('yard')
    const { page } = window
    const [long, wide] = [page.getByAltText('1080.jpg'), page.getByAltText('12000.jpg')]
    await expect.poll(() => long.evaluate((img) => (img as HTMLImageElement).naturalHeight)).toBe(2560)
    const boxes = [await long.boundingBox(), await wide.boundingBox()]
    expect(boxes[0]).toMatchObject({ width: 120, height: 320 })
    expect(boxes[1]?.height).toBe(120)
    expect(boxes[1]?.width).toBeGreaterThan(200)
    await page.getByRole('button', { name: 'Open 1080.jpg' }).click()
    const shown = await page.locator('hb-viewer img').boundingBox()
    expect((shown?.height ?? 0) / (shown?.width ?? 1)).toBeGreaterThan(10)
    expect(window.consoleErrors).toEqual([])
  }
})

test('a picture takes its room before the hub has made its preview, and nothing moves then', async () => {
  const { hub, ann } = await makeWorld()
  const yard = await ann.createGroup('yard')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('yard')
  // the decoder waits until the page has been seen without the preview
  const seen = Promise.withResolvers<void>()
  const { imageResizer } = hub.hub
  const resize = imageResizer.resize.bind(imageResizer)
  imageResizer.resize = (request) => seen.promise.then(() => resize(request))
  const bytes = await createPhoto(1200, 800)
  const attachments = [await uploadFile(hub.url, ann.token, { name: 'pier.jpg', bytes })]
  await ann.request('messages.send', { chatId: yard.id, cid: randomUUID(), text: '', attachments })
  await ann.sendMessage(yard.id, 'Below the picture')
  const { page } = window
  await window.waitForMessage('Below the picture')
  const below = page.getByText('Below the picture').last()
  const pending = page.getByRole('link', { name: 'pier.jpg: the preview isn’t ready yet' })
  await pending.waitFor()
  const before = [await pending.boundingBox(), await below.boundingBox()]
  expect(before[0]).toMatchObject({ width: 420, height: 280 })
  seen.resolve()
  const picture = page.getByRole('button', { name: 'Open pier.jpg' })
  await picture.waitFor()
  const image = picture.locator('img')
  await expect.poll(() => image.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(960)
  expect([await picture.boundingBox(), await below.boundingBox()]).toEqual(before)
  expect(window.consoleErrors).toEqual([])
})

test('pictures and members that failed to load while the hub was away appear when it is back', async () => {
  const { hub, ann, bo } = await makeWorld()
  const yard = await ann.createGroup('yard', [bo])
  const id = await uploadFile(hub.url, ann.token, { name: 'boat.jpg', bytes: await createPhoto(600, 400) })
  await ann.request('messages.send', { chatId: yard.id, cid: randomUUID(), text: '', attachments: [id] })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await page.route('**/preview*', (route) => route.abort())
  const picture = page.getByAltText('boat.jpg')
  const widthOfPicture = () => picture.evaluate((each: HTMLImageElement) => each.naturalWidth)
  await window.logIn('ann')
  await window.openChat('yard')
  await picture.waitFor()
  await window.openChat('Kitchen')
  // The messages are kept on this computer, the members are not.
  await page.reload()
  await window.composer.waitFor()
  await page.locator('hb-chat-list button.me').getByText('Active').waitFor({ state: 'attached' })

  await hub.close()
  await page
    .locator('hb-connection-banner')
    .getByText(/reach the hub|Reconnecting/)
    .waitFor()
  await window.openChat('yard')
  await picture.waitFor()
  await page.locator('hb-conversation-header button.who').click()
  const panel = page.locator('hb-member-panel')
  await panel.getByText('Members will load when the hub is back.').waitFor()
  expect(await widthOfPicture()).toBe(0)
  await page.unrouteAll()
  await hub.restart({ port: Number(new URL(hub.url).port) })
  await expect.poll(widthOfPicture, { timeout: 60_000 }).toBeGreaterThan(0)
  await panel.locator('li').first().waitFor()
  await window.context.close()
})

test('a message whose file is missing after a restart asks for it, and can be deleted', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await page.route('**/api/files', (route) => route.abort())
  await window.logIn('ann')
  await window.openChat('Kitchen')
  for (const text of ['The plans', 'The bill']) {
    const file = { name: `file of ${text}.txt`, mimeType: 'text/plain', buffer: Buffer.from(text) }
    await page.locator('hb-attach-button input').setInputFiles(file)
    await page.getByRole('listitem', { name: file.name }).waitFor()
    await window.sendMessage(text)
    await window.waitForUnsentMessage(text)
  }
  // as if the page had been closed before their records were on disk
  await page.goto(`${hub.url}/favicon.svg`)
  await page.evaluate(clearUploads)
  await page.goto(hub.url)
  await window.openChat('Kitchen')
  const [plans, bill] = ['The plans', 'The bill'].map((text) => page.locator('article', { hasText: text }))
  await plans?.getByText('Missing here. Choose it again.').waitFor()
  await bill?.getByRole('button', { name: 'Delete message' }).click()
  await bill?.waitFor({ state: 'detached' })
  const chooser = page.waitForEvent('filechooser')
  await plans?.getByRole('button', { name: 'Choose again' }).click()
  await page.unrouteAll()
  await (await chooser).setFiles({ name: 'plans.txt', mimeType: 'text/plain', buffer: Buffer.from('found') })
  await window.waitForMessage('The plans')
  await plans?.getByRole('link', { name: /plans\.txt/ }).waitFor()
  expect(window.consoleErrors).toEqual([])
})

test('a dropped folder is refused with words, and the files next to it are taken', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const folder = newDataDir()
  const file = join(newDataDir(), 'bill.txt')
  writeFileSync(file, 'bill')
  const cdp = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder, file], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: 800, y: 300, data })
  await page.getByText('A folder can’t be sent.').waitFor()
  await page.getByRole('listitem', { name: /^bill\.txt/ }).waitFor()
  expect(await page.getByRole('list', { name: 'Attachments' }).getByRole('listitem').count()).toBe(1)
  expect(window.consoleErrors).toEqual([])
})

/** Runs in the page. */
async function clearUploads(): Promise<void> {
  const [{ name = '' } = {}] = await indexedDB.databases()
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open(name)
    opening.onerror = () => reject(opening.error ?? new Error('IndexedDB failed'))
    opening.onsuccess = () => {
      const clearing = opening.result.transaction('uploads', 'readwrite').objectStore('uploads').clear()
      clearing.onsuccess = () => resolve()
    }
  })
}

test('files above the limits are refused with words that can be read', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const choose = async (files: string | { name: string; mimeType: string; buffer: Buffer }[]) => {
    const chooser = page.waitForEvent('filechooser')
    await window.clickButton('Attach files')
    await (await chooser).setFiles(files)
  }
  // sparse: it takes no room on the disk
  const file = join(newDataDir(), 'huge.bin')
  writeFileSync(file, '')
  truncateSync(file, 2_200 * 1024 * 1024)
  await choose(file)
  const reason = page.locator('hb-attachment-tray .failed .words', { hasText: 'Send a smaller one.' })
  await reason.waitFor()
  const isCut = await reason.evaluate(
    (element) => element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
  )
  expect(isCut).toBe(false)
  await window.clickButton('Remove huge.bin')

  await choose([{ name: 'boat.jpg', mimeType: 'image/jpeg', buffer: await createPhoto(200, 900) }])
  const card = page.locator('hb-attachment-tray li', { has: page.locator('img') })
  await card.waitFor()
  expect(await card.evaluate((element) => element.clientHeight)).toBe(50)
  await window.clickButton('Remove boat.jpg')

  await choose(
    Array.from({ length: 12 }, (_, n) => ({
      name: `page ${n}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    })),
  )
  await page.locator('hb-toasts').getByText('2 were left out').waitFor()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
