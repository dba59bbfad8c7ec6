// Where the focus is after an action, and which composer typed keys reach, in a real Chromium with a real hub. What is
// meant for a thread must never be published in its chat.
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann's window with the kitchen, where one message has a thread with a reply. */
async function openKitchen(touch = false) {
  const world = await makeWorld()
  const { ann, bo, kitchen, hub } = world
  const parent = await bo.sendMessage(kitchen.id, 'Who brings the bread?')
  const plain = await bo.sendMessage(kitchen.id, 'No thread here yet')
  await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'I do', thread: parent.id },
  })
  await ann.request('chats.read', { chatId: kitchen.id, no: 2 })
  const window = await AppWindow.open(browser, hub.url, undefined, touch)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const { page } = window
  const panel = page.locator('hb-thread-panel')
  return {
    ...world,
    ...{ window, page, panel, parent, plain },
    field: panel.getByRole('textbox', { name: 'Reply in thread' }),
    row: (text: string) => page.locator('.column hb-message-list article', { hasText: text }).first(),
    toolbar: page.locator('.column hb-message-toolbar'),
  }
}

type Kitchen = Awaited<ReturnType<typeof openKitchen>>

/** Types as soon as the panel is there, without a click, and expects the text in the thread only. */
async function expectReplyInThread({ page, panel, field, window }: Kitchen, text: string): Promise<void> {
  await panel.waitFor()
  await expect.poll(() => field.evaluate((area) => area.matches(':focus'))).toBe(true)
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  await panel.locator('article:not(.sending)').getByText(text, { exact: true }).waitFor()
  expect(await window.composer.inputValue()).toBe('')
  expect(await page.locator('.column hb-message-list').getByText(text, { exact: true }).count()).toBe(0)
}

