import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems } from '../support/axe.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { password, type TestUser } from '../support/test-user.ts'
import { makeWorld } from '../support/world.ts'

/*
 * Notifications in a browser. The outlet is recorded: what the page hands to the browser's own `Notification`.
 */

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

interface Shown {
  title: string
  body: string
}
interface Recorder {
  shown: Map<string, Shown>
  press: (tag: string) => void
  sounds: number
  badge: number | undefined
}

/** Replaces the outlet in every page of the window. Each tab records what it shows. */
function recordOutlet(permission: NotificationPermission): void {
  // Of the origin, as a permission is: another tab has it too.
  const stored = location.protocol === 'about:' ? sessionStorage : localStorage
  const presses = new Map<string, () => void>()
  const recorder = { shown: new Map<string, Shown>(), sounds: 0, badge: undefined as number | undefined }
  class RecordedNotification {
    static permission = stored.getItem('permission') ?? permission
    static requestPermission = (): Promise<string> => {
      stored.setItem('permission', 'granted')
      RecordedNotification.permission = 'granted'
      return Promise.resolve('granted')
    }
    onclick: (() => void) | null = null
    onclose: (() => void) | null = null
    readonly tag: string
    constructor(title: string, { body, tag }: { body: string; tag: string }) {
      this.tag = tag
      recorder.shown.set(tag, { title, body })
      presses.set(tag, () => this.onclick?.())
    }
    close(): void {
      recorder.shown.delete(this.tag)
      this.onclose?.()
    }
  }
  class CountedAudio {
    state = 'running'
    currentTime = 0
    destination = {}
    createOscillator() {
      recorder.sounds += 1
      const tone = { frequency: { value: 0 }, connect: <T>(next: T) => next, start() {}, stop() {} }
      return tone
    }
    createGain() {
      const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} }
      return { gain, connect: <T>(next: T) => next }
    }
  }
  const setAppBadge = (count: number): Promise<void> => Promise.resolve(void (recorder.badge = count))
  const clearAppBadge = (): Promise<void> => Promise.resolve(void (recorder.badge = 0))
  Object.assign(window, { Notification: RecordedNotification, AudioContext: CountedAudio })
  Object.defineProperties(navigator, {
    setAppBadge: { value: setAppBadge, configurable: true },
    clearAppBadge: { value: clearAppBadge, configurable: true },
  })
  Object.assign(window, { recorder: { ...recorder, press: (tag: string) => presses.get(tag)?.() } })
  Object.defineProperty(window, 'recorded', { get: () => recorder })
}

const recorded = (page: Page) =>
  page.evaluate(() => {
    const { shown, sounds, badge } = (window as unknown as { recorded: Recorder }).recorded
    return { shown: [...shown.values()].map(({ title, body }) => `${title}: ${body}`), sounds, badge }
  })
const shownIn = async (page: Page) => (await recorded(page)).shown
const press = (page: Page) =>
  page.evaluate(() => {
    const { recorder, recorded: outlet } = window as unknown as { recorder: Recorder; recorded: Recorder }
    for (const tag of [...outlet.shown.keys()]) recorder.press(tag)
  })

async function openRecorded(
  url: string,
  username: string,
  { permission = 'default' }: { permission?: NotificationPermission } = {},
): Promise<AppWindow> {
  const window = await AppWindow.open(browser, url)
  await window.context.addInitScript(recordOutlet, permission)
  await window.page.reload()
  await window.logIn(username, password)
  await window.page.getByLabel('Search chats and people').waitFor()
  return window
}

/** A window of bo with notifications on, turned on by a press. */
async function openWithNotifications(url: string): Promise<AppWindow> {
  const window = await openRecorded(url, 'bo')
  await window.clickButton('Turn on notifications')
  await window.page.locator('hb-notification-offer section').waitFor({ state: 'detached' })
  // The badge is set once the tab leads.
  await expect.poll(async () => (await recorded(window.page)).badge).toBeDefined()
  return window
}

const hello = (user: TestUser, chatId: string, text: string) => user.sendMessage(chatId, text)

