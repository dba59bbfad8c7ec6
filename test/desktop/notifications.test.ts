import { expect } from 'vitest'
import { TestUser } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { type DesktopApp, launchApp, itOnStandIn } from './driver.ts'
import { joinHub, listHubs, createTeam } from './world.ts'
import { waitFor } from '../support/wait-for.ts'

interface ShownNotification {
  title: string
  body: string
}

/** The notifications on the user's screen now. */
async function shownNotifications(app: DesktopApp): Promise<ShownNotification[]> {
  return app.evaluate(({ Notification }) =>
    (Notification.all as { isShown: boolean; options: ShownNotification }[])
      .filter(({ isShown }) => isShown)
      .map(({ options: { title, body } }) => ({ title, body })),
  )
}

const expectShown = (app: DesktopApp, ...expected: string[]) =>
  waitFor(
    async () =>
      expect((await shownNotifications(app)).map(({ title, body }) => `${title}: ${body}`)).toEqual(expected),
    { timeout: 20_000 },
  )

const allShownText = async (app: DesktopApp): Promise<string> =>
  JSON.stringify(await app.calls('Notification.show'))

/** The system decides what to show and when: the stand-in records the requests. */
itOnStandIn('notifies about messages for the user, and clears those that are read', async () => {
  const { hub, owner: olga, ann } = await createTeam('North', 'harbour')
  const direct = await ann.openDirectChat(olga)
  const [harbour, noisy, quiet] = [
    (await ann.request('chats.list', {})).chats.find(({ name }) => name === 'harbour'),
    await ann.createGroup('noisy', [olga]),
    await ann.createGroup('quiet', [olga]),
  ]
  const earlierMessage = await olga.sendMessage(String(harbour?.id), 'who has the key?')
  await olga.request('chats.updatePreferences', { chatId: noisy.id, muted: true })
  await olga.request('chats.updatePreferences', { chatId: quiet.id, notify: 'none' })
  const app = await launchApp()
  const { page } = app
  const olgas = AppWindow.fromPage(page)
  await joinHub(page, hub)
  await olgas.logIn('olga')
  await olgas.openChat('harbour')
  const leave = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].blur())
  const click = () =>
    app.evaluate(({ Notification }) =>
      (Notification.all as { isShown: boolean; emit: (name: string) => void }[])
        .find(({ isShown }) => isShown)
        ?.emit('click'),
    )

  // the user looks at another window; muted chats, silent chats and messages for others show nothing
  await leave()
  await ann.sendMessage(noisy.id, '@olga in the noise')
  await ann.sendMessage(quiet.id, '@olga in the quiet')
  await ann.sendMessage(String(harbour?.id), 'not for anybody')
  const sent = await ann.sendMessage(direct.id, 'come **quickly**, <b>please</b>')
  // a server on Linux reads the body as markup
  await expectShown(app, 'ann: come quickly, &lt;b&gt;please&lt;/b&gt;')
  await click()
  await page.getByRole('textbox', { name: /^Message ann/ }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(new RegExp(`/chat/${direct.id}/${sent.no}$`))
  expect(
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].isFocused() as boolean),
  ).toBe(true)

  // a mention, and a reply in a thread; read on the phone, both go away
  await olgas.openChat('quiet')
  await leave()
  await ann.sendMessage(String(harbour?.id), '@olga ahoy')
  await expectShown(app, '#harbour: ann: @olga ahoy')
  await ann.request('messages.send', {
    ...{ chatId: String(harbour?.id), cid: crypto.randomUUID(), text: 'I have', thread: earlierMessage.id },
  })
  await expectShown(app, '#harbour: ann: @olga ahoy', 'Thread in #harbour: ann: I have')
  const telephone = await TestUser.login(hub.url, 'olga')
  await telephone.request('chats.read', { chatId: String(harbour?.id), no: 3 })
  await expectShown(app, 'Thread in #harbour: ann: I have')
  await telephone.request('threads.read', { messageId: earlierMessage.id, no: 1 })
  await expectShown(app)

  // many at once become one
  const groups = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) => ann.createGroup(`boat ${name}`, [olga])),
  )
  for (const { id } of groups) await ann.sendMessage(id, '@olga all aboard')
  await expectShown(app, 'North: 5 new messages in 5 chats')
  await telephone.request('chats.readAll', {})
  await expectShown(app)

  // do not disturb, then normal again; and no text if others see the screen
  const choose = (changes: object) => page.evaluate((to) => window.hubbub?.settings.set(to), changes)
  await choose({ quietUntil: Date.now() + 3_600_000 })
  await ann.sendMessage(direct.id, 'hush')
  await waitFor(async () => expect((await listHubs(page))[0]?.unread).toBe(1))
  await choose({ quietUntil: 0, showsText: false })
  await ann.sendMessage(direct.id, 'the surprise party')
  await expectShown(app, 'North: A new message')
  const allTexts = await allShownText(app)
  for (const never of ['noise', 'in the quiet', 'not for anybody', 'hush', 'surprise'])
    expect(allTexts).not.toContain(never)

  // the test button
  await choose({ showsText: true })
  await page.evaluate(() => window.hubbub?.shell.testNotify())
  expect(await allShownText(app)).toContain('Notifications from Hubbub look like this')
  expect(olgas.consoleErrors).toEqual([])
  expect(await app.quit()).toBe(0)

  // a system that shows none: the window shows a toast
  const unsigned = await launchApp({
    userData: app.userData,
    env: { HUBBUB_STANDIN_NOTIFICATIONS: 'failed' },
  })
  await unsigned.page.getByLabel('Search chats and people').waitFor()
  await waitFor(async () => expect((await listHubs(unsigned.page))[0]?.state).toBe('online'))
  await unsigned.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].blur())
  await ann.sendMessage(String(harbour?.id), '@olga can you see me?')
  const toasts = unsigned.page.locator('hb-toasts')
  await toasts.getByText('#harbour: ann: @olga can you see me?').waitFor()
  await toasts.getByRole('button', { name: 'Open' }).click()
  await AppWindow.fromPage(unsigned.page).waitForMessage('@olga can you see me?')
  await unsigned.page.getByRole('button', { name: /olga/ }).first().click()
  await unsigned.page.getByRole('menuitem', { name: 'Settings' }).click()
  await unsigned.page.getByRole('link', { name: 'Notifications' }).click()
  await unsigned.page.getByRole('button', { name: 'Show a test notification' }).click()
  await unsigned.page
    .getByText('The system doesn’t show notifications from this app.', { exact: false })
    .waitFor()
  await toasts.getByText('Notifications from Hubbub look like this', { exact: false }).waitFor()
  await unsigned.page.getByRole('button', { name: 'For an hour' }).click()
  await unsigned.page.getByText(/^Do not disturb until /).waitFor()
  expect((await unsigned.page.evaluate(() => window.hubbub?.settings.get()))?.quietUntil).toBeGreaterThan(
    Date.now(),
  )
  await unsigned.page.getByRole('button', { name: 'Turn off' }).click()
  await unsigned.page.getByRole('button', { name: 'For an hour' }).waitFor()
})

