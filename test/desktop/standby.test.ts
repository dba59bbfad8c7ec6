// The app as a standby of a hub, by the link of its owner; then as the hub, which its quit dialog gives back. A hub that moves
// to it in one go, and the app as a third computer.
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { AppWindow } from '../support/app-window.ts'
import { ComputerProcess } from '../support/computer-process.ts'
import { startComputer, startPair, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import { setupCode } from '../support/hub.ts'
import { freePort } from '../support/ports.ts'
import { TestUser } from '../support/test-user.ts'
import { uploadFile } from '../support/tus.ts'
import { waitFor } from '../support/wait-for.ts'
import { chooseInMenu } from './world.ts'
import { describeOnStandIn, launchApp } from './driver.ts'

const question = (page: Page) => page.locator('hb-confirm')
const env = { XDG_CURRENT_DESKTOP: 'KDE', HUBBUB_DISCOVERY: `127.0.0.1:${20_000 + (process.pid % 20_000)}` }

/** The only one that the hub stores. */
function findFile(folder: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(
    (name) => path.basename(name).length === 64,
  )
  if (found === undefined) throw new Error('the hub stores no file')
  return path.join(folder, found)
}

/** Adds the hub at this port, logs in as its owner, and opens a chat. */
async function openKitchen(page: Page, port: number | string): Promise<AppWindow> {
  await page.evaluate(async (address) => {
    const found = await window.hubbub?.hubs.look(address)
    await window.hubbub?.hubs.add(address, String(found?.fingerprint))
  }, `127.0.0.1:${port}`)
  const client = AppWindow.fromPage(page)
  await client.logIn('olga')
  await client.openChat('kitchen')
  return client
}

describe.runIf(process.platform !== 'win32')('the app', () => {
  it('follows a hub, takes it, and hands it back when the user quits', async () => {
    const hub = await startComputer()
    const olga = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga', registration: 'open' })
    const chat = await olga.createGroup('kitchen', [])
    const app = await launchApp({ env })
    const { page } = app
    const status = () => page.evaluate(() => window.hubbub?.host.status())
    await chooseInMenu(app, 'File', 'Host a hub on this computer…')
    const follow = page.locator('hb-follow-hub')
    await follow.getByLabel('Link for this computer').fill('https://example.org')
    await follow.getByRole('button', { name: 'Continue' }).click()
    await follow.getByText('This is not such a link.').waitFor()

    const { link } = await olga.request('continuity.code', { kind: 'standby' })
    await follow.getByLabel('Link for this computer').fill(link)
    await follow.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('all messages, private ones too').waitFor()
    await question(page)
      .getByText(fingerprintWords(hub.hub?.hub.hubId ?? '')[3] ?? '')
      .waitFor()
    await question(page).getByText('“Test team”').waitFor()
    // nothing is sent before the user agrees
    await question(page).getByRole('button', { name: 'Cancel' }).click()
    expect((await olga.request('continuity.status', {})).requests).toEqual([])
    await follow.getByRole('button', { name: 'Continue' }).click()
    await question(page).getByRole('button', { name: 'Keep a copy' }).click()
    await follow.getByText('The owner of the hub has to approve these words:').waitFor()
    const { requests } = await olga.request('continuity.status', {})
    await follow.getByText(requests[0]?.words.join(' ') ?? 'no request').waitFor()
    await olga.request('continuity.approve', { node: requests[0]?.node ?? '' })
    await waitFor(async () => {
      expect((await olga.request('continuity.status', {})).safety).toBe('together')
    })
    await page.getByText('Standby: follows the hub, and can take its place').waitFor()

    await olga.sendMessage(chat.id, 'before')
    await olga.request('continuity.handover', {})
    await waitFor(async () => expect(await status()).toMatchObject({ isStandby: false, state: 'running' }))
    const port = (await status())?.port ?? 0
    const there = olga.atUrl(`http://127.0.0.1:${port}`)
    await there.sendMessage(chat.id, 'on the app')

    // the former hub is the standby now, and in step in a moment
    await waitFor(async () => {
      expect((await there.request('continuity.status', {})).safety).toBe('together')
    })
    // the stand-in gives the first answer of a dialog: to hand over
    expect(await app.quit()).toBe(0)
    await waitFor(() => expect(hub.hub).toBeDefined())
    const { messages } = await olga.request('messages.list', { chatId: chat.id })
    expect(messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
      'before',
      'on the app',
    ])
  })

  it('takes the place of a hub that was killed, if its user says so, and not while the hub answers', async () => {
    const hub = new ComputerProcess(newDataDir(), await freePort())
    await hub.start()
    const olga = await TestUser.setUp(hub.url, { code: setupCode, username: 'olga', registration: 'open' })
    const chat = await olga.createGroup('kitchen', [])
    const app = await launchApp({ env })
    const { page } = app
    const client = await openKitchen(page, hub.port)
    const { link } = await olga.request('continuity.code', { kind: 'standby' })
    await page.evaluate((text) => window.hubbub?.host.follow(text), link)
    const { requests } = await olga.request('continuity.status', {})
    await olga.request('continuity.approve', { node: requests[0]?.node ?? '' })
    await waitFor(async () => {
      expect((await olga.request('continuity.status', {})).safety).toBe('together')
    })
    await client.sendMessage('on both disks')
    await client.waitForMessage('on both disks')
    const takeOver = () =>
      page.evaluate(() => window.hubbub?.host.takeOver().catch((error: { message: string }) => error.message))
    expect(await takeOver()).toContain('The hub can be reached again.')

    await hub.kill('SIGKILL')
    await client.sendMessage('while nobody is the hub')
    // the line above the chat leads to the page where it is decided
    await page.locator('hb-standby-notice').getByRole('button', { name: 'What to do' }).click()
    const follow = page.locator('hb-follow-hub')
    await follow.getByText('This computer has everything until then.').waitFor()
    await follow.getByRole('button', { name: 'Make this computer the hub' }).click()
    await question(page).getByText('Do this only if the other computer is off, or gone.').waitFor()
    await question(page).getByRole('button', { name: 'Make this computer the hub' }).click()
    await page.getByText('This computer is the hub now.').waitFor()
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    const status = await page.evaluate(() => window.hubbub?.host.status())
    expect(status).toMatchObject({ state: 'running', isStandby: false })
    const there = olga.atUrl(`http://127.0.0.1:${status?.port}`)
    await waitFor(async () => {
      const { messages } = await there.request('messages.list', { chatId: chat.id })
      expect(messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
        'on both disks',
        'while nobody is the hub',
      ])
    })
    expect(await page.locator('hb-standby-notice .line').count()).toBe(0)
    await app.quit()
  })

  it('moves a hub to this computer in one go, also after a copy that failed and was cancelled', async () => {
    const dataDir = newDataDir()
    const hub = await startComputer({ dataDir })
    const olga = await TestUser.setUp(urlOf(hub), { code: setupCode, username: 'olga', registration: 'open' })
    const chat = await olga.createGroup('kitchen', [])
    const content = Buffer.from('the plan')
    const fileId = await uploadFile(olga.url, olga.token, { name: 'plan.bin', bytes: content })
    const cid = randomUUID()
    await olga.request('messages.send', { chatId: chat.id, cid, text: 'before', attachments: [fileId] })
    // the disk of the hub has another content: the copy does not become whole
    const stored = findFile(path.join(dataDir, 'files'))
    writeFileSync(stored, 'the plot')
    const app = await launchApp({ env })
    const { page } = app
    const client = await openKitchen(page, hub.port)
    await chooseInMenu(app, 'File', 'Host a hub on this computer…')
    const move = page.locator('hb-move-hub')
    await move.getByRole('radio', { name: 'Stops' }).check()
    await move.getByRole('button', { name: 'Move it here' }).click()
    await question(page).getByText('all messages, private ones too').waitFor()
    await question(page).getByRole('button', { name: 'Move it here' }).click()

    // that is said, and the hub goes on where it is
    await move.getByText('1 file is still on its way.').waitFor()
    await olga.sendMessage(chat.id, 'meanwhile')
    const folder = path.join(app.userData, 'hub-2')
    expect(existsSync(folder)).toBe(true)
    await move.getByRole('button', { name: 'Cancel the move' }).click()
    await move.getByText('The move was cancelled.').waitFor()
    expect(existsSync(folder)).toBe(false)
    expect(await olga.request('continuity.status', {})).toMatchObject({ computers: [], requests: [] })
    expect(await page.evaluate(() => window.hubbub?.host.status())).toMatchObject({ state: 'stopped' })

    writeFileSync(stored, content)
    await move.getByRole('button', { name: 'Move it here' }).click()
    await question(page).getByRole('button', { name: 'Move it here' }).click()
    await move.getByText('is on this computer now.').waitFor()
    expect(await move.getByRole('alert').count()).toBe(0)
    const status = await page.evaluate(() => window.hubbub?.host.status())
    expect(status).toMatchObject({ state: 'running', isStandby: false, canLeave: false })
    // the former computer was removed, and its app would say so
    await waitFor(() => expect(hub.standby?.status.problem).toContain('removed this computer'))
    const there = olga.atUrl(`http://127.0.0.1:${status?.port}`)
    expect((await there.request('continuity.status', {})).computers).toEqual([])
    const { messages } = await there.request('messages.list', { chatId: chat.id })
    expect(messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
      'before',
      'meanwhile',
    ])
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await client.sendMessage('on the new computer')
    await client.waitForMessage('on the new computer')
  })
})