test('asks by a press once there is a message, and then notifies of direct messages and mentions', async () => {
  const { hub, ann, bo, kitchen, direct } = await makeWorld({ loadTest: true })
  const quiet = await openRecorded(hub.url, 'bo')
  expect(await quiet.page.locator('hb-notification-offer section').count()).toBe(0)
  await quiet.context.close()
  await hello(ann, kitchen.id, 'good morning')
  const window = await openWithNotifications(hub.url)
  expect(await shownIn(window.page)).toEqual([])
  await hello(ann, direct.id, 'are you there?')
  await expect.poll(() => shownIn(window.page)).toEqual(['ann: are you there?'])
  await hello(ann, kitchen.id, 'to nobody')
  await hello(ann, kitchen.id, 'to @bo')
  await expect.poll(() => shownIn(window.page)).toContain('#Kitchen: ann: to @bo')
  expect(await recorded(window.page)).toMatchObject({ badge: 2 })
  expect((await recorded(window.page)).sounds).toBeGreaterThan(0)
  // A reply in a thread that the user follows.
  const parent = await bo.sendMessage(kitchen.id, 'a question')
  const { message: reply } = await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: crypto.randomUUID(), text: 'an answer', thread: parent.id },
  })
  expect(reply).toMatchObject({ thread: parent.id })
  await expect.poll(() => shownIn(window.page)).toContain('Thread in #Kitchen: ann: an answer')
  // Read elsewhere: the notification goes.
  await bo.request('chats.readAll', {})
  await expect.poll(() => shownIn(window.page)).toEqual([])
  await expect.poll(async () => (await recorded(window.page)).badge).toBe(0)
  expect(window.consoleErrors).toEqual([])
})

test('a press on a notification opens its chat, and none comes for the chat in front', async () => {
  const { hub, ann, direct } = await makeWorld({ loadTest: true })
  await hello(ann, direct.id, 'first')
  const window = await openWithNotifications(hub.url)
  await hello(ann, direct.id, 'second')
  await expect.poll(() => shownIn(window.page)).toEqual(['ann: second'])
  await press(window.page)
  await window.waitForMessage('second')
  await hello(ann, direct.id, 'third')
  await window.waitForMessage('third')
  expect(await shownIn(window.page)).toEqual([])
})

test('two tabs show one notification, and the second takes over when the first closes', async () => {
  const { hub, ann, direct } = await makeWorld({ loadTest: true })
  await hello(ann, direct.id, 'first')
  const window = await openWithNotifications(hub.url)
  const second = await window.context.newPage()
  await second.goto(hub.url)
  await second.getByLabel('Search chats and people').waitFor()
  await hello(ann, direct.id, 'second')
  await expect
    .poll(async () => [...(await shownIn(window.page)), ...(await shownIn(second))])
    .toEqual(['ann: second'])
  await window.page.close()
  await expect.poll(async () => (await recorded(second)).badge).toBeDefined()
  await hello(ann, direct.id, 'third')
  await expect.poll(() => shownIn(second)).toEqual(['ann: third'])
})

test('sound, text, level and do not disturb follow the settings of this browser', async () => {
  const { hub, ann, kitchen, direct } = await makeWorld({ loadTest: true })
  await hello(ann, direct.id, 'first')
  const window = await openWithNotifications(hub.url)
  const { page } = window
  await page.goto(`${hub.url}/settings/notifications`)
  await page.getByText('Every message').click()
  await page.getByLabel('Show sender and text').uncheck()
  await page.getByLabel('Play a sound').uncheck()
  expect(await accessibilityProblems(page)).toEqual([])
  await expect.poll(async () => (await recorded(page)).badge).toBeDefined()
  await hello(ann, kitchen.id, 'a secret')
  await expect.poll(() => shownIn(page)).toEqual(['Test team: A new message'])
  expect((await recorded(page)).sounds).toBe(0)
  await page.getByRole('button', { name: 'For an hour' }).click()
  await page.getByText(/^Do not disturb until/).waitFor()
  await hello(ann, direct.id, 'not now')
  await expect.poll(async () => (await recorded(page)).badge).toBe(2)
  expect(await shownIn(page)).toEqual(['Test team: A new message'])
  expect(window.consoleErrors).toEqual([])
})

test('where the browser allows none, the settings say why and what helps', async () => {
  const { hub } = await makeWorld({ loadTest: true })
  const denied = await openRecorded(hub.url, 'ann', { permission: 'denied' })
  await denied.page.goto(`${hub.url}/settings/notifications`)
  await denied.page.getByText(/Press the icon next to the address, allow notifications/).waitFor()
  expect(await denied.page.getByRole('button', { name: 'Turn on notifications' }).count()).toBe(0)
  const insecure = await AppWindow.open(browser, hub.url)
  await insecure.context.addInitScript(() =>
    Object.defineProperty(globalThis, 'isSecureContext', { value: false }),
  )
  await insecure.page.reload()
  await insecure.logIn('ann', password)
  await insecure.page.getByLabel('Search chats and people').waitFor()
  await insecure.page.goto(`${hub.url}/settings/notifications`)
  await insecure.page.getByText(/whose encryption they trust/).waitFor()
  await insecure.page.getByRole('link', { name: 'Use the encrypted address' }).waitFor()
})
