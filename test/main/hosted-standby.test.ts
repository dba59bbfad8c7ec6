// Two desktop apps on one computer, without Electron: each with a real hub process, a hub and its standby. The hub goes
// from one to the other by the quit dialog's order, and before sleep while the app is blocked.
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Hosting } from '../../main/host/hosting.ts'
import { HostSettingsFile } from '../../main/host/settings.ts'
import { SleepBlocker } from '../../main/host/sleep-blocker.ts'
import { SleepDelay, waitForFile } from '../../main/host/sleep-seal.ts'
import { JsonFile } from '../../main/json-file.ts'
import { systemClock } from '../../main/ports.ts'
import { joinHub } from '../../server/standby/join.ts'
import { parseStandbyLink } from '../../shared/text/standby-link.ts'
import type { HubInfo } from '../../shared/desktop.ts'
import { newDataDir } from '../support/data-dir.ts'
import { forkHub } from '../support/hosted-hub.ts'
import { freePort } from '../support/ports.ts'
import { silentLog } from '../support/shell-hubs.ts'
import { password, TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

interface Desktop {
  hosting: Hosting
  dataDir: string
  /** A folder for the hub that it follows. */
  otherDir: string
  url: string
  owner: TestUser | undefined
  waits: number[]
}

async function createDesktop(): Promise<Desktop> {
  const dir = newDataDir()
  const dataDir = path.join(dir, 'hub')
  const port = Number(await freePort())
  const url = `http://127.0.0.1:${port}`
  const waits: number[] = []
  const desktop: Desktop = {
    dataDir,
    otherDir: path.join(dir, 'hub-2'),
    url,
    owner: undefined,
    waits,
    hosting: undefined as unknown as Hosting,
  }
  const settings = new HostSettingsFile(new JsonFile(path.join(dir, 'hosting.json')), dataDir)
  settings.change({ port })
  desktop.hosting = new Hosting({
    settings,
    spawner: forkHub(),
    clock: systemClock,
    hubs: {
      add: async (address, id) => ({ id, name: 'Hubbub', addresses: [address] }) as unknown as HubInfo,
      addAddresses: () => undefined,
      wake: () => undefined,
      setUp: async (_id, code) => {
        desktop.owner = await TestUser.setUp(url, { code, username: 'olga' })
        return { recoveryKey: 'key' }
      },
    },
    announcer: { announce: () => Promise.resolve(true), stop: () => Promise.resolve() },
    keepAwake: new SleepBlocker({ start: () => 1, stop: () => undefined }),
    sleepDelay: new SleepDelay(() => undefined),
    waitForFile: (file, timeoutMs) => {
      const before = performance.now()
      // a busy machine is slow, which is no failure
      const isThere = waitForFile(file, timeoutMs * 20)
      waits.push(performance.now() - before)
      return isThere
    },
    logFile: path.join(dir, 'hub.log'),
    pagesDir: dir,
    log: silentLog,
    listNetworks: () => [],
    checkConnectivity: () => Promise.resolve([]),
    onStatus: () => undefined,
  })
  onTestFinished(() => desktop.hosting.quit())
  return desktop
}

/** Four processes start, copy and change places: a busy machine is slow, which is no failure. */
const timeout = 120_000

test(
  'the hub goes to the standby before the quit, and back before sleep, and nothing is lost',
  { timeout },
  async () => {
    const [first, second] = [await createDesktop(), await createDesktop()]
    await first.hosting.start()
    await first.hosting.setUp({ teamName: 'Yard', username: 'olga', password })
    const { owner } = first
    if (!owner) throw new Error('not set up')
    const chat = await owner.createGroup('kitchen', [])
    expect(first.hosting.handOverTo).toBeUndefined()

    const { link } = await owner.request('continuity.code', { kind: 'standby' })
    const target = parseStandbyLink(link)
    if (!target) throw new Error(`no link: ${link}`)
    await joinHub({ dataDir: second.dataDir, ...target, kind: 'standby', name: 'Ann’s computer' })
    const { requests } = await owner.request('continuity.status', {})
    await owner.request('continuity.approve', { node: requests[0]?.node ?? '' })
    await second.hosting.start()
    expect(second.hosting.status()).toMatchObject({ state: 'running', isStandby: true })
    await waitFor(() => expect(first.hosting.handOverTo).toMatchObject({ name: 'Ann’s computer' }))

    // the first answer of the quit dialog
    await owner.sendMessage(chat.id, 'before the quit')
    expect(await first.hosting.handOver()).toBe('Ann’s computer')
    await waitFor(() => expect(second.hosting.status()).toMatchObject({ isStandby: false }))
    await waitFor(() => expect(first.hosting.status()).toMatchObject({ isStandby: true }))
    const there = owner.atUrl(second.url)
    await there.sendMessage(chat.id, 'after the quit')
    await expect(owner.sendMessage(chat.id, 'at the old place')).rejects.toMatchObject({ code: 'busy' })

    // the other computer goes to sleep: its app is blocked until the seal is out
    await waitFor(() => expect(second.hosting.handOverTo).toBeDefined())
    second.hosting.prepareForSleep()
    expect(second.waits).toHaveLength(1)
    await waitFor(() => expect(first.hosting.status()).toMatchObject({ isStandby: false }))
    const { messages } = await owner.request('messages.list', { chatId: chat.id })
    expect(messages.map((message) => ('text' in message ? message.text : ''))).toEqual([
      'before the quit',
      'after the quit',
    ])
  },
)

test(
  'a hub that ends is handed over as well, and the app that ended it follows on the next start',
  { timeout },
  async () => {
    const [first, second] = [await createDesktop(), await createDesktop()]
    await first.hosting.start()
    await first.hosting.setUp({ teamName: 'Yard', username: 'olga', password })
    const { owner } = first
    if (!owner) throw new Error('not set up')
    const chat = await owner.createGroup('kitchen', [])
    // by the page of the other app
    await expect(second.hosting.follow('hubbub://standby?nonsense', second.otherDir)).rejects.toThrow(
      'not the link',
    )
    expect([second.hosting.status().state, second.hosting.settings().lan]).toEqual(['stopped', false])
    const { link } = await owner.request('continuity.code', { kind: 'standby' })
    const { words } = await second.hosting.follow(link, second.otherDir)
    expect(words).toHaveLength(8)
    const { requests } = await owner.request('continuity.status', {})
    expect(requests.map((request) => request.words)).toEqual([words])
    expect(second.hosting.settings()).toMatchObject({ dataDir: second.otherDir, lan: true })
    await expect(second.hosting.follow(link, `${second.otherDir}-2`)).rejects.toThrow('wrong or has expired')
    await waitFor(() => expect(second.hosting.status()).toMatchObject({ state: 'running', isStandby: true }))
    await owner.request('continuity.approve', { node: requests[0]?.node ?? '' })
    await waitFor(() => expect(first.hosting.handOverTo).toBeDefined())
    await owner.sendMessage(chat.id, 'said before the end')

    // a restart, as for another setting, gives it to nobody
    await first.hosting.restart()
    expect(first.hosting.status()).toMatchObject({ state: 'running', isStandby: false })
    await waitFor(() => expect(first.hosting.handOverTo).toBeDefined())
    expect(second.hosting.status()).toMatchObject({ isStandby: true })
    await owner.sendMessage(chat.id, 'said after the restart')

    await first.hosting.quit()
    await waitFor(() => expect(second.hosting.status()).toMatchObject({ isStandby: false }))
    const there = owner.atUrl(second.url)
    await there.sendMessage(chat.id, 'said there')
    await first.hosting.start()
    expect(first.hosting.status()).toMatchObject({ state: 'running', isStandby: true })
    await waitFor(() => expect(second.hosting.handOverTo).toBeDefined())
  },
)
