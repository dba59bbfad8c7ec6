// The two walks of docs/accessibility.md: with the keyboard alone, and through the accessibility tree of Chromium. The document
// says what the keys do and where the focus is then; this walks it.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { password } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

const file = fileURLToPath(new URL('../../docs/accessibility.md', import.meta.url))

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

interface Step {
  action: string
  keys: string
  focus: string
}

/** The rows of the table below a heading of the document. */
function stepsBelow(heading: string): Step[] {
  const text = readFileSync(file, 'utf8')
  const section = text.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const [action = '', keys = '', focus = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim())
      return { action, keys, focus }
    })
}

const keyNames: Record<string, string> = {
  ...{
    Ctrl: 'Control',
    Esc: 'Escape',
    '↑': 'ArrowUp',
    '↓': 'ArrowDown',
    '←': 'ArrowLeft',
    '→': 'ArrowRight',
  },
}

/** Presses `` `Ctrl+K` ``, types “soup”. */
async function press(page: Page, keys: string): Promise<void> {
  for (const { groups = {} } of keys.matchAll(/`(?<key>[^`]+)`|“(?<text>[^”]*)”/g)) {
    if (groups['text'] !== undefined) {
      await page.keyboard.type(groups['text'] === 'the password' ? password : groups['text'])
      continue
    }
    const parts = (groups['key'] ?? '').split('+').map((part) => keyNames[part] ?? part)
    await page.keyboard.press(parts.map((part) => (part.length === 1 ? part.toLowerCase() : part)).join('+'))
  }
}

interface AxNode {
  nodeId: string
  parentId?: string
  ignored: boolean
  role?: { value: string }
  name?: { value: string }
  childIds?: string[]
}

/** The role and the name of the element with the focus, in the accessibility tree. */
async function focusedNode(cdp: CDPSession): Promise<string> {
  const { result } = await cdp.send('Runtime.evaluate', {
    expression: `(() => {
      let active = document.activeElement
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
      return active
    })()`,
  })
  if (result.objectId === undefined) return ''
  const { nodes } = await cdp.send('Accessibility.getPartialAXTree', {
    objectId: result.objectId,
    fetchRelatives: false,
  })
  const [node] = nodes as unknown as AxNode[]
  return node ? describe(node) : ''
}

function describe({ role, name }: AxNode): string {
  const label = (name?.value ?? '')
    .replaceAll(/[\u2066-\u2069\u200e\u200f]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return label === '' ? (role?.value ?? '') : `${role?.value ?? ''} “${label}”`
}

/** `link “Kitchen…”` means any link whose name begins so. */
function fits(found: string, wanted: string): boolean {
  const open = /^(.*)…”$/.exec(wanted)?.[1]
  return open === undefined ? found === wanted : found.startsWith(open)
}

async function openWorld(size?: { width: number; height: number }) {
  const world = await makeWorld({ loadTest: true })
  const { ann, bo, kitchen, direct, hub } = world
  const parent = await bo.sendMessage(kitchen.id, 'Who brings the bread?')
  await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'I do', thread: parent.id },
  })
  await ann.sendMessage(kitchen.id, 'Soup at noon')
  await ann.request('chats.read', { chatId: kitchen.id, no: 1 })
  await bo.sendMessage(direct.id, 'Are you there?')
  const garden = await bo.createGroup('Garden', [ann])
  await bo.sendMessage(garden.id, 'It rains')
  const window = await AppWindow.open(browser, hub.url, size)
  const cdp = await window.context.newCDPSession(window.page)
  return { ...world, window, page: window.page, cdp }
}

test('the walk with the keyboard alone leads where docs/accessibility.md says', async () => {
  const { window, page, cdp } = await openWorld()
  const steps = stepsBelow('A walk with the keyboard alone')
  expect(steps.length).toBeGreaterThan(40)
  for (const { action, keys, focus } of steps) {
    // a user presses the next key once the messages are there
    await expect.poll(() => page.locator('[role=log][aria-busy=true]').count()).toBe(0)
    await press(page, keys)
    const focused = async () => {
      const found = await focusedNode(cdp)
      return fits(found, focus) ? focus : found
    }
    await expect.poll(focused, { message: `the user ${action}: ${keys}` }).toBe(focus)
  }
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
}, 120_000)

/** Roles that say nothing by themselves, or are the words of what is around them. */
const silentRoles = new Set([
  ...['RootWebArea', 'none', 'generic', 'StaticText', 'InlineTextBox', 'ListMarker', 'paragraph', 'image'],
  ...['LineBreak', 'kbd', 'Abbr', 'time', 'emphasis', 'strong', 'code'],
])

/** The tree as a screen reader walks it, each node on a line, without times. */
async function outline(cdp: CDPSession): Promise<string> {
  const { nodes } = await cdp.send('Accessibility.getFullAXTree')
  const byId = new Map((nodes as unknown as AxNode[]).map((node) => [node.nodeId, node]))
  const lines: string[] = []
  const walk = (node: AxNode, depth: number): void => {
    const isShown = !node.ignored && !silentRoles.has(node.role?.value ?? '')
    if (isShown) lines.push(`${'  '.repeat(depth)}${describe(node).replaceAll(/\b\d{1,2}:\d\d\b/g, '0:00')}`)
    for (const id of node.childIds ?? []) {
      const child = byId.get(id)
      if (child) walk(child, depth + (isShown ? 1 : 0))
    }
  }
  const [root] = nodes as unknown as AxNode[]
  if (root) walk(root, 0)
  return lines.join('\n')
}

test('the accessibility tree of an open thread is the one of docs/accessibility.md', async () => {
  const { window, page, cdp } = await openWorld()
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await page.locator('.column hb-message-list article', { hasText: 'Who brings' }).focus()
  await page.keyboard.press('t')
  await page.locator('hb-thread-panel').getByText('I do').waitFor()
  const [, wanted = ''] =
    /## A walk through the accessibility tree[^]*?```text\n([^]*?)\n```/.exec(readFileSync(file, 'utf8')) ??
    []
  await expect.poll(() => outline(cdp)).toBe(wanted)
  await window.context.close()
})

/** What sticks out of the window at the side, apart from what scrolls by itself. */
function stickingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const look = (root: Document | ShadowRoot): void => {
      for (const element of root.querySelectorAll<HTMLElement>('*')) {
        if (element.shadowRoot) look(element.shadowRoot)
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
        const { left, right, width, height } = element.getBoundingClientRect()
        if (width <= 1 || height <= 1 || (right <= innerWidth + 1 && left >= -1)) continue
        if (!element.closest('pre, table, .code, hb-toasts'))
          found.push(`${element.localName}.${element.className}`)
      }
    }
    look(document)
    return found
  })
}

// 1280 × 1024 pixels at 400 %
test('at 400 % zoom nothing scrolls to the side, and messages and composer are in view', async () => {
  const height = 256
  const { window, page, hub } = await openWorld({ width: 320, height })
  const problems: string[] = []
  const check = async (screen: string): Promise<void> => {
    const isWide = await page.evaluate(() => document.scrollingElement!.scrollWidth > innerWidth)
    if (isWide) problems.push(`${screen}: scrolls to the side`)
    for (const what of await stickingOut(page)) problems.push(`${screen}: ${what}`)
  }
  await check('login')
  await window.logIn('ann')
  await window.chatRow('Kitchen').waitFor()
  await check('list')
  await window.openChat('Kitchen')
  await window.waitForMessage('Soup at noon')
  await check('conversation')
  const log = await page.getByRole('log').boundingBox()
  if ((log?.height ?? 0) < 60) problems.push(`conversation: ${log?.height} px for the messages`)
  const field = await window.composer.boundingBox()
  if (!field || field.y + field.height > height) problems.push('conversation: the composer is out of view')
  await page.keyboard.press('Control+f')
  await page.locator('hb-search').getByRole('textbox').fill('soup')
  await page.locator('hb-search .hit').waitFor()
  await check('search')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+/')
  await page.locator('hb-shortcuts dialog[open]').waitFor()
  await check('shortcuts')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.locator('hb-switcher dialog[open]').waitFor()
  await check('switcher')
  await page.keyboard.press('Escape')
  for (const path of ['settings/profile', 'settings/appearance', 'saved']) {
    await page.goto(`${hub.url}/${path}`)
    await page.locator('h1, h2').first().waitFor({ state: 'attached' })
    await page.locator('hb-settings .content, hb-saved').first().waitFor()
    await check(path)
  }
  expect(problems).toEqual([])
  await window.context.close()
})
