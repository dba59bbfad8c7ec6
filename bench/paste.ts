/*
 * node bench/paste.ts: long pastes into the composer in Chromium, as ratios. It pastes 1,000 and 10,000 lines with CRLF, and
 * lists of 150 and 1,500 items as HTML, and prints how many times longer the tenfold takes: 10 is linear. It also prints the
 * milliseconds of the insertion, those until the page has drawn it, those of one undo, and the ratio to
 * what the browser needs to show the same text.
 *
 * Needs the built page (`npm run build`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Page } from 'playwright-core'
import { startHub } from '../server/start.ts'
import { launchBrowser } from '../test/support/browser.ts'

const password = 'bench-password-1'
const rounds = 5

interface Timing {
  insertMs: number
  drawnMs: number
  undoMs: number
  /** The least that the browser needs to show the text: it is set without undo, and laid out. */
  shownMs: number
}

const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-paste-'))
const hub = await startHub({
  ...{ dataDir, host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: true, setupCode: 'bench-code' },
  log: pino({ level: 'silent' }),
})
const browser = await launchBrowser()
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  await openChat(page)
  const line = (at: number) => `2026-11-29 12:00:00 line ${at} of a log: GET /users?id=${at} <ok>`
  const plain = (count: number) => Array.from({ length: count }, (_, at) => line(at)).join('\r\n')
  const rich = (count: number) =>
    `<ul>${Array.from({ length: count }, (_, at) => `<li>item <b>${at}</b></li>`).join('')}</ul>`
  report('lines with CRLF', 10_000, await compare(page, (count) => ({ plain: plain(count) }), 10_000))
  report(
    'list items of HTML',
    1_500,
    await compare(page, (count) => ({ plain: 'list', rich: rich(count) }), 1_500),
  )
} finally {
  await browser.close()
  await hub.close()
  rmSync(dataDir, { recursive: true, force: true })
}

async function openChat(page: Page): Promise<void> {
  const owner = {
    code: 'bench-code',
    hubName: 'Bench',
    registration: 'open',
    username: 'ann',
    displayName: 'Ann',
  }
  await post('/api/setup', { ...owner, password })
  await post('/api/register', { username: 'bo', displayName: 'Bo', password })
  await page.goto(hub.url)
  await page.getByLabel('Username', { exact: true }).fill('ann')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'New chat or group' }).click()
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = page.locator('hb-new-group')
  await dialog.getByLabel('Name', { exact: true }).first().fill('Kitchen')
  await dialog.getByRole('button', { name: /^Create/ }).click()
  await page.getByRole('textbox', { name: /^Message / }).waitFor()
}

async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-hubbub-client': 'token' }
  const response = await fetch(hub.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

type Clipboard = { plain: string; rich?: string }

/** The tenth and the whole, in turn: other programs of the machine slow both. */
async function compare(page: Page, clipboard: (count: number) => Clipboard, count: number) {
  const tenth: Timing[] = []
  const whole: Timing[] = []
  for (let round = 0; round < rounds; round += 1) {
    tenth.push(await measurePaste(page, clipboard(count / 10)))
    whole.push(await measurePaste(page, clipboard(count)))
  }
  return { tenth: median(tenth), whole: median(whole) }
}

function measurePaste(page: Page, clipboard: Clipboard): Promise<Timing> {
  return page
    .getByRole('textbox', { name: /^Message / })
    .evaluate(async (area: HTMLTextAreaElement, content) => {
      area.focus()
      area.select()
      document.execCommand('delete')
      const data = new DataTransfer()
      data.setData('text/plain', content.plain)
      if (content.rich !== undefined) data.setData('text/html', content.rich)
      const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      const inserted = new Promise((resolve) => area.addEventListener('input', resolve, { once: true }))
      const startedAt = performance.now()
      area.dispatchEvent(event)
      await inserted
      const insertMs = performance.now() - startedAt
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      const drawnMs = performance.now() - startedAt
      const pasted = area.value
      const undoneAt = performance.now()
      document.execCommand('undo')
      const undoMs = performance.now() - undoneAt
      if (area.value !== '') throw new Error('the undo did not take out the paste')
      const shownAt = performance.now()
      area.value = pasted
      void area.scrollHeight
      const shownMs = performance.now() - shownAt
      return { insertMs, drawnMs, undoMs, shownMs }
    }, clipboard)
}

function median(timings: Timing[]): Timing {
  const of = (pick: (timing: Timing) => number) =>
    timings.map(pick).sort((a, b) => a - b)[timings.length >> 1] as number
  return {
    insertMs: of((each) => each.insertMs),
    drawnMs: of((each) => each.drawnMs),
    undoMs: of((each) => each.undoMs),
    shownMs: of((each) => each.shownMs),
  }
}

function report(what: string, count: number, { tenth, whole }: { tenth: Timing; whole: Timing }): void {
  const ratio = (pick: (timing: Timing) => number) => (pick(whole) / pick(tenth)).toFixed(1)
  console.log(
    `${count} ${what}: inserted in ${whole.insertMs.toFixed(0)} ms, drawn in ${whole.drawnMs.toFixed(0)} ms, undone in ${whole.undoMs.toFixed(0)} ms; ` +
      `ratio to a tenth of them: ${ratio((each) => each.insertMs)} inserted, ${ratio((each) => each.drawnMs)} drawn; ` +
      `${(whole.drawnMs / whole.shownMs).toFixed(1)} times what the browser needs to show the text`,
  )
}
