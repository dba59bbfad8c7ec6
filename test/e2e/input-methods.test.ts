// Input methods (Chinese, Japanese, Korean, and every keyboard of a phone) in a real Chromium with a real hub. What is
// taken over fits the text, and the Enter that ends a composition is no Enter.
import type { Browser, CDPSession, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { AppWindow } from '../support/app-window.ts'
import { makeWorld } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Ann's window, with an input method. */
async function openKitchen(touch = false) {
  const world = await makeWorld()
  await world.hub.registerUser('annette')
  await world.hub.registerUser('bob')
  const window = await AppWindow.open(browser, world.hub.url, undefined, touch)
  await window.logIn('ann')
  await window.openChat('Kitchen')
  const cdp = await window.context.newCDPSession(window.page)
  const { page, composer: field } = window
  return { ...world, window, page, field, ime: inputMethod(cdp) }
}

function inputMethod(cdp: CDPSession) {
  const compose = (text: string) =>
    cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  return {
    /** Letter by letter, as a user types. */
    compose: async (text: string) => {
      for (let end = 1; end <= text.length; end += 1) await compose(text.slice(0, end))
    },
    commit: (text: string) => cdp.send('Input.insertText', { text }),
    /** An Enter of the keyboard, as a real event with the browser's own action. Safari marks it by the code 229 alone. */
    enter: async (keyCode: 13 | 229) => {
      const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: keyCode, text: '\r' }
      await cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key })
      await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })
    },
  }
}

const offersIn = (page: Page) => page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')

/** The Enter that ends a composition, in the order of Chromium and in that of Safari. */
async function endComposition(field: Locator): Promise<void> {
  await field.evaluate((element) => {
    const init = { key: 'Enter', code: 'Enter', bubbles: true, composed: true, cancelable: true }
    const end = () =>
      element.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, composed: true }))
    element.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true, composed: true }))
    element.dispatchEvent(new KeyboardEvent('keydown', { ...init, isComposing: true, keyCode: 229 }))
    end()
    element.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true, composed: true }))
    end()
    element.dispatchEvent(new KeyboardEvent('keydown', { ...init, keyCode: 229 }))
  })
}

/** The Escape that ends a composition without its text. */
async function cancelComposition(field: Locator): Promise<void> {
  await field.evaluate((element) => {
    const init = { key: 'Escape', bubbles: true, composed: true, cancelable: true }
    element.dispatchEvent(new KeyboardEvent('keydown', { ...init, isComposing: true }))
    element.dispatchEvent(new KeyboardEvent('keydown', { ...init, keyCode: 229 }))
  })
}

