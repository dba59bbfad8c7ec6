import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { AppWindow } from '../support/app-window.ts'
import { type DesktopApp, launchApp, onStandIn, runAppToExit } from './driver.ts'
import { addressOf, chooseInMenu, joinHub, listHubs, railButton, createTeam } from './world.ts'
import { waitFor } from '../support/wait-for.ts'

const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true })
const selectedRailButton = (page: Page, name: string) =>
  page.locator(`hb-rail button[aria-current][aria-label^="${name},"]`)

/** Returns our own items of the application's menu; those with a role belong to the system. */
function customMenuItems(app: DesktopApp): Promise<string[]> {
  return app.evaluate(({ Menu }) => {
    interface Item {
      label: string
      role?: string
      submenu?: { items: Item[] }
      click?: unknown
    }
    const all = (items: Item[]): Item[] => items.flatMap((item) => [item, ...all(item.submenu?.items ?? [])])
    return all((Menu.getApplicationMenu() as { items: Item[] }).items)
      .filter(({ click, role }) => click !== undefined && role === undefined)
      .map(({ label }) => label)
  })
}

describe('the app', () => {
  it('performs each menu item, with two hubs, and with one again', async () => {
    const north = await createTeam('North', 'harbour')
    const south = await createTeam('South', 'beach')
    const app = await launchApp()
    const { page } = app
    const window = AppWindow.fromPage(page)
    const pressed = new Set<string>()
    const choose = async (...path: string[]): Promise<void> => {
      pressed.add(path.at(-1) as string)
      await chooseInMenu(app, ...path)
    }

    // nobody is logged in anywhere: items that need no hub work all the same
    await choose('help', 'Keyboard shortcuts')
    await dialog(page, 'Keyboard shortcuts').waitFor()
    await page.keyboard.press('Escape')
    await choose('File', 'Settings…')
    await heading(page, 'This computer').waitFor()
    await page.getByRole('button', { name: 'Show a test notification' }).waitFor()

    await joinHub(page, north.hub)
    await choose('File', 'New chat…')
    await window.logIn('olga')
    await window.openChat('harbour')

    // the second hub, from the menu under its own name
    await page
      .getByRole('button', { name: /Your menu|olga/ })
      .first()
      .click()
    await page.getByRole('menuitem', { name: 'Add a hub' }).click()
    await heading(page, 'Where does your team talk?').waitFor()
    await joinHub(page, south.hub)
    await railButton(page, /^South/).click()
    await window.logIn('olga')
    await window.openChat('beach')

    await choose('Go', 'North')
    await selectedRailButton(page, 'North').waitFor()
    // it opens the last visited page of the hub, not its front page
    await page.getByRole('textbox', { name: 'Message #harbour' }).waitFor()
    await choose('Go', 'Next hub')
    await page.getByRole('textbox', { name: 'Message #beach' }).waitFor()
    await choose('Go', 'Next hub')
    await selectedRailButton(page, 'North').waitFor()
    await choose('Go', 'Previous hub')
    await selectedRailButton(page, 'South').waitFor()
    await page.keyboard.press('ControlOrMeta+1')
    await selectedRailButton(page, 'North').waitFor()
    pressed.add('South')

    await choose('File', 'New chat…')
    await dialog(page, 'New chat').waitFor()
    await choose('Go', 'Go to a chat…')
    await dialog(page, 'Go to anything').waitFor()
    await choose('File', 'Settings…')
    await heading(page, 'Profile').waitFor()
    // out of the settings too
    await choose('Go', 'Search all chats…')
    await page.getByRole('search').getByRole('textbox').waitFor()
    await choose('File', 'Host a hub on this computer…')
    await heading(page, 'Hosting').waitFor()
    await choose('help', 'Keyboard shortcuts')
    await dialog(page, 'Keyboard shortcuts').waitFor()
    await page.keyboard.press('Escape')
    await choose('File', 'Add a hub…')
    await heading(page, 'Where does your team talk?').waitFor()
    await page.keyboard.press('ControlOrMeta+2')
    await page.getByRole('textbox', { name: 'Message #beach' }).waitFor()
    await onStandIn('logs, crash reports and updates', async () => {
      await choose('help', 'Show log files')
      await choose('help', 'Show crash reports')
      expect((await app.calls('shell.openPath')).map(({ args }) => args[0])).toEqual([
        `${app.userData}/logs`,
        `${app.userData}/Crashpad`,
      ])
      await choose('help', 'Check for updates…')
      await waitFor(async () => expect(await app.calls('dialog.showMessageBox')).toHaveLength(1))
      expect([...(await customMenuItems(app)), 'About Hubbub'].toSorted()).toEqual(
        [...pressed, 'About Hubbub'].toSorted(),
      )
    })

    // a user-defined order, and removal of one hub with all its data
    await railButton(page, /^South/).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Move up' }).click()
    await waitFor(async () =>
      expect((await listHubs(page)).map(({ name }) => name)).toEqual(['South', 'North']),
    )
    await railButton(page, /^South/).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Remove South…' }).click()
    await dialog(page, 'Remove South?').waitFor()
    await page.locator('hb-confirm').getByRole('button', { name: 'Remove South' }).click()
    await page.getByRole('textbox', { name: 'Message #harbour' }).waitFor()
    expect((await listHubs(page)).map(({ name }) => name)).toEqual(['North'])
    const kept = () =>
      page.evaluate(async () => [
        ...(await indexedDB.databases()).map(({ name }) => String(name)),
        ...Object.keys(localStorage),
      ])
    const { hubId } = south.hub.hub
    await waitFor(async () => expect((await kept()).filter((name) => name.includes(hubId))).toEqual([]))
    // its session on the hub has ended too
    const { sessions } = await south.owner.request('sessions.list', {})
    expect(sessions).toHaveLength(1)
    expect(window.consoleErrors).toEqual([])
  })

  it('asks before a link opens a message, and opens nothing of a hub that is not in the list', async () => {
    const { hub, ann } = await createTeam('North', 'harbour')
    const app = await launchApp()
    const { page } = app
    const window = AppWindow.fromPage(page)
    await joinHub(page, hub)
    await window.logIn('olga')
    await window.openChat('harbour')
    const chat = (await ann.request('chats.list', {})).chats[0]
    for (let n = 1; n <= 40; n += 1) await ann.sendMessage(String(chat?.id), `line ${n}`)
    await window.waitForMessage('line 40')

    const openLink = (link: string) => runAppToExit({ userData: app.userData, args: [link] })
    expect(await openLink(`hubbub://open/${hub.hub.hubId}/${chat?.id}/2`)).toBe(0)
    const question = dialog(page, 'Open a message at North?')
    await question.waitFor()
    // of two links the latest counts, and one question is enough
    await openLink(`hubbub://open/${hub.hub.hubId}/${chat?.id}/3`)
    expect(await question.count()).toBe(1)
    expect(new URL(page.url()).pathname.endsWith(`/chat/${chat?.id}`)).toBe(true)
    await page.locator('hb-confirm').getByRole('button', { name: 'Open', exact: true }).click()
    await page.locator('hb-message-list').getByText('line 3', { exact: true }).waitFor()
    expect(new URL(page.url()).pathname.endsWith(`/chat/${chat?.id}/3`)).toBe(true)

    await openLink(`hubbub://open/${'x'.repeat(42)}A/${chat?.id}/3`)
    await page.getByText('This link leads to a hub that isn’t in your list.').waitFor()
    await openLink(`hubbub://join?a=${addressOf(hub)}&fp=${hub.hub.hubId}&c=${'c'.repeat(22)}`)
    await page.getByText('You’re a member of North already.').waitFor()

    // a copied link leads others to the hub, not into this window; in this app it opens the message
    await page.evaluate(() => {
      Object.defineProperty(navigator.clipboard, 'writeText', {
        value: async (text: string) => (document.title = text),
      })
    })
    const message = page.locator('hb-message-list article', { hasText: 'line 3' }).first()
    await message.focus()
    await page.keyboard.press('l')
    const link = `https://${addressOf(hub)}/chat/${chat?.id}/3`
    await waitFor(async () => expect(await page.title()).toBe(link))
    await window.openChat('harbour')
    await window.clickButton('Go to the newest message')
    await ann.sendMessage(String(chat?.id), `as I said: ${link}`)
    await page.getByRole('link', { name: link, exact: true }).click()
    await waitFor(() => expect(new URL(page.url()).pathname.endsWith(`/chat/${chat?.id}/3`)).toBe(true))
    expect(await app.calls('shell.openExternal')).toEqual([])

    // the API reference is a page of the hub, so it opens in the browser
    await chooseInMenu(app, 'File', 'Settings…')
    await page.getByRole('link', { name: 'Tokens' }).click()
    await page.getByRole('link', { name: /API/ }).click()
    await waitFor(async () =>
      expect((await app.calls('shell.openExternal')).map(({ args }) => args[0])).toEqual([
        `https://${addressOf(hub)}/api/docs#try`,
      ]),
    )
  })
})