test('a thread has the focus in its field however it was opened', async () => {
  const kitchen = await openKitchen()
  const { page, panel, row, toolbar, window } = kitchen
  const close = async () => {
    await panel.getByRole('button', { name: 'Close' }).click()
    await panel.waitFor({ state: 'detached' })
  }

  // By the toolbar, with the panel closed; a first and a second time.
  for (const text of ['by toolbar', 'by toolbar again']) {
    await row('No thread here yet').hover()
    await toolbar.getByRole('button', { name: /in thread|Open thread/ }).click()
    await expectReplyInThread(kitchen, text)
    await close()
  }

  // The same thread once more while the panel is open and the focus is in the chat.
  await row('Who brings').hover()
  await toolbar.getByRole('button', { name: 'Open thread' }).click()
  await panel.waitFor()
  await window.composer.focus()
  await row('Who brings').hover()
  await toolbar.getByRole('button', { name: 'Open thread' }).click()
  await expectReplyInThread(kitchen, 'while it was open')
  await close()

  // By the menu.
  await row('Who brings').hover()
  await toolbar.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Open thread' }).click()
  await expectReplyInThread(kitchen, 'by menu')
  await close()

  // By key.
  await row('Who brings').focus()
  await page.keyboard.press('t')
  await expectReplyInThread(kitchen, 'by key')
  await close()

  // By the chip below the message.
  await row('Who brings').locator('[data-action=thread]').click()
  await expectReplyInThread(kitchen, 'by chip')
  await close()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a link, a search result and the list of threads lead to the field of the thread', async () => {
  const kitchen = await openKitchen()
  const { page, panel, window, hub, kitchen: chat } = kitchen

  // A link to a reply, as a notification opens it, in a page that is loaded now.
  await page.goto(`${hub.url}/chat/${chat.id}/1/1`)
  await expectReplyInThread(kitchen, 'by link')

  // In the page, from another chat, and from the chat itself while its composer has the focus.
  await page.goto(`${hub.url}/chat/${kitchen.direct.id}`)
  await window.composer.waitFor()
  const navigate = () =>
    page.evaluate((path) => {
      history.pushState(null, '', path)
      dispatchEvent(new PopStateEvent('popstate'))
    }, `/chat/${chat.id}/1/1`)
  await navigate()
  await expectReplyInThread(kitchen, 'from another chat')
  await panel.getByRole('button', { name: 'Close' }).click()
  await window.composer.focus()
  await navigate()
  await expectReplyInThread(kitchen, 'from the chat itself')

  // A search result.
  await page.keyboard.press('Control+Shift+f')
  const search = page.locator('hb-search')
  await search.getByRole('textbox', { name: 'Search messages' }).fill('by link')
  await search.locator('.hit', { hasText: 'by link' }).first().click()
  await expectReplyInThread(kitchen, 'by search')

  // The list of threads.
  await page.getByRole('link', { name: /^Threads/ }).click()
  await page
    .locator('hb-threads')
    .getByRole('button', { name: /Who brings/ })
    .click()
  await expectReplyInThread(kitchen, 'from the list')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a thread stays open through a reload, and what is typed then is for it', async () => {
  const kitchen = await openKitchen()
  const { page, panel, field, row, toolbar, window } = kitchen
  await row('No thread here yet').hover()
  await toolbar.getByRole('button', { name: 'Reply in thread' }).click()
  await field.fill('half a sentence')
  await page.reload()
  await window.composer.waitFor()
  await page.keyboard.type(' and the rest')
  await expect.poll(() => field.inputValue()).toBe('half a sentence and the rest')
  await page.keyboard.press('Enter')
  await panel.getByText('half a sentence and the rest', { exact: true }).waitFor()
  expect(await window.composer.inputValue()).toBe('')

  // Closed, it stays closed; and another chat has none.
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await page.reload()
  await window.composer.waitFor()
  await expect.poll(() => window.composer.evaluate((area) => area.matches(':focus'))).toBe(true)
  expect(await panel.count()).toBe(0)
  await row('Who brings').locator('[data-action=thread]').click()
  await field.waitFor()
  await window.openChat('bo')
  await page.reload()
  await window.composer.waitFor()
  expect(await panel.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('keys typed without a focus reach the composer in use, and no other', async () => {
  const kitchen = await openKitchen()
  const { page, panel, field, row, window } = kitchen
  const blur = () =>
    page.evaluate(() => {
      let active: Element | null = document.activeElement
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
      ;(active as HTMLElement).blur()
    })
  await blur()
  await page.keyboard.type('chat')
  expect(await window.composer.inputValue()).toBe('chat')

  // With an open thread: the one that was used last.
  await row('Who brings').focus()
  await page.keyboard.press('t')
  await expect.poll(() => field.evaluate((area) => area.matches(':focus'))).toBe(true)
  await blur()
  await page.keyboard.type('thread')
  expect(await field.inputValue()).toBe('thread')
  await panel.getByRole('heading', { name: 'Thread' }).click()
  await page.keyboard.type('!')
  expect(await field.inputValue()).toBe('thread!')
  await row('No thread here yet').locator('.text').click()
  await blur()
  await page.keyboard.type('!')
  expect(await window.composer.inputValue()).toBe('chat!')
  await field.focus()
  await window.composer.focus()
  await row('No thread here yet').focus()
  await page.keyboard.type('4')
  expect(await window.composer.inputValue()).toBe('chat!4')

  // A list next to the chat has no composer: its user does not mean the chat.
  await page
    .getByRole('button', { name: /members?$/i })
    .first()
    .focus()
  await page.keyboard.press('Enter')
  await panel.waitFor({ state: 'detached' })
  await page.locator('.panel').focus()
  await page.keyboard.type('xyz')
  expect(await window.composer.inputValue()).toBe('chat!4')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('keys typed while a dialog or the picker loads do not act on the message or reach the chat', async () => {
  const kitchen = await openKitchen()
  const { page, row, window, hub } = kitchen
  // A page of its own whose later modules are slow: those that no idle moment has loaded yet.
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/*.js', async (route) => {
    if (/forward|picker/.test(route.request().url())) await held
    await route.continue()
  })
  await page.goto(hub.url)
  await window.openChat('Kitchen')
  await row('Who brings').focus()
  await page.keyboard.press('f')
  await page.keyboard.type('xad')
  release()
  await page.locator('hb-forward').getByRole('combobox').waitFor()
  expect(await page.locator('hb-quick-reactions').count()).toBe(0)
  await page.keyboard.press('Escape')
  await page.locator('hb-forward').waitFor({ state: 'detached' })
  expect(await window.composer.inputValue()).toBe('')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('on a touch screen a reply has the focus, and a thread that is only read does not raise the keyboard', async () => {
  const kitchen = await openKitchen(true)
  const { page, panel, field, row, window } = kitchen
  await row('Who brings').locator('[data-action=thread]').tap()
  await field.waitFor()
  expect(await field.evaluate((area) => area.matches(':focus'))).toBe(false)
  // A keyboard that is attached to it writes in the thread.
  await panel.getByRole('heading', { name: 'Thread' }).tap()
  await page.keyboard.type('tablet')
  await expect.poll(() => field.inputValue()).toBe('tablet')
  expect(await window.composer.inputValue()).toBe('')
  await window.context.close()
})

test('a dialog opened from a menu gives the focus back to the button of the menu', async () => {
  const { page } = await openKitchen()
  const cases = [
    { button: /your account and this hub/, item: /Set a status/, dialog: 'hb-set-status' },
    { button: 'New chat or group', item: 'Browse groups', dialog: 'hb-browse-groups' },
    { button: 'New chat or group', item: 'New group', dialog: 'hb-new-group' },
  ]
  for (const { button, item, dialog } of cases) {
    const trigger = page.getByRole('button', { name: button })
    await trigger.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: item }).press('Enter')
    await page.locator(dialog).getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.locator(dialog).waitFor({ state: 'detached' })
    await expect.poll(() => trigger.evaluate((element) => element.matches(':focus'))).toBe(true)
  }
})

const focused = (page: Page) =>
  page.evaluate(() => {
    let active: Element | null = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return active === document.body
      ? ''
      : `${active?.getAttribute('aria-label') ?? active?.textContent ?? ''}`
  })

test('after a message is deleted by key the focus is in the composer, and letters delete nothing else', async () => {
  const kitchen = await openKitchen()
  const { page, row, window, ann, kitchen: chat } = kitchen
  for (const text of ['first of mine', 'second of mine']) await ann.sendMessage(chat.id, text)
  await row('second of mine').focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('d')
  await row('deleted').waitFor()
  await expect.poll(() => window.composer.evaluate((area) => area.matches(':focus'))).toBe(true)
  await page.keyboard.type('dd')
  expect(await window.composer.inputValue()).toBe('dd')
  await row('second of mine').waitFor()

  // On the deleted row itself letters begin a message, and no menu of a message opens by them.
  await row('deleted').focus()
  await page.keyboard.type('art')
  expect(await window.composer.inputValue()).toBe('ddart')
  expect(await page.locator('hb-quick-reactions, hb-thread-panel').count()).toBe(0)

  // After a click on a row the user may be about to type: no letter deletes there until an arrow key has moved.
  await row('second of mine').locator('.text').click()
  await page.keyboard.type('d')
  expect(await window.composer.inputValue()).toBe('ddartd')
  await row('second of mine').waitFor()
  await row('second of mine').locator('.text').click()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('d')
  await expect.poll(() => row('second of mine').count()).toBe(0)

  // Deleted for the user alone, the row goes: by the menu.
  await row('No thread here yet').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete for me' }).press('Enter')
  await expect.poll(() => row('No thread here yet').count()).toBe(0)
  await expect.poll(() => window.composer.evaluate((area) => area.matches(':focus'))).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('when a row with the focus goes, the row in its place has the focus', async () => {
  const kitchen = await openKitchen()
  const { page, row, window, ann, bo, hub, kitchen: chat, parent, plain } = kitchen

  // A pin that another user removes, and one removed by key.
  const third = await bo.sendMessage(chat.id, 'Third one')
  for (const message of [parent, plain, third]) await ann.request('pins.add', { messageId: message.id })
  await window.clickButton('Pinned in this chat')
  const pins = page.locator('hb-pins')
  const pin = (text: string) => pins.locator('.hit', { hasText: text })
  // moved to from another row
  await pin('Who brings').focus()
  await pin('No thread here yet').focus()
  await ann.request('pins.remove', { messageId: plain.id })
  await expect.poll(() => pin('No thread here yet').count()).toBe(0)
  await expect.poll(() => focused(page)).toContain('Who brings')
  await pins.locator('.away').last().focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => pin('Who brings').count()).toBe(0)
  const left = pins.locator('.kept', { hasText: 'Third one' }).locator('.away')
  await expect.poll(() => left.evaluate((button) => button.matches(':focus'))).toBe(true)
  await pin('Third one').focus()
  await page.keyboard.press('Delete')
  await pins
    .getByText(/^Nothing/)
    .or(pins.locator('hb-empty-state'))
    .first()
    .waitFor()
  await expect.poll(() => focused(page)).toBe('Close')
  await pins.getByRole('button', { name: 'Close' }).click()

  // The last reaction of a kind: the message keeps the focus.
  await ann.request('reactions.add', { messageId: parent.id, emoji: '👍' })
  const reaction = row('Who brings').locator('.reaction')
  await reaction.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => reaction.count()).toBe(0)
  await expect.poll(() => row('Who brings').evaluate((article) => article.matches(':focus'))).toBe(true)

  // A chat that the user archives, by its menu.
  for (const name of ['Garden', 'Attic']) await ann.createGroup(name, [])
  await window.chatRow('Attic').locator('a').focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Move to archive' }).press('Enter')
  await expect.poll(() => focused(page)).toContain('Garden')

  // A chat that moves up, because a message has arrived.
  const moving = window.chatRow('Kitchen').locator('a')
  await moving.focus()
  await bo.sendMessage(chat.id, 'To the top')
  await expect.poll(() => page.locator('hb-chat-row a').first().innerText()).toContain('To the top')
  expect(await moving.evaluate((link) => link.matches(':focus'))).toBe(true)

  // A session that is ended, in the settings: one of two others.
  for (let no = 0; no < 2; no += 1) {
    const other = await AppWindow.open(browser, hub.url)
    await other.logIn('ann')
    await other.chatRow('Kitchen').waitFor()
    await other.context.close()
  }
  await page.goto(`${hub.url}/settings/sessions`)
  const ends = page.locator('hb-settings-sessions .things').getByRole('button')
  await expect.poll(() => ends.count()).toBeGreaterThan(1)
  const count = await ends.count()
  await ends.first().focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => ends.count()).toBe(count - 1)
  expect(await ends.first().evaluate((button) => button.matches(':focus'))).toBe(true)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the letter of an action that a message does not allow says so, and begins no message', async () => {
  const kitchen = await openKitchen()
  const { page, window, bo, kitchen: chat, hub, ann } = kitchen
  await ann.sendMessage(chat.id, 'Mine')
  await window.waitForMessage('Mine')
  const other = await AppWindow.open(browser, hub.url)
  await other.logIn('bo')
  await other.openChat('Kitchen')
  const rows = other.page.locator('.column hb-message-list article')
  const row = rows.filter({ hasText: 'Mine' })
  for (const [letter, name] of [
    ['p', 'Pin'],
    ['e', 'Edit'],
    ['d', 'Delete for everyone'],
  ] as const) {
    await other.composer.focus()
    await row.focus()
    await other.page.keyboard.press(letter)
    await other.page.getByText(`“${name}” isn’t available for this message.`).waitFor()
    expect(await row.evaluate((article) => article.matches(':focus'))).toBe(true)
  }
  // bo’s own message cannot be unread to bo
  await bo.sendMessage(chat.id, 'Bo’s own')
  await other.waitForMessage('Bo’s own')
  await rows.filter({ hasText: 'Bo’s own' }).focus()
  await other.page.keyboard.press('u')
  await other.page.getByText('“Mark unread from here” isn’t available').waitFor()
  // a letter without an action still begins a message
  await other.page.keyboard.type('x')
  await expect.poll(() => other.composer.inputValue()).toBe('x')
  expect(other.consoleErrors).toEqual([])
  await other.context.close()
  await page.context().close()
})

test('the Back of the browser in a narrow window leads to the row of the chat', async () => {
  const { ann, hub } = await makeWorld()
  await ann.createGroup('Garden', [])
  const window = await AppWindow.open(browser, hub.url, { width: 400, height: 700 })
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Garden')
  await page.goBack()
  await expect.poll(() => focused(page)).toContain('Garden')
  await page.goForward()
  await expect.poll(() => window.composer.evaluate((field) => field.matches(':focus'))).toBe(true)
  await page.goBack()
  await page.getByRole('link', { name: 'Threads' }).click()
  await page.locator('hb-threads').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).not.toBe('body')
  await page.goBack()
  await expect.poll(() => page.evaluate(() => document.activeElement?.localName)).not.toBe('body')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('after the login the keyboard begins in the list if no chat is open', async () => {
  const { hub } = await makeWorld()
  for (const name of ['ann', 'eve']) {
    const window = await AppWindow.open(browser, hub.url)
    await window.logIn(name)
    await window.page.locator('hb-chat-list').waitFor()
    const inList = () => window.page.locator('hb-chat-list').evaluate((list) => list.matches(':focus-within'))
    await expect.poll(inList).toBe(true)
    await window.context.close()
  }
})

/** The name of the element with the focus. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return (active?.getAttribute('aria-label') ?? active?.textContent ?? '').trim()
  })
}

test('a control that can do no more keeps the focus, and a dialog does through its steps', async () => {
  const { hub, bo, kitchen } = await makeWorld()
  await bo.sendMessage(kitchen.id, '@ann, soup?')
  const owner = await AppWindow.open(browser, hub.url)
  await owner.logIn('olga')
  await owner.clickButton('New chat or group')
  await owner.page.getByRole('menuitem', { name: 'Invite people' }).press('Enter')
  await owner.page.getByRole('button', { name: 'Create link' }).press('Enter')
  await owner.page.getByTestId('invite-link').waitFor()
  await expect.poll(() => focusedName(owner.page)).toBe('Copy link')

  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await page.getByRole('link', { name: /^Activity/ }).press('Enter')
  const readAll = page.getByRole('button', { name: 'Mark all as read' })
  await expect.poll(() => readAll.getAttribute('aria-disabled')).toBe('false')
  await readAll.press('Enter')
  await expect.poll(() => readAll.getAttribute('aria-disabled')).toBe('true')
  await expect.poll(() => focusedName(page)).toBe('Mark all as read')

  // a request that fails
  await window.chatRow('Kitchen').locator('a').focus()
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menuitem', { name: 'Leave #Kitchen' }).waitFor()
  await hub.close()
  await page.getByRole('menuitem', { name: 'Leave #Kitchen' }).press('Enter')
  const leave = page.getByRole('button', { name: 'Leave #Kitchen' })
  await leave.press('Enter')
  await page.locator('hb-confirm').getByRole('alert').waitFor()
  await expect.poll(() => focusedName(page)).toBe('Leave #Kitchen')
  await page.keyboard.press('Escape')
  await leave.waitFor({ state: 'detached' })
  await window.context.close()
  await owner.context.close()
})

test('Esc closes a form within the settings before it leaves them, and the help for formatting gives the focus back', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const window = await AppWindow.open(browser, hub.url)
  const { page } = window
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const help = page.getByRole('button', { name: 'Formatting' })
  await help.press('Enter')
  await page.getByRole('dialog', { name: 'Formatting' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => focusedName(page)).toBe('Formatting')
  expect(await help.evaluate((button) => button.matches(':focus'))).toBe(true)

  for (const [section, opens] of [
    ['tokens', 'New token'],
    ['security', 'Change password…'],
  ] as const) {
    await page.goto(`${hub.url}/settings/${section}`)
    await page.getByRole('button', { name: opens }).press('Enter')
    await page.keyboard.type('half a')
    await page.keyboard.press('Escape')
    await expect.poll(() => focusedName(page)).toBe(opens)
    expect(new URL(page.url()).pathname).toBe(`/settings/${section}`)
  }
  await page.keyboard.press('Escape')
  await expect.poll(() => new URL(page.url()).pathname).toBe('/')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})