test('the list of names follows composed text, and Enter takes over what it shows', async () => {
  const { page, field, ime, window } = await openKitchen()
  const offers = offersIn(page)
  await field.pressSequentially('@')
  await offers.first().waitFor()
  await ime.compose('bob')
  await expect.poll(() => offers.allInnerTexts().then((all) => all.join())).toMatch(/^bob\s+@bob/)
  await ime.commit('bob')
  await field.press('Enter')
  expect(await field.inputValue()).toBe('@bob ')

  // Nobody is called that: the list closes, and Enter sends what was typed.
  await field.fill('')
  await field.pressSequentially('@')
  await offers.first().waitFor()
  await ime.compose('王さん')
  await ime.commit('王さん')
  await expect.poll(() => offers.count()).toBe(0)
  await field.press('Enter')
  await window.waitForMessage('@王さん')

  // Groups and emoji alike.
  await field.pressSequentially('#')
  await offers.first().waitFor()
  await ime.compose('kit')
  await ime.commit('kit')
  await field.press('Tab')
  expect(await field.inputValue()).toBe('#Kitchen ')
  await field.pressSequentially(':ta')
  await offers.first().waitFor()
  await ime.compose('da')
  await ime.commit('da')
  await expect.poll(() => offers.first().innerText()).toContain(':tada:')
  await field.press('Enter')
  expect(await field.inputValue()).toBe('#Kitchen 🎉 ')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('an offer that is touched while its name is composed replaces the name', async () => {
  const { page, field, ime, window } = await openKitchen(true)
  const offers = offersIn(page)
  await field.tap()
  await field.pressSequentially('Hi @')
  await offers.first().waitFor()
  await ime.compose('anne')
  await offers.filter({ hasText: '@annette' }).tap()
  expect(await field.inputValue()).toBe('Hi @annette ')
  // The composition is over: what comes next is appended.
  await ime.compose('and bo')
  await ime.commit('and bo')
  expect(await field.inputValue()).toBe('Hi @annette and bo')

  // A text that changed below the list takes nothing over.
  await field.fill('')
  await field.pressSequentially('@')
  await offers.first().waitFor()
  await field.evaluate((area: HTMLTextAreaElement) => (area.value = '@elsewhere'))
  await offers.first().tap()
  expect(await field.inputValue()).toBe('@elsewhere')
  await expect.poll(() => offers.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the Enter that ends a composition does nothing in any field', async () => {
  const { page, field, window, bo, kitchen } = await openKitchen()
  await bo.sendMessage(kitchen.id, 'Forward me')
  await window.waitForMessage('Forward me')
  const address = page.url()

  await field.fill('half a')
  await endComposition(field)
  expect(await field.inputValue()).toBe('half a')
  await field.fill('@b')
  await offersIn(page).first().waitFor()
  await endComposition(field)
  expect(await field.inputValue()).toBe('@b')
  await field.fill('')

  const filter = page.getByLabel('Search chats and people')
  await filter.fill('bo')
  await endComposition(filter)
  expect(page.url()).toBe(address)
  await filter.fill('')

  await page.keyboard.press('Control+k')
  const switcher = page.locator('hb-switcher').getByRole('combobox')
  await switcher.fill('bo')
  await endComposition(switcher)
  await switcher.waitFor()
  expect(page.url()).toBe(address)
  await page.keyboard.press('Escape')

  await page.locator('.column article', { hasText: 'Forward me' }).focus()
  await page.keyboard.press('f')
  const forward = page.locator('hb-forward').getByRole('combobox')
  await forward.fill('bo')
  await endComposition(forward)
  await forward.waitFor()
  await page.keyboard.press('Escape')
  await forward.waitFor({ state: 'detached' })

  await page.keyboard.press('Control+f')
  const search = page.locator('hb-search').getByRole('textbox')
  await search.fill('from:b')
  await page.locator('hb-search .option').first().waitFor()
  await endComposition(search)
  expect(await search.inputValue()).toBe('from:b')
  await page.keyboard.press('Escape')

  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  const members = page.locator('hb-new-group').getByRole('combobox', { name: 'Members' })
  await members.fill('bo')
  await endComposition(members)
  expect(await members.inputValue()).toBe('bo')
  // The Escape of an input method closes no dialog either.
  await cancelComposition(members)
  await members.waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  const picker = page.getByRole('combobox', { name: 'Search emoji' })
  await picker.fill('tada')
  await page.locator('hb-emoji-picker').getByRole('option').first().waitFor()
  await endComposition(picker)
  await cancelComposition(picker)
  await picker.waitFor()
  expect(await field.inputValue()).toBe('')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('the Enter of a composition submits no form', async () => {
  const { page, window, ime, hub } = await openKitchen()
  /** Composes in a field, and presses Enter before the text is taken over and after it, as Safari does. */
  const composeAndEnter = async (field: Locator, method = ime) => {
    await field.click()
    await watchSubmits(field)
    await method.compose('wang')
    await method.enter(13)
    await method.commit('王')
    await method.enter(229)
    expect(await isSubmitted(field)).toBe(false)
    expect(await field.inputValue()).toContain('王')
  }

  await window.clickButton(/your account and this hub/)
  await page.getByRole('menuitem', { name: /Set a status/ }).click()
  const status = page.locator('hb-set-status')
  await composeAndEnter(status.getByRole('textbox').first())
  // An Enter after the composition is one again.
  await status.getByRole('textbox').first().press('Enter')
  await status.waitFor({ state: 'detached' })

  await window.clickButton('New chat or group')
  await page.getByRole('menuitem', { name: 'New group' }).click()
  await composeAndEnter(page.locator('hb-new-group').getByLabel('Name', { exact: true }).first())
  await page.keyboard.press('Escape')

  await page.goto(`${hub.url}/settings`)
  await composeAndEnter(page.locator('hb-settings-profile').getByRole('textbox').first())

  // Before there is an account: the forms for logging in and for recovering an account.
  const other = await AppWindow.open(browser, hub.url)
  const outside = inputMethod(await other.context.newCDPSession(other.page))
  await composeAndEnter(other.page.getByLabel('Username', { exact: true }), outside)
  await other.page.goto(`${hub.url}/recover`)
  await composeAndEnter(other.page.getByRole('textbox').first(), outside)
  await other.context.close()
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

/** `submit` does not leave a shadow root, so the form itself is watched. */
async function watchSubmits(field: Locator): Promise<void> {
  await field.evaluate((element: HTMLInputElement) =>
    element.form?.addEventListener('submit', () => (element.dataset.submitted = 'true'), { capture: true }),
  )
}

function isSubmitted(field: Locator): Promise<boolean> {
  return field.evaluate((element) => element.dataset.submitted !== undefined)
}
