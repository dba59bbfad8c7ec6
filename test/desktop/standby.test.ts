// The app as a standby of a hub, by the link of its owner; then as the hub, which its quit dialog gives back.
import { describe, expect, it } from 'vitest'
import { startComputer, urlOf } from '../support/computers.ts'
import { setupCode } from '../support/hub.ts'
import { TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'
import { chooseInMenu } from './world.ts'
import { launchApp } from './driver.ts'

const env = { XDG_CURRENT_DESKTOP: 'KDE', HUBBUB_DISCOVERY: `127.0.0.1:${20_000 + (process.pid % 20_000)}` }

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
    await follow.getByLabel('Link for a standby').fill('https://example.org')
    await follow.getByRole('button', { name: 'Follow this hub' }).click()
    await follow.getByText('This is not such a link.').waitFor()

    const { link } = await olga.request('continuity.code', { kind: 'standby' })
    await follow.getByLabel('Link for a standby').fill(link)
    await follow.getByRole('button', { name: 'Follow this hub' }).click()
    await page.getByText('all messages, private ones too').waitFor()
    await page.locator('hb-confirm').getByRole('button', { name: 'Follow this hub' }).click()
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
})