itOnStandIn(
  'withdraws a notification that Windows moved to its list, and a click on it still opens the message',
  async () => {
    const { hub, owner: olga, ann } = await createTeam('North', 'harbour')
    const direct = await ann.openDirectChat(olga)
    const app = await launchApp({
      env: { HUBBUB_STANDIN_NOTIFICATIONS: 'timedOut', HUBBUB_STANDIN_PLATFORM: 'win32' },
    })
    await joinHub(app.page, hub)
    await AppWindow.fromPage(app.page).logIn('olga')
    await AppWindow.fromPage(app.page).openChat('harbour')
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].blur())
    await ann.sendMessage(direct.id, 'low water at six')
    await expectShown(app, 'ann: low water at six')
    const telephone = await TestUser.login(hub.url, 'olga')
    await telephone.request('chats.read', { chatId: direct.id, no: 1 })
    await expectShown(app)
    await ann.sendMessage(direct.id, 'and high water')
    await expectShown(app, 'ann: and high water')
    await app.evaluate(({ Notification }) => Notification.all.at(-1).emit('click'))
    await app.page.getByRole('textbox', { name: /^Message ann/ }).waitFor()
    expect(await app.quit()).toBe(0)
  },
)

itOnStandIn('shows the message in the window if the system says nothing about a notification', async () => {
  const app = await launchApp({ env: { HUBBUB_STANDIN_NOTIFICATIONS: 'silent' } })
  expect(await app.page.evaluate(() => window.hubbub?.shell.testNotify())).toBe(false)
  await app.page.locator('hb-toasts').getByText('look like this', { exact: false }).waitFor()
  expect(await app.quit()).toBe(0)
})
