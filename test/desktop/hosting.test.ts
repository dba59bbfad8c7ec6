import { createServer } from 'node:net'
import { once } from 'node:events'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { password } from '../support/test-user.ts'
import { AppWindow } from '../support/app-window.ts'
import { type DesktopApp, launchApp, runAppToExit } from './driver.ts'
import { chooseInMenu, listHubs } from './world.ts'
import { waitFor } from '../support/wait-for.ts'

const env = { XDG_CURRENT_DESKTOP: 'KDE', HUBBUB_DISCOVERY: `127.0.0.1:${20_000 + (process.pid % 20_000)}` }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const clickButton = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()

/** Starts a hub from the welcome page, up to its first conversation. */
async function startHosting(app: DesktopApp): Promise<{ words: string; link: string }> {
  const { page } = app
  await page.evaluate((port) => window.hubbub?.host.change({ port }), await freePort())
  await page.getByTestId('welcome-start').click()
  await page.getByLabel('Team name').fill('Boat yard')
  await page.getByLabel('Username', { exact: true }).fill('olga')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await clickButton(page, 'Start the hub')
  await page.getByTestId('recovery-key').waitFor({ timeout: 75_000 })
  expect(await page.evaluate(() => document.body.innerText)).not.toContain('set-up code')
  await page.getByText('I’ve saved it somewhere safe').click()
  await clickButton(page, 'Continue')
  const link = (await page.getByTestId('app-link').innerText()).trim()
  const words = await page.getByTestId('words').innerText()
  await clickButton(page, 'Open Boat yard')
  await page.getByLabel('Search chats and people').waitFor()
  return { words, link }
}

async function register(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username', { exact: true }).fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await clickButton(page, 'Continue')
  await clickButton(page, 'Skip the security question')
  await page.getByText('I’ve saved it somewhere safe').click()
  await clickButton(page, /^Open /)
  await page.getByLabel('Search chats and people').waitFor()
}

async function hubPid(app: DesktopApp): Promise<number> {
  const forks = await app.calls('utilityProcess.fork')
  return Number(forks.at(-1)?.args[1])
}

