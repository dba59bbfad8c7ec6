// The ways in which the app and its window end.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'
import { freePort } from '../support/ports.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  type DesktopApp,
  launchApp,
  launchProcess,
  runAppToExit,
  describeOnStandIn,
  itOnStandIn,
} from './driver.ts'

/** A page that would lose something, as while a recovery key is shown. */
const wantToStay = ({ page }: DesktopApp) =>
  page.evaluate(() => addEventListener('beforeunload', (event) => event.preventDefault()))

const answerNext = (app: DesktopApp, answer: number) =>
  app.evaluate(({ dialog }, to) => void dialog.answers.push(to), answer)

const questions = (app: DesktopApp) => app.calls('dialog.showMessageBoxSync')

describe('the window', () => {
  it('asks before it leaves a page that wants to stay, and the app goes on if the user stays', async () => {
    const app = await launchApp()
    await wantToStay(app)
    const close = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].close())
    await answerNext(app, 1)
    await close()
    await waitFor(async () => expect(await questions(app)).toHaveLength(1))
    expect((await questions(app))[0]?.args[0]).toMatchObject({ buttons: ['Leave', 'Stay'], cancelId: 1 })

    // quitting asks as well, and afterwards a close still only hides
    await answerNext(app, 1)
    await app.evaluate(({ app: one }) => one.quit())
    await waitFor(async () => expect(await questions(app)).toHaveLength(2))
    await app.page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    await close()
    await waitFor(async () => expect(await app.calls('window.hide')).toHaveLength(1))
    expect(await questions(app)).toHaveLength(2)

    // out of the tray the window comes first, then the question
    await answerNext(app, 0)
    expect(await app.quit()).toBe(0)
  })

  it('starts the hub here again if the user stays after it was ended', async () => {
    const app = await launchApp({ env: { XDG_CURRENT_DESKTOP: 'KDE' } })
    const state = () => app.page.evaluate(async () => (await window.hubbub?.host.status())?.state)
    await app.page.evaluate(
      (port) => window.hubbub?.host.start({ port, lan: false }),
      Number(await freePort()),
    )
    await waitFor(async () => expect(await state()).toBe('running'))
    await wantToStay(app)
    await answerNext(app, 1)
    await app.evaluate(({ app: one }) => one.quit())
    await waitFor(async () => expect(await questions(app)).toHaveLength(1))
    await waitFor(async () => expect(await app.calls('utilityProcess.fork')).toHaveLength(2))
    await waitFor(async () => expect(await state()).toBe('running'))
    await answerNext(app, 0)
    expect(await app.quit()).toBe(0)
  })

  itOnStandIn('closes for an update although it otherwise only hides, in the order of macOS', async () => {
    const app = await launchApp()
    await app.page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    await app.evaluate(({ autoUpdater }) => void autoUpdater.quitAndInstall())
    expect(await app.exited).toBe(0)
  })

  itOnStandIn('leaves full screen before it hides on macOS', async () => {
    const app = await launchApp({ env: { HUBBUB_STANDIN_PLATFORM: 'darwin' } })
    await app.page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      window.setFullScreen(true)
      window.close()
    })
    await waitFor(async () => expect(await app.calls('window.hide')).toHaveLength(1))
    expect((await app.calls('window.setFullScreen')).map(({ args }) => args[0])).toEqual([true, false])
    expect(await app.quit()).toBe(0)
  })
})

/** It stops processes by signals, which Windows has not. */
describe.runIf(process.platform !== 'win32')('a quit during a backup', () => {
  itOnStandIn(
    'asks, waits for the backup if the user wants that, and leaves nothing incomplete otherwise',
    async () => {
      const dir = newDataDir()
      const [whole, cut] = [path.join(dir, 'whole.hubbub'), path.join(dir, 'cut.hubbub')]
      /** Begins a backup, and holds its process. Returns its id. */
      const beginBackup = async (app: DesktopApp, filePath: string): Promise<number> => {
        const count = (await app.calls('utilityProcess.fork')).length
        await app.evaluate(({ dialog }, to) => void dialog.answers.push(to), { canceled: false, filePath })
        await app.page.evaluate(() => void window.hubbub?.host.backUp().catch(() => undefined))
        const pid = await waitFor(async () => {
          const forks = await app.calls('utilityProcess.fork')
          expect(forks).toHaveLength(count + 1)
          return Number(forks.at(-1)?.args[1])
        })
        process.kill(pid, 'SIGSTOP')
        return pid
      }
      const launchWithHub = async () => {
        const app = await launchApp({ env: { XDG_CURRENT_DESKTOP: 'KDE' } })
        await app.page.evaluate((port) => window.hubbub?.host.start({ port }), Number(await freePort()))
        return app
      }
      const askToQuit = async (app: DesktopApp, response: number) => {
        await app.evaluate(({ dialog }, to) => void dialog.answers.push({ response: to }), response)
        await app.evaluate(({ app: one }) => one.quit())
        await waitFor(async () => {
          const [question] = await app.calls('dialog.showMessageBox')
          expect(question?.args[0]).toMatchObject({
            message: 'A backup is being written',
            buttons: ['Quit when it is finished', 'Quit now', 'Cancel'],
            cancelId: 2,
          })
        })
      }

      const patient = await launchWithHub()
      const pid = await beginBackup(patient, whole)
      await askToQuit(patient, 0)
      process.kill(pid, 'SIGCONT')
      expect(await patient.exited).toBe(0)
      expect(readdirSync(dir)).toEqual(['whole.hubbub'])

      const hasty = await launchWithHub()
      await beginBackup(hasty, cut)
      await askToQuit(hasty, 1).catch(() => undefined)
      expect(await hasty.exited).toBe(0)
      expect(readdirSync(dir)).toEqual(['whole.hubbub'])
    },
  )
})

