import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { password } from './test-user.ts'

/** The actions of a user on the page. Each instance is one browser with its own storage. */
export class AppWindow {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console and the page. Failed connections to an absent hub are not included. */
  readonly consoleErrors: string[] = []

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => this.consoleErrors.push(error.message))
    page.on('console', (message) => {
      if (message.type() !== 'error') return
      if (/Failed to load resource|WebSocket connection|net::ERR/.test(message.text())) return
      this.consoleErrors.push(message.text())
    })
  }

  /**
   * `touch`: emulates a touch screen, without hover. `worker`: lets the page keep itself; without it, a test that holds back or
   * counts requests sees all of them.
   */
  static async open(
    browser: Browser,
    url: string,
    size = { width: 1280, height: 800 },
    touch = false,
    worker = false,
  ): Promise<AppWindow> {
    const context = await browser.newContext({
      ...{ viewport: size, locale: 'en-GB', reducedMotion: 'reduce', hasTouch: touch },
      serviceWorkers: worker ? 'allow' : 'block',
    })
    const page = await context.newPage()
    await page.goto(url)
    return new AppWindow(context, page)
  }

  /** Wraps an existing page, such as that of the desktop app. */
  static fromPage(page: Page): AppWindow {
    return new AppWindow(page.context(), page)
  }

  async fill(label: string | RegExp, text: string): Promise<void> {
    await this.page.getByLabel(label, { exact: typeof label === 'string' }).fill(text)
  }

  async clickButton(name: string | RegExp): Promise<void> {
    await this.page.getByRole('button', { name }).click()
  }

  async setUp(
    code: string,
    user: { username: string; fullName: string; team: string; open?: boolean },
  ): Promise<void> {
    await this.fill('Set-up code', code)
    await this.fill('Team name', user.team)
    if (user.open) await this.page.getByText('Anyone on this network').click()
    await this.clickButton('Continue')
    await this.#fillAccountForm(user)
    await this.clickButton(/^Start /)
    await this.#confirmRecoveryKey()
  }

  async register(user: { username: string; fullName: string }): Promise<void> {
    await this.page.getByRole('link', { name: 'Create an account' }).click()
    await this.#fillAccountForm(user)
    await this.clickButton('Continue')
    await this.clickButton('Skip the security question')
    await this.#confirmRecoveryKey()
  }

  async #fillAccountForm({ username, fullName }: { username: string; fullName: string }): Promise<void> {
    await this.fill('Username', username)
    await this.fill(/^Your name/, fullName)
    await this.fill('Password', password)
  }

  async #confirmRecoveryKey(): Promise<void> {
    await this.page.getByText('I’ve saved it somewhere safe').click()
    await this.clickButton(/^Open /)
    await this.page.getByLabel('Search chats and people').waitFor()
  }

  async logIn(username: string, secret = password): Promise<void> {
    await this.fill('Username', username)
    await this.fill('Password', secret)
    await this.clickButton('Log in')
  }

  async createGroup(name: string, members: string[]): Promise<void> {
    await this.clickButton('New chat or group')
    await this.page.getByRole('menuitem', { name: 'New group' }).click()
    const dialog = this.page.locator('hb-new-group')
    await dialog.getByLabel('Name', { exact: true }).first().fill(name)
    for (const member of members) {
      await dialog.getByRole('combobox', { name: 'Members' }).fill(member)
      await dialog.getByRole('option', { name: new RegExp(member) }).click()
    }
    await dialog.getByRole('button', { name: /^Create/ }).click()
    await this.openChat(name)
  }

  chatRow(name: string) {
    return this.page.locator('hb-chat-list').locator('hb-chat-row', { hasText: name })
  }

  async openChat(name: string): Promise<void> {
    await this.page.locator('hb-chat-list').getByText(name, { exact: true }).first().click()
    await this.composer.waitFor()
  }

  get composer() {
    return this.page.getByRole('textbox', { name: /^Message / })
  }

  async sendMessage(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /**
   * Waits until a message is on screen exactly once and the hub has accepted it: from then on a request of any client returns
   * it. The user's own message is on screen before.
   */
  async waitForMessage(text: string): Promise<void> {
    await this.#waitForText(text, 'article:not(.sending, .failed)')
  }

  /** Waits until the user's own message is on screen exactly once, and the hub has not yet accepted it. */
  async waitForUnsentMessage(text: string): Promise<void> {
    await this.#waitForText(text, 'article.sending')
  }

  async #waitForText(text: string, rows: string): Promise<void> {
    const list = this.page.locator('hb-message-list')
    await list.locator(rows).getByText(text, { exact: true }).first().waitFor({ timeout: 30_000 })
    expect(await list.getByText(text, { exact: true }).count()).toBe(1)
  }

  /** The texts of all messages on screen, from top to bottom. */
  async messageTexts(): Promise<string[]> {
    return this.page.locator('hb-message-list .text').allInnerTexts()
  }
}
