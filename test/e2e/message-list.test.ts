// The message list over stores of its own (renderer/app/message-list-bench.ts), built and served under the hub's own headers, in
// a real Chromium: a store knows nothing of layout.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { securityHeaders } from '../../shared/page-headers.ts'
import { launchBrowser } from '../support/browser.ts'

/** See renderer/app/message-list-bench.ts. */
interface BenchWindow {
  bench: {
    readCalls: number
    waiting: number
    deliver(): void
    unread: number
    receive(text: string, author?: string, isNew?: boolean): void
    settle(): void
    fail(reason: string): void
  }
}

let browser: Browser
let server: Server
let folder: string
let base: string
let page: Page
let consoleErrors: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hubbub-message-list-'))
  await build({
    configFile: 'vite.config.ts',
    logLevel: 'error',
    build: { outDir: folder, rollupOptions: { input: 'renderer/app/message-list-bench.html' } },
  })
  server = createServer((request, response) => void serveFile(request.url ?? '/', response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app/message-list-bench.html`
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
  await rm(folder, { recursive: true, force: true })
})

afterEach(async () => {
  await page.close()
  expect(consoleErrors).toEqual([])
})

async function serveFile(url: string, response: ServerResponse): Promise<void> {
  const name = path.join(folder, path.normalize(url.split('?', 1)[0] as string))
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  try {
    const body = await readFile(name)
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': types[path.extname(name)] ?? 'font/woff2',
    })
    response.end(body)
  } catch {
    response.writeHead(204).end()
  }
}

async function openBench(query: string, size = { width: 1000, height: 700 }): Promise<void> {
  consoleErrors = []
  page = await browser.newPage({ viewport: size })
  page.on('pageerror', (error) => consoleErrors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text())
  })
  await page.goto(`${base}?${query}`)
  await page.locator('hb-message-list #content > *').first().waitFor()
  await waitForFrames()
}

/** Waits until the page has drawn the change and what followed from it. */
async function waitForFrames(): Promise<void> {
  await page.evaluate(async () => {
    for (let at = 0; at < 3; at += 1) await new Promise((next) => requestAnimationFrame(next))
  })
}

interface VisibleRow {
  key: string
  top: number
  bottom: number
}

/** The rows in view and the scroll state of the list. */
async function readViewport(): Promise<{
  rows: VisibleRow[]
  real: number
  toEnd: number
  scrollTop: number
}> {
  return page.locator('hb-message-list #scroller').evaluate((scroller) => {
    const box = scroller.getBoundingClientRect()
    const articles = [...scroller.querySelectorAll('article')]
    const rows = articles
      .map((article) => ({ key: article.dataset.key as string, ...article.getBoundingClientRect().toJSON() }))
      .filter(({ top, bottom }) => bottom > box.top && top < box.bottom)
      .map(({ key, top, bottom }) => ({ key, top: top - box.top, bottom: bottom - box.top }))
    const { scrollHeight, scrollTop, clientHeight } = scroller
    return { rows, real: articles.length, toEnd: scrollHeight - scrollTop - clientHeight, scrollTop }
  })
}

async function scrollBy(distance: number): Promise<void> {
  const from = await readViewport()
  await page
    .locator('hb-message-list #scroller')
    .evaluate((scroller, by) => (scroller.scrollTop += by), distance)
  await expect.poll(async () => (await readViewport()).scrollTop === from.scrollTop).toBe(false)
  await waitForFrames()
}

test('a chat of 100,000 messages opens at its end with a bounded number of rows', async () => {
  await openBench('count=100000')
  const { rows, real, toEnd } = await readViewport()
  expect(rows.at(-1)?.key).toBe('c100000')
  expect(toEnd).toBeLessThanOrEqual(1)
  expect(real).toBeLessThanOrEqual(260)
})

test('scrolling through hundreds of messages never moves the rows in view', async () => {
  await openBench('count=100000')
  const seen = new Set<string>()
  for (let step = 0; step < 60; step += 1) {
    const before = await readViewport()
    before.rows.forEach((row) => seen.add(row.key))
    await scrollBy(-450)
    const after = await readViewport()
    const kept = before.rows.find((row) => after.rows.some((each) => each.key === row.key)) as VisibleRow
    const now = after.rows.find((row) => row.key === kept.key) as VisibleRow
    expect(Math.abs(now.top - kept.top - 450)).toBeLessThanOrEqual(1)
    expect(after.real).toBeLessThanOrEqual(260)
  }
  // The virtual window must have moved, otherwise the test proves nothing.
  expect(seen.size).toBeGreaterThan(300)
})

test('older messages load above without a jump, also at the very top', async () => {
  await openBench('count=3000&paged&held-history')
  // Two screens above the viewport are drawn at a time: the very top is where no more come.
  await expect
    .poll(async () => {
      await page.locator('hb-message-list #scroller').evaluate((scroller) => (scroller.scrollTop = 0))
      await waitForFrames()
      return (await readViewport()).scrollTop
    })
    .toBe(0)
  await page.waitForFunction(() => (window as unknown as BenchWindow).bench.waiting > 0)
  const before = await readViewport()
  const first = before.rows[0] as VisibleRow
  await page.evaluate(() => (window as unknown as BenchWindow).bench.deliver())
  await waitForFrames()
  const after = await readViewport()
  const now = after.rows.find((row) => row.key === first.key) as VisibleRow
  expect(Math.abs(now.top - first.top)).toBeLessThanOrEqual(1)
  expect(after.scrollTop).toBeGreaterThan(before.scrollTop + 500)
})

test('a new message keeps the list at its end; away from the end nothing moves and a pill leads back', async () => {
  await openBench('count=500')
  await page.evaluate(() => (window as unknown as BenchWindow).bench.receive('one more\nof three\nlines'))
  await waitForFrames()
  expect((await readViewport()).toEnd).toBeLessThanOrEqual(1)

  await scrollBy(-900)
  const before = await readViewport()
  await page.evaluate(() => (window as unknown as BenchWindow).bench.receive('and another'))
  await waitForFrames()
  expect((await readViewport()).rows).toEqual(before.rows)

  await page.locator('hb-message-list #to-end').click()
  await expect.poll(async () => (await readViewport()).toEnd).toBeLessThanOrEqual(1)
  await expect.poll(() => page.locator('hb-message-list #to-end').count()).toBe(0)
})

test('a chat opens at the first unread message and is marked read only when its end is in view', async () => {
  await openBench('count=2000&unread=150')
  const divider = page.locator('hb-message-list .new')
  await divider.waitFor()
  const top = await divider.evaluate((element) => element.getBoundingClientRect().top)
  expect(top).toBeGreaterThan(56)
  expect(top).toBeLessThan(350)
  expect(await page.evaluate(() => (window as unknown as BenchWindow).bench.readCalls)).toBe(0)
  expect(await page.locator('hb-message-list #to-end').innerText()).toMatch(/\d+ new/)

  await page.locator('hb-message-list #scroller').press('End')
  await page.waitForFunction(() => (window as unknown as BenchWindow).bench.readCalls > 0)
})

test('a chat opens at the first unread message also when that is not loaded yet', async () => {
  await openBench('count=2000&paged&unread=150')
  const divider = page.locator('hb-message-list .new')
  await divider.waitFor()
  await waitForFrames()
  const top = await divider.evaluate((element) => element.getBoundingClientRect().top)
  expect(top).toBeGreaterThan(56)
  expect(top).toBeLessThan(350)
})

test('in an inactive window new messages stay in view and are not marked read', async () => {
  await openBench('count=300')
  await page.evaluate(() => (document.hasFocus = () => false))
  for (let at = 0; at < 30; at += 1) {
    await page.evaluate(
      (no) => (window as unknown as BenchWindow).bench.receive(`number ${no}\nof thirty`, 'u1', no === 0),
      at,
    )
    await waitForFrames()
  }
  const top = await page
    .locator('hb-message-list .new')
    .evaluate((element) => element.getBoundingClientRect().top)
  expect(top).toBeGreaterThan(56)
  expect(top).toBeLessThan(200)
  expect(await page.evaluate(() => (window as unknown as BenchWindow).bench.unread)).toBe(30)
  expect(await page.locator('hb-message-list #to-end').innerText()).toContain('30 new')
})

test('a message keeps its row from waiting to sent', async () => {
  await openBench('count=50&held')
  await page.keyboard.type('On its way')
  await page.keyboard.press('Enter')
  const own = page.locator('hb-message-list article').last()
  await expect.poll(() => own.getAttribute('class')).toContain('sending')
  await own.evaluate((element) => element.setAttribute('data-same', 'yes'))
  await page.evaluate(() => (window as unknown as BenchWindow).bench.settle())
  await expect.poll(() => own.getAttribute('class')).not.toContain('sending')
  expect(await own.getAttribute('data-same')).toBe('yes')
  expect(await page.locator('hb-composer textarea').inputValue()).toBe('')
})

test('a failed message shows the reason and can be retried or discarded', async () => {
  await openBench('count=50&held')
  await page.keyboard.type('Not this time')
  await page.keyboard.press('Enter')
  await page.evaluate(() => (window as unknown as BenchWindow).bench.fail('You are no longer in this group.'))
  const own = page.locator('hb-message-list article').last()
  await expect.poll(() => own.innerText()).toContain('You are no longer in this group.')
  await own.getByRole('button', { name: 'Retry' }).click()
  await expect.poll(() => own.getAttribute('class')).toContain('sending')
  await page.evaluate(() => (window as unknown as BenchWindow).bench.fail('Again.'))
  await own.getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => own.innerText()).not.toContain('Not this time')
})

test('HTML in a message is shown as typed, and only web and mail addresses become links', async () => {
  await openBench('chat=empty')
  const text =
    '<img src=x onerror="x()"> javascript:alert(1) https://example.org/a_(b). mailto:ann@example.org'
  await page.evaluate((words) => (window as unknown as BenchWindow).bench.receive(words), text)
  const row = page.locator('hb-message-list article').last()
  expect(await row.locator('.text').innerText()).toBe(text)
  expect(await row.locator('img').count()).toBe(0)
  const links = await row
    .locator('a')
    .evaluateAll((all) => all.map((a) => ({ href: a.getAttribute('href'), rel: a.getAttribute('rel') })))
  const rel = 'noopener noreferrer nofollow'
  expect(links).toEqual([
    { href: 'https://example.org/a_(b)', rel },
    { href: 'mailto:ann@example.org', rel },
  ])
})

test('a very long message is folded and unfolds in place', async () => {
  await openBench('count=40')
  await scrollBy(-500)
  const row = page.locator('hb-message-list article', { has: page.locator('.fold') }).last()
  await row.scrollIntoViewIfNeeded()
  await waitForFrames()
  const folded = await row.boundingBox()
  await row.getByRole('button', { name: 'Show more' }).press('Enter')
  await waitForFrames()
  const unfolded = await row.boundingBox()
  expect(unfolded?.height).toBeGreaterThan(4000)
  expect(Math.abs((unfolded?.y ?? 0) - (folded?.y ?? 0))).toBeLessThanOrEqual(1)
})

test('Enter sends, Shift+Enter makes a new line, and Enter of a composing input method does not send', async () => {
  await openBench('count=10&held')
  const field = page.locator('hb-composer textarea')
  await page.keyboard.type('first')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('second')
  expect(await field.inputValue()).toBe('first\nsecond')
  await field.evaluate((element) => {
    const composing = { key: 'Enter', bubbles: true, composed: true, cancelable: true }
    element.dispatchEvent(new KeyboardEvent('keydown', { ...composing, isComposing: true }))
    element.dispatchEvent(new KeyboardEvent('keydown', { ...composing, keyCode: 229 }))
  })
  expect(await field.inputValue()).toBe('first\nsecond')
  await page.keyboard.press('Enter')
  expect(await field.inputValue()).toBe('')
  const last = page.locator('hb-message-list article').last()
  await expect.poll(() => last.locator('.text').innerText()).toBe('first\nsecond')
})

test('a text that is too long is kept, counted and explained', async () => {
  await openBench('count=10&held')
  const field = page.locator('hb-composer textarea')
  await field.fill('x'.repeat(16 * 1024 + 3))
  await expect.poll(() => page.locator('hb-composer .foot').innerText()).toContain('3 bytes too many')
  await field.press('Enter')
  expect(await field.inputValue()).toHaveLength(16 * 1024 + 3)
  expect(await page.locator('hb-composer [role=alert]').innerText()).toContain('This message is too long')
})

test('pasted text loses control characters and carriage returns', async () => {
  await openBench('count=10')
  const field = page.locator('hb-composer textarea')
  await field.focus()
  await field.evaluate((element) => {
    const data = new DataTransfer()
    data.setData('text/plain', 'a\r\nb\u0007\rc\td')
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    )
  })
  expect(await field.inputValue()).toBe('a\nb\nc\td')
})

test('scrolling through a long chat leaves no nodes behind', async () => {
  await openBench('count=5000')
  const countNodes = () =>
    page.locator('hb-message-list').evaluate((list) => {
      const walker = document.createTreeWalker(list.shadowRoot as ShadowRoot, NodeFilter.SHOW_ALL)
      let nodes = 0
      let comments = 0
      while (walker.nextNode()) {
        nodes += 1
        if (walker.currentNode.nodeType === Node.COMMENT_NODE) comments += 1
      }
      return { nodes, comments, rows: (list.shadowRoot as ShadowRoot).querySelectorAll('article').length }
    })
  const sweep = () =>
    page.locator('hb-message-list').evaluate(async (list) => {
      const scroller = (list.shadowRoot as ShadowRoot).querySelector('#scroller') as HTMLElement
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      for (const direction of [-1, 1, -1, 1]) {
        for (let step = 0; step < 25; step += 1) {
          scroller.scrollBy({ top: direction * 1500 })
          await frame()
        }
      }
    })
  await sweep()
  const before = await countNodes()
  await sweep()
  await sweep()
  const after = await countNodes()
  // The window of rows may differ; the nodes for each row may not.
  expect(after.comments / after.rows).toBeLessThan((before.comments / before.rows) * 1.2)
  expect(after.comments).toBeLessThan(60 * after.rows)
  expect(after.nodes).toBeLessThan(before.nodes * 1.5)
})