/** It stops processes by signals, which Windows has not. */
describe.runIf(process.platform !== 'win32')('a start while the app ends', () => {
  itOnStandIn('starts it again afterwards, with the link', async () => {
    const opened = `hubbub://open/${'x'.repeat(42)}A/${'c'.repeat(22)}/1`
    const app = await launchApp({ env: { XDG_CURRENT_DESKTOP: 'KDE' }, args: [opened] })
    await app.page.evaluate((port) => window.hubbub?.host.start({ port }), Number(await freePort()))
    const hub = Number((await app.calls('utilityProcess.fork')).at(-1)?.args[1])
    process.kill(hub, 'SIGSTOP')
    await app.evaluate(({ app: one }) => one.quit())
    await waitFor(async () =>
      expect(await app.page.evaluate(() => window.hubbub?.host.status())).toMatchObject({
        state: 'stopping',
      }),
    )
    const shows = (await app.calls('window.focus')).length
    const link = `hubbub://open/${'x'.repeat(42)}A/${'c'.repeat(22)}/3`
    await runAppToExit({ userData: app.userData, args: [link] })
    await runAppToExit({ userData: app.userData })
    await waitFor(async () => expect(await app.calls('app.relaunch')).toHaveLength(1))
    const [relaunch] = await app.calls('app.relaunch')
    const { args } = relaunch?.args[0] as { args: string[] }
    expect(args.at(-1)).toBe(link)
    // it was opened before
    expect(args).not.toContain(opened)
    expect(await app.calls('window.focus')).toHaveLength(shows)
    process.kill(hub, 'SIGCONT')
    expect(await app.exited).toBe(0)
  })
})

describeOnStandIn('a log-out', () => {
  it.for(['SIGTERM', 'SIGHUP'] as const)('by %s ends the app without a question', async (signal) => {
    const app = await launchApp()
    await wantToStay(app)
    await app.page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    process.kill(app.pid, signal)
    expect(await app.exited).toBe(0)
  })

  it('delays the shutdown of Linux and macOS until the app has ended', async () => {
    const app = await launchApp()
    await wantToStay(app)
    const isDelayed = await app.evaluate(({ powerMonitor }) => {
      let isPrevented = false
      powerMonitor.emit('shutdown', { preventDefault: () => (isPrevented = true) })
      return isPrevented
    })
    expect(isDelayed).toBe(true)
    expect(await app.exited).toBe(0)
  })

  it('keeps the place of the window on Windows, where the app is ended without another event', async () => {
    const app = await launchApp({ env: { HUBBUB_STANDIN_PLATFORM: 'win32' } })
    const file = path.join(app.userData, 'window.json')
    const bounds = { x: 40, y: 50, width: 900, height: 640 }
    await app.evaluate(({ BrowserWindow }, to) => {
      const [window] = BrowserWindow.getAllWindows()
      window.setBounds(to)
      window.emit('query-session-end', { reasons: ['shutdown'] })
    }, bounds)
    await waitFor(() => expect(existsSync(file)).toBe(true))
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ bounds })
    await app.kill()
  })

  it('reaches an app without a window on Windows', async () => {
    const env = { HUBBUB_STANDIN_PLATFORM: 'win32' }
    const app = await launchProcess({ args: ['--hidden'], env })
    const listeners = () =>
      app.evaluate(({ BaseWindow }) =>
        BaseWindow.all.map((one: { isDestroyed: () => boolean; listenerCount: (name: string) => number }) => [
          one.isDestroyed(),
          one.listenerCount('query-session-end'),
        ]),
      )
    expect(await listeners()).toEqual([[false, 1]])
    await app.evaluate(({ BaseWindow }) => void BaseWindow.all[0].emit('query-session-end', {}))
    // the window takes over when it is opened; nothing is asked any more
    await runAppToExit({ userData: app.userData, env })
    const page = await app.findPage()
    expect(await listeners()).toEqual([[true, 1]])
    await page.evaluate(() => addEventListener('beforeunload', (event) => event.preventDefault()))
    expect(await app.quit()).toBe(0)
  })
})
