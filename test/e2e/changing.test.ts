import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { startTestHub } from '../support/hub.ts'
import { Window } from '../support/window.ts'

/** What two people do to messages, each at a window of their own; mostly by keyboard. */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test(
  'two people edit, react, answer, reply in a thread, delete and take back',
  { timeout: 120_000 },
  async () => {
    const hub = await startTestHub()
    const olga = await hub.setUp()
    const ann = await hub.person('ann')
    const bo = await hub.person('bo')
    const chat = await ann.group('Kitchen', [bo, olga])
    for (let i = 1; i <= 120; i += 1) await ann.say(chat.id, `message ${i}`)
    // with all of it new, the chat would open at its beginning
    await bo.request('chats.read', { chatId: chat.id, no: 120 })

    const [one, two] = await Promise.all([Window.open(browser, hub.url), Window.open(browser, hub.url)])
    await one.logIn('ann')
    await two.logIn('bo')
    await Promise.all([one.openChat('Kitchen'), two.openChat('Kitchen')])
    const rowIn = (window: Window, text: string) =>
      window.page.locator('hb-message-list article', { hasText: text }).last()

    // an edit, from the row by its letter
    await one.say('Soop is ready')
    await two.sees('Soop is ready')
    const mine = rowIn(one, 'Soop is ready')
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

    // a reaction, and who it was
    await rowIn(two, 'Soup is ready').hover()
    await two.page.locator('hb-message-toolbar').first().getByRole('button', { name: 'React' }).click()
    await two.page.locator('hb-quick-reactions').getByRole('button').first().click()
    await rowIn(one, 'Soup is ready')
      .getByRole('button', { name: /by bo$/ })
      .click()
    await rowIn(two, 'Soup is ready')
      .getByRole('button', { name: /by ann and you$/ })
      .waitFor()

    // an answer to what is far up leads there, also when it is deleted
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
    await two.say('About the fifth')
    await one.sees('About the fifth')
    const fifth = (await ann.request('messages.list', { chatId: chat.id, around: 5, limit: 1 })).messages[0]
    await ann.request('messages.delete', { messageId: fifth?.id ?? '', for: 'everyone' })
    await rowIn(one, 'About the fifth')
      .getByRole('button', { name: /This message was deleted/ })
      .click()
    await one.page.locator('article.found', { hasText: 'This message was deleted.' }).waitFor()
    await one.page.getByRole('button', { name: 'To the newest message' }).click()

    // a thread beside the conversation
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

    // deleted for everyone, and taken back
    await rowIn(one, 'Soup is ready').hover()
    await one.page.locator('hb-message-toolbar').first().getByRole('button', { name: 'More' }).click()
    await one.page.getByRole('menuitem', { name: 'Delete for everyone' }).click()
    await rowIn(two, 'Soup is ready').waitFor({ state: 'detached' })
    await one.page.getByRole('button', { name: 'Undo' }).click()
    await rowIn(two, 'Soup is ready').waitFor()
    expect([...one.complaints, ...two.complaints]).toEqual([])
  },
)
