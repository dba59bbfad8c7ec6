// The composer in a real Chromium with a real hub: autocomplete, keys, pasting, and what other members see.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('mentions, emoji, formatting, shortcuts and pasted text reach the other member as written', async () => {
  const { hub, ann, bo } = await makeWorld()
  await ann.createGroup('Orders & invoices', [bo])
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const other = await AppWindow.open(browser, hub.url)
  await other.logIn('bo')
  await other.openChat('Kitchen')
  const { page, composer: field } = window
  const offers = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')
  const last = other.page.locator('hb-message-list article').last()

  // Autocomplete offers users, groups and emoji; the focus stays in the field.
  await field.pressSequentially('Hi @b')
  await expect.poll(() => offers.allInnerTexts().then((all) => all.join())).toContain('@bo')
  expect(await accessibilityProblems(page)).toEqual([])
  await field.press('Tab')
  await field.pressSequentially('see #ord')
  await offers.first().click()
  await field.pressSequentially(':tad')
  await expect.poll(() => offers.first().innerText()).toContain(':tada:')
  await field.press('Enter')
  expect(await field.inputValue()).toBe('Hi @bo see #[Orders & invoices] 🎉 ')
  await field.pressSequentially('@bo')
  await offers.first().waitFor()
  await field.press('Escape')
  await expect.poll(() => offers.count()).toBe(0)
  await field.pressSequentially('! :+1:')
  await field.press('Enter')
  const bos = last.getByRole('button', { name: '@bo' })
  await expect.poll(() => bos.count()).toBe(2)
  expect(await last.locator('.text').innerText()).toContain('#Orders & invoices 🎉 @')
  expect(await last.locator('.text').innerText()).toContain('👍')
  expect(await last.getAttribute('class')).toContain('calls')

  // A mention opens the user card, a group link its chat.
  await bos.first().click()
  await other.page.getByRole('complementary').getByText('@bo', { exact: false }).first().waitFor()
  await last.getByRole('button', { name: '#Orders & invoices' }).click()
  await other.page.getByRole('heading', { name: 'Orders & invoices' }).first().waitFor()
  await other.openChat('Kitchen')

  // Formatting shortcuts, which undo reverts.
  await field.fill('bold and code')
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(0, 4))
  await field.press('Control+b')
  expect(await field.inputValue()).toBe('**bold** and code')
  await field.press('Control+z')
  expect(await field.inputValue()).toBe('bold and code')
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(9, 13))
  await field.press('`')
  expect(await field.inputValue()).toBe('bold and `code`')

  // In a code block Enter makes a new line, and the preview shows the result.
  await field.fill('```js')
  await field.press('Enter')
  await field.pressSequentially('let a = 1')
  const preview = page.getByRole('group', { name: 'Preview' })
  await expect.poll(() => preview.locator('pre').innerText()).toBe('let a = 1')
  await field.press('Enter')
  await field.pressSequentially('```')
  await field.press('Enter')
  await expect.poll(() => last.locator('pre').innerText()).toBe('let a = 1')
  await expect.poll(() => last.locator('.hljs-keyword').allInnerTexts()).toEqual(['let'])
  expect(await field.inputValue()).toBe('')

  // Enter continues a list; commands are replaced by their text.
  await field.fill('- one')
  await field.press('Shift+Enter')
  await field.pressSequentially('two')
  expect(await field.inputValue()).toBe('- one\n- two')
  await field.press('Enter')
  await expect.poll(() => last.locator('li').allInnerTexts()).toEqual(['one', 'two'])
  await window.sendMessage('/shrug well')
  await expect.poll(() => last.locator('.text').innerText()).toBe('well ¯\\_(ツ)_/¯')

  // Pasted HTML becomes Markdown, an address pasted over a selection becomes a link.
  const paste = (plain: string, rich: string) =>
    field.evaluate(
      (area: HTMLTextAreaElement, [text, html]) => {
        const data = new DataTransfer()
        data.setData('text/plain', text as string)
        if (html) data.setData('text/html', html)
        area.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        )
      },
      [plain, rich],
    )
  await field.fill('')
  await paste('a b', '<b onclick="x()">a</b> <script>alert(1)</script><img src=x onerror=alert(1)><i>b</i>')
  await expect.poll(() => field.inputValue()).toBe('**a** *b*')
  await field.fill('these minutes')
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(6, 13))
  await paste('https://example.org/m', '')
  await expect.poll(() => field.inputValue()).toBe('these [minutes](https://example.org/m)')
  await field.press('Enter')
  await expect.poll(() => last.locator('a').getAttribute('href')).toBe('https://example.org/m')

  // HTML is shown as text, and the chat list shows text without Markdown.
  const hostile = `<img src=x onerror=alert(1)> [x](${'javascript'}:alert(1)) **bold**`
  await window.sendMessage(hostile)
  await expect
    .poll(() => last.locator('.text').innerText())
    .toBe(`<img src=x onerror=alert(1)> [x](${'javascript'}:alert(1)) bold`)
  expect(await last.locator('img, a').count()).toBe(0)
  await other.chatRow('Kitchen').getByText('alert(1)) bold').first().waitFor()
  expect(await accessibilityProblems(other.page)).toEqual([])
  expect([window.consoleErrors, other.consoleErrors]).toEqual([[], []])
  await Promise.all([window.context.close(), other.context.close()])
})

