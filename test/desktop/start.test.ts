// The ways in which the system starts the app.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { waitFor } from '../support/wait-for.ts'
import { launchApp, launchProcess, runAppToExit, describeOnStandIn } from './driver.ts'

describeOnStandIn('the app', () => {
  it('opens the link and the backup that macOS starts it with, before it is ready', async () => {
    const backup = path.join(newDataDir(), 'north.hubbub')
    writeFileSync(backup, 'no backup at all')
    const link = `hubbub://open/${'x'.repeat(42)}A/${'c'.repeat(22)}/3`
    const app = await launchApp({
      env: { HUBBUB_STANDIN_OPEN_URL: link, HUBBUB_STANDIN_OPEN_FILE: backup },
    })
    await app.page.getByText('This link leads to a hub that isn’t in your list.').waitFor()
    await waitFor(async () =>
      expect((await app.calls('dialog.showMessageBox')).map(({ args }) => args[0])).toMatchObject([
        { message: 'The backup was not restored', detail: expect.stringContaining('“north.hubbub”') },
      ]),
    )
    // started from the sources, it must not take over the links of an installed app
    expect(await app.calls('app.setAsDefaultProtocolClient')).toEqual([])
  })

  it('tells the page the region of the system, and nothing if the system has none', async () => {
    for (const region of ['CH', '']) {
      const app = await launchApp({ env: { HUBBUB_STANDIN_REGION: region } })
      expect(await app.page.evaluate(() => window.hubbub?.region)).toBe(region)
      expect(await app.quit()).toBe(0)
    }
  })

  it('starts with the computer without a window, also one that was maximized, until it is opened', async () => {
    const userData = newDataDir()
    writeFileSync(
      path.join(userData, 'window.json'),
      '{"isMaximized":true,"bounds":{"x":10,"y":20,"width":900,"height":640}}',
    )
    const app = await launchProcess({ userData, args: ['--hidden'] })
    expect(await app.calls('BrowserWindow')).toEqual([])
    await runAppToExit({ userData })
    const page = await app.findPage()
    expect(await app.calls('window.maximize')).toHaveLength(1)
    const isVisible = () => page.evaluate(() => document.visibilityState)
    await waitFor(async () => expect(await isVisible()).toBe('visible'))

    // a window that is there is not shown again: on Windows that would undo its snapping
    const shows = (await app.calls('window.show')).length
    await runAppToExit({ userData })
    await runAppToExit({ userData })
    expect(await app.calls('window.show')).toHaveLength(shows)

    // in the tray its page counts as hidden, so its user is away
    await page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].close())
    await waitFor(async () => expect(await isVisible()).toBe('hidden'))
    expect(await app.quit()).toBe(0)
    expect(JSON.parse(readFileSync(path.join(userData, 'window.json'), 'utf8'))).toMatchObject({
      isMaximized: true,
    })
  })

  it('opens no window when macOS starts it at log-in, where it gets no arguments', async () => {
    const env = { HUBBUB_STANDIN_PLATFORM: 'darwin', HUBBUB_STANDIN_AT_LOGIN: '1' }
    const app = await launchProcess({ env })
    expect(await app.calls('BrowserWindow')).toEqual([])
    // a click on the icon in the bar opens its menu there, and must not open the window over it
    expect(await app.evaluate(({ Tray }) => Tray.all[0].listenerCount('click') as number)).toBe(0)
    await app.evaluate(({ app: one }) => void one.emit('activate'))
    await app.findPage()
    expect(await app.quit()).toBe(0)
  })

  it('starts as an AppImage without a sandbox only if the user wants that, and asks once', async () => {
    const options = {
      userData: newDataDir(),
      args: ['--no-sandbox'],
      env: { HUBBUB_STANDIN_PACKAGED: '1' },
    }
    // the dialog is answered by its default: no page was ever loaded
    const refused = await launchProcess(options)
    expect(await refused.exited).toBe(0)

    const accepted = await launchApp({ ...options, env: { ...options.env, HUBBUB_STANDIN_ANSWER: '1' } })
    expect((await accepted.calls('dialog.showMessageBox')).map(({ args }) => args[0])).toMatchObject([
      {
        message: 'Hubbub has no sandbox on this system',
        buttons: ['Quit Hubbub', 'Run without it'],
        defaultId: 0,
        cancelId: 0,
      },
    ])
    expect(await accepted.quit()).toBe(0)
    const second = await launchApp(options)
    expect(await second.calls('dialog.showMessageBox')).toEqual([])
    expect(await second.quit()).toBe(0)
  })

  it('ends if it cannot use its folder, so that the next start does not hand over to it', async () => {
    const userData = newDataDir()
    mkdirSync(path.join(userData, 'hubs.json'))
    expect(await runAppToExit({ userData })).toBe(1)
    expect(readFileSync(path.join(userData, 'logs', 'app.log'), 'utf8')).toContain('the app could not start')
  })

  it('opens the window for a click on a notification that Windows kept from an earlier run', async () => {
    const app = await launchProcess({ args: ['--hidden'], env: { HUBBUB_STANDIN_PLATFORM: 'win32' } })
    await app.evaluate(({ Notification }) => Notification.activated({ type: 'click' }))
    await app.findPage()
    expect(await app.quit()).toBe(0)
  })
})
