// What is typed and pasted is what is stored, in a real Chromium with a real hub.
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

interface Clipboard {
  plain?: string
  rich?: string
  files?: { name: string; type: string }[]
}

/** Pastes and returns the number of input events that the field has sent. */
function paste(field: Locator, clipboard: Clipboard): Promise<number> {
  return field.evaluate((area: HTMLTextAreaElement, { plain, rich, files = [] }) => {
    const data = new DataTransfer()
    if (plain !== undefined) data.setData('text/plain', plain)
    if (rich !== undefined) data.setData('text/html', rich)
    for (const { name, type } of files) data.items.add(new File(['x'], name, { type }))
    let count = 0
    const onInput = () => (count += 1)
    area.addEventListener('input', onInput)
    area.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true, composed: true }),
    )
    area.removeEventListener('input', onInput)
    return count
  }, clipboard)
}

async function openKitchen() {
  const world = await makeWorld()
  const window = await AppWindow.open(browser, world.hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const stored = async () => {
    const { messages } = await world.bo.request('messages.list', { chatId: world.kitchen.id })
    return messages
  }
  const storedTexts = async () => (await stored()).map((each) => ('text' in each ? each.text : ''))
  return { ...world, window, field: window.composer, page: window.page, stored, storedTexts }
}

test('paths, addresses and comments are stored as typed, and an unknown command is asked about', async () => {
  const { window, field, page, storedTexts } = await openKitchen()
  const typed = [
    '//nas/projects/boat',
    '// TODO',
    'https://example.com/users/:id:/posts and GET /users/:id:/posts',
    'del C:\\temp\\*.*',
    '/etc/hosts',
  ]
  for (const text of typed) {
    await window.sendMessage(text)
    await window.waitForMessage(text)
  }
  await field.fill('/remind me')
  await field.press('Enter')
  const dialog = page.locator('hb-confirm')
  await dialog.getByText('There is no command /remind').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => field.evaluate((area) => area.matches(':focus'))).toBe(true)
  expect(await field.inputValue()).toBe('/remind me')
  await field.press('Enter')
  await dialog.getByRole('button', { name: 'Send as message' }).click()
  await window.waitForMessage('/remind me')
  expect(await storedTexts()).toEqual([...typed, '/remind me'])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('an edit without a change changes nothing', async () => {
  const { ann, kitchen, window, field, page, stored } = await openKitchen()
  const text = '/shrug :tada: \n\n```\nx  \n``` \n'
  const sent = await ann.sendMessage(kitchen.id, text)
  await page.locator('hb-message-list article').last().waitFor()
  await field.press('ArrowUp')
  await page.getByText('Editing this message').waitFor()
  await field.press('Control+Enter')
  await page.getByText('Editing this message').waitFor({ state: 'detached' })
  expect(await stored()).toEqual([sent])
  const texts = [
    '//nas \t:id: \\*x\\*  ',
    '\n  می\u200Cخواهم\u200F؟ \u2028 שלום\u202B\n\n',
    '日本語\u3000の*テスト*。\uFF20bo e\u0301 \u00A0',
    '👩‍💻👍🏽 ❤️ :+1: 1️⃣ \u200B',
  ]
  for (const each of texts) {
    const message = await ann.sendMessage(kitchen.id, each)
    await expect.poll(() => page.locator('hb-message-list article').count()).toBe(texts.indexOf(each) + 2)
    await field.press('ArrowUp')
    await page.getByText('Editing this message').waitFor()
    await field.press('Control+Enter')
    await page.getByText('Editing this message').waitFor({ state: 'detached' })
    expect((await stored()).at(-1)).toEqual(message)
  }
  await ann.request('messages.delete', { messageId: sent.id, for: 'everyone' })
  await ann.sendMessage(kitchen.id, text)
  await expect.poll(() => page.locator('hb-message-list article').last().innerText()).toContain(':tada:')
  await field.press('ArrowUp')
  await expect.poll(() => field.inputValue()).toBe(text)
  await field.press('Control+End')
  await field.pressSequentially('more')
  await field.press('Control+Enter')
  await expect
    .poll(async () => (await stored()).map((each) => 'text' in each && each.text).at(-1))
    .toBe(`${text}more`)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('names are offered after a letter of a script without spaces', async () => {
  const { window, field, page, bo, kitchen } = await openKitchen()
  const offers = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')
  for (const start of ['请@b', 'かな＠b', '안녕@b']) {
    await field.fill('')
    await field.pressSequentially(start)
    await expect.poll(() => offers.allInnerTexts().then((all) => all.join())).toContain('@bo')
  }
  await field.press('Tab')
  await field.pressSequentially('看一下')
  expect(await field.inputValue()).toBe('안녕@bo 看一下')
  await field.fill('请@bo看一下')
  await field.press('Enter')
  await page.locator('hb-message-list article').last().getByRole('button', { name: '@bo' }).waitFor()
  await expect.poll(async () => (await bo.request('chats.get', { chatId: kitchen.id })).chat.mentions).toBe(1)
  await window.context.close()
})

test('a long paste is one insertion, which one undo takes out', async () => {
  const { window, field } = await openKitchen()
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `  line ${at} <b> & \t end`)
  await field.fill('before ')
  const events: number[] = []
  for (const count of [200, 2_000]) {
    events.push(await paste(field, { plain: lines(count).join('\r\n') }))
    expect(await field.inputValue()).toBe(`before ${lines(count).join('\n')}`)
    await field.press('Control+z')
    expect(await field.inputValue()).toBe('before ')
  }
  // ten times the lines are no more steps
  expect(events).toEqual([1, 1])
  // a short paste is a step of its own too, apart from what was typed
  await field.fill('')
  await field.pressSequentially('typed ')
  await paste(field, { plain: 'pasted' })
  expect(await field.inputValue()).toBe('typed pasted')
  await field.pressSequentially(' more')
  await field.press('Control+z')
  await field.press('Control+z')
  expect(await field.inputValue()).toBe('typed ')
  await field.fill('before ')
  const items = lines(1_500).map(
    (line) => `<li>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</li>`,
  )
  await paste(field, { plain: 'list', rich: `<ul>${items.join('')}</ul>` })
  await expect.poll(async () => (await field.inputValue()).split('\n').length).toBe(1_500)
  await field.press('Control+z')
  expect(await field.inputValue()).toBe('before ')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('an address replaces an address, files and text are both taken', async () => {
  const { window, field, page } = await openKitchen()
  await field.fill('see https://old.example/a now')
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(4, 25))
  await paste(field, { plain: 'https://new.example/b' })
  expect(await field.inputValue()).toBe('see https://new.example/b now')

  const tray = page.locator('.column hb-attachment-tray li')
  const picture = { name: 'image.png', type: 'image/png' }
  // a range of cells: the picture of it is left out
  await field.fill('')
  await paste(field, {
    plain: 'a\tb',
    rich: '<table><tr><td>a</td><td>b</td></tr></table>',
    files: [picture],
  })
  await expect.poll(() => field.inputValue()).toBe('a | b')
  expect(await tray.count()).toBe(0)
  // a file of the file manager comes with its name
  await field.fill('')
  await paste(field, { plain: '/home/ann/plan.txt', files: [{ name: 'plan.txt', type: 'text/plain' }] })
  await expect.poll(() => tray.count()).toBe(1)
  expect(await field.inputValue()).toBe('')
  // a text and a file
  await paste(field, { plain: 'the minutes', files: [{ name: 'minutes.txt', type: 'text/plain' }] })
  await expect.poll(() => tray.count()).toBe(2)
  expect(await field.inputValue()).toBe('the minutes')
  // a picture copied from a page
  await paste(field, { rich: '<img src="https://example.com/a.png">', files: [picture] })
  await expect.poll(() => tray.count()).toBe(3)
  expect(await field.inputValue()).toBe('the minutes')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a paste that is still being converted stays in its chat, and Enter waits for it', async () => {
  const { window, field, page, storedTexts, direct } = await openKitchen()
  const release = Promise.withResolvers<undefined>()
  await page.route(/rich-paste/, async (route) => {
    await release.promise
    await route.continue()
  })
  const html = { plain: 'a bold plan', rich: '<p>a <b>bold</b> plan</p>' }
  await field.fill('Look: ')
  await paste(field, html)
  await field.press('Enter')
  expect(await field.inputValue()).toBe('Look: ')
  await window.openChat('bo')
  await field.fill('')
  release.resolve(undefined)
  await page.evaluate(
    () => new Promise<void>((done) => requestIdleCallback(() => done(), { timeout: 1_000 })),
  )
  expect(await field.inputValue()).toBe('')
  expect(page.url()).toContain(direct.id)
  expect(await storedTexts()).toEqual([])

  await window.openChat('Kitchen')
  await expect.poll(() => field.inputValue()).toBe('Look: ')
  await paste(field, html)
  await field.press('Enter')
  await expect.poll(storedTexts).toEqual(['Look: a **bold** plan'])
  expect(await field.inputValue()).toBe('')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