test('the emoji picker works by keyboard and remembers the skin tone', async () => {
  const { hub } = await makeWorld()
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const { page, composer: field } = window
  const search = page.getByRole('combobox', { name: 'Search emoji' })
  await field.fill('well ')
  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  await search.waitFor()
  const picker = page.locator('hb-emoji-picker')
  await picker.getByRole('option').first().waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  // Only some of the emoji are in the document.
  expect(await picker.getByRole('option').count()).toBeLessThan(500)

  await picker.getByRole('button', { name: 'Skin tone: Yellow' }).click()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await search.fill('waving')
  await expect.poll(() => picker.getByRole('option', { selected: true }).innerText()).toBe('👋🏼')
  await search.press('Enter')
  await expect.poll(() => field.inputValue()).toBe('well 👋🏼')
  await expect.poll(() => picker.count()).toBe(0)

  await page.reload()
  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  await expect.poll(() => picker.getByRole('option').first().innerText()).toBe('👋🏼')
  await search.press('Escape')
  await expect.poll(() => picker.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a paste of HTML without a text inserts its words, and one without words says so', async () => {
  const { hub, kitchen, bo } = await makeWorld()
  await bo.sendMessage(kitchen.id, 'Hello')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const { page, composer: field } = window
  const paste = async (parts: Record<string, string>) => {
    await field.fill('')
    await field.evaluate((area, given) => {
      const data = new DataTransfer()
      for (const [type, content] of Object.entries(given)) data.setData(type, content)
      area.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    }, parts)
  }
  const refusal = page.getByText('There is no text on the clipboard to paste.')

  // Without a plain text, and with a blank one; formatted, plain, a table.
  for (const blank of [{}, { 'text/plain': '' }, { 'text/plain': ' \n' }]) {
    await paste({ ...blank, 'text/html': '<p>Some <b>bold</b> words</p>' })
    await expect.poll(() => field.inputValue()).toBe('Some **bold** words')
    await paste({ ...blank, 'text/html': '<span>just words</span>' })
    await expect.poll(() => field.inputValue()).toBe('just words')
  }
  await paste({ 'text/html': '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>' })
  await expect.poll(() => field.inputValue()).toMatch(/a[\s\S]*b[\s\S]*c[\s\S]*d/)
  // In code the words alone.
  await field.fill('```\n')
  await field.evaluate((area) => {
    const data = new DataTransfer()
    data.setData('text/html', '<p>a <b>b</b></p>')
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await expect.poll(() => field.inputValue()).toBe('```\na b')

  expect(await refusal.count()).toBe(0)
  await paste({ 'text/html': '<img src="https://x.example/a.png">' })
  await refusal.waitFor()
  await field.pressSequentially('x')
  await refusal.waitFor({ state: 'detached' })
  await paste({ 'text/rtf': '{\\rtf1 words}' })
  await refusal.waitFor()
  // An empty clipboard is no mistake.
  await paste({})
  await refusal.waitFor({ state: 'detached' })
  expect(await field.inputValue()).toBe('')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a text that is too long for a message is attached as a file by one press', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const { page, composer: field } = window
  const paste = (length: number) =>
    field.evaluate((area, count) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', 'log line\n'.repeat(count / 9))
      area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, length)
  // A log of megabytes would stop the page for minutes, so it is no text of the field at any time.
  await field.fill('the log')
  await paste(9_000_000)
  await page.locator('hb-attachment-tray').getByText('ready').waitFor()
  expect(await field.inputValue()).toBe('the log')
  await field.press('Enter')
  await window.waitForMessage('the log')
  await field.press('ArrowUp')
  await paste(900_000)
  await page.getByText('This text is too long to paste here').waitFor()
  await field.press('Escape')

  const text = 'über 16 KiB\n'.repeat(2_000)
  await field.fill(text)
  await page.getByRole('button', { name: 'Attach it as a file' }).press('Enter')
  await page.locator('hb-attachment-tray').getByText('ready').waitFor()
  expect(await field.inputValue()).toBe('')
  expect(await field.evaluate((area) => area.matches(':focus'))).toBe(true)
  await field.press('Enter')
  const link = page
    .locator('hb-message-list article')
    .last()
    .getByRole('link', { name: /Text.*\.txt/ })
  const address = new URL((await link.getAttribute('href')) ?? '', hub.url).href
  expect(await (await page.request.get(address)).text()).toBe(text)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