describeOnStandIn('the app as a third computer', () => {
  it('asks when its link is opened, decides, goes on after a restart, and ends', async () => {
    const { hub, owner } = await startPair()
    const { link } = await owner.request('continuity.code', { kind: 'vote' })
    // Electron tells how the computer is powered on macOS and Windows only
    const windows = { ...env, HUBBUB_STANDIN_PLATFORM: 'win32' }
    const first = await launchApp({ env: windows, args: [link] })
    const ask = question(first.page)
    await ask.getByText('Should this computer vote for “Test team”?').waitFor()
    await ask.getByText('It stores no messages and no files').waitFor()
    expect((await owner.request('continuity.status', {})).requests).toEqual([])
    await ask.getByRole('button', { name: 'Vote for it' }).click()
    const { requests } = await waitFor(async () => {
      const status = await owner.request('continuity.status', {})
      expect(status.requests).toHaveLength(1)
      return status
    })
    const { node = '', words = [] } = requests[0] ?? {}
    const vote = first.page.locator('hb-vote')
    await vote.getByText(words.join(' ')).waitFor()
    await owner.request('continuity.approve', { node })
    await vote.getByText('It sees the hub and the standby.').waitFor()
    await vote.getByText(words.join(' ')).waitFor({ state: 'detached' })
    await owner.request('continuity.vote', { tie: node })

    const powerOf = async () => {
      const { computers } = await owner.request('continuity.status', {})
      return computers.find((computer) => computer.node === node)?.power
    }
    await waitFor(async () => expect(await powerOf()).toBe('mains'))
    await first.evaluate(({ powerMonitor }) => void powerMonitor.emit('on-battery'))
    await waitFor(async () => expect(await powerOf()).toBe('battery'))

    expect(await first.quit()).toBe(0)
    const second = await launchApp({ env: windows, userData: first.userData })
    await chooseInMenu(second, 'File', 'Host a hub on this computer…')
    const again = second.page.locator('hb-vote')
    await again.getByText('It sees the hub and the standby.').waitFor()
    // it decides while nothing else of a hub runs here
    await hub.close()
    await again.getByText('It sees').waitFor()
    const folder = path.join(first.userData, 'third-computer')
    expect(existsSync(path.join(folder, 'continuity', 'vote.json'))).toBe(true)
    expect(existsSync(path.join(folder, 'hub.db'))).toBe(false)
    await again.getByRole('button', { name: 'Stop deciding' }).click()
    await question(second.page).getByRole('button', { name: 'Stop deciding' }).click()
    await again.waitFor({ state: 'detached' })
    expect(existsSync(folder)).toBe(false)
    expect(await second.quit()).toBe(0)
  })
})
