// A new version from a hub, through the real electron-updater: an AppImage is replaced and started. The other kinds of
// packages need their system.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { linuxPackage, offerRelease, releaseKey, signList } from '../support/app-packages.ts'
import { AppWindow } from '../support/app-window.ts'
import { newDataDir } from '../support/data-dir.ts'
import { waitFor } from '../support/wait-for.ts'
import { type DesktopApp, launchApp } from './driver.ts'
import { chooseInMenu, createTeam, hubStateOf, joinHub, type Team } from './world.ts'

/** The program that runs is another: only its file is the one that an update replaces. */
async function launchAppImage(): Promise<{ app: DesktopApp; dir: string; appImage: string }> {
  const dir = newDataDir()
  const appImage = path.join(dir, 'Hubbub-linux-x86_64.AppImage')
  writeFileSync(appImage, 'the old version')
  chmodSync(appImage, 0o755)
  const app = await launchApp({
    env: {
      APPIMAGE: appImage,
      XDG_CACHE_HOME: path.join(dir, 'cache'),
      HUBBUB_RELEASE_KEY: releaseKey.publicKey,
    },
  })
  return { app, dir, appImage }
}

async function logIn(app: DesktopApp, { hub }: Team): Promise<void> {
  await joinHub(app.page, hub)
  await AppWindow.fromPage(app.page).logIn('ann')
  await waitFor(async () => expect(await hubStateOf(app.page, hub)).toBe('online'))
}

const shownBoxes = async (app: DesktopApp): Promise<{ message: string; buttons?: string[] }[]> =>
  (await app.calls('dialog.showMessageBox')).map(({ args }) => args[0] as never)

const answerNext = (app: DesktopApp, response: number) =>
  app.evaluate(({ dialog }, to) => void dialog.answers.push({ response: to }), response)

const checkForUpdates = (app: DesktopApp) => chooseInMenu(app, 'help', 'Check for updates…')

/** An AppImage is one file that can be replaced; the installers of other systems would change this computer. */
describe.runIf(process.platform === 'linux')('a new version from a hub', () => {
  it('is offered with the name of the hub, and is installed only if the user presses it', async () => {
    const team = await createTeam('Anchor', 'Kitchen')
    const { app, dir, appImage } = await launchAppImage()
    await logIn(app, team)
    const started = path.join(dir, 'started')
    const program = Buffer.from(`#!/bin/sh\necho "$APPIMAGE_SILENT_INSTALL" > '${started}'\n`)
    const one = linuxPackage(program)
    const signed = signList({ version: '9.0.0', packages: [one] })
    offerRelease(team.hub.dataDir, signed, { [one.file]: program })

    await answerNext(app, 1)
    await checkForUpdates(app)
    await waitFor(async () => expect(await shownBoxes(app)).toHaveLength(1))
    expect((await shownBoxes(app))[0]).toMatchObject({
      message: 'A new version is ready: 9.0.0, from your hub “Anchor”',
      buttons: ['Install now', 'Later'],
    })
    expect(readFileSync(appImage, 'utf8')).toBe('the old version')

    await answerNext(app, 0)
    await checkForUpdates(app)
    expect(await app.exited).toBe(0)
    expect(readFileSync(appImage)).toEqual(program)
    await waitFor(() => expect(readFileSync(started, 'utf8')).toBe('true\n'))
  })

  it('is not installed if the hub sends other bytes than the signed ones, and the app runs on', async () => {
    const team = await createTeam('Anchor', 'Kitchen')
    const { app, appImage } = await launchAppImage()
    await logIn(app, team)
    const program = Buffer.from('#!/bin/sh\n')
    const one = linuxPackage(program)
    const signed = signList({ version: '9.0.0', packages: [one] })
    offerRelease(team.hub.dataDir, signed, { [one.file]: Buffer.from('#!/bad/sh\n') })
    await answerNext(app, 0)
    await checkForUpdates(app)
    await waitFor(async () => expect(await shownBoxes(app)).toHaveLength(2))
    expect((await shownBoxes(app))[1]?.message).toContain('The update could not be installed')
    expect(readFileSync(appImage, 'utf8')).toBe('the old version')
    expect(await hubStateOf(app.page, team.hub)).toBe('online')
    expect(await app.quit()).toBe(0)
  })

  it('leaves the app running if it cannot be installed, and the app still ends in order', async () => {
    const team = await createTeam('Anchor', 'Kitchen')
    const { app, appImage } = await launchAppImage()
    await logIn(app, team)
    const program = Buffer.from('#!/bin/sh\n')
    const one = linuxPackage(program)
    offerRelease(team.hub.dataDir, signList({ version: '9.0.0', packages: [one] }), { [one.file]: program })
    // nothing is there to be replaced
    rmSync(appImage)
    await answerNext(app, 0)
    await checkForUpdates(app)
    await waitFor(async () => expect(await shownBoxes(app)).toHaveLength(2))
    expect((await shownBoxes(app))[1]?.message).toContain('The update could not be installed')
    expect(await hubStateOf(app.page, team.hub)).toBe('online')
    // a close only hides again, as the user has set it
    await app.page.evaluate(() => window.hubbub?.settings.set({ closeToTray: true }))
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].close())
    await waitFor(async () => expect(await app.calls('window.hide')).toHaveLength(1))
    expect(await app.quit()).toBe(0)
  })
})
