import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'
import { png } from '../support/images.ts'
import { freePort } from '../support/ports.ts'
import { uploadFile } from '../support/tus.ts'
import { AppWindow } from '../support/app-window.ts'

/** Actions on messages by two users, each in their own window; mostly by keyboard. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test(
  'two users edit, react, reply, reply in a thread, delete and undelete',
  { timeout: 120_000 },
  async () => {
    const hub = await startTestHub()
    const olga = await hub.setUp()
    const ann = await hub.registerUser('ann')
    const bo = await hub.registerUser('bo')
    const chat = await ann.createGroup('Kitchen', [bo, olga])
    for (let i = 1; i <= 120; i += 1) await ann.sendMessage(chat.id, `message ${i}`)
    // With everything unread, the chat would open at its beginning.
    await bo.request('chats.read', { chatId: chat.id, no: 120 })

    const [one, two] = await Promise.all([AppWindow.open(browser, hub.url), AppWindow.open(browser, hub.url)])
    await one.logIn('ann')
    await two.logIn('bo')
    await Promise.all([one.openChat('Kitchen'), two.openChat('Kitchen')])
    const rowIn = (window: AppWindow, text: string) =>
      window.page.locator('hb-message-list article', { hasText: text }).last()

    // An edit, by the shortcut of the row.
    await one.sendMessage('Soop is ready')
    await two.waitForMessage('Soop is ready')
    const mine = rowIn(one, 'Soop is ready')
    await one.waitForMessage('Soop is ready')
    await one.page.keyboard.press('Shift+Tab')
    await mine.focus()
    await one.page.keyboard.press('ArrowUp')
    await one.page.keyboard.press('ArrowDown')
    await one.page.keyboard.press('e')
    await one.page.getByText('Editing this message').waitFor()
    await one.composer.fill('Soup is ready')
    await one.composer.press('Enter')
    await rowIn(two, 'Soup is ready').getByText('edited').waitFor()
    await one.page.getByText('Editing this message').waitFor({ state: 'detached' })

    // A reaction, and who reacted.
    await rowIn(two, 'Soup is ready').hover()
    await two.page.locator('hb-message-toolbar').first().getByRole('button', { name: 'React' }).click()
    await two.page.locator('hb-quick-reactions').getByRole('button').first().click()
    await rowIn(one, 'Soup is ready')
      .getByRole('button', { name: /by bo$/ })
      .click()
    await rowIn(two, 'Soup is ready')
      .getByRole('button', { name: /by ann and you$/ })
      .waitFor()

    // The quote of a reply leads to a message far up, also when that is deleted.
    await two.page.goto(`${hub.url}/chat/${chat.id}/5`)
    await rowIn(two, 'message 5').waitFor()
    expect(await two.page.locator('article.found').innerText()).toContain('message 5')
    await two.page.locator('article.found').hover()
    await two.page
      .locator('hb-message-toolbar')
      .first()
      .getByRole('button', { name: 'Reply', exact: true })
      .click()
    await two.page.getByText('Replying to ann').waitFor()
    await two.sendMessage('About the fifth')
    await one.waitForMessage('About the fifth')
    const fifth = (await ann.request('messages.list', { chatId: chat.id, around: 5, limit: 1 })).messages[0]
    await ann.request('messages.delete', { messageId: fifth?.id ?? '', for: 'everyone' })
    await rowIn(one, 'About the fifth')
      .getByRole('button', { name: /This message was deleted/ })
      .click()
    await one.page.locator('article.found', { hasText: 'This message was deleted.' }).waitFor()
    await one.page.getByRole('button', { name: 'Go to the newest message' }).click()

    // A thread next to the conversation.
    await rowIn(one, 'About the fifth').hover()
    await one.page
      .locator('hb-message-toolbar')
      .first()
      .getByRole('button', { name: 'Reply in thread' })
      .click()
    const panel = one.page.locator('hb-thread-panel')
    await panel.getByRole('textbox', { name: 'Reply in thread' }).fill('Which one?')
    await panel.getByRole('textbox', { name: 'Reply in thread' }).press('Enter')
    await panel.getByText('Which one?').waitFor()
    await two.page.getByRole('link', { name: /^Threads/ }).click()
    await two.page
      .locator('hb-threads')
      .getByRole('button', { name: /About the fifth/ })
      .click()
    await two.page.locator('hb-thread-panel').getByText('Which one?').waitFor()
    await one.page.getByRole('button', { name: /1 reply/ }).waitFor()
    await one.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })

    // Deleted for everyone, and undeleted.
    await rowIn(one, 'Soup is ready').hover()
    await one.page.locator('hb-message-toolbar').first().getByRole('button', { name: 'More' }).click()
    await one.page.getByRole('menuitem', { name: 'Delete for everyone' }).click()
    await rowIn(two, 'Soup is ready').waitFor({ state: 'detached' })
    await one.page.getByRole('button', { name: 'Undo' }).click()
    await rowIn(two, 'Soup is ready').waitFor()
    expect([...one.consoleErrors, ...two.consoleErrors]).toEqual([])
  },
)

test(
  'a thread has autocomplete and files, notifies mentioned users, quotes and forwards pictures, and keeps edits while offline',
  { timeout: 120_000 },
  async () => {
    const hub = await startTestHub({ port: Number(await freePort()) })
    const ann = await hub.registerUser('ann')
    const bo = await hub.registerUser('bo')
    const kitchen = await ann.createGroup('Kitchen', [bo])
    await ann.createGroup('Garden', [bo])
    const pier = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(320, 200) })
    const sent = { chatId: kitchen.id, cid: randomUUID(), text: '', attachments: [pier] }
    await ann.request('messages.send', sent)
    await bo.sendMessage(kitchen.id, 'Who cooks?')
    const [one, two] = await Promise.all([AppWindow.open(browser, hub.url), AppWindow.open(browser, hub.url)])
    await one.logIn('ann')
    await two.logIn('bo')
    await Promise.all([one.openChat('Kitchen'), two.openChat('Kitchen')])
    const rows = (window: AppWindow) => window.page.locator('.column > hb-timeline hb-message-list article')
    const loaded = (window: AppWindow, where: string) =>
      window.page
        .locator(where)
        .first()
        .evaluate((img) => (img as HTMLImageElement).naturalWidth > 0)

    // A reply to a picture without text shows the picture, in the composer and in the message.
    await rows(two).first().focus()
    await two.page.keyboard.press('r')
    await two.page.locator('.writing').getByText('Picture').waitFor()
    await two.sendMessage('Where is that?')
    const quote = rows(one)
      .last()
      .getByRole('button', { name: /^Reply to ann: Picture/ })
    await quote.waitFor()
    await expect.poll(() => loaded(one, '.column article:last-of-type .quote img')).toBe(true)

    // A forwarded message keeps its picture.
    await rows(one).first().focus()
    await one.page.keyboard.press('f')
    const dialog = one.page.locator('hb-forward')
    await dialog.getByText('Picture').waitFor()
    // It cannot be called back: Enter alone sends it to nobody.
    const chats = dialog.getByRole('combobox')
    await chats.press('Enter')
    expect(await chats.getAttribute('aria-activedescendant')).toBeNull()
    await chats.press('ArrowDown')
    expect(await dialog.getByRole('option').first().getAttribute('aria-selected')).toBe('true')
    await chats.fill('gard')
    await one.page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await two.openChat('Garden')
    await two.waitForMessage('From ann')
    await expect.poll(() => loaded(two, 'hb-message-list .picture img')).toBe(true)

    // In a thread: autocomplete offers users, and dropped files go into the thread only.
    await rows(one).nth(1).focus()
    await one.page.keyboard.press('t')
    const panel = one.page.locator('hb-thread-panel')
    const field = panel.getByRole('textbox', { name: 'Reply in thread' })
    await field.pressSequentially('Look, @b')
    await panel.getByRole('option').first().waitFor()
    await field.press('Tab')
    await panel.evaluate((element) => {
      const data = new DataTransfer()
      data.items.add(new File(['a plan'], 'plan.txt', { type: 'text/plain' }))
      const init = { dataTransfer: data, bubbles: true, composed: true, cancelable: true }
      const timeline = element.shadowRoot?.querySelector('hb-timeline')
      const inside = timeline?.shadowRoot?.querySelector('hb-message-list')
      inside?.dispatchEvent(new DragEvent('dragenter', init))
      inside?.dispatchEvent(new DragEvent('drop', init))
    })
    await panel.getByText(/, ready/).waitFor()
    expect(await one.page.locator('.column hb-attachment-tray li').count()).toBe(0)
    await field.press('Enter')
    await panel.getByRole('link', { name: /^Download plan\.txt/ }).waitFor()

    // A mentioned user sees it at the chat and at Threads, until they read it there.
    const called = '1 mention of you in a thread'
    const badge = two.chatRow('Kitchen').getByText(called).last()
    await badge.waitFor()
    const threads = two.page.getByRole('link', { name: /^Threads/ })
    expect(await threads.innerText()).toContain(called)
    await two.openChat('Kitchen')
    await badge.waitFor()
    await threads.click()
    await two.page
      .locator('hb-threads')
      .getByRole('button', { name: /Who cooks/ })
      .click()
    const threadPanel = two.page.locator('hb-thread-panel')
    await threadPanel.getByRole('link', { name: /^Download plan\.txt/ }).waitFor()
    await badge.waitFor({ state: 'detached' })
    expect(await threads.innerText()).not.toContain(called)

    // The draft stays, the thread opens without the hub, and an edit waits for the hub.
    const draft = threadPanel.getByRole('textbox', { name: 'Reply in thread' })
    await draft.fill('half a')
    await two.page.keyboard.press('Escape')
    await threadPanel.waitFor({ state: 'detached' })
    await rows(two).last().focus()
    await two.page.keyboard.press('t')
    await threadPanel
      .getByText('No replies yet')
      .or(threadPanel.getByText('Where is that?'))
      .first()
      .waitFor()
    await hub.close()
    await rows(two).nth(1).focus()
    await two.page.keyboard.press('t')
    await threadPanel.getByText('Look, @bo').waitFor()
    expect(await draft.inputValue()).toBe('half a')
    await two.page.keyboard.press('Escape')
    await rows(two).last().focus()
    await two.page.keyboard.press('e')
    await two.page.getByText('Editing this message').waitFor()
    await two.composer.fill('Where was that?')
    await two.composer.press('Enter')
    await rows(two).last().getByText('edited · waiting').waitFor()
    await two.openChat('Garden')
    await hub.restart()
    await one.page.keyboard.press('Escape')
    await rows(one).last().getByText('Where was that?').waitFor()
    await two.openChat('Kitchen')
    await rows(two).last().getByText('edited', { exact: true }).waitFor()
    expect([...one.consoleErrors, ...two.consoleErrors]).toEqual([])
  },
)

test('an edit removes the text of a picture, and the picture stays', { timeout: 60_000 }, async () => {
  const hub = await startTestHub()
  const ann = await hub.registerUser('ann')
  const kitchen = await ann.createGroup('Kitchen')
  const pier = await uploadFile(hub.url, ann.token, { name: 'pier.png', bytes: png(320, 200) })
  const { message } = await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'The peer', attachments: [pier] },
  })
  await ann.sendMessage(kitchen.id, 'only words')
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const { page } = window
  const rows = page.locator('hb-message-list article')
  const field = page.getByRole('textbox', { name: /^Message / })
  await rows.first().focus()
  await page.keyboard.press('e')
  await expect.poll(() => field.inputValue()).toBe('The peer')
  await field.fill('')
  await page.getByRole('button', { name: 'Send' }).click()
  // with its time: the hub has accepted it
  await rows.first().locator('.edited[data-tip]').waitFor()
  expect(await rows.first().getByText('The peer').count()).toBe(0)
  expect(await rows.first().locator('img').count()).toBe(1)
  const { messages } = await ann.request('messages.list', { chatId: kitchen.id })
  expect(messages[0]).toMatchObject({ id: message.id, text: '', attachments: [{ id: pier }] })

  // a message without files keeps a text: it can be deleted instead
  await rows.last().focus()
  await page.keyboard.press('e')
  await expect.poll(() => field.inputValue()).toBe('only words')
  await field.fill('')
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
  expect(window.consoleErrors).toEqual([])
})

test('a device whose clock is a day ahead edits its messages, and shows the time of the hub', async () => {
  const hub = await startTestHub()
  const ann = await hub.registerUser('ann')
  await ann.createGroup('Kitchen')
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await page.addInitScript(setClockAhead, 24 * 60 * 60_000)
  await page.reload()
  await window.logIn('ann')
  await window.openChat('Kitchen')
  await window.sendMessage('Soop')
  await window.waitForMessage('Soop')
  await window.composer.press('ArrowUp')
  await page.getByText('Editing this message').waitFor()
  const field = page.getByRole('textbox', { name: /^Message / })
  await field.fill('Soup')
  await field.press('Enter')
  await page.locator('article', { hasText: 'Soup' }).locator('.edited[data-tip]').waitFor()
  expect(window.consoleErrors).toEqual([])
})

/** Runs in the page. */
function setClockAhead(ms: number): void {
  const now = Date.now.bind(Date)
  Date.now = () => now() + ms
}
