// A hub on several computers, as a browser sees it. The hubs are real; their standing is set by the test.
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backUp } from '../../server/backup/backup.ts'
import { restore } from '../../server/backup/restore.ts'
import { hubHostName } from '../../shared/text/hub-name.ts'
import { AppWindow } from '../support/app-window.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { freePort } from '../support/ports.ts'
import { SetStanding } from '../support/set-standing.ts'
import { externalAddress } from '../support/tls.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('messages that only the lost computer had come back from the browsers that sent them, once and in order', async () => {
  const standing = new SetStanding({})
  standing.heldLsn = 5
  const port = Number(await freePort())
  const hub = await startTestHub({ port, standing })
  const olga = await hub.setUp()
  await olga.createGroup('kitchen', [await hub.registerUser('ann')])
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  await window.sendMessage('before the copy')
  await window.waitForMessage('before the copy')
  const copy = join(newDataDir(), 'copy.hubbub')
  await backUp(hub.dataDir, copy)

  const texts = ['Soup is ready', 'Bring spoons', 'And bread']
  for (const text of texts) {
    await window.sendMessage(text)
    await window.waitForMessage(text)
  }
  await window.page.reload()
  await window.waitForMessage('And bread')
  await hub.close()

  const dataDir = join(newDataDir(), 'restored')
  await restore(copy, dataDir)
  const restored = await startTestHub({ port, dataDir })
  const there = olga.atUrl(restored.url)
  const [kitchen] = (await there.request('chats.list', {})).chats
  const all = async () => {
    const { messages } = await there.request('messages.list', { chatId: String(kitchen?.id) })
    return messages.map((message) => ('text' in message ? message.text : ''))
  }
  await expect.poll(all, { timeout: 60_000 }).toEqual(['before the copy', ...texts])
  for (const text of texts) await window.waitForMessage(text)

  // and not a second time
  await window.page.reload()
  await window.waitForMessage('And bread')
  await window.sendMessage('Thanks')
  await window.waitForMessage('Thanks')
  await expect.poll(all).toEqual(['before the copy', ...texts, 'Thanks'])
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('everybody reads that the second copy is away, until it is back', async () => {
  const standing = new SetStanding({})
  const hub = await startTestHub({ standing })
  const olga = await hub.setUp()
  await olga.createGroup('kitchen', [])
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  const line = window.page.locator('hb-connection-banner').getByText('The standby computer isn’t up to date.')
  await line.waitFor()
  // while nobody can write, it says so, and where the owner can end it
  standing.currentSafety = 'waiting'
  hub.hub.live.publishPlaces(standing)
  await window.page.getByText('This hub waits for another computer of your team.').waitFor()
  await window.page.getByRole('button', { name: 'What to do' }).click()
  await window.page.waitForURL(/\/admin\/standbys$/)
  await window.page.goBack()
  standing.currentSafety = 'together'
  hub.hub.live.publishPlaces(standing)
  await line.waitFor({ state: 'detached' })
  // the sentence is for what lasts
  standing.currentSafety = 'alone'
  hub.hub.live.publishPlaces(standing)
  standing.currentSafety = 'together'
  hub.hub.live.publishPlaces(standing)
  await window.openChat('kitchen')
  await window.sendMessage('on two computers')
  await window.waitForMessage('on two computers')
  expect(await line.count()).toBe(0)
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test('a page says where the hub has moved to, also after a reload, and goes on when it is back', async () => {
  const standing = new SetStanding({})
  standing.currentSafety = 'none'
  const hub = await startTestHub({ standing })
  const olga = await hub.setUp()
  await olga.createGroup('kitchen', [])
  const window = await AppWindow.open(browser, hub.url)
  await window.logIn('olga')
  await window.openChat('kitchen')
  const place = {
    node: 'n',
    name: 'Ann’s <b>computer</b>',
    role: 'hub' as const,
    addresses: ['10.0.0.5:7788'],
  }
  standing.currentMoved = { code: 'moved', places: [place] }
  hub.hub.live.closeForMove(standing.currentMoved)
  const banner = window.page.locator('hb-connection-banner')
  await banner.getByText('The hub has moved to Ann’s <b>computer</b>.').waitFor()
  const link = banner.getByRole('link', { name: 'Open it there' })
  expect(await link.getAttribute('href')).toBe('https://10.0.0.5:7788/')
  await window.sendMessage('written meanwhile')

  // with a session the page opens all the same: it knows what was not sent
  await window.page.reload()
  await link.waitFor()
  await window.waitForUnsentMessage('written meanwhile')
  const stranger = await AppWindow.open(browser, hub.url)
  await stranger.page.getByRole('heading', { name: 'The hub has moved to Ann’s <b>computer</b>' }).waitFor()
  await stranger.page.getByRole('link', { name: 'https://10.0.0.5:7788/' }).waitFor()
  await stranger.context.close()
  standing.currentMoved = { code: 'moved', places: [] }
  await window.page.reload()
  await window.page.getByRole('heading', { name: 'This computer is not the hub' }).waitFor()

  // the hub is here again
  standing.currentMoved = undefined
  await window.waitForMessage('written meanwhile')
  expect(window.consoleErrors).toEqual([])
  await window.context.close()
})

test.skipIf(!externalAddress())(
  'the page about the certificate goes on at the own name of the hub if the browser can resolve it',
  async () => {
    const hub = await startTestHub({ host: '0.0.0.0' })
    const { port } = new URL(hub.url)
    const { address = '' } = externalAddress() ?? {}
    const own = hubHostName(hub.hub.hubId)
    const resolving = await launchBrowser({}, [`--host-resolver-rules=MAP ${own} ${address}`])
    for (const [one, host] of [
      [resolving, own],
      [browser, address],
    ] as const) {
      const window = await AppWindow.open(one, `http://${address}:${port}/join#code`)
      await expect
        .poll(() => window.page.locator('#go').getAttribute('href'))
        .toBe(`https://${host}:${port}/join#code`)
      expect(window.consoleErrors).toEqual([])
      await window.context.close()
    }
    await resolving.close()
  },
)