/** It stops processes by signals, which Windows has not. */
describe.runIf(process.platform !== 'win32')('a hub on this computer', () => {
  it('is started, found, joined, killed, moved, and survives quitting the app', async () => {
    const olga = await launchApp({ env })
    const { words, link } = await startHosting(olga)

    const bo = await launchApp({ env })
    const { page } = bo
    // found on the first screen, without a click
    await page.getByTestId('welcome-join').waitFor()
    await clickButton(page, /^Join Boat yard, /)
    await page.getByRole('heading', { name: 'Is this the right hub?' }).waitFor()
    expect(await page.getByTestId('words').innerText()).toBe(words)
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await clickButton(page, /^Join Boat yard, /)
    await page.getByRole('heading', { name: 'Is this the right hub?' }).waitFor()
    // a user who sees other words must stop, and nothing is added
    await clickButton(page, 'The words are different')
    await page.getByRole('heading', { name: 'This is a different hub' }).waitFor()
    expect(await page.evaluate(() => window.hubbub?.hubs.list())).toEqual([])
    await page.getByRole('button', { name: 'Back', exact: true }).click()

    // an invite of another hub leads to no other hub
    const wrong = link.replace(/fp=[^&]+/, `fp=${'x'.repeat(42)}A`)
    await page.getByLabel('Invite link or address').fill(wrong)
    await clickButton(page, 'Continue')
    await page.getByRole('heading', { name: 'This is a different hub' }).waitFor()
    // the right one is opened meanwhile, in a mail; the hub has had another address then
    const late = link.replace(/a=[^&]+&/g, '').replace('join?', 'join?a=127.0.0.1:9&')
    await runAppToExit({ userData: bo.userData, args: [late] })
    await clickButton(page, 'Join this hub')
    await register(page, 'bo')
    const [info] = (await page.evaluate(() => window.hubbub?.hubs.list())) ?? []
    expect(info).toMatchObject({ name: 'Boat yard', trust: 'pinned', state: 'online', isHosted: false })

    const left = AppWindow.fromPage(olga.page)
    const right = AppWindow.fromPage(page)
    await left.createGroup('shaft', ['bo'])
    await right.openChat('shaft')
    await left.sendMessage('it knocks')
    await right.waitForMessage('it knocks')
    await right.sendMessage('only in reverse')
    await left.waitForMessage('only in reverse')
    await waitFor(
      async () =>
        expect((await olga.page.evaluate(() => window.hubbub?.host.status()))?.connectedUsers).toBe(1),
      { timeout: 20_000 },
    )

    // its process dies and restarts
    const before = await hubPid(olga)
    process.kill(before, 'SIGKILL')
    await waitFor(async () => expect(await hubPid(olga)).not.toBe(before), { timeout: 30_000 })
    await right.sendMessage('written while it was away')
    await left.waitForMessage('written while it was away')

    // a new port, and found again by its identity
    const port = await freePort()
    await olga.page.evaluate((to) => window.hubbub?.host.change({ port: to }), port)
    await left.sendMessage('we have moved')
    await right.waitForMessage('we have moved')

    // the hub's computer sleeps, and the others learn why the hub does not respond
    await olga.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'))
    await page.getByText('The hub’s computer is asleep.', { exact: false }).waitFor()
    await olga.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
    await page.getByRole('button', { name: 'Try now' }).click()
    await right.sendMessage('good morning')
    await left.waitForMessage('good morning')

    // his own computer slept: a seemingly open connection is probed at once, not after the 45 s in which it may be
    // silent
    const stateOfHub = async () => (await listHubs(page))[0]?.state
    await waitFor(async () => expect(await stateOfHub()).toBe('online'), { timeout: 30_000 })
    const hubProcess = await hubPid(olga)
    process.kill(hubProcess, 'SIGSTOP')
    const line = page.locator('hb-connection-banner').getByText(/Reconnecting|Can’t reach the hub/)
    await waitFor(
      async () => {
        // a connection that was active a moment ago needs no probe
        await bo.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
        expect(await stateOfHub()).not.toBe('online')
        expect(await line.count()).toBe(1)
      },
      { timeout: 25_000, interval: 1_000 },
    )
    process.kill(hubProcess, 'SIGCONT')
    await right.sendMessage('slept well')
    await left.waitForMessage('slept well')

    // others are connected: the app asks before it quits, and can stay without its window
    const answerNext = (response: number) =>
      olga.evaluate((electron, choice) => void electron.dialog.answers.push({ response: choice }), response)
    await answerNext(0)
    await olga.evaluate((electron) => electron.app.quit())
    await waitFor(async () => expect(await olga.calls('window.hide')).toHaveLength(1))
    const [dialogs] = await olga.calls('dialog.showMessageBox')
    expect(dialogs?.args[0]).toMatchObject({
      buttons: ['Keep running in the background', 'Quit anyway', 'Cancel'],
    })
    await left.sendMessage('still here')
    await right.waitForMessage('still here')
    await answerNext(1)
    expect(await olga.quit()).toBe(0)
    expect(() => process.kill(before, 0)).toThrow()
    await bo.quit()
  })

  it('says that only this computer reaches the hub, and opens it to others by one press', async () => {
    const olga = await launchApp({ env })
    await startHosting(olga)
    const { page } = olga
    await clickButton(page, /your account and this hub/)
    await page.getByRole('menuitem', { name: 'Hosting…' }).click()
    await page.getByText('This computer only').click()
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await waitFor(async () =>
      expect(await page.evaluate(() => window.hubbub?.host.settings())).toMatchObject({ lan: false }),
    )
    await waitFor(async () =>
      expect(await page.evaluate(() => window.hubbub?.host.status())).toMatchObject({ state: 'running' }),
    )

    // from the invites of the hub to the page of the app that changes it
    await page.getByRole('button', { name: 'Invite people' }).first().click()
    await clickButton(page, 'Create link')
    await page.getByTestId('invite-reach').getByText('Only the hub’s computer can reach it now').waitFor()
    await clickButton(page, 'Open Hosting')
    await clickButton(page, 'Invite people…')
    await page.getByText('Only this computer can reach this hub now').waitFor()
    await clickButton(page, 'Let others on the network connect')
    await page.getByText('Only this computer can reach this hub now').waitFor({ state: 'detached' })
    await page.getByTestId('app-link').waitFor()
    expect(await page.evaluate(() => window.hubbub?.host.settings())).toMatchObject({ lan: true })

    // the links that are shown follow the hub
    const port = await freePort()
    await page.evaluate((to) => window.hubbub?.host.change({ port: to }), port)
    await page.getByTestId('app-link').getByText(`:${port}`).waitFor()
  })

  it('asks before another folder takes the place of the hub, and starts no hub without an owner', async () => {
    const app = await launchApp({ env })
    const { page } = app
    const answer = (one: object) => app.evaluate(({ dialog }, it) => void dialog.answers.push(it), one)
    const stateOf = () => page.evaluate(() => window.hubbub?.host.status().then(({ state }) => state))
    const card = (name: string) =>
      page.locator('hb-hosting .card', { has: page.getByRole('heading', { name }) })
    const port = await freePort()
    // as after a quit during the set-up: a hub that runs, and has no owner
    await page.evaluate((one) => window.hubbub?.host.start({ port: one }), port)
    await chooseInMenu(app, 'File', 'Host a hub on this computer…')
    await page.getByRole('button', { name: 'Set it up' }).waitFor()
    expect(await page.getByRole('button', { name: 'Invite people…' }).count()).toBe(0)

    // what goes wrong is said in the card of the button
    await answer({ canceled: false, filePath: path.join(app.userData, 'no such folder', 'x.hubbub') })
    await clickButton(page, 'Back up…')
    await card('This computer').getByRole('alert').waitFor()

    const empty = newDataDir()
    const { dataDir } = (await page.evaluate(() => window.hubbub?.host.settings())) ?? {}
    await answer({ canceled: false, filePaths: [empty] })
    await answer({ response: 1 })
    await clickButton(page, 'Choose folder…')
    await waitFor(async () => expect(await app.calls('dialog.showMessageBox')).toHaveLength(1))
    expect([await stateOf(), await page.evaluate(() => window.hubbub?.host.settings())]).toMatchObject([
      'running',
      { dataDir },
    ])
    await answer({ canceled: false, filePaths: [empty] })
    await answer({ response: 0 })
    await clickButton(page, 'Choose folder…')
    await card('This computer').getByText(`Now using ${empty}.`).waitFor()
    expect(await stateOf()).toBe('stopped')
    await clickButton(page, 'Start')
    await page.getByLabel('Team name').waitFor()
    // back to the hub of before: no question, since no hub stops
    await chooseInMenu(app, 'File', 'Host a hub on this computer…')
    await answer({ canceled: false, filePaths: [dataDir] })
    await clickButton(page, 'Choose folder…')
    await page.getByTestId('host-state').getByText('Running').waitFor()
    expect(await app.calls('dialog.showMessageBox')).toHaveLength(2)
    // what only the hub refuses is said at its field, and the next press goes on with the hub that runs
    await clickButton(page, 'Set it up')
    await page.getByLabel('Team name').fill('Boat yard')
    await page.getByLabel('Username', { exact: true }).fill('olga')
    await page.getByLabel('Password', { exact: true }).fill('password123')
    await clickButton(page, 'Start the hub')
    const secret = page.getByLabel('Password', { exact: true })
    await waitFor(async () =>
      expect(await secret.evaluate((field) => [field.ariaInvalid, field.matches(':focus')])).toEqual([
        'true',
        true,
      ]),
    )
    await secret.fill(password)
    await clickButton(page, 'Start the hub')
    await page.getByTestId('recovery-key').waitFor({ timeout: 75_000 })
    expect(await page.evaluate(() => window.hubbub?.host.settings())).toMatchObject({ lan: true })

    // nothing from outside the page takes the key away before the user agrees
    const leaving = page.getByRole('dialog', { name: 'Leave without your recovery key?' })
    const invite = `hubbub://join?a=127.0.0.1:${port}&fp=${'x'.repeat(42)}A&c=${'c'.repeat(22)}`
    for (const leave of [
      () => chooseInMenu(app, 'File', 'Host a hub on this computer…'),
      () => runAppToExit({ userData: app.userData, args: [invite] }),
    ]) {
      await leave()
      await leaving.waitFor()
      await page.locator('hb-confirm').getByRole('button', { name: 'Cancel' }).click()
      await leaving.waitFor({ state: 'detached' })
      expect(await page.getByTestId('recovery-key').count()).toBe(1)
    }
    await runAppToExit({ userData: app.userData, args: ['hubbub://join?a=nobody'] })
    await page.getByText('Hubbub can’t open this link.').waitFor()
    await chooseInMenu(app, 'File', 'Add a hub…')
    await page.locator('hb-confirm').getByRole('button', { name: 'Leave' }).click()
    await page.getByTestId('welcome-join').waitFor()
    await app.quit()
  })
})
